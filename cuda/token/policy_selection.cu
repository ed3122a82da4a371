// Means over the valid tokens, keys of the candidates, and a radix select; all in float64.
#include "cuda/token/policy_selection.cuh"

#include "cuda/token/select_keys.cuh"

namespace belfry::cuda {

namespace {

// Sums over valid tokens, then their means.
struct Means {
  double advantage, log_prob, count;
};
struct AddMeans {
  __device__ Means operator()(const Means& a, const Means& b) const {
    return {a.advantage + b.advantage, a.log_prob + b.log_prob, a.count + b.count};
  }
};

template <class T>
__device__ T advantage_of(const PolicyTokens<T>& call, int64_t i) {
  return call.advantages[call.advantage_per_row ? call.layout.row_of(i) : i];
}

template <class T>
__global__ void sum_tokens(PolicyTokens<T> call, Means* parts) {
  __shared__ Means shared[kWarpSize];
  Means sums{0, 0, 0};
  for (int64_t i : grid_stride(call.layout.total)) {
    if (!call.mask(i)) continue;
    sums = AddMeans{}(sums, {static_cast<double>(advantage_of(call, i)),
                             static_cast<double>(call.log_probs[i]), 1});
  }
  sums = block_reduce(sums, AddMeans{}, Means{0, 0, 0}, shared);
  if (threadIdx.x == 0) parts[blockIdx.x] = sums;
}

// One block.
__global__ void take_means(const Means* parts, int64_t num_parts, Means* out) {
  __shared__ Means shared[kWarpSize];
  Means sums{0, 0, 0};
  for (int64_t i : thread_stride(num_parts)) sums = AddMeans{}(sums, parts[i]);
  sums = block_reduce(sums, AddMeans{}, Means{0, 0, 0}, shared);
  if (threadIdx.x != 0) return;
  const double share = sums.count > 0 ? 1 / sums.count : 0;
  *out = {sums.advantage * share, sums.log_prob * share, sums.count};
}

template <class T>
__global__ void covariance_keys(PolicyTokens<T> call, const T* priority, double lower, double upper,
                                const Means* means, uint64_t* keys) {
  const Means mean = *means;
  for (int64_t i : grid_stride(call.layout.total)) {
    uint64_t key = kNoKey;
    if (call.mask(i)) {
      const T advantage = advantage_of(call, i);
      const T log_prob = call.log_probs[i];
      const double cov = (static_cast<double>(advantage) - mean.advantage) *
                         (static_cast<double>(log_prob) - mean.log_prob);
      if (!priority) {
        key = key_of(cov);
      } else if (cov > lower && cov < upper &&
                 !math::surrogate(log_prob, call.old_log_probs[i], advantage, call.settings)
                      .clipped) {
        key = key_of(-static_cast<double>(priority[i]));
      }
    }
    keys[i] = key;
  }
}

}  // namespace

template <class T>
Status select_policy_tokens(const PolicyLossOptions& options, uint8_t* dropped,
                            PolicyTokens<T>& call, CudaContext& context) {
  const int64_t total = call.layout.total;
  const bool clip = options.kind == PolicyLossKind::clip_cov;
  Work work(context, "policy_loss");
  const LaunchShape wide{dim3(blocks_for(total, 4 * kTokenThreads)), dim3(kTokenThreads)};
  auto* parts = work.scratch<Means>(wide.grid.x);
  auto* means = work.scratch<Means>(1);
  auto* keys = work.scratch<uint64_t>(total);
  uint8_t* selected = dropped ? dropped : work.scratch<uint8_t>(total);
  if (!work.ok()) return work.status();
  work.launch(sum_tokens<T>, wide, call, parts);
  work.launch(take_means, {dim3(1), dim3(kTokenThreads)}, parts, static_cast<int64_t>(wide.grid.x),
              means);
  work.for_each(total, covariance_keys<T>, call, clip ? call.priority : nullptr, options.cov_lower,
                options.cov_upper, means, keys);
  Quota quota;
  quota.share = clip ? options.cov_ratio : options.kl_cov_ratio;
  quota.population = &means->count;
  flag_selected(keys, total, select_keys(keys, total, quota, work), selected, work);
  call.selected = selected;
  return work.status();
}

template Status select_policy_tokens(const PolicyLossOptions&, uint8_t*, PolicyTokens<float>&,
                                     CudaContext&);
template Status select_policy_tokens(const PolicyLossOptions&, uint8_t*, PolicyTokens<double>&,
                                     CudaContext&);

}  // namespace belfry::cuda
