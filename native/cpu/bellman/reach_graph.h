// What the graph of a model alone says about reaching a goal. Entries of probability 0 are not
// there; a row of missing mass may end elsewhere than in the goal. Every search throws
// StoppedByCaller when the caller stops the call.
#pragma once

#include <vector>

#include "cpu/bellman/csr_model.h"
#include "cpu/bellman/stop_poll.h"

namespace belfry::cpu {

using StateSet = std::vector<uint8_t>;  // 1 = in the set

class ReachGraph {
 public:
  // Masses within `slack` of one are one. Rows of goal states take no part.
  ReachGraph(const CsrModel& model, const StateSet& goal, double slack, CpuContext& context);

  const StateSet& goal() const { return goal_; }
  const CpuContext& context() const { return context_; }
  bool usable(int64_t row) const { return usable_[static_cast<size_t>(row)]; }
  bool leaks(int64_t row) const { return leaks_[static_cast<size_t>(row)]; }
  bool within(int64_t row, const StateSet& set) const;  // no successor outside
  bool meets(int64_t row, const StateSet& set) const;   // some successor inside

  // States from which some policy reaches `target` with positive probability.
  StateSet can_reach(const StateSet& target) const;
  // Non-goal states from which some policy never reaches the goal.
  StateSet may_avoid() const;
  // States from which some policy may miss the goal: the complement of "every policy, certainly".
  StateSet may_miss() const;
  // States from which some policy reaches the goal with probability one.
  StateSet certain() const;

  // body(row) for each usable row with `state` among its successors.
  template <class Body>
  void for_each_row_into(int64_t state, const Body& body) const {
    for (int64_t e = incoming_.row_ptr[state]; e < incoming_.row_ptr[state + 1]; ++e) {
      if (incoming_.prob[e] > 0 && usable(incoming_.col[e])) body(incoming_.col[e]);
    }
  }
  int64_t state_of(int64_t row) const { return row / model_.num_actions; }

 private:
  const CsrModel& model_;
  const CpuContext& context_;
  StateSet goal_;
  std::vector<uint8_t> usable_, leaks_;
  SparseRows<double> incoming_;
};

// End components: sets of states with rows that never leave them, as large as possible. Only rows
// of `allowed` are looked at.
struct EndComponents {
  std::vector<int32_t> of_state;   // −1: in none
  std::vector<uint8_t> inner_row;  // rows that stay inside
  int32_t count = 0;
};
EndComponents end_components(const CsrModel& model, const std::vector<uint8_t>& allowed,
                             const CpuContext& context);

}  // namespace belfry::cpu
