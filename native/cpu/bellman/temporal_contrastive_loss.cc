// temporal_contrastive_loss: loss of 2B rows of scores F Fᵀ/τ and its gradient W F
// (math/contrast.h).
//
// The matrix of scores is made twice, in tiles of kRows by one block of columns, by the products of
// cpu/linalg: once for the log-sum-exp of each row, once for the weights, which a second product
// applies to the features. Compute bound: 24 B² d FLOPs and 12 B² exponentials.
#include <algorithm>
#include <cmath>

#include "cpu/linalg/products.h"
#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"
#include "math/contrast.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kRows = 32;
constexpr int64_t kColumns = 512;

template <class T>
class Contrast {
 public:
  Contrast(const TemporalContrastiveLoss<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        rule_(math::contrast_rule(op)),
        num_rows_(2 * op.z1.dims[0]),
        dim_(op.z1.dims[1]) {}

  Status run() {
    const bool with_gradient = op_.grad_z1 || op_.grad_z2;
    if (num_rows_ > 0) prepare(with_gradient);
    double loss = 0;
    if (!context_.stopped()) loss = measure();
    if (with_gradient && !context_.stopped()) differentiate();
    const double total = context_.stopped() ? 0 : loss;
    if (op_.loss) op_.loss[0] = static_cast<T>(total * math::inverse_count(num_rows_));
    if (op_.count) op_.count[0] = static_cast<int32_t>(op_.z1.dims[0]);
    return finished(context_);
  }

 private:
  int64_t num_tiles() const { return (num_rows_ + kRows - 1) / kRows; }
  const T* input(int64_t i) const {
    const int64_t pairs = rule_.num_pairs;
    return i < pairs ? op_.z1.begin() + i * dim_ : op_.z2.begin() + (i - pairs) * dim_;
  }

  void prepare(bool with_gradient) {
    features_ = context_.scratch<T>(num_rows_ * dim_);
    lengths_ = context_.scratch<double>(num_rows_);
    log_sums_ = context_.scratch<double>(num_rows_);
    losses_ = context_.scratch<double>(num_rows_);
    scores_ = context_.scratch<T>(num_tiles() * kRows * kColumns);
    if (with_gradient) grads_ = context_.scratch<T>(num_rows_ * dim_);
    context_.parallel(num_rows_, chunk_for(3 * dim_), [&](int64_t begin, int64_t end, int64_t) {
      for (int64_t i = begin; i < end; ++i) copy_feature(i);
    });
  }

  void copy_feature(int64_t i) {
    const T* from = input(i);
    double square = 0;
    for (int64_t k = 0; k < dim_; ++k) {
      square += static_cast<double>(from[k]) * static_cast<double>(from[k]);
    }
    lengths_[i] = std::sqrt(square);
    const double divisor = divisor_of(i);
    for (int64_t k = 0; k < dim_; ++k) {
      features_[i * dim_ + k] = static_cast<T>(static_cast<double>(from[k]) / divisor);
    }
  }
  double divisor_of(int64_t i) const {
    if (!op_.normalize) return 1;
    return lengths_[i] < math::kShortestFeature ? math::kShortestFeature : lengths_[i];
  }

  // Calls body(row in tile, column, score) in the order of the columns, block after block.
  template <class Body, class AfterBlock>
  void each_score(int64_t tile, const Body& body, const AfterBlock& after_block) {
    const int64_t begin = tile * kRows, rows = std::min(kRows, num_rows_ - begin);
    T* scores = scores_ + tile * kRows * kColumns;
    for (int64_t first = 0; first < num_rows_ && !context_.stopped(); first += kColumns) {
      const int64_t width = std::min(kColumns, num_rows_ - first);
      Product<T> product;
      product.a = features_ + begin * dim_;
      product.a_stride = product.k = dim_;
      product.b = features_ + first * dim_;
      product.b_stride = dim_;
      product.c = scores;
      product.c_stride = kColumns;
      product.m = rows;
      product.n = width;
      multiply(product);
      for (int64_t i = 0; i < rows; ++i) {
        for (int64_t j = 0; j < width; ++j) {
          T& score = scores[i * kColumns + j];
          body(i, first + j, static_cast<double>(score) * rule_.inverse_temperature, score);
        }
      }
      after_block(first, width, rows, scores);
    }
  }

  double measure() {
    context_.parallel(num_tiles(), 1, [&](int64_t tile, int64_t, int64_t) {
      math::RowContrast contrast[kRows];
      const int64_t begin = tile * kRows;
      each_score(
          tile,
          [&](int64_t i, int64_t j, double s, T&) {
            if (j != begin + i) rule_.add(contrast[i], begin + i, j, s);
          },
          [](int64_t, int64_t, int64_t, T*) {});
      for (int64_t i = 0; i < std::min(kRows, num_rows_ - begin); ++i) {
        log_sums_[begin + i] = contrast[i].log_sum();
        losses_[begin + i] = rule_.loss(contrast[i]);
      }
    });
    double loss = 0;
    if (context_.stopped()) return loss;
    for (int64_t i = 0; i < num_rows_; ++i) loss += losses_[i];
    return loss;
  }

  void differentiate() {
    context_.parallel(num_tiles(), 1, [&](int64_t tile, int64_t, int64_t) {
      const int64_t begin = tile * kRows;
      each_score(
          tile,
          [&](int64_t i, int64_t j, double s, T& weight) {
            weight =
                static_cast<T>(rule_.weight(begin + i, j, s, log_sums_[begin + i], log_sums_[j]));
          },
          [&](int64_t first, int64_t width, int64_t rows, const T* weights) {
            StridedProduct<T> product;
            product.a = weights;
            product.a_stride = kColumns;
            product.b = features_ + first * dim_;
            product.b_stride = dim_;
            product.c = grads_ + begin * dim_;
            product.c_stride = product.n = dim_;
            product.m = rows;
            product.k = width;
            product.accumulate = first > 0;
            multiply_strided(product);
          });
      for (int64_t i = begin; i < std::min(begin + kRows, num_rows_); ++i) write_gradient(i);
    });
  }

  // Back through the normaliser, (I − f fᵀ)/‖z‖.
  void write_gradient(int64_t i) {
    const Out<T, 2>& out = i < rule_.num_pairs ? op_.grad_z1 : op_.grad_z2;
    if (!out) return;
    const T *grad = grads_ + i * dim_, *feature = features_ + i * dim_;
    T* to = out.begin() + (i < rule_.num_pairs ? i : i - rule_.num_pairs) * dim_;
    double along = 0;
    const bool projects = op_.normalize && !(lengths_[i] < math::kShortestFeature);
    for (int64_t k = 0; projects && k < dim_; ++k) {
      along += static_cast<double>(grad[k]) * static_cast<double>(feature[k]);
    }
    const double scale = math::inverse_count(num_rows_) * rule_.inverse_temperature / divisor_of(i);
    for (int64_t k = 0; k < dim_; ++k) {
      const double f = projects ? along * static_cast<double>(feature[k]) : 0;
      to[k] = static_cast<T>(scale * (static_cast<double>(grad[k]) - f));
    }
  }

  const TemporalContrastiveLoss<T>& op_;
  CpuContext& context_;
  const math::ContrastRule rule_;
  const int64_t num_rows_, dim_;
  T *features_ = nullptr, *scores_ = nullptr, *grads_ = nullptr;
  double *lengths_ = nullptr, *log_sums_ = nullptr, *losses_ = nullptr;
};

template <class T>
Status temporal_contrastive_loss(const TemporalContrastiveLoss<T>& op, CpuContext& context) {
  return Contrast<T>(op, context).run();
}

}  // namespace

template <>
Status run(const TemporalContrastiveLoss<float>& op, CpuContext& context) {
  return temporal_contrastive_loss(op, context);
}
template <>
Status run(const TemporalContrastiveLoss<double>& op, CpuContext& context) {
  return temporal_contrastive_loss(op, context);
}

}  // namespace belfry::cpu
