// linear_fqi: the Gram matrix and its Cholesky factor once, then one pass over the features for
// each regression. A pass with w_i gives the error of the last fit, the targets y_i and Φᵀ y_i;
// so every iteration reads Φ and Φ' once: N (A + 1) k values.
#include <cmath>

#include "cpu/fitted-q/cholesky.h"
#include "cpu/fitted-q/gram.h"
#include "cpu/fitted-q/linear_rows.h"
#include "cpu/run.h"
#include "math/fqi.h"
#include "ops/fitted_q.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kMostChunks = 256;

template <class T>
class LinearFitter {
 public:
  LinearFitter(const LinearFqi<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        data_{op.phi.begin(),
              op.next_phi.begin(),
              op.rewards.begin(),
              math::read_flags(op.terminated, false),
              math::read_flags(op.next_action_mask, true),
              op.phi.dims[0],
              op.next_phi.dims[1],
              op.phi.dims[1],
              op.gamma},
        gram_(context.scratch<double>(data_.size * data_.size)),
        factor_(gram_, data_.size) {}

  Status run() {
    if (Status s = make_gram(); !s.ok()) return s;
    if (!op_.w && !op_.rmse && !op_.diverged) return {};
    if (!factor_.factorise(context_)) {
      if (context_.stopped()) return aborted();
      return math::fqi_not_positive_definite(factor_.bad_index(), factor_.bad_pivot());
    }
    prepare();
    if (Status s = iterate(); !s.ok()) return s;
    write();
    return {};
  }

 private:
  Status make_gram() {
    gram_matrix(data_.phi, data_.num_rows, data_.size, context_, gram_);
    if (context_.stopped()) return aborted();
    for (int64_t i = 0; i < data_.size; ++i) gram_[i * data_.size + i] += op_.ridge;
    if (op_.gram) {
      for (int64_t i = 0; i < op_.gram.size(); ++i) op_.gram[i] = static_cast<T>(gram_[i]);
    }
    return {};
  }

  void prepare() {
    w_ = context_.scratch<double>(data_.size);
    targets_ = context_.scratch<double>(data_.num_rows);
    chunk_ = std::max(chunk_for((data_.num_actions + 2) * data_.size),
                      (data_.num_rows + kMostChunks - 1) / kMostChunks);
    chunks_ = (data_.num_rows + chunk_ - 1) / chunk_;
    moments_ = context_.scratch<double>(chunks_ * data_.size);
    squares_ = context_.scratch<double>(chunks_);
    std::fill_n(w_, data_.size, op_.w0);
    if (op_.rmse) std::fill_n(op_.rmse.begin(), op_.rmse.size(), math::kNaN<T>);
  }

  // Leaves the parts of Φᵀ y in moments_, returns the error of w_ against the old targets.
  double pass(bool fit, bool improve) {
    const LinearPass pass{w_, targets_, fit, improve};
    context_.parallel(data_.num_rows, chunk_, [&](int64_t begin, int64_t end, int64_t chunk) {
      double* moments = moments_ + chunk * data_.size;
      std::fill_n(moments, data_.size, 0.0);
      squares_[chunk] = linear_pass(data_, pass, begin, end, moments);
    });
    double sum = 0;
    for (int64_t c = 0; c < chunks_; ++c) sum += squares_[c];
    return data_.num_rows == 0 ? 0 : std::sqrt(sum / static_cast<double>(data_.num_rows));
  }

  double solve() {
    std::fill_n(w_, data_.size, 0.0);
    for (int64_t c = 0; c < chunks_; ++c) {
      const double* part = moments_ + c * data_.size;
      for (int64_t j = 0; j < data_.size; ++j) w_[j] += part[j];
    }
    factor_.solve(w_);
    double squares = 0;
    for (int64_t j = 0; j < data_.size; ++j) squares += w_[j] * w_[j];
    return std::sqrt(squares);
  }

  Status iterate() {
    double first_norm = 0;
    pass(false, true);
    for (int64_t i = 0; i < op_.num_iterations; ++i) {
      if (context_.stopped()) return aborted();
      const double norm = solve();
      if (i == 0) first_norm = norm;
      diverged_ = math::fqi_diverged(norm, first_norm);
      const bool last = diverged_ || i + 1 == op_.num_iterations;
      const double rmse = pass(true, !last);
      if (context_.stopped()) return aborted();
      if (op_.rmse) op_.rmse[i] = static_cast<T>(rmse);
      context_.report(i + 1, op_.num_iterations, rmse);
      if (last) break;
    }
    return {};
  }

  void write() {
    if (op_.w) {
      for (int64_t j = 0; j < data_.size; ++j) op_.w[j] = static_cast<T>(w_[j]);
    }
    if (op_.diverged) op_.diverged[0] = diverged_;
  }

  const LinearFqi<T>& op_;
  CpuContext& context_;
  const LinearData<T> data_;
  double* gram_;
  Cholesky factor_;
  double *w_ = nullptr, *targets_ = nullptr, *moments_ = nullptr, *squares_ = nullptr;
  int64_t chunk_ = 1, chunks_ = 0;
  bool diverged_ = false;
};

}  // namespace

template <>
Status run(const LinearFqi<float>& op, CpuContext& context) {
  return LinearFitter<float>(op, context).run();
}
template <>
Status run(const LinearFqi<double>& op, CpuContext& context) {
  return LinearFitter<double>(op, context).run();
}

}  // namespace belfry::cpu
