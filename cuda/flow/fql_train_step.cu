// fql_train_step: target and critics, behaviour flow, one-step policy against the flow's K Euler
// steps and the critics it climbs, then one step of Adam on all. Everything stays on the device.
// 2 ((K + 3) F + 4 A + 12 C) flops a row with F, A and C parameters of flow, policy and a critic.
#include "cuda/flow/euler_chain.cuh"
#include "cuda/flow/keep_sums.cuh"
#include "cuda/flow/parameters.cuh"
#include "cuda/flow/timed_pass.cuh"
#include "math/fql_step.h"

namespace belfry::cuda {

namespace {

constexpr const char* kStep = "fql_train_step";

template <class T>
__global__ void clip_actions(const T* actions, int64_t count, T* out) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) out[i] = math::clip_action(actions[i], T(1));
}

// 1 where the episode goes on.
template <class T>
__global__ void mask_of(math::FlagReader terminated, int64_t count, T* mask) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) mask[i] = terminated(i) ? T(0) : T(1);
}

// x_t = (1 − t) ε + t a
template <class T>
__global__ void flow_points(const T* actions, const T* noise, const T* t, int64_t count,
                            int64_t dims, T* x_t) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) {
    x_t[i] = static_cast<T>(math::on_path(static_cast<double>(t[i / dims]),
                                          static_cast<double>(noise[i]),
                                          static_cast<double>(actions[i])));
  }
}

// Adds both critics' gradients where the clip lets them by.
template <class T>
__global__ void add_climb(const T* student, const T* first, const T* second, int64_t count,
                          T* grad) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) {
    if (student[i] >= T(-1) && student[i] <= T(1)) grad[i] = (grad[i] + first[i]) + second[i];
  }
}

// A critic with the scales and shifts of its hidden layers.
template <class T>
Network<T> critic_of(const FqlTrainStep<T>& op, const List<In<T, 2>>& weight,
                     const List<In<T, 1>>& bias, const In<T, 2>& norm) {
  Network<T> network = make_network<T>(weight, bias, op.activation);
  if (!op.layer_norm) return network;
  network.eps = op.ln_eps;
  int64_t at = 0;
  for (size_t i = 0; i + 1 < network.layers.size(); ++i) {
    Layer<T>& layer = network.layers[i];
    layer.norm = Norm::post;
    layer.gamma = norm.begin() + at;
    layer.beta = norm.begin() + norm.dims[1] + at;
    at += layer.outputs;
  }
  return network;
}

template <class T>
class FqlStep {
 public:
  FqlStep(const FqlTrainStep<T>& op, CudaContext& context)
      : op_(op),
        context_(context),
        work_(context, kStep),
        batch_(op.actions.dims[0]),
        dims_(op.actions.dims[1]),
        states_(op.observations.dims[1]),
        count_(batch_ * dims_) {}

  Status run() {
    if (op_.flow_weight.count == 0) return no_layers("flow_weight_#");
    if (op_.policy_weight.count == 0) return no_layers("policy_weight_#");
    if (op_.critic1_weight.count == 0) return no_layers("critic1_weight_#");
    if (op_.critic2_weight.count == 0) return no_layers("critic2_weight_#");
    make_networks();
    make_parameters();
    sums_ = work_.scratch<math::FqlSums>(1);
    if (!work_.ok()) return work_.status();
    if (Status s = step_critics(); !s.ok()) return s;
    if (Status s = step_actors(); !s.ok()) return s;
    return update();
  }

 private:
  void make_networks() {
    const auto& op = op_;
    flow_ = make_network<T>(op.flow_weight, op.flow_bias, op.activation);
    policy_ = make_network<T>(op.policy_weight, op.policy_bias, op.activation);
    online_[0] = critic_of(op, op.critic1_weight, op.critic1_bias, op.critic1_norm);
    online_[1] = critic_of(op, op.critic2_weight, op.critic2_bias, op.critic2_norm);
    targets_[0] =
        critic_of(op, op.target_critic1_weight, op.target_critic1_bias, op.target_critic1_norm);
    targets_[1] =
        critic_of(op, op.target_critic2_weight, op.target_critic2_bias, op.target_critic2_norm);
  }

