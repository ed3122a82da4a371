// ddpm_schedule: β and what follows from it, step by step (math/diffusion.h).
#include "math/diffusion.h"

#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status ddpm_schedule(const DdpmSchedule<T>& op) {
  double alpha_bar = 1;
  const auto put = [](const Out<T, 1>& out, int64_t i, double value) {
    if (out) out[i] = static_cast<T>(value);
  };
  for (int64_t i = 0; i < op.steps; ++i) {
    const auto step = math::diffusion_step(op.schedule, i + 1, op.steps, alpha_bar);
    alpha_bar = step.alpha_bar;
    put(op.beta, i, step.beta);
    put(op.alpha_bar, i, alpha_bar);
    put(op.sqrt_recip_ab, i, step.sqrt_recip());
    put(op.sqrt_recipm1_ab, i, step.sqrt_recipm1());
    put(op.post_mean_x0, i, step.mean_x0());
    put(op.post_mean_xt, i, step.mean_xt());
    put(op.post_log_var, i, step.log_variance());
  }
  return {};
}

}  // namespace

template <>
Status run(const DdpmSchedule<float>& op, CpuContext&) {
  return ddpm_schedule(op);
}
template <>
Status run(const DdpmSchedule<double>& op, CpuContext&) {
  return ddpm_schedule(op);
}

}  // namespace belfry::cpu
