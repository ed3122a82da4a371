// Howard's policy iteration with exact solves, from a policy under which every state leaves; then
// bounds about its values are proved (bound_proof.h), and where they are too wide, both are swept
// on from there (interval iteration: Haddad and Monmege 2018; Baier et al. 2017). A large model is
// brought near its answer first by sweeps in place, which need no solve. Where the call asks for
// it, or the proof finds no upper bound, sweeps alone find and prove the bounds
// (optimistic_bounds.h).
//
// Where nothing is to choose, a small chain is eliminated without subtractions instead
// (chain_elimination.h), which knows every digit of what takes 2⁵⁰ steps.
#include "cpu/bellman/sum_bounds.h"

#include <algorithm>
#include <limits>

#include "cpu/bellman/bound_proof.h"
#include "cpu/bellman/chain_bounds.h"

namespace belfry::cpu {

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

int64_t read_count(double x) { return x >= 0 && x < 1e15 ? static_cast<int64_t>(x) : 0; }

}  // namespace

SumProgress::SumProgress(int64_t num_states, CpuContext& context)
    : values(context.scratch<double>(4 * num_states)),
      lower(values + num_states),
      upper(lower + num_states),
      guess(upper + num_states),
      policy(context.scratch<int32_t>(num_states)) {
  std::fill_n(values, 4 * num_states, 0.0);
  std::fill_n(policy, num_states, -1);
}

void SumProgress::read(const double* state) {
  phase = static_cast<SumPhase>(
      std::min(read_count(state[0]), static_cast<int64_t>(SumPhase::finished)));
  policies = read_count(state[1]);
  count = {read_count(state[2]), state[3]};
  guesses = {read_count(state[4]), read_count(state[5]), state[6], state[7]};
}

void SumProgress::write(double* state) const {
  state[0] = static_cast<double>(phase);
  state[1] = static_cast<double>(policies);
  state[2] = static_cast<double>(count.sweeps);
  state[3] = count.mark;
  state[4] = static_cast<double>(guesses.sweeps);
  state[5] = static_cast<double>(guesses.patience);
  state[6] = guesses.near;
  state[7] = guesses.ahead;
}

SumBounds::SumBounds(const GoalModel& goal_model, const CsrModel& sums, bool costs,
                     const GoalOptions& options, SumProgress& progress, CpuContext& context)
    : goal_model_(goal_model),
      model_(sums),
      costs_(costs),
      options_(options),
      progress_(progress),
      context_(context),
      n_(sums.num_states),
      leaving_(context.scratch<int32_t>(n_)),
      order_(goal_model.leaving_policy(leaving_)),
      sweeps_(sums, order_, goal_model.row_terms(context), costs ? kInf : 1, costs, context),
      allowance_(options.pause_after) {}

GoalResult SumBounds::run() {
  if (progress_.phase == SumPhase::begin) begin();
  for (int64_t s = 0; s < n_; ++s) {
    int32_t& action = progress_.policy[s];
    const bool allowed =
        action >= 0 && action < model_.num_actions && model_.mask(s * model_.num_actions + action);
    if (!allowed) action = leaving_[s];
  }
  Outcome outcome = Outcome::finished;
  while (progress_.phase != SumPhase::finished && outcome == Outcome::finished) outcome = advance();
  GoalResult result{progress_.policies, progress_.guesses.sweeps};
  result.stopped = outcome == Outcome::stopped;
  result.paused = outcome == Outcome::paused;
  if (outcome == Outcome::finished) {
    if (costs_) settle_values();
    result.converged = options_.bounded && done();
  }
  return result;
}

void SumBounds::next(SumPhase phase) {
  progress_.phase = phase;
  progress_.count = {};
}

void SumBounds::begin() {
  for (int64_t s = 0; s < n_; ++s) {
    progress_.values[s] = progress_.lower[s] = progress_.guess[s] = 0;
    progress_.upper[s] = only_row(model_, s) == kNoRow ? 0 : sweeps_.most();
    progress_.policy[s] = leaving_[s];
  }
  const ChainEnds ends{costs_, options_.mass_slack};
  const bool eliminated =
      bound_chain(goal_model_, model_, ends, progress_.values, bounds(), context_);
  if (eliminated && done()) return next(SumPhase::finished);
  if (options_.optimistic) return next(SumPhase::optimistic);
  next(n_ >= kDenseLimit ? SumPhase::follow : SumPhase::policies);
}

Outcome SumBounds::advance() {
  switch (progress_.phase) {
    case SumPhase::follow: return sweep_first(false);
    case SumPhase::best: return sweep_first(true);
    case SumPhase::policies: return improve_policies();
    case SumPhase::close_in: return close_in();
    case SumPhase::optimistic: {
      OptimisticBounds optimistic(sweeps_, options_.eps, options_.max_sweeps, bounds(),
                                  progress_.guess, n_, context_);
      const Outcome outcome = optimistic.run(progress_.guesses, allowance_);
      if (outcome == Outcome::finished) next(SumPhase::finished);
      return outcome;
    }
    case SumPhase::begin:
    case SumPhase::finished: break;
  }
  return Outcome::finished;
}

