// qstar_search: best-first search over edges with key λ g(s) + q(s,a) (arXiv 2102.04518), and its
// baseline, weighted A* over states with key λ g(s) + h(s). One heap operation an edge or a state:
// Q* generates one state a pop, A* all children of one.
#include <cmath>
#include <limits>

#include "cpu/bellman/best_first.h"
#include "cpu/run.h"
#include "math/flags.h"
#include "ops/bellman/search.h"

namespace belfry::cpu {

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

// The graph, and how far the search has come.
template <class T, class Op>
class GraphSearch {
 public:
  GraphSearch(const Op& op, CpuContext& context)
      : op_(op),
        context_(context),
        num_actions_(op.next_states.dims[1]),
        goal_(math::read_flags(op.goal, false)),
        tree_(op.goal.dims[0]) {}

 protected:
  Status check() const {
    const int64_t num_states = op_.goal.dims[0];
    if (op_.start >= num_states) {
      return Status::error(Code::bad_value, "start", "is %lld, expected a state below %lld",
                           static_cast<long long>(op_.start), static_cast<long long>(num_states));
    }
    for (int64_t i = 0; i < op_.cost.size(); ++i) {
      if (op_.next_states[i] < 0 || op_.cost[i] >= 0) continue;
      return Status::error(Code::bad_value, "cost", "entry %lld is %g, expected at least 0",
                           static_cast<long long>(i), static_cast<double>(op_.cost[i]));
    }
    return {};
  }
  int32_t next(int32_t state, int64_t action) const {
    return op_.next_states[state * num_actions_ + action];
  }
  double cost(int32_t state, int64_t action) const {
    return static_cast<double>(op_.cost[state * num_actions_ + action]);
  }
  PathNode child(int32_t parent, int32_t action) const {
    const PathNode& from = tree_[parent];
    return {from.cost + cost(from.state, action), next(from.state, action), parent, action};
  }
  int32_t root() {
    const auto start = static_cast<int32_t>(op_.start);
    tree_.improves(start, 0);
    return tree_.add({0, start, -1, -1});
  }
  // Takes up to `batch` entries.
  void take() {
    taken_.clear();
    for (int64_t k = 0; k < op_.batch && frontier_.size() > 0; ++k) {
      taken_.push_back(frontier_.pop());
    }
    num_popped_ += static_cast<int64_t>(taken_.size());
    gave_up_ = num_popped_ >= op_.max_iterations || tree_.full();
  }
  bool may_go_on() const { return frontier_.size() > 0 && !gave_up_ && !context_.stopped(); }

  void write(int32_t goal_node, bool proved) {
    const bool found = goal_node >= 0;
    if (op_.path_cost) op_.path_cost[0] = static_cast<T>(found ? tree_[goal_node].cost : kInf);
    if (op_.actions) {
      op_.actions.set_rows(found ? tree_.write_path(goal_node, op_.actions) : 0);
    }
    if (op_.converged) op_.converged[0] = proved;
  }
  static int32_t count(int64_t value) {
    return static_cast<int32_t>(std::min<int64_t>(value, std::numeric_limits<int32_t>::max()));
  }

  const Op& op_;
  CpuContext& context_;
  const int64_t num_actions_;
  const math::FlagReader goal_;
  PathTree tree_;
  Frontier frontier_;
  std::vector<FrontierEntry> taken_;
  int64_t num_popped_ = 0;
  bool gave_up_ = false;
};

template <class T>
class Qstar : GraphSearch<T, QstarSearch<T>> {
  using Base = GraphSearch<T, QstarSearch<T>>;
  using Base::op_, Base::tree_, Base::frontier_, Base::taken_, Base::goal_;

 public:
  using Base::Base;

