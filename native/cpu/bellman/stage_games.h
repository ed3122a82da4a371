// The stage games of a zero-sum Markov game: R(s,·,·) + γ Σ P(s'|s,·,·) V(s').
#pragma once

#include <cstdint>

#include "cpu/context.h"

namespace belfry::cpu {

template <class T>
class StageGames {
 public:
  template <class Op>
  StageGames(const Op& op, CpuContext& context)
      : prob_(op.prob.begin()),
        rewards_(op.rewards.begin()),
        num_states_(op.rewards.dims[0]),
        num_rows_(op.rewards.dims[1]),
        num_columns_(op.rewards.dims[2]),
        gamma_(op.gamma),
        game_(context.scratch<double>(num_rows_ * num_columns_)) {}

  int64_t num_states() const { return num_states_; }
  int64_t num_rows() const { return num_rows_; }
  int64_t num_columns() const { return num_columns_; }

  // The payoffs in state s, valid until the next call.
  const double* operator()(int64_t s, const double* values) const {
    const int64_t entries = num_rows_ * num_columns_;
    for (int64_t k = 0; k < entries; ++k) {
      const T* row = prob_ + (s * entries + k) * num_states_;
      double next = 0;
      for (int64_t t = 0; t < num_states_; ++t) next += static_cast<double>(row[t]) * values[t];
      game_[k] = static_cast<double>(rewards_[s * entries + k]) + gamma_ * next;
    }
    return game_;
  }

 private:
  const T *prob_, *rewards_;
  int64_t num_states_, num_rows_, num_columns_;
  double gamma_;
  double* game_;
};

}  // namespace belfry::cpu
