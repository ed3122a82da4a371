// neural_fqi_step: the gradients of neural_fqi_mlp, or of a gradient given at the outputs, in
// workspace that stays in L2, then one pass over all parameters. 6 flops for each weight and row;
// the update adds 14 for each parameter.
#include <cmath>

#include "cpu/fitted-q/q_network.h"
#include "cpu/optim/parameter_step.h"
#include "cpu/run.h"
#include "math/update_rule.h"

namespace belfry::cpu {

namespace {

// Op is either form.
template <class T, class Op>
class TrainingStep {
 public:
  TrainingStep(const Op& op, CpuContext& context)
      : op_(op),
        context_(context),
        network_(q_network<T>(op, context)),
        arrays_(context.scratch<ParameterArray<T>>(2 * network_.count)) {}

  // Where the loss or the gradient of the outputs is set in `task`.
  Status run(BackwardRows<T> task) {
    task.x = op_.x.begin();
    task.rows = op_.x.dims[0];
    task.layers = context_.scratch<LayerGrads<T>>(network_.count);
    for (int64_t i = 0; i < network_.count; ++i) task.layers[i] = add_layer(i);
    if (Status s = backward(network_, task, context_); !s.ok()) return s;
    update();
    return context_.stopped() ? aborted() : Status{};
  }

 private:
  LayerGrads<T> add_layer(int64_t i) {
    T* const grad_w = context_.scratch<T>(op_.w[i].size());
    T* const grad_b = context_.scratch<T>(op_.b[i].size());
    arrays_[2 * i] = math::weight_array<T>(op_, i, grad_w);
    arrays_[2 * i + 1] = math::bias_array<T>(op_, i, grad_b);
    return {grad_w, grad_b, nullptr, nullptr};
  }

  void update() {
    const int64_t count = 2 * network_.count;
    StepScales<T> scales;
    if (op_.max_grad_norm.present) {
      const double norm = std::sqrt(gradient_squares(arrays_, count, context_));
      scales.grad = static_cast<T>(math::clip_norm_scale(norm, op_.max_grad_norm.value));
    }
    math::with_update_rule<T>(
        op_, [&](const auto& rule) { step_arrays(arrays_, count, rule, scales, context_); });
  }

  const Op& op_;
  CpuContext& context_;
  const Network<T> network_;
  ParameterArray<T>* arrays_;
};

template <class T>
Status train(const NeuralFqiStep<T>& op, CpuContext& context) {
  auto row_loss = math::q_row_loss<T>(op);
  row_loss.weight = math::data_of(op.weight);
  row_loss.td_error = math::data_of(op.td_error);
  const BatchLoss<T> loss(row_loss, op.x.dims[0], context);
  BackwardRows<T> task;
  task.loss = &loss;
  Status status = TrainingStep<T, NeuralFqiStep<T>>(op, context).run(task);
  if (status.ok() && op.loss) op.loss[0] = static_cast<T>(loss.mean());
  return status;
}

template <class T>
Status train(const NeuralFqiGradientStep<T>& op, CpuContext& context) {
  BackwardRows<T> task;
  task.grad_y = op.grad_outputs.begin();
  return TrainingStep<T, NeuralFqiGradientStep<T>>(op, context).run(task);
}

template <class Op>
Status neural_fqi_step(const Op& op, CpuContext& context) {
  if (op.w.count == 0) {
    return Status::error(Code::invalid_argument, "w#", "is missing; a network has layers");
  }
  return train(op, context);
}

}  // namespace

#define BELFRY_RUN(Op)                            \
  template <>                                     \
  Status run(const Op& op, CpuContext& context) { \
    return neural_fqi_step(op, context);          \
  }
BELFRY_RUN(NeuralFqiStep<float>)
BELFRY_RUN(NeuralFqiStep<double>)
BELFRY_RUN(NeuralFqiGradientStep<float>)
BELFRY_RUN(NeuralFqiGradientStep<double>)
#undef BELFRY_RUN

}  // namespace belfry::cpu
