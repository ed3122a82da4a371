// Grows one extremely randomised tree.
//
// The rows of a node lie side by side in every column, so all passes over them are vector loads;
// a split copies both sides, in order, to the other of two buffers. Nodes are numbered in
// pre-order, left child first, and random numbers are drawn in that order.
#pragma once

#include <cstdint>

#include "math/trees.h"

namespace belfry::cpu {

// Nodes in pre-order: the left child of node i is i + 1. `feature` is −1 in a leaf.
template <class T>
struct TreeNodes {
  int32_t* feature = nullptr;
  T* threshold = nullptr;
  int32_t* left = nullptr;   // may be null
  int32_t* right = nullptr;  // −1 in a leaf
  T* value = nullptr;        // mean output of the node's rows
  int32_t* count = nullptr;  // may be null
  // [features] by how much all tests of each decrease the (weighted) squared error; may be null.
  double* decrease = nullptr;
};

// What all trees of a forest grow from.
template <class T>
struct GrowthData {
  const T* columns = nullptr;  // [num_columns()][stride]: the attributes, the outputs, the weights
  int64_t num_rows = 0, num_features = 0, stride = 0;
  int64_t n_min = 2;
  int64_t k = 0;  // attributes tried at a node; 0: all
  bool weighted = false;

  int64_t num_columns() const { return num_features + (weighted ? 2 : 1); }
};

// Uniform numbers that are given, one after the other, or drawn by seed, tree and node.
template <class T>
struct SplitDraws {
  const T* given = nullptr;
  int64_t num_given = 0, used = 0;
  uint64_t seed = 0, tree = 0;
  int64_t node = 0, drawn = 0;
  bool exhausted = false;

  void begin_node(int64_t number) {
    node = number;
    drawn = 0;
  }
  double next() {
    if (!given) return math::split_uniform(seed, tree, node, drawn++);
    exhausted = exhausted || used >= num_given;
    return exhausted ? 0 : static_cast<double>(given[used++]);
  }
};

// Memory of one growing tree.
template <class T>
struct GrowthSpace {
  struct Pending {
    int64_t begin, count;
    int32_t parent;  // of a right child, else −1
    int32_t depth;
  };
  T* buffers[2];   // [num_columns()][stride] each
  T *low, *high;   // [features]
  int32_t* tried;  // [features]
  uint32_t* sides;
  Pending* pending;

  // In units of 8 bytes.
  static int64_t size(const GrowthData<T>& data) {
    const int64_t values = 2 * data.num_columns() * data.stride + 2 * data.num_features;
    const int64_t words = data.num_features + data.num_rows + 2;
    return values * static_cast<int64_t>(sizeof(T)) / 8 + words / 2 + 8 + 3 * (data.num_rows + 2);
  }
  GrowthSpace(const GrowthData<T>& data, double* memory) {
    const int64_t area = data.num_columns() * data.stride;
    pending = reinterpret_cast<Pending*>(memory);
    buffers[0] = reinterpret_cast<T*>(pending + data.num_rows + 2);
    buffers[1] = buffers[0] + area;
    low = buffers[1] + area;
    high = low + data.num_features;
    tried = reinterpret_cast<int32_t*>(high + data.num_features);
    sides = reinterpret_cast<uint32_t*>(tried + data.num_features);
  }
};

// Rows of a column are padded to whole vectors.
inline int64_t growth_stride(int64_t num_rows) { return (num_rows + 15) / 16 * 16 + 16; }

// Asked now and then whether to go on.
struct GrowthMonitor {
  bool (*stopped)(const void*);
  const void* self;
};

// Returns the number of nodes; the arrays have room for 2·rows − 1.
template <class T>
int64_t grow_tree(const GrowthData<T>& data, const GrowthSpace<T>& space, SplitDraws<T>& draws,
                  const TreeNodes<T>& nodes, const GrowthMonitor& monitor);

}  // namespace belfry::cpu
