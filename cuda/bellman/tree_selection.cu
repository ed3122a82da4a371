// tree_selection: a warp per node; lanes take its children in turn, and the choices are merged by
// index, so that the first maximum wins. Bytes per child as on the CPU, read once for the total and
// once more from cache.
#include "cuda/bellman/choice.cuh"
#include "cuda/device/context.cuh"
#include "cuda/device/reduce.cuh"
#include "math/flags.h"
#include "math/tree_search.h"
#include "ops/bellman/search.h"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 256;

template <class T, int R>
T* pointer(const Out<T, R>& output) {
  return output ? output.begin() : nullptr;
}

template <class T>
struct NodeCall {
  const int32_t *visits, *pending;
  const T *value_sum, *prior;
  math::FlagReader mask;
  int64_t rows, width;
  T c_puct, c_ucb, virtual_loss;
  T *puct, *ucb;
  int32_t *puct_action, *ucb_action;

  __device__ int32_t pending_at(int64_t i) const { return pending ? pending[i] : 0; }
};

template <class T>
__global__ void score_nodes(NodeCall<T> call) {
  const int64_t warps = static_cast<int64_t>(gridDim.x) * (kThreads / kWarpSize);
  const int64_t first = static_cast<int64_t>(blockIdx.x) * (kThreads / kWarpSize) + warp_id();
  for (int64_t b = first; b < call.rows; b += warps) {
    const int64_t begin = b * call.width, end = begin + call.width;
    int64_t total = 0;
    for (int64_t i = begin + lane_id(); i < end; i += kWarpSize) {
      total += call.visits[i] + call.pending_at(i);
    }
    const math::NodeStats<T> node(warp_reduce(total, Add{}));
    math::GreedyChoice<T> by_puct, by_ucb;
    for (int64_t i = begin + lane_id(); i < end; i += kWarpSize) {
      const bool allowed = call.mask(i);
      const auto action = static_cast<int32_t>(i - begin);
      const math::ChildStats<T> child(call.visits[i], call.value_sum[i], call.pending_at(i),
                                      call.virtual_loss);
      if (call.prior) {
        const T score = math::puct_score(child, node, call.prior[i], call.c_puct);
        if (call.puct) call.puct[i] = allowed ? score : math::masked_q<T>(false);
        if (allowed) by_puct.offer(action, score);
      }
      const T score = math::ucb1_score(child, node, call.c_ucb);
      if (call.ucb) call.ucb[i] = allowed ? score : math::masked_q<T>(false);
      if (allowed) by_ucb.offer(action, score);
    }
    by_puct = warp_reduce(by_puct, EarlierChoice{});
    by_ucb = warp_reduce(by_ucb, EarlierChoice{});
    if (lane_id() != 0) continue;
    if (call.puct_action) call.puct_action[b] = by_puct.action;
    if (call.ucb_action) call.ucb_action[b] = by_ucb.action;
  }
}

template <class T>
Status tree_selection(const TreeSelection<T>& op, CudaContext& context) {
  const NodeCall<T> call{op.visits.begin(),
                         op.pending ? op.pending.begin() : nullptr,
                         op.value_sum.begin(),
                         op.prior ? op.prior.begin() : nullptr,
                         math::read_flags(op.action_mask, true),
                         op.visits.dims[0],
                         op.visits.dims[1],
                         static_cast<T>(op.c_puct),
                         static_cast<T>(op.c_ucb),
                         static_cast<T>(op.virtual_loss),
                         pointer(op.puct),
                         pointer(op.ucb),
                         pointer(op.puct_action),
                         pointer(op.ucb_action)};
  const LaunchShape shape{dim3(blocks_for(call.rows * kWarpSize, kThreads)), dim3(kThreads)};
  return device_status(launch(score_nodes<T>, shape, context.stream(), call), "tree_selection");
}

}  // namespace

template <>
Status run(const TreeSelection<float>& op, CudaContext& context) {
  return tree_selection(op, context);
}
template <>
Status run(const TreeSelection<double>& op, CudaContext& context) {
  return tree_selection(op, context);
}

}  // namespace belfry::cuda
