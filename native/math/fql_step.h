// The losses of a training step of flow Q-learning, from the op and what a backend computed of it.
#pragma once

#include "math/actor_critic.h"
#include "math/outputs.h"
#include "ops/flow/fql.h"

namespace belfry::math {

// `next_q` and `q`: [2, B], of the target critics and of the critics. `mask`: 1 where a row goes
// on.
template <class T>
FqlCriticRows<T> fql_critic_rows(const FqlTrainStep<T>& op, const T* next_q, const T* mask,
                                 const T* q, T* grad_q) {
  const int64_t batch = op.rewards.size();
  FqlCriticRows<T> rows{};
  rows.next_q = next_q;
  rows.rewards = op.rewards.begin();
  rows.mask = mask;
  rows.q_values = q;
  rows.gamma = op.gamma;
  rows.inverse = inverse_elements(batch, 2);
  rows.smallest = op.q_agg == QAggregate::min;
  rows.critics = 2;
  rows.count = batch;
  rows.target = data_of(op.target);
  rows.grad = grad_q;
  return rows;
}

// All [B, D].
template <class T>
FqlActorRows<T> fql_actor_rows(const FqlTrainStep<T>& op, const T* velocity, const T* student,
                               const T* teacher, T* grad_velocity, T* grad_student) {
  FqlActorRows<T> rows{};
  rows.actions = op.actions.begin();
  rows.noise = op.noise_bc.begin();
  rows.pred_velocity = velocity;
  rows.onestep_action = student;
  rows.flow_action = teacher;
  rows.alpha = op.alpha;
  rows.dims = op.actions.dims[1];
  rows.inverse = inverse_elements(op.actions.dims[0], rows.dims);
  rows.grad_velocity = grad_velocity;
  rows.grad_distill = grad_student;
  return rows;
}

}  // namespace belfry::math
