// A network over [shared, own] inputs, in any order: candidates of one state share the state's part
// of layer 1, W_s s + b, which is computed once for each state that a block of candidates meets.
#pragma once

#include <cstring>

#include "cpu/flow/network.h"

namespace belfry::cpu {

template <class T>
struct SplitNetwork {
  Network<T> network;
  Linear<T> shared;  // of layer 1, with the bias
  Linear<T> own;

  int64_t hidden() const { return shared.outputs; }
  // Elements of working memory that `evaluate` needs for each row.
  int64_t work_per_row() const { return 2 * hidden() + 2 * network.widest(); }
};

template <class T>
SplitNetwork<T> split_network(const Network<T>& network, int64_t shared_at, int64_t shared,
                              int64_t own_at, int64_t own) {
  SplitNetwork<T> split;
  split.network = network;
  split.shared = columns_of(network.layers[0].linear, shared_at, shared);
  split.shared.bias = network.layers[0].linear.bias;
  split.own = columns_of(network.layers[0].linear, own_at, own);
  return split;
}

// y for rows [row, row + count), where row i belongs to shared row i / group; `own` begins at
// `row`.
template <class T>
void evaluate(const SplitNetwork<T>& split, const T* shared, const T* own, int64_t row,
              int64_t count, int64_t group, T* y, T* work) {
  const int64_t hidden = split.hidden(), first = row / group;
  const int64_t groups = (row + count - 1) / group - first + 1;
  T* base = work;
  T* z = base + groups * hidden;
  T* rest = z + count * hidden;
  apply(split.shared, shared + first * split.shared.inputs, split.shared.inputs, groups, base);
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(z + i * hidden, base + ((row + i) / group - first) * hidden,
                static_cast<size_t>(hidden) * sizeof(T));
  }
  apply(split.own, own, split.own.inputs, count, z, true);
  finish_layer(split.network, split.network.layers[0], z, count);
  if (split.network.count > 1) return forward_rows(split.network, 1, z, count, y, rest);
  std::memcpy(y, z, static_cast<size_t>(count * hidden) * sizeof(T));
}

}  // namespace belfry::cpu
