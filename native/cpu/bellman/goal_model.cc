#include "cpu/bellman/goal_model.h"

#include "cpu/bellman/transpose.h"

namespace belfry::cpu {

namespace {

template <class V>
auto& at(V& vector, int64_t i) {
  return vector[static_cast<size_t>(i)];
}

}  // namespace

GoalModel::GoalModel(const CsrModel& model, const ReachGraph& graph, const StateSet& settled,
                     const std::vector<uint8_t>& allowed, const std::vector<uint8_t>& collapse,
                     CpuContext& context)
    : original_(model), graph_(graph) {
  components_.of_state.assign(static_cast<size_t>(model.num_states), -1);
  components_.inner_row.assign(static_cast<size_t>(model.num_rows()), 0);
  if (!collapse.empty()) components_ = end_components(model, collapse, context);
  leaders_.resize(static_cast<size_t>(components_.count));
  reduced_.num_states = model.num_states;
  reduced_.num_actions = model.num_actions;
  for (int64_t s = 0; s < model.num_states; ++s) {
    const int32_t component = at(components_.of_state, s);
    if (component < 0) continue;
    for (int64_t row = s * model.num_actions; row < (s + 1) * model.num_actions; ++row) {
      if (!graph.usable(row) || !at(allowed, row) || at(components_.inner_row, row)) continue;
      at(leaders_, component).push_back(static_cast<int32_t>(s));
      break;
    }
  }
  for (const auto& members : leaders_) {
    if (members.size() > 1) reduced_.num_actions = model.num_actions + 2;
  }
  build(settled, allowed, context);
}

void GoalModel::build(const StateSet& settled, const std::vector<uint8_t>& allowed,
                      CpuContext& context) {
  const int64_t n = original_.num_states, width = original_.num_actions;
  const auto& from = original_.rows;
  std::vector<int64_t> place(static_cast<size_t>(n), -1);  // in the tree of its component
  for (const auto& members : leaders_) {
    for (size_t i = 0; i < members.size(); ++i) at(place, members[i]) = static_cast<int64_t>(i);
  }
  auto* row_ptr = context.scratch<int32_t>(reduced_.num_rows() + 1);
  auto* col = context.scratch<int32_t>(original_.num_entries() + 2 * n);
  auto* prob = context.scratch<double>(original_.num_entries() + 2 * n);
  into_goal_ = context.scratch<double>(reduced_.num_rows());
  std::fill_n(into_goal_, reduced_.num_rows(), 0.0);
  keep_.assign(static_cast<size_t>(reduced_.num_rows()), 0);
  may_end_.assign(keep_.size(), 0);
  int32_t to = 0;
  int64_t out = 0;
  row_ptr[0] = 0;
  StopPoll poll(context);
  const auto finish_row = [&] {
    poll();
    row_ptr[++out] = to;
  };
  for (int64_t s = 0; s < n; ++s) {
    for (int64_t row = s * width; row < (s + 1) * width; ++row, finish_row()) {
      if (!graph_.usable(row) || at(settled, s) || !at(allowed, row)) continue;
      if (at(components_.inner_row, row)) continue;
      at(keep_, out) = 1;
      at(may_end_, out) = graph_.leaks(row);
      for (int64_t e = from.row_ptr[row]; e < from.row_ptr[row + 1]; ++e) {
        if (!(from.prob[e] > 0)) continue;
        const int32_t next = from.col[e], component = at(components_.of_state, next);
        if (at(graph_.goal(), next)) into_goal_[out] += from.prob[e];
        if (at(graph_.goal(), next) || at(settled, next)) {
          at(may_end_, out) = 1;
          continue;
        }
        const bool led = component >= 0 && !at(leaders_, component).empty();
        col[to] = led ? at(leaders_, component).front() : next;
        prob[to++] = from.prob[e];
      }
    }
    for (int64_t k = 0; k < extra(); ++k, finish_row()) {
      if (at(place, s) < 0) continue;
      const auto& members = at(leaders_, at(components_.of_state, s));
      const int64_t child = 2 * at(place, s) + 1 + k;
      if (child >= static_cast<int64_t>(members.size())) continue;
      at(keep_, out) = 1;
      col[to] = at(members, child);
      prob[to++] = 1;
    }
  }
  reduced_.rows = {row_ptr, col, prob};
  reduced_.mask.bytes = keep_.data();
}

CsrModel GoalModel::with_rewards(const double* rewards, bool minimise) const {
  CsrModel model = reduced_;
  model.rewards = rewards;
  model.minimise = minimise;
  return model;
}

const double* GoalModel::row_rewards(const double* original, CpuContext& context) const {
  auto* rewards = context.scratch<double>(reduced_.num_rows());
  for (int64_t s = 0, out = 0; s < reduced_.num_states; ++s) {
    for (int64_t a = 0; a < reduced_.num_actions; ++a, ++out) {
      const bool own = a < original_.num_actions;
      rewards[out] = own ? original[s * original_.num_actions + a] : 0;
    }
  }
  return rewards;
}

const int32_t* GoalModel::row_terms(CpuContext& context) const {
  auto* terms = context.scratch<int32_t>(reduced_.num_rows());
  const int32_t* row_ptr = original_.rows.row_ptr;
  for (int64_t s = 0, out = 0; s < reduced_.num_states; ++s) {
    for (int64_t a = 0; a < reduced_.num_actions; ++a, ++out) {
      const int64_t row = s * original_.num_actions + a;
      terms[out] = a < original_.num_actions ? row_ptr[row + 1] - row_ptr[row] : 1;
    }
  }
  return terms;
}

// Of the actions that may step nearer to the end, the one most likely to: a policy that follows
// mere chances of it can take very long.
void GoalModel::head_for_the_end(const std::vector<int32_t>& order, int32_t* policy) const {
  std::vector<int32_t> rank(static_cast<size_t>(reduced_.num_states), -1);
  for (size_t i = 0; i < order.size(); ++i) at(rank, order[i]) = static_cast<int32_t>(i);
  StopPoll poll(graph_.context());
  for (const int32_t s : order) {
    poll();
    double most = 0;
    for (int64_t a = 0; a < reduced_.num_actions; ++a) {
      const int64_t row = s * reduced_.num_actions + a;
      if (!at(keep_, row)) continue;
      double nearer = at(may_end_, row) ? 1 : 0;
      for (int64_t e = reduced_.rows.row_ptr[row]; e < reduced_.rows.row_ptr[row + 1]; ++e) {
        const double prob = reduced_.rows.prob[e];
        if (at(may_end_, row)) nearer -= prob;
        if (at(rank, reduced_.rows.col[e]) < at(rank, s)) nearer += prob;
      }
      if (!(nearer > most + 1e-12)) continue;
      most = nearer;
      policy[s] = static_cast<int32_t>(a);
    }
  }
}

std::vector<int32_t> GoalModel::leaving_policy(int32_t* policy) const {
  CpuContext scratch;
  StopPoll poll(graph_.context());
  const auto incoming =
      transpose(reduced_.rows, reduced_.num_rows(), reduced_.num_states, scratch, poll);
  std::vector<int32_t> queue;
  std::fill_n(policy, reduced_.num_states, -1);
  const auto reach = [&](int64_t row) {
    const int64_t s = row / reduced_.num_actions;
    if (!at(keep_, row) || policy[s] >= 0) return;
    policy[s] = static_cast<int32_t>(row % reduced_.num_actions);
    queue.push_back(static_cast<int32_t>(s));
  };
  for (int64_t row = 0; row < reduced_.num_rows(); ++row) {
    if (at(may_end_, row)) reach(row);
  }
  for (size_t done = 0; done < queue.size(); ++done) {
    poll();
    const int64_t s = queue[done];
    for (int64_t e = incoming.row_ptr[s]; e < incoming.row_ptr[s + 1]; ++e) reach(incoming.col[e]);
  }
  head_for_the_end(queue, policy);
  return queue;
}

void GoalModel::spread(double* values) const {
  for (int64_t s = 0; s < reduced_.num_states; ++s) {
    const int32_t component = at(components_.of_state, s);
    if (component >= 0 && !at(leaders_, component).empty())
      values[s] = values[at(leaders_, component).front()];
  }
}

// Down the tree from the root to the member that takes an action of its own.
int32_t GoalModel::way_out(const int32_t* reduced, int32_t root) const {
  const auto& members = at(leaders_, at(components_.of_state, root));
  int64_t place = 0;
  while (reduced[at(members, place)] >= original_.num_actions)
    place = 2 * place + 1 + (reduced[at(members, place)] - original_.num_actions);
  return at(members, place);
}

void GoalModel::original_policy(const int32_t* reduced, int32_t* policy,
                                CpuContext& context) const {
  const int64_t n = original_.num_states;
  const CpuContext::ScratchScope scope(context);
  for (int64_t s = 0; s < n; ++s) {
    policy[s] = at(components_.of_state, s) < 0 ? reduced[s] : -1;
  }
  std::vector<int64_t> queue;
  for (const auto& members : leaders_) {
    if (members.empty() || reduced[members.front()] < 0) continue;
    const int32_t exit = way_out(reduced, members.front());
    policy[exit] = reduced[exit];
    queue.push_back(exit);
  }
  StopPoll poll(context);
  // Backwards inside each component: a row that may step nearer to the way out.
  for (size_t done = 0; done < queue.size(); ++done) {
    poll();
    graph_.for_each_row_into(queue[done], [&](int64_t row) {
      const int64_t s = graph_.state_of(row);
      if (!at(components_.inner_row, row) || policy[s] >= 0) return;
      policy[s] = static_cast<int32_t>(row % original_.num_actions);
      queue.push_back(s);
    });
  }
}

}  // namespace belfry::cpu