  void make_parameters() {
    const auto& op = op_;
    const List<In<T, 2>> none{};
    const List<In<T, 1>> no_bias{};
    const List<Out<T, 2>> nowhere{};
    const List<Out<T, 1>> no_new_bias{};
    add_parameters<T>({op.flow_weight, op.flow_bias, op.new_flow_weight, op.new_flow_bias, none,
                       no_bias, nowhere, no_new_bias},
                      false, &all_, work_);
    add_parameters<T>({op.policy_weight, op.policy_bias, op.new_policy_weight, op.new_policy_bias,
                       none, no_bias, nowhere, no_new_bias},
                      false, &all_, work_);
    add_parameters<T>({op.critic1_weight, op.critic1_bias, op.new_critic1_weight,
                       op.new_critic1_bias, op.target_critic1_weight, op.target_critic1_bias,
                       op.new_target_critic1_weight, op.new_target_critic1_bias},
                      false, &all_, work_);
    add_parameters<T>({op.critic2_weight, op.critic2_bias, op.new_critic2_weight,
                       op.new_critic2_bias, op.target_critic2_weight, op.target_critic2_bias,
                       op.new_target_critic2_weight, op.new_target_critic2_bias},
                      false, &all_, work_);
    all_.grads = work_.scratch<T>(all_.size);
    all_.moments = math::data_of(op.moments);
    all_.next_moments = math::data_of(op.new_moments);
    if (op.layer_norm) make_norms();
    size_t first = 0;
    for (int n = 0; n < 4; ++n) {
      const Network<T>& network = n == 0 ? flow_ : n == 1 ? policy_ : online_[n - 2];
      grads_[n] = gradients_of(all_, first, network.layers.size());
      first += 2 * network.layers.size();
    }
    for (int k = 0; k < 2 && op.layer_norm; ++k) place_norm_gradients(k);
  }

  void make_norms() {
    const auto& op = op_;
    const auto add = [&](const In<T, 2>& value, const Out<T, 2>& next, const In<T, 2>& follower,
                         const Out<T, 2>& next_follower) {
      norms_.add({value.begin(), math::data_of(next), follower.begin(),
                  math::data_of(next_follower), 0, value.size()});
    };
    add(op.critic1_norm, op.new_critic1_norm, op.target_critic1_norm, op.new_target_critic1_norm);
    add(op.critic2_norm, op.new_critic2_norm, op.target_critic2_norm, op.new_target_critic2_norm);
    norms_.grads = work_.scratch<T>(norms_.size);
    norms_.moments = math::data_of(op.norm_moments);
    norms_.next_moments = math::data_of(op.new_norm_moments);
  }

  // The layers of a critic share the gradient of its array of scales and shifts.
  void place_norm_gradients(int k) {
    const Parameter<T>& array = norms_.items[static_cast<size_t>(k)];
    T* at = norms_.grads + array.first;
    std::vector<LayerGrads<T>>& grads = grads_[2 + k];
    for (size_t i = 0; i + 1 < grads.size(); ++i) {
      grads[i].gamma = at;
      grads[i].beta = at + array.count / 2;
      at += online_[k].layers[i].outputs;
    }
  }

  const T* inputs_of(const T* observations, const T* actions) {
    return gather_rows<T>({{observations, 0, states_}, {actions, states_, dims_}}, batch_,
                          states_ + dims_, work_);
  }

  std::vector<LayerTrace<T>> keep(const Network<T>& network, const T* x, T* y) {
    Evaluation<T> call;
    call.x = x;
    call.rows = batch_;
    call.y = y;
    return forward_keeping(network, call, work_);
  }

  // Q̄ of both targets at clip μ(s', z'), [2, batch].
  const T* next_values() {
    T* const raw = work_.scratch<T>(count_);
    T* const q = work_.scratch<T>(2 * batch_);
    T* const actions =
        op_.next_actions.present ? op_.next_actions.begin() : work_.scratch<T>(count_);
    const T* const next = op_.next_observations.begin();
    const T* const x = inputs_of(next, op_.next_noise.begin());
    if (!work_.ok()) return nullptr;
    forward<T>(policy_, x, batch_, raw, work_);
    work_.for_each(count_, clip_actions<T>, static_cast<const T*>(raw), count_, actions);
    const T* const inputs = inputs_of(next, actions);
    if (!work_.ok()) return nullptr;
    forward_both<T>(targets_[0], targets_[1], inputs, inputs, batch_, q, q + batch_, work_);
    return q;
  }

  Status step_critics() {
    T* const mask = work_.scratch<T>(batch_);
    T* const q = work_.scratch<T>(2 * batch_);
    T* const grad_q = work_.scratch<T>(2 * batch_);
    const T* const next_q = next_values();
    const T* const inputs = inputs_of(op_.observations.begin(), op_.actions.begin());
    if (!work_.ok()) return work_.status();
    work_.for_each(batch_, mask_of<T>, math::read_flags(op_.terminated, false), batch_, mask);
    std::vector<LayerTrace<T>> traces[2];
    for (int k = 0; k < 2; ++k) traces[k] = keep(online_[k], inputs, q + k * batch_);
    if (!work_.ok()) return work_.status();
    const auto rows = math::fql_critic_rows<T>(op_, next_q, mask, q, grad_q);
    if (Status s = sum_rows(rows, batch_, RowsBy::thread, KeepSums{&sums_->critic, nullptr}, kStep,
                            context_);
        !s.ok()) {
      return s;
    }
    for (int k = 0; k < 2; ++k) {
      backward<T>(online_[k], traces[k], grad_q + k * batch_, batch_, grads_[2 + k], 0, nullptr,
                  work_);
    }
    return work_.status();
  }

