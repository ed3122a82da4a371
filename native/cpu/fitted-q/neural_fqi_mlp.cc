// neural_fqi_mlp: the network of cpu/flow with the loss at the actions taken between its way
// forward and its way back, so that both are made once. 6 flops for each weight and row; where no
// gradient is wanted, 2.
#include "cpu/fitted-q/q_network.h"
#include "cpu/flow/workspaces.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class V>
auto* wanted(const V& view) {
  return view ? view.begin() : nullptr;
}

template <class T>
void forward(const Network<T>& network, const NeuralFqiMlp<T>& op, const BatchLoss<T>& loss,
             CpuContext& context) {
  const RowBlocks blocks = row_blocks(op.x.dims[0], network.widest(), 2 * network.parameters());
  const int64_t size = blocks.block * network.widest();
  const Workspaces<T> workspaces(context, blocks.pieces(), 3 * size);
  for_each_block(blocks, context, [&](int64_t row, int64_t count, int64_t) {
    const auto work = workspaces.borrow();
    T* const q =
        op.q_values ? op.q_values.begin() + row * network.outputs() : work.data() + 2 * size;
    forward_rows(network, 0, op.x.begin() + row * network.inputs(), count, q, work.data());
    loss(row, count, q, nullptr);
  });
}

template <class T>
Status neural_fqi_mlp(const NeuralFqiMlp<T>& op, CpuContext& context) {
  if (op.w.count == 0) {
    return Status::error(Code::invalid_argument, "w#", "is missing; a network has layers");
  }
  const Network<T> network = q_network<T>(op, context);
  const BatchLoss<T> loss(math::q_row_loss<T>(op), op.x.dims[0], context);
  BackwardRows<T> task;
  task.x = op.x.begin();
  task.rows = op.x.dims[0];
  task.loss = &loss;
  task.y = wanted(op.q_values);
  task.layers = context.scratch<LayerGrads<T>>(network.count);
  bool back = false;
  for (int64_t i = 0; i < network.count; ++i) {
    task.layers[i] = {wanted(op.grad_w[i]), wanted(op.grad_b[i]), nullptr, nullptr};
    back = back || op.grad_w[i] || op.grad_b[i];
  }
  if (back) {
    if (Status s = backward(network, task, context); !s.ok()) return s;
  } else {
    forward(network, op, loss, context);
  }
  if (context.stopped()) return aborted();
  if (op.loss) op.loss[0] = static_cast<T>(loss.mean());
  return {};
}

}  // namespace

template <>
Status run(const NeuralFqiMlp<float>& op, CpuContext& context) {
  return neural_fqi_mlp(op, context);
}
template <>
Status run(const NeuralFqiMlp<double>& op, CpuContext& context) {
  return neural_fqi_mlp(op, context);
}

}  // namespace belfry::cpu
