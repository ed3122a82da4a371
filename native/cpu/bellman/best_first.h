// What best-first searches share: a frontier that is first in, first out among equal keys, and the
// tree of the paths found.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace belfry::cpu {

struct FrontierEntry {
  double key;
  int64_t order;
  int32_t node, action;
};

class Frontier {
 public:
  // A NaN key is taken last.
  void push(double key, int32_t node, int32_t action) {
    if (key != key) key = std::numeric_limits<double>::infinity();
    heap_.push_back({key, pushed_++, node, action});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  FrontierEntry pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const FrontierEntry entry = heap_.back();
    heap_.pop_back();
    return entry;
  }
  int64_t size() const { return static_cast<int64_t>(heap_.size()); }
  int64_t num_pushed() const { return pushed_; }

 private:
  static bool later(const FrontierEntry& a, const FrontierEntry& b) {
    return a.key > b.key || (a.key == b.key && a.order > b.order);
  }
  std::vector<FrontierEntry> heap_;
  int64_t pushed_ = 0;
};

// A state as it was reached: the path does not change when a cheaper one is found later.
struct PathNode {
  double cost;
  int32_t state, parent, action;
};

class PathTree {
 public:
  explicit PathTree(int64_t num_states) : cheapest_(static_cast<size_t>(num_states), -1.0) {}

  // Whether this is the first or the cheapest path to the state so far; then it is kept.
  bool improves(int32_t state, double cost) {
    double& known = cheapest_[static_cast<size_t>(state)];
    if (known >= 0 && !(cost < known)) return false;
    known = cost;
    return true;
  }
  int32_t add(const PathNode& node) {
    nodes_.push_back(node);
    return static_cast<int32_t>(nodes_.size()) - 1;
  }
  const PathNode& operator[](int32_t node) const { return nodes_[static_cast<size_t>(node)]; }
  bool full() const { return nodes_.size() >= std::numeric_limits<int32_t>::max(); }

  // Actions from the root to `node`; returns how many.
  template <class Output>
  int64_t write_path(int32_t node, const Output& actions) const {
    int64_t length = 0;
    for (int32_t at = node; (*this)[at].parent >= 0; at = (*this)[at].parent) ++length;
    int64_t place = length;
    for (int32_t at = node; (*this)[at].parent >= 0; at = (*this)[at].parent) {
      actions[--place] = (*this)[at].action;
    }
    return length;
  }

 private:
  std::vector<double> cheapest_;
  std::vector<PathNode> nodes_;
};

}  // namespace belfry::cpu
