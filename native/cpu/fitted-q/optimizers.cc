// optimizers: the rules of math/optimizer.h along given gradients. Pieces of the parameters over
// the threads, each step after step; the compiler makes vectors of the inner loop. A gradient
// is read and a parameter written a step; the state stays in the cache.
#include <cmath>

#include "cpu/run.h"
#include "math/optimizer.h"
#include "ops/fitted_q.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kBlock = 512;

// Every parameter of a block has two numbers of state besides itself.
template <class T, class Op, class MakeRule>
Status follow(const Op& op, T first_state, T second_state, const MakeRule& rule_of,
              CpuContext& context) {
  if (!op.trajectory) return {};
  const int64_t steps = op.grads.dims[0], size = op.grads.dims[1];
  const int64_t chunk = kBlock * chunk_for(10 * kBlock * std::max<int64_t>(1, steps));
  context.parallel(size, chunk, [&](int64_t begin, int64_t end, int64_t) {
    T first[kBlock], second[kBlock], w[kBlock];
    for (int64_t at = begin; at < end; at += kBlock) {
      const int64_t count = std::min(kBlock, end - at);
      std::fill_n(first, count, first_state);
      std::fill_n(second, count, second_state);
      std::copy_n(op.param.begin() + at, count, w);
      for (int64_t t = 0; t < steps; ++t) {
        const auto rule = rule_of(t + 1);
        const T* grad = op.grads.begin() + t * size + at;
        for (int64_t i = 0; i < count; ++i) rule(w[i], first[i], second[i], grad[i]);
        std::copy_n(w, count, op.trajectory.begin() + t * size + at);
      }
    }
  });
  return context.stopped() ? aborted() : Status{};
}

template <class T>
Status optimizers(const AdamTrajectory<T>& op, CpuContext& context) {
  const math::AdamSettings settings{op.lr, op.beta1, op.beta2, op.eps};
  const auto rule_of = [&](int64_t t) { return math::adam_rule<T>(settings, t); };
  return follow(op, T(0), T(0), rule_of, context);
}

template <class T>
Status optimizers(const RpropTrajectory<T>& op, CpuContext& context) {
  const math::RpropRule<T> rule{static_cast<T>(op.eta_minus), static_cast<T>(op.eta_plus),
                                static_cast<T>(op.step_min), static_cast<T>(op.step_max)};
  return follow(
      op, T(0), static_cast<T>(op.lr), [&](int64_t) { return rule; }, context);
}

template <class T>
Status optimizers(const SgdTrajectory<T>& op, CpuContext& context) {
  const math::SgdRule<T> rule{static_cast<T>(op.lr), static_cast<T>(op.momentum),
                              static_cast<T>(op.weight_decay), op.nesterov};
  return follow(
      op, T(0), T(0), [&](int64_t) { return rule; }, context);
}

}  // namespace

template <>
Status run(const AdamTrajectory<float>& op, CpuContext& context) {
  return optimizers(op, context);
}
template <>
Status run(const AdamTrajectory<double>& op, CpuContext& context) {
  return optimizers(op, context);
}
template <>
Status run(const RpropTrajectory<float>& op, CpuContext& context) {
  return optimizers(op, context);
}
template <>
Status run(const RpropTrajectory<double>& op, CpuContext& context) {
  return optimizers(op, context);
}
template <>
Status run(const SgdTrajectory<float>& op, CpuContext& context) {
  return optimizers(op, context);
}
template <>
Status run(const SgdTrajectory<double>& op, CpuContext& context) {
  return optimizers(op, context);
}

}  // namespace belfry::cpu
