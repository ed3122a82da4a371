// Bellman backups: the value of a state-action pair, the choice among actions, the change that a
// sweep makes, and the bounds on V* that follow from it.
#pragma once

#include <cstdint>
#include <limits>

#include "math/host_device.h"

namespace belfry::math {

// As constants, which device code may use where it may not call std:: functions.
template <class T>
inline constexpr T kInfinity = std::numeric_limits<T>::infinity();
template <class T>
inline constexpr T kNaN = std::numeric_limits<T>::quiet_NaN();

// Q(s,a) = r(s,a) + γ E[V(s')].
template <class T>
BELFRY_HD constexpr T q_value(T reward, T gamma, T expected_next) {
  return reward + gamma * expected_next;
}

// Q of staying in a state for ever: r/(1−γ); without discount ±Infinity, or 0 where nothing is got.
template <class T>
BELFRY_HD constexpr T stay_value(T reward, T gamma) {
  if (reward == 0) return reward;
  return gamma < 1 ? reward / (1 - gamma) : reward * kInfinity<T>;
}

// Q of an action that is not allowed.
template <class T>
BELFRY_HD constexpr T masked_q(bool minimise) {
  return minimise ? kInfinity<T> : -kInfinity<T>;
}

// π(a|s) q(s,a). An action that is never taken may be impossible: 0 · ±Infinity is 0 here.
template <class T>
BELFRY_HD constexpr T policy_term(T probability, T q) {
  const bool infinite = q == q && q - q != q - q;
  return probability == 0 && infinite ? T(0) : probability * q;
}

// The larger key is the better action: Q itself, or −Q where costs are minimised.
template <class T>
BELFRY_HD constexpr T greedy_key(T q, bool minimise) {
  return minimise ? -q : q;
}

// The best of the actions offered so far. The first of equals wins; a NaN wins over every number,
// the first NaN over the later ones (the rule of numpy's argmax).
template <class T>
struct GreedyChoice {
  T key = 0;
  int32_t action = -1;

  BELFRY_HD constexpr void offer(int32_t candidate, T candidate_key) {
    const bool better = !(candidate_key <= key) && key == key;
    if (action >= 0 && !better) return;
    key = candidate_key;
    action = candidate;
  }
  // 0 where no action is allowed.
  BELFRY_HD constexpr T value(bool minimise) const {
    return action < 0 ? T(0) : greedy_key(key, minimise);
  }
};

// Whether a lower action with this key wins over the best one. False for NaN.
template <class T>
BELFRY_HD constexpr bool within_tie(T key, T best_key, T tie_eps) {
  return key >= best_key - tie_eps;
}

// What a sweep did to the values: extremes of δ = V' − V, and the largest |V'|.
template <class T>
struct Change {
  T low = kInfinity<T>;
  T high = -kInfinity<T>;
  T largest = 0;
  bool nan = false;

  BELFRY_HD constexpr void add(T before, T after) {
    const T delta = after - before;
    const T size = after < 0 ? -after : after;
    if (delta != delta) nan = true;
    if (delta < low) low = delta;
    if (delta > high) high = delta;
    if (size > largest) largest = size;
  }
  template <class U>
  BELFRY_HD constexpr void merge(const Change<U>& other) {
    if (static_cast<T>(other.low) < low) low = static_cast<T>(other.low);
    if (static_cast<T>(other.high) > high) high = static_cast<T>(other.high);
    if (static_cast<T>(other.largest) > largest) largest = static_cast<T>(other.largest);
    nan = nan || other.nan;
  }
  // No state was swept.
  BELFRY_HD constexpr bool empty() const { return low > high && !nan; }
  // max |δ|: 0 without states, NaN when any δ is.
  BELFRY_HD constexpr T residual() const {
    if (nan) return kNaN<T>;
    if (low > high) return 0;
    return high > -low ? high : -low;
  }
  // max δ − min δ.
  BELFRY_HD constexpr T span() const {
    if (nan) return kNaN<T>;
    return low > high ? T(0) : high - low;
  }
};

// V* − V' lies in [low, high] at every state.
struct ValueBounds {
  double low = -kInfinity<double>;
  double high = kInfinity<double>;

  BELFRY_HD constexpr double half_width() const { return (high - low) / 2; }
  BELFRY_HD constexpr bool finite() const { return half_width() < kInfinity<double>; }
  BELFRY_HD constexpr double middle() const { return finite() ? low + half_width() : 0; }
};

// MacQueen and Porteus, as in Puterman (1994), section 6.6.2. `leaky`: some row has mass below
// one, so that the change of a sweep may die out as well as go on. No bounds at γ = 1.
BELFRY_HD constexpr ValueBounds macqueen_bounds(const Change<double>& change, double gamma,
                                                bool leaky) {
  if (change.nan || gamma >= 1 || change.empty()) return {};
  const double low = leaky && change.low > 0 ? 0 : change.low;
  const double high = leaky && change.high < 0 ? 0 : change.high;
  const double factor = gamma / (1 - gamma);
  return {factor * low, factor * high};
}

// What rounding may add to those bounds: a sweep is off by a few units in the last place of the
// largest value (`epsilon` is the spacing at 1), and every later sweep hands on γ of it.
BELFRY_HD constexpr double sweep_rounding(double largest, double gamma, double epsilon) {
  return 2 * epsilon * largest / (1 - gamma);
}

}  // namespace belfry::math
