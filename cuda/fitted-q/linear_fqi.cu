// linear_fqi: the Gram matrix and its Cholesky factor stay on the device; an iteration is three
// launches. The first reads every feature once (errors of the last fit, new targets), the second
// Φ again for Φᵀ y, the third, of one block, solves. Divergence is judged on the device, and every
// kFitsPerLook iterations whether to go on (cuda/device/loop.cuh).
#include <algorithm>
#include <cmath>
#include <utility>

#include "cuda/device/loop.cuh"
#include "cuda/fitted-q/cholesky.cuh"
#include "cuda/fitted-q/feature_rows.cuh"
#include "cuda/fitted-q/gram.cuh"
#include "ops/fitted_q.h"

namespace belfry::cuda {

namespace {

constexpr int64_t kFitsPerLook = 16;
constexpr int kColumnTile = kWarpSize;

struct FitState {
  double first_norm, rmse;
  int64_t fits;      // regressions whose error is known
  int32_t diverged;  // w has grown too much; its error is still to be measured
  int32_t stopped;   // nothing is left to do
};

template <class T>
struct FeatureData {
  const T *phi, *next_phi, *rewards;
  math::FlagReader terminated, allowed;
  int64_t num_rows, num_actions, size;
  double gamma;
};

// r + γ max_a φ'_a·w, for every lane of the row's group. A terminal row is not read.
template <class T>
__device__ double new_target(int lanes, const FeatureData<T>& data, int64_t row, bool own,
                             const double* w) {
  math::GreedyChoice<double> best;
  const bool goes_on = own && !data.terminated(row);
  for (int64_t a = 0; a < data.num_actions; ++a) {
    const int64_t pair = row * data.num_actions + a;
    const bool allowed = goes_on && data.allowed(pair);
    const double q =
        feature_dot(lanes, allowed ? data.next_phi + pair * data.size : nullptr, w, data.size);
    if (allowed) best.offer(static_cast<int32_t>(a), q);
  }
  const double reward = own ? static_cast<double>(data.rewards[row]) : 0;
  return math::fqi_bootstrap(reward, data.gamma, best.key, best.action < 0);
}

// Squared errors against the old targets, one partial sum per block; then the new targets.
template <class T>
__global__ void fit_rows(int lanes, FeatureData<T> data, const double* w, const FitState* state,
                         bool fit, bool improve, double* targets, double* squares) {
  __shared__ double shared[kFeatureThreads / kWarpSize];
  if (state->stopped) return;
  const FeatureRounds rounds(lanes);
  const bool leads = lane_id() % lanes == 0;
  double sum = 0;
  for (int64_t base = rounds.first; base < data.num_rows; base += rounds.step) {
    const int64_t row = base + rounds.offset;
    const bool own = row < data.num_rows;
    if (fit) {
      const double fitted =
          feature_dot(lanes, own ? data.phi + row * data.size : nullptr, w, data.size);
      const double error = own && leads ? fitted - targets[row] : 0;
      sum += error * error;
    }
    if (!improve) continue;
    const double target = new_target(lanes, data, row, own, w);
    if (own && leads) targets[row] = target;
  }
  sum = block_reduce(sum, Add{}, 0.0, shared);
  if (threadIdx.x == 0) squares[blockIdx.x] = sum;
}

// Φᵀ y over a piece of rows: a lane per column, the warps of a block share the rows.
template <class T>
__global__ void moment_pieces(FeatureData<T> data, const FitState* state, const double* targets,
                              int64_t piece_rows, double* moments) {
  using std::fma;
  constexpr int kWarps = kFeatureThreads / kWarpSize;
  __shared__ double parts[kWarps][kColumnTile];
  if (state->stopped) return;
  const int64_t column = static_cast<int64_t>(blockIdx.x) * kColumnTile + lane_id();
  const int64_t begin = blockIdx.y * piece_rows;
  const int64_t end = begin + piece_rows < data.num_rows ? begin + piece_rows : data.num_rows;
  double sum = 0;
  if (column < data.size) {
    for (int64_t row = begin + warp_id(); row < end; row += kWarps) {
      sum = fma(static_cast<double>(data.phi[row * data.size + column]), targets[row], sum);
    }
  }
  parts[warp_id()][lane_id()] = sum;
  __syncthreads();
  if (warp_id() != 0 || column >= data.size) return;
  for (int v = 1; v < kWarps; ++v) sum += parts[v][lane_id()];
  moments[static_cast<int64_t>(blockIdx.y) * data.size + column] = sum;
}

struct JudgeFits {
  const FitState* state;

