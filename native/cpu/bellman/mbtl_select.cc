// mbtl_select: greedy choice of training contexts by a Gaussian process of performance and a linear
// generalisation gap (arXiv 2408.04498). Step k costs k³/3 for the factor, n·k² for the variances
// and n² for the acquisition.
#include <algorithm>
#include <cmath>

#include "cpu/fitted-q/cholesky.h"
#include "cpu/run.h"
#include "math/bellman.h"
#include "ops/bellman/search.h"

namespace belfry::cpu {

namespace {

// Contexts as far from the chosen ones on either side tie; rounding must not choose between them.
constexpr double kTie = 1e-12;

// Performance over contexts given what was seen at the chosen ones; zero mean, RBF kernel.
class ContextProcess {
 public:
  ContextProcess(double sigma_f2, double length_scale, double noise_std, int64_t most,
                 CpuContext& context)
      : sigma_f2_(sigma_f2),
        length_(length_scale),
        noise_(noise_std),
        context_(context),
        at_(context.scratch<double>(most)),
        seen_(context.scratch<double>(most)),
        weights_(context.scratch<double>(most)),
        column_(context.scratch<double>(most)),
        solved_(context.scratch<double>(most)),
        factor_(context.scratch<double>(most * most)) {}

  void observe(double x, double performance) {
    at_[count_] = x;
    seen_[count_] = performance;
    ++count_;
  }
  void forget_last() { --count_; }
  bool fit() {
    for (int64_t i = 0; i < count_; ++i) {
      for (int64_t j = 0; j < count_; ++j) factor_[i * count_ + j] = covariance(at_[i], at_[j]);
      factor_[i * count_ + i] += noise_ * noise_;
    }
    Cholesky cholesky(factor_, count_);
    if (!cholesky.factorise(context_)) return false;
    std::copy_n(seen_, count_, weights_);
    cholesky.solve(weights_);
    return true;
  }
  void predict(double x, double* mean, double* deviation) {
    for (int64_t i = 0; i < count_; ++i) solved_[i] = column_[i] = covariance(x, at_[i]);
    Cholesky(factor_, count_).solve(solved_);
    double variance = sigma_f2_;
    *mean = 0;
    for (int64_t i = 0; i < count_; ++i) {
      *mean += column_[i] * weights_[i];
      variance -= column_[i] * solved_[i];
    }
    *deviation = std::sqrt(variance < 0 ? 0 : variance);
  }

  double log_likelihood() const {
    double sum = -0.5 * static_cast<double>(count_) * std::log(2 * 3.14159265358979323846);
    for (int64_t i = 0; i < count_; ++i) {
      sum -= 0.5 * seen_[i] * weights_[i] + std::log(factor_[i * count_ + i]);
    }
    return sum;
  }
  // ½ tr((α αᵀ − K⁻¹) ∂K/∂θ) for θ = σ_f², l and the noise.
  void log_likelihood_gradient(double* gradient) {
    std::fill_n(gradient, 3, 0.0);
    for (int64_t i = 0; i < count_; ++i) {
      std::fill_n(solved_, count_, 0.0);
      solved_[i] = 1;
      Cholesky(factor_, count_).solve(solved_);
      for (int64_t j = 0; j < count_; ++j) {
        const double factor = 0.5 * (weights_[i] * weights_[j] - solved_[j]);
        const double k = covariance(at_[i], at_[j]), d = (at_[i] - at_[j]) / length_;
        gradient[0] += factor * k / sigma_f2_;
        gradient[1] += factor * k * d * d / length_;
        if (i == j) gradient[2] += factor * 2 * noise_;
      }
    }
  }

 private:
  double covariance(double x, double other) const {
    const double d = (x - other) / length_;
    return sigma_f2_ * std::exp(-0.5 * d * d);
  }

