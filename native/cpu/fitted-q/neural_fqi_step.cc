// neural_fqi_step: the gradients of neural_fqi_mlp in workspace that stays in L2, then one pass
// over all parameters. 6 flops for each weight and row; the update adds 14 for each parameter.
#include "cpu/fitted-q/parameter_step.h"
#include "cpu/fitted-q/q_network.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class V>
auto* wanted(const V& view) {
  return view ? view.begin() : nullptr;
}

template <class T>
class TrainingStep {
 public:
  TrainingStep(const NeuralFqiStep<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        network_(q_network<T>(op, context)),
        arrays_(context.scratch<ParameterArray<T>>(2 * network_.count)) {}

  Status run() {
    auto row_loss = math::q_row_loss<T>(op_);
    row_loss.weight = wanted(op_.weight);
    row_loss.td_error = wanted(op_.td_error);
    const BatchLoss<T> loss(row_loss, op_.x.dims[0], context_);
    BackwardRows<T> task;
    task.x = op_.x.begin();
    task.rows = op_.x.dims[0];
    task.loss = &loss;
    task.layers = context_.scratch<LayerGrads<T>>(network_.count);
    for (int64_t i = 0; i < network_.count; ++i) task.layers[i] = add_layer(i);
    if (Status s = backward(network_, task, context_); !s.ok()) return s;
    if (op_.loss) op_.loss[0] = static_cast<T>(loss.mean());
    update();
    return context_.stopped() ? aborted() : Status{};
  }

 private:
  LayerGrads<T> add_layer(int64_t i) {
    T* const grad_w = context_.scratch<T>(op_.w[i].size());
    T* const grad_b = context_.scratch<T>(op_.b[i].size());
    arrays_[2 * i] = {op_.w[i].begin(),
                      op_.first_w[i].begin(),
                      op_.second_w[i].begin(),
                      grad_w,
                      wanted(op_.new_w[i]),
                      wanted(op_.new_first_w[i]),
                      wanted(op_.new_second_w[i]),
                      op_.w[i].size()};
    arrays_[2 * i + 1] = {op_.b[i].begin(),
                          op_.first_b[i].begin(),
                          op_.second_b[i].begin(),
                          grad_b,
                          wanted(op_.new_b[i]),
                          wanted(op_.new_first_b[i]),
                          wanted(op_.new_second_b[i]),
                          op_.b[i].size()};
    return {grad_w, grad_b, nullptr, nullptr};
  }

  void update() {
    T scale = 1;
    if (op_.max_grad_norm.present) {
      const double norm = gradient_norm(arrays_, 2 * network_.count);
      scale = static_cast<T>(math::clip_norm_scale(norm, op_.max_grad_norm.value));
    }
    if (op_.optimizer == StepOptimizer::rprop) {
      return update_with(
          math::RpropRule<T>{static_cast<T>(op_.eta_minus), static_cast<T>(op_.eta_plus),
                             static_cast<T>(op_.step_min), static_cast<T>(op_.step_max)},
          scale);
    }
    const math::AdamSettings settings{op_.lr, op_.beta1, op_.beta2, op_.eps, 0, op_.weight_decay};
    update_with(math::adam_rule<T>(settings, op_.step), scale);
  }

  template <class Rule>
  void update_with(const Rule& rule, T scale) {
    for (int64_t i = 0; i < 2 * network_.count; ++i) {
      context_.parallel(arrays_[i].size, 16'384, [&](int64_t begin, int64_t end, int64_t) {
        parameter_step(arrays_[i], rule, scale, begin, end);
      });
    }
  }

  const NeuralFqiStep<T>& op_;
  CpuContext& context_;
  const Network<T> network_;
  ParameterArray<T>* arrays_;
};

template <class T>
Status neural_fqi_step(const NeuralFqiStep<T>& op, CpuContext& context) {
  if (op.w.count == 0) {
    return Status::error(Code::invalid_argument, "w#", "is missing; a network has layers");
  }
  return TrainingStep<T>(op, context).run();
}

}  // namespace

template <>
Status run(const NeuralFqiStep<float>& op, CpuContext& context) {
  return neural_fqi_step(op, context);
}
template <>
Status run(const NeuralFqiStep<double>& op, CpuContext& context) {
  return neural_fqi_step(op, context);
}

}  // namespace belfry::cpu
