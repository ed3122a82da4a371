// Predictions of a forest. Its trees are packed into nodes of 8 bytes (float) or 16 and walked
// without a branch, several rows side by side, until all have reached their leaves.
#pragma once

#include "cpu/context.h"
#include "cpu/fitted-q/tree_growth.h"

namespace belfry::cpu {

// Trees in pre-order, as TreeNodes; tree m has the nodes [begin[m], begin[m] + size[m]).
template <class T>
struct ForestView {
  const int32_t* feature;
  const T* threshold;
  const int32_t* right;  // counted from the tree's first node
  const T* value;
  const int64_t* begin;
  const int64_t* size;
  int64_t num_trees, num_features;
};

// out[i] = mean over the trees of the value of the leaf that rows[i, features] falls into; NaN
// without trees.
template <class T>
void predict(const ForestView<T>& forest, const T* rows, int64_t num_rows, T* out,
             CpuContext& context);

// leaves[m · num_rows + i] = that leaf, counted from the tree's first node.
template <class T>
void find_leaves(const ForestView<T>& forest, const T* rows, int64_t num_rows, int32_t* leaves,
                 CpuContext& context);

}  // namespace belfry::cpu
