// Strongly connected components of a sparse graph, by an iteration of Tarjan's algorithm (1972)
// without recursion.
#pragma once

#include <cstdint>
#include <vector>

namespace belfry::cpu {

// `next(node, k)` is the k-th neighbour of a node or −1 after the last; neighbours that are to be
// passed over are −2. Returns the component of each node; components are numbered in reverse
// topological order, so that edges between them lead to lower numbers.
template <class Next>
std::vector<int32_t> strong_components(int64_t num_nodes, int32_t& num_components, Next&& next) {
  const auto n = static_cast<size_t>(num_nodes);
  std::vector<int32_t> component(n, -1), order(n, -1), low(n, 0), open, path;
  std::vector<int64_t> position(n, 0);
  int32_t visited = 0;
  num_components = 0;
  for (int32_t root = 0; root < num_nodes; ++root) {
    if (order[static_cast<size_t>(root)] >= 0) continue;
    path.push_back(root);
    while (!path.empty()) {
      const auto at = static_cast<size_t>(path.back());
      if (order[at] < 0) {
        order[at] = low[at] = visited++;
        open.push_back(path.back());
      }
      const int64_t to = next(static_cast<int64_t>(at), position[at]++);
      if (to == -2) continue;
      if (to >= 0) {
        const auto neighbour = static_cast<size_t>(to);
        if (order[neighbour] < 0)
          path.push_back(static_cast<int32_t>(to));
        else if (component[neighbour] < 0 && order[neighbour] < low[at])
          low[at] = order[neighbour];
        continue;
      }
      path.pop_back();
      if (!path.empty()) {
        const auto parent = static_cast<size_t>(path.back());
        if (low[at] < low[parent]) low[parent] = low[at];
      }
      if (low[at] != order[at]) continue;
      int32_t member;
      do {
        member = open.back();
        open.pop_back();
        component[static_cast<size_t>(member)] = num_components;
      } while (static_cast<size_t>(member) != at);
      ++num_components;
    }
  }
  return component;
}

}  // namespace belfry::cpu
