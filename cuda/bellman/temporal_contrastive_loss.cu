// temporal_contrastive_loss: a block per row makes its scores, warp by warp, and keeps the running
// log-sum-exp; a second kernel makes them again in tiles of weights, and its threads then add up
// their dimensions of the gradient. The matrix of scores is never stored (math/contrast.h).
#include "cuda/losses/loss_rows.cuh"
#include "math/contrast.h"
#include "ops/bellman/losses.h"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 256;
constexpr int kTile = kThreads;

template <class T>
struct Features {
  const T *z1, *z2;
  int64_t num_pairs, dim;
  bool normalize;
  double* lengths;
  T* values;  // divided by the length where asked
  double* log_sums;

  __device__ int64_t num_rows() const { return 2 * num_pairs; }
  __device__ const T* input(int64_t i) const {
    return i < num_pairs ? z1 + i * dim : z2 + (i - num_pairs) * dim;
  }
  __device__ double divisor(int64_t i) const {
    if (!normalize) return 1;
    return lengths[i] < math::kShortestFeature ? math::kShortestFeature : lengths[i];
  }
  // f_i·f_j, for every lane of the warp.
  __device__ double product(int64_t i, int64_t j) const {
    const T *a = values + i * dim, *b = values + j * dim;
    return math::sum_over(WarpLanes{}, dim, [=](int64_t k) {
      return static_cast<double>(a[k]) * static_cast<double>(b[k]);
    });
  }
};

// Rows by warps: the length of a feature, and the feature over it.
template <class T>
struct CopyFeatures {
  Features<T> features;

  template <class Lanes>
  __device__ math::LossSums operator()(int64_t i, const Lanes& lanes) const {
    const T* from = features.input(i);
    const double square = math::sum_over(lanes, features.dim, [=](int64_t k) {
      return static_cast<double>(from[k]) * static_cast<double>(from[k]);
    });
    // Every lane writes the same, and reads what it wrote.
    features.lengths[i] = sqrt(square);
    const double divisor = features.divisor(i);
    for (int64_t k = lanes.first(); k < features.dim; k += lanes.step()) {
      features.values[i * features.dim + k] =
          static_cast<T>(static_cast<double>(from[k]) / divisor);
    }
    return {};
  }
};

template <class T>
__global__ void row_losses(Features<T> features, math::ContrastRule rule,
                           math::LossSums* partials) {
  __shared__ math::RowContrast shared[kThreads / kWarpSize];
  math::LossSums own;
  for (int64_t i : block_stride(features.num_rows())) {
    math::RowContrast row;
    for (int64_t j = warp_id(); j < features.num_rows(); j += warps_in_block()) {
      const double s = features.product(i, j) * rule.inverse_temperature;
      if (j != i && lane_id() == 0) rule.add(row, i, j, s);
    }
    row = block_reduce(row, math::JoinContrast{}, math::RowContrast{}, shared);
    if (threadIdx.x == 0) {
      features.log_sums[i] = row.log_sum();
      own.loss += rule.loss(row);
    }
  }
  write_loss_sums(own, partials);
}