  const T* teach() {
    T* const teacher = op_.flow_action.present ? op_.flow_action.begin() : work_.scratch<T>(count_);
    if (!work_.ok() || count_ == 0) return teacher;
    const Chains<T> chains{op_.noise_policy.begin(),
                           {teacher, nullptr},
                           {false, false},
                           batch_,
                           dims_,
                           op_.flow_steps,
                           true};
    sample_euler<T>(flow_, {0, states_, states_ + dims_}, op_.observations.begin(), states_, chains,
                    1, work_);
    return teacher;
  }

  Status step_actors() {
    T* const x_t = work_.scratch<T>(count_);
    T* const velocity = work_.scratch<T>(count_);
    T* const grad_flow = work_.scratch<T>(count_);
    T* const grad_student = work_.scratch<T>(count_);
    T* const student =
        op_.policy_action.present ? op_.policy_action.begin() : work_.scratch<T>(count_);
    const T* const teacher = teach();
    const T *const s = op_.observations.begin(), *const t = op_.t.begin();
    work_.for_each(count_, flow_points<T>, op_.actions.begin(), op_.noise_bc.begin(), t, count_,
                   dims_, x_t);
    const T* const flow_inputs =
        gather_rows<T>({{s, 0, states_}, {x_t, states_, dims_}, {t, states_ + dims_, 1}}, batch_,
                       states_ + dims_ + 1, work_);
    const T* const student_inputs = inputs_of(s, op_.noise_policy.begin());
    if (!work_.ok()) return work_.status();
    const auto flow_traces = keep(flow_, flow_inputs, velocity);
    const auto student_traces = keep(policy_, student_inputs, student);
    if (!work_.ok()) return work_.status();
    const auto rows =
        math::fql_actor_rows<T>(op_, velocity, student, teacher, grad_flow, grad_student);
    Status status = sum_rows(rows, count_, RowsBy::thread, KeepSums{&sums_->flow, &sums_->distill},
                             kStep, context_);
    if (!status.ok()) return status;
    if (status = climb(student, grad_student); !status.ok()) return status;
    backward<T>(flow_, flow_traces, grad_flow, batch_, grads_[0], 0, nullptr, work_);
    backward<T>(policy_, student_traces, grad_student, batch_, grads_[1], 0, nullptr, work_);
    return work_.status();
  }

  // Adds the gradient of −λ mean Q(s, clip μ), 0 where the clip holds μ; writes the losses.
  Status climb(const T* student, T* grad) {
    T* const clipped = work_.scratch<T>(count_);
    T* const q = work_.scratch<T>(2 * batch_);
    T* const grad_q = work_.scratch<T>(2 * batch_);
    T* const grad_x = work_.scratch<T>(batch_ * (states_ + dims_));
    T* const grad_a = work_.scratch<T>(2 * count_);
    work_.for_each(count_, clip_actions<T>, student, count_, clipped);
    const T* const inputs = inputs_of(op_.observations.begin(), clipped);
    if (!work_.ok()) return work_.status();
    std::vector<LayerTrace<T>> traces[2];
    for (int k = 0; k < 2; ++k) traces[k] = keep(online_[k], inputs, q + k * batch_);
    if (!work_.ok()) return work_.status();
    Status s = sum_rows(math::FqlSizeRows<T>{q, 2, batch_}, batch_, RowsBy::thread,
                        KeepSums{&sums_->q, &sums_->size}, kStep, context_);
    if (!s.ok()) return s;
    s = each_row(math::fql_final_rows(op_, 2, sums_, grad_q), 2 * batch_ + 1, RowsBy::thread, kStep,
                 context_);
    if (!s.ok()) return s;
    for (int k = 0; k < 2; ++k) {
      const std::vector<LayerGrads<T>> none(online_[k].layers.size());
      backward<T>(online_[k], traces[k], grad_q + k * batch_, batch_, none, 0, grad_x, work_);
      take_columns<T>(grad_x, batch_, states_ + dims_, states_, dims_, grad_a + k * count_, work_);
    }
    work_.for_each(count_, add_climb<T>, student, static_cast<const T*>(grad_a),
                   static_cast<const T*>(grad_a + count_), count_, grad);
    return work_.status();
  }

  Status update() {
    AdamCall<T> call{};
    call.rule = math::adam_rule<T>({op_.lr, op_.beta1, op_.beta2, op_.adam_eps, 0, 0}, op_.step);
    if (Status s = adam_step(call, all_, op_.tau, work_); !s.ok()) return s;
    return op_.layer_norm ? adam_step(call, norms_, op_.tau, work_) : Status{};
  }

  const FqlTrainStep<T>& op_;
  CudaContext& context_;
  Work work_;
  const int64_t batch_, dims_, states_, count_;
  Network<T> flow_, policy_, online_[2], targets_[2];
  std::vector<LayerGrads<T>> grads_[4];  // of flow, policy and the critics
  ParameterSet<T> all_, norms_;
  math::FqlSums* sums_ = nullptr;
};

}  // namespace

template <>
Status run(const FqlTrainStep<float>& op, CudaContext& context) {
  return FqlStep<float>(op, context).run();
}
template <>
Status run(const FqlTrainStep<double>& op, CudaContext& context) {
  return FqlStep<double>(op, context).run();
}

}  // namespace belfry::cuda
