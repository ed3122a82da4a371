// ofql_train_step: next actions and the target, one step of both critics, then the policy, whose
// two halves (average-velocity objective, climbing Q) are one batch of 2B rows. Everything stays on
// the device. 2 (9 P_policy + 11 P_critic) flops a row; the derivative runs over both halves.
#include <limits>

#include "cuda/flow/average_velocity.cuh"
#include "cuda/flow/generation.cuh"
#include "cuda/flow/train_step.cuh"
#include "ops/flow/ofql.h"

namespace belfry::cuda {

namespace {

constexpr const char* kStep = "ofql_train_step";

// t and r of both halves: those given, then 1 and 0.
template <class T>
__global__ void stack_times(const T* t, const T* r, int64_t given, int64_t total, T* all_t,
                            T* all_r) {
#pragma unroll 1
  for (int64_t i : grid_stride(total)) {
    all_t[i] = i < given ? t[i] : T(1);
    all_r[i] = i < given ? r[i] : T(0);
  }
}

template <class T>
class TrainStep {
 public:
  TrainStep(const OfqlTrainStep<T>& op, CudaContext& context)
      : op_(op),
        context_(context),
        work_(context, kStep),
        batch_(op.actions.dims[0]),
        dims_(op.actions.dims[1]),
        count_(batch_ * dims_) {}

  Status run() {
    if (op_.rmlp.now.weight.count == 0) return no_layers("rmlp_weight_#");
    if (Status s = check_critics(op_); !s.ok()) return s;
    policy_.trunk = current(op_.trunk, op_.activation);
    policy_.of_t = current(op_.tmlp, op_.activation);
    policy_.of_r = current(op_.rmlp, op_.activation);
    if (Status s = finish_network(&policy_); !s.ok()) return s;
    Critics critics(op_, op_.next_noise.dims[1], context_, work_);
    parameters_ = policy_parameters<T>(op_, &op_.rmlp, policy_, work_);
    if (!work_.ok()) return work_.status();
    const auto next = math::NextChoice::least_of_largest;
    if (Status s = critics.differentiate(next_actions(&critics), next, 1); !s.ok()) return s;
    if (Status s = critics.update(); !s.ok()) return s;
    return step_policy(critics);
  }

 private:
  using Critics = CriticStep<T, OfqlTrainStep<T>>;

  Status finish_network(TimedNetwork<T>* net) const {
    net->dims = dims_;
    net->states = op_.observations.dims[1];
    net->time_scale = op_.time_scale;
    return place_columns<T>({}, op_.emb_dim, net);
  }

  // a' of every draw, from the averaged policy at (ε', 0, 1, s').
  const T* next_actions(Critics* critics) {
    TimedNetwork<T> averaged;
    averaged.trunk = average(op_.trunk, op_.activation);
    averaged.of_t = average(op_.tmlp, op_.activation);
    averaged.of_r = average(op_.rmlp, op_.activation);
    static_cast<void>(finish_network(&averaged));
    const int64_t draws = op_.next_noise.dims[1], rows = batch_ * draws;
    T* const t = work_.scratch<T>(rows);
    T* const r = work_.scratch<T>(rows);
    work_.for_each(rows, stack_times<T>, t, r, int64_t{0}, rows, t, r);
    const TimedRows<T> batch{rows,
                             op_.next_noise.begin(),
                             t,
                             r,
                             op_.next_observations.begin(),
                             nullptr,
                             {draws > 0 ? draws : 1, kOneGroup}};
    const TimedPass<T> pass = forward_pass(averaged, batch, work_);
    T* const actions = critics->next_actions();
    const ActionCall<T> call{batch.x, pass.y, rows * dims_, T(1), nullptr, actions};
    work_.for_each(call.count, make_actions<T>, call);
    return actions;
  }

  Status step_policy(const Critics& critics) {
    const int64_t rows = 2 * batch_;
    const VelocityCall<T> path{op_.actions.begin(),
                               op_.noise_bc.begin(),
                               op_.t.begin(),
                               op_.noise_policy.begin(),
                               count_,
                               2 * count_,
                               dims_,
                               work_.scratch<T>(2 * count_),
                               work_.scratch<T>(2 * count_)};
    T* const t = work_.scratch<T>(rows);
    T* const r = work_.scratch<T>(rows);
    T* const grad_u = work_.scratch<T>(2 * count_);
    auto* const sums = work_.scratch<PolicySums>(1);
    work_.for_each(2 * count_, make_velocity<T>, path);
    work_.for_each(rows, stack_times<T>, op_.t.begin(), op_.r.begin(), batch_, rows, t, r);
    const TimedRows<T> batch{rows,
                             path.x_t,
                             t,
                             r,
                             op_.observations.begin(),
                             path.velocity,
                             {1, batch_ > 0 ? batch_ : 1}};
    const TimedPass<T> pass = forward_pass(policy_, batch, work_);
    if (!work_.ok()) return work_.status();
    if (Status s = sum_rows(velocity_loss(op_, path.velocity, pass, grad_u), batch_, rows_by(dims_),
                            KeepSums{&sums->bc, nullptr}, kStep, context_);
        !s.ok()) {
      return s;
    }
    if (Status s = descend_from(critics, pass.y + count_, grad_u + count_, sums); !s.ok()) return s;
    backward_pass<T>(policy_, pass, grad_u, parameters_.wanted, work_);
    if (!work_.ok()) return work_.status();
    return optimise(op_, parameters_.set, 1 - op_.ema_decay, op_.actor_grad_norm, context_, work_);
  }

  // ã from u, both new critics there, and the gradient with respect to u = ε − ã.
  Status descend_from(const Critics& critics, const T* u, T* grad, PolicySums* sums) {
    T* const raw = work_.scratch<T>(count_);
    T* const clipped =
        op_.policy_action.present ? op_.policy_action.begin() : work_.scratch<T>(count_);
    T* const grad_a = work_.scratch<T>(count_);
    const double limit = op_.clip_in_training ? 1 : std::numeric_limits<double>::infinity();
    const ActionCall<T> call{op_.noise_policy.begin(), u,   count_,
                             static_cast<T>(limit),    raw, clipped};
    work_.for_each(count_, make_actions<T>, call);
    if (Status s = climb(op_, critics, clipped, sums, grad_a, context_, work_); !s.ok()) return s;
    const DescendCall<T> back{sums,
                              raw,
                              grad_a,
                              1,
                              op_.eta,
                              math::inverse_count(batch_),
                              limit,
                              count_,
                              grad,
                              math::data_of(op_.bc_loss),
                              math::data_of(op_.q_loss),
                              math::data_of(op_.actor_loss)};
    work_.for_each(count_ + 1, descend<T>, back);
    return work_.status();
  }

  const OfqlTrainStep<T>& op_;
  CudaContext& context_;
  Work work_;
  const int64_t batch_, dims_, count_;
  TimedNetwork<T> policy_;
  PolicyParameters<T> parameters_;
};

}  // namespace

template <>
Status run(const OfqlTrainStep<float>& op, CudaContext& context) {
  return TrainStep<float>(op, context).run();
}
template <>
Status run(const OfqlTrainStep<double>& op, CudaContext& context) {
  return TrainStep<double>(op, context).run();
}

}  // namespace belfry::cuda
