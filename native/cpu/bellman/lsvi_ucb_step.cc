// lsvi_ucb_step: V' = (1 − done) max_a clip(φ'·w' + β‖φ'‖ in Λ'⁻¹, q_min, q_max) and the ridge
// regression w = Λ⁻¹ Σ φ (r + V') (arXiv 1907.05388). N·A·d² flops for the norms, N·d² for Λ.
#include <algorithm>
#include <cmath>

#include "cpu/bellman/ridge_metric.h"
#include "cpu/fitted-q/gram.h"
#include "cpu/run.h"
#include "math/bellman.h"
#include "math/flags.h"
#include "ops/bellman/search.h"

namespace belfry::cpu {

namespace {

template <class T>
class LsviStep {
 public:
  LsviStep(const LsviUcbStep<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        rows_(op.phi.dims[0]),
        actions_(op.next_phi.dims[1]),
        size_(op.phi.dims[1]),
        terminated_(math::read_flags(op.terminated, false)),
        allowed_(math::read_flags(op.next_action_mask, true)),
        values_(context.scratch<double>(rows_)),
        next_metric_(size_, 1, context) {}

  Status run() {
    double* matrix = context_.scratch<double>(size_ * size_);
    std::copy_n(op_.next_gram.begin(), size_ * size_, matrix);
    if (!next_metric_.assign(matrix, context_)) return failure("nextGram");
    evaluate();
    if (context_.stopped()) return aborted();
    if (op_.next_values) {
      for (int64_t i = 0; i < rows_; ++i) op_.next_values[i] = static_cast<T>(values_[i]);
    }
    if (!op_.w && !op_.gram) return {};
    gram_matrix(op_.phi.begin(), rows_, size_, context_, matrix);
    for (int64_t k = 0; k < size_; ++k) matrix[k * size_ + k] += op_.lambda;
    if (op_.gram) {
      for (int64_t i = 0; i < size_ * size_; ++i) op_.gram[i] = static_cast<T>(matrix[i]);
    }
    return op_.w ? regress(matrix) : Status{};
  }

 private:
  Status failure(const char* argument) const {
    if (context_.stopped()) return aborted();
    return Status::error(Code::bad_value, argument, "is not finite and positive definite");
  }

  void evaluate() {
    const int64_t chunk = chunk_for(2 * actions_ * size_ * size_);
    double* buffers = context_.scratch<double>((rows_ + chunk - 1) / chunk * size_);
    context_.parallel(rows_, chunk, [&](int64_t begin, int64_t end, int64_t piece) {
      for (int64_t i = begin; i < end; ++i) {
        values_[i] = terminated_(i) ? 0 : next_value(i, buffers + piece * size_);
      }
    });
  }
  double next_value(int64_t i, double* phi) const {
    math::GreedyChoice<double> choice;
    for (int64_t a = 0; a < actions_; ++a) {
      if (!allowed_(i * actions_ + a)) continue;
      const T* from = op_.next_phi.begin() + (i * actions_ + a) * size_;
      double mean = 0;
      for (int64_t k = 0; k < size_; ++k) {
        phi[k] = static_cast<double>(from[k]);
        mean += phi[k] * static_cast<double>(op_.next_w[k]);
      }
      const double q = mean + op_.beta * std::sqrt(next_metric_.squared_norm(phi));
      const double floored = q < op_.q_min ? op_.q_min : q;  // NaN passes
      choice.offer(static_cast<int32_t>(a), floored > op_.q_max ? op_.q_max : floored);
    }
    return choice.value(false);
  }
  Status regress(const double* gram) {
    RidgeMetric metric(size_, 1, context_);
    if (!metric.assign(gram, context_)) return failure("phi");
    double* w = context_.scratch<double>(size_);
    std::fill_n(w, size_, 0.0);
    for (int64_t i = 0; i < rows_; ++i) {
      const double target = static_cast<double>(op_.rewards[i]) + values_[i];
      const T* phi = op_.phi.begin() + i * size_;
      for (int64_t k = 0; k < size_; ++k) w[k] += target * static_cast<double>(phi[k]);
    }
    metric.solve(w);
    for (int64_t k = 0; k < size_; ++k) op_.w[k] = static_cast<T>(w[k]);
    return {};
  }

  const LsviUcbStep<T>& op_;
  CpuContext& context_;
  const int64_t rows_, actions_, size_;
  const math::FlagReader terminated_, allowed_;
  double* values_;
  RidgeMetric next_metric_;
};

}  // namespace

template <>
Status run(const LsviUcbStep<float>& op, CpuContext& context) {
  return LsviStep<float>(op, context).run();
}
template <>
Status run(const LsviUcbStep<double>& op, CpuContext& context) {
  return LsviStep<double>(op, context).run();
}

}  // namespace belfry::cpu
