// The trees that an op is given as arrays.
#pragma once

#include <algorithm>

#include "cpu/fitted-q/tree_walk.h"
#include "ops/fitted_q.h"

namespace belfry::cpu {

// Trees by their nodes [begin, begin + size); those without nodes are left out.
struct TreeRanges {
  int64_t *begin, *size;
  int64_t count = 0;
};

inline TreeRanges tree_ranges(const In<int32_t, 1>& offsets, CpuContext& context) {
  const int64_t most = offsets.size() - 1;
  TreeRanges trees{context.scratch<int64_t>(most), context.scratch<int64_t>(most)};
  for (int64_t m = 0; m < most; ++m) {
    trees.begin[trees.count] = offsets[m];
    trees.size[trees.count] = offsets[m + 1] - offsets[m];
    trees.count += trees.size[trees.count] > 0;
  }
  return trees;
}

template <class T>
ForestView<T> view_of(const ForestArrays<T>& op, const TreeRanges& trees, int64_t num_features) {
  return {op.feature.begin(), op.threshold.begin(), op.right.begin(), op.value.begin(),
          trees.begin,        trees.size,           trees.count,      num_features};
}

// Trees of about so many nodes each are looked at together.
template <class T>
int64_t trees_a_piece(const ForestView<T>& forest) {
  return chunk_for(forest.num_trees > 0 ? forest.size[0] : 1);
}

// The first node of a tree that leads nowhere, or −1.
template <class T>
int64_t broken_node(const ForestView<T>& forest, int64_t tree) {
  const int64_t size = forest.size[tree];
  for (int64_t i = 0; i < size; ++i) {
    const math::PackedNode node = forest.node(tree, i);
    if (!math::is_leaf(node) && !math::leads_on(node, size - i, forest.num_features)) {
      return forest.begin[tree] + i;
    }
  }
  return -1;
}

template <class T>
Status check_trees(const ForestView<T>& forest, CpuContext& context) {
  const CpuContext::ScratchScope scope(context);
  int64_t* const broken = context.scratch<int64_t>(forest.num_trees);
  std::fill_n(broken, forest.num_trees, int64_t{-1});
  context.parallel(forest.num_trees, trees_a_piece(forest),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t m = begin; m < end; ++m) broken[m] = broken_node(forest, m);
                   });
  for (int64_t m = 0; m < forest.num_trees; ++m) {
    if (broken[m] < 0) continue;
    return math::not_a_tree(broken[m], forest.feature[broken[m]], forest.right[broken[m]],
                            forest.num_features);
  }
  return context.stopped() ? aborted() : Status{};
}

}  // namespace belfry::cpu
