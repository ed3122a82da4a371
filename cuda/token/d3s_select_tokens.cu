// d3s_select_tokens: keys |A| · H of the valid tokens, then a radix select. Bytes per token: read
// 9, and 80 of keys, which stay in L2 up to some five million tokens.
#include "cuda/token/select_keys.cuh"
#include "cuda/token/valid_tokens.cuh"
#include "ops/token/selection.h"

namespace belfry::cuda {

namespace {

template <class T>
struct KeyedTokens {
  const T *advantages, *entropy;
  math::FlagReader mask, sample;
  math::TokenRows layout;
  bool per_row;
};

template <class T>
__global__ void token_keys(KeyedTokens<T> call, uint64_t* keys) {
  for (int64_t i : grid_stride(call.layout.total)) {
    const int64_t row = call.layout.row_of(i);
    uint64_t key = kNoKey;
    if (call.mask(i) && call.sample(row)) {
      const double advantage = static_cast<double>(call.advantages[call.per_row ? row : i]);
      key = key_of(fabs(advantage) * static_cast<double>(call.entropy[i]));
    }
    keys[i] = key;
  }
}

template <class T>
Status d3s_select_tokens(const D3sSelectTokens<T>& op, CudaContext& context) {
  const int64_t total = op.entropy.size();
  if (!op.keep || total == 0) return {};
  Work work(context, "d3s_select_tokens");
  const KeyedTokens<T> call{op.advantages.begin(),
                            op.entropy.begin(),
                            math::read_flags(op.mask, true),
                            math::read_flags(op.sample_keep, true),
                            math::padded_rows(op.entropy.dims[0], op.entropy.dims[1]),
                            op.advantages.rank == 1};
  auto* keys = work.scratch<uint64_t>(total);
  work.for_each(total, token_keys<T>, call, keys);
  Quota quota;
  quota.share = op.fraction;
  flag_selected(keys, total, select_keys(keys, total, quota, work), op.keep.begin(), work);
  return work.status();
}

}  // namespace

template <>
Status run(const D3sSelectTokens<float>& op, CudaContext& context) {
  return d3s_select_tokens(op, context);
}
template <>
Status run(const D3sSelectTokens<double>& op, CudaContext& context) {
  return d3s_select_tokens(op, context);
}

}  // namespace belfry::cuda