// Shared memory: the weights of a tile, then the gradient of the row.
template <class T>
__global__ void row_gradients(Features<T> features, math::ContrastRule rule, double scale,
                              T* grad_z1, T* grad_z2, double* row_buffers) {
  __shared__ double weights[kTile];
  __shared__ double sums[kThreads / kWarpSize];
  const int64_t dim = features.dim, num_rows = features.num_rows();
  double* grad = row_buffers + static_cast<int64_t>(blockIdx.x) * dim;
  for (int64_t i : block_stride(num_rows)) {
    for (int64_t k : thread_stride(dim)) grad[k] = 0;
    for (int64_t begin = 0; begin < num_rows; begin += kTile) {
      const int64_t width = num_rows - begin < kTile ? num_rows - begin : kTile;
      for (int64_t t = warp_id(); t < width; t += warps_in_block()) {
        const int64_t j = begin + t;
        const double s = features.product(i, j) * rule.inverse_temperature;
        if (lane_id() == 0) {
          weights[t] = rule.weight(i, j, s, features.log_sums[i], features.log_sums[j]);
        }
      }
      __syncthreads();
      for (int64_t k : thread_stride(dim)) {
        double sum = grad[k];
        for (int64_t t = 0; t < width; ++t) {
          sum += weights[t] * static_cast<double>(features.values[(begin + t) * dim + k]);
        }
        grad[k] = sum;
      }
      __syncthreads();
    }
    const T* feature = features.values + i * dim;
    const bool projects = features.normalize && !(features.lengths[i] < math::kShortestFeature);
    double along = 0;
    if (projects) {
      for (int64_t k : thread_stride(dim)) along += grad[k] * static_cast<double>(feature[k]);
    }
    along = block_reduce(along, Add{}, 0.0, sums);
    T* out = i < features.num_pairs ? grad_z1 : grad_z2;
    if (!out) continue;
    const double factor = scale / features.divisor(i);
    const int64_t at = (i < features.num_pairs ? i : i - features.num_pairs) * dim;
    for (int64_t k : thread_stride(dim)) {
      const double f = projects ? along * static_cast<double>(feature[k]) : 0;
      out[at + k] = static_cast<T>(factor * (grad[k] - f));
    }
  }
}

template <class T>
Status temporal_contrastive_loss(const TemporalContrastiveLoss<T>& op, CudaContext& context) {
  const int64_t pairs = op.z1.dims[0], dim = op.z1.dims[1], num_rows = 2 * pairs;
  Features<T> features{op.z1.begin(), op.z2.begin(), pairs,   dim,
                       op.normalize,  nullptr,       nullptr, nullptr};
  constexpr int64_t kMostBlocks = 1024;
  const int64_t blocks = num_rows < kMostBlocks ? num_rows : kMostBlocks;
  features.lengths = context.scratch<double>(num_rows);
  features.values = features.lengths ? context.scratch<T>(num_rows * dim) : nullptr;
  features.log_sums = features.values ? context.scratch<double>(num_rows) : nullptr;
  auto* partials = features.log_sums ? context.scratch<math::LossSums>(blocks) : nullptr;
  auto* buffers = partials ? context.scratch<double>(blocks * dim) : nullptr;
  if (!buffers) return context.failure();
  const char* const step = "temporal_contrastive_loss";
  if (Status s = each_row(CopyFeatures<T>{features}, num_rows, RowsBy::warp, step, context);
      !s.ok()) {
    return s;
  }
  const auto rule = math::contrast_rule(op);
  const LaunchShape shape{dim3(static_cast<unsigned>(blocks)), dim3(kThreads)};
  const auto stream = context.stream();
  auto store = store_mean(op.loss, op.count, pairs);
  store.share = math::inverse_count(num_rows);
  cudaError_t error = launch(row_losses<T>, shape, stream, features, rule, partials);
  if (error == cudaSuccess) {
    error = launch(store_loss_sums<StoreMean<T>>, LaunchShape{dim3(1), dim3(kLossThreads)}, stream,
                   partials, blocks, store);
  }
  if (error == cudaSuccess && (op.grad_z1 || op.grad_z2)) {
    const double scale = math::inverse_count(num_rows) * rule.inverse_temperature;
    error = launch(row_gradients<T>, shape, stream, features, rule, scale, wanted(op.grad_z1),
                   wanted(op.grad_z2), buffers);
  }
  return device_status(error, step);
}

}  // namespace

template <>
Status run(const TemporalContrastiveLoss<float>& op, CudaContext& context) {
  return temporal_contrastive_loss(op, context);
}
template <>
Status run(const TemporalContrastiveLoss<double>& op, CudaContext& context) {
  return temporal_contrastive_loss(op, context);
}

}  // namespace belfry::cuda
