// Pairs of segments, one pair a row (see lanes.h): their scores, the preference, its gradient.
#pragma once

#include <cmath>

#include "math/flags.h"
#include "math/lanes.h"
#include "math/outputs.h"
#include "math/preference.h"
#include "ops/preference/models.h"

namespace belfry::math {

// What every model gives out of a pair. `measure` is sign · score: a return, or a regret.
template <class T>
struct PairOutputs {
  T *losses, *prob_first, *measure;
  double sign;

  BELFRY_HD void write(int64_t pair, const Preference& p, const double* scores) const {
    if (losses) losses[pair] = static_cast<T>(p.loss);
    if (prob_first) prob_first[pair] = static_cast<T>(p.prob);
    for (int i = 0; measure && i < 2; ++i) measure[2 * pair + i] = static_cast<T>(sign * scores[i]);
  }
};

template <class T>
PairOutputs<T> pair_outputs(const PreferencePart<T>& op, const Out<T, 2>& measure, double sign) {
  return {data_of(op.losses), data_of(op.prob_first), data_of(measure), sign};
}

// γ^k for every k below the length, once for all pairs.
struct DiscountPowers {
  double gamma;
  double* powers;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t k, const Lanes&) const {
    using std::pow;
    powers[k] = pow(gamma, static_cast<double>(k));
    return {};
  }
};

// Weight of column t of a segment with n valid steps; without powers all count in full.
struct StepWeights {
  const double* powers = nullptr;
  bool from_end = false;

  BELFRY_HD bool need_count() const { return powers && from_end; }
  BELFRY_HD double operator()(int64_t t, int64_t n) const {
    if (!powers) return 1;
    const int64_t k = from_end ? n - 1 - t : t;
    return k < 0 ? 1 / powers[-k] : powers[k];
  }
};

// Scores that are weighted sums over steps.
template <class T>
struct StepPairs {
  const T *steps, *labels;
  FlagReader mask;
  int64_t length;
  double inverse_count;
  PreferenceRule rule;
  StepWeights weights;
  PairOutputs<T> outputs;
  T* grad;

  template <class Lanes>
  BELFRY_HD int64_t valid_steps(int64_t first, const Lanes& lanes) const {
    if (!weights.need_count()) return 0;
    return static_cast<int64_t>(
        sum_over(lanes, length, [=, this](int64_t t) { return mask(first + t) ? 1.0 : 0.0; }));
  }
  template <class Lanes>
  BELFRY_HD double score(int64_t first, int64_t valid, const Lanes& lanes) const {
    return sum_over(lanes, length, [=, this](int64_t t) {
      if (!mask(first + t)) return 0.0;
      return weighted(weights(t, valid), static_cast<double>(steps[first + t]));
    });
  }
  template <class Lanes>
  BELFRY_HD void write_gradient(int64_t first, int64_t valid, double slope,
                                const Lanes& lanes) const {
    for (int64_t t = lanes.first(); t < length; t += lanes.step()) {
      const double weight = mask(first + t) ? weights(t, valid) : 0;
      grad[first + t] = static_cast<T>(weighted(weight, slope));
    }
  }

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t pair, const Lanes& lanes) const {
    const int64_t first = 2 * pair * length, second = first + length;
    const int64_t valid[2] = {valid_steps(first, lanes), valid_steps(second, lanes)};
    const double scores[2] = {score(first, valid[0], lanes), score(second, valid[1], lanes)};
    const Preference p = rule(scores[0] - scores[1], static_cast<double>(labels[pair]));
    if (lanes.first() == 0) outputs.write(pair, p, scores);
    if (grad) {
      write_gradient(first, valid[0], p.slope * inverse_count, lanes);
      write_gradient(second, valid[1], -p.slope * inverse_count, lanes);
    }
    return {p.loss, 0};
  }
};

template <class T>
StepPairs<T> step_pairs(const PreferencePart<T>& op, const In<T, 3>& steps, const Flags<3>& mask,
                        const Out<T, 3>& grad) {
  StepPairs<T> pairs{};
  pairs.steps = steps.begin();
  pairs.labels = op.labels.begin();
  pairs.mask = read_flags(mask, true);
  pairs.length = steps.dims[2];
  pairs.inverse_count = inverse_count(steps.dims[0]);
  pairs.grad = data_of(grad);
  return pairs;
}

// `powers` is null where γ = 1.
template <class T>
StepPairs<T> return_pairs(const PartialReturnPreference<T>& op, const double* powers) {
  auto pairs = step_pairs(op, op.rewards, op.mask, op.grad_rewards);
  pairs.rule.noise = op.noise_prob;
  pairs.rule.margin = op.label_margin;
  pairs.rule.ties = true;
  if (op.threshold.present) pairs.rule.threshold = op.threshold.value;
  pairs.weights = {powers, op.discount_from == DiscountFrom::end};
  pairs.outputs = pair_outputs(op, op.returns, 1);
  return pairs;
}

template <class T>
StepPairs<T> advantage_pairs(const AdvantagePreference<T>& op) {
  auto pairs = step_pairs(op, op.advantages, op.mask, op.grad_advantages);
  pairs.outputs = pair_outputs(op, op.regret, -1);
  return pairs;
}

// Scores w_r R + w_T V(s_end) − w_0 V(s_start).
template <class T>
struct RegretPairs {
  const T *partial_return, *v_end, *v_start, *labels;
  double of_return, of_end, of_start, inverse_count;
  PairOutputs<T> outputs;
  T *grad_return, *grad_end, *grad_start;

  BELFRY_HD double score(int64_t i) const {
    return weighted(of_return, static_cast<double>(partial_return[i])) +
           weighted(of_end, static_cast<double>(v_end[i])) -
           weighted(of_start, static_cast<double>(v_start[i]));
  }
  BELFRY_HD void write_gradient(int64_t i, double slope) const {
    if (grad_return) grad_return[i] = static_cast<T>(weighted(of_return, slope));
    if (grad_end) grad_end[i] = static_cast<T>(weighted(of_end, slope));
    if (grad_start) grad_start[i] = static_cast<T>(weighted(-of_start, slope));
  }
  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t pair, const Lanes&) const {
    const double scores[2] = {score(2 * pair), score(2 * pair + 1)};
    const Preference p = preference(scores[0] - scores[1], static_cast<double>(labels[pair]));
    outputs.write(pair, p, scores);
    write_gradient(2 * pair, p.slope * inverse_count);
    write_gradient(2 * pair + 1, -p.slope * inverse_count);
    return {p.loss, 0};
  }
};

template <class T>
RegretPairs<T> regret_pairs(const DeterministicRegretPreference<T>& op) {
  const auto weight = [&](int64_t part) { return op.weights.count > 0 ? op.weights[part] : 1; };
  RegretPairs<T> pairs{};
  pairs.partial_return = op.partial_return.begin();
  pairs.v_end = op.v_end.begin();
  pairs.v_start = op.v_start.begin();
  pairs.labels = op.labels.begin();
  pairs.of_return = weight(0);
  pairs.of_end = weight(1);
  pairs.of_start = weight(2);
  pairs.inverse_count = inverse_count(op.partial_return.dims[0]);
  pairs.outputs = pair_outputs(op, op.regret, -1);
  pairs.grad_return = data_of(op.grad_partial_return);
  pairs.grad_end = data_of(op.grad_v_end);
  pairs.grad_start = data_of(op.grad_v_start);
  return pairs;
}

}  // namespace belfry::math
