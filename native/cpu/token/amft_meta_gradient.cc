// amft_meta_gradient: g = η ⟨∇L_val, ∇L_SFT − ∇L_RL⟩, arXiv 2508.06944.
//
// One pass over the three gradients, in pieces whose sums are added in order. The four lanes of a
// piece hide the latency of the additions. Bytes per parameter: read 12; 3 flops, in float64.
#include <algorithm>

#include "cpu/run.h"
#include "ops/token/schedules.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kPiece = 1 << 16;
constexpr int kLanes = 8;

template <class T>
double piece_product(const AmftMetaGradient<T>& op, int64_t begin, int64_t end) {
  const T* sft = op.grad_sft.begin();
  const T* rl = op.grad_rl.begin();
  const T* validation = op.grad_validation_loss.begin();
  double lanes[kLanes] = {};
  int64_t i = begin;
  for (; i + kLanes <= end; i += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const double apart = static_cast<double>(sft[i + lane]) - static_cast<double>(rl[i + lane]);
      lanes[lane] += static_cast<double>(validation[i + lane]) * apart;
    }
  }
  for (; i < end; ++i) {
    const double apart = static_cast<double>(sft[i]) - static_cast<double>(rl[i]);
    lanes[0] += static_cast<double>(validation[i]) * apart;
  }
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

template <class T>
Status amft_meta_gradient(const AmftMetaGradient<T>& op, CpuContext& context) {
  if (!op.meta_gradient) return {};
  const int64_t size = op.grad_sft.dims[0], pieces = (size + kPiece - 1) / kPiece;
  double* sums = context.scratch<double>(pieces);
  context.parallel(size, kPiece, [&](int64_t begin, int64_t end, int64_t piece) {
    sums[piece] = piece_product(op, begin, end);
  });
  if (context.stopped()) return aborted();
  double product = 0;
  for (int64_t i = 0; i < pieces; ++i) product += sums[i];
  const double sign = op.objective == MetaObjective::utility ? 1 : -1;
  op.meta_gradient[0] = static_cast<T>(sign * op.policy_lr * product);
  return {};
}

}  // namespace

template <>
Status run(const AmftMetaGradient<float>& op, CpuContext& context) {
  return amft_meta_gradient(op, context);
}
template <>
Status run(const AmftMetaGradient<double>& op, CpuContext& context) {
  return amft_meta_gradient(op, context);
}

}  // namespace belfry::cpu
