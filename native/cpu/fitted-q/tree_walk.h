// Predictions of a forest. Its trees are packed into nodes of 8 bytes (float) or 16 and walked
// without a branch, several rows side by side, until all have reached their leaves. The few rows of
// a policy at play walk down several trees of a packed forest side by side instead.
#pragma once

#include <cstring>

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

  math::PackedNode node(int64_t tree, int64_t i) const {
    const int64_t at = begin[tree] + i;
    return math::pack_node(feature[at], static_cast<double>(threshold[at]), right[at],
                           static_cast<double>(value[at]), i);
  }
};

// A forest of packed nodes, which nobody vouches for: one that leads out of its tree is a leaf.
struct PackedForest {
  const int32_t* words;  // four a node, as math::PackedNode
  const int64_t* begin;
  const int64_t* size;
  int64_t num_trees, num_features;

  // Node `i` of a tree is at `words_of(tree) + 4 i`.
  const int32_t* words_of(int64_t tree) const { return words + 4 * begin[tree]; }
  static math::PackedNode read(const int32_t* at) {
    math::PackedNode node;
    std::memcpy(&node, at, sizeof node);
    return node;
  }
  math::PackedNode node(int64_t tree, int64_t i) const {
    const math::PackedNode found = read(words_of(tree) + 4 * i);
    if (math::leads_on(found, size[tree] - i, num_features)) return found;
    return {math::value_at_end(found), 0, 0};
  }
};

// out[i] = mean over the trees of the value of the leaf that rows[i, features] falls into; NaN
// without trees.
template <class T>
void predict(const ForestView<T>& forest, const T* rows, int64_t num_rows, T* out,
             CpuContext& context);

// The same bits, of rows of either type.
template <class T>
void predict(const PackedForest& forest, const T* rows, int64_t num_rows, T* out,
             CpuContext& context);

// The same, without another copy of the nodes.
template <class T>
void predict_few(const PackedForest& forest, const T* rows, int64_t num_rows, T* out,
                 CpuContext& context);

// leaves[m · num_rows + i] = that leaf, counted from the tree's first node.
template <class T>
void find_leaves(const ForestView<T>& forest, const T* rows, int64_t num_rows, int32_t* leaves,
                 CpuContext& context);

}  // namespace belfry::cpu
