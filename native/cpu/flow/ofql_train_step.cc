// ofql_train_step: critics (critic_step.h), then the policy: the average-velocity objective at
// (x_t, r, t) and −η mean Q_i/mean|Q_j| at (ε, 0, 1) are two halves of one batch of 2B rows through
// the same network, so that one way back carries both gradients; the times of the second half are
// constants, whose embeddings and their networks are evaluated once.
//
// The derivative along the path is taken in the rows with r < t alone. With A and C parameters of
// the policy and of a critic, 2 flops each: 2A·B (target) + 4A·B (forward) + 2A·B(r < t) + 8A·B
// (back), and 22C·B for the critics. Products are float32, sums over the batch float64.
#include <cstring>

#include "cpu/flow/average_velocity.h"
#include "cpu/flow/folded_actions.h"
#include "cpu/flow/policy_parameters.h"
#include "cpu/run.h"
#include "ops/flow/ofql.h"

namespace belfry::cpu {

namespace {

template <class T>
class PolicyStep {
 public:
  using Critics = CriticStep<T, OfqlTrainStep<T>>;

  PolicyStep(const OfqlTrainStep<T>& op, const Critics& critics, CpuContext& context)
      : op_(op),
        critics_(critics),
        context_(context),
        batch_(op.actions.dims[0]),
        dims_(op.actions.dims[1]),
        states_(op.observations.dims[1]) {}

  Status run() {
    make_parameters();
    const VelocityTarget<T> target =
        velocity_target(op_.actions, op_.noise_bc, op_.t, batch_, context_);
    const TimedRows<T> rows = both_halves(target);
    TimedPass<T> pass = forward_pass(net_, rows, context_);
    grad_u_ = context_.scratch<T>(2 * batch_ * dims_);
    const double bc_loss = behaviour(target, rows, pass);
    if (context_.stopped()) return aborted();
    double q_loss = 0;
    if (Status s = climb_critics(pass.y() + batch_ * dims_, &q_loss); !s.ok()) return s;
    if (op_.bc_loss) op_.bc_loss[0] = static_cast<T>(bc_loss);
    if (op_.q_loss) op_.q_loss[0] = static_cast<T>(q_loss);
    if (op_.actor_loss) op_.actor_loss[0] = static_cast<T>(bc_loss + op_.eta * q_loss);
    if (Status s = backward_pass(net_, pass, grad_u_, parameters_.wanted, context_); !s.ok()) {
      return s;
    }
    return update_policy(op_, parameters_, 1 - op_.ema_decay, context_);
  }

 private:
  void make_parameters() {
    const int64_t rows = 2 * batch_;
    net_.nets = {current(op_.trunk, op_.activation, rows, context_),
                 current(op_.tmlp, op_.activation, rows, context_),
                 current(op_.rmlp, op_.activation, rows, context_), op_.time_scale};
    net_.dims = dims_;
    net_.states = states_;
    static_cast<void>(place_columns<T>({}, &net_));
    parameters_ = policy_parameters<T>(op_, &op_.rmlp, context_);
  }

  // `first` over `second`.
  T* stacked(const T* first, int64_t count, const T* second, int64_t more) {
    T* both = context_.scratch<T>(count + more);
    if (count > 0) std::memcpy(both, first, static_cast<size_t>(count) * sizeof(T));
    if (more > 0) std::memcpy(both + count, second, static_cast<size_t>(more) * sizeof(T));
    return both;
  }

  // All rows of the second half have the times 1 and 0.
  TimedRows<T> both_halves(const VelocityTarget<T>& target) {
    const T* s = op_.observations.begin();
    const int64_t count = batch_ * dims_, states = batch_ * states_;
    const T last_t = 1, last_r = 0;
    return {2 * batch_,
            stacked(target.x_t, count, op_.noise_policy.begin(), count),
            stacked(op_.t.begin(), batch_, &last_t, 1),
            stacked(op_.r.begin(), batch_, &last_r, 1),
            stacked(s, states, s, states),
            batch_ + 1};
  }

