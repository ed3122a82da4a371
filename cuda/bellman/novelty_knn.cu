// novelty_knn: a block per behaviour writes its distances to all references, then takes the k + 1
// nearest one after the other, each the smallest beyond the last (by distance, then index).
// Compute bound in the distances, 3 r d FLOPs a behaviour; 8 (k + 1) r bytes of them are read
// again.
#include "cuda/losses/loss_rows.cuh"
#include "math/novelty.h"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 256;
// Most bytes of distances kept at once: as many blocks as fit run side by side.
constexpr int64_t kDistanceBytes = int64_t{1} << 28;

struct Candidate {
  double distance;
  int64_t index;  // −1: none
};

// NaN last; equal distances by index.
__device__ inline bool before(const Candidate& a, const Candidate& b) {
  if (math::nearer(a.distance, b.distance)) return true;
  if (math::nearer(b.distance, a.distance)) return false;
  return a.index < b.index;
}

struct Nearer {
  __device__ Candidate operator()(const Candidate& a, const Candidate& b) const {
    if (a.index < 0) return b;
    if (b.index < 0) return a;
    return before(b, a) ? b : a;
  }
};

template <class T>
__global__ void novelties(const T* behaviours, const T* references, int64_t count,
                          int64_t num_references, int64_t dim, int64_t most,
                          math::DistanceRule rule, double* rows, T* novelty) {
  __shared__ Candidate shared[kThreads / kWarpSize];
  double* row = rows + static_cast<int64_t>(blockIdx.x) * num_references;
  for (int64_t i : block_stride(count)) {
    const T* own = behaviours + i * dim;
    for (int64_t r : thread_stride(num_references)) {
      double sum = 0;
      for (int64_t j = 0; j < dim; ++j) {
        sum +=
            rule.term(static_cast<double>(own[j]) - static_cast<double>(references[r * dim + j]));
      }
      row[r] = rule.distance(sum);
    }
    // A thread reads only what it wrote: no barrier is needed before the rounds.
    Candidate last{0, -1};
    double sum = 0;
    for (int64_t taken = 0; taken < most; ++taken) {
      Candidate best{0, -1};
      for (int64_t r : thread_stride(num_references)) {
        const Candidate candidate{row[r], r};
        if (last.index < 0 || before(last, candidate)) best = Nearer{}(best, candidate);
      }
      last = block_reduce(best, Nearer{}, Candidate{0, -1}, shared);
      if (taken > 0) sum += last.distance;
    }
    if (threadIdx.x == 0) {
      novelty[i] =
          static_cast<T>(most > 1 ? sum / static_cast<double>(most - 1) : math::kNaN<double>);
    }
  }
}

template <class T>
Status novelty_knn(const NoveltyKnn<T>& op, CudaContext& context) {
  if (!op.novelty) return {};
  if (op.metric == NoveltyMetric::mahalanobis) {
    return Status::error(Code::not_implemented, "metric", "'mahalanobis' runs on the CPU only");
  }
  const int64_t count = op.bd.dims[0], num_references = op.reference.dims[0];
  const int64_t most = op.k + 1 < num_references ? op.k + 1 : num_references;
  const int64_t row_bytes = (num_references > 0 ? num_references : 1) * 8;
  int64_t blocks = kDistanceBytes / row_bytes;
  if (blocks > count) blocks = count;
  if (blocks > 4096) blocks = 4096;
  if (blocks < 1) blocks = 1;
  auto* rows = context.scratch<double>(blocks * num_references);
  if (!rows) return context.failure();
  const LaunchShape shape{dim3(static_cast<unsigned>(count > 0 ? blocks : 0)), dim3(kThreads)};
  return device_status(launch(novelties<T>, shape, context.stream(), op.bd.begin(),
                              op.reference.begin(), count, num_references, op.bd.dims[1], most,
                              math::distance_rule(op), rows, op.novelty.begin()),
                       "novelty_knn");
}

}  // namespace

template <>
Status run(const NoveltyKnn<float>& op, CudaContext& context) {
  return novelty_knn(op, context);
}
template <>
Status run(const NoveltyKnn<double>& op, CudaContext& context) {
  return novelty_knn(op, context);
}

}  // namespace belfry::cuda
