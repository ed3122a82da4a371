// neural_fqi_mlp: forward with everything kept, the loss of the rows, and back, on the substrate of
// cuda/flow.
#include "cuda/fitted-q/q_network.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status neural_fqi_mlp(const NeuralFqiMlp<T>& op, CudaContext& context) {
  if (op.w.count == 0) return no_layers("w#");
  Work work(context, "neural_fqi_mlp");
  const Network<T> network = q_network<T>(op);
  Evaluation<T> call;
  call.x = op.x.begin();
  call.rows = op.x.dims[0];
  const int64_t outputs = call.rows * network.outputs();
  call.y = op.q_values.present ? op.q_values.begin() : work.scratch<T>(outputs);
  std::vector<LayerGrads<T>> grads(network.layers.size());
  size_t lowest = grads.size();
  for (size_t i = grads.size(); i-- > 0;) {
    const auto at = static_cast<int64_t>(i);
    grads[i].weight = wanted(op.grad_w[at]);
    grads[i].bias = wanted(op.grad_b[at]);
    if (grads[i].any()) lowest = i;
  }
  const auto traces = forward_keeping(network, call, work);
  T* const grad = lowest < grads.size() ? work.scratch<T>(outputs) : nullptr;
  q_loss(math::q_row_loss<T>(op), static_cast<const T*>(call.y), call.rows, grad, wanted(op.loss),
         work);
  if (grad) {
    backward(network, traces, static_cast<const T*>(grad), call.rows, grads, lowest,
             static_cast<T*>(nullptr), work);
  }
  return work.status();
}

}  // namespace

template <>
Status run(const NeuralFqiMlp<float>& op, CudaContext& context) {
  return neural_fqi_mlp(op, context);
}
template <>
Status run(const NeuralFqiMlp<double>& op, CudaContext& context) {
  return neural_fqi_mlp(op, context);
}

}  // namespace belfry::cuda
