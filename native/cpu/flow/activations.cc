// activations: f, f' and f'' of every element. f and f' alone run at vector speed; f'' comes from
// the scalar formulas of math/activations.h. 4 bytes read and 4 written for each output, 20 flops.
#include "math/activations.h"

#include "cpu/flow/elementwise.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status activations(const Activations<T>& op, CpuContext& context) {
  const T* x = op.x.begin();
  context.parallel(op.x.size(), 32768, [&](int64_t begin, int64_t end, int64_t) {
    const int64_t n = end - begin;
    T* y = op.y ? op.y.begin() + begin : nullptr;
    if (op.dy) {
      activate_chain<T>(op.activation, x + begin, nullptr, op.dy.begin() + begin, y, n);
    } else if (y) {
      activate(op.activation, x + begin, y, n);
    }
    if (!op.d2y) return;
    for (int64_t i = begin; i < end; ++i) {
      op.d2y[i] = math::activation_jet(op.activation, x[i]).curvature;
    }
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const Activations<float>& op, CpuContext& context) {
  return activations(op, context);
}
template <>
Status run(const Activations<double>& op, CpuContext& context) {
  return activations(op, context);
}

}  // namespace belfry::cpu
