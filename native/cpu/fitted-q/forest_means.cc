// Sums over the rows of each leaf, then from the leaves up to the root: the children of a node come
// after it. 12 bytes read a row and tree; trees over the threads.
#include "cpu/fitted-q/forest_means.h"

#include <algorithm>
#include <numeric>

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

// Joins the rows of all inner nodes of a tree, and adds up what their tests decrease.
template <class T>
void climb(const ForestView<T>& forest, int64_t tree, RowSet* sets, double* decrease) {
  const int64_t first = forest.begin[tree];
  if (decrease) std::fill_n(decrease, forest.num_features, 0.0);
  for (int64_t i = forest.size[tree] - 1; i >= 0; --i) {
    const int32_t attribute = forest.feature[first + i];
    if (attribute < 0) continue;
    const RowSet &left = sets[i + 1], &right = sets[forest.right[first + i]];
    if (decrease) decrease[attribute] += math::error_decrease(left, right);
    sets[i] = math::join(left, right);
  }
}

// As shares of their sum; nothing stays nothing.
void normalise(double* values, int64_t count) {
  const double sum = std::accumulate(values, values + count, 0.0);
  for (int64_t i = 0; i < count && sum != 0; ++i) values[i] /= sum;
}

}  // namespace

template <class T>
void set_means(const ForestView<T>& forest, const LeafRows<T>& rows, T* value, double* decreases,
               CpuContext& context) {
  const CpuContext::ScratchScope scope(context);
  int64_t largest = 1;
  for (int64_t m = 0; m < forest.num_trees; ++m) largest = std::max(largest, forest.size[m]);
  static_assert(sizeof(RowSet) == 2 * sizeof(double), "kept in memory for float64");
  const Workspaces<double> spaces(context, forest.num_trees, 2 * largest);
  context.parallel(forest.num_trees, 1, [&](int64_t tree, int64_t, int64_t) {
    const auto lease = spaces.borrow();
    auto* const sets = reinterpret_cast<RowSet*>(lease.data());
    measure_leaves(rows, tree, sets, forest.size[tree]);
    climb(forest, tree, sets, decreases ? decreases + tree * forest.num_features : nullptr);
    for (int64_t i = 0; value && i < forest.size[tree]; ++i) {
      if (sets[i].total > 0) value[forest.begin[tree] + i] = static_cast<T>(sets[i].mean);
    }
  });
}

template <class T>
void write_importance(double* decreases, int64_t num_trees, const Out<T, 1>& importance) {
  const int64_t width = importance.size();
  for (int64_t m = 0; m < num_trees; ++m) normalise(decreases + m * width, width);
  for (int64_t i = width; i < num_trees * width; ++i) decreases[i % width] += decreases[i];
  if (num_trees > 0) normalise(decreases, width);
  for (int64_t a = 0; a < width; ++a) {
    importance[a] = num_trees > 0 ? static_cast<T>(decreases[a]) : 0;
  }
}

template void write_importance(double*, int64_t, const Out<float, 1>&);
template void write_importance(double*, int64_t, const Out<double, 1>&);
template void set_means(const ForestView<float>&, const LeafRows<float>&, float*, double*,
                        CpuContext&);
template void set_means(const ForestView<double>&, const LeafRows<double>&, double*, double*,
                        CpuContext&);

}  // namespace belfry::cpu
