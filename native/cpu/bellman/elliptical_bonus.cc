// elliptical_bonus: Λ = λI + Σ φφᵀ, bonus = β √(φᵀΛ⁻¹φ), after the batch and one by one (arXiv
// 2207.14800). N·d² flops for Λ and as many for each kind of bonus; one by one is serial, 3·d² for
// the factor's update besides.
#include <algorithm>
#include <cmath>

#include "cpu/bellman/ridge_metric.h"
#include "cpu/fitted-q/gram.h"
#include "cpu/run.h"
#include "ops/bellman/search.h"

namespace belfry::cpu {

namespace {

template <class T>
class EllipticalBatch {
 public:
  EllipticalBatch(const EllipticalBonus<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        rows_(op.phi.dims[0]),
        size_(op.phi.dims[1]),
        metric_(size_, op.lambda, context) {}

  Status run() {
    double* gram = context_.scratch<double>(size_ * size_);
    gram_matrix(op_.phi.begin(), rows_, size_, context_, gram);
    for (int64_t k = 0; k < size_; ++k) gram[k * size_ + k] += op_.lambda;
    if (op_.gram) {
      for (int64_t i = 0; i < size_ * size_; ++i) op_.gram[i] = static_cast<T>(gram[i]);
    }
    // The factor of the whole is at hand once the samples were added one by one.
    if (op_.bonus_sequential || !metric_.assign(gram, context_)) add_samples();
    if (op_.bonus_after_update) write_after_update();
    if (op_.inverse_final) write_inverse();
    return context_.stopped() ? aborted() : Status{};
  }

 private:
  void load(int64_t row, double* phi) const {
    const T* from = op_.phi.begin() + row * size_;
    for (int64_t k = 0; k < size_; ++k) phi[k] = static_cast<double>(from[k]);
  }
  void add_samples() {
    double* phi = context_.scratch<double>(size_);
    for (int64_t i = 0; i < rows_; ++i) {
      if ((i & 63) == 0 && context_.stopped()) return;
      if (op_.bonus_sequential) {
        load(i, phi);
        op_.bonus_sequential[i] = static_cast<T>(op_.beta * std::sqrt(metric_.squared_norm(phi)));
      }
      load(i, phi);
      metric_.add(phi);
    }
  }
  void write_after_update() {
    const int64_t chunk = chunk_for(2 * size_ * size_);
    double* buffers = context_.scratch<double>((rows_ + chunk - 1) / chunk * size_);
    context_.parallel(rows_, chunk, [&](int64_t begin, int64_t end, int64_t piece) {
      double* phi = buffers + piece * size_;
      for (int64_t i = begin; i < end; ++i) {
        load(i, phi);
        const double bonus = op_.beta * std::sqrt(metric_.squared_norm(phi));
        op_.bonus_after_update[i] = bonus == bonus ? static_cast<T>(bonus) : T(0);
      }
    });
  }
  void write_inverse() {
    double* inverse = context_.scratch<double>(size_ * size_);
    context_.parallel(size_, chunk_for(2 * size_ * size_),
                      [&](int64_t begin, int64_t end, int64_t) {
                        for (int64_t i = begin; i < end; ++i) {
                          double* column = inverse + i * size_;
                          std::fill_n(column, size_, 0.0);
                          column[i] = 1;
                          metric_.solve(column);
                        }
                      });
    if (context_.stopped()) return;
    for (int64_t i = 0; i < size_ * size_; ++i) {
      op_.inverse_final[i] = static_cast<T>(inverse[i]);
    }
  }

  const EllipticalBonus<T>& op_;
  CpuContext& context_;
  const int64_t rows_, size_;
  RidgeMetric metric_;
};

}  // namespace

template <>
Status run(const EllipticalBonus<float>& op, CpuContext& context) {
  return EllipticalBatch<float>(op, context).run();
}
template <>
Status run(const EllipticalBonus<double>& op, CpuContext& context) {
  return EllipticalBatch<double>(op, context).run();
}

}  // namespace belfry::cpu
