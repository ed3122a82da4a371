// mlp: z = h Wᵀ + b → [norm] → f → [norm], with its derivative along ẋ and its gradients.
//
// Blocks of rows go through all layers while they are in cache, spread over the threads. Value and
// derivative are evaluated together; gradients by network_backward. float32 products are summed in
// float32 (cpu/linalg/products.h), statistics, biases and norms in float64. Weights in bfloat16 are
// read as they lie where a few rows go forward, half the bytes; else they are widened first.
#include "cpu/flow/network_backward.h"
#include "cpu/flow/workspaces.h"
#include "cpu/run.h"
#include "math/half.h"

namespace belfry::cpu {

namespace {

template <class T>
bool any_present(const List<T>& outputs) {
  for (int64_t i = 0; i < outputs.count; ++i) {
    if (outputs[i]) return true;
  }
  return false;
}

template <class T>
bool wants_gradients(const Mlp<T>& op) {
  return op.grad_y && (op.grad_x || any_present(op.grad_weight) || any_present(op.grad_bias) ||
                       any_present(op.grad_ln_gamma) || any_present(op.grad_ln_beta));
}

template <class T, class V>
T* item(const List<V>& outputs, int64_t i) {
  return i < outputs.count && outputs[i] ? outputs[i].begin() : nullptr;
}

template <class T>
Status gradients(const Mlp<T>& op, const Network<T>& network, CpuContext& context) {
  BackwardRows<T> task;
  task.x = op.x.begin();
  task.grad_y = op.grad_y.begin();
  task.rows = op.x.dims[0];
  task.y = op.y ? op.y.begin() : nullptr;
  task.grad_x = op.grad_x ? op.grad_x.begin() : nullptr;
  task.layers = context.scratch<LayerGrads<T>>(network.count);
  for (int64_t i = 0; i < network.count; ++i) {
    task.layers[i] = {item<T>(op.grad_weight, i), item<T>(op.grad_bias, i),
                      item<T>(op.grad_ln_gamma, i), item<T>(op.grad_ln_beta, i)};
  }
  return backward(network, task, context);
}

template <class T>
Status values(const Mlp<T>& op, const Network<T>& network, CpuContext& context) {
  const bool tangent = op.tangent_x && op.tangent_y;
  const int64_t inputs = network.inputs(), outputs = network.outputs();
  const RowBlocks blocks =
      row_blocks(op.x.dims[0], network.widest(), (tangent ? 4 : 2) * network.parameters());
  const int64_t size = blocks.block * network.widest();
  const Workspaces<T> workspaces(context, blocks.pieces(), (tangent ? 5 : 2) * size);
  for_each_block(blocks, context, [&](int64_t row, int64_t count, int64_t) {
    const auto work = workspaces.borrow();
    const T* x = op.x.begin() + row * inputs;
    T* y = op.y ? op.y.begin() + row * outputs : work.data() + 4 * size;
    if (!tangent) return forward_rows(network, 0, x, count, y, work.data());
    forward_tangent_rows(network, x, op.tangent_x.begin() + row * inputs, count, y,
                         op.tangent_y.begin() + row * outputs, work.data());
  });
  return context.stopped() ? aborted() : Status{};
}

template <class T>
const T* widened(const MixedIn<2>& weight, CpuContext& context) {
  const auto* halves = static_cast<const uint16_t*>(weight.data);
  const bool bf16 = weight.dtype == DType::bf16;
  T* numbers = context.scratch<T>(weight.size());
  context.parallel(weight.size(), 65536, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) {
      numbers[i] = bf16 ? math::bf16_to_float(halves[i]) : math::f16_to_float(halves[i]);
    }
  });
  return numbers;
}

// Weights of half precision; bfloat16 may stay as it is where `few` rows go forward alone.
template <class T>
void read_halves(const Mlp<T>& op, bool forward, Network<T>& network, CpuContext& context) {
  for (int64_t i = 0; i < network.count; ++i) {
    Linear<T>& linear = network.layers[i].linear;
    const DType stored = op.weight[i].dtype;
    if (dtype_bytes(stored) != 2) continue;
    const bool as_it_lies = forward && linear.few && stored == DType::bf16;
    linear.half = as_it_lies ? static_cast<const Bf16*>(op.weight[i].data) : nullptr;
    linear.weight = as_it_lies ? nullptr : widened<T>(op.weight[i], context);
  }
}

template <class T>
Status mlp(const Mlp<T>& op, CpuContext& context) {
  if (op.weight.count == 0) {
    return Status::error(Code::invalid_argument, "weight_#", "is missing; a network has layers");
  }
  Network<T> network = make_network<T>(op, op.x.dims[0], context);
  const bool back = wants_gradients(op), tangent = op.tangent_x && op.tangent_y;
  read_halves(op, !back && !tangent, network, context);
  if (tangent || (op.y && !back)) {
    if (Status status = values(op, network, context); !status.ok()) return status;
  }
  return back ? gradients(op, network, context) : Status{};
}

}  // namespace

template <>
Status run(const Mlp<float>& op, CpuContext& context) {
  return mlp(op, context);
}
template <>
Status run(const Mlp<double>& op, CpuContext& context) {
  return mlp(op, context);
}

}  // namespace belfry::cpu
