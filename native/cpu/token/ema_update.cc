// ema_update: target ← decay · target + (1 − decay) · source (arXiv 2501.11651).
//
// A map; bytes per parameter: read 8, write 4; 3 flops.
#include "cpu/run.h"
#include "math/schedules.h"
#include "ops/token/schedules.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kPiece = 1 << 16;

template <class T>
Status ema_update(const EmaUpdate<T>& op, CpuContext& context) {
  if (!op.new_target) return {};
  const T* target = op.target.begin();
  const T* source = op.source.begin();
  T* out = op.new_target.begin();
  context.parallel(op.target.size(), kPiece, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) {
      out[i] = static_cast<T>(math::moving_average(static_cast<double>(target[i]),
                                                   static_cast<double>(source[i]), op.decay));
    }
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const EmaUpdate<float>& op, CpuContext& context) {
  return ema_update(op, context);
}
template <>
Status run(const EmaUpdate<double>& op, CpuContext& context) {
  return ema_update(op, context);
}

}  // namespace belfry::cpu
