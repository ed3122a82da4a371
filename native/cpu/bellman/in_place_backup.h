// One state backed up with the values as they stand: V(s) ← max_a r(s,a) + γ Σ_j p_j V(col_j).
#pragma once

#include <vector>

#include "cpu/bellman/csr_model.h"

namespace belfry::cpu {

struct InPlaceBackup {
  const CsrModel& model;
  double gamma;
  double* values;

  double q(int64_t row) const {
    const int32_t *row_ptr = model.rows.row_ptr, *col = model.rows.col;
    double sum = 0;
    for (int64_t e = row_ptr[row]; e < row_ptr[row + 1]; ++e)
      sum += model.rows.prob[e] * values[col[e]];
    return math::q_value(model.rewards[row], gamma, sum);
  }
  // Writes V(s) and adds to `change`; the greedy action, −1 where none is allowed. `heaviest`,
  // where asked for, becomes the largest mass of an allowed row.
  template <bool kWeigh = false>
  int32_t operator()(int64_t s, math::Change<double>& change, double* heaviest = nullptr) const {
    math::GreedyChoice<double> best;
    const int64_t first = s * model.num_actions;
    const int32_t *row_ptr = model.rows.row_ptr + first, *col = model.rows.col;
    const double *prob = model.rows.prob, *rewards = model.rewards + first;
    int64_t e = row_ptr[0];
    for (int64_t a = 0; a < model.num_actions; ++a) {
      const int64_t end = row_ptr[a + 1];
      double sum = 0, mass = 0;
      for (; e < end; ++e) {
        sum += prob[e] * values[col[e]];
        if constexpr (kWeigh) mass += prob[e];
      }
      if (!model.mask(first + a)) continue;
      if constexpr (kWeigh) *heaviest = mass > *heaviest ? mass : *heaviest;
      const double q = math::q_value(rewards[a], gamma, sum);
      best.offer(static_cast<int32_t>(a), math::greedy_key(q, model.minimise));
    }
    const double value = best.value(model.minimise);
    change.add(values[s], value);
    values[s] = value;
    return best.action;
  }
};

// States in reverse topological order of the strong components: successors first, inside a
// component by number. Component c holds the states first[c] … first[c+1].
struct TopologicalOrder {
  std::vector<int32_t> states;
  std::vector<int64_t> first;
  // A single state without a transition to itself.
  std::vector<uint8_t> single;

  int64_t num_components() const { return static_cast<int64_t>(single.size()); }
};
TopologicalOrder topological_order(const CsrModel& model, const CpuContext& context);

}  // namespace belfry::cpu
