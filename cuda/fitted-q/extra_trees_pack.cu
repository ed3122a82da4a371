// extra_trees_pack: a thread per node checks and packs it, 16 bytes read and 16 written, and finds
// its tree by bisection. The host waits for the answer.
#include "cuda/fitted-q/packed_trees.cuh"

namespace belfry::cuda {

namespace {

template <class T>
Status extra_trees_pack(const ExtraTreesPack<T>& op, CudaContext& context) {
  const GrownForest<T> forest = grown_forest(op, op.num_features);
  return pack_forest(forest, op.nodes ? op.nodes.begin() : nullptr, context);
}

}  // namespace

template <>
Status run(const ExtraTreesPack<float>& op, CudaContext& context) {
  return extra_trees_pack(op, context);
}
template <>
Status run(const ExtraTreesPack<double>& op, CudaContext& context) {
  return extra_trees_pack(op, context);
}

}  // namespace belfry::cuda
