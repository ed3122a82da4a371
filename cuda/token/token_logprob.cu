// token_logprob: one block per row, one pass: each thread keeps a maximum and the sums relative to
// it, then the block joins them in a fixed order. Bytes per logit: its own 2, 4 or 8, read once.
//
// A row that holds nothing but −Infinity gives NaN in every output. (The CPU kernel names it in an
// error; here that would cost a wait for the device.)
#include "cuda/token/logits_rows.cuh"
#include "ops/token/core.h"

namespace belfry::cuda {

namespace {

template <class T, class S>
struct ForwardRows {
  const S* logits;
  const int32_t* labels;
  int64_t rows, width, ignore_index;
  SoftmaxSettings<T> settings;
  T *log_probs, *entropy, *logsumexp, *sum_pi_squared;  // null: not wanted

  __device__ void write(int64_t row, double log_prob, double h, double lse, double squares) const {
    if (log_probs) log_probs[row] = static_cast<T>(log_prob);
    if (entropy) entropy[row] = static_cast<T>(h);
    if (logsumexp) logsumexp[row] = static_cast<T>(lse);
    if (sum_pi_squared) sum_pi_squared[row] = static_cast<T>(squares);
  }
};

template <class T, class S>
__global__ void token_logprob_rows(ForwardRows<T, S> call) {
  const double scale = call.settings.inverse_temperature;
  for (int64_t row : block_stride(call.rows)) {
    const int64_t label = call.labels[row];
    if (label == call.ignore_index) {
      if (threadIdx.x == 0) call.write(row, 0, 0, 0, 0);
      continue;
    }
    const S* logits = call.logits + row * call.width;
    const RowLayout<S> layout(logits, call.width);
    const math::LogSumExp<double> sums = row_sums(layout, call.settings, nullptr, 0);
    if (threadIdx.x != 0) continue;
    const double wrong = not_a_number_if(sums.empty());
    const double x = static_cast<double>(call.settings.capped(to_real(logits[label])));
    call.write(row, math::log_probability(sums, x, scale) + wrong,
               math::entropy(sums, scale) + wrong, math::log_sum_exp(sums, scale) + wrong,
               math::sum_of_squared_probabilities(sums) + wrong);
  }
}

template <class T, class S>
Status forward(const TokenLogprob<T>& op, CudaContext& context) {
  ForwardRows<T, S> call{};
  call.logits = stored<S>(op.logits);
  call.labels = op.labels.begin();
  call.rows = op.logits.dims[0];
  call.width = op.logits.dims[1];
  call.ignore_index = op.ignore_index;
  call.settings = softmax_settings<T>(op);
  if (op.log_probs) call.log_probs = op.log_probs.begin();
  if (op.entropy) call.entropy = op.entropy.begin();
  if (op.logsumexp) call.logsumexp = op.logsumexp.begin();
  if (op.sum_pi_squared) call.sum_pi_squared = op.sum_pi_squared.begin();
  const LaunchShape shape{dim3(blocks_for(call.rows, 1)),
                          dim3(threads_for_row<S>(call.width, 512))};
  return device_status(launch(token_logprob_rows<T, S>, shape, context.stream(), call),
                       "token_logprob");
}

template <class T>
Status token_logprob(const TokenLogprob<T>& op, CudaContext& context) {
  return with_storage<T>(op.logits.dtype,
                         [&](auto s) { return forward<T, decltype(s)>(op, context); });
}

}  // namespace

template <>
Status run(const TokenLogprob<float>& op, CudaContext& context) {
  return token_logprob(op, context);
}
template <>
Status run(const TokenLogprob<double>& op, CudaContext& context) {
  return token_logprob(op, context);
}

}  // namespace belfry::cuda
