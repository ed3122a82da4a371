// average_reward_rvi: relative value iteration on the aperiodic transform of Schweitzer (1971).
//
// min(T h − h) ≤ gain ≤ max(T h − h) at every sweep, whatever h is, so the answer carries its own
// proof. One sweep costs 2N + 2·S·A flops and one pass over h.
#include "cpu/bellman/relative_values.h"
#include "cpu/run.h"
#include "math/value_iteration.h"
#include "ops/bellman/policies.h"

namespace belfry::cpu {

namespace {

template <class T>
Status run_average(const AverageRewardRvi<T>& op, CpuContext& context) {
  CsrModel model = csr_model(op, context);
  model.minimise = op.mode == Mode::min;
  if (Status s = check_recurrent(model, math::kMassSlack<T>); !s.ok()) return s;
  const int64_t n = model.num_states;
  double* bias = context.scratch<double>(n);
  auto* policy = context.scratch<int32_t>(n);
  std::fill_n(bias, n, 0.0);
  if (op.initial_values) std::copy_n(op.initial_values.begin(), n, bias);
  Stall stall;
  if (op.stop_state) stall = {op.stop_state[0], op.stop_state[1], op.stop_state[2]};
  const RelativeOptions options{op.ref_state, op.aperiodicity_tau, op.stop_span, op.max_iterations};
  const RelativeResult result = relative_values(model, options, stall, bias, policy, context);
  if (result.stopped) return aborted();
  write_scalar(result.gain(), op.gain);
  write_scalar(result.gain_lower, op.gain_lower);
  write_scalar(result.gain_upper, op.gain_upper);
  write_output(bias, op.bias_rel);
  if (op.policy) std::copy_n(policy, n, op.policy.begin());
  write_scalar(result.iterations, op.iterations);
  write_scalar(result.converged, op.converged);
  write_scalar(result.not_unichain, op.not_unichain);
  const double watch[] = {stall.sweeps, stall.window, stall.mark};
  write_output(watch, op.stop_state_out);
  if (op.stationary) {
    double* stationary = context.scratch<double>(n);
    stationary_distribution(model, policy, stationary, context);
    write_output(stationary, op.stationary);
  }
  return finished(context);
}

}  // namespace

template <>
Status run(const AverageRewardRvi<float>& op, CpuContext& context) {
  return run_average(op, context);
}
template <>
Status run(const AverageRewardRvi<double>& op, CpuContext& context) {
  return run_average(op, context);
}

}  // namespace belfry::cpu
