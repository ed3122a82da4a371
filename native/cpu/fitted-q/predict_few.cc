// Predictions for a few rows of a forest that is packed: a row goes down several trees at once, so
// that their nodes, which lie far apart, come from memory together. 16 bytes a level and tree.
#include <algorithm>

#include "cpu/fitted-q/tree_walk.h"

namespace belfry::cpu {

namespace {

constexpr int kSide = 8;  // trees walked side by side

// Where a row stands in a tree of which `rest` nodes are left, this one included.
struct Place {
  const int32_t* words;
  int64_t rest;
};

// The values of the leaves of x in the trees from `tree` on, `count` of them.
template <class T>
void descend(const PackedForest& forest, int64_t tree, int64_t count, const T* x, double* values) {
  Place at[kSide];
  for (int i = 0; i < kSide; ++i) {
    const int64_t m = tree + (i < count ? i : 0);  // those beyond the last repeat the first
    at[i] = {forest.words_of(m), forest.size[m]};
  }
  for (int32_t moved = 1; moved != 0;) {
    moved = 0;
#pragma GCC unroll 8
    for (int i = 0; i < kSide; ++i) {
      const math::PackedNode node = PackedForest::read(at[i].words);
      const bool on = math::leads_on(node, at[i].rest, forest.num_features);
      const T tested = x[on ? node.feature : 0];
      const int32_t steps =
          math::steps_from(node, static_cast<double>(tested)) & -static_cast<int32_t>(on);
      at[i].words += 4 * static_cast<int64_t>(steps);
      at[i].rest -= steps;
      moved |= steps;
    }
  }
  for (int64_t i = 0; i < count; ++i)
    values[i] = math::value_at_end(PackedForest::read(at[i].words));
}

template <class T>
T predict_row(const PackedForest& forest, const T* x) {
  const T nothing = 0;
  double sum = 0;
  for (int64_t m = 0; m < forest.num_trees; m += kSide) {
    double values[kSide];
    const int64_t count = std::min<int64_t>(kSide, forest.num_trees - m);
    descend(forest, m, count, forest.num_features > 0 ? x : &nothing, values);
    for (int64_t i = 0; i < count; ++i) sum += values[i];
  }
  return static_cast<T>(sum * (1 / static_cast<double>(forest.num_trees)));
}

}  // namespace

template <class T>
void predict_few(const PackedForest& forest, const T* rows, int64_t num_rows, T* out,
                 CpuContext& context) {
  context.parallel(num_rows, chunk_for(64 * forest.num_trees),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t i = begin; i < end; ++i) {
                       out[i] = predict_row(forest, rows + i * forest.num_features);
                     }
                   });
}

template void predict_few(const PackedForest&, const float*, int64_t, float*, CpuContext&);
template void predict_few(const PackedForest&, const double*, int64_t, double*, CpuContext&);

}  // namespace belfry::cpu
