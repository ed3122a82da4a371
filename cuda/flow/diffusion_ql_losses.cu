// diffusion_ql_losses: sums over the rows into scratch memory, then a thread for each gradient
// (math/actor_critic.h); one warp chooses among the candidates. Memory bound.
#include "math/actor_critic.h"

#include "cuda/flow/generation.cuh"
#include "cuda/flow/keep_sums.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status choose(const DiffusionQlLosses<T>& op, CudaContext& context) {
  SelectionCall<T> call{};
  call.q1 = op.candidate_q_min.begin();
  call.states = 1;
  call.candidates = op.candidate_q_min.size();
  call.best_index = math::data_of(op.argmax);
  call.probability = math::data_of(op.selection_prob);
  Work work(context, "diffusion_ql_losses");
  work.for_each_row(1, select_candidates<T>, call);
  return work.status();
}

template <class T>
Status diffusion_ql_losses(const DiffusionQlLosses<T>& op, CudaContext& context) {
  const int64_t batch = op.rewards.dims[0];
  const char* const step = "diffusion_ql_losses";
  auto* const sums = context.scratch<math::DqlSums>(1);
  if (!sums) return context.failure();
  Status s = sum_rows(math::dql_critic_rows(op), batch, RowsBy::thread,
                      KeepSums{&sums->critic, nullptr}, step, context);
  if (!s.ok()) return s;
  s = sum_rows(math::SizeRows<T>{op.q1_new.begin()}, batch, RowsBy::thread,
               KeepSums{&sums->q1, &sums->size1}, step, context);
  if (!s.ok()) return s;
  s = sum_rows(math::SizeRows<T>{op.q2_new.begin()}, batch, RowsBy::thread,
               KeepSums{&sums->q2, &sums->size2}, step, context);
  if (!s.ok()) return s;
  s = each_row(math::dql_actor_rows(op, sums), batch + 1, RowsBy::thread, step, context);
  return s.ok() && op.candidate_q_min.present ? choose(op, context) : s;
}

}  // namespace

template <>
Status run(const DiffusionQlLosses<float>& op, CudaContext& context) {
  return diffusion_ql_losses(op, context);
}
template <>
Status run(const DiffusionQlLosses<double>& op, CudaContext& context) {
  return diffusion_ql_losses(op, context);
}

}  // namespace belfry::cuda
