// reachability: probability of reaching a goal, ever or within some steps; expected cost until a
// goal; and the four published quantities of the consensus protocol, which are two of each.
//
// Zero sets come from the graph, end components are collapsed, and the answer is certified from
// both sides (sum_bounds.cc). Cost: a few passes over the graph, then sweeps of 2N flops or
// solves.
#include <cmath>

#include "cpu/bellman/goal_ops.h"
#include "cpu/run.h"
#include "math/value_iteration.h"

namespace belfry::cpu {

namespace {

template <class T>
struct ReachModel {
  ReachModel(const Reachability<T>& op, CpuContext& context) {
    num_actions = op.rewards               ? op.rewards.dims[1]
                  : op.action_mask.present ? op.action_mask.dims[1]
                                           : op.num_actions;
    model.num_actions = num_actions;
    model.num_states = num_actions > 0 ? (op.row_ptr.dims[0] - 1) / num_actions : op.num_states;
    model.rows = {op.row_ptr.begin(), op.col.begin(),
                  probabilities(op.row_ptr.begin(), model.num_rows(), op.prob_rows.begin(),
                                op.prob_rows.size(), context)};
    model.mask = math::read_flags(op.action_mask, true);
    model.minimise = op.mode == Mode::min;
  }
  CsrModel model;
  int64_t num_actions;
};

template <class T>
Status run_probability(const Reachability<T>& op, CpuContext& context) {
  const CsrModel model = ReachModel<T>(op, context).model;
  const int64_t n = model.num_states;
  const StateSet goal = goal_set(op, n);
  if (Status s = check_rows(model, goal, math::kMassSlack<T>); !s.ok()) return s;
  GoalOptions options = goal_options(op);
  options.max_sweeps = op.max_iterations;
  const GoalAnswer answer(n, context);
  SumProgress progress(n, context);
  read_progress(op, n, progress);
  GoalResult result;
  if (op.steps.present) {
    result = reach_within(model, goal, static_cast<int64_t>(op.steps.value), options, answer.lower,
                          context);
    std::copy_n(answer.lower, n, answer.upper);
  } else {
    result = reach_probability(model, goal, options, progress, answer, context);
  }
  if (result.stopped) return aborted();
  for (int64_t s = 0; op.prob && s < n; ++s)
    op.prob[s] = static_cast<T>(answer.lower[s] + (answer.upper[s] - answer.lower[s]) / 2);
  write_bounds(answer, n, op);
  if (op.zero_states) {
    const ReachGraph graph(model, goal, options.mass_slack, context);
    const StateSet zero = zero_states(graph, model.minimise);
    std::copy(zero.begin(), zero.end(), op.zero_states.begin());
  }
  write_scalar(result.sweeps, op.iterations);
  write_scalar(result.converged, op.converged);
  write_progress(progress, result.paused, n, op);
  return {};
}

template <class T>
Status run_cost(const ReachCost<T>& op, CpuContext& context) {
  CsrModel model = csr_model(op, context);
  model.minimise = op.mode == Mode::min;
  const int64_t n = model.num_states;
  const StateSet goal = goal_set(op, n);
  if (Status s = check_rows(model, goal, math::kMassSlack<T>); !s.ok()) return s;
  if (Status s = check_costs(model, goal); !s.ok()) return s;
  GoalOptions options = goal_options(op);
  options.bounded = wants_bounds(op);
  options.proper = op.policies == CostPolicies::proper;
  options.max_policies = op.max_iterations;
  options.max_sweeps = op.max_sweeps;
  const GoalAnswer answer(n, context);
  SumProgress progress(n, context);
  read_progress(op, n, progress);
  const GoalResult result = expected_cost(model, goal, options, progress, answer, context);
  if (result.stopped) return aborted();
  write_output(answer.value, op.value);
  write_bounds(answer, n, op);
  if (op.policy) std::copy_n(answer.policy, n, op.policy.begin());
  double most = 0;
  for (int64_t s = 0; s < n; ++s) most = std::fmax(most, answer.value[s]);
  write_scalar(most, op.max_value);
  write_scalar(options.optimistic ? result.sweeps : result.policies, op.iterations);
  write_scalar(result.converged, op.converged);
  write_progress(progress, result.paused, n, op);
  return {};
}

template <class T>
class ConsensusAnswers {
 public:
  ConsensusAnswers(const ReachConsensus<T>& op, CpuContext& context)
      : op_(op), context_(context), model_(csr_model(op, context)), n_(model_.num_states) {
    options_.mass_slack = math::kMassSlack<T>;
    options_.eps = op.eps;
    options_.optimistic = op.stop == ReachStop::optimistic_value_iteration;
    options_.max_sweeps = op.max_iterations;
    finished_ = read(op.finished);
    all_heads_ = read(op.all_heads);
    disagree_ = read(op.agree);
    for (size_t s = 0; s < disagree_.size(); ++s) {
      disagree_[s] = finished_[s] && !disagree_[s];
      all_heads_[s] = finished_[s] && all_heads_[s];
    }
  }

