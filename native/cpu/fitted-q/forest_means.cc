// Sums over the rows of each leaf, then from the leaves up to the root: the children of a node come
// after it. 12 bytes read a row and tree; trees over the threads.
#include "cpu/fitted-q/forest_means.h"

#include <algorithm>

#include "cpu/flow/workspaces.h"

namespace belfry::cpu {

namespace {

using math::RowSet;

// The rows of each leaf of a tree; inner nodes have none yet.
template <class T>
void measure_leaves(const LeafRows<T>& rows, int64_t tree, RowSet* sets, int64_t size) {
  std::fill_n(sets, size, RowSet{});
  const int32_t* const leaf = rows.leaves + tree * rows.count;
  for (int64_t i = 0; i < rows.count; ++i) {
    const double weight = rows.weights ? static_cast<double>(rows.weights[i]) : 1;
    sets[leaf[i]].mean += weight * static_cast<double>(rows.y[i]);  // a sum as yet
    sets[leaf[i]].total += weight;
  }
  for (int64_t i = 0; i < size; ++i) {
    if (sets[i].total > 0) sets[i].mean /= sets[i].total;
  }
}

// body(tree, the rows of its nodes, those of leaves alone as yet) for every tree.
template <class T, class Body>
void for_trees(const ForestView<T>& forest, const LeafRows<T>& rows, CpuContext& context,
               const Body& body) {
  const CpuContext::ScratchScope scope(context);
  int64_t largest = 1;
  for (int64_t m = 0; m < forest.num_trees; ++m) largest = std::max(largest, forest.size[m]);
  static_assert(sizeof(RowSet) == 2 * sizeof(double), "kept in memory for float64");
  const Workspaces<double> spaces(context, forest.num_trees, 2 * largest);
  context.parallel(forest.num_trees, 1, [&](int64_t tree, int64_t, int64_t) {
    const auto lease = spaces.borrow();
    auto* const sets = reinterpret_cast<RowSet*>(lease.data());
    measure_leaves(rows, tree, sets, forest.size[tree]);
    body(tree, sets);
  });
}

// Joins the rows of all inner nodes of a tree; at_split(attribute, left, right) for each of them.
template <class T, class AtSplit>
void climb(const ForestView<T>& forest, int64_t tree, RowSet* sets, const AtSplit& at_split) {
  const int64_t first = forest.begin[tree];
  for (int64_t i = forest.size[tree] - 1; i >= 0; --i) {
    const int32_t attribute = forest.feature[first + i];
    if (attribute < 0) continue;
    const RowSet &left = sets[i + 1], &right = sets[forest.right[first + i]];
    at_split(attribute, left, right);
    sets[i] = math::join(left, right);
  }
}

// A forest whose errors do not shrink has no important feature.
void normalise(double* shares, int64_t count) {
  double sum = 0;
  for (int64_t a = 0; a < count; ++a) sum += shares[a];
  for (int64_t a = 0; a < count && sum != 0; ++a) shares[a] /= sum;
}

}  // namespace

template <class T>
void set_means(const ForestView<T>& forest, const LeafRows<T>& rows, T* value,
               CpuContext& context) {
  for_trees(forest, rows, context, [&](int64_t tree, RowSet* sets) {
    climb(forest, tree, sets, [](int32_t, const RowSet&, const RowSet&) {});
    T* const to = value + forest.begin[tree];
    for (int64_t i = 0; i < forest.size[tree]; ++i) {
      if (sets[i].total > 0) to[i] = static_cast<T>(sets[i].mean);
    }
  });
}

template <class T>
void feature_importance(const ForestView<T>& forest, const LeafRows<T>& rows, T* importance,
                        CpuContext& context) {
  const CpuContext::ScratchScope scope(context);
  const int64_t width = forest.num_features;
  double* const shares = context.scratch<double>((forest.num_trees + 1) * width);
  std::fill_n(shares, (forest.num_trees + 1) * width, 0.0);
  for_trees(forest, rows, context, [&](int64_t tree, RowSet* sets) {
    double* const own = shares + tree * width;
    climb(forest, tree, sets, [own](int32_t attribute, const RowSet& left, const RowSet& right) {
      own[attribute] += math::error_decrease(left, right);
    });
    normalise(own, width);
  });
  double* const all = shares + forest.num_trees * width;
  for (int64_t i = 0; i < forest.num_trees * width; ++i) all[i % width] += shares[i];
  normalise(all, width);
  for (int64_t a = 0; a < width; ++a) importance[a] = static_cast<T>(all[a]);
}

#define BELFRY_FOREST_MEANS(T)                                                        \
  template void set_means(const ForestView<T>&, const LeafRows<T>&, T*, CpuContext&); \
  template void feature_importance(const ForestView<T>&, const LeafRows<T>&, T*, CpuContext&);
BELFRY_FOREST_MEANS(float)
BELFRY_FOREST_MEANS(double)
#undef BELFRY_FOREST_MEANS

}  // namespace belfry::cpu
