// novelty_knn: mean distance to ranks 1 … k of the reference set, behaviours over the threads.
//
// Distances are sums of differences, not the product form, which would lose the small ones. A block
// of references is laid out by dimension, so that the inner loop runs over references; the k + 1
// nearest are kept in a heap. Compute bound: 3 n r d FLOPs (a power a term for minkowski).
// mahalanobis: the points are multiplied by L⁻¹ first, with L Lᵀ their covariance.
#include <algorithm>
#include <cmath>

#include "cpu/bellman/model.h"
#include "cpu/fitted-q/cholesky.h"
#include "cpu/run.h"
#include "math/novelty.h"

namespace belfry::cpu {

constexpr int64_t kReferenceBlock = 128;

}  // namespace belfry::cpu

#define BELFRY_TARGET_FILE "cpu/bellman/novelty_distances-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

namespace {

// Behaviours are shared out in at most so many pieces, each with a workspace of its own.
constexpr int64_t kMostPieces = 256;

// Points in float64: `queries` by rows, `references` in blocks by dimension.
struct Points {
  double *queries, *references;
  int64_t num_queries, num_references, dim;

  int64_t block_at(int64_t first) const { return first * dim; }
  int64_t width(int64_t first) const { return std::min(kReferenceBlock, num_references - first); }
};

// Keeps the smallest in a heap with the largest on top.
class Nearest {
 public:
  Nearest(double* heap, int64_t most) : heap_(heap), most_(most) {}
  void offer(double distance) {
    if (count_ < most_) {
      heap_[count_++] = distance;
      std::push_heap(heap_, heap_ + count_, math::nearer);
    } else if (math::nearer(distance, heap_[0])) {
      std::pop_heap(heap_, heap_ + count_, math::nearer);
      heap_[count_ - 1] = distance;
      std::push_heap(heap_, heap_ + count_, math::nearer);
    }
  }
  // Without the nearest of all, in ascending order.
  double mean() {
    std::sort_heap(heap_, heap_ + count_, math::nearer);
    double sum = 0;
    for (int64_t i = 1; i < count_; ++i) sum += heap_[i];
    return count_ > 1 ? sum / static_cast<double>(count_ - 1) : math::kNaN<double>;
  }

 private:
  double* heap_;
  int64_t most_, count_ = 0;
};

template <class T>
class Novelty {
 public:
  Novelty(const NoveltyKnn<T>& op, CpuContext& context)
      : op_(op), context_(context), rule_(math::distance_rule(op)) {
    points_.num_queries = op.bd.dims[0];
    points_.num_references = op.reference.dims[0];
    points_.dim = op.bd.dims[1];
  }

  Status run() {
    const int64_t dim = points_.dim;
    points_.queries = context_.scratch<double>(points_.num_queries * dim);
    points_.references = context_.scratch<double>(points_.num_references * dim);
    std::copy_n(op_.bd.begin(), points_.num_queries * dim, points_.queries);
    std::copy_n(op_.reference.begin(), points_.num_references * dim, points_.references);
    if (op_.metric == NoveltyMetric::mahalanobis) {
      if (Status s = whiten(); !s.ok()) return s;
    }
    lay_out_references();
    const int64_t most = std::min(op_.k + 1, points_.num_references);
    const int64_t work = points_.num_references * (3 * dim + 3);
    const int64_t chunk = std::max(chunk_for(work), points_.num_queries / kMostPieces + 1);
    auto* heaps = context_.scratch<double>(kMostPieces * most);
    context_.parallel(points_.num_queries, chunk, [&](int64_t begin, int64_t end, int64_t piece) {
      for (int64_t i = begin; i < end && !context_.stopped(); ++i) {
        op_.novelty[i] = static_cast<T>(novelty_of(i, heaps + piece * most, most));
      }
    });
    return finished(context_);
  }

 private:
  void lay_out_references() {
    const int64_t dim = points_.dim;
    auto* block = context_.scratch<double>(kReferenceBlock * dim);
    for (int64_t first = 0; first < points_.num_references; first += kReferenceBlock) {
      const int64_t width = points_.width(first);
      double* to = points_.references + points_.block_at(first);
      std::copy_n(to, width * dim, block);
      for (int64_t i = 0; i < width; ++i) {
        for (int64_t j = 0; j < dim; ++j) to[j * width + i] = block[i * dim + j];
      }
    }
  }

  double novelty_of(int64_t i, double* heap, int64_t most) const {
    Nearest nearest(heap, most);
    double sums[kReferenceBlock];
    const auto add_up = BELFRY_DISPATCH(distance_sums);
    for (int64_t first = 0; first < points_.num_references; first += kReferenceBlock) {
      const int64_t width = points_.width(first);
      add_up(points_.queries + i * points_.dim, points_.references + points_.block_at(first),
             points_.dim, width, rule_, sums);
      for (int64_t j = 0; j < width; ++j) nearest.offer(rule_.distance(sums[j]));
    }
    return nearest.mean();
  }

  template <class Body>
  void each_point(const Body& body) {
    for (int64_t i = 0; i < points_.num_queries; ++i) body(points_.queries + i * points_.dim);
    for (int64_t i = 0; i < points_.num_references; ++i) body(points_.references + i * points_.dim);
  }

  // x ← L⁻¹ x for all points, L Lᵀ = their covariance.
  Status whiten() {
    const int64_t dim = points_.dim, count = points_.num_queries + points_.num_references;
    auto* mean = context_.scratch<double>(dim);
    auto* covariance = context_.scratch<double>(dim * dim);
    std::fill_n(mean, dim, 0.0);
    std::fill_n(covariance, dim * dim, 0.0);
    each_point([&](const double* x) {
      for (int64_t j = 0; j < dim; ++j) mean[j] += x[j] / static_cast<double>(count);
    });
    each_point([&](const double* x) {
      for (int64_t j = 0; j < dim; ++j) {
        const double apart = (x[j] - mean[j]) / static_cast<double>(count - 1);
        for (int64_t k = 0; k <= j; ++k) covariance[j * dim + k] += apart * (x[k] - mean[k]);
      }
    });
    Cholesky factor(covariance, dim);
    if (count < 2 || !factor.factorise(context_)) {
      if (context_.stopped()) return aborted();
      return Status::error(Code::bad_value, "reference",
                           "and bd have a singular covariance: mahalanobis needs more points than "
                           "dimensions, and none that follows from the others");
    }
    each_point([&](double* x) {
      for (int64_t j = 0; j < dim; ++j) {
        double rest = x[j];
        for (int64_t k = 0; k < j; ++k) rest -= covariance[j * dim + k] * x[k];
        x[j] = rest / covariance[j * dim + j];
      }
    });
    return {};
  }

  const NoveltyKnn<T>& op_;
  CpuContext& context_;
  const math::DistanceRule rule_;
  Points points_{};
};

template <class T>
Status novelty_knn(const NoveltyKnn<T>& op, CpuContext& context) {
  if (!op.novelty) return {};
  return Novelty<T>(op, context).run();
}

}  // namespace

template <>
Status run(const NoveltyKnn<float>& op, CpuContext& context) {
  return novelty_knn(op, context);
}
template <>
Status run(const NoveltyKnn<double>& op, CpuContext& context) {
  return novelty_knn(op, context);
}

}  // namespace belfry::cpu
