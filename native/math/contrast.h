// Contrast in time: how a row of scores s_ij = f_i·f_j/τ becomes a loss, and the weight of f_j in
// the gradient of f_i. Rows 0 … B−1 and B … 2B−1 are partners in order.
#pragma once

#include <cmath>

#include "math/representation.h"

namespace belfry::math {

// A feature shorter than this is divided by it.
constexpr double kShortestFeature = 1e-12;

// Of one row: the log-sum-exp over the others as it grows, and the terms of the logistic loss.
struct RowContrast {
  double max = -kInfinity<double>;
  double sum = 0;        // Σ e^{s − max}
  double positive = 0;   // score of the partner
  double negatives = 0;  // Σ softplus(s) over the other half

  BELFRY_HD void add(double s) {
    using std::exp;
    if (s == -kInfinity<double>) return;
    if (s > max) {
      sum = sum * exp(max - s) + 1;
      max = s;
    } else {
      sum += exp(s - max);
    }
  }
  BELFRY_HD double log_sum() const {
    using std::log;
    return max + log(sum);
  }
};

struct JoinContrast {
  BELFRY_HD RowContrast operator()(const RowContrast& a, const RowContrast& b) const {
    using std::exp;
    RowContrast both;
    both.max = a.max > b.max ? a.max : b.max;
    const double of_a = a.sum == 0 ? 0 : a.sum * exp(a.max - both.max);
    const double of_b = b.sum == 0 ? 0 : b.sum * exp(b.max - both.max);
    both.sum = of_a + of_b;
    both.positive = a.positive + b.positive;
    both.negatives = a.negatives + b.negatives;
    return both;
  }
};

struct ContrastRule {
  int64_t num_pairs;
  double inverse_temperature;
  bool logistic;

  BELFRY_HD int64_t partner(int64_t i) const {
    return i < num_pairs ? i + num_pairs : i - num_pairs;
  }
  BELFRY_HD bool same_half(int64_t i, int64_t j) const {
    return (i < num_pairs) == (j < num_pairs);
  }
  // 1/(B − 1); without negatives their mean is 0.
  BELFRY_HD double share() const { return inverse_count(num_pairs - 1); }

  // Score s_ij of another row, j ≠ i, in the loss of row i.
  BELFRY_HD void add(RowContrast& row, int64_t i, int64_t j, double s) const {
    if (j == partner(i)) row.positive += s;
    if (!logistic) {
      row.add(s);
    } else if (j != partner(i) && !same_half(i, j)) {
      row.negatives += softplus(s);
    }
  }
  BELFRY_HD double loss(const RowContrast& row) const {
    if (!logistic) return row.log_sum() - row.positive;
    return (softplus(-row.positive) + row.negatives * share()) / 2;
  }

  // Weight of f_j in 2Bτ ∂loss/∂f_i; the score counts in the loss of both rows.
  BELFRY_HD double weight(int64_t i, int64_t j, double s, double log_sum_i,
                          double log_sum_j) const {
    using std::exp;
    if (i == j) return 0;
    const bool positive = j == partner(i);
    if (!logistic) return exp(s - log_sum_i) + exp(s - log_sum_j) - (positive ? 2 : 0);
    if (positive) return -math::logistic(-s);
    return same_half(i, j) ? 0 : math::logistic(s) * share();
  }
};

template <class T>
ContrastRule contrast_rule(const TemporalContrastiveLoss<T>& op) {
  return {op.z1.dims[0], 1 / op.temperature, op.loss_type == ContrastiveLossType::logistic};
}

}  // namespace belfry::math
