// sinusoidal_embedding: [sin(t·scale·ω), cos(t·scale·ω)] and its derivative, in float64, one thread
// for each time and frequency.
#include "cuda/flow/work.cuh"
#include "math/embedding.h"
#include "ops/flow/network.h"

namespace belfry::cuda {

namespace {

template <class T>
struct EmbeddingCall {
  const T* t;
  int64_t count, half;
  double scale, max_period;
  T *emb, *demb_dt;  // null: not wanted
};

template <class T>
__global__ void embed(EmbeddingCall<T> call) {
#pragma unroll 1
  for (int64_t i : grid_stride(call.count * call.half)) {
    const int64_t row = i / call.half, k = i % call.half;
    const auto pair = math::embed_time(static_cast<double>(call.t[row]), call.scale,
                                       math::embedding_frequency(k, call.half, call.max_period));
    const int64_t sine = row * 2 * call.half + k, cosine = sine + call.half;
    if (call.emb) {
      call.emb[sine] = static_cast<T>(pair.sine);
      call.emb[cosine] = static_cast<T>(pair.cosine);
    }
    if (call.demb_dt) {
      call.demb_dt[sine] = static_cast<T>(pair.sine_slope);
      call.demb_dt[cosine] = static_cast<T>(pair.cosine_slope);
    }
  }
}

template <class T>
Status sinusoidal_embedding(const SinusoidalEmbedding<T>& op, CudaContext& context) {
  if (op.dim % 2 != 0) {
    return Status::error(Code::invalid_argument, "dim", "is %lld, expected an even number",
                         static_cast<long long>(op.dim));
  }
  const EmbeddingCall<T> call{op.t.begin(),  op.t.dims[0],   op.dim / 2,        op.scale,
                              op.max_period, wanted(op.emb), wanted(op.demb_dt)};
  Work work(context, "sinusoidal_embedding");
  work.for_each(call.count * call.half, embed<T>, call);
  return work.status();
}

}  // namespace

template <>
Status run(const SinusoidalEmbedding<float>& op, CudaContext& context) {
  return sinusoidal_embedding(op, context);
}
template <>
Status run(const SinusoidalEmbedding<double>& op, CudaContext& context) {
  return sinusoidal_embedding(op, context);
}

}  // namespace belfry::cuda
