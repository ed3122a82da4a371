// Both questions become sums that end (goal_model.h) and are answered by Howard's policy iteration
// with exact solves, from a policy under which every state leaves.
//
// A probability is certified. With ρ = max |T v − v| and w ≥ 1 + P_a w for every action, v ± ρ w
// are inductive bounds: T(v + ρ w) ≤ v + ρ + ρ (w − 1) = v + ρ w, and likewise below, so that the
// one fixed point lies between. w is the greatest expected number of
// steps. Where these bounds are too wide, sweeps of both go on from them (interval iteration,
// Haddad and Monmege 2018).
//
// Where nothing is to choose, a small chain is eliminated without subtractions instead
// (chain_elimination.h), which knows every digit of what takes 2⁵⁰ steps.
#include "cpu/bellman/goal_solvers.h"

#include <cmath>
#include <limits>

#include "cpu/bellman/chain_elimination.h"
#include "cpu/bellman/goal_model.h"
#include "cpu/bellman/howard.h"
#include "cpu/bellman/in_place_sweeps.h"

namespace belfry::cpu {

namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr double kInf = std::numeric_limits<double>::infinity();

template <class V>
auto& at(V& vector, int64_t i) {
  return vector[static_cast<size_t>(i)];
}

StateSet complement(StateSet set) {
  for (auto& flag : set) flag = !flag;
  return set;
}

HowardOptions exact_options(double improvement, int64_t max_policies) {
  HowardOptions options;
  options.gamma = 1;
  options.ends = true;
  options.improvement = improvement;
  options.max_policies = max_policies;
  options.solve_limits = {1e-13, 20'000};
  return options;
}

// Howard's iteration over a reduced model. A large one is brought near its answer first by sweeps
// in place, which need no solve; their greedy policy is the first one if it leaves. They start from
// the value of a policy that leaves: from 0 a least cost would rise by one step's cost a sweep.
HowardResult solve_reduced(const GoalModel& reduced, const CsrModel& sums, double improvement,
                           int64_t max_policies, double* values, int32_t* policy,
                           CpuContext& context) {
  const auto order = reduced.leaving_policy(policy);
  const int64_t n = sums.num_states;
  if (n >= kDenseLimit) {
    const CpuContext::ScratchScope scope(context);
    const InPlaceSweeps in_place(sums, order, context);
    in_place.run(values, policy);
    in_place.run(values);
    double* next = context.scratch<double>(n);
    auto* greedy = context.scratch<int32_t>(n);
    Sweeper(sums, 1, context)(values, next, greedy);
    // A stopped sweep leaves states out: `greedy` is then no policy.
    if (context.stopped()) return {0, false, true};
    const PolicyModel chain = follow_policy(sums, greedy, context);
    if (every_state_ends(chain.rows, n, 1e-9, context)) std::copy_n(greedy, n, policy);
  }
  return howard(sums, exact_options(improvement, max_policies), policy, values, context);
}

// Among actions as good as the best the lowest: greedy for `values` within a hair, as long as the
// policy still ends.
void lowest_of_equals(const CsrModel& model, const double* values, int32_t* policy,
                      CpuContext& context) {
  const CpuContext::ScratchScope scope(context);
  const int64_t n = model.num_states;
  double* q = context.scratch<double>(model.num_rows());
  auto* lowest = context.scratch<int32_t>(n);
  Sweeper(model, 1, context).q_values(values, q);
  bool changed = false;
  for (int64_t s = 0; s < n; ++s) {
    lowest[s] = policy[s];
    if (policy[s] < 0) continue;
    const int64_t first = s * model.num_actions;
    const double best = math::greedy_key(q[first + policy[s]], model.minimise);
    const double hair = 1e-12 * (1 + std::fabs(best));
    for (int64_t a = 0; a < policy[s]; ++a) {
      if (!model.mask(first + a) ||
          !math::within_tie(math::greedy_key(q[first + a], model.minimise), best, hair))
        continue;
      lowest[s] = static_cast<int32_t>(a);
      changed = true;
      break;
    }
  }
  if (!changed) return;
  const PolicyModel chain = follow_policy(model, lowest, context);
  if (every_state_ends(chain.rows, n, 1e-9, context)) std::copy_n(lowest, n, policy);
}

// The reduced model of the least expected cost: only rows that surely stay where the goal can
// surely be reached; free cycles collapsed.
struct CostRows {
  StateSet settled;
  std::vector<uint8_t> allowed, free;
};
CostRows rows_of_least_cost(const CsrModel& model, const ReachGraph& graph) {
  CostRows rows;
  const StateSet certain = graph.certain();
  rows.settled = complement(certain);
  rows.allowed.assign(static_cast<size_t>(model.num_rows()), 0);
  rows.free = rows.allowed;
  for (int64_t row = 0; row < model.num_rows(); ++row) {
    if (!graph.usable(row) || !at(certain, graph.state_of(row))) continue;
    at(rows.allowed, row) = !graph.leaks(row) && graph.within(row, certain);
    at(rows.free, row) =
        at(rows.allowed, row) && model.rewards[row] == 0 && !graph.meets(row, graph.goal());
  }
  return rows;
}
CostRows rows_of_greatest_cost(const CsrModel& model, const ReachGraph& graph) {
  return {graph.may_miss(), std::vector<uint8_t>(static_cast<size_t>(model.num_rows()), 1), {}};
}

// Rows that may belong to an end component: they surely stay among the open states.
std::vector<uint8_t> staying_rows(const CsrModel& model, const ReachGraph& graph,
                                  const StateSet& settled) {
  StateSet open(settled.size());
  for (size_t s = 0; s < open.size(); ++s) open[s] = !settled[s] && !graph.goal()[s];
  std::vector<uint8_t> rows(static_cast<size_t>(model.num_rows()), 0);
  for (int64_t row = 0; row < model.num_rows(); ++row) {
    at(rows, row) = graph.usable(row) && at(open, graph.state_of(row)) && !graph.leaks(row) &&
                    graph.within(row, open);
  }
  return rows;
}

// Bounds of a probability over the reduced model.
class ReachBounds {
 public:
  ReachBounds(const GoalModel& goal_model, bool minimise, const GoalOptions& options, double* lower,
              double* upper, CpuContext& context)
      : goal_model_(goal_model),
        model_(goal_model.with_rewards(goal_model.goal_probability(), minimise)),
        options_(options),
        lower_(lower),
        upper_(upper),
        context_(context),
        n_(model_.num_states),
        next_(context.scratch<double>(n_)),
        sweeper_(model_, 1, context) {
    for (int64_t s = 0; s < n_; ++s) {
      lower_[s] = 0;
      upper_[s] = acts(s) ? 1 : 0;
    }
  }

  GoalResult run() {
    eliminate_chain();
    if (!done()) certify();
    if (!done() && !result_.stopped) iterate(options_.max_sweeps);
    result_.converged = done();
    return result_;
  }

 private:
  static constexpr int64_t kWindow = 512;

  bool acts(int64_t s) const { return only_row(s) != kNoRow; }
  static constexpr int64_t kNoRow = -1, kSeveralRows = -2;
  int64_t only_row(int64_t s) const {
    int64_t found = kNoRow;
    for (int64_t row = s * model_.num_actions; row < (s + 1) * model_.num_actions; ++row) {
      if (model_.mask(row)) found = found == kNoRow ? row : kSeveralRows;
    }
    return found;
  }

  void eliminate_chain() {
    std::vector<int64_t> row_of;
    auto* place = context_.scratch<int32_t>(n_);
    for (int64_t s = 0; s < n_; ++s) {
      const int64_t row = only_row(s);
      if (row == kSeveralRows) return;
      place[s] = row == kNoRow ? -1 : static_cast<int32_t>(row_of.size());
      if (row != kNoRow) row_of.push_back(row);
      if (row_of.size() >= static_cast<size_t>(kDenseLimit)) return;
    }
    const auto n = static_cast<int64_t>(row_of.size());
    const AbsorbingChain chain{context_.scratch<double>(n * n), context_.scratch<double>(n),
                               context_.scratch<double>(n), n};
    const double smallest = fill_chain(row_of, place, chain);
    double* x = context_.scratch<double>(n);
    if (!eliminate(chain, x)) return;
    const double error = elimination_error(n, smallest);
    for (int64_t s = 0; s < n_; ++s) {
      if (place[s] < 0) continue;
      lower_[s] = std::fmax(0, x[place[s]] * (1 - error));
      upper_[s] = std::fmin(1, x[place[s]] * (1 + error));
    }
  }
  // Returns the smallest probability of leaving for elsewhere than the goal.
  double fill_chain(const std::vector<int64_t>& row_of, const int32_t* place,
                    const AbsorbingChain& chain) const {
    std::fill_n(chain.moves, chain.n * chain.n, 0.0);
    double smallest = 1;
    for (int64_t i = 0; i < chain.n; ++i) {
      const int64_t row = at(row_of, i);
      chain.into_goal[i] = model_.rewards[row];
      double rest = 1 - chain.into_goal[i];
      for (int64_t e = model_.rows.row_ptr[row]; e < model_.rows.row_ptr[row + 1]; ++e) {
        rest -= model_.rows.prob[e];
        const int32_t to = place[model_.rows.col[e]];
        if (to >= 0) chain.moves[i * chain.n + to] += model_.rows.prob[e];
      }
      chain.away[i] = goal_model_.may_end(row) && rest > options_.mass_slack ? rest : 0;
      if (chain.away[i] > 0) smallest = std::fmin(smallest, chain.away[i]);
    }
    return smallest;
  }
  double width() const {
    double widest = 0;
    for (int64_t s = 0; s < n_; ++s) widest = std::fmax(widest, upper_[s] - lower_[s]);
    return widest;
  }
  bool done() const { return width() <= options_.eps; }

  // Sweeps of both bounds while they promise to meet within the budget.
  void iterate(int64_t budget) {
    double mark = width();
    for (int64_t i = 1; i <= budget && mark > options_.eps; ++i) {
      tighten(lower_, false);
      tighten(upper_, true);
      result_.stopped = context_.stopped();
      if (result_.stopped) return;
      ++result_.iterations;
      if (i % kWindow != 0 && i != budget) {
        if (i < kWindow && i % 16 == 0 && done()) return;
        continue;
      }
      const double now = width();
      context_.report(result_.iterations, options_.max_sweeps, now);
      if (now <= options_.eps) return;
      const double windows = std::log(now / options_.eps) / std::log(mark / now);
      if (!(windows * static_cast<double>(kWindow) <= static_cast<double>(budget - i))) return;
      mark = now;
    }
  }
  void tighten(double* bound, bool from_above) {
    sweeper_(bound, next_);
    for_each_element(n_, context_, [&](int64_t s) {
      bound[s] = from_above ? std::fmin(bound[s], next_[s]) : std::fmax(bound[s], next_[s]);
    });
  }

  void certify() {
    const CpuContext::ScratchScope scope(context_);
    double* v = context_.scratch<double>(n_);
    double* w = context_.scratch<double>(n_);
    auto* policy = context_.scratch<int32_t>(n_);
    std::copy_n(lower_, n_, v);
    result_.stopped =
        solve_reduced(goal_model_, model_, 1e-13, options_.max_policies, v, policy, context_)
            .stopped;
    if (result_.stopped || !longest_run(w)) return;
    const double residual = sweeper_(v, next_).residual();
    if (!std::isfinite(residual)) return;
    const double rho = 2 * (residual + 16 * kEpsilon);
    for (int64_t s = 0; s < n_; ++s) {
      lower_[s] = std::fmax(lower_[s], v[s] - rho * w[s]);
      upper_[s] = std::fmin(upper_[s], v[s] + rho * w[s]);
    }
  }
  // w with 1/2 + P_a w ≤ w for every action, checked.
  bool longest_run(double* w) {
    double* ones = context_.scratch<double>(model_.num_rows());
    auto* policy = context_.scratch<int32_t>(n_);
    std::fill_n(ones, model_.num_rows(), 1.0);
    std::fill_n(w, n_, 0.0);
    const CsrModel steps = goal_model_.with_rewards(ones, false);
    result_.stopped =
        solve_reduced(goal_model_, steps, 1e-3, options_.max_policies, w, policy, context_).stopped;
    if (result_.stopped) return false;
    const auto change = Sweeper(steps, 1, context_)(w, next_);
    return !change.nan && change.high <= 0.5;
  }

  const GoalModel& goal_model_;
  const CsrModel model_;
  const GoalOptions& options_;
  double *lower_, *upper_;
  CpuContext& context_;
  const int64_t n_;
  double* next_;
  Sweeper sweeper_;
  GoalResult result_;
};

}  // namespace

Status check_rows(const CsrModel& model, const StateSet& goal, double slack) {
  for (int64_t row = 0; row < model.num_rows(); ++row) {
    if (!model.mask(row) || at(goal, row / model.num_actions)) continue;
    double mass = 0, least = 0;
    for (int64_t e = model.rows.row_ptr[row]; e < model.rows.row_ptr[row + 1]; ++e) {
      mass += model.rows.prob[e];
      least = std::fmin(least, model.rows.prob[e]);
    }
    if (least >= 0 && mass <= 1 + slack) continue;
    return least < 0
               ? Status::error(Code::bad_value, "prob", "row %lld holds %g, expected probabilities",
                               static_cast<long long>(row), least)
               : Status::error(Code::bad_value, "prob",
                               "row %lld has mass %.10g, expected at most 1",
                               static_cast<long long>(row), mass);
  }
  return {};
}

Status check_costs(const CsrModel& model, const StateSet& goal) {
  for (int64_t row = 0; row < model.num_rows(); ++row) {
    if (!model.mask(row) || at(goal, row / model.num_actions)) continue;
    if (model.rewards[row] >= 0 && model.rewards[row] < kInf) continue;
    return Status::error(Code::bad_value, "rewards",
                         "row %lld costs %g: costs must be finite and not negative",
                         static_cast<long long>(row), model.rewards[row]);
  }
  return {};
}

GoalResult expected_cost(const CsrModel& model, const StateSet& goal, const GoalOptions& options,
                         double* value, int32_t* policy, CpuContext& context) {
  const ReachGraph graph(model, goal, options.mass_slack, context);
  const CostRows rows =
      model.minimise ? rows_of_least_cost(model, graph) : rows_of_greatest_cost(model, graph);
  const GoalModel reduced(model, graph, rows.settled, rows.allowed, rows.free, context);
  const double* costs = reduced.row_rewards(model.rewards, context);
  const CsrModel sums = reduced.with_rewards(costs, model.minimise);
  auto* choice = context.scratch<int32_t>(model.num_states);
  std::fill_n(value, model.num_states, 0.0);
  const HowardResult howard_result =
      solve_reduced(reduced, sums, 1e-10, options.max_policies, value, choice, context);
  GoalResult result{howard_result.policies, howard_result.converged, howard_result.stopped};
  if (result.stopped) return result;
  lowest_of_equals(sums, value, choice, context);
  reduced.spread(value);
  reduced.original_policy(choice, policy, context);
  for (int64_t s = 0; s < model.num_states; ++s) {
    if (at(goal, s)) value[s] = 0;
    if (at(goal, s) || !at(rows.settled, s)) continue;
    value[s] = kInf;
    policy[s] = -1;
  }
  return result;
}

StateSet zero_states(const ReachGraph& graph, bool minimise) {
  return minimise ? graph.may_avoid() : complement(graph.can_reach(graph.goal()));
}

GoalResult reach_probability(const CsrModel& model, const StateSet& goal,
                             const GoalOptions& options, double* lower, double* upper,
                             CpuContext& context) {
  const ReachGraph graph(model, goal, options.mass_slack, context);
  const StateSet zero = zero_states(graph, model.minimise);
  const std::vector<uint8_t> all(static_cast<size_t>(model.num_rows()), 1);
  const auto staying = model.minimise ? std::vector<uint8_t>{} : staying_rows(model, graph, zero);
  const GoalModel reduced(model, graph, zero, all, staying, context);
  const GoalResult result =
      ReachBounds(reduced, model.minimise, options, lower, upper, context).run();
  reduced.spread(lower);
  reduced.spread(upper);
  for (int64_t s = 0; s < model.num_states; ++s) {
    if (at(goal, s)) lower[s] = upper[s] = 1;
  }
  return result;
}

GoalResult reach_within(const CsrModel& model, const StateSet& goal, int64_t steps,
                        const GoalOptions& options, double* value, CpuContext& context) {
  const ReachGraph graph(model, goal, options.mass_slack, context);
  const StateSet none(goal.size(), 0);
  const std::vector<uint8_t> all(static_cast<size_t>(model.num_rows()), 1);
  const GoalModel reduced(model, graph, none, all, {}, context);
  const CsrModel sums = reduced.with_rewards(reduced.goal_probability(), model.minimise);
  double* next = context.scratch<double>(model.num_states);
  Sweeper sweeper(sums, 1, context);
  std::fill_n(value, model.num_states, 0.0);
  GoalResult result;
  result.converged = true;
  for (int64_t i = 0; i < steps; ++i) {
    const auto change = sweeper(value, next);
    result.stopped = context.stopped();
    if (result.stopped) return result;
    std::copy_n(next, model.num_states, value);
    context.report(++result.iterations, steps, change.residual());
    if (!(change.residual() > 0)) break;  // nothing will move any more (or all is NaN)
  }
  for (int64_t s = 0; s < model.num_states; ++s) {
    if (at(goal, s)) value[s] = 1;
  }
  return result;
}

}  // namespace belfry::cpu
