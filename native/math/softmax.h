// Softmax of a row in one pass: the running sums, how two parts of a row are joined, and what
// follows from the sums of the whole row. Logits x, temperature τ, p_v = e^{x_v/τ} / Σ e^{x/τ}.
//
// Online normaliser: Milakov & Gimelshein, arXiv 1805.02867. All sums are relative to the maximum,
// so that logits of any size keep their accuracy.
#pragma once

#include <cmath>
#include <limits>

#include "math/host_device.h"

namespace belfry::math {

template <class T>
inline constexpr T kNegativeInfinity = -std::numeric_limits<T>::infinity();

// With d = x − max and e = e^{d/τ}. `sum` is 0 for a part that holds nothing but −Infinity, at
// least about 1 otherwise, NaN when the part holds a NaN or +Infinity.
template <class T>
struct LogSumExp {
  T max = kNegativeInfinity<T>;
  T sum = 0;       // Σ e
  T weighted = 0;  // Σ d e
  T squares = 0;   // Σ e²

  BELFRY_HD bool empty() const { return sum == 0; }
};

// The part's sums seen from a higher maximum.
template <class T>
BELFRY_HD inline LogSumExp<T> relative_to(LogSumExp<T> part, T max, T inverse_temperature) {
  using std::exp;
  if (part.empty() || part.max == max) return part;
  const T step = part.max - max;
  const T factor = exp(step * inverse_temperature);
  LogSumExp<T> moved;
  moved.max = max;
  moved.sum = part.sum * factor;
  moved.weighted = (part.weighted + part.sum * step) * factor;
  moved.squares = part.squares * factor * factor;
  return moved;
}

// Associative up to rounding; an empty part is the identity.
template <class T>
BELFRY_HD inline LogSumExp<T> combine(LogSumExp<T> a, LogSumExp<T> b, T inverse_temperature) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  const T max = a.max > b.max ? a.max : b.max;
  a = relative_to(a, max, inverse_temperature);
  b = relative_to(b, max, inverse_temperature);
  LogSumExp<T> both;
  both.max = max;
  both.sum = a.sum + b.sum;
  both.weighted = a.weighted + b.weighted;
  both.squares = a.squares + b.squares;
  return both;
}

// A probability of exactly 1 leaves rounding residues of either sign; NaN passes.
template <class T>
BELFRY_HD inline T at_most_zero(T x) {
  return x > 0 ? T(0) : x;
}
template <class T>
BELFRY_HD inline T at_least_zero(T x) {
  return x < 0 ? T(0) : x;
}

// log p of logit x.
template <class T>
BELFRY_HD inline T log_probability(const LogSumExp<T>& row, T x, T inverse_temperature) {
  using std::log;
  return at_most_zero((x - row.max) * inverse_temperature - log(row.sum));
}

template <class T>
BELFRY_HD inline T log_sum_exp(const LogSumExp<T>& row, T inverse_temperature) {
  using std::log;
  return row.max * inverse_temperature + log(row.sum);
}

// H = −Σ p log p = log Σe − Σ (d/τ) p
template <class T>
BELFRY_HD inline T entropy(const LogSumExp<T>& row, T inverse_temperature) {
  using std::log;
  return at_least_zero(log(row.sum) - row.weighted / row.sum * inverse_temperature);
}

// Σ p²
template <class T>
BELFRY_HD inline T sum_of_squared_probabilities(const LogSumExp<T>& row) {
  return row.squares / (row.sum * row.sum);
}

// c·tanh(x/c). A logit of −Infinity, an excluded token, stays excluded.
template <class T>
BELFRY_HD inline T soft_cap(T x, T cap) {
  using std::tanh;
  return x == kNegativeInfinity<T> ? x : cap * tanh(x / cap);
}

// d soft_cap / dx at the capped value; 0 for −Infinity.
template <class T>
BELFRY_HD inline T soft_cap_slope(T capped, T cap) {
  const T t = capped / cap;
  const T slope = 1 - t * t;
  return slope < 0 ? T(0) : slope;
}

// The gradient g ∂log p_y + h ∂H with respect to the logits of a row, but for the label's own
// entry: e_v (level + slope d_v), with e and d as in LogSumExp.
//   −g p_v − h p_v (log p_v + H), over τ;   log p_v = d_v/τ − log Σe
template <class T>
struct SoftmaxGradient {
  T level, slope;

  BELFRY_HD T operator()(T e, T d) const { return e * (level + slope * d); }
};

template <class T>
BELFRY_HD inline SoftmaxGradient<T> softmax_gradient(const LogSumExp<T>& row, T g, T h,
                                                     T inverse_temperature) {
  const T share = inverse_temperature / row.sum;
  if (h == 0) return {-g * share, T(0)};
  // H − log Σe is −Σ (d/τ) p; written so, nothing cancels.
  const T mean = row.weighted / row.sum * inverse_temperature;
  return {-(g - h * mean) * share, -h * share * inverse_temperature};
}

// The label's entry: g (1 − p) − h p (log p + H), over τ. A label of probability 0 keeps g.
template <class T>
BELFRY_HD inline T label_gradient(T log_p, T entropy_of_row, T g, T h, T inverse_temperature) {
  using std::exp;
  using std::expm1;
  const T p = exp(log_p);
  const T of_entropy = h == 0 || p == 0 ? T(0) : h * p * (log_p + entropy_of_row);
  return (-g * expm1(log_p) - of_entropy) * inverse_temperature;
}

}  // namespace belfry::math
