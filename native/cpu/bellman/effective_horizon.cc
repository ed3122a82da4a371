// effective_horizon: how far ahead one must look in a deterministic model with horizon H.
//
//   Q_expl, Q_opt, Q_worst   backwards from H
//   min_k    Q_1 = Q_expl, Q_{k+1} = r + max Q_k one step on; the first k whose greedy actions are
//            all optimal, whichever of equals is taken; epw the same from Q_1 = r
//   bound    min over k of k + log_A m_k, m_k = max over the states met of
//            ceil(16 var ln(2 H A^k) / gap²)
//
// Only states that can be met within H steps take part, numbered in ascending order. With sticky
// actions a state is a pair (state, executed action). One pass over t costs H·n·A gathers; min_k
// and the bound take one pass each k.
#include "cpu/bellman/horizon_analysis.h"

#include "cpu/bellman/csr_model.h"
#include "cpu/run.h"
#include "ops/bellman/finite_models.h"

namespace belfry::cpu {

namespace {

template <class Op>
Status read_tables(const Op& op, CpuContext& context, Tables& tables) {
  tables = {op.next_states.begin(), in_float64(op.rewards.begin(), op.rewards.size(), context),
            op.rewards.dims[0], op.rewards.dims[1]};
  for (int64_t row = 0; row < op.next_states.size(); ++row) {
    if (tables.next[row] >= -1 && tables.next[row] < tables.num_states) continue;
    return Status::error(Code::bad_value, "next_states", "row %lld leads to state %d of %lld",
                         static_cast<long long>(row), static_cast<int>(tables.next[row]),
                         static_cast<long long>(tables.num_states));
  }
  return {};
}

struct Uniform {
  double operator()(int64_t, int64_t, int64_t) const { return 0; }
};

template <class T>
struct GivenPolicy {
  const T* probability;
  int64_t num_states, num_actions;
  double operator()(int64_t t, int64_t s, int64_t a) const {
    return static_cast<double>(probability[(t * num_states + s) * num_actions + a]);
  }
};

template <class T>
void write_list(const std::vector<double>& from, const Out<T, 1>& output) {
  if (!output) return;
  for (size_t i = 0; i < from.size(); ++i)
    output[static_cast<int64_t>(i)] = static_cast<T>(from[i]);
  output.set_rows(static_cast<int64_t>(from.size()));
}

// The least positive entry, 1 where there is none.
double least_met(const std::vector<double>& values) {
  double least = 1;
  for (const double value : values) {
    if (value > 0) least = std::fmin(least, value);
  }
  return least;
}

template <class T, class Exploration>
void write_occupancies(const EffectiveHorizon<T>& op, const HorizonAnalysis& analysis,
                       const Exploration* exploration, int64_t width, int64_t num_states) {
  const auto n = static_cast<size_t>(analysis.num_met()), cells = n * static_cast<size_t>(width);
  std::vector<double> state(n, 0.0), state_sum(n, 0.0), pair(cells, 0.0), pair_sum(cells, 0.0);
  analysis.explore(exploration, [&](int64_t, int64_t i, int64_t a, double taken, double here) {
    if (analysis.state_at(i) == num_states - 1) return;  // the done state
    const auto s = static_cast<size_t>(i), cell = static_cast<size_t>(i * width + a);
    if (a == 0) {
      state[s] = std::fmax(state[s], here);
      state_sum[s] += here;
    }
    pair[cell] = std::fmax(pair[cell], taken);
    pair_sum[cell] += taken;
  });
  write_scalar(least_met(state), op.min_state_occupancy);
  write_scalar(least_met(state_sum), op.min_sum_state_occupancy);
  write_scalar(least_met(pair), op.min_state_action_occupancy);
  write_scalar(least_met(pair_sum), op.min_sum_state_action_occupancy);
}

template <class Op>
void write_common(const Op& op, HorizonAnalysis& analysis) {
  write_scalar(analysis.random_return(), op.random_return);
  write_scalar(analysis.optimal_return(), op.optimal_return);
  write_scalar(analysis.worst_return(), op.worst_return);
  if (op.min_k) op.min_k[0] = static_cast<int32_t>(analysis.min_k());
  if (op.epw) op.epw[0] = static_cast<int32_t>(analysis.planning_window());
}

template <class T, class Exploration>
Status analyse(const EffectiveHorizon<T>& op, const Tables& tables, const Exploration* exploration,
               CpuContext& context) {
  const Dynamics dynamics(tables, 0, false);
  HorizonAnalysis analysis(dynamics, op.start, op.horizon, op.reward_precision, exploration,
                           context);
  write_common(op, analysis);
  if (op.effective_horizon_bound || op.ks || op.ms || op.gaps || op.vars) {
    const BoundLists lists = analysis.bound();
    write_scalar(lists.bound, op.effective_horizon_bound);
    if (op.ks) {
      std::copy(lists.ks.begin(), lists.ks.end(), op.ks.begin());
      op.ks.set_rows(static_cast<int64_t>(lists.ks.size()));
    }
    write_list(lists.ms, op.ms);
    write_list(lists.gaps, op.gaps);
    write_list(lists.vars, op.vars);
  }
  write_occupancies(op, analysis, exploration, tables.num_actions, tables.num_states);
  return finished(context);
}

template <class T>
Status run_deterministic(const EffectiveHorizon<T>& op, CpuContext& context) {
  Tables tables;
  if (Status s = read_tables(op, context, tables); !s.ok()) return s;
  if (tables.num_actions == 0)
    return Status::error(Code::bad_value, "next_states", "has no actions");
  if (!op.exploration_policy) return analyse<T, Uniform>(op, tables, nullptr, context);
  const GivenPolicy<T> policy{op.exploration_policy.begin(), tables.num_states, tables.num_actions};
  return analyse(op, tables, &policy, context);
}

template <class T>
Status run_sticky(const EffectiveHorizonSticky<T>& op, CpuContext& context) {
  Tables tables;
  if (Status s = read_tables(op, context, tables); !s.ok()) return s;
  if (tables.num_actions == 0)
    return Status::error(Code::bad_value, "next_states", "has no actions");
  const Dynamics dynamics(tables, op.sticky, true);
  const Uniform* uniform = nullptr;
  HorizonAnalysis analysis(dynamics, op.start, op.horizon, op.reward_precision, uniform, context);
  write_common(op, analysis);
  write_scalar(analysis.num_met(), op.num_reachable_product_states);
  return finished(context);
}

}  // namespace

template <>
Status run(const EffectiveHorizon<float>& op, CpuContext& context) {
  return run_deterministic(op, context);
}
template <>
Status run(const EffectiveHorizon<double>& op, CpuContext& context) {
  return run_deterministic(op, context);
}
template <>
Status run(const EffectiveHorizonSticky<float>& op, CpuContext& context) {
  return run_sticky(op, context);
}
template <>
Status run(const EffectiveHorizonSticky<double>& op, CpuContext& context) {
  return run_sticky(op, context);
}

}  // namespace belfry::cpu
