// Narrow layers: a block of 8 warps takes 32 rows through all of them. Activations lie in shared
// memory, as three parts of bf16 or one of tf32 on the way into a layer and as floats on the way
// out. A warp makes 32 columns at a time; the weights for them come 64 bytes of inputs at a time
// from L2, by asynchronous copies into three buffers of the warp's own, so that within a layer no
// warp waits for another.
//
// With weights in bf16, 6 flops of the units for each 2 of the network. A block reads every weight
// once: 32 rows make 64 flops for each weight's 2 or 4 bytes from L2. Nothing here has been
// measured.
#include "cuda/flow/tensor_network.cuh"

#include "cuda/device/async.cuh"
#include "cuda/flow/norm_row.cuh"
#include "cuda/flow/tensor_products.cuh"

namespace belfry::cuda {

namespace {

constexpr int kRows = 32, kColumns = 32, kStages = 3;
constexpr int kWarps = 8, kThreads = kWarps * kWarpSize;
constexpr int kTilesDown = kRows / kTensorTile, kTilesAcross = kColumns / kTensorTile;
template <class S>
constexpr int kParts = sizeof(S) == 2 ? 3 : 1;  // of an activation
template <class S>
constexpr int kChunk = static_cast<int>(16 / sizeof(S));  // weights of one copy
template <class S>
constexpr int kStep = 4 * kChunk<S>;
template <class S>
constexpr int kWeightPitch = kStep<S> + kChunk<S>;  // of shared memory
template <class S>
constexpr int kWeightBuffer = kColumns* kWeightPitch<S>;

BELFRY_HD constexpr int padded_to(int step, int64_t width) {
  return static_cast<int>(divide_up(width, step) * step);
}

template <class S>
struct NarrowCall {
  Layer<float> layers[kSmallLayers];
  const S* weights[kSmallLayers];
  const float* x;
  float* y;
  int64_t rows;
  double eps;
  int count, width;  // of layers; of the widest row, a multiple of kColumns
};

// Shared memory of a block. Pitches keep the rows that the units read at a time in different banks.
template <class S>
struct NarrowShared {
  float* values;  // [kRows, value_pitch]
  S* parts;       // [kParts, kRows, part_pitch]
  S* weights;     // this warp's
  int value_pitch, part_pitch;

  __device__ explicit NarrowShared(int width)
      : values(dynamic_shared<float>()), value_pitch(width + 4), part_pitch(width + kChunk<S>) {
    parts = reinterpret_cast<S*>(values + kRows * value_pitch);
    weights = parts + kParts<S> * kRows * part_pitch + warp_id() * kStages * kWeightBuffer<S>;
  }
  __device__ S* part(int which) const { return parts + which * kRows * part_pitch; }
  static size_t bytes(int width) {
    const size_t values = kRows * static_cast<size_t>(width + 4) * sizeof(float);
    const size_t parts = kParts<S> * kRows * static_cast<size_t>(width + kChunk<S>) * sizeof(S);
    return values + parts + kWarps * kStages * kWeightBuffer<S> * sizeof(S);
  }
};

// The elements of `width` columns of the block's rows that this thread handles.
template <class Body>
__device__ void each_value(int width, const Body& body) {
#pragma unroll 1
  for (int e = static_cast<int>(threadIdx.x); e < kRows * width; e += kThreads) {
    body(e / width, e % width);
  }
}

// Values of `width` columns become parts, filled up with zeros.
template <class S>
__device__ void split_values(int width, const NarrowShared<S>& shared) {
  each_value(padded_to(kStep<S>, width), [&](int row, int column) {
    float left = column < width ? shared.values[row * shared.value_pitch + column] : 0;
    for (int part = 0; part < kParts<S>; ++part) {
      shared.part(part)[row * shared.part_pitch + column] = take_part<S>(left);
    }
  });
}

// Weights of kColumns outputs and kStep inputs, zeros beyond; by one warp.
template <class S>
struct WeightSteps {
  const S* data;
  int inputs, outputs;
  bool padded;

