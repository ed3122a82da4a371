#include "cpu/bellman/chain_bounds.h"

#include <cmath>

#include "cpu/bellman/chain_elimination.h"
#include "cpu/bellman/policy_system.h"

namespace belfry::cpu {

namespace {

// The states of a chain, the row of each, and where a state stands among them (−1: it does not).
struct ChainStates {
  std::vector<int64_t> rows;
  std::vector<int32_t> place;
};

bool find_chain(const CsrModel& model, ChainStates& chain) {
  chain.place.assign(static_cast<size_t>(model.num_states), -1);
  for (int64_t s = 0; s < model.num_states; ++s) {
    const int64_t row = only_row(model, s);
    if (row == kSeveralRows) return false;
    if (row == kNoRow) continue;
    chain.place[static_cast<size_t>(s)] = static_cast<int32_t>(chain.rows.size());
    chain.rows.push_back(row);
    if (chain.rows.size() >= static_cast<size_t>(kDenseLimit)) return false;
  }
  return true;
}

// Returns the smallest probability of leaving that is a difference and not 0.
double fill(const GoalModel& goal_model, const CsrModel& sums, const ChainEnds& ends,
            const ChainStates& states, const EndingChain& chain) {
  const auto& rows = sums.rows;
  std::fill_n(chain.moves, chain.n * chain.n, 0.0);
  double smallest = 1;
  for (int64_t i = 0; i < chain.n; ++i) {
    const int64_t row = states.rows[static_cast<size_t>(i)];
    const double into_goal = goal_model.goal_probability()[row];
    double rest = 1 - into_goal;
    for (int64_t e = rows.row_ptr[row]; e < rows.row_ptr[row + 1]; ++e) {
      rest -= rows.prob[e];
      const int32_t to = states.place[static_cast<size_t>(rows.col[e])];
      if (to >= 0) chain.moves[i * chain.n + to] += rows.prob[e];
    }
    const bool misses = !ends.all_in_goal && goal_model.may_end(row) && rest > ends.slack;
    chain.leaves[i] = into_goal + (misses ? rest : 0);
    chain.pays[i] = sums.rewards[row];
    if (misses) smallest = std::fmin(smallest, rest);
  }
  return smallest;
}

}  // namespace

int64_t only_row(const CsrModel& model, int64_t state) {
  int64_t found = kNoRow;
  for (int64_t row = state * model.num_actions; row < (state + 1) * model.num_actions; ++row) {
    if (model.mask(row)) found = found == kNoRow ? row : kSeveralRows;
  }
  return found;
}

bool bound_chain(const GoalModel& goal_model, const CsrModel& sums, const ChainEnds& ends,
                 double* values, const BothBounds& bounds, CpuContext& context) {
  const CpuContext::ScratchScope scope(context);
  ChainStates states;
  if (!find_chain(sums, states)) return false;
  const auto n = static_cast<int64_t>(states.rows.size());
  const EndingChain chain{context.scratch<double>(n * n), context.scratch<double>(n),
                          context.scratch<double>(n), n};
  const double smallest = fill(goal_model, sums, ends, states, chain);
  double* x = context.scratch<double>(n);
  if (!eliminate(chain, x)) return false;
  const double error = elimination_error(n, smallest);
  for (int64_t s = 0; s < sums.num_states; ++s) {
    const int32_t i = states.place[static_cast<size_t>(s)];
    if (i < 0) continue;
    values[s] = std::fmin(x[i], bounds.upper[s]);
    bounds.lower[s] = std::fmax(bounds.lower[s], x[i] * (1 - error));
    bounds.upper[s] = std::fmin(bounds.upper[s], x[i] * (1 + error));
  }
  return true;
}

}  // namespace belfry::cpu
