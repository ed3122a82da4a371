// Outcome advantages: what a group of samples makes of the reward of each of its members.
//
// Rewards enter as d = r − shift, the shift being the first scorable reward of the group, so that
// rewards near 1000 with a spread of 1 keep their digits. `Estimator` is the enumeration of the op.
#pragma once

#include <cmath>

#include "math/host_device.h"
#include "math/moments.h"

namespace belfry::math {

// A group over its scorable members (finite rewards).
struct GroupStats {
  double count = 0;
  double shift = 0;
  double mean = 0;           // of d
  double variance = 0;       // Σ (d − mean)² / (count − ddof)
  double apart = 0;          // 0 when all are equal; otherwise any other number
  double weighted_mean = 0;  // of d, weighted by the lengths
};

// What is the same for all groups of a call.
template <class Estimator>
struct GroupRule {
  Estimator estimator{};
  bool normalize = true;
  double raw_single = 1;  // 1: a group of one keeps its reward; 0: it gets 0
  double ddof = 1, eps = 1e-6;
  double k = 1;
  double batch_scale = 1;   // lite_ppo: 1/(S + ε); gpg: α
  double whiten_mean = 0;   // reinforce_pp_baseline
  double whiten_scale = 1;  // reinforce_pp_baseline
};

// A = (d − center) · scale
struct GroupLine {
  double center = 0, scale = 0;
};

// A = r > threshold ? above : below
struct GroupStep {
  double threshold = 0, above = 0, below = 0;
};

// The parameters of an op as a rule; `Op` is the op struct.
template <class Op>
auto group_rule(const Op& op) {
  GroupRule<decltype(op.estimator)> rule;
  rule.estimator = op.estimator;
  rule.raw_single = op.singleton == decltype(op.singleton)::raw ? 1 : 0;
  rule.normalize = op.normalize;
  rule.ddof = static_cast<double>(op.ddof);
  rule.eps = op.eps;
  rule.k = static_cast<double>(op.k);
  return rule;
}

// 1/(count − ddof), the factor of Σ (d − mean)² in the variance; of one sample, anything finite.
BELFRY_HD inline double inverse_freedom(double count, double ddof) {
  return 1 / (count > 1 ? count - ddof : 1);
}

// 1/(standard deviation + ε); one sample has no spread and counts as 1.
BELFRY_HD inline double inverse_spread(double count, double variance, double eps) {
  using std::sqrt;
  const double spread = sqrt(variance);
  return 1 / ((count > 1 ? spread : 1) + eps);
}

// 0 for a group whose advantages are all exactly 0.
template <class Estimator>
BELFRY_HD double group_spread(const GroupRule<Estimator>& rule, const GroupStats& group) {
  return group.count == 1 ? rule.raw_single : group.apart;
}

// d of the baseline: the mean; for a group of one, the d of a reward of 0.
template <class Estimator>
BELFRY_HD double group_baseline(const GroupRule<Estimator>& rule, const GroupStats& group) {
  const double mean = rule.estimator == Estimator::opo ? group.weighted_mean : group.mean;
  return group.count == 1 ? -group.shift : mean;
}

template <class Estimator>
BELFRY_HD double group_center(const GroupRule<Estimator>& rule, const GroupStats& group) {
  const double center = group_baseline(rule, group) + rule.whiten_mean;
  return group_spread(rule, group) != 0 ? center : 0;
}

template <class Estimator>
BELFRY_HD double group_factor(const GroupRule<Estimator>& rule, const GroupStats& group) {
  switch (rule.estimator) {
    case Estimator::grpo: return inverse_spread(group.count, group.variance, rule.eps);
    case Estimator::rloo: return group.count / (group.count > 1 ? group.count - 1 : 1);
    case Estimator::lite_ppo:
    case Estimator::gpg: return rule.batch_scale;
    case Estimator::reinforce_pp_baseline: return rule.whiten_scale;
    default: return 1;
  }
}

template <class Estimator>
BELFRY_HD double group_scale(const GroupRule<Estimator>& rule, const GroupStats& group) {
  const double scale = group_factor(rule, group);
  return group_spread(rule, group) != 0 ? scale : 0;
}

// Whitening by the moments of r − baseline over all tokens (arXiv 2501.03262); fewer than two
// tokens have no variance and give 0.
template <class Estimator>
BELFRY_HD void set_whitening(GroupRule<Estimator>& rule, Moments centred) {
  using std::sqrt;
  const double tokens = centred.weight;
  rule.whiten_mean = centred.mean;
  rule.whiten_scale = tokens > 1 ? 1 / sqrt(centred.m2 / (tokens - 1) + 1e-8) : 0;
}

// Whether an estimator gives each sample one of two values (passk_*) in place of a line.
template <class Estimator>
BELFRY_HD constexpr bool takes_step(Estimator estimator) {
  return estimator == Estimator::passk_max || estimator == Estimator::passk_analytic;
}

// Whether an estimator weights samples by their lengths.
template <class Estimator>
BELFRY_HD constexpr bool uses_lengths(Estimator estimator) {
  return estimator == Estimator::opo || estimator == Estimator::reinforce_pp_baseline;
}

// Best minus second best, for the best alone (arXiv 2503.19595). A shared maximum exceeds nothing.
BELFRY_HD inline GroupStep passk_max_step(const GroupStats& group, double best, double second,
                                          double eps, bool normalize) {
  if (group.count < 2 || group.apart == 0) return {};
  const double scale = normalize ? inverse_spread(group.count, group.variance, eps) : 1;
  return {second, (best - second) * scale, 0};
}

// C(wrong, k) / C(total, k): the chance that k draws without replacement are all wrong.
BELFRY_HD inline double chance_all_wrong(double total, double wrong, double k) {
  if (k > wrong) return 0;
  const double right = total - wrong;
  double chance = 1;
  if (right < k) {
    for (double i = wrong + 1; i <= total; ++i) chance *= 1 - k / i;
  } else {
    for (double i = 0; i < k; ++i) chance *= (wrong - i) / (total - i);
  }
  return chance;
}

// Pass@k of binary rewards (arXiv 2508.10751); a positive reward is a right answer.
BELFRY_HD inline GroupStep passk_analytic_step(double total, double right, double k) {
  using std::sqrt;
  const double wrong = total - right;
  if (!(total >= k) || right == 0 || wrong == 0) return {};
  const double all_wrong = chance_all_wrong(total, wrong, k);
  const double spread = sqrt((1 - all_wrong) * all_wrong);
  if (!(spread > 0)) return {};
  const double others_wrong = chance_all_wrong(total - 1, wrong - 1, k - 1);
  return {0, all_wrong / spread, (all_wrong - others_wrong) / spread};
}

}  // namespace belfry::math
