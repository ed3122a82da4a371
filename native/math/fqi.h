// The targets of fitted-Q iteration: y = r + γ (1 − terminated) B(q'). A row is read through
// `lanes` (see math/lanes.h).
//
// Actions that are not allowed are never read. A NaN among the allowed ones makes the value NaN.
#pragma once

#include <cmath>
#include <cstdint>

#include "belfry/status.h"
#include "math/bellman.h"
#include "math/flags.h"
#include "math/lanes.h"
#include "ops/fitted_q.h"

namespace belfry::math {

// A terminal row does not look at its next state, and neither does γ = 0: NaN there does not leak.
BELFRY_HD constexpr double fqi_bootstrap(double reward, double gamma, double value, bool terminal) {
  return terminal || gamma == 0 ? reward : reward + gamma * value;
}

// λ min(q, q_b) + (1 − λ) max(q, q_b); a weight of 0 drops an infinite term, not a NaN.
BELFRY_HD constexpr double clipped_mix(double q, double q_b, double lambda) {
  const double low = q < q_b ? q : q_b;
  const double high = q < q_b ? q_b : q;
  return policy_term(lambda, low) + policy_term(1 - lambda, high);
}

// τ log Σ e^{q/τ} from the maximum and sum = Σ e^{(q − max)/τ}; mellowmax divides sum by the count.
BELFRY_HD inline double soft_value(double max, double sum, double tau) {
  using std::log;
  const bool finite = max - max == 0;
  return finite ? max + tau * log(sum) : max;
}

// The level at which the weighted mean of asymmetric residuals vanishes, from these sums around a
// first guess: guess + Σ w c (q − guess) / Σ w c, with c = τ above the guess and 1 − τ below.
struct ExpectileSums {
  double mass = 0, pull = 0;
  int64_t above = 0;

  BELFRY_HD constexpr void add(double weight, double q, double guess, double tau) {
    const double share = weight * (q > guess ? tau : 1 - tau);
    mass += share;
    pull += policy_term(share, q - guess);
    above += q > guess;
  }
  BELFRY_HD constexpr double shift() const { return mass == 0 ? pull : pull / mass; }
};

// As functors for reductions over lanes.
struct AddSums {
  BELFRY_HD constexpr ExpectileSums operator()(ExpectileSums a, ExpectileSums b) const {
    return {a.mass + b.mass, a.pull + b.pull, a.above + b.above};
  }
  BELFRY_HD constexpr double operator()(double a, double b) const { return a + b; }
};
// The rule of GreedyChoice for two choices whose actions are in any order.
struct BetterChoice {
  template <class T>
  BELFRY_HD constexpr GreedyChoice<T> operator()(GreedyChoice<T> a, GreedyChoice<T> b) const {
    if (a.action < 0) return b;
    if (b.action < 0) return a;
    GreedyChoice<T> best = a.action < b.action ? a : b;
    const GreedyChoice<T> later = a.action < b.action ? b : a;
    best.offer(later.action, later.key);
    return best;
  }
};

// B(q') of a row, and whether any action was allowed there.
struct NextValue {
  double value = 0;
  bool any = false;
};

template <class T>
struct FqiRows {
  const T *next_q, *rewards, *select, *policy, *q_b;
  FlagReader terminated, allowed;
  int64_t num_actions;
  FqiOperator fqi_operator;
  double gamma, tau, lambda;
  T* target;

  BELFRY_HD double q(int64_t at) const { return static_cast<double>(next_q[at]); }

  // Calls body(action, position) for this lane's allowed actions.
  template <class Lanes, class Body>
  BELFRY_HD void each(int64_t row, const Lanes& lanes, const Body& body) const {
    BELFRY_ROLLED
    for (int64_t a = lanes.first(); a < num_actions; a += lanes.step()) {
      const int64_t at = row * num_actions + a;
      if (allowed(at)) body(a, at);
    }
  }

  // The greedy action by key(position).
  template <class Lanes, class Key>
  BELFRY_HD GreedyChoice<double> best(int64_t row, const Lanes& lanes, const Key& key) const {
    GreedyChoice<double> choice;
    each(row, lanes,
         [&](int64_t a, int64_t at) { choice.offer(static_cast<int32_t>(a), key(at)); });
    return lanes.combine(choice, BetterChoice{});
  }
  template <class Lanes>
  BELFRY_HD GreedyChoice<double> best_q(int64_t row, const Lanes& lanes) const {
    return best(row, lanes, [this](int64_t at) { return q(at); });
  }

  template <class Lanes>
  BELFRY_HD NextValue double_value(int64_t row, const Lanes& lanes) const {
    const auto choice =
        best(row, lanes, [this](int64_t at) { return static_cast<double>(select[at]); });
    if (choice.action < 0) return {};
    return {q(row * num_actions + choice.action), true};
  }

  template <class Lanes>
  BELFRY_HD NextValue clipped_mix_value(int64_t row, const Lanes& lanes) const {
    const auto choice = best(row, lanes, [this](int64_t at) {
      return clipped_mix(q(at), static_cast<double>(q_b[at]), lambda);
    });
    return {choice.key, choice.action >= 0};
  }

  template <class Lanes>
  BELFRY_HD NextValue policy_value(int64_t row, const Lanes& lanes) const {
    double sum = 0;
    each(row, lanes,
         [&](int64_t, int64_t at) { sum += policy_term(static_cast<double>(policy[at]), q(at)); });
    return {lanes.combine(sum, AddSums{}), true};  // without actions the sum is 0, as if terminal
  }

