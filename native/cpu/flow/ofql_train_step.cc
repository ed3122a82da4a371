// ofql_train_step: critics (ofql_critics.h), then the policy: the average-velocity objective at
// (x_t, r, t) and −η mean Q_i/mean|Q_j| at (ε, 0, 1) are two halves of one batch of 2B rows through
// the same network, so that one way back carries both gradients.
//
// The derivative along the path is taken in the rows with r < t alone. With A and C parameters of
// the policy and of a critic, 2 flops each: 2A·B (target) + 4A·B (forward) + 2A·B(r < t) + 8A·B
// (back), and 22C·B for the critics. Products are float32, sums over the batch float64.
#include <cstring>

#include "cpu/flow/average_velocity.h"
#include "cpu/flow/ofql_critics.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
class PolicyStep {
 public:
  PolicyStep(const OfqlTrainStep<T>& op, const CriticStep<T>& critics, CpuContext& context)
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
    if (Status s = climb(pass.y() + batch_ * dims_, &q_loss); !s.ok()) return s;
    if (op_.bc_loss) op_.bc_loss[0] = static_cast<T>(bc_loss);
    if (op_.q_loss) op_.q_loss[0] = static_cast<T>(q_loss);
    if (op_.actor_loss) op_.actor_loss[0] = static_cast<T>(bc_loss + op_.eta * q_loss);
    return update(pass);
  }

 private:
  void make_parameters() {
    const auto& op = op_;
    const int64_t rows = 2 * batch_;
    net_.nets = {hidden_network(op.trunk_weight, op.trunk_bias, op.activation, rows, context_),
                 hidden_network(op.tmlp_weight, op.tmlp_bias, op.activation, rows, context_),
                 hidden_network(op.rmlp_weight, op.rmlp_bias, op.activation, rows, context_),
                 op.time_scale};
    net_.dims = dims_;
    net_.states = states_;
    static_cast<void>(place_columns<T>({}, &net_));
    const auto& nets = net_.nets;
    const int64_t layers = nets.trunk.count + nets.of_t.count + nets.of_r.count;
    parameters_.items = context_.scratch<Parameter<T>>(2 * layers);
    wanted_.trunk = no_gradients(nets.trunk, context_);
    wanted_.of_t = no_gradients(nets.of_t, context_);
    wanted_.of_r = no_gradients(nets.of_r, context_);
    add_parameters(
        {op.trunk_weight, op.trunk_bias, op.new_trunk_weight, op.new_trunk_bias,
         op.ema_trunk_weight, op.ema_trunk_bias, op.new_ema_trunk_weight, op.new_ema_trunk_bias},
        wanted_.trunk, false, &parameters_, context_);
    add_parameters(
        {op.tmlp_weight, op.tmlp_bias, op.new_tmlp_weight, op.new_tmlp_bias, op.ema_tmlp_weight,
         op.ema_tmlp_bias, op.new_ema_tmlp_weight, op.new_ema_tmlp_bias},
        wanted_.of_t, false, &parameters_, context_);
    add_parameters(
        {op.rmlp_weight, op.rmlp_bias, op.new_rmlp_weight, op.new_rmlp_bias, op.ema_rmlp_weight,
         op.ema_rmlp_bias, op.new_ema_rmlp_weight, op.new_ema_rmlp_bias},
        wanted_.of_r, false, &parameters_, context_);
    parameters_.moments = math::data_of(op.policy_moments);
    parameters_.next_moments = math::data_of(op.new_policy_moments);
  }

  // `first` over `second`, each [batch, width].
  T* stacked(const T* first, const T* second, int64_t width) {
    const size_t bytes = static_cast<size_t>(batch_ * width) * sizeof(T);
    T* both = context_.scratch<T>(2 * batch_ * width);
    if (bytes > 0) {
      std::memcpy(both, first, bytes);
      std::memcpy(both + batch_ * width, second, bytes);
    }
    return both;
  }

  TimedRows<T> both_halves(const VelocityTarget<T>& target) {
    T* ends = context_.scratch<T>(2 * batch_);
    for (int64_t i = 0; i < batch_; ++i) {
      ends[i] = T(1);
      ends[batch_ + i] = T(0);
    }
    const T* s = op_.observations.begin();
    return {2 * batch_, stacked(target.x_t, op_.noise_policy.begin(), dims_),
            stacked(op_.t.begin(), ends, 1), stacked(op_.r.begin(), ends + batch_, 1),
            stacked(s, s, states_)};
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

  // ã from u of the second half, both critics there, and the gradient with respect to u.
  Status climb(const T* u, double* q_loss) {
    const auto climbed = static_cast<int>(op_.q_loss_critic - 1);
    T* actions =
        op_.policy_action ? op_.policy_action.begin() : context_.scratch<T>(batch_ * dims_);
    for (int64_t i = 0; i < batch_ * dims_; ++i) {
      const T raw = op_.noise_policy[i] - u[i];
      actions[i] = op_.clip_in_training ? math::clip_action(raw, T(1)) : raw;
    }
    BackwardRows<T> task;
    task.x = critic_inputs(op_.observations, actions, dims_, context_);
    task.rows = batch_;
    KeptPass<T> climbing = make_pass(critics_.network(climbed), task, context_);
    const KeptPass<T> other = make_pass(critics_.network(1 - climbed), task, context_);
    forward_pass(climbing, context_);
    forward_pass(other, context_);
    if (context_.stopped()) return aborted();
    const auto q = sum_rows(math::SizeRows<T>{climbing.task.y}, batch_, 4, context_);
    const auto size = sum_rows(math::SizeRows<T>{other.task.y}, batch_, 4, context_);
    *q_loss = -math::normalised(q.loss, size.other);
    return descend(u, static_cast<T>(op_.eta * math::normalised(1, size.other)), &climbing);
  }

  // dL/du = η/Σ|Q_j| ∂Q_i/∂a, and 0 where the clip holds ã.
  Status descend(const T* u, T factor, KeptPass<T>* climbing) {
    T* ones = context_.scratch<T>(batch_);
    for (int64_t i = 0; i < batch_; ++i) ones[i] = T(1);
    T* grad_a = context_.scratch<T>(batch_ * dims_);
    climbing->task.grad_y = ones;
    climbing->task.grad_x = grad_a;
    climbing->task.window = {states_, dims_};
    if (Status s = backward_pass(*climbing, context_); !s.ok()) return s;
    T* grad = grad_u_ + batch_ * dims_;
    for (int64_t i = 0; i < batch_ * dims_; ++i) {
      const T raw = op_.noise_policy[i] - u[i];
      const bool held = op_.clip_in_training && (raw < T(-1) || raw > T(1));
      grad[i] = held ? T(0) : factor * grad_a[i];
    }
    return {};
  }

  Status update(TimedPass<T>& pass) {
    if (Status s = backward_pass(net_, pass, grad_u_, wanted_, context_); !s.ok()) return s;
    const AdamStep<T> step =
        clipped_step(op_, parameters_, 1 - op_.ema_decay, op_.actor_grad_norm, context_);
    if (context_.stopped()) return aborted();
    adam_step(parameters_, step, context_);
    return context_.stopped() ? aborted() : Status{};
  }

  const OfqlTrainStep<T>& op_;
  const CriticStep<T>& critics_;
  CpuContext& context_;
  const int64_t batch_, dims_, states_;
  TimedNetwork<T> net_;
  TimedGradients<T> wanted_;
  ParameterSet<T> parameters_;
  T* grad_u_ = nullptr;  // [2 batch, dims]
};

template <class T>
Status check_step(const OfqlTrainStep<T>& op) {
  if (Status s = check_timed(op.trunk_weight.count, op.tmlp_weight.count, op.rmlp_weight.count,
                             op.emb_dim);
      !s.ok()) {
    return s;
  }
  if (op.critic1_weight.count == 0 || op.critic2_weight.count == 0) {
    return Status::error(Code::invalid_argument,
                         op.critic1_weight.count == 0 ? "critic1_weight_#" : "critic2_weight_#",
                         "is missing; a network has layers");
  }
  return {};
}

template <class T>
Status ofql_train_step(const OfqlTrainStep<T>& op, CpuContext& context) {
  if (Status s = check_step(op); !s.ok()) return s;
  CriticStep<T> critics(op, context);
  if (Status s = critics.run(); !s.ok()) return s;
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
