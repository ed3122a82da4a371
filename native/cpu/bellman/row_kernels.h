// The inner loops of the robust and risk-sensitive backups, in vector form and in float64.
#pragma once

#include <cstdint>

#include "math/flags.h"
#include "math/tilting.h"
#include "math/wasserstein.h"

namespace belfry::cpu {

// Outcomes of one row, or of a part of a longer one.
constexpr int64_t kShortRow = 64;
struct ShortRow {
  alignas(64) double mass[kShortRow];
  alignas(64) double key[kShortRow];
  int64_t count = 0;

  void push(const math::Outcome& o) {
    mass[count] = o.mass;
    key[count] = o.key;
    ++count;
  }
};

// How much of each outcome belongs to the lowest `target` of the mass, and Σ taken · key. Of equal
// keys the first are taken first. count² compares, without a branch.
double lower_tail(const ShortRow& row, double target, double* taken);

// Adds the outcomes to the tilted sums of a pass.
void add_tilted(const ShortRow& row, double t, double origin, math::TiltPass& pass);

// Where mass goes whose distances to the states are given: the best candidate of `ball`.
template <class T>
math::Transport nearest_state(const math::WassersteinBall& ball, const double* keys,
                              const T* distances, int64_t num_states);

// A model with a reward per transition.
template <class T>
struct OutcomeRows {
  const int32_t *row_ptr, *col;
  const T *prob, *rewards;
  math::FlagReader continues;
  const T* values;
  double gamma;
};

// means[i] = Σ p (r + γ c V) of row first + i.
template <class T>
void outcome_means(const OutcomeRows<T>& rows, int64_t first, int64_t count, T* means);

}  // namespace belfry::cpu
