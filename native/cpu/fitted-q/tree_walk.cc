#include "cpu/fitted-q/tree_walk.h"

#include <algorithm>

#include "cpu/flow/workspaces.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kChunk = 8192;  // rows that share a tree's way into the cache
constexpr int kSide = 8;          // rows walked side by side

// What to add to the number of a node: 1 to its left child, `right` to its right one, 0 in a leaf,
// where both are 0. NaN goes right.
BELFRY_HD inline int32_t step(bool left, int32_t inner, int32_t right) {
  return inner + ((right - inner) & -static_cast<int32_t>(!left));
}

template <class T>
struct WideNode {
  T threshold;  // in a leaf its value
  int32_t feature, right;

  static bool fits(int64_t, int64_t) { return true; }
  static WideNode pack(T threshold, int32_t feature, int32_t right) {
    return {threshold, feature, right};
  }
  int32_t tested() const { return feature; }
  int32_t next(T x) const { return step(x < threshold, right != 0, right); }
};

struct CompactNode {
  float threshold;
  uint32_t link;  // feature in 8 bits, whether it is an inner node, offset of the right child

  static bool fits(int64_t features, int64_t nodes) { return features <= 256 && nodes < 1 << 23; }
  static CompactNode pack(float threshold, int32_t feature, int32_t right) {
    const uint32_t inner = right != 0 ? 256u : 0u;
    return {threshold, static_cast<uint32_t>(right) << 9 | inner | static_cast<uint32_t>(feature)};
  }
  int32_t tested() const { return static_cast<int32_t>(link & 255u); }
  int32_t next(float x) const {
    return step(x < threshold, static_cast<int32_t>(link >> 8 & 1u),
                static_cast<int32_t>(link >> 9));
  }
};

template <class Node, class T>
class Walker {
 public:
  Walker(const ForestView<T>& forest, CpuContext& context) : forest_(forest), context_(context) {
    starts_ = context.scratch<int64_t>(forest.num_trees + 1);
    starts_[0] = 0;
    for (int64_t m = 0; m < forest.num_trees; ++m) starts_[m + 1] = starts_[m] + forest.size[m];
    nodes_ = context.scratch<Node>(starts_[forest.num_trees]);
    context.parallel(forest.num_trees, 1, [&](int64_t m, int64_t, int64_t) { pack_tree(m); });
  }

  // take(tree, row, leaf number, value) for rows in chunks, the trees of a chunk in order.
  template <class Take>
  void run(const T* rows, int64_t begin, int64_t end, const Take& take) const {
    for (int64_t m = 0; m < forest_.num_trees; ++m) {
      const Node* const nodes = nodes_ + starts_[m];
      for (int64_t row = begin; row < end; row += kSide) {
        int32_t at[kSide] = {};
        const int64_t count = std::min<int64_t>(kSide, end - row);
        if (forest_.num_features > 0) descend(nodes, rows, row, count, at);
        for (int64_t i = 0; i < count; ++i) take(m, row + i, at[i], nodes[at[i]].threshold);
      }
    }
  }

 private:
  void pack_tree(int64_t m) const {
    const int64_t begin = forest_.begin[m];
    for (int64_t i = 0; i < forest_.size[m]; ++i) {
      const int64_t node = begin + i;
      const bool leaf = forest_.feature[node] < 0;
      nodes_[starts_[m] + i] = Node::pack(leaf ? forest_.value[node] : forest_.threshold[node],
                                          leaf ? 0 : forest_.feature[node],
                                          leaf ? 0 : forest_.right[node] - static_cast<int32_t>(i));
    }
  }

  // Rows beyond `count` repeat the first.
  void descend(const Node* nodes, const T* rows, int64_t row, int64_t count, int32_t* at) const {
    const int64_t width = forest_.num_features;
    const T* x[kSide];
    for (int i = 0; i < kSide; ++i) x[i] = rows + (row + (i < count ? i : 0)) * width;
    for (int32_t moved = 1; moved != 0;) {
      moved = 0;
#pragma GCC unroll 8
      for (int i = 0; i < kSide; ++i) {
        const Node node = nodes[at[i]];
        const int32_t move = node.next(x[i][node.tested()]);
        at[i] += move;
        moved |= move;
      }
    }
  }

  const ForestView<T>& forest_;
  CpuContext& context_;
  int64_t* starts_;
  Node* nodes_;
};

template <class Node, class T>
void predict_with(const ForestView<T>& forest, const T* rows, int64_t num_rows, T* out,
                  CpuContext& context) {
  const CpuContext::ScratchScope scope(context);
  const Walker<Node, T> walker(forest, context);
  const Workspaces<double> sums(context, (num_rows + kChunk - 1) / kChunk, kChunk);
  const double share = 1 / static_cast<double>(forest.num_trees);
  context.parallel(num_rows, kChunk, [&](int64_t begin, int64_t end, int64_t) {
    const auto lease = sums.borrow();
    double* const sum = lease.data() - begin;
    std::fill(sum + begin, sum + end, 0.0);
    walker.run(rows, begin, end, [&](int64_t, int64_t row, int32_t, T value) {
      sum[row] += static_cast<double>(value);
    });
    for (int64_t row = begin; row < end; ++row) out[row] = static_cast<T>(sum[row] * share);
  });
}

template <class Node, class T>
void find_with(const ForestView<T>& forest, const T* rows, int64_t num_rows, int32_t* leaves,
               CpuContext& context) {
  const CpuContext::ScratchScope scope(context);
  const Walker<Node, T> walker(forest, context);
  context.parallel(num_rows, kChunk, [&](int64_t begin, int64_t end, int64_t) {
    walker.run(rows, begin, end, [&](int64_t tree, int64_t row, int32_t leaf, T) {
      leaves[tree * num_rows + row] = leaf;
    });
  });
}

template <class T>
bool packs_compactly(const ForestView<T>& forest) {
  if (sizeof(T) > 4) return false;
  return std::all_of(forest.size, forest.size + forest.num_trees,
                     [&](int64_t size) { return CompactNode::fits(forest.num_features, size); });
}

}  // namespace

template <>
void predict(const ForestView<float>& forest, const float* rows, int64_t num_rows, float* out,
             CpuContext& context) {
  return packs_compactly(forest)
             ? predict_with<CompactNode>(forest, rows, num_rows, out, context)
             : predict_with<WideNode<float>>(forest, rows, num_rows, out, context);
}
template <>
void predict(const ForestView<double>& forest, const double* rows, int64_t num_rows, double* out,
             CpuContext& context) {
  predict_with<WideNode<double>>(forest, rows, num_rows, out, context);
}

template <class T>
void find_leaves(const ForestView<T>& forest, const T* rows, int64_t num_rows, int32_t* leaves,
                 CpuContext& context) {
  find_with<WideNode<T>>(forest, rows, num_rows, leaves, context);
}

template void find_leaves(const ForestView<float>&, const float*, int64_t, int32_t*, CpuContext&);
template void find_leaves(const ForestView<double>&, const double*, int64_t, int32_t*, CpuContext&);

}  // namespace belfry::cpu
