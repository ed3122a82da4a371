#include "cpu/fitted-q/tree_walk.h"

#include <algorithm>
#include <atomic>
#include <numeric>

#include "cpu/flow/workspaces.h"

namespace belfry::cpu {

namespace {

// Rows that are walked together: a forest does not stay in any cache, so it should come from memory
// for many of them.
int64_t chunk_of(int64_t num_features) {
  return std::clamp<int64_t>((1 << 20) / std::max<int64_t>(1, num_features), 4096, 32768);
}
constexpr int kSide = 8;  // rows walked side by side

// What to add to the number of a node: 1 to its left child, `right` to its right one, 0 in a leaf,
// where both are 0. NaN goes right.
BELFRY_HD inline int32_t step(bool left, int32_t inner, int32_t right) {
  return inner + ((right - inner) & -static_cast<int32_t>(!left));
}

template <class T>
struct WideNode {
  T threshold;  // in a leaf its value
  int32_t feature, right;

  static WideNode pack(const math::PackedNode& node) {
    return {static_cast<T>(node.threshold), node.feature, node.right};
  }
  int32_t tested() const { return feature; }
  int32_t next(T x) const { return step(x < threshold, right != 0, right); }
};

struct CompactNode {
  float threshold;
  uint32_t link;  // feature in 8 bits, whether it is an inner node, offset of the right child

  static bool fits(int64_t features, int64_t nodes) { return features <= 256 && nodes < 1 << 23; }
  static CompactNode pack(const math::PackedNode& node) {
    const uint32_t inner = math::is_leaf(node) ? 0u : 256u;
    return {static_cast<float>(node.threshold),
            static_cast<uint32_t>(node.right) << 9 | inner | static_cast<uint32_t>(node.feature)};
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
  template <class Trees>
  Walker(const Trees& forest, CpuContext& context)
      : context_(context), num_features_(forest.num_features) {
    starts_ = context.scratch<int64_t>(forest.num_trees + 1);
    starts_[0] = 0;
    for (int64_t m = 0; m < forest.num_trees; ++m) starts_[m + 1] = starts_[m] + forest.size[m];
    nodes_ = context.scratch<Node>(starts_[forest.num_trees]);
    context.parallel(forest.num_trees, 1, [&](int64_t m, int64_t, int64_t) {
      Node* const to = nodes_ + starts_[m];
      for (int64_t i = 0; i < forest.size[m]; ++i) to[i] = Node::pack(forest.node(m, i));
    });
  }

  // Numbers of rows [0, count) in the order of their leaves in the first tree: neighbours take much
  // the same way in the others too, which is then in L1, and reach their leaves together.
  void order_rows(const T* rows, int64_t count, uint64_t* keys) const {
    run(rows, 0, count, 1, [&](int64_t, int64_t row, int32_t leaf, auto) {
      keys[row] = static_cast<uint64_t>(leaf) << 32 | static_cast<uint64_t>(row);
    });
    std::sort(keys, keys + count);
    for (int64_t i = 0; i < count; ++i) keys[i] &= 0xffffffff;
  }

  // take(tree, row, leaf number, value) for the rows of a chunk, the trees in order.
  template <class Take>
  void run(const T* rows, int64_t begin, int64_t end, int64_t num_trees, const Take& take) const {
    for (int64_t m = 0; m < num_trees; ++m) {
      if (m > 0 && context_.stopped()) return;
      const Node* const nodes = nodes_ + starts_[m];
      for (int64_t row = begin; row < end; row += kSide) {
        int32_t at[kSide] = {};
        const int64_t count = std::min<int64_t>(kSide, end - row);
        if (num_features_ > 0) descend(nodes, rows, row, count, at);
        for (int64_t i = 0; i < count; ++i) take(m, row + i, at[i], nodes[at[i]].threshold);
      }
    }
  }

 private:
  // Rows beyond `count` repeat the first. The places are local: they stay in registers.
  void descend(const Node* nodes, const T* rows, int64_t row, int64_t count,
               int32_t* leaves) const {
    const int64_t width = num_features_;
    int32_t at[kSide] = {};
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
#pragma GCC unroll 8
    for (int i = 0; i < kSide; ++i) leaves[i] = at[i];
  }

  CpuContext& context_;
  const int64_t num_features_;
  int64_t* starts_;
  Node* nodes_;
};

// Sums over the trees for the rows [begin, end) in an order of their own.
template <class Node, class T>
class PredictChunk {
 public:
  // Elements of its memory, for chunks of `rows`.
  static int64_t size(int64_t rows, int64_t width) { return rows * (2 + width); }

  PredictChunk(const Walker<Node, T>& walker, int64_t count, int64_t width, double* memory)
      : walker_(walker),
        count_(count),
        width_(width),
        sums_(memory),
        order_(reinterpret_cast<uint64_t*>(memory + count)),
        sorted_(reinterpret_cast<T*>(memory + 2 * count)) {}