  __device__ void copy(int first_output, int first_input, S* to) const {
    const S* const from = data + int64_t{first_output} * inputs + first_input;
    const int lines = outputs - first_output, depth = inputs - first_input;
    if (!padded) return copy_single(from, lines, depth, to);
    constexpr int kAcross = kStep<S> / kChunk<S>;
#pragma unroll
    for (int i = 0; i < kColumns * kAcross / kWarpSize; ++i) {
      const int e = lane_id() + i * kWarpSize;
      const int line = e / kAcross, k = e % kAcross * kChunk<S>;
      S* const at = to + line * kWeightPitch<S> + k;
      if (line < lines && k < depth) {
        copy_async_16(at, from + int64_t{line} * inputs + k);
      } else {
        *reinterpret_cast<uint4*>(at) = uint4{0, 0, 0, 0};
      }
    }
  }
  __device__ void copy_single(const S* from, int lines, int depth, S* to) const {
    const int k = lane_id() % kStep<S>;
#pragma unroll 4
    for (int line = lane_id() / kStep<S>; line < kColumns; line += kWarpSize / kStep<S>) {
      const bool inside = line < lines && k < depth;
      to[line * kWeightPitch<S> + k] = inside ? from[int64_t{line} * inputs + k] : S{0};
    }
  }
};

template <class S>
using LayerSums = TensorSums<S>[kTilesDown][kTilesAcross];

template <class S>
__device__ void add_step(const NarrowShared<S>& shared, const S* weights, int first_input,
                         LayerSums<S>& sums) {
#pragma unroll
  for (int k = 0; k < kStep<S>; k += kTensorDepth<S>) {
    TensorOperand<S, TensorSide::b, true> b[kTilesAcross];
#pragma unroll
    for (int j = 0; j < kTilesAcross; ++j) {
      b[j].load(weights + j * kTensorTile * kWeightPitch<S> + k, kWeightPitch<S>);
    }
#pragma unroll
    for (int part = 0; part < kParts<S>; ++part) {
#pragma unroll
      for (int i = 0; i < kTilesDown; ++i) {
        TensorOperand<S, TensorSide::a, true> a;
        a.load(shared.part(part) + i * kTensorTile * shared.part_pitch + first_input + k,
               shared.part_pitch);
#pragma unroll
        for (int j = 0; j < kTilesAcross; ++j) sums[i][j].add_product(a, b[j]);
      }
    }
  }
}

// values[rows, first … first + kColumns) = parts Wᵀ; by one warp.
template <class S>
__device__ void multiply_columns(const WeightSteps<S>& weights, int first,
                                 const NarrowShared<S>& shared) {
  LayerSums<S> sums;
  const auto begin_copy = [&](int input, int buffer) {
    if (input < weights.inputs) {
      weights.copy(first, input, shared.weights + buffer * kWeightBuffer<S>);
    }
    copy_async_commit();
  };
  for (int stage = 0; stage < kStages - 1; ++stage) begin_copy(stage * kStep<S>, stage);
  int buffer = 0;
#pragma unroll 1
  for (int input = 0; input < weights.inputs; input += kStep<S>) {
    copy_async_wait<kStages - 2>();
    // The lanes' copies are there, and all have read the buffer that is filled next.
    __syncwarp();
    begin_copy(input + (kStages - 1) * kStep<S>, (buffer + kStages - 1) % kStages);
    add_step(shared, shared.weights + buffer * kWeightBuffer<S>, input, sums);
    buffer = (buffer + 1) % kStages;
  }
  copy_async_wait<0>();
  __syncwarp();
#pragma unroll
  for (int i = 0; i < kTilesDown; ++i) {
#pragma unroll
    for (int j = 0; j < kTilesAcross; ++j) {
      sums[i][j].store(
          shared.values + i * kTensorTile * shared.value_pitch + first + j * kTensorTile,
          shared.value_pitch);
    }
  }
}

// Bias, activation and norm of the values, in place.
template <class S>
__device__ void finish_layer(const Layer<float>& layer, double eps, int64_t first_row, int64_t rows,
                             const NarrowShared<S>& shared) {
  const int width = static_cast<int>(layer.outputs);
  each_value(width, [&](int row, int column) {
    float& value = shared.values[row * shared.value_pitch + column];
    if (layer.add && first_row + row < rows) {
      value += layer.add[group_of(first_row + row, layer.add_group) * width + column];
    }
    if (layer.norm == Norm::none) value = activation_call(layer.activation, value).value;
  });
  if (layer.norm == Norm::none || width == 0) return;
  __syncthreads();
  const NormRows<float> rules = norm_of(layer, eps);
#pragma unroll 1
  for (int row = warp_id(); row < kRows; row += kWarps) {
    float* const z = shared.values + row * shared.value_pitch;
    const NormRow<float> norm(rules, z);
    norm.write(z);
  }
}

template <class S>
__device__ void run_narrow(const NarrowCall<S>& call) {
  const NarrowShared<S> shared(call.width);
  const int64_t first_row = int64_t{blockIdx.x} * kRows;
  int width = static_cast<int>(call.layers[0].inputs);
  each_value(width, [&](int row, int column) {
    const bool inside = first_row + row < call.rows;
    shared.values[row * shared.value_pitch + column] =
        inside ? call.x[(first_row + row) * width + column] : 0;
  });
#pragma unroll 1
  for (int l = 0; l < call.count; ++l) {
    const Layer<float>& layer = call.layers[l];
    const S* const data = call.weights[l];
    __syncthreads();
    split_values(width, shared);
    __syncthreads();
    const WeightSteps<S> weights{data, width, static_cast<int>(layer.outputs),
                                 is_padded<S>(data, width)};
#pragma unroll 1
    for (int first = warp_id() * kColumns; first < weights.outputs; first += kWarps * kColumns) {
      multiply_columns(weights, first, shared);
    }
    __syncthreads();
    finish_layer(layer, call.eps, first_row, call.rows, shared);
    width = weights.outputs;
  }
  __syncthreads();
  each_value(width, [&](int row, int column) {
    if (first_row + row >= call.rows) return;
    call.y[(first_row + row) * width + column] = shared.values[row * shared.value_pitch + column];
  });
}

// Only a device with units for it is asked for Tf32: for others no code is made.
template <class S>
__global__ void __launch_bounds__(kThreads)
    narrow_network_rows(const __grid_constant__ NarrowCall<S> call) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
  if constexpr (sizeof(S) == 2) run_narrow(call);
#else
  run_narrow(call);
#endif
}

// The call of one kernel, if the network fits it.
template <class S>
bool narrow_call(const Network<float>& network, NarrowCall<S>& call) {
  if (network.layers.size() > kSmallLayers) return false;
  int64_t width = network.inputs();
  for (const Layer<float>& layer : network.layers) {
    call.layers[call.count++] = layer;
    width = std::max(width, layer.outputs);
  }
  call.eps = network.eps;
  static_assert(kColumns % kStep<S> == 0, "whole steps and whole columns of a warp fit a row");
  call.width = std::max(kColumns, padded_to(kColumns, width));
  return width <= kSmallWidth && fits_shared_memory(NarrowShared<S>::bytes(call.width));
}

template <class S>
void launch_narrow(NarrowCall<S>& call, const float* x, int64_t rows, float* y, Work& work) {
  call.x = x;
  call.y = y;
  call.rows = rows;
  const dim3 grid(static_cast<unsigned>(divide_up(rows, kRows)));
  work.launch(narrow_network_rows<S>, {grid, dim3(kThreads), NarrowShared<S>::bytes(call.width)},
              call);
}

// Of bf16, layer by layer; a norm is a kernel of its own.
class WideNetwork {
 public:
  WideNetwork(const Network<float>& network, int64_t rows, Work& work)
      : network_(network), rows_(rows), work_(work), buffers_(layer_buffers(network, rows, work)) {
    int64_t widest = 0;
    for (const Layer<float>& layer : network.layers) widest = std::max(widest, layer.inputs);
    parts_ = split_scratch<Bf16>(rows, widest, kParts<Bf16>, work);
  }

