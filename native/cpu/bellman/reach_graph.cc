#include "cpu/bellman/reach_graph.h"

#include "cpu/bellman/components.h"
#include "cpu/bellman/transpose.h"

namespace belfry::cpu {

namespace {

// Indexing of vectors by int64.
template <class V>
auto& at(V& vector, int64_t i) {
  return vector[static_cast<size_t>(i)];
}

}  // namespace

ReachGraph::ReachGraph(const CsrModel& model, const StateSet& goal, double slack,
                       CpuContext& context)
    : model_(model),
      context_(context),
      goal_(goal),
      usable_(static_cast<size_t>(model.num_rows())),
      leaks_(static_cast<size_t>(model.num_rows())),
      incoming_(
          transpose(model.rows, model.num_rows(), model.num_states, context, StopPoll(context))) {
  StopPoll poll(context);
  for (int64_t row = 0; row < model.num_rows(); ++row) {
    poll();
    double mass = 0;
    for (int64_t e = model.rows.row_ptr[row]; e < model.rows.row_ptr[row + 1]; ++e)
      mass += model.rows.prob[e];
    at(leaks_, row) = !(mass >= 1 - slack);
    at(usable_, row) = model.mask(row) && !at(goal_, state_of(row));
  }
}

bool ReachGraph::within(int64_t row, const StateSet& set) const {
  for (int64_t e = model_.rows.row_ptr[row]; e < model_.rows.row_ptr[row + 1]; ++e) {
    if (model_.rows.prob[e] > 0 && !at(set, model_.rows.col[e])) return false;
  }
  return true;
}

bool ReachGraph::meets(int64_t row, const StateSet& set) const {
  for (int64_t e = model_.rows.row_ptr[row]; e < model_.rows.row_ptr[row + 1]; ++e) {
    if (model_.rows.prob[e] > 0 && at(set, model_.rows.col[e])) return true;
  }
  return false;
}

StateSet ReachGraph::can_reach(const StateSet& target) const {
  StateSet reached = target;
  std::vector<int64_t> queue;
  StopPoll poll(context_);
  for (int64_t s = 0; s < model_.num_states; ++s) {
    if (at(reached, s)) queue.push_back(s);
  }
  while (!queue.empty()) {
    const int64_t state = queue.back();
    queue.pop_back();
    for_each_row_into(state, [&](int64_t row) {
      poll();
      const int64_t from = state_of(row);
      if (at(reached, from)) return;
      at(reached, from) = 1;
      queue.push_back(from);
    });
  }
  return reached;
}

// The greatest set in which every state has no action at all or one that stays inside: rows are
// struck out when a successor leaves, states when their last row is.
StateSet ReachGraph::may_avoid() const {
  const auto n = model_.num_states;
  StateSet inside(static_cast<size_t>(n), 1);
  std::vector<int64_t> rows_left(static_cast<size_t>(n), 0), queue;
  std::vector<uint8_t> struck(usable_.size(), 0);
  StopPoll poll(context_);
  for (int64_t row = 0; row < model_.num_rows(); ++row) {
    if (usable(row)) ++at(rows_left, state_of(row));
  }
  for (int64_t s = 0; s < n; ++s) {
    if (!at(goal_, s)) continue;
    at(inside, s) = 0;
    queue.push_back(s);
  }
  while (!queue.empty()) {
    const int64_t state = queue.back();
    queue.pop_back();
    for_each_row_into(state, [&](int64_t row) {
      poll();
      if (at(struck, row)) return;
      at(struck, row) = 1;
      const int64_t from = state_of(row);
      if (--at(rows_left, from) > 0 || !at(inside, from)) return;
      at(inside, from) = 0;
      queue.push_back(from);
    });
  }
  return inside;
}

StateSet ReachGraph::may_miss() const {
  StateSet bad = may_avoid();
  for (int64_t row = 0; row < model_.num_rows(); ++row) {
    if (usable(row) && leaks(row)) at(bad, state_of(row)) = 1;
  }
  return can_reach(bad);
}

// Nested fixed points (de Alfaro 1999): inside U, the states that reach the goal by rows that never
// leave U; U shrinks until it keeps all of them.
StateSet ReachGraph::certain() const {
  const auto n = model_.num_states;
  StateSet candidates(static_cast<size_t>(n), 1);
  StopPoll poll(context_);
  for (;;) {
    StateSet reached = goal_;
    std::vector<int64_t> queue;
    for (int64_t s = 0; s < n; ++s) {
      poll();
      if (at(reached, s)) queue.push_back(s);
    }
    while (!queue.empty()) {
      const int64_t state = queue.back();
      queue.pop_back();
      for_each_row_into(state, [&](int64_t row) {
        poll();
        const int64_t from = state_of(row);
        if (at(reached, from) || leaks(row) || !within(row, candidates)) return;
        at(reached, from) = 1;
        queue.push_back(from);
      });
    }
    if (reached == candidates) return reached;
    candidates = std::move(reached);
  }
}

EndComponents end_components(const CsrModel& model, const std::vector<uint8_t>& allowed,
                             const CpuContext& context) {
  EndComponents result;
  StopPoll poll(context);
  result.inner_row = allowed;
  const auto width = model.num_actions;
  auto& inner = result.inner_row;
  for (bool changed = true; changed;) {
    changed = false;
    int32_t count = 0;
    // The k-th neighbour of a state counts through the entries of all its rows, which lie together.
    result.of_state = strong_components(
        model.num_states, count, [&, row = int64_t{0}](int64_t s, int64_t k) mutable -> int64_t {
          poll();
          const int64_t e = model.rows.row_ptr[s * width] + k;
          if (e >= model.rows.row_ptr[(s + 1) * width]) return -1;
          if (row / width != s || e < model.rows.row_ptr[row]) row = s * width;
          while (e >= model.rows.row_ptr[row + 1]) ++row;
          return at(inner, row) && model.rows.prob[e] > 0 ? model.rows.col[e] : -2;
        });
    for (int64_t row = 0; row < model.num_rows(); ++row) {
      poll();
      if (!at(inner, row)) continue;
      const int32_t own = at(result.of_state, row / width);
      for (int64_t e = model.rows.row_ptr[row]; e < model.rows.row_ptr[row + 1]; ++e) {
        if (model.rows.prob[e] <= 0 || at(result.of_state, model.rows.col[e]) == own) continue;
        at(inner, row) = 0;
        changed = true;
        break;
      }
    }
  }
  // Components without a row of their own are single states that cannot stay.
  std::vector<int32_t> number(static_cast<size_t>(model.num_states), -1);
  for (int64_t row = 0; row < model.num_rows(); ++row) {
    if (!at(inner, row)) continue;
    int32_t& named = at(number, at(result.of_state, row / width));
    if (named < 0) named = result.count++;
  }
  for (auto& component : result.of_state) component = at(number, component);
  return result;
}

}  // namespace belfry::cpu
