// mlp: z = h Wᵀ + b → [norm] → f → [norm], with its derivative along ẋ and its gradients.
//
// Value alone of a small network: one kernel; with weights in bf16 or in tf32, on tensor cores.
// Otherwise layer by layer; what the way back needs (inputs and pre-activations) is kept,
// normalised values are recomputed from the pre-activations.
#include "cuda/flow/columns.cuh"
#include "cuda/flow/network_backward.cuh"
#include "cuda/flow/tensor_network.cuh"
#include "math/half.h"

namespace belfry::cuda {

namespace {

template <class V>
auto* item(const List<V>& list, size_t i) {
  const auto at = static_cast<int64_t>(i);
  using Pointer = decltype(list[0].begin());
  return at < list.count && list[at].present ? list[at].begin() : Pointer(nullptr);
}

template <class T>
std::vector<LayerGrads<T>> wanted_gradients(const Mlp<T>& op, size_t num_layers) {
  std::vector<LayerGrads<T>> grads(num_layers);
  for (size_t i = 0; op.grad_y.present && i < num_layers; ++i) {
    grads[i] = {item(op.grad_weight, i), item(op.grad_bias, i), item(op.grad_ln_gamma, i),
                item(op.grad_ln_beta, i)};
  }
  return grads;
}

// A layer without norm uses no scale and shift: their gradients are 0.
template <class T>
void clear_unused(const Network<T>& network, const std::vector<LayerGrads<T>>& grads, Work& work) {
  for (size_t i = 0; i < grads.size(); ++i) {
    const int64_t width = network.layers[i].outputs;
    if (network.layers[i].norm != Norm::none) continue;
    const auto clear = [&](T* unused) {
      if (unused) column_sums(ColumnTerm<T>{nullptr}, 0, width, unused, work);
    };
    clear(grads[i].gamma);
    clear(grads[i].beta);
  }
}

template <class T>
__global__ void widen(const uint16_t* halves, bool bf16, int64_t count, T* out) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) {
    out[i] = bf16 ? math::bf16_to_float(halves[i]) : math::f16_to_float(halves[i]);
  }
}

// Other weights of half precision, and those of the way back, are widened first.
template <class T>
void read_halves(const Mlp<T>& op, Network<T>& network, Work& work) {
  for (size_t l = 0; l < network.layers.size(); ++l) {
    const MixedIn<2>& weight = op.weight[static_cast<int64_t>(l)];
    const int64_t count = weight.size();
    if (dtype_bytes(weight.dtype) != 2) continue;
    T* const numbers = work.scratch<T>(count);
    network.layers[l].weight = numbers;
    if (count == 0) continue;
    work.for_each(count, widen<T>, static_cast<const uint16_t*>(weight.data),
                  weight.dtype == DType::bf16, count, numbers);
  }
}

// The weights, if all are bf16.
template <class T>
std::vector<const Bf16*> bf16_weights(const Mlp<T>& op) {
  std::vector<const Bf16*> weights;
  for (int64_t l = 0; l < op.weight.count; ++l) {
    if (op.weight[l].dtype != DType::bf16) return {};
    weights.push_back(static_cast<const Bf16*>(op.weight[l].data));
  }
  return weights;
}

// Value alone.
template <class T>
void evaluate(const Mlp<T>& op, Network<T>& network, const Evaluation<T>& call, Work& work) {
  if constexpr (std::is_same_v<T, float>) {
    const auto weights = bf16_weights(op);
    if (!weights.empty()) return forward_halves(network, weights, call.x, call.rows, call.y, work);
  }
  read_halves(op, network, work);
  forward(network, call.x, call.rows, call.y, work);
}

template <class T>
Status mlp(const Mlp<T>& op, CudaContext& context) {
  if (op.weight.count == 0) return no_layers("weight_#");
  Work work(context, "mlp");
  Network<T> network = network_of<T>(op);
  Evaluation<T> call;
  call.x = op.x.begin();
  call.rows = op.x.dims[0];
  call.y = wanted(op.y);
  if (op.tangent_x.present && op.tangent_y.present) {
    call.tangent_x = op.tangent_x.begin();
    call.tangent_y = op.tangent_y.begin();
  }
  const bool has_tangent = op.tangent_x.present && op.tangent_y.present;
  const auto grads = wanted_gradients(op, network.layers.size());
  T* const grad_x = op.grad_y.present ? wanted(op.grad_x) : nullptr;
  size_t lowest = 0;
  while (!grad_x && lowest < grads.size() && !grads[lowest].any()) ++lowest;
  const bool back = lowest < grads.size();
  if (!back && !has_tangent) {
    if (call.y) evaluate(op, network, call, work);
    return work.status();
  }
  read_halves(op, network, work);
  const auto traces = forward_keeping(network, call, work);
  if (!back) return work.status();
  backward(network, traces, op.grad_y.begin(), call.rows, grads, lowest, grad_x, work);
  clear_unused(network, grads, work);
  return work.status();
}

}  // namespace

template <>
Status run(const Mlp<float>& op, CudaContext& context) {
  return mlp(op, context);
}
template <>
Status run(const Mlp<double>& op, CudaContext& context) {
  return mlp(op, context);
}

}  // namespace belfry::cuda
