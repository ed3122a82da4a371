// extra_trees_pack: one pass that checks and one that packs, 16 bytes read and 16 written a node.
#include <cstring>

#include "cpu/fitted-q/forest_arrays.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status extra_trees_pack(const ExtraTreesPack<T>& op, CpuContext& context) {
  const ForestView<T> forest = view_of(op, tree_ranges(op.tree_offsets, context), op.num_features);
  if (Status s = check_trees(forest, context); !s.ok()) return s;
  if (!op.nodes) return {};
  context.parallel(forest.num_trees, trees_a_piece(forest),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t m = begin; m < end; ++m) {
                       int32_t* to = op.nodes.begin() + 4 * forest.begin[m];
                       for (int64_t i = 0; i < forest.size[m]; ++i, to += 4) {
                         const math::PackedNode node = forest.node(m, i);
                         std::memcpy(to, &node, sizeof node);
                       }
                     }
                   });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const ExtraTreesPack<float>& op, CpuContext& context) {
  return extra_trees_pack(op, context);
}
template <>
Status run(const ExtraTreesPack<double>& op, CpuContext& context) {
  return extra_trees_pack(op, context);
}

}  // namespace belfry::cpu
