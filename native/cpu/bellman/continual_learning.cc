// continual_learning: the penalty of elastic weight consolidation, the projection of A-GEM, and a
// stream of tabular Q-learning, which is serial: A compares a transition.
#include <algorithm>

#include "cpu/bellman/model.h"
#include "cpu/run.h"
#include "math/fqi.h"
#include "ops/bellman/losses.h"

namespace belfry::cpu {

namespace {

template <class T>
Status elastic_weights(const ElasticWeights<T>& op, CpuContext&) {
  double sum = 0;
  for (int64_t i = 0; i < op.theta.dims[0]; ++i) {
    const double apart = static_cast<double>(op.theta[i]) - static_cast<double>(op.theta_star[i]);
    const double pull = op.lambda * static_cast<double>(op.fisher[i]) * apart;
    sum += pull * apart;
    if (op.grad) op.grad[i] = static_cast<T>(pull);
  }
  if (op.loss) op.loss[0] = static_cast<T>(sum / 2);
  return {};
}

template <class T>
Status gradient_projection(const GradientProjection<T>& op, CpuContext&) {
  if (!op.projected) return {};
  const int64_t count = op.grad.dims[0];
  double dot = 0, square = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double ref = static_cast<double>(op.grad_ref[i]);
    dot += static_cast<double>(op.grad[i]) * ref;
    square += ref * ref;
  }
  const double factor = dot < 0 ? dot / square : 0;
  for (int64_t i = 0; i < count; ++i) {
    const double taken = factor == 0 ? 0 : factor * static_cast<double>(op.grad_ref[i]);
    op.projected[i] = static_cast<T>(static_cast<double>(op.grad[i]) - taken);
  }
  return {};
}

template <class T>
double best_value(const T* q, int64_t num_actions) {
  math::GreedyChoice<T> best;
  for (int64_t a = 0; a < num_actions; ++a) best.offer(static_cast<int32_t>(a), q[a]);
  return static_cast<double>(best.value(false));
}

template <class T>
Status q_learning_stream(const QLearningStream<T>& op, CpuContext& context) {
  const int64_t num_actions = op.initial_q_values.dims[1], size = op.initial_q_values.size();
  auto* q = context.scratch<double>(size);
  auto* visits = context.scratch<int64_t>(size);
  std::copy_n(op.initial_q_values.begin(), size, q);
  std::fill_n(visits, size, int64_t{0});
  const auto terminated = math::read_flags(op.terminated, false);
  for (int64_t t = 0; t < op.states.dims[0]; ++t) {
    if (t % 65536 == 0 && context.stopped()) return aborted();
    const int64_t at = static_cast<int64_t>(op.states[t]) * num_actions + op.actions[t];
    const bool ends = terminated(t);
    const double next =
        ends ? 0
             : best_value(q + static_cast<int64_t>(op.next_states[t]) * num_actions, num_actions);
    const double target =
        math::fqi_bootstrap(static_cast<double>(op.rewards[t]), op.gamma, next, ends);
    ++visits[at];
    const bool harmonic = op.schedule == StepSchedule::harmonic;
    q[at] += (harmonic ? 1 / static_cast<double>(visits[at]) : op.alpha) * (target - q[at]);
  }
  if (op.q_values) {
    std::transform(q, q + size, op.q_values.begin(), [](double x) { return static_cast<T>(x); });
  }
  return {};
}

}  // namespace

template <>
Status run(const ElasticWeights<float>& op, CpuContext& context) {
  return elastic_weights(op, context);
}
template <>
Status run(const ElasticWeights<double>& op, CpuContext& context) {
  return elastic_weights(op, context);
}

template <>
Status run(const GradientProjection<float>& op, CpuContext& context) {
  return gradient_projection(op, context);
}
template <>
Status run(const GradientProjection<double>& op, CpuContext& context) {
  return gradient_projection(op, context);
}

template <>
Status run(const QLearningStream<float>& op, CpuContext& context) {
  return q_learning_stream(op, context);
}
template <>
Status run(const QLearningStream<double>& op, CpuContext& context) {
  return q_learning_stream(op, context);
}

}  // namespace belfry::cpu
