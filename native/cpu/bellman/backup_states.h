// The row-block kernel behind every backup of this family:
//
//   Q(s,a) = r(s,a) + γ Σ_j p_j V(col_j);   V'(s) = max_a Q(s,a)   (or min)
//
// The bits of a row depend on the row alone, not on the rows done with it. Sums run over vector
// lanes and are folded as reduce_sum does; float rows of more than kLongRow entries sum in float64.
#pragma once

#include <cstdint>
#include <limits>

#include "math/bellman.h"
#include "math/flags.h"

namespace belfry::cpu {

constexpr int64_t kLongRow = 64;

// Rows of a sparse matrix. A column outside [0, num_columns) is never read from: it counts as 0 and
// sets `bad_column`, by any thread. Columns that were checked need neither.
template <class T>
struct SparseRows {
  const int32_t* row_ptr = nullptr;
  const int32_t* col = nullptr;
  const T* prob = nullptr;
  int32_t num_columns = std::numeric_limits<int32_t>::max();
  int32_t* bad_column = nullptr;
};

// Rows of a dense matrix with `length` columns.
template <class T>
struct DenseRows {
  const T* prob = nullptr;
  int64_t length = 0;
};

// The masses of some rows: they decide which bounds on V* hold (math/value_iteration.h).
struct MassRange {
  double smallest = 1, largest = 1;
  bool finite = true;
  bool negative = false;  // some entry is below 0

  void add(double mass) {
    smallest = mass < smallest ? mass : smallest;
    largest = mass > largest ? mass : largest;
    finite = finite && mass - mass == 0;
  }
  void merge(const MassRange& other) {
    smallest = other.smallest < smallest ? other.smallest : smallest;
    largest = other.largest > largest ? other.largest : largest;
    finite = finite && other.finite;
    negative = negative || other.negative;
  }
};

// What a backup reads besides its rows, and what it writes. Arrays are indexed by state, or by
// row = state·num_actions + action; a null output is not wanted.
template <class T>
struct Backup {
  const T* rewards = nullptr;
  const T* values = nullptr;  // V, indexed by column
  math::FlagReader mask;
  int64_t num_actions = 0;
  T gamma = 1;
  T tie_eps = 0;
  bool minimise = false;
  const T* before = nullptr;  // V of the states themselves, for `change`
  T* values_out = nullptr;
  int32_t* policy = nullptr;
  T* q_values = nullptr;
};

// Backs up states [begin, end). `change` may be null; otherwise `before` and `values_out` are
// there.
template <class T>
void backup_states(const SparseRows<T>& rows, const Backup<T>& backup, int64_t begin, int64_t end,
                   math::Change<T>* change);
template <class T>
void backup_states(const DenseRows<T>& rows, const Backup<T>& backup, int64_t begin, int64_t end,
                   math::Change<T>* change);
// The same, and weighs the rows that are allowed on the way.
template <class T>
void backup_and_weigh(const DenseRows<T>& rows, const Backup<T>& backup, int64_t begin, int64_t end,
                      math::Change<T>* change, MassRange& range);

// sums[i] = Σ_j prob_j x(col_j) of row begin + i.
template <class T>
void row_sums(const SparseRows<T>& rows, const T* x, int64_t begin, int64_t end, T* sums);
template <class T>
void row_sums(const DenseRows<T>& rows, const T* x, int64_t begin, int64_t end, T* sums);

// A batch of value functions over one model, as [state][lane] with `stride` >= `count` lanes, a
// multiple of kBatchLanes<T>. Value function b has its own rewards, values_out and policy.
template <class T>
struct BatchValues {
  const T* by_state = nullptr;
  int64_t stride = 0, count = 0;
};
template <class T>
constexpr int kBatchLanes = static_cast<int>(64 / sizeof(T));

// As backup_states, for each value function; the outputs of function b lie b·num_states (or
// b·num_rows) further on. `values`, `before` and `q_values` are not used.
template <class T>
void backup_states_batch(const SparseRows<T>& rows, const BatchValues<T>& values,
                         const Backup<T>& backup, int64_t num_states, int64_t begin, int64_t end);

}  // namespace belfry::cpu
