// extra_trees_predict: the trees are checked and packed once a call, or come so from
// extra_trees_pack, and are walked (tree_walk.h). One node of 8 bytes read a level, tree and row.
#include "cpu/fitted-q/forest_arrays.h"
#include "cpu/run.h"
#include "math/bellman.h"

namespace belfry::cpu {

namespace {

template <class T, class Trees>
Status predict_rows(const Trees& forest, const In<T, 2>& rows, const Out<T, 1>& prediction,
                    CpuContext& context) {
  if (!prediction) return {};
  if (forest.num_trees == 0) {
    std::fill_n(prediction.begin(), prediction.size(), math::kNaN<T>);
    return {};
  }
  predict(forest, rows.begin(), rows.dims[0], prediction.begin(), context);
  return context.stopped() ? aborted() : Status{};
}

template <class T>
Status extra_trees_predict(const ExtraTreesPredict<T>& op, CpuContext& context) {
  const ForestView<T> forest =
      view_of(op, tree_ranges(op.tree_offsets, context), op.x_query.dims[1]);
  if (Status s = check_trees(forest, context); !s.ok()) return s;
  return predict_rows(forest, op.x_query, op.prediction, context);
}

template <class T>
Status extra_trees_predict(const PackedTreesPredict<T>& op, CpuContext& context) {
  const TreeRanges trees = tree_ranges(op.tree_offsets, context);
  const PackedForest forest{op.nodes.begin(), trees.begin, trees.size, trees.count,
                            op.x_query.dims[1]};
  return predict_rows(forest, op.x_query, op.prediction, context);
}

}  // namespace

#define BELFRY_RUN(Op)                            \
  template <>                                     \
  Status run(const Op& op, CpuContext& context) { \
    return extra_trees_predict(op, context);      \
  }
BELFRY_RUN(ExtraTreesPredict<float>)
BELFRY_RUN(ExtraTreesPredict<double>)
BELFRY_RUN(PackedTreesPredict<float>)
BELFRY_RUN(PackedTreesPredict<double>)
#undef BELFRY_RUN

}  // namespace belfry::cpu