// From the value of a policy that leaves, whose greedy policy is the first one if it leaves too:
// from 0 a least cost would rise by one step's cost a sweep.
Outcome SumBounds::sweep_first(bool best) {
  const InPlaceSweeps in_place(model_, order_, context_);
  const Outcome outcome = in_place.run(progress_.values, best ? nullptr : progress_.policy,
                                       progress_.count, allowance_);
  if (outcome != Outcome::finished) return outcome;
  next(best ? SumPhase::policies : SumPhase::best);
  if (best) take_greedy();
  return context_.stopped() ? Outcome::stopped : Outcome::finished;
}

// The greedy policy of the values, if every state ends under it.
void SumBounds::take_greedy() {
  const CpuContext::ScratchScope scope(context_);
  double* next = context_.scratch<double>(n_);
  auto* greedy = context_.scratch<int32_t>(n_);
  Sweeper(model_, 1, context_)(progress_.values, next, greedy);
  // A stopped sweep leaves states out: `greedy` is then no policy.
  if (context_.stopped()) return;
  const PolicyModel chain = follow_policy(model_, greedy, context_);
  if (every_state_ends(chain.rows, n_, 1e-9, context_)) std::copy_n(greedy, n_, progress_.policy);
}

HowardOptions SumBounds::howard_options() const {
  HowardOptions howard;
  howard.gamma = 1;
  howard.ends = true;
  howard.improvement = costs_ ? 1e-10 : 1e-13;
  howard.max_policies = options_.max_policies;
  howard.solve_limits = {1e-13, 20'000};
  return howard;
}

Outcome SumBounds::improve_policies() {
  const CpuContext::ScratchScope scope(context_);
  HowardOptions howard_now = howard_options();
  howard_now.max_policies = std::min(options_.max_policies - progress_.policies, allowance_.left());
  howard_now.next_policy = context_.scratch<int32_t>(n_);
  if (howard_now.max_policies < 1) return Outcome::paused;
  const HowardResult found =
      howard(model_, howard_now, progress_.policy, progress_.values, context_);
  if (found.stopped) return Outcome::stopped;
  progress_.policies += found.policies;
  allowance_.spend(found.policies);
  const bool at_rest = std::equal(progress_.policy, progress_.policy + n_, howard_now.next_policy);
  if (!at_rest && progress_.policies < options_.max_policies) {
    std::copy_n(howard_now.next_policy, n_, progress_.policy);
    return Outcome::paused;
  }
  if (options_.bounded) {
    BoundProof proof(
        model_, sweeps_, howard_options(), [&](int64_t row) { return goal_model_.may_end(row); },
        context_);
    if (!proof.improve(progress_.values, progress_.policy, at_rest, bounds()))
      return Outcome::stopped;
  }
  const double width = sweeps_.width(bounds());
  const bool enough = !options_.bounded || !at_rest || width <= options_.eps;
  next(enough ? SumPhase::finished : width < kInf ? SumPhase::close_in : SumPhase::optimistic);
  return Outcome::finished;
}

// Sweeps of both bounds while they promise to meet within the budget.
Outcome SumBounds::close_in() {
  SweepCount& count = progress_.count;
  int64_t& sweeps = progress_.guesses.sweeps;
  if (count.sweeps == 0) count.mark = sweeps_.width(bounds());
  while (sweeps < options_.max_sweeps) {
    if (!allowance_.spend()) return Outcome::paused;
    BoundMoves moves;
    if (!sweeps_.sweep(progress_.lower, progress_.upper, moves)) return Outcome::stopped;
    ++sweeps;
    if (++count.sweeps % kLook != 0) continue;
    const double now = sweeps_.width(bounds());
    context_.report(sweeps, options_.max_sweeps, now);
    if (now <= options_.eps) break;
    if (count.sweeps % kWindow != 0) continue;
    if (!promises(count.mark, now, options_.eps, kWindow, options_.max_sweeps - sweeps)) break;
    count.mark = now;
  }
  next(SumPhase::finished);
  return Outcome::finished;
}

// Of costs that sweeps alone have bounded, the middle, and the policy that is greedy in the bound
// that a policy proves: it is no worse than that bound.
void SumBounds::settle_values() {
  const auto [lower, upper] = bounds();
  if (options_.optimistic && progress_.guesses.sweeps > 0) {
    const bool proved = std::all_of(order_.begin(), order_.end(),
                                    [&](int32_t s) { return progress_.upper[s] < kInf; });
    std::copy_n(model_.minimise && proved ? upper : lower, n_, progress_.values);
    take_greedy();
    for (int64_t s = 0; s < n_; ++s) {
      const bool bounded = upper[s] < kInf;
      progress_.values[s] = bounded ? lower[s] + (upper[s] - lower[s]) / 2 : lower[s];
    }
  }
  for (int64_t s = 0; s < n_; ++s)
    progress_.values[s] = std::fmin(std::fmax(progress_.values[s], lower[s]), upper[s]);
}

}  // namespace belfry::cpu
