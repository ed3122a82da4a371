// extra_trees_predict: the trees are checked and packed once a call, then walked (tree_walk.h). One
// node of 8 bytes read a level, tree and row.
#include "cpu/fitted-q/tree_walk.h"
#include "cpu/run.h"
#include "math/bellman.h"
#include "ops/fitted_q.h"

namespace belfry::cpu {

namespace {

// The first node of a tree that leads nowhere, or −1.
template <class T>
int64_t broken_node(const ForestView<T>& forest, int64_t tree) {
  const int64_t begin = forest.begin[tree], size = forest.size[tree];
  for (int64_t i = 0; i < size; ++i) {
    const int32_t feature = forest.feature[begin + i], right = forest.right[begin + i];
    if (feature < 0) continue;
    if (feature >= forest.num_features || right <= i || right >= size) return begin + i;
  }
  return -1;
}

template <class T>
Status check_trees(const ForestView<T>& forest) {
  for (int64_t m = 0; m < forest.num_trees; ++m) {
    const int64_t node = broken_node(forest, m);
    if (node < 0) continue;
    return Status::error(Code::bad_value, "right",
                         "node %lld tests attribute %d and leads to %d: not a tree in pre-order "
                         "over %lld attributes",
                         static_cast<long long>(node), forest.feature[node], forest.right[node],
                         static_cast<long long>(forest.num_features));
  }
  return {};
}

template <class T>
Status extra_trees_predict(const ExtraTreesPredict<T>& op, CpuContext& context) {
  const int64_t most = op.tree_offsets.size() - 1;
  int64_t* const begin = context.scratch<int64_t>(most);
  int64_t* const size = context.scratch<int64_t>(most);
  int64_t num_trees = 0;
  for (int64_t m = 0; m < most; ++m) {
    begin[num_trees] = op.tree_offsets[m];
    size[num_trees] = op.tree_offsets[m + 1] - op.tree_offsets[m];
    num_trees += size[num_trees] > 0;
  }
  const ForestView<T> forest{
      op.feature.begin(), op.threshold.begin(), op.right.begin(), op.value.begin(), begin, size,
      num_trees,          op.x_query.dims[1]};
  if (Status s = check_trees(forest); !s.ok()) return s;
  if (!op.prediction) return {};
  if (num_trees == 0) {
    std::fill_n(op.prediction.begin(), op.prediction.size(), math::kNaN<T>);
    return {};
  }
  predict(forest, op.x_query.begin(), op.x_query.dims[0], op.prediction.begin(), context);
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const ExtraTreesPredict<float>& op, CpuContext& context) {
  return extra_trees_predict(op, context);
}
template <>
Status run(const ExtraTreesPredict<double>& op, CpuContext& context) {
  return extra_trees_predict(op, context);
}

}  // namespace belfry::cpu
