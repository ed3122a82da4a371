// value_iteration_deterministic: sweeps in place (Gauss–Seidel, Puterman (1994), section 6.3.3),
// each state with the values already written. A sweep in any order is a contraction by γ in the
// maximum norm with V* as its fixed point, so that |V − V*| ≤ γ/(1−γ) max |change| after it. An
// action that stays is replaced by staying for ever, which leaves V* as it is.
//
// From a start below V* (above it when minimising) values only rise, and one sweep along the moves
// carries an exact value to every state behind it: a board is solved by the first sweep, and the
// second proves it. One thread. Where neighbouring states move alike (stencil_states.h) only
// V(s) → V(s−1) is done state by state: the latency of a product, a sum and a comparison is the
// limit, S·A·(4 + sizeof(T)) bytes a sweep come after. Elsewhere that of a whole backup is.
#include "cpu/bellman/row_backup.h"
#include "cpu/bellman/stencil_states.h"
#include "cpu/run.h"
#include "math/value_iteration.h"
#include "ops/bellman/deterministic_models.h"

namespace belfry::cpu {

namespace {

template <class T>
class Solver {
 public:
  Solver(const ValueIterationDeterministic<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        num_states_(op.rewards.dims[0]),
        num_actions_(op.rewards.dims[1]),
        gamma_(static_cast<T>(op.gamma)),
        terminal_(static_cast<int32_t>(op.terminal)),
        mask_(math::read_flags(op.action_mask, true)),
        minimise_(op.mode == Mode::min) {
    model_.next_states = op.next_states.begin();
    model_.rewards = op.rewards.begin();
    model_.gamma = gamma_;
    model_.num_states = num_states_;
    model_.num_actions = num_actions_;
    model_.terminal = terminal_;
    model_.minimise = minimise_;
  }

  Status run() {
    values_ = op_.v_star ? op_.v_star.begin() : context_.scratch<T>(num_states_);
    start();
    math::StopTest test({op_.gamma, true}, false, op_.tolerance, kEpsilon);
    if (op_.stop_state) test.resume(math::read_stop_state(op_.stop_state.begin()));
    math::Change<double> change;
    auto verdict = math::Verdict::go_on;
    int64_t iterations = 0;
    while (verdict == math::Verdict::go_on && iterations < op_.max_iterations) {
      const bool backward =
          op_.order == SweepOrder::backward ||
          (op_.order == SweepOrder::alternate && (op_.first_sweep + iterations) % 2 == 1);
      if (!sweep(backward, change)) return aborted();
      context_.report(++iterations, 0, change.residual());
      verdict = test.judge(change);
    }
    write_bounds(change);
    if (op_.policy_star) write_policy();
    if (op_.iterations) op_.iterations[0] = static_cast<int32_t>(iterations);
    if (op_.converged) op_.converged[0] = verdict == math::Verdict::converged;
    if (op_.residual_inf) op_.residual_inf[0] = static_cast<T>(change.residual());
    if (op_.stop_state_out) math::write_stop_state(test.state(), op_.stop_state_out.begin());
    return finished(context_);
  }

 private:
  static constexpr double kEpsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  static constexpr int64_t kStatesPerLook = 65536, kMostStates = 1024;

  void start() {
    if (op_.initial_values) {
      std::copy_n(op_.initial_values.begin(), num_states_, values_);
      return;
    }
    std::fill_n(values_, num_states_, static_cast<T>(op_.gamma < 1 ? bound_of_rewards() : 0));
  }
  // No value is worse than for ever the worst reward, or than nothing at all.
  double bound_of_rewards() const {
    const int64_t count = num_states_ * num_actions_, chunk = 1 << 17;
    T* worst = context_.scratch<T>((count + chunk - 1) / chunk);
    context_.parallel(count, chunk, [&](int64_t begin, int64_t end, int64_t piece) {
      worst[piece] = minimise_ ? largest<true>(op_.rewards.begin() + begin, end - begin)
                               : largest<false>(op_.rewards.begin() + begin, end - begin);
    });
    T most = 0;
    for (int64_t i = 0; i * chunk < count; ++i) most = std::max(most, worst[i]);
    return static_cast<double>(math::greedy_key(most, !minimise_)) / (1 - op_.gamma);
  }
  // Largest of 0 and the rewards, or of 0 and their negatives, in chains side by side.
  template <bool kPlain>
  static T largest(const T* x, int64_t count) {
    constexpr int kChains = 16;
    T most[kChains] = {};
    int64_t i = 0;
    for (; i + kChains <= count; i += kChains) {
      for (int k = 0; k < kChains; ++k) {
        const T value = kPlain ? x[i + k] : -x[i + k];
        most[k] = value > most[k] ? value : most[k];
      }
    }
    for (; i < count; ++i) most[0] = std::max(most[0], kPlain ? x[i] : -x[i]);
    return *std::max_element(most, most + kChains);
  }

  // Q of a row of `state`, by the value of the successor; next_value(to) reads it.
  template <class NextValue>
  T q_of(int64_t state, int64_t row, const NextValue& next_value) const {
    const int32_t to = op_.next_states[row];
    const T reward = op_.rewards[row];
    if (to == terminal_) return reward;
    return to == state ? math::stay_value(reward, gamma_)
                       : math::q_value(reward, gamma_, next_value(to));
  }
  math::GreedyChoice<T> best_of(int64_t state) const {
    math::GreedyChoice<T> best;
    const int64_t first = state * num_actions_;
    for (int64_t a = 0; a < num_actions_; ++a) {
      if (!mask_(first + a)) continue;
      const T q = q_of(state, first + a, [this](int32_t to) { return values_[to]; });
      best.offer(static_cast<int32_t>(a), math::greedy_key(q, minimise_));
    }
    return best;
  }
  // The value of best_of where every action is allowed. `last`, just written to state `before`, is
  // taken from its register: a sweep is one chain of such values.
  // kActions: how many, where known when compiled, otherwise 0.
  template <bool kMinimise, int kActions>
  T best_value(int64_t state, int64_t before, T last) const {
    T best = -math::kInfinity<T>, total = 0;
    const int64_t num_actions = kActions > 0 ? kActions : num_actions_;
    const int64_t first = state * num_actions;
#pragma GCC unroll 4
    for (int64_t a = 0; a < num_actions; ++a) {
      const T q = q_of(state, first + a,
                       [=, this](int32_t to) { return to == before ? last : values_[to]; });
      const T key = math::greedy_key(q, kMinimise);
      total += q;
      best = key > best ? key : best;
    }
    // A NaN, or infinities of both signs.
    if (total != total) return best_of(state).value(kMinimise);
    return math::greedy_key(best, kMinimise);
  }

  using Extremes = SweepExtremes<T>;

  template <class ValueOf>
  Extremes sweep_states(int64_t begin, int64_t end, bool backward, const ValueOf& value_of) {
    Extremes extremes;
    T* const values = values_;
    const int64_t step = backward ? -1 : 1;
    int64_t s = backward ? num_states_ - 1 - begin : begin;
    T last = begin == 0 ? T(0) : values[s - step];
    for (int64_t i = begin; i < end; ++i, s += step) {
      last = value_of(s, s - step, last);
      extremes.add(values[s], last);
      values[s] = last;
    }
    return extremes;
  }
  template <int kActions>
  Extremes sweep_singly(int64_t begin, int64_t end, bool backward) {
    if (minimise_) {
      return sweep_states(begin, end, backward, [this](int64_t s, int64_t before, T last) {
        return best_value<true, kActions>(s, before, last);
      });
    }
    return sweep_states(begin, end, backward, [this](int64_t s, int64_t before, T last) {
      return best_value<false, kActions>(s, before, last);
    });
  }
  Extremes sweep_plain(int64_t begin, int64_t end, bool backward) {
    Extremes extremes;
    const auto stream = [&](int64_t from) {
      return stencil_sweep(model_, values_, from, end, backward, extremes);
    };
    const auto singly = [&](int64_t from, int64_t count) {
      const int64_t until = from + count;
      extremes.merge(num_actions_ == 4 ? sweep_singly<4>(from, until, backward)
                                       : sweep_singly<0>(from, until, backward));
    };
    by_patterns(begin, end, kMostStates, stream, singly);
    return extremes;
  }
  Extremes sweep_any(int64_t begin, int64_t end, bool backward) {
    if (mask_.given() || num_actions_ == 0) {
      return sweep_states(begin, end, backward,
                          [this](int64_t s, int64_t, T) { return best_of(s).value(minimise_); });
    }
    return sweep_plain(begin, end, backward);
  }
  bool sweep(bool backward, math::Change<double>& change) {
    change = {};
    for (int64_t done = 0; done < num_states_; done += kStatesPerLook) {
      const int64_t until = std::min(num_states_, done + kStatesPerLook);
      const Extremes part = sweep_any(done, until, backward);
      change.merge(math::Change<T>{-part.change, part.change, part.value, part.nan});
      if (context_.stopped()) return false;
    }
    return true;
  }

  void write_bounds(const math::Change<double>& change) const {
    if (!op_.v_star_lower && !op_.v_star_upper) return;
    const double residual = change.residual();
    const bool bounded = op_.gamma < 1 && residual < math::kInfinity<double>;
    const double error = bounded ? op_.gamma / (1 - op_.gamma) * residual +
                                       math::sweep_rounding(change.largest, op_.gamma, kEpsilon)
                                 : math::kInfinity<double>;
    for (int64_t s = 0; s < num_states_; ++s) {
      const bool acts = math::any_allowed(mask_, s, num_actions_);
      if (op_.v_star_lower) op_.v_star_lower[s] = math::shifted(values_[s], -error, acts);
      if (op_.v_star_upper) op_.v_star_upper[s] = math::shifted(values_[s], error, acts);
    }
  }
  void write_policy() const {
    const StatePieces pieces(num_states_, 4 * num_actions_ + 1);
    pieces.run(context_, [this](int64_t begin, int64_t end, int64_t) {
      for (int64_t s = begin; s < end; ++s) op_.policy_star[s] = best_of(s).action;
    });
  }

  const ValueIterationDeterministic<T>& op_;
  CpuContext& context_;
  const int64_t num_states_, num_actions_;
  const T gamma_;
  const int32_t terminal_;
  const math::FlagReader mask_;
  const bool minimise_;
  DeterministicStates<T> model_;
  T* values_ = nullptr;
};

}  // namespace

template <>
Status run(const ValueIterationDeterministic<float>& op, CpuContext& context) {
  return Solver<float>(op, context).run();
}
template <>
Status run(const ValueIterationDeterministic<double>& op, CpuContext& context) {
  return Solver<double>(op, context).run();
}

}  // namespace belfry::cpu
