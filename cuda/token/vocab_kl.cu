// vocab_kl: a block per row; the sums of both rows, a pass for the divergence, a pass for the
// gradient. Bytes per logit: read 4 or 8 for each of three passes (the caches hold a row), write 4.
//
// A row that holds nothing but −Infinity gives NaN.
#include "cuda/token/logits_rows.cuh"
#include "ops/token/logits.h"

namespace belfry::cuda {

namespace {

struct PlainSoftmax {
  double temperature = 1;
  NullableNumber softcap;
};

template <class T, class S, class R>
struct KlCall {
  const S* logits;
  const R* ref_logits;
  int64_t rows, width;
  bool forward;
  SoftmaxSettings<T> settings;
  T *kl, *grad;  // null: not wanted
};

template <class T>
struct KlPair {
  double p_max, q_max, p_sum, q_sum, log_sums;

  __device__ KlPair(const math::LogSumExp<double>& p, const math::LogSumExp<double>& q)
      : p_max(p.max), q_max(q.max), p_sum(p.sum), q_sum(q.sum), log_sums(log(p.sum) - log(q.sum)) {}
};

// p, q and d = log p − log q of one token.
template <class T>
struct KlToken {
  T p, q, d;

  __device__ KlToken(const KlPair<T>& pair, T x, T y) {
    const T of_p = x - static_cast<T>(pair.p_max), of_q = y - static_cast<T>(pair.q_max);
    p = exp(of_p) / static_cast<T>(pair.p_sum);
    q = exp(of_q) / static_cast<T>(pair.q_sum);
    d = of_p - of_q - static_cast<T>(pair.log_sums);
  }
  __device__ T term(bool forward) const {
    if (forward) return q == 0 ? T(0) : -q * d;
    return p == 0 ? T(0) : p * d;
  }
  __device__ T slope(bool forward, T kl) const {
    if (forward) return p - q;
    return p == 0 || kl == T(HUGE_VAL) ? T(0) : p * (d - kl);
  }
};

template <class T, class S, class R>
__global__ void vocab_kl_rows(KlCall<T, S, R> call) {
  __shared__ double shared[kWarpSize];
  for (int64_t row : block_stride(call.rows)) {
    const S* x = call.logits + row * call.width;
    const R* y = call.ref_logits + row * call.width;
    const auto p = row_sums(RowLayout<S>(x, call.width), call.settings, nullptr, 0);
    __syncthreads();
    const auto q = row_sums(RowLayout<R>(y, call.width), call.settings, nullptr, 0);
    const KlPair<T> pair(p, q);
    double sum = 0;
    for (int64_t i : thread_stride(call.width)) {
      const KlToken<T> token(pair, to_real(x[i]), to_real(y[i]));
      sum += static_cast<double>(token.term(call.forward));
    }
    sum = block_reduce(sum, Add(), 0.0, shared);
    const T kl = static_cast<T>(math::at_least_zero(sum) + not_a_number_if(p.empty() || q.empty()));
    if (call.kl && threadIdx.x == 0) call.kl[row] = kl;
    if (!call.grad) continue;
    for (int64_t i : thread_stride(call.width)) {
      const KlToken<T> token(pair, to_real(x[i]), to_real(y[i]));
      call.grad[row * call.width + i] = token.slope(call.forward, kl);
    }
  }
}

template <class T, class S, class R>
Status divergence(const VocabKl<T>& op, CudaContext& context) {
  KlCall<T, S, R> call{};
  call.logits = stored<S>(op.logits);
  call.ref_logits = stored<R>(op.ref_logits);
  call.rows = op.logits.dims[0];
  call.width = op.logits.dims[1];
  call.forward = op.direction == KlDirection::forward;
  call.settings = softmax_settings<T>(PlainSoftmax{});
  if (op.kl) call.kl = op.kl.begin();
  if (op.grad_logits) call.grad = op.grad_logits.begin();
  const LaunchShape shape{dim3(blocks_for(call.rows, 1)),
                          dim3(threads_for_row<S>(call.width, 512))};
  return device_status(launch(vocab_kl_rows<T, S, R>, shape, context.stream(), call), "vocab_kl");
}

template <class T>
Status vocab_kl(const VocabKl<T>& op, CudaContext& context) {
  return with_storage<T>(op.logits.dtype, [&](auto s) {
    return with_storage<T>(op.ref_logits.dtype, [&](auto r) {
      return divergence<T, decltype(s), decltype(r)>(op, context);
    });
  });
}

}  // namespace

template <>
Status run(const VocabKl<float>& op, CudaContext& context) {
  return vocab_kl(op, context);
}
template <>
Status run(const VocabKl<double>& op, CudaContext& context) {
  return vocab_kl(op, context);
}

}  // namespace belfry::cuda