  __device__ bool operator()(int64_t, double* residual) const {
    *residual = state->rmse;
    return !state->stopped;
  }
};

struct FitParts {
  const double* squares;
  int64_t num_squares;
  const double* moments;
  int64_t num_moments;
};

__device__ double sum_over_block(const double* values, int64_t count, double* shared) {
  double sum = 0;
  for (int64_t i : thread_stride(count)) sum += values[i];
  return block_reduce(sum, Add{}, 0.0, shared);
}

// The errors of all fits, in the type of the call; both null: not wanted.
struct FitErrors {
  float* f32;
  double* f64;

  __device__ void put(int64_t at, double error) const {
    if (f32) f32[at] = static_cast<float>(error);
    if (f64) f64[at] = error;
  }
};

FitErrors fit_errors(float* errors) { return {errors, nullptr}; }
FitErrors fit_errors(double* errors) { return {nullptr, errors}; }

// One block. The error of the last fit, then the next regression.
__global__ void finish_fit(FitParts parts, const double* factor, int64_t num_rows, int64_t size,
                           bool fit, bool improve, double* w, FitState* state, FitErrors errors) {
  __shared__ double shared[kFeatureThreads / kWarpSize];
  const FitState before = *state;
  if (before.stopped) return;
  const double squares = sum_over_block(parts.squares, parts.num_squares, shared);
  __syncthreads();
  if (fit && threadIdx.x == 0) {
    state->rmse = num_rows > 0 ? sqrt(squares / static_cast<double>(num_rows)) : 0;
    errors.put(before.fits, state->rmse);
    state->fits = before.fits + 1;
    state->stopped = before.diverged || !improve;
  }
  if (before.diverged || !improve) return;
  for (int64_t j : thread_stride(size)) {
    double sum = 0;
    for (int64_t p = 0; p < parts.num_moments; ++p) sum += parts.moments[p * size + j];
    w[j] = sum;
  }
  __syncthreads();
  solve_with_factor(factor, size, w);
  double own = 0;
  for (int64_t j : thread_stride(size)) own += w[j] * w[j];
  const double norm = sqrt(block_reduce(own, Add{}, 0.0, shared));
  if (threadIdx.x != 0) return;
  if (!fit) state->first_norm = norm;
  state->diverged = math::fqi_diverged(norm, fit ? before.first_norm : norm);
}

template <class V>
__global__ void fill_values(V* out, V value, int64_t count) {
#pragma unroll 1
  for (int64_t i : grid_stride(count)) out[i] = value;
}
// Outputs may be null.
template <class T>
__global__ void write_fit(const double* w, const FitState* state, int64_t size, T* out,
                          uint8_t* diverged) {
  if (out) {
#pragma unroll 1
    for (int64_t j : grid_stride(size)) out[j] = static_cast<T>(w[j]);
  }
  if (diverged && blockIdx.x == 0 && threadIdx.x == 0) *diverged = state->diverged != 0;
}

template <class T>
class LinearFitter {
 public:
  LinearFitter(const LinearFqi<T>& op, CudaContext& context)
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
        size_(data_.size),
        piece_rows_(std::max<int64_t>(256, (data_.num_rows + 255) / 256)),
        num_pieces_((data_.num_rows + piece_rows_ - 1) / piece_rows_) {}

  Status run() {
    gram_ = context_.scratch<double>(size_ * size_);
    if (!gram_) return context_.failure();
    if (Status s = make_gram(data_.phi, data_.num_rows, size_, op_.ridge, context_, gram_,
                             op_.gram ? op_.gram.begin() : nullptr);
        !s.ok()) {
      return s;
    }
    if (!op_.w && !op_.rmse && !op_.diverged) return {};
    if (Status s = factor(); !s.ok()) return s;
    if (Status s = prepare(); !s.ok()) return s;
    if (Status s = iterate(); !s.ok()) return s;
    return write();
  }

 private:
  static constexpr const char* kName = "linear_fqi";
  Status status() const { return device_status(error_, kName); }
  void step(cudaError_t error) {
    if (error_ == cudaSuccess) error_ = error;
  }
  LaunchShape elements(int64_t count) const {
    return {dim3(blocks_for(count, kFeatureThreads)), dim3(kFeatureThreads)};
  }

