// fql_losses: sums over states and action entries into scratch memory, then a thread for each
// gradient (math/actor_critic.h). Memory bound.
#include "math/actor_critic.h"

#include "cuda/flow/keep_sums.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status fql_losses(const FqlLosses<T>& op, CudaContext& context) {
  const int64_t critics = op.q_policy.dims[0], batch = op.q_policy.dims[1];
  const char* const step = "fql_losses";
  auto* const sums = context.scratch<math::FqlSums>(1);
  if (!sums) return context.failure();
  Status s = sum_rows(math::fql_critic_rows(op), batch, RowsBy::thread,
                      KeepSums{&sums->critic, nullptr}, step, context);
  if (!s.ok()) return s;
  s = sum_rows(math::fql_actor_rows(op), op.actions.size(), RowsBy::thread,
               KeepSums{&sums->flow, &sums->distill}, step, context);
  if (!s.ok()) return s;
  const math::FqlSizeRows<T> size{op.q_policy.begin(), critics, batch};
  s = sum_rows(size, batch, RowsBy::thread, KeepSums{&sums->q, &sums->size}, step, context);
  if (!s.ok()) return s;
  return each_row(math::fql_final_rows(op, critics, sums, math::data_of(op.grad_q_policy)),
                  critics * batch + 1, RowsBy::thread, step, context);
}

}  // namespace

template <>
Status run(const FqlLosses<float>& op, CudaContext& context) {
  return fql_losses(op, context);
}
template <>
Status run(const FqlLosses<double>& op, CudaContext& context) {
  return fql_losses(op, context);
}

}  // namespace belfry::cuda
