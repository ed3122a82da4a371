// entropy_mask: the number below the quantile by radix select, the one above it by a minimum, and a
// map. Bytes per token: read 10, write 1, and 72 of keys.
#include "cuda/token/select_keys.cuh"
#include "cuda/token/valid_tokens.cuh"
#include "math/order_statistics.h"
#include "ops/token/selection.h"

namespace belfry::cuda {

namespace {

template <class T>
__global__ void entropy_keys(const T* entropy, math::FlagReader mask, int64_t total,
                             uint64_t* keys) {
  for (int64_t i : grid_stride(total)) {
    keys[i] =
        mask(i) && entropy[i] == entropy[i] ? key_of(static_cast<double>(entropy[i])) : kNoKey;
  }
}

// The least key above the least that was chosen, of each block.
__global__ void keys_above(const uint64_t* keys, int64_t total, const Selection* selection,
                           uint64_t* parts) {
  __shared__ uint64_t shared[kWarpSize];
  const uint64_t least = selection->least;
  uint64_t above = ~uint64_t{0};
  for (int64_t i : grid_stride(total)) {
    if (keys[i] > least) above = Min{}(above, keys[i]);
  }
  above = block_reduce(above, Min{}, ~uint64_t{0}, shared);
  if (threadIdx.x == 0) parts[blockIdx.x] = above;
}

// One block.
template <class T>
__global__ void set_threshold(const Selection* selection, double quantile, const uint64_t* parts,
                              int64_t num_parts, double* threshold, T* out) {
  __shared__ uint64_t shared[kWarpSize];
  uint64_t above = ~uint64_t{0};
  for (int64_t i : thread_stride(num_parts)) above = Min{}(above, parts[i]);
  above = block_reduce(above, Min{}, ~uint64_t{0}, shared);
  if (threadIdx.x != 0) return;
  const Selection found = *selection;
  double value = 0;
  if (found.count > 0) {
    const math::QuantilePlace place = math::quantile_place(quantile, found.count);
    const double low = number_of(found.least);
    // With two equal ones at the boundary the next in order is as large.
    const bool alike = place.above == place.below || found.ties > 1;
    value = place.above == place.below
                ? low
                : math::between(low, alike ? low : number_of(above), place.share);
  }
  *threshold = value;
  put(out, value);
}

template <class T>
__global__ void keep_above(const T* entropy, math::FlagReader mask, int64_t total,
                           const double* threshold, uint8_t* keep) {
  for (int64_t i : grid_stride(total)) {
    keep[i] = mask(i) && static_cast<double>(entropy[i]) >= *threshold;
  }
}

template <class T>
Status entropy_mask(const EntropyMask<T>& op, CudaContext& context) {
  const int64_t total = op.entropy.size();
  const math::FlagReader mask = math::read_flags(op.mask, true);
  Work work(context, "entropy_mask");
  auto* keys = work.scratch<uint64_t>(total);
  auto* threshold = work.scratch<double>(1);
  const LaunchShape wide{dim3(blocks_for(total, 4 * kTokenThreads)), dim3(kTokenThreads)};
  auto* parts = work.scratch<uint64_t>(wide.grid.x);
  Quota quota;
  quota.share = op.quantile;
  quota.down_to_quantile = true;
  work.for_each(total, entropy_keys<T>, op.entropy.begin(), mask, total, keys);
  const Selection* selection = select_keys(keys, total, quota, work);
  work.launch(keys_above, wide, keys, total, selection, parts);
  work.launch(set_threshold<T>, {dim3(1), dim3(kTokenThreads)}, selection, op.quantile, parts,
              static_cast<int64_t>(wide.grid.x), threshold, pointer(op.threshold));
  if (op.keep) {
    work.for_each(total, keep_above<T>, op.entropy.begin(), mask, total, threshold,
                  op.keep.begin());
  }
  return work.status();
}

}  // namespace

template <>
Status run(const EntropyMask<float>& op, CudaContext& context) {
  return entropy_mask(op, context);
}
template <>
Status run(const EntropyMask<double>& op, CudaContext& context) {
  return entropy_mask(op, context);
}

}  // namespace belfry::cuda
