// What the rows of a regression give the nodes of a forest that stays: their means, and how much
// error their tests take away.
#pragma once

#include "cpu/fitted-q/tree_walk.h"

namespace belfry::cpu {

// Rows and the leaves that they fall into.
template <class T>
struct LeafRows {
  const T* y;
  const T* weights;  // null: all 1
  int64_t count;
  const int32_t* leaves;  // [trees, count], of find_leaves
};

// value[node] = (weighted) mean of y over the rows of the node, inner ones included; nodes without
// rows keep theirs. Indices as of forest.value. decreases[trees, features]: as TreeNodes has them.
// Each may be null.
template <class T>
void set_means(const ForestView<T>& forest, const LeafRows<T>& rows, T* value, double* decreases,
               CpuContext& context);

// importance[features] (see with_importance in ops/fitted_q/trees.h) from decreases[trees,
// features], which do not survive it.
template <class T>
void write_importance(double* decreases, int64_t num_trees, const Out<T, 1>& importance);

}  // namespace belfry::cpu