  Status run() {
    if (Status s = check_rows(model_, finished_, options_.mass_slack); !s.ok()) return s;
    if (Status s = check_costs(model_, finished_); !s.ok()) return s;
    write_scalar(probability(all_heads_, true), op_.c2_pmin);
    write_scalar(probability(disagree_, false), op_.disagree_pmax);
    write_scalar(cost(false), op_.steps_max);
    write_scalar(cost(true), op_.steps_min);
    write_scalar(converged_, op_.converged);
    return finished(context_);
  }

 private:
  StateSet read(const Flags<1>& flags) const {
    const auto reader = math::read_flags(flags, false);
    StateSet set(static_cast<size_t>(n_));
    for (int64_t s = 0; s < n_; ++s) set[static_cast<size_t>(s)] = reader(s);
    return set;
  }
  double probability(const StateSet& goal, bool minimise) {
    const CpuContext::ScratchScope scope(context_);
    model_.minimise = minimise;
    const GoalAnswer answer(n_, context_);
    SumProgress progress(n_, context_);
    note(reach_probability(model_, goal, options_, progress, answer, context_));
    const int64_t s = op_.initial_state;
    return answer.lower[s] + (answer.upper[s] - answer.lower[s]) / 2;
  }
  double cost(bool minimise) {
    const CpuContext::ScratchScope scope(context_);
    model_.minimise = minimise;
    const GoalAnswer answer(n_, context_);
    SumProgress progress(n_, context_);
    note(expected_cost(model_, finished_, options_, progress, answer, context_));
    return answer.value[op_.initial_state];
  }
  void note(const GoalResult& result) { converged_ = converged_ && result.converged; }

  const ReachConsensus<T>& op_;
  CpuContext& context_;
  CsrModel model_;
  const int64_t n_;
  GoalOptions options_;
  StateSet finished_, all_heads_, disagree_;
  bool converged_ = true;
};

}  // namespace

template <>
Status run(const Reachability<float>& op, CpuContext& context) {
  return stoppable([&] { return run_probability(op, context); });
}
template <>
Status run(const Reachability<double>& op, CpuContext& context) {
  return stoppable([&] { return run_probability(op, context); });
}
template <>
Status run(const ReachCost<float>& op, CpuContext& context) {
  return stoppable([&] { return run_cost(op, context); });
}
template <>
Status run(const ReachCost<double>& op, CpuContext& context) {
  return stoppable([&] { return run_cost(op, context); });
}
template <>
Status run(const ReachConsensus<float>& op, CpuContext& context) {
  return stoppable([&] { return ConsensusAnswers<float>(op, context).run(); });
}
template <>
Status run(const ReachConsensus<double>& op, CpuContext& context) {
  return stoppable([&] { return ConsensusAnswers<double>(op, context).run(); });
}

}  // namespace belfry::cpu
