// fql_train_step: the critics at (s, a), the behaviour flow at (x_t, t), the one-step policy at z
// against K Euler steps of that flow and the critics it climbs; every gradient at the parameters of
// before, then one step of Adam on all (math/actor_critic.h has the losses).
//
// With F, A and C parameters of flow, policy and a critic, 2 flops each: (K + 3) F·B + 4 A·B + 12
// C·B. Products are float32, sums over the batch float64.
#include <utility>

#include "cpu/flow/critic_step.h"
#include "cpu/flow/euler_chain.h"
#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"
#include "math/fql_step.h"
#include "math/one_step.h"

namespace belfry::cpu {

namespace {

// y of all rows.
template <class T>
void evaluate_rows(const Network<T>& network, const T* x, int64_t rows, T* y, CpuContext& context) {
  const RowBlocks blocks = row_blocks(rows, network.widest(), 2 * network.parameters());
  const Workspaces<T> workspaces(context, blocks.pieces(), 2 * blocks.block * network.widest());
  for_each_block(blocks, context, [&](int64_t row, int64_t count, int64_t) {
    forward_rows(network, 0, x + row * network.inputs(), count, y + row * network.outputs(),
                 workspaces.borrow().data());
  });
}

// Calls body(layer, where its scale begins in a row of all scales) for the hidden layers.
template <class T, class Body>
void for_each_hidden(const Network<T>& network, const Body& body) {
  int64_t at = 0;
  for (int64_t i = 0; i + 1 < network.count; ++i) {
    body(i, at);
    at += network.layers[i].linear.outputs;
  }
}

template <class T>
class FqlStep {
 public:
  FqlStep(const FqlTrainStep<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        batch_(op.actions.dims[0]),
        dims_(op.actions.dims[1]),
        states_(op.observations.dims[1]) {}

  Status run() {
    make_networks();
    make_parameters();
    if (Status s = step_critics(); !s.ok()) return s;
    if (Status s = step_actors(); !s.ok()) return s;
    write_losses();
    return update();
  }

 private:
  Network<T> critic(const List<In<T, 2>>& weight, const List<In<T, 1>>& bias,
                    const In<T, 2>& norm) {
    Network<T> network = hidden_network(weight, bias, op_.activation, batch_, context_);
    if (!op_.layer_norm) return network;
    network.eps = op_.ln_eps;
    for_each_hidden(network, [&](int64_t i, int64_t at) {
      Layer<T>& layer = network.layers[i];
      layer.norm = Norm::post;
      layer.gamma = norm.begin() + at;
      layer.beta = norm.begin() + norm.dims[1] + at;
    });
    return network;
  }

  void make_networks() {
    const auto& op = op_;
    flow_ = hidden_network(op.flow_weight, op.flow_bias, op.activation, batch_, context_);
    policy_ = hidden_network(op.policy_weight, op.policy_bias, op.activation, batch_, context_);
    online_[0] = critic(op.critic1_weight, op.critic1_bias, op.critic1_norm);
    online_[1] = critic(op.critic2_weight, op.critic2_bias, op.critic2_norm);
    targets_[0] = critic(op.target_critic1_weight, op.target_critic1_bias, op.target_critic1_norm);
    targets_[1] = critic(op.target_critic2_weight, op.target_critic2_bias, op.target_critic2_norm);
  }

  void make_parameters() {
    const auto& op = op_;
    const List<In<T, 2>> none;
    const List<In<T, 1>> no_bias;
    const List<Out<T, 2>> nowhere;
    const List<Out<T, 1>> no_new_bias;
    parameters_.items = context_.scratch<Parameter<T>>(
        2 * (flow_.count + policy_.count + online_[0].count + online_[1].count));
    flow_grads_ = no_gradients(flow_, context_);
    policy_grads_ = no_gradients(policy_, context_);
    for (int k = 0; k < 2; ++k) grads_[k] = no_gradients(online_[k], context_);
    const auto add = [&](const NetworkParameters<T>& lists, LayerGrads<T>* grads) {
      add_parameters(lists, grads, false, &parameters_, context_);
    };
    add({op.flow_weight, op.flow_bias, op.new_flow_weight, op.new_flow_bias, none, no_bias, nowhere,
         no_new_bias},
        flow_grads_);
    add({op.policy_weight, op.policy_bias, op.new_policy_weight, op.new_policy_bias, none, no_bias,
         nowhere, no_new_bias},
        policy_grads_);
    add({op.critic1_weight, op.critic1_bias, op.new_critic1_weight, op.new_critic1_bias,
         op.target_critic1_weight, op.target_critic1_bias, op.new_target_critic1_weight,
         op.new_target_critic1_bias},
        grads_[0]);
    add({op.critic2_weight, op.critic2_bias, op.new_critic2_weight, op.new_critic2_bias,
         op.target_critic2_weight, op.target_critic2_bias, op.new_target_critic2_weight,
         op.new_target_critic2_bias},
        grads_[1]);
    parameters_.moments = math::data_of(op.moments);
    parameters_.next_moments = math::data_of(op.new_moments);
    if (op.layer_norm) make_norms();
  }

  void make_norms() {
    const auto& op = op_;
    norms_.items = context_.scratch<Parameter<T>>(2);
    add_norm(0, op.critic1_norm, op.new_critic1_norm, op.target_critic1_norm,
             op.new_target_critic1_norm);
    add_norm(1, op.critic2_norm, op.new_critic2_norm, op.target_critic2_norm,
             op.new_target_critic2_norm);
    norms_.moments = math::data_of(op.norm_moments);
    norms_.next_moments = math::data_of(op.new_norm_moments);
  }

  // Scales and shifts of one critic: an array, whose gradient its layers share out.
  void add_norm(int k, const In<T, 2>& value, const Out<T, 2>& next, const In<T, 2>& follower,
                const Out<T, 2>& next_follower) {
    Parameter<T> p;
    p.value = value.begin();
    p.count = value.size();
    p.next = math::data_of(next);
    p.follower = follower.begin();
    p.next_follower = math::data_of(next_follower);
    T* const grad = add_parameter(p, false, &norms_, context_);
    for_each_hidden(online_[k], [&](int64_t i, int64_t at) {
      grads_[k][i].gamma = grad + at;
      grads_[k][i].beta = grad + value.dims[1] + at;
    });
  }

  // Q̄ of both targets at clip μ(s', z'), [2, batch].
  const T* next_values() {
    T* const actions =
        op_.next_actions ? op_.next_actions.begin() : context_.scratch<T>(batch_ * dims_);
    T* const q = context_.scratch<T>(2 * batch_);
    evaluate_rows(policy_,
                  critic_inputs(op_.next_observations, op_.next_noise.begin(), dims_, context_),
                  batch_, actions, context_);
    for (int64_t i = 0; i < batch_ * dims_; ++i) actions[i] = math::clip_action(actions[i], T(1));
    const T* inputs = critic_inputs(op_.next_observations, actions, dims_, context_);
    for (int k = 0; k < 2; ++k) {
      evaluate_rows(targets_[k], inputs, batch_, q + k * batch_, context_);
    }
    return q;
  }

  // Both critics at (s, actions), kept for the way back; q is [2, batch].
  void evaluate_critics(const T* actions, T* q, KeptPass<T>* passes) {
    BackwardRows<T> task;
    task.x = critic_inputs(op_.observations, actions, dims_, context_);
    task.rows = batch_;
    for (int k = 0; k < 2; ++k) {
      task.y = q + k * batch_;
      passes[k] = make_pass(online_[k], task, context_);
      forward_pass(passes[k], context_);
    }
  }

  Status step_critics() {
    const CpuContext::ScratchScope scope(context_);
    T* const mask = context_.scratch<T>(batch_);
    T* const q = context_.scratch<T>(2 * batch_);
    T* const grad_q = context_.scratch<T>(2 * batch_);
    const math::FlagReader ended = math::read_flags(op_.terminated, false);
    for (int64_t i = 0; i < batch_; ++i) mask[i] = ended(i) ? T(0) : T(1);
    const T* const next_q = next_values();
    KeptPass<T> passes[2];
    evaluate_critics(op_.actions.begin(), q, passes);
    if (context_.stopped()) return aborted();
    const auto rows = math::fql_critic_rows<T>(op_, next_q, mask, q, grad_q);
    sums_.critic = sum_rows(rows, batch_, 36, context_).loss;
    for (int k = 0; k < 2; ++k) {
      passes[k].task.grad_y = grad_q + k * batch_;
      passes[k].task.layers = grads_[k];
      if (Status s = backward_pass(passes[k], context_); !s.ok()) return s;
    }
    return {};
  }

  // [s, x_t, t]
  const T* flow_inputs() {
    const int64_t width = states_ + dims_ + 1;
    T* const inputs = context_.scratch<T>(batch_ * width);
    for (int64_t row = 0; row < batch_; ++row) {
      T* to = inputs + row * width;
      const double time = static_cast<double>(op_.t[row]);
      for (int64_t i = 0; i < states_; ++i) to[i] = op_.observations[row * states_ + i];
      for (int64_t j = 0; j < dims_; ++j) {
        const int64_t at = row * dims_ + j;
        to[states_ + j] = static_cast<T>(math::on_path(time, static_cast<double>(op_.noise_bc[at]),
                                                       static_cast<double>(op_.actions[at])));
      }
      to[width - 1] = op_.t[row];
    }
    return inputs;
  }

  Status teach(T* actions) {
    EulerChain<T> chain =
        euler_chain(flow_, {0, states_, states_ + dims_}, states_, dims_, context_);
    chain.steps = op_.flow_steps;
    return run_chains<T>(chain, op_.observations.begin(), op_.noise_policy.begin(), batch_, actions,
                         nullptr, context_);
  }

  KeptPass<T> forward_of(const Network<T>& network, const T* x, LayerGrads<T>* grads, T* y) {
    BackwardRows<T> task;
    task.x = x;
    task.rows = batch_;
    task.y = y;
    task.layers = grads;
    const KeptPass<T> pass = make_pass(network, task, context_);
    forward_pass(pass, context_);
    return pass;
  }

  Status step_actors() {
    const int64_t count = batch_ * dims_;
    T* const teacher = op_.flow_action ? op_.flow_action.begin() : context_.scratch<T>(count);
    if (Status s = teach(teacher); !s.ok()) return s;
    KeptPass<T> flow = forward_of(flow_, flow_inputs(), flow_grads_, nullptr);
    const T* student_inputs =
        critic_inputs(op_.observations, op_.noise_policy.begin(), dims_, context_);
    KeptPass<T> student =
        forward_of(policy_, student_inputs, policy_grads_, math::data_of(op_.policy_action));
    if (context_.stopped()) return aborted();
    T* const grad_flow = context_.scratch<T>(count);
    T* const grad_student = context_.scratch<T>(count);
    const auto rows =
        math::fql_actor_rows<T>(op_, flow.task.y, student.task.y, teacher, grad_flow, grad_student);
    const auto sums = sum_rows(rows, count, 30, context_);
    sums_.flow = sums.loss;
    sums_.distill = sums.other;
    if (Status s = climb(student.task.y, grad_student); !s.ok()) return s;
    flow.task.grad_y = grad_flow;
    student.task.grad_y = grad_student;
    if (Status s = backward_pass(flow, context_); !s.ok()) return s;
    return backward_pass(student, context_);
  }

  // Adds the gradient of −λ mean Q(s, clip μ), 0 where the clip holds μ.
  Status climb(const T* student, T* grad) {
    const int64_t count = batch_ * dims_;
    T* const clipped = context_.scratch<T>(count);
    T* const q = context_.scratch<T>(2 * batch_);
    for (int64_t i = 0; i < count; ++i) clipped[i] = math::clip_action(student[i], T(1));
    KeptPass<T> passes[2];
    evaluate_critics(clipped, q, passes);
    const auto size = sum_rows(math::FqlSizeRows<T>{q, 2, batch_}, batch_, 8, context_);
    if (context_.stopped()) return aborted();
    sums_.q = size.loss;
    sums_.size = size.other;
    T* const grad_q = context_.scratch<T>(batch_);
    const auto scalars = math::fql_final_rows<T>(op_, 2, &sums_, nullptr);
    const T of_each = static_cast<T>(-scalars.inverse_q * scalars.scale());
    for (int64_t i = 0; i < batch_; ++i) grad_q[i] = of_each;
    for (KeptPass<T>& pass : passes) {
      T* const grad_a = context_.scratch<T>(count);
      pass.task.grad_y = grad_q;
      pass.task.grad_x = grad_a;
      pass.task.window = {states_, dims_};
      if (Status s = backward_pass(pass, context_); !s.ok()) return s;
      for (int64_t i = 0; i < count; ++i) {
        if (student[i] >= T(-1) && student[i] <= T(1)) grad[i] += grad_a[i];
      }
    }
    return {};
  }

  void write_losses() { math::fql_final_rows<T>(op_, 2, &sums_, nullptr).write_scalars(); }

  Status update() {
    AdamStep<T> step;
    step.rule = math::adam_rule<T>({op_.lr, op_.beta1, op_.beta2, op_.adam_eps, 0, 0}, op_.step);
    step.tau = static_cast<T>(op_.tau);
    adam_step(parameters_, step, context_);
    if (op_.layer_norm) adam_step(norms_, step, context_);
    return context_.stopped() ? aborted() : Status{};
  }

  const FqlTrainStep<T>& op_;
  CpuContext& context_;
  const int64_t batch_, dims_, states_;
  Network<T> flow_, policy_, online_[2], targets_[2];
  LayerGrads<T>*flow_grads_ = nullptr, *policy_grads_ = nullptr, *grads_[2] = {};
  ParameterSet<T> parameters_, norms_;
  math::FqlSums sums_{};
};

template <class T>
Status fql_train_step(const FqlTrainStep<T>& op, CpuContext& context) {
  const std::pair<int64_t, const char*> networks[] = {
      {op.flow_weight.count, "flow_weight_#"},
      {op.policy_weight.count, "policy_weight_#"},
      {op.critic1_weight.count, "critic1_weight_#"},
      {op.critic2_weight.count, "critic2_weight_#"}};
  for (const auto& [layers, name] : networks) {
    if (layers > 0) continue;
    return Status::error(Code::invalid_argument, name, "is missing; a network has layers");
  }
  return FqlStep<T>(op, context).run();
}

}  // namespace

template <>
Status run(const FqlTrainStep<float>& op, CpuContext& context) {
  return fql_train_step(op, context);
}
template <>
Status run(const FqlTrainStep<double>& op, CpuContext& context) {
  return fql_train_step(op, context);
}

}  // namespace belfry::cpu
