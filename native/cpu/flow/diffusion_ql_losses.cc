// diffusion_ql_losses: the target and both critics, the sizes of the new Q, then what depends on
// these (math/actor_critic.h). Memory bound: 2 R + 6 values read and 5 written a row.
#include "math/actor_critic.h"

#include "cpu/flow/candidates.h"
#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
void choose(const DiffusionQlLosses<T>& op) {
  const int64_t count = op.candidate_q_min.size();
  if (op.argmax) op.argmax[0] = -1;
  if (count == 0) return;
  const T* q = op.candidate_q_min.begin();
  const int32_t best = index_of_best(q, count);
  if (op.argmax) op.argmax[0] = best;
  if (op.selection_prob) softmax(q, count, q[best], op.selection_prob.begin());
}

template <class T>
Status diffusion_ql_losses(const DiffusionQlLosses<T>& op, CpuContext& context) {
  const int64_t batch = op.rewards.dims[0];
  const auto critic = math::dql_critic_rows(op);
  math::DqlSums sums{};
  sums.critic = sum_rows(critic, batch, 4 * critic.draws + 30, context).loss;
  const auto first = sum_rows(math::SizeRows<T>{op.q1_new.begin()}, batch, 4, context);
  const auto second = sum_rows(math::SizeRows<T>{op.q2_new.begin()}, batch, 4, context);
  sums.q1 = first.loss;
  sums.size1 = first.other;
  sums.q2 = second.loss;
  sums.size2 = second.other;
  sum_rows(math::dql_actor_rows(op, &sums), batch + 1, 10, context);
  if (op.candidate_q_min) choose(op);
  return finished(context);
}

}  // namespace

template <>
Status run(const DiffusionQlLosses<float>& op, CpuContext& context) {
  return diffusion_ql_losses(op, context);
}
template <>
Status run(const DiffusionQlLosses<double>& op, CpuContext& context) {
  return diffusion_ql_losses(op, context);
}

}  // namespace belfry::cpu
