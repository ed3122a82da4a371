// exploration_graph_q: optimal values of a deterministic graph in which an untried action is worth
// unknown_reward and a tried one pays 1/√(1 + visits of where it leads). S·A gathers a sweep.
#include <cmath>

#include "cpu/bellman/fixed_point.h"
#include "cpu/run.h"
#include "ops/bellman/search.h"

namespace belfry::cpu {

namespace {

template <class T>
class ExplorationGraph {
 public:
  ExplorationGraph(const ExplorationGraphQ<T>& op, CpuContext& context)
      : op_(op),
        num_states_(op.next_states.dims[0]),
        num_actions_(op.next_states.dims[1]),
        novelty_(context.scratch<double>(num_states_)) {
    for (int64_t s = 0; s < num_states_; ++s) {
      novelty_[s] = 1 / std::sqrt(1 + static_cast<double>(op.visits[s]));
    }
  }

  Status run(CpuContext& context) {
    double* values = context.scratch<double>(num_states_);
    std::fill_n(values, num_states_, 0.0);
    const auto sweep = [&](const double* before, double* after) {
      for (int64_t s = 0; s < num_states_; ++s) after[s] = best(s, before);
    };
    const FixedPoint star = iterate_to_fixed_point(values, num_states_, op_.gamma, op_.tolerance,
                                                   op_.max_iterations, context, sweep);
    if (star.aborted) return aborted();
    for (int64_t s = 0; s < num_states_; ++s) write(s, star.values);
    if (op_.iterations) op_.iterations[0] = static_cast<int32_t>(star.iterations);
    if (op_.converged) op_.converged[0] = star.converged;
    return {};
  }

 private:
  double q(int64_t row, const double* values) const {
    if (op_.tried[row] <= 0) return op_.unknown_reward;
    const int32_t next = op_.next_states[row];
    return next < 0 ? 0 : novelty_[next] + op_.gamma * values[next];
  }
  double best(int64_t s, const double* values) const {
    math::GreedyChoice<double> choice;
    for (int64_t a = 0; a < num_actions_; ++a) {
      choice.offer(static_cast<int32_t>(a), q(s * num_actions_ + a, values));
    }
    return choice.value(false);
  }
  void write(int64_t s, const double* values) const {
    const double most = best(s, values);
    double sum = 0;
    for (int64_t a = 0; a < num_actions_; ++a) {
      const double own = q(s * num_actions_ + a, values);
      sum += std::exp((own - most) / op_.temperature);
    }
    for (int64_t a = 0; a < num_actions_; ++a) {
      const int64_t row = s * num_actions_ + a;
      const double own = q(row, values);
      if (op_.q_values) op_.q_values[row] = static_cast<T>(own);
      if (op_.policy) {
        op_.policy[row] = static_cast<T>(std::exp((own - most) / op_.temperature) / sum);
      }
    }
  }

  const ExplorationGraphQ<T>& op_;
  const int64_t num_states_, num_actions_;
  double* novelty_;
};

}  // namespace

template <>
Status run(const ExplorationGraphQ<float>& op, CpuContext& context) {
  return ExplorationGraph<float>(op, context).run(context);
}
template <>
Status run(const ExplorationGraphQ<double>& op, CpuContext& context) {
  return ExplorationGraph<double>(op, context).run(context);
}

}  // namespace belfry::cpu