  // The average-velocity loss of the first half; its gradient.
  double behaviour(const VelocityTarget<T>& target, const TimedRows<T>& rows,
                   const TimedPass<T>& pass) {
    T* dudt = context_.scratch<T>(batch_ * dims_);
    velocity_derivative(net_, rows, pass, target.velocity, batch_, false, dudt, context_);
    if (context_.stopped()) return 0;
    math::MeanflowRows<T> loss = velocity_loss(op_, target, pass.y(), dudt);
    loss.grad = grad_u_;
    return sum_rows(loss, batch_, 12 * dims_ + 60, context_).loss * loss.inverse_rows;
  }

  // ã from u of the second half, the Q loss there, and its gradient with respect to u: −∂/∂ã, and 0
  // where the clip holds ã.
  Status climb_critics(const T* u, double* q_loss) {
    const int64_t count = batch_ * dims_;
    T* actions = op_.policy_action ? op_.policy_action.begin() : context_.scratch<T>(count);
    T* grad_a = context_.scratch<T>(count);
    T* grad = grad_u_ + count;
    for (int64_t i = 0; i < count; ++i) {
      const T raw = op_.noise_policy[i] - u[i];
      actions[i] = op_.clip_in_training ? math::clip_action(raw, T(1)) : raw;
    }
    if (Status s = climb(op_, critics_, actions, q_loss, grad_a, context_); !s.ok()) return s;
    for (int64_t i = 0; i < count; ++i) {
      const T raw = op_.noise_policy[i] - u[i];
      const bool held = op_.clip_in_training && (raw < T(-1) || raw > T(1));
      grad[i] = held ? T(0) : -grad_a[i];
    }
    return {};
  }

  const OfqlTrainStep<T>& op_;
  const Critics& critics_;
  CpuContext& context_;
  const int64_t batch_, dims_, states_;
  TimedNetwork<T> net_;
  PolicyParameters<T> parameters_;
  T* grad_u_ = nullptr;  // [2 batch, dims]
};

template <class T>
Status step_critics(const OfqlTrainStep<T>& op, CriticStep<T, OfqlTrainStep<T>>* critics,
                    CpuContext& context) {
  const CpuContext::ScratchScope scope(context);
  const int64_t rows = op.actions.dims[0] * op.next_noise.dims[1];
  const VelocityNetworks<T> nets{average(op.trunk, op.activation, rows, context),
                                 average(op.tmlp, op.activation, 1, context),
                                 average(op.rmlp, op.activation, 1, context), op.time_scale};
  const FoldedTrunk<T> policy =
      fold_trunk(nets, op.actions.dims[1], op.observations.dims[1], context);
  const FoldedActions<T> actions(policy, op.next_observations.begin(), op.next_noise, false);
  const auto next = math::NextChoice::least_of_largest;
  if (Status s = critics->differentiate(actions, next, 1); !s.ok()) return s;
  return critics->update();
}

template <class T>
Status ofql_train_step(const OfqlTrainStep<T>& op, CpuContext& context) {
  if (Status s = check_timed(op.trunk.now.weight.count, op.tmlp.now.weight.count,
                             op.rmlp.now.weight.count, op.emb_dim);
      !s.ok()) {
    return s;
  }
  if (Status s = check_critics(op); !s.ok()) return s;
  CriticStep<T, OfqlTrainStep<T>> critics(op, op.next_noise.dims[1], context);
  if (Status s = step_critics(op, &critics, context); !s.ok()) return s;
  return PolicyStep<T>(op, critics, context).run();
}

}  // namespace

template <>
Status run(const OfqlTrainStep<float>& op, CpuContext& context) {
  return ofql_train_step(op, context);
}
template <>
Status run(const OfqlTrainStep<double>& op, CpuContext& context) {
  return ofql_train_step(op, context);
}

}  // namespace belfry::cpu
