// regret_preference: scores of segments under a linear reward, where V is a soft maximum over the
// successor features of G policies: V = Σ p_g v_g, p = softmax(v/T), v_g = ψ_g·w.
// ∂V/∂w = Σ_g p_g (1 + (v_g − V)/T) ψ_g. Cost: 4 N (2 G F) FLOPs and 4 N G exponentials.
#include <algorithm>

#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"
#include "math/soft_maximum.h"
#include "ops/bellman/losses.h"

namespace belfry::cpu {

namespace {

template <class T>
Status regret_of_segments(const RegretOfSegments<T>& op, CpuContext&) {
  if (!op.regret) return {};
  const int64_t length = op.seg_state.dims[1], num_actions = op.q_star.dims[1];
  for (int64_t i = 0; i < op.regret.dims[0]; ++i) {
    double sum = 0;
    for (int64_t at = i * length; at < (i + 1) * length; ++at) {
      const int64_t state = op.seg_state[at];
      sum += static_cast<double>(op.v_star[state]) -
             static_cast<double>(op.q_star[state * num_actions + op.seg_action[at]]);
    }
    op.regret[i] = static_cast<T>(sum);
  }
  return {};
}

template <class T>
class Preference {
 public:
  Preference(const RegretPreference<T>& op, CpuContext& context)
      : op_(op),
        num_features_(op.features.dims[2]),
        num_policies_(op.succ_start ? op.succ_start.dims[2] : 0),
        values_(context.scratch<double>(num_policies_)),
        grad_w_(context.scratch<double>(num_features_)),
        grad_x_(context.scratch<double>(2 * num_features_)) {
    std::fill_n(grad_w_, num_features_, 0.0);
  }

  void run() {
    const int64_t count = op_.features.dims[0];
    const double share = math::inverse_count(count);
    double loss = 0;
    for (int64_t i = 0; i < count; ++i) {
      const double x1 = score(2 * i, grad_x_);
      const double x2 = score(2 * i + 1, grad_x_ + num_features_);
      const double logit = x1 - x2;
      if (op_.segment_score) {
        op_.segment_score[2 * i] = static_cast<T>(x1);
        op_.segment_score[2 * i + 1] = static_cast<T>(x2);
      }
      if (op_.prob_first) op_.prob_first[i] = static_cast<T>(math::logistic(logit));
      if (!op_.labels) continue;
      const auto p = math::preference(logit, static_cast<double>(op_.labels[i]));
      loss += p.loss;
      const double slope = p.slope * share;
      if (op_.grad_logit) op_.grad_logit[i] = static_cast<T>(slope);
      for (int64_t f = 0; f < num_features_; ++f) {
        grad_w_[f] += slope * (grad_x_[f] - grad_x_[num_features_ + f]);
      }
    }
    write_mean(op_, loss, count);
    if (!op_.grad_w) return;
    for (int64_t f = 0; f < num_features_; ++f) op_.grad_w[f] = static_cast<T>(grad_w_[f]);
  }

 private:
  double weight(int64_t part) const { return op_.weights.count > 0 ? op_.weights[part] : 1; }

  double product(const T* features) const {
    double sum = 0;
    for (int64_t f = 0; f < num_features_; ++f) {
      sum += static_cast<double>(features[f]) * static_cast<double>(op_.w[f]);
    }
    return sum;
  }

  // x of a segment, counted over both of every pair; its gradient to `grad`.
  double score(int64_t segment, double* grad) {
    const T* features = op_.features.begin() + segment * num_features_;
    for (int64_t f = 0; f < num_features_; ++f) {
      grad[f] = weight(0) * static_cast<double>(features[f]);
    }
    double x = weight(0) * product(features);
    if (op_.model == PreferenceModel::partial_return) return x;
    const int64_t at = segment * num_policies_ * num_features_;
    x += add_value(op_.succ_end.begin() + at, weight(1), grad);
    x += add_value(op_.succ_start.begin() + at, -weight(2), grad);
    return x;
  }

  // factor · V; its gradient is added.
  double add_value(const T* successors, double factor, double* grad) {
    math::SoftMaximum best(op_.softmax_temperature);
    for (int64_t g = 0; g < num_policies_; ++g) {
      values_[g] = product(successors + g * num_features_);
      best.offer(values_[g]);
    }
    for (int64_t g = 0; g < num_policies_; ++g) best.add(values_[g]);
    for (int64_t g = 0; g < num_policies_; ++g) {
      const double slope = factor * best.slope(values_[g]);
      if (slope == 0) continue;
      for (int64_t f = 0; f < num_features_; ++f) {
        grad[f] += slope * static_cast<double>(successors[g * num_features_ + f]);
      }
    }
    return factor * best.value();
  }

  const RegretPreference<T>& op_;
  const int64_t num_features_, num_policies_;
  double *values_, *grad_w_, *grad_x_;
};

template <class T>
Status regret_preference(const RegretPreference<T>& op, CpuContext& context) {
  Preference<T>(op, context).run();
  return {};
}

}  // namespace

template <>
Status run(const RegretOfSegments<float>& op, CpuContext& context) {
  return regret_of_segments(op, context);
}
template <>
Status run(const RegretOfSegments<double>& op, CpuContext& context) {
  return regret_of_segments(op, context);
}

template <>
Status run(const RegretPreference<float>& op, CpuContext& context) {
  return regret_preference(op, context);
}
template <>
Status run(const RegretPreference<double>& op, CpuContext& context) {
  return regret_preference(op, context);
}

}  // namespace belfry::cpu