  void run(const std::vector<const Bf16*>& weights, const float* x, float* y) {
    const size_t count = network_.layers.size();
    for (size_t i = 0; work_.ok() && i < count; ++i) {
      float* const out = i + 1 == count ? y : buffers_.memory[i % 2];
      run_layer(network_.layers[i], weights[i], x, out);
      x = out;
    }
  }

 private:
  void run_layer(const Layer<float>& layer, const Bf16* weight, const float* x, float* out) {
    parts_.stride = padded_width<Bf16>(layer.inputs);
    split_rows(x, DType::f32, nullptr, 0, rows_, layer.inputs, parts_, work_);
    TensorProduct<Bf16> product;
    product.a = parts_.parts();
    product.b = {weight, layer.inputs};
    if (!is_padded<Bf16>(weight, layer.inputs)) product.b = padded(weight, layer);
    product.m = rows_;
    product.n = layer.outputs;
    product.k = layer.inputs;
    product.end = layer_end<float>(layer, nullptr, out);
    multiply_on_tensor_cores(ProductForm::nt, product, work_);
    if (layer.norm == Norm::none) return;
    NormRows<float> norm = norm_of(layer, network_.eps);
    norm.z = norm.out = out;
    normalise(norm, rows_, work_);
  }

  Parts<Bf16> padded(const Bf16* weight, const Layer<float>& layer) {
    const auto copy = split_scratch<Bf16>(layer.outputs, layer.inputs, 1, work_);
    split_rows(weight, DType::bf16, nullptr, 0, layer.outputs, layer.inputs, copy, work_);
    return copy.parts();
  }

  const Network<float>& network_;
  int64_t rows_;
  Work& work_;
  LayerBuffers<float> buffers_;
  SplitRows<Bf16> parts_;
};

}  // namespace

void forward_halves(const Network<float>& network, const std::vector<const Bf16*>& weights,
                    const float* x, int64_t rows, float* y, Work& work) {
  NarrowCall<Bf16> call{};
  if (!narrow_call(network, call)) return WideNetwork(network, rows, work).run(weights, x, y);
  std::copy(weights.begin(), weights.end(), call.weights);
  launch_narrow(call, x, rows, y, work);
}

bool forward_tf32(const Network<float>& network, const float* x, int64_t rows, float* y,
                  Work& work) {
  NarrowCall<Tf32> call{};
  if (!narrow_call(network, call)) return false;
  for (int l = 0; l < call.count; ++l) {
    const Layer<float>& layer = call.layers[l];
    if (layer.stride != layer.inputs) return false;
    call.weights[l] = reinterpret_cast<const Tf32*>(layer.weight);
  }
  launch_narrow(call, x, rows, y, work);
  return true;
}

}  // namespace belfry::cuda
