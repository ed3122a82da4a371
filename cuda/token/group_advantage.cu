// group_advantage: the outcome reward of each sample against those of its group.
//
// Groups may lie anywhere in the batch, so the ids are read back and a stable counting order is
// made on the host: a device-side sort by atomics would not give the same bits twice. Then one warp
// per group takes the statistics and writes the advantages. Statistics of the whole batch
// (lite_ppo, gpg, reinforce_pp_baseline) are reduced in a fixed order first. Bytes per sample: ids
// read twice, rewards three times from cache, advantages written once.
#include <algorithm>
#include <vector>

#include "cuda/device/int_facts.cuh"
#include "cuda/token/group_facts.cuh"
#include "cuda/token/sample_groups.cuh"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 256;

struct BatchFacts {
  math::Moments rewards;
  double nonzero = 0;
};
struct MergeFacts {
  __device__ BatchFacts operator()(const BatchFacts& a, const BatchFacts& b) const {
    return {math::merge(a.rewards, b.rewards), a.nonzero + b.nonzero};
  }
};

template <class T>
__global__ void batch_facts(const T* rewards, int64_t count, BatchFacts* partial) {
  __shared__ BatchFacts shared[kThreads / kWarpSize];
  BatchFacts facts;
#pragma unroll 1
  for (const int64_t i : grid_stride(count)) {
    const double r = static_cast<double>(rewards[i]);
    if (!isfinite(r)) continue;
    facts.rewards = math::merge(facts.rewards, math::moments_of(r, 1));
    facts.nonzero += r != 0;
  }
  facts = block_reduce(facts, MergeFacts{}, BatchFacts{}, shared);
  if (threadIdx.x == 0) partial[blockIdx.x] = facts;
}

// Moments of reward − baseline over all tokens, one partial per block.
template <class T>
__global__ void centred_moments(Grouped<T> g, Rule rule, math::Moments* partial) {
  __shared__ math::Moments shared[kThreads / kWarpSize];
  math::Moments moments;
  const int64_t warps = static_cast<int64_t>(gridDim.x) * (kThreads / kWarpSize);
  const int64_t first = static_cast<int64_t>(blockIdx.x) * (kThreads / kWarpSize) + warp_id();
#pragma unroll 1
  for (int64_t group = first; group < g.num_groups; group += warps) {
    const math::GroupStats stats = facts_of(g, group, rule.ddof).stats;
    const double center = math::group_center(rule, stats);
#pragma unroll 1
    for (int32_t at = g.start[group] + lane_id(); at < g.start[group + 1]; at += kWarpSize) {
      const int32_t sample = g.order[at];
      const double r = static_cast<double>(g.rewards[sample]);
      if (!isfinite(r)) continue;
      const double c = r - stats.shift - center;
      moments = math::merge(moments, math::moments_of(c, g.weight(sample)));
    }
  }
  moments = block_reduce(moments, MergeMoments{}, math::Moments{}, shared);
  if (threadIdx.x == 0) partial[blockIdx.x] = moments;
}

template <class T>
__global__ void write_advantages(Grouped<T> g, Rule rule) {
  const int64_t warps = static_cast<int64_t>(gridDim.x) * (kThreads / kWarpSize);
  const int64_t first = static_cast<int64_t>(blockIdx.x) * (kThreads / kWarpSize) + warp_id();
  const bool steps = math::takes_step(rule.estimator);
#pragma unroll 1
  for (int64_t group = first; group < g.num_groups; group += warps) {
    const GroupFacts facts = facts_of(g, group, rule.ddof);
    const math::GroupStats& stats = facts.stats;
    const math::GroupStep step =
        rule.estimator == GroupEstimator::passk_max
            ? math::passk_max_step(stats, facts.best, facts.second, rule.eps, rule.normalize)
            : math::passk_analytic_step(stats.count, facts.right, rule.k);
    const math::GroupLine line{math::group_center(rule, stats), math::group_scale(rule, stats)};
#pragma unroll 1
    for (int32_t at = g.start[group] + lane_id(); at < g.start[group + 1]; at += kWarpSize) {
      const int32_t sample = g.order[at];
      const double r = static_cast<double>(g.rewards[sample]);
      double advantage = steps ? (r > step.threshold ? step.above : step.below)
                               : (r - stats.shift - line.center) * line.scale;
      if (!isfinite(r)) advantage = 0;
      g.advantages[sample] = static_cast<T>(advantage);
    }
  }
}

template <class T>
class GroupLauncher {
 public:
  GroupLauncher(const GroupAdvantage<T>& op, CudaContext& context) : op_(op), context_(context) {
    rule_ = math::group_rule(op);
  }

