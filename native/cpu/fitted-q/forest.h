// A forest of extremely randomised trees over rows that stay while their outputs change.
#pragma once

#include "cpu/context.h"
#include "cpu/fitted-q/tree_walk.h"

namespace belfry::cpu {

struct ForestSettings {
  int64_t num_trees = 1;
  int64_t n_min = 2;
  int64_t k = 0;  // attributes tried at a node; 0: all
  uint64_t seed = 0;
  bool weighted = false;
};

template <class T>
class Forest {
 public:
  // For rows x[num_rows, num_features].
  Forest(const T* x, int64_t num_rows, int64_t num_features, const ForestSettings& settings,
         CpuContext& context);

  // Arrays of room() nodes for each tree; without it they are of the context's scratch memory.
  void set_nodes(const TreeNodes<T>& nodes) { nodes_ = nodes; }
  int64_t room() const { return std::max<int64_t>(1, 2 * data_.num_rows - 1); }

  // Uniform numbers for each tree, read by every fit from the start.
  void set_uniforms(const T* uniforms, int64_t for_each_tree) {
    uniforms_ = uniforms;
    num_uniforms_ = for_each_tree;
  }

  // Weights of the rows, positive, where they are `weighted`.
  void set_weights(const T* weights);

  // Grows the trees for outputs y. `round` tells the random numbers of several fits apart.
  Status fit(const T* y, uint64_t round);
  int64_t num_uniforms_used() const { return num_used_; }

  const ForestView<T>& view() const { return view_; }

  // Keeps the trees and sets the nodes to the (weighted) mean of y. leaves[trees, num_rows] as
  // found by find_leaves for the rows themselves.
  void set_leaf_means(const int32_t* leaves, const T* y);

  // To be called before the first fit, for write_importance after the last.
  void keep_decreases();
  void write_importance(const Out<T, 1>& importance) const;

 private:
  TreeNodes<T> nodes_of(int64_t tree) const;
  int64_t grow(int64_t tree, uint64_t round, double* memory, bool& exhausted, int64_t& used) const;

  CpuContext& context_;
  ForestSettings settings_;
  GrowthData<T> data_;
  T* columns_;
  T* weights_ = nullptr;         // their column
  double* decreases_ = nullptr;  // [trees, features], of TreeNodes; null: nobody asks
  TreeNodes<T> nodes_;
  const T* uniforms_ = nullptr;
  int64_t num_uniforms_ = 0, num_used_ = 0;
  int64_t *begin_, *size_;
  ForestView<T> view_{};
};

}  // namespace belfry::cpu
