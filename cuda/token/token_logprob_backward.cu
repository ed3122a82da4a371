// token_logprob_backward: one block per row, two passes. The first makes the softmax sums and keeps
// as much of the row in shared memory as fits; the second writes the gradient, reading the rest of
// the row once more. Bytes per logit: 2, 4 or 8 read, 2, 4 or 8 written.
//
// A row that holds nothing but −Infinity gives NaN in every output, as in token_logprob.
#include "cuda/token/row_gradient.cuh"
#include "ops/token/core.h"

namespace belfry::cuda {

namespace {

// Where gradients go. Their type is chosen at run time, the same in all threads: a kernel for each
// pair of types would be three times the code for a branch that costs nothing.
struct Gradients {
  void* data;  // null: not wanted
  DType type;
};

template <class T, class S>
struct BackwardRows {
  const S* logits;
  const int32_t* labels;
  const T *grad_log_probs, *grad_entropy;
  int64_t rows, width, ignore_index;
  SoftmaxSettings<T> settings;
  int64_t cached_packs;  // of a row, that shared memory holds
  Gradients out;
  T *log_probs, *entropy;  // null: not wanted
};

// kCount values to `out`, in the widest stores its address allows.
template <class Out, int kCount, class C>
__device__ void store_values(Out* out, const C (&values)[kCount]) {
  constexpr int kBytes = static_cast<int>(kCount * sizeof(Out));
  Out items[kCount];
#pragma unroll
  for (int j = 0; j < kCount; ++j) items[j] = from_real<Out>(values[j]);
  const bool aligned = reinterpret_cast<uintptr_t>(out) % (kBytes < 16 ? 8 : 16) == 0;
  if (kBytes < 8 || !aligned) {
#pragma unroll
    for (int j = 0; j < kCount; ++j) out[j] = items[j];
  } else if constexpr (kBytes >= 16) {
    uint4 words[kBytes / 16];
    memcpy(words, items, kBytes);
#pragma unroll
    for (int j = 0; j < kBytes / 16; ++j) __stcs(reinterpret_cast<uint4*>(out) + j, words[j]);
  } else if constexpr (kBytes == 8) {
    uint2 words;
    memcpy(&words, items, sizeof words);
    __stcs(reinterpret_cast<uint2*>(out), words);
  }
}

template <int kCount, class C>
__device__ void store_gradients(const Gradients& out, int64_t at, const C (&values)[kCount]) {
  if constexpr (sizeof(C) == 8) {
    store_values(static_cast<double*>(out.data) + at, values);
  } else if (out.type == DType::bf16) {
    store_values(static_cast<Bf16*>(out.data) + at, values);
  } else if (out.type == DType::f16) {
    store_values(static_cast<F16*>(out.data) + at, values);
  } else {
    store_values(static_cast<float*>(out.data) + at, values);
  }
}

// `first`: of the row, in all gradients.
template <class C, class S>
__device__ void write_gradient(const RowLayout<S>& layout, const RowGradient<C>& gradient,
                               const uint4* cache, int64_t kept, const Gradients& out,
                               int64_t first) {
  constexpr int kPack = Pack<S>::kCount;
#pragma unroll 1
  for (int64_t i : thread_stride(layout.packs)) {
    const Pack<S> pack = load_pack<S>(i < kept ? static_cast<const void*>(&cache[i])
                                               : static_cast<const void*>(layout.pack(i)));
    const int64_t column = layout.head + i * kPack;
    C values[kPack];
#pragma unroll
    for (int j = 0; j < kPack; ++j) values[j] = gradient(to_real(pack.items[j]), column + j);
    store_gradients(out, first + column, values);
  }
#pragma unroll 1
  for (int64_t i : thread_stride(layout.loose())) {
    const int64_t column = layout.loose_column(i);
    const C value[1] = {gradient(to_real(layout.row[column]), column)};
    store_gradients(out, first + column, value);
  }
}

template <class T, class S>
__device__ void backward_row(const BackwardRows<T, S>& call, int64_t row, uint4* cache) {
  const double scale = call.settings.inverse_temperature;
  const S* logits = call.logits + row * call.width;
  const int64_t label = call.labels[row];
  // Read before anything is written: the gradient may lie where the logits do.
  const double x = static_cast<double>(call.settings.capped(to_real(logits[label])));
  const RowLayout<S> layout(logits, call.width);
  const int64_t kept = layout.packs < call.cached_packs ? layout.packs : call.cached_packs;
  const math::LogSumExp<double> sums = row_sums(layout, call.settings, cache, kept);
  const double wrong = not_a_number_if(sums.empty());
  const double g = static_cast<double>(call.grad_log_probs[row]);
  const double h = call.grad_entropy ? static_cast<double>(call.grad_entropy[row]) : 0;
  const double log_prob = math::log_probability(sums, x, scale) + wrong;
  const double entropy = math::entropy(sums, scale) + wrong;
  if (threadIdx.x == 0 && call.log_probs) call.log_probs[row] = static_cast<T>(log_prob);
  if (threadIdx.x == 0 && call.entropy) call.entropy[row] = static_cast<T>(entropy);
  if (!call.out.data) return;
  const RowGradient<T> gradient =
      row_gradient(call.settings, sums, wrong, g, h, label, log_prob, entropy);
  write_gradient(layout, gradient, cache, kept, call.out, row * call.width);
}

// Threads of the largest block; the registers of a multiprocessor are no more.
template <class T>
constexpr int kMostThreads = sizeof(T) == 4 ? 1024 : 512;

template <class T, class S>
__global__ void __launch_bounds__(kMostThreads<T>)
    token_logprob_backward_rows(BackwardRows<T, S> call) {
  uint4* cache = dynamic_shared<uint4>();
  for (int64_t row : block_stride(call.rows)) {
    if (call.labels[row] != call.ignore_index) {
      backward_row(call, row, cache);
      __syncthreads();  // the cache is free again
      continue;
    }
    if (threadIdx.x == 0 && call.log_probs) call.log_probs[row] = 0;
    if (threadIdx.x == 0 && call.entropy) call.entropy[row] = 0;
    if (!call.out.data) continue;
    const T zero[1] = {T(0)};
#pragma unroll 1
    for (int64_t v : thread_stride(call.width)) {
      store_gradients(call.out, row * call.width + v, zero);
    }
  }
}

// Shared memory for a row: all of it if it fits, else what a block can have.
int64_t cache_bytes(int64_t row_bytes, int device) {
  int most = 0;
  if (cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device) !=
      cudaSuccess) {
    most = 48 * 1024;
  }
  constexpr int64_t kOwn = 4096;  // what the reductions take, and the system
  const int64_t usable = most > kOwn ? (most - kOwn) / 16 * 16 : 0;
  const int64_t wanted = (row_bytes + 15) / 16 * 16;
  return wanted < usable ? wanted : usable;
}

template <class T, class S>
Status backward(const TokenLogprobBackward<T>& op, CudaContext& context) {
  BackwardRows<T, S> call{};
  call.logits = stored<S>(op.logits);
  call.labels = op.labels.begin();
  call.grad_log_probs = op.grad_log_probs.begin();
  if (op.grad_entropy) call.grad_entropy = op.grad_entropy.begin();
  call.rows = op.logits.dims[0];
  call.width = op.logits.dims[1];
  call.ignore_index = op.ignore_index;
  call.settings = softmax_settings<T>(op);
  if (op.grad_logits) call.out = {op.grad_logits.data, op.grad_logits.dtype};
  if (op.log_probs) call.log_probs = op.log_probs.begin();
  if (op.entropy) call.entropy = op.entropy.begin();
  const int64_t row_bytes = call.width * static_cast<int64_t>(sizeof(S));
  const int64_t cache = call.out.data ? cache_bytes(row_bytes, context.device()) : 0;
  call.cached_packs = cache / 16;
  // A row that leaves no room for another block on the multiprocessor gets a large block.
  const int most = cache > 100 * 1024 ? kMostThreads<T> : 512;
  const LaunchShape shape{dim3(blocks_for(call.rows, 1)),
                          dim3(threads_for_row<S>(call.width, most)), static_cast<size_t>(cache)};
  return device_status(launch(token_logprob_backward_rows<T, S>, shape, context.stream(), call),
                       "token_logprob_backward");
}

template <class T>
Status token_logprob_backward(const TokenLogprobBackward<T>& op, CudaContext& context) {
  return with_storage<T>(op.logits.dtype,
                         [&](auto s) { return backward<T, decltype(s)>(op, context); });
}

}  // namespace

template <>
Status run(const TokenLogprobBackward<float>& op, CudaContext& context) {
  return token_logprob_backward(op, context);
}
template <>
Status run(const TokenLogprobBackward<double>& op, CudaContext& context) {
  return token_logprob_backward(op, context);
}

}  // namespace belfry::cuda