  Status run() {
    if (Status s = check_lengths(); !s.ok()) return s;
    if (Status s = bring_together(); !s.ok()) return s;
    if (Status s = scale_by_batch(); !s.ok()) return s;
    if (Status s = whiten(); !s.ok()) return s;
    return device_status(
        launch(write_advantages<T>, groups_shape(), context_.stream(), grouped_, rule_),
        "group_advantage");
  }

 private:
  int64_t size() const { return op_.rewards.dims[0]; }
  LaunchShape groups_shape() const {
    return {dim3(blocks_for(grouped_.num_groups * kWarpSize, kThreads)), dim3(kThreads)};
  }

  Status check_lengths() {
    if (!op_.lengths || !math::uses_lengths(rule_.estimator)) return {};
    IntFacts facts;
    if (Status s = scan_int32(context_, op_.lengths.begin(), size(), nullptr, &facts); !s.ok()) {
      return s;
    }
    if (facts.min >= 0) return {};
    return Status::error(Code::bad_value, "lengths", "holds %d, expected at least 0", facts.min);
  }

  Status bring_together() {
    SampleGroups groups;
    if (Status s = group_samples(op_.group_ids, groups, context_); !s.ok()) return s;
    grouped_.rewards = op_.rewards.begin();
    if (op_.lengths && math::uses_lengths(rule_.estimator)) grouped_.lengths = op_.lengths.begin();
    grouped_.order = groups.order;
    grouped_.start = groups.start;
    grouped_.num_groups = groups.count;
    grouped_.advantages = op_.advantages.begin();
    return {};
  }

  Status scale_by_batch() {
    const bool gpg = rule_.estimator == GroupEstimator::gpg;
    if (!gpg && rule_.estimator != GroupEstimator::lite_ppo) return {};
    BatchFacts facts;
    const LaunchShape shape{dim3(blocks_for(size(), kThreads)), dim3(kThreads)};
    if (Status s = reduce<BatchFacts>(shape, batch_facts<T>, &facts, op_.rewards.begin(), size());
        !s.ok()) {
      return s;
    }
    const math::Moments& m = facts.rewards;
    const double variance = m.m2 * math::inverse_freedom(m.weight, rule_.ddof);
    rule_.batch_scale = gpg ? m.weight / std::max(1.0, facts.nonzero)
                            : math::inverse_spread(m.weight, variance, rule_.eps);
    return {};
  }

  Status whiten() {
    if (rule_.estimator != GroupEstimator::reinforce_pp_baseline) return {};
    math::Moments centred;
    if (Status s =
            reduce<math::Moments>(groups_shape(), centred_moments<T>, &centred, grouped_, rule_);
        !s.ok()) {
      return s;
    }
    math::set_whitening(rule_, centred);
    return {};
  }

  static math::Moments merged(const math::Moments& a, const math::Moments& b) {
    return math::merge(a, b);
  }
  static BatchFacts merged(const BatchFacts& a, const BatchFacts& b) {
    return {math::merge(a.rewards, b.rewards), a.nonzero + b.nonzero};
  }

  // Runs a kernel that leaves one partial per block, and merges them on the host in block order.
  template <class Partial, class Kernel, class... A>
  Status reduce(const LaunchShape& shape, Kernel kernel, Partial* out, A... arguments) {
    std::vector<Partial> partials(shape.grid.x);
    auto* device = context_.template scratch<Partial>(static_cast<int64_t>(partials.size()));
    if (!device) return context_.failure();
    const cudaError_t error = launch(kernel, shape, context_.stream(), arguments..., device);
    if (error != cudaSuccess) return device_status(error, "group_advantage");
    if (Status s = context_.read_back(partials.data(), device,
                                      static_cast<int64_t>(partials.size() * sizeof(Partial)));
        !s.ok()) {
      return s;
    }
    for (const Partial& partial : partials) *out = merged(*out, partial);
    return {};
  }

  const GroupAdvantage<T>& op_;
  CudaContext& context_;
  Rule rule_;
  Grouped<T> grouped_{};
};

template <class T>
Status group_advantage(const GroupAdvantage<T>& op, CudaContext& context) {
  if (!op.advantages || op.rewards.dims[0] == 0) return {};
  return GroupLauncher<T>(op, context).run();
}

}  // namespace

template <>
Status run(const GroupAdvantage<float>& op, CudaContext& context) {
  return group_advantage(op, context);
}
template <>
Status run(const GroupAdvantage<double>& op, CudaContext& context) {
  return group_advantage(op, context);
}

}  // namespace belfry::cuda
