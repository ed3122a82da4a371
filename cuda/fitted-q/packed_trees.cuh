// Forests packed into nodes of 16 bytes (math/trees.h), a load each, and walked down.
#pragma once

#include <cstdint>
#include <cstring>

#include "cuda/device/context.cuh"
#include "math/trees.h"
#include "ops/fitted_q.h"

namespace belfry::cuda {

// The arrays of a forest, and the first of its nodes that leads nowhere: INT32_MAX for none.
template <class T>
struct GrownForest {
  const int32_t* feature;
  const T* threshold;
  const int32_t* right;
  const T* value;
  const int32_t* offsets;
  int64_t num_trees, num_nodes, num_features;
};

template <class T>
GrownForest<T> grown_forest(const ForestArrays<T>& op, int64_t num_features) {
  return {op.feature.begin(),      op.threshold.begin(),       op.right.begin(),  op.value.begin(),
          op.tree_offsets.begin(), op.tree_offsets.size() - 1, op.feature.size(), num_features};
}

// The last tree that begins at a node or before it: of several that do, the one with nodes.
__device__ inline int64_t tree_of(const int32_t* offsets, int64_t num_trees, int64_t node) {
  int64_t low = 0, high = num_trees;
  while (high - low > 1) {
    const int64_t middle = (low + high) / 2;
    (offsets[middle] <= node ? low : high) = middle;
  }
  return low;
}

__device__ inline void write_words(const math::PackedNode& node, int32_t* words) {
  int32_t four[4];
  memcpy(four, &node, sizeof four);
  for (int i = 0; i < 4; ++i) words[i] = four[i];
}

// A thread per node. `words` may be null: then they are only checked.
template <class T>
__global__ void pack_nodes(GrownForest<T> forest, int32_t* words, int32_t* broken) {
#pragma unroll 1
  for (int64_t at : grid_stride(forest.num_nodes)) {
    const int64_t tree = tree_of(forest.offsets, forest.num_trees, at);
    const int64_t begin = forest.offsets[tree], end = forest.offsets[tree + 1];
    const math::PackedNode node =
        math::pack_node(forest.feature[at], static_cast<double>(forest.threshold[at]),
                        forest.right[at], static_cast<double>(forest.value[at]), at - begin);
    const bool sound = math::is_leaf(node) || math::leads_on(node, end - at, forest.num_features);
    if (!sound) atomicMin(broken, static_cast<int32_t>(at));
    if (words) write_words(node, words + 4 * at);
  }
}

static __global__ void begin_check(int32_t* broken) { *broken = INT32_MAX; }

template <class T>
Status describe_broken(const GrownForest<T>& forest, int32_t node, CudaContext& context) {
  int32_t feature = 0, right = 0;
  if (Status s = context.read_back(&feature, forest.feature + node, sizeof feature); !s.ok()) {
    return s;
  }
  if (Status s = context.read_back(&right, forest.right + node, sizeof right); !s.ok()) return s;
  return math::not_a_tree(node, feature, right, forest.num_features);
}

// Packs into `words`, four a node, and waits for the answer whether all is well.
template <class T>
Status pack_forest(const GrownForest<T>& forest, int32_t* words, CudaContext& context) {
  constexpr int kThreads = 256;
  if (forest.num_nodes == 0) return {};
  auto* broken = context.scratch<int32_t>(1);
  if (!broken) return context.failure();
  const LaunchShape shape{dim3(blocks_for(forest.num_nodes, kThreads)), dim3(kThreads)};
  cudaError_t error = launch(begin_check, LaunchShape{dim3(1), dim3(1)}, context.stream(), broken);
  if (error == cudaSuccess) {
    error = launch(pack_nodes<T>, shape, context.stream(), forest, words, broken);
  }
  if (Status s = device_status(error, "extra_trees_pack"); !s.ok()) return s;
  int32_t found = INT32_MAX;
  if (Status s = context.read_back(&found, broken, sizeof found); !s.ok()) return s;
  return found == INT32_MAX ? Status{} : describe_broken(forest, found, context);
}

}  // namespace belfry::cuda
