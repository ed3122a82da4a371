// neural_fqi_step: the launches of neural_fqi_mlp, without those of its loss where the gradient of
// the outputs is given, then one for all parameters.
#include "cuda/fitted-q/q_network.cuh"
#include "cuda/optim/gradient_norm.cuh"
#include "cuda/optim/parameter_step.cuh"
#include "math/update_rule.h"

namespace belfry::cuda {

namespace {

// The gradient of the outputs, of the loss or as it is given.
template <class T>
const T* output_gradient(const NeuralFqiStep<T>& op, const T* y, int64_t outputs, Work& work) {
  T* const grad = work.scratch<T>(op.x.dims[0] * outputs);
  auto loss = math::q_row_loss<T>(op);
  loss.weight = op.weight.present ? op.weight.begin() : nullptr;
  loss.td_error = wanted(op.td_error);
  q_loss(loss, y, op.x.dims[0], grad, wanted(op.loss), work);
  return grad;
}
template <class T>
const T* output_gradient(const NeuralFqiGradientStep<T>& op, const T*, int64_t, Work&) {
  return op.grad_outputs.begin();
}

// Op is either form.
template <class T, class Op>
class TrainingStep {
 public:
  TrainingStep(const Op& op, CudaContext& context)
      : op_(op), context_(context), work_(context, "neural_fqi_step"), network_(q_network<T>(op)) {
    for (int64_t i = 0; i < op.w.count; ++i) size_ += op.w[i].size() + op.b[i].size();
    grads_ = work_.scratch<T>(size_);
  }

  Status run() {
    Evaluation<T> call;
    call.x = op_.x.begin();
    call.rows = op_.x.dims[0];
    call.y = work_.scratch<T>(call.rows * network_.outputs());
    const auto traces = forward_keeping(network_, call, work_);
    const T* const grad =
        output_gradient(op_, static_cast<const T*>(call.y), network_.outputs(), work_);
    if (!work_.ok()) return work_.status();
    next_ = grads_;
    std::vector<LayerGrads<T>> grads;
    for (int64_t i = 0; i < op_.w.count; ++i) grads.push_back(add_layer(i));
    backward(network_, traces, grad, call.rows, grads, 0, static_cast<T*>(nullptr), work_);
    return update();
  }

 private:
  // Gradients lie end to end, so that their norm is one sum.
  LayerGrads<T> add_layer(int64_t i) {
    T* const grad_w = next_;
    T* const grad_b = grad_w + op_.w[i].size();
    next_ = grad_b + op_.b[i].size();
    arrays_.push_back(math::weight_array<T>(op_, i, grad_w));
    arrays_.push_back(math::bias_array<T>(op_, i, grad_b));
    return {grad_w, grad_b, nullptr, nullptr};
  }

  Status update() {
    StepScales<T> scales;
    if (op_.max_grad_norm.present) {
      const math::SquareRows<T> rows{grads_, nullptr, size_};
      double* squares = nullptr;
      Status s = sum_squares<T>(rows, size_, nullptr, &squares, context_, work_);
      if (!s.ok()) return s;
      scales.squares = squares;
      scales.max_norm = op_.max_grad_norm.value;
    }
    math::with_update_rule<T>(op_,
                              [&](const auto& rule) { step_arrays(arrays_, rule, scales, work_); });
    return work_.status();
  }

  const Op& op_;
  CudaContext& context_;
  Work work_;
  const Network<T> network_;
  int64_t size_ = 0;  // of all parameters
  T *grads_ = nullptr, *next_ = nullptr;
  std::vector<ParameterArray<T>> arrays_;
};

template <class T, class Op>
Status neural_fqi_step(const Op& op, CudaContext& context) {
  if (op.w.count == 0) return no_layers("w#");
  return TrainingStep<T, Op>(op, context).run();
}

}  // namespace

#define BELFRY_RUN(Op, T)                             \
  template <>                                         \
  Status run(const Op<T>& op, CudaContext& context) { \
    return neural_fqi_step<T>(op, context);           \
  }
BELFRY_RUN(NeuralFqiStep, float)
BELFRY_RUN(NeuralFqiStep, double)
BELFRY_RUN(NeuralFqiGradientStep, float)
BELFRY_RUN(NeuralFqiGradientStep, double)
#undef BELFRY_RUN

}  // namespace belfry::cuda
