// The masses of a model's rows: they decide which bounds on V* hold (math/value_iteration.h).
#pragma once

#include <algorithm>

#include "cpu/bellman/backup_states.h"

namespace belfry::cpu {

struct MassRange {
  double smallest = 1, largest = 1;
  bool finite = true;

  void add(double mass) {
    smallest = std::min(smallest, mass);
    largest = std::max(largest, mass);
    finite = finite && mass - mass == 0;
  }
  void merge(const MassRange& other) {
    smallest = std::min(smallest, other.smallest);
    largest = std::max(largest, other.largest);
    finite = finite && other.finite;
  }
};

// Of the allowed rows of states [begin, end). A state without one counts as a row of mass 0.
// mass_of(row) is asked for in ascending order.
template <class MassOf>
MassRange masses_of_states(const math::FlagReader& mask, int64_t num_actions, int64_t begin,
                           int64_t end, const MassOf& mass_of) {
  MassRange range;
  for (int64_t s = begin; s < end; ++s) {
    bool any_allowed = false;
    for (int64_t row = s * num_actions; row < (s + 1) * num_actions; ++row) {
      if (!mask(row)) continue;
      range.add(mass_of(row));
      any_allowed = true;
    }
    if (!any_allowed) range.add(0);
  }
  return range;
}

// The same for dense rows; `ones` holds as many as a row is long.
template <class T>
MassRange dense_masses(const DenseRows<T>& rows, const T* ones, const math::FlagReader& mask,
                       int64_t num_actions, int64_t begin, int64_t end) {
  constexpr int64_t kBlock = 256;
  T masses[kBlock];
  const int64_t end_row = end * num_actions;
  int64_t first = 0, until = 0;
  return masses_of_states(mask, num_actions, begin, end, [&](int64_t row) {
    if (row >= until) {
      first = row;
      until = std::min(end_row, row + kBlock);
      row_sums(rows, ones, first, until, masses);
    }
    return static_cast<double>(masses[row - first]);
  });
}

}  // namespace belfry::cpu
