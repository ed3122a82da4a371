// sinusoidal_embedding: [sin(t·scale·ω), cos(t·scale·ω)] and its derivative, computed in float64.
// The frequencies are made once; rows go over the threads.
#include "cpu/run.h"
#include "math/embedding.h"
#include "ops/flow/network.h"

namespace belfry::cpu {

namespace {

template <class T>
Status sinusoidal_embedding(const SinusoidalEmbedding<T>& op, CpuContext& context) {
  if (op.dim % 2 != 0) {
    return Status::error(Code::invalid_argument, "dim", "is %lld, expected an even number",
                         static_cast<long long>(op.dim));
  }
  const int64_t half = op.dim / 2;
  double* frequencies = context.scratch<double>(half);
  for (int64_t k = 0; k < half; ++k) {
    frequencies[k] = math::embedding_frequency(k, half, op.max_period);
  }
  context.parallel(op.t.size(), chunk_for(60 * half), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t k = 0; k < half; ++k) {
        const auto pair = math::embed_time(static_cast<double>(op.t[i]), op.scale, frequencies[k]);
        const int64_t at = i * op.dim + k;
        if (op.emb) {
          op.emb[at] = static_cast<T>(pair.sine);
          op.emb[at + half] = static_cast<T>(pair.cosine);
        }
        if (op.demb_dt) {
          op.demb_dt[at] = static_cast<T>(pair.sine_slope);
          op.demb_dt[at + half] = static_cast<T>(pair.cosine_slope);
        }
      }
    }
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const SinusoidalEmbedding<float>& op, CpuContext& context) {
  return sinusoidal_embedding(op, context);
}
template <>
Status run(const SinusoidalEmbedding<double>& op, CpuContext& context) {
  return sinusoidal_embedding(op, context);
}

}  // namespace belfry::cpu
