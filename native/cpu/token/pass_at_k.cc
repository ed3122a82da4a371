// pass_at_k: 1 − C(n − c, k)/C(n, k) as a product of min(k, c) factors, arXiv 2107.03374, eq. 1.
#include "cpu/run.h"
#include "math/groups.h"
#include "ops/token/schedules.h"

namespace belfry::cpu {

namespace {

template <class T>
Status pass_at_k(const PassAtK<T>& op, CpuContext& context) {
  for (int64_t i = 0; i < op.n.dims[0]; ++i) {
    if (op.c[i] < 0 || op.c[i] > op.n[i]) {
      return Status::error(Code::bad_value, "c", "c[%lld] is %d, expected 0 to n = %d",
                           static_cast<long long>(i), op.c[i], op.n[i]);
    }
    if (!op.pass_at_k) continue;
    if (context.stopped()) return aborted();
    const double total = op.n[i], wrong = total - op.c[i];
    op.pass_at_k[i] =
        static_cast<T>(1 - math::chance_all_wrong(total, wrong, static_cast<double>(op.k)));
  }
  return {};
}

}  // namespace

template <>
Status run(const PassAtK<float>& op, CpuContext& context) {
  return pass_at_k(op, context);
}
template <>
Status run(const PassAtK<double>& op, CpuContext& context) {
  return pass_at_k(op, context);
}

}  // namespace belfry::cpu