  Status factor() {
    double* diagonal = context_.scratch<double>(size_);
    auto* bad = diagonal ? context_.scratch<BadPivot>(1) : nullptr;
    if (!bad) return context_.failure();
    step(factorise(gram_, size_, diagonal, bad, context_.stream()));
    if (Status s = status(); !s.ok()) return s;
    BadPivot found;
    if (Status s = context_.read_back(&found, bad, sizeof found); !s.ok()) return s;
    if (context_.stopped()) return stopped_by_caller();
    if (found.index >= 0) return math::fqi_not_positive_definite(found.index, found.pivot);
    return {};
  }

  Status prepare() {
    w_ = context_.scratch<double>(size_);
    if (w_) targets_ = context_.scratch<double>(data_.num_rows);
    if (targets_) moments_ = context_.scratch<double>(num_pieces_ * size_);
    const int64_t most_blocks = feature_shape(kWarpSize, data_.num_rows).grid.x;
    if (moments_) squares_ = context_.scratch<double>(most_blocks);
    if (squares_) state_ = context_.scratch<FitState>(1);
    if (!state_) return context_.failure();
    const auto stream = context_.stream();
    step(launch(fill_values<double>, elements(size_), stream, w_, op_.w0, size_));
    step(launch(fill_values<FitState>, elements(1), stream, state_, FitState{}, int64_t{1}));
    if (op_.rmse) {
      step(launch(fill_values<T>, elements(op_.rmse.size()), stream, op_.rmse.begin(),
                  math::kNaN<T>, op_.rmse.size()));
    }
    return status();
  }

  // Measures the last regression (`fit`) and makes the next one (`improve`).
  cudaError_t pass(bool fit, bool improve) {
    const auto stream = context_.stream();
    const int lanes = feature_lanes(size_);
    const LaunchShape rows = feature_shape(lanes, data_.num_rows);
    const FitParts parts{squares_, rows.grid.x, moments_, num_pieces_};
    const auto tiles = static_cast<unsigned>((size_ + kColumnTile - 1) / kColumnTile);
    const LaunchShape pieces{dim3(tiles, static_cast<unsigned>(num_pieces_)),
                             dim3(kFeatureThreads)};
    return in_order(
        [&] {
          return launch(fit_rows<T>, rows, stream, lanes, data_, w_, state_, fit, improve, targets_,
                        squares_);
        },
        [&] {
          if (!improve) return cudaSuccess;
          return launch(moment_pieces<T>, pieces, stream, data_, state_, targets_, piece_rows_,
                        moments_);
        },
        [&] {
          return launch(finish_fit, LaunchShape{dim3(1), dim3(kFeatureThreads)}, stream, parts,
                        gram_, data_.num_rows, size_, fit, improve, w_, state_,
                        fit_errors(op_.rmse ? op_.rmse.begin() : nullptr));
        });
  }

  // A pass measures the regression of the one before, so the first has none to measure, and one
  // more pass at the end measures only.
  Status iterate() {
    const int64_t most = op_.num_iterations;
    bool fit = false;
    const auto one = [&] { return pass(std::exchange(fit, true), true); };
    const Loop loop{kName, 1, kFitsPerLook, most, -1, most};
    int64_t made = 0;
    Status s = run_loop(loop, one, JudgeFits{state_}, context_, &made);
    if (!s.ok()) return s;
    step(pass(fit, false));
    if (s = status(); !s.ok()) return s;
    FitState state;
    if (s = context_.read_back(&state, state_, sizeof state); !s.ok()) return s;
    if (state.fits > 0) context_.report(state.fits, most, state.rmse);
    return context_.stopped() ? stopped_by_caller() : Status{};
  }

  Status write() {
    step(launch(write_fit<T>, elements(std::max<int64_t>(1, size_)), context_.stream(), w_, state_,
                size_, op_.w ? op_.w.begin() : nullptr,
                op_.diverged ? op_.diverged.begin() : nullptr));
    return status();
  }

  const LinearFqi<T>& op_;
  CudaContext& context_;
  const FeatureData<T> data_;
  const int64_t size_, piece_rows_, num_pieces_;
  double *gram_ = nullptr, *w_ = nullptr, *targets_ = nullptr;
  double *moments_ = nullptr, *squares_ = nullptr;
  FitState* state_ = nullptr;
  cudaError_t error_ = cudaSuccess;
};

}  // namespace

template <>
Status run(const LinearFqi<float>& op, CudaContext& context) {
  return LinearFitter<float>(op, context).run();
}
template <>
Status run(const LinearFqi<double>& op, CudaContext& context) {
  return LinearFitter<double>(op, context).run();
}

}  // namespace belfry::cuda