  // Terms of soft and mellowmax; `count` is the number of allowed actions where a mean is wanted.
  template <class Lanes>
  BELFRY_HD NextValue soft_next_value(int64_t row, const Lanes& lanes, bool mean) const {
    using std::exp;
    const auto choice = best_q(row, lanes);
    if (choice.action < 0) return {};
    double sum = 0, count = 0;
    each(row, lanes, [&](int64_t, int64_t at) {
      sum += exp((q(at) - choice.key) / tau);
      count += 1;
    });
    sum = lanes.combine(sum, AddSums{});
    count = mean ? lanes.combine(count, AddSums{}) : 1;
    return {soft_value(choice.key, sum / count, tau), true};
  }

  template <class Lanes>
  BELFRY_HD ExpectileSums around(int64_t row, const Lanes& lanes, double guess,
                                 double level) const {
    ExpectileSums sums;
    each(row, lanes, [&](int64_t, int64_t at) {
      sums.add(static_cast<double>(policy[at]), q(at), guess, level);
    });
    return lanes.combine(sums, AddSums{});
  }

  // Newton's method on a piecewise linear, monotone equation, from the mean: it moves to one side
  // and ends exactly, once the same actions lie above. No more steps than there are pieces.
  template <class Lanes>
  BELFRY_HD NextValue expectile_value(int64_t row, const Lanes& lanes) const {
    double guess = around(row, lanes, 0.0, 0.5).shift();
    int64_t above = -1;
    BELFRY_ROLLED
    for (int64_t i = 0; i < num_actions + 2 && guess - guess == 0; ++i) {
      const ExpectileSums sums = around(row, lanes, guess, tau);
      if (sums.above == above) break;
      above = sums.above;
      guess += sums.shift();
    }
    return {guess, true};  // without actions, or where π is 0 on all of them: 0, as if terminal
  }

  template <class Lanes>
  BELFRY_HD NextValue next_value(int64_t row, const Lanes& lanes) const {
    switch (fqi_operator) {
      case FqiOperator::double_q: return double_value(row, lanes);
      case FqiOperator::policy: return policy_value(row, lanes);
      case FqiOperator::soft:
      case FqiOperator::mellowmax:
        return soft_next_value(row, lanes, fqi_operator == FqiOperator::mellowmax);
      case FqiOperator::expectile: return expectile_value(row, lanes);
      case FqiOperator::clipped_mix: return clipped_mix_value(row, lanes);
      case FqiOperator::max: break;
    }
    const auto choice = best_q(row, lanes);
    return {choice.key, choice.action >= 0};
  }

  BELFRY_HD T target_of(int64_t row, NextValue next) const {
    const bool terminal = terminated(row) || !next.any;
    return static_cast<T>(
        fqi_bootstrap(static_cast<double>(rewards[row]), gamma, next.value, terminal));
  }
};

template <class T>
FqiRows<T> fqi_rows(const FqiTarget<T>& op) {
  FqiRows<T> rows{};
  rows.next_q = op.next_q_values.begin();
  rows.rewards = op.rewards.begin();
  rows.select = op.next_q_select ? op.next_q_select.begin() : nullptr;
  rows.policy = op.next_policy ? op.next_policy.begin() : nullptr;
  rows.q_b = op.next_q_b ? op.next_q_b.begin() : nullptr;
  rows.terminated = read_flags(op.terminated, false);
  rows.allowed = read_flags(op.next_action_mask, true);
  rows.num_actions = op.next_q_values.dims[1];
  rows.fqi_operator = op.fqi_operator;
  rows.gamma = op.gamma;
  rows.tau = op.tau;
  rows.lambda = op.lambda;
  rows.target = op.target.begin();
  return rows;
}

// What the declaration cannot say: the expectile needs a policy, and a level below 1.
template <class T>
Status check_fqi_target(const FqiTarget<T>& op) {
  if (op.fqi_operator != FqiOperator::expectile) return {};
  if (!op.next_policy) {
    return Status::error(Code::missing_operand, "next_policy",
                         "is required when operator is 'expectile'");
  }
  if (op.tau >= 1) {
    return Status::error(Code::invalid_argument, "tau",
                         "is %g, but the level of an expectile lies in (0, 1)", op.tau);
  }
  return {};
}

// ‖w‖ has grown by more than 1e6 since the first regression (or is not a number any more).
BELFRY_HD constexpr bool fqi_diverged(double norm, double first_norm) {
  return !(norm <= 1e6 * (first_norm > 1 ? first_norm : 1.0));
}

// A pivot of the Cholesky factorisation that is only rounding, or negative.
BELFRY_HD constexpr bool fqi_pivot_vanishes(double pivot, double diagonal, int64_t size) {
  return !(pivot > diagonal * 2.220446049250313e-16 * static_cast<double>(size));
}

// `pivot` number `index` of a Gram matrix of that size has vanished.
inline Status fqi_not_positive_definite(int64_t index, double pivot) {
  if (!(pivot - pivot == 0)) {
    return Status::error(Code::bad_value, "phi",
                         "holds NaN, Infinity or values too large to square in column %lld",
                         static_cast<long long>(index));
  }
  return Status::error(
      Code::bad_value, "ridge",
      "is too small: the Gram matrix is not positive definite (pivot %lld is %.3g)",
      static_cast<long long>(index), pivot);
}

}  // namespace belfry::math
