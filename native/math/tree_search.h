// Scores of a child in tree search: PUCT (arXiv 1712.01815) and UCB1 (Auer et al., 2002).
#pragma once

#include <cmath>

#include "math/bellman.h"

namespace belfry::math {

// Visits and the value they returned; a pending visit counts, and cost `virtual_loss`.
template <class T>
struct ChildStats {
  T visits, mean;

  BELFRY_HD ChildStats(int32_t finished, T value_sum, int32_t pending, T virtual_loss)
      : visits(static_cast<T>(finished) + static_cast<T>(pending)),
        mean(visits > 0 ? (value_sum - virtual_loss * static_cast<T>(pending)) / visits : T(0)) {}
};

// What the node as a whole gives to its children's scores.
template <class T>
struct NodeStats {
  T sqrt_visits, log_visits;

  BELFRY_HD explicit NodeStats(int64_t visits)
      : sqrt_visits(std::sqrt(static_cast<T>(visits))),
        log_visits(std::log(static_cast<T>(visits))) {}
};

template <class T>
BELFRY_HD inline T puct_score(const ChildStats<T>& child, const NodeStats<T>& node, T prior, T c) {
  return child.mean + c * prior * node.sqrt_visits / (1 + child.visits);
}

template <class T>
BELFRY_HD inline T ucb1_score(const ChildStats<T>& child, const NodeStats<T>& node, T c) {
  if (!(child.visits > 0)) return kInfinity<T>;
  return child.mean + c * std::sqrt(node.log_visits / child.visits);
}

}  // namespace belfry::math
