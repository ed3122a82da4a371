// temperature_curriculum: KL(p‖target), KL(p‖p_old) and the importance-weighted performance
// mean p(t)/p_old(t)·value of a Gamma curriculum, with derivatives (Reddi et al., arXiv
// 2311.01642). About 20 flops, one exponential and one logarithm a sample.
#include "cpu/run.h"
#include "math/gamma_distribution.h"
#include "ops/bellman/games.h"

namespace belfry::cpu {

namespace {

template <class T>
void write(const Out<T, 0>& value, const Out<T, 1>& gradient, const math::GammaTerm& term) {
  if (value) value[0] = static_cast<T>(term.value);
  if (!gradient) return;
  gradient[0] = static_cast<T>(term.by_conc);
  gradient[1] = static_cast<T>(term.by_rate);
}

template <class T>
Status temperature_curriculum(const TemperatureCurriculum<T>& op) {
  const math::GammaParameters now{op.conc, op.rate}, old{op.conc_old, op.rate_old};
  const math::GammaParameters target{op.conc_target, op.rate_target};
  write(op.kl_target, op.grad_kl_target, math::gamma_divergence(now, target));
  write(op.kl_old, op.grad_kl_old, math::gamma_divergence(now, old));
  if (!op.performance && !op.grad_performance) return {};
  const math::GammaRatio ratio(now, old);
  const int64_t count = op.value.dims[0];
  math::GammaTerm mean;
  for (int64_t i = 0; i < count; ++i) {
    const math::GammaTerm weight = ratio.at(static_cast<double>(op.temperature[i]));
    const double value = static_cast<double>(op.value[i]) / static_cast<double>(count);
    mean.value += weight.value * value;
    mean.by_conc += weight.by_conc * value;
    mean.by_rate += weight.by_rate * value;
  }
  write(op.performance, op.grad_performance, mean);
  return {};
}

}  // namespace

template <>
Status run(const TemperatureCurriculum<float>& op, CpuContext&) {
  return temperature_curriculum(op);
}
template <>
Status run(const TemperatureCurriculum<double>& op, CpuContext&) {
  return temperature_curriculum(op);
}

}  // namespace belfry::cpu
