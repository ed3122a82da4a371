// running_moments: mean and deviation of a stream, by the parallel merge of Chan, Golub & LeVeque.
#include "cpu/run.h"
#include "cpu/token/sample_groups.h"
#include "math/moments.h"
#include "ops/token/statistics.h"

namespace belfry::cpu {

namespace {

template <class T>
double one(const In<T, 1>& number) {
  return number ? static_cast<double>(number[0]) : 0;
}

template <class T>
Status running_moments(const RunningMoments<T>& op) {
  math::Moments total{one(op.count), one(op.mean), one(op.m2)};
  for (int64_t b = 0; b < op.batches.count; ++b) {
    const In<T, 1>& batch = op.batches[b];
    const Spread spread =
        spread_of(batch.dims[0], [&](int64_t i) { return static_cast<double>(batch[i]); });
    total = math::merge(total, {spread.count, spread.average(), spread.m2});
  }
  const double deviation = total.weight > 1 ? std::sqrt(total.m2 / (total.weight - 1)) : 0;
  if (op.new_mean) op.new_mean[0] = static_cast<T>(total.mean);
  if (op.std) op.std[0] = static_cast<T>(deviation);
  if (op.new_count) op.new_count[0] = static_cast<T>(total.weight);
  if (op.new_m2) op.new_m2[0] = static_cast<T>(total.m2);
  return {};
}

}  // namespace

template <>
Status run(const RunningMoments<float>& op, CpuContext&) {
  return running_moments(op);
}
template <>
Status run(const RunningMoments<double>& op, CpuContext&) {
  return running_moments(op);
}

}  // namespace belfry::cpu
