// neural_fqi_step: the launches of neural_fqi_mlp, without those of its loss where the gradient of
// the outputs is given, then one for each array of parameters. The
// factor of a clipped norm stays on the device.
#include "cuda/fitted-q/q_network.cuh"
#include "math/optimizer.h"

namespace belfry::cuda {

namespace {

template <class T>
struct StepArray {
  const T *w, *first, *second, *grad;
  T *new_w, *new_first, *new_second;
  int64_t size;
};

template <class T, class Rule>
__global__ void step_parameters(StepArray<T> array, Rule rule, const double* scale) {
#pragma unroll 1
  for (int64_t i : grid_stride(array.size)) {
    T w = array.w[i], first = array.first[i], second = array.second[i];
    const T grad = scale ? static_cast<T>(*scale) * array.grad[i] : array.grad[i];
    rule(w, first, second, grad);
    if (array.new_w) array.new_w[i] = w;
    if (array.new_first) array.new_first[i] = first;
    if (array.new_second) array.new_second[i] = second;
  }
}

// One block; *sum += Σ g².
template <class T>
__global__ void add_squares(const T* grad, int64_t size, double* sum) {
  __shared__ double shared[kLossThreads / kWarpSize];
  double own = 0;
  for (int64_t i : thread_stride(size)) {
    own += static_cast<double>(grad[i]) * static_cast<double>(grad[i]);
  }
  own = block_reduce(own, Add{}, 0.0, shared);
  if (threadIdx.x == 0) *sum += own;
}

static __global__ void set_to_zero(double* sum) { *sum = 0; }
static __global__ void make_scale(double* sum, double max_norm) {
  *sum = math::clip_norm_scale(sqrt(*sum), max_norm);
}

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
      : op_(op), work_(context, "neural_fqi_step"), network_(q_network<T>(op)) {}

  Status run() {
    Evaluation<T> call;
    call.x = op_.x.begin();
    call.rows = op_.x.dims[0];
    call.y = work_.scratch<T>(call.rows * network_.outputs());
    const auto traces = forward_keeping(network_, call, work_);
    const T* const grad =
        output_gradient(op_, static_cast<const T*>(call.y), network_.outputs(), work_);
    std::vector<LayerGrads<T>> grads;
    for (int64_t i = 0; i < op_.w.count; ++i) grads.push_back(add_layer(i));
    backward(network_, traces, grad, call.rows, grads, 0, static_cast<T*>(nullptr), work_);
    update();
    return work_.status();
  }

 private:
  LayerGrads<T> add_layer(int64_t i) {
    T* const grad_w = work_.scratch<T>(op_.w[i].size());
    T* const grad_b = work_.scratch<T>(op_.b[i].size());
    arrays_.push_back({op_.w[i].begin(), op_.first_w[i].begin(), op_.second_w[i].begin(), grad_w,
                       wanted(op_.new_w[i]), wanted(op_.new_first_w[i]),
                       wanted(op_.new_second_w[i]), op_.w[i].size()});
    arrays_.push_back({op_.b[i].begin(), op_.first_b[i].begin(), op_.second_b[i].begin(), grad_b,
                       wanted(op_.new_b[i]), wanted(op_.new_first_b[i]),
                       wanted(op_.new_second_b[i]), op_.b[i].size()});
    return {grad_w, grad_b, nullptr, nullptr};
  }

  const double* gradient_scale() {
    if (!op_.max_grad_norm.present) return nullptr;
    double* const sum = work_.scratch<double>(1);
    work_.launch(set_to_zero, LaunchShape{dim3(1), dim3(1)}, sum);
    for (const StepArray<T>& array : arrays_) {
      work_.launch(add_squares<T>, LaunchShape{dim3(1), dim3(kLossThreads)}, array.grad, array.size,
                   sum);
    }
    work_.launch(make_scale, LaunchShape{dim3(1), dim3(1)}, sum, op_.max_grad_norm.value);
    return sum;
  }

  void update() {
    const double* const scale = gradient_scale();
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
  void update_with(const Rule& rule, const double* scale) {
    for (const StepArray<T>& array : arrays_) {
      work_.for_each(array.size, step_parameters<T, Rule>, array, rule, scale);
    }
  }

  const Op& op_;
  Work work_;
  const Network<T> network_;
  std::vector<StepArray<T>> arrays_;
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
