// extra_trees, form 'refit': the rows walk down the trees (tree_walk.h), then the means of their
// leaves go up (forest_means.h). One node of 8 bytes read a level, tree and row.
#include "cpu/fitted-q/forest_arrays.h"
#include "cpu/fitted-q/forest_means.h"
#include "cpu/fitted-q/row_weights.h"
#include "cpu/fitted-q/training_rows.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status extra_trees(const ExtraTreesRefit<T>& op, CpuContext& context) {
  if (Status s = check_weights(op.weight); !s.ok()) return s;
  const ForestView<T> forest = view_of(op, tree_ranges(op.tree_offsets, context), op.x.dims[1]);
  if (Status s = check_trees(forest, context); !s.ok()) return s;
  const TrainingRows<T> rows(op.x, op.weight, context);
  auto* const leaves = context.scratch<int32_t>(forest.num_trees * rows.count());
  if (rows.count() > 0) find_leaves(forest, rows.x(), rows.count(), leaves, context);
  if (context.stopped()) return aborted();  // some are not found
  const LeafRows<T> found{rows.outputs(op.y.begin()), rows.weights(), rows.count(), leaves};
  T* const value = op.new_value ? op.new_value.begin() : nullptr;
  if (value) std::copy_n(op.value.begin(), op.value.size(), value);
  double* const decreases = context.scratch<double>(forest.num_trees * op.x.dims[1]);
  set_means(forest, found, value, decreases, context);
  if (context.stopped()) return aborted();
  if (op.feature_importance) {
    write_importance(decreases, forest.num_trees, op.feature_importance);
  }
  return {};
}

}  // namespace

template <>
Status run(const ExtraTreesRefit<float>& op, CpuContext& context) {
  return extra_trees(op, context);
}
template <>
Status run(const ExtraTreesRefit<double>& op, CpuContext& context) {
  return extra_trees(op, context);
}

}  // namespace belfry::cpu
