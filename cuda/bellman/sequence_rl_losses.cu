// sequence_rl_losses: a thread per emitted action for the actor, a thread per transition for the
// critics (math/sequence.h). Memory bound: 3 values read and 3 written an action.
#include "math/sequence.h"

#include "cuda/losses/loss_rows.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status sequence_rl_losses(const SequenceRlLosses<T>& op, CudaContext& context) {
  const int64_t batch = op.rewards.dims[0];
  const char* const step = "sequence_rl_losses";
  if (Status s = sum_rows(math::sequence_actor(op), op.q1.size(), RowsBy::thread,
                          store_mean(op.actor_loss, op.count, batch), step, context);
      !s.ok()) {
    return s;
  }
  return sum_rows(math::sequence_critic(op), batch, RowsBy::thread,
                  store_mean(op.critic_loss, Out<int32_t, 0>{}, batch), step, context);
}

}  // namespace

template <>
Status run(const SequenceRlLosses<float>& op, CudaContext& context) {
  return sequence_rl_losses(op, context);
}
template <>
Status run(const SequenceRlLosses<double>& op, CudaContext& context) {
  return sequence_rl_losses(op, context);
}

}  // namespace belfry::cuda