  void run(const T* rows, int64_t num_trees, T* out) const {
    walker_.order_rows(rows, count_, order_);
    for (int64_t i = 0; i < count_; ++i) {
      std::copy_n(rows + static_cast<int64_t>(order_[i]) * width_, width_, sorted_ + i * width_);
    }
    std::fill_n(sums_, count_, 0.0);
    walker_.run(sorted_, 0, count_, num_trees, [this](int64_t, int64_t i, int32_t, auto value) {
      sums_[i] += static_cast<double>(value);
    });
    const double share = 1 / static_cast<double>(num_trees);
    for (int64_t i = 0; i < count_; ++i) out[order_[i]] = static_cast<T>(sums_[i] * share);
  }

 private:
  const Walker<Node, T>& walker_;
  int64_t count_, width_;
  double* sums_;
  uint64_t* order_;
  T* sorted_;
};

template <class Node, class T, class Trees>
void predict_with(const Trees& forest, const T* rows, int64_t num_rows, T* out,
                  CpuContext& context) {
  const CpuContext::ScratchScope scope(context);
  const Walker<Node, T> walker(forest, context);
  const int64_t width = forest.num_features, chunk = chunk_of(width);
  using Chunk = PredictChunk<Node, T>;
  const Workspaces<double> spaces(context, (num_rows + chunk - 1) / chunk,
                                  Chunk::size(std::min(chunk, num_rows), width));
  context.parallel(num_rows, chunk, [&](int64_t begin, int64_t end, int64_t) {
    const auto lease = spaces.borrow();
    Chunk(walker, end - begin, width, lease.data())
        .run(rows + begin * width, forest.num_trees, out + begin);
  });
}

template <class Node, class T>
void find_with(const ForestView<T>& forest, const T* rows, int64_t num_rows, int32_t* leaves,
               CpuContext& context) {
  const CpuContext::ScratchScope scope(context);
  const Walker<Node, T> walker(forest, context);
  const int64_t chunk = chunk_of(forest.num_features);
  context.parallel(num_rows, chunk, [&](int64_t begin, int64_t end, int64_t) {
    walker.run(rows, begin, end, forest.num_trees,
               [&](int64_t tree, int64_t row, int32_t leaf, auto) {
                 leaves[tree * num_rows + row] = leaf;
               });
  });
}

template <class Trees>
bool fits_compactly(const Trees& forest) {
  return std::all_of(forest.size, forest.size + forest.num_trees,
                     [&](int64_t size) { return CompactNode::fits(forest.num_features, size); });
}

// Whether no threshold and no value needs more than float: the forest was grown so.
bool is_single(const PackedForest& forest, CpuContext& context) {
  std::atomic<bool> single{true};
  context.parallel(forest.num_trees, 1, [&](int64_t m, int64_t, int64_t) {
    bool own = true;
    for (int64_t i = 0; i < forest.size[m]; ++i) {
      const double number = PackedForest::read(forest.words_of(m) + 4 * i).threshold;
      own &= !(static_cast<double>(static_cast<float>(number)) != number) | (number != number);
    }
    if (!own) single = false;
  });
  return single;
}

// Whether packing all nodes anew would cost more than its smaller nodes save.
bool are_few(const PackedForest& forest, int64_t num_rows) {
  constexpr int64_t kNodesOfRow = 16;  // whose packing costs what a row then gains in a tree
  const int64_t nodes = std::accumulate(forest.size, forest.size + forest.num_trees, int64_t{0});
  return num_rows <= nodes / (kNodesOfRow * std::max<int64_t>(1, forest.num_trees));
}

}  // namespace

template <>
void predict(const ForestView<float>& forest, const float* rows, int64_t num_rows, float* out,
             CpuContext& context) {
  return fits_compactly(forest)
             ? predict_with<CompactNode>(forest, rows, num_rows, out, context)
             : predict_with<WideNode<float>>(forest, rows, num_rows, out, context);
}
template <>
void predict(const ForestView<double>& forest, const double* rows, int64_t num_rows, double* out,
             CpuContext& context) {
  predict_with<WideNode<double>>(forest, rows, num_rows, out, context);
}

template <>
void predict(const PackedForest& forest, const float* rows, int64_t num_rows, float* out,
             CpuContext& context) {
  if (are_few(forest, num_rows)) return predict_few(forest, rows, num_rows, out, context);
  return fits_compactly(forest) && is_single(forest, context)
             ? predict_with<CompactNode>(forest, rows, num_rows, out, context)
             : predict_with<WideNode<double>>(forest, rows, num_rows, out, context);
}
template <>
void predict(const PackedForest& forest, const double* rows, int64_t num_rows, double* out,
             CpuContext& context) {
  if (are_few(forest, num_rows)) return predict_few(forest, rows, num_rows, out, context);
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