  Status run() {
    if (Status s = this->check(); !s.ok()) return s;
    const int32_t root = this->root();
    if (goal_(op_.start))
      best_goal_ = root;
    else
      push_edges(root);
    bool done = best_goal_ >= 0;
    while (!done && this->may_go_on()) {
      this->take();
      lower_bound_ = std::max(lower_bound_, taken_[0].key);
      for (const FrontierEntry& edge : taken_) follow(edge);
      done = best_goal_ >= 0 && (op_.termination == SearchTermination::first_goal ||
                                 lower_bound_ >= op_.lambda * tree_[best_goal_].cost);
    }
    if (this->context_.stopped()) return aborted();
    this->write(best_goal_, done || frontier_.size() == 0);
    if (op_.num_popped) op_.num_popped[0] = this->count(this->num_popped_);
    if (op_.num_pushed) op_.num_pushed[0] = this->count(frontier_.num_pushed());
    return {};
  }

 private:
  void push_edges(int32_t node) {
    const PathNode from = tree_[node];
    for (int64_t a = 0; a < this->num_actions_; ++a) {
      if (this->next(from.state, a) < 0) continue;
      const auto q = static_cast<double>(op_.q_values[from.state * this->num_actions_ + a]);
      frontier_.push(op_.lambda * from.cost + q, node, static_cast<int32_t>(a));
    }
  }
  void follow(const FrontierEntry& edge) {
    const PathNode child = this->child(edge.node, edge.action);
    const double best = best_goal_ < 0 ? kInf : tree_[best_goal_].cost;
    if (goal_(child.state) && (child.cost < best || best_goal_ < 0))
      best_goal_ = tree_.add(child);
    else if (tree_.improves(child.state, child.cost))
      push_edges(tree_.add(child));
  }

  int32_t best_goal_ = -1;
  double lower_bound_ = -kInf;
};

template <class T>
class Astar : GraphSearch<T, AstarSearch<T>> {
  using Base = GraphSearch<T, AstarSearch<T>>;
  using Base::op_, Base::tree_, Base::frontier_, Base::taken_, Base::goal_;

 public:
  using Base::Base;

  Status run() {
    if (Status s = this->check(); !s.ok()) return s;
    push(this->root());
    int32_t found = -1;
    while (found < 0 && this->may_go_on()) {
      this->take();
      for (size_t k = 0; k < taken_.size() && found < 0; ++k) {
        if (goal_(tree_[taken_[k].node].state))
          found = taken_[k].node;
        else
          expand(taken_[k].node);
      }
    }
    if (this->context_.stopped()) return aborted();
    this->write(found, found >= 0 || frontier_.size() == 0);
    if (op_.num_expanded) op_.num_expanded[0] = this->count(num_expanded_);
    if (op_.num_generated) op_.num_generated[0] = this->count(num_generated_);
    return {};
  }

 private:
  void push(int32_t node) {
    const auto h = static_cast<double>(op_.h[tree_[node].state]);
    frontier_.push(op_.lambda * tree_[node].cost + h, node, -1);
  }
  void expand(int32_t node) {
    ++num_expanded_;
    const int32_t state = tree_[node].state;
    for (int64_t a = 0; a < this->num_actions_; ++a) {
      if (this->next(state, a) < 0) continue;
      ++num_generated_;
      const PathNode child = this->child(node, static_cast<int32_t>(a));
      if (tree_.improves(child.state, child.cost)) push(tree_.add(child));
    }
  }

  int64_t num_expanded_ = 0, num_generated_ = 1;
};

}  // namespace

template <>
Status run(const QstarSearch<float>& op, CpuContext& context) {
  return Qstar<float>(op, context).run();
}
template <>
Status run(const QstarSearch<double>& op, CpuContext& context) {
  return Qstar<double>(op, context).run();
}
template <>
Status run(const AstarSearch<float>& op, CpuContext& context) {
  return Astar<float>(op, context).run();
}
template <>
Status run(const AstarSearch<double>& op, CpuContext& context) {
  return Astar<double>(op, context).run();
}

}  // namespace belfry::cpu
