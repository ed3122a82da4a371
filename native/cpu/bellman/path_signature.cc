// path_signature: S ← S ⊗ exp(Δx) segment by segment (Chen's identity). Level k of the product is
// S_k + (S_{k−1} + (… + (S_1 + Δx/k) ⊗ Δx/(k−1) …) ⊗ Δx/2) ⊗ Δx, so a segment costs about
// Σ_k k d^k multiply-adds and no power of Δx is stored.
#include <algorithm>
#include <vector>

#include "cpu/bellman/model.h"
#include "cpu/run.h"
#include "ops/bellman/diversity.h"

namespace belfry::cpu {

namespace {

class Signature {
 public:
  Signature(int64_t dim, int64_t depth, CpuContext& context) : dim_(dim), depth_(depth) {
    int64_t at = 0, power = 1;
    for (int64_t k = 0; k < depth; ++k) {
      power *= dim;
      first_.push_back(at);
      length_.push_back(power);
      at += power;
    }
    size_ = at;
    values_ = context.scratch<double>(size_);
    now_ = context.scratch<double>(power);
    next_ = context.scratch<double>(power);
    std::fill_n(values_, size_, 0.0);
  }

  // Higher levels first: each needs the lower ones as they were.
  void append(const double* step) {
    for (int64_t k = depth_ - 1; k >= 0; --k) append_level(k, step);
  }
  const double* values() const { return values_; }
  int64_t size() const { return size_; }

 private:
  void append_level(int64_t k, const double* step) {
    const auto length = [this](int64_t level) { return length_[static_cast<size_t>(level)]; };
    for (int64_t i = 0; i < dim_; ++i) now_[i] = step[i] / static_cast<double>(k + 1);
    for (int64_t level = 0; level < k; ++level) {
      const double* own = values_ + first_[static_cast<size_t>(level)];
      const double share = 1 / static_cast<double>(k - level);
      for (int64_t i = 0; i < length(level); ++i) {
        const double left = (now_[i] + own[i]) * share;
        for (int64_t j = 0; j < dim_; ++j) next_[i * dim_ + j] = left * step[j];
      }
      std::swap(now_, next_);
    }
    double* own = values_ + first_[static_cast<size_t>(k)];
    for (int64_t i = 0; i < length(k); ++i) own[i] += now_[i];
  }

  const int64_t dim_, depth_;
  std::vector<int64_t> first_, length_;
  int64_t size_ = 0;
  double *values_ = nullptr, *now_ = nullptr, *next_ = nullptr;
};

template <class T>
Status path_signature(const PathSignature<T>& op, CpuContext& context) {
  const int64_t points = op.path.dims[0], dim = op.path.dims[1];
  if (!op.signature || dim == 0) return {};
  Signature signature(dim, op.depth, context);
  auto* step = context.scratch<double>(dim);
  for (int64_t t = 1; t < points; ++t) {
    if (context.stopped()) return aborted();
    for (int64_t i = 0; i < dim; ++i) {
      step[i] = static_cast<double>(op.path[t * dim + i]) -
                static_cast<double>(op.path[(t - 1) * dim + i]);
    }
    signature.append(step);
  }
  std::transform(signature.values(), signature.values() + signature.size(), op.signature.begin(),
                 [](double x) { return static_cast<T>(x); });
  return {};
}

}  // namespace

template <>
Status run(const PathSignature<float>& op, CpuContext& context) {
  return path_signature(op, context);
}
template <>
Status run(const PathSignature<double>& op, CpuContext& context) {
  return path_signature(op, context);
}

}  // namespace belfry::cpu
