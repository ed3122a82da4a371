// A model with goals, rewritten so that every question about it is a sum that ends: goals and
// states whose value the graph settles are taken out, entries into them become missing mass, and
// end components are collapsed.
//
// States keep their numbers. The states of a component that have a way out form a binary tree of
// free moves (two more actions) under its lowest such state, the root, to which every transition
// into the component is led; so the model keeps one number of actions a state.
#pragma once

#include <vector>

#include "cpu/bellman/reach_graph.h"

namespace belfry::cpu {

class GoalModel {
 public:
  // `settled` states are taken out besides the goals. Usable rows for which `allowed` is 0 are
  // dropped. `collapse`: end components of the rows for which it is 1 (empty: none).
  GoalModel(const CsrModel& model, const ReachGraph& graph, const StateSet& settled,
            const std::vector<uint8_t>& allowed, const std::vector<uint8_t>& collapse,
            CpuContext& context);

  const CsrModel& model() const { return reduced_; }
  CsrModel with_rewards(const double* rewards, bool minimise) const;
  // Rewards of the rows of the reduced model: the given ones, free moves 0.
  const double* row_rewards(const double* original, CpuContext& context) const;
  // ... or the probability of stepping into the goal.
  const double* goal_probability() const { return into_goal_; }
  // Whether a row of the reduced model may leave it, into the goal or elsewhere.
  bool may_end(int64_t row) const { return may_end_[static_cast<size_t>(row)] != 0; }

  // A policy under which every state that can leaves: backwards from the rows that may end.
  // Returns the states in that order.
  std::vector<int32_t> leaving_policy(int32_t* policy) const;
  // Values of all members of a component from its root.
  void spread(double* values) const;
  // Actions of the original model; inside a component they lead to its way out.
  void original_policy(const int32_t* reduced, int32_t* policy, CpuContext& context) const;

 private:
  void number_components(const std::vector<uint8_t>& collapse);
  void build(const StateSet& settled, const std::vector<uint8_t>& allowed, CpuContext& context);
  void head_for_the_end(const std::vector<int32_t>& order, int32_t* policy) const;
  int64_t extra() const { return reduced_.num_actions - original_.num_actions; }
  int32_t way_out(const int32_t* reduced, int32_t root) const;

  const CsrModel& original_;
  const ReachGraph& graph_;
  CsrModel reduced_;
  EndComponents components_;
  std::vector<std::vector<int32_t>> leaders_;  // members with a way out; the first is the root
  std::vector<uint8_t> keep_;                  // mask of the reduced rows
  std::vector<uint8_t> may_end_;               // reduced rows that may leave the model
  double* into_goal_ = nullptr;
};

}  // namespace belfry::cpu