  double sigma_f2_, length_, noise_;
  CpuContext& context_;
  int64_t count_ = 0;
  double *at_, *seen_, *weights_, *column_, *solved_, *factor_;
};

template <class T>
class ContextSelector {
 public:
  ContextSelector(const MbtlSelect<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        size_(op.transfer.dims[0]),
        x_(context.scratch<double>(size_)),
        best_(context.scratch<double>(size_)),
        acquisition_(context.scratch<double>(size_)),
        mean_(context.scratch<double>(size_)),
        deviation_(context.scratch<double>(size_)),
        chosen_(context.scratch<uint8_t>(size_)),
        process_(op.sigma_f2, op.length_scale, op.noise_std, op.num_steps, context) {
    for (int64_t i = 0; i < size_; ++i) {
      x_[i] = op.contexts ? static_cast<double>(op.contexts[i]) : static_cast<double>(i);
      best_[i] = -math::kInfinity<double>;
      acquisition_[i] = mean_[i] = deviation_[i] = math::kNaN<double>;
      chosen_[i] = 0;
    }
  }

  Status run() {
    for (int64_t k = 0; k < op_.num_steps; ++k) {
      if (context_.stopped()) return aborted();
      if (k > 0 && !process_.fit()) return context_.stopped() ? aborted() : not_definite();
      choose(k, k == 0 ? nearest_to_middle() : most_promising(k));
      context_.report(k + 1, op_.num_steps, 0);
    }
    write(op_.acquisition_last, acquisition_);
    write(op_.gp_mean_last, mean_);
    write(op_.gp_std_last, deviation_);
    write_likelihood();
    return {};
  }

 private:
  static Status not_definite() {
    return Status::error(Code::bad_value, "noiseStd",
                         "is too small, or contexts or performances are not finite: the covariance "
                         "is not positive definite");
  }

  int64_t nearest_to_middle() const {
    const double low = *std::min_element(x_, x_ + size_), high = *std::max_element(x_, x_ + size_);
    const double middle = low / 2 + high / 2;
    int64_t nearest = 0;
    for (int64_t i = 1; i < size_; ++i) {
      if (std::fabs(x_[i] - middle) < std::fabs(x_[nearest] - middle)) nearest = i;
    }
    return nearest;
  }
  double confidence(int64_t num_chosen) const {
    const double next = static_cast<double>(num_chosen + 1);
    switch (op_.beta_schedule) {
      case ConfidenceSchedule::inv: return 1 / next;
      case ConfidenceSchedule::log: return std::sqrt(std::log(next));
      case ConfidenceSchedule::one: break;
    }
    return 1;
  }
  int64_t most_promising(int64_t num_chosen) {
    const double b = confidence(num_chosen);
    math::GreedyChoice<double> choice;
    for (int64_t i = 0; i < size_; ++i) {
      process_.predict(x_[i], &mean_[i], &deviation_[i]);
      const double hope = mean_[i] + b * deviation_[i];
      double sum = 0;
      for (int64_t j = 0; j < size_; ++j) {
        const double floor = best_[j] > 0 ? best_[j] : 0;
        const double gain = hope - op_.slope * std::fabs(x_[i] - x_[j]) - floor;
        if (!(gain <= 0)) sum += gain;
      }
      acquisition_[i] = sum / static_cast<double>(size_);
      const bool tied = acquisition_[i] <= choice.key + kTie * std::fabs(choice.key);
      if (!chosen_[i] && (choice.action < 0 || !tied)) {
        choice.offer(static_cast<int32_t>(i), acquisition_[i]);
      }
    }
    return choice.action;
  }
  // What is seen of a context is its best performance among the policies there are by then.
  void choose(int64_t step, int64_t context) {
    chosen_[context] = 1;
    double sum = 0;
    for (int64_t j = 0; j < size_; ++j) {
      const auto reached = static_cast<double>(op_.transfer[context * size_ + j]);
      if (!(reached <= best_[j]) && best_[j] == best_[j]) best_[j] = reached;  // NaN stays
      sum += best_[j];
    }
    process_.observe(x_[context], best_[context]);
    if (op_.selected) op_.selected[step] = static_cast<int32_t>(context);
    if (op_.mean_performance) {
      op_.mean_performance[step] = static_cast<T>(sum / static_cast<double>(size_));
    }
  }

  void write(const Out<T, 1>& output, const double* values) const {
    if (!output) return;
    for (int64_t i = 0; i < size_; ++i) output[i] = static_cast<T>(values[i]);
  }
  // The last fit knew all choices but the last.
  void write_likelihood() {
    double value = math::kNaN<double>;
    double gradient[3] = {value, value, value};
    if (op_.num_steps > 1) {
      process_.forget_last();
      value = process_.log_likelihood();
      process_.log_likelihood_gradient(gradient);
    }
    if (op_.log_marginal_likelihood) op_.log_marginal_likelihood[0] = static_cast<T>(value);
    for (int k = 0; k < 3 && op_.grad_log_marginal_likelihood; ++k) {
      op_.grad_log_marginal_likelihood[k] = static_cast<T>(gradient[k]);
    }
  }

  const MbtlSelect<T>& op_;
  CpuContext& context_;
  const int64_t size_;
  double *x_, *best_, *acquisition_, *mean_, *deviation_;
  uint8_t* chosen_;
  ContextProcess process_;
};

template <class T>
Status mbtl_select(const MbtlSelect<T>& op, CpuContext& context) {
  if (op.num_steps > op.transfer.dims[0]) {
    return Status::error(Code::bad_value, "numSteps", "is %lld, more than the %lld contexts",
                         static_cast<long long>(op.num_steps),
                         static_cast<long long>(op.transfer.dims[0]));
  }
  return ContextSelector<T>(op, context).run();
}

}  // namespace

template <>
Status run(const MbtlSelect<float>& op, CpuContext& context) {
  return mbtl_select(op, context);
}
template <>
Status run(const MbtlSelect<double>& op, CpuContext& context) {
  return mbtl_select(op, context);
}

}  // namespace belfry::cpu
