// filtered_logprob: a block per row. Each filter keeps the largest logits down to some key: top_k
// finds it by bisection over counts, top_p over masses, min_p compares; then one pass makes the
// softmax sums of what is left. A bisection reads the row at most 32 times (64 in float64), from
// L2; exponentials are only taken of logits above the key that is tried. All sums in float64, in an
// order that depends on the width only.
//
// A row that holds nothing but −Infinity gives NaN in every output, as in token_logprob.
#include "cuda/device/scan.cuh"
#include "cuda/token/logits_rows.cuh"
#include "cuda/token/select_keys.cuh"
#include "math/flags.h"
#include "ops/token/logits.h"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 512, kWarps = kThreads / kWarpSize;

template <class T, class S>
struct FilteredRows {
  const S* logits;
  const int32_t* labels;
  math::FlagReader sampler;
  int64_t rows, width, ignore_index;
  double inverse_temperature;
  NullableNumber top_k, top_p, min_p;
  uint8_t* keep;  // null: not wanted, like the others
  T *log_probs, *entropy;

  __device__ void write(int64_t row, double log_prob, double h) const {
    if (threadIdx.x != 0) return;
    if (log_probs) log_probs[row] = static_cast<T>(log_prob);
    if (entropy) entropy[row] = static_cast<T>(h);
  }
};

// Keys of logits: 32 bits of a float32, so that a bisection takes half as many steps.
__device__ inline uint64_t logit_key(float x) {
  uint32_t bits;
  const float own = x == 0 ? 0.0f : x;
  memcpy(&bits, &own, sizeof bits);
  return bits >> 31 ? ~bits : bits | 0x80000000u;
}
__device__ inline uint64_t logit_key(double x) { return key_of(x); }

template <class S>
struct Row {
  const S* x;
  int64_t width;
  math::FlagReader sampler;  // from `first` on
  int64_t first;
  double max, inverse_temperature, least_mass;
  uint64_t least;  // kept: keys above this, and equal ones left of `cut`
  int64_t cut;

  __device__ bool allowed(int64_t i) const {
    return sampler(first + i) && to_real(x[i]) > -INFINITY;
  }
  __device__ uint64_t key(int64_t i) const { return logit_key(to_real(x[i])); }
  __device__ double mass(int64_t i) const {
    return exp((static_cast<double>(to_real(x[i])) - max) * inverse_temperature);
  }
  __device__ bool kept(int64_t i) const {
    if (!allowed(i)) return false;
    const uint64_t own = key(i);
    return (own > least || (own == least && i < cut)) && mass(i) >= least_mass;
  }
};

struct Memory {
  double sums[kWarps];
  int64_t counts[kWarps];
  SumsOf3 softmax[kWarps];
};

// Σ measure(i) over the allowed logits whose key is at least `least`.
template <class S, class V, class Measure>
__device__ V sum_from(const Row<S>& row, uint64_t least, V* shared, const Measure& measure) {
  V sum = 0;
#pragma unroll 1
  for (int64_t i : thread_stride(row.width)) {
    if (row.allowed(i) && row.key(i) >= least && row.key(i) >= row.least) sum += measure(i);
  }
  return block_reduce(sum, Add{}, V(0), shared);
}

struct One {
  __device__ int64_t operator()(int64_t) const { return 1; }
};
template <class S>
struct Mass {
  const Row<S>& row;
  __device__ double operator()(int64_t i) const { return row.mass(i); }
};

// The largest key from which on the sum reaches `target`; the sum over all must reach it.
template <class S, class V, class Measure>
__device__ uint64_t last_key(const Row<S>& row, V target, V* shared, const Measure& measure) {
  uint64_t low = row.least, high = logit_key(static_cast<decltype(to_real(S{}))>(row.max));
#pragma unroll 1
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2 + (high - low) % 2;
    if (sum_from(row, middle, shared, measure) >= target)
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

template <class S>
__device__ void keep_top_k(Row<S>& row, double k, Memory& memory) {
  const int64_t all = sum_from(row, 0, memory.counts, One{});
  if (!(k < static_cast<double>(all))) return;
  row.least = last_key(row, static_cast<int64_t>(k), memory.counts, One{});
}

// The index behind the `count`-th allowed logit whose key is the least.
template <class S>
__device__ int64_t cut_behind(const Row<S>& row, int64_t count, Memory& memory) {
  __shared__ int64_t found;
  if (threadIdx.x == 0) found = row.width;
  __syncthreads();
  int64_t before = 0;
  for (int64_t tile = 0; tile < row.width && before < count; tile += blockDim.x) {
    const int64_t i = tile + threadIdx.x;
    const bool tie = i < row.width && row.allowed(i) && row.key(i) == row.least;
    const Scan<int64_t> scan = block_scan_forward(int64_t{tie}, Add{}, int64_t{0}, memory.counts);
    if (tie && before + scan.inclusive == count) found = i + 1;
    before += scan.total;
  }
  __syncthreads();
  const int64_t cut = found;
  __syncthreads();
  return cut;
}

template <class S>
__device__ void keep_top_p(Row<S>& row, double p, Memory& memory) {
  if (p >= 1) return;
  const Mass<S> mass{row};
  const double target = p * sum_from(row, 0, memory.sums, mass);
  row.least = last_key(row, target, memory.sums, mass);
  const double above = sum_from(row, row.least + 1, memory.sums, mass);
  const int64_t ties = sum_from(row, row.least, memory.counts, One{}) -
                       sum_from(row, row.least + 1, memory.counts, One{});
  const double each = (sum_from(row, row.least, memory.sums, mass) - above) /
                      static_cast<double>(ties < 1 ? 1 : ties);
  double reached = above;
  int64_t wanted = 0;
  // As a loop over the tied ones would add them up; without a mass of their own all are kept.
  while (wanted < ties && reached < target && each > 0) {
    reached += each;
    wanted += 1;
  }
  if (wanted > 0 && wanted < ties) row.cut = cut_behind(row, wanted, memory);
}

template <class S>
__device__ math::LogSumExp<double> sums_of_kept(const Row<S>& row, uint8_t* keep, Memory& memory) {
  SumsOf3 sums{0, 0, 0};
#pragma unroll 1
  for (int64_t i : thread_stride(row.width)) {
    const bool kept = row.kept(i);
    if (keep) keep[i] = kept;
    if (!kept) continue;
    const double e = row.mass(i);
    sums.sum += e;
    sums.weighted += (static_cast<double>(to_real(row.x[i])) - row.max) * e;
  }
  sums = block_reduce(sums, AddSums{}, SumsOf3{0, 0, 0}, memory.softmax);
  math::LogSumExp<double> result;
  result.max = row.max;
  result.sum = sums.sum;
  result.weighted = sums.weighted;
  return result;
}

struct RowFacts {
  double max;
  bool wrong;  // holds a NaN or +Infinity
};
struct MergeFacts {
  __device__ RowFacts operator()(const RowFacts& a, const RowFacts& b) const {
    return {a.max > b.max ? a.max : b.max, a.wrong || b.wrong};
  }
};

template <class T, class S>
__device__ void filter_row(const FilteredRows<T, S>& call, int64_t index, Memory& memory) {
  __shared__ RowFacts shared[kWarps];
  const int64_t first = index * call.width, label = call.labels[index];
  uint8_t* keep = call.keep ? call.keep + first : nullptr;
  Row<S> row{
      call.logits + first, call.width, call.sampler, first, 0, call.inverse_temperature, 0, 0,
      call.width};
  const double nothing = -static_cast<double>(INFINITY);
  RowFacts facts{nothing, false};
  for (int64_t i : thread_stride(call.width)) {
    if (!call.sampler(first + i)) continue;
    const double x = static_cast<double>(to_real(row.x[i]));
    facts = MergeFacts{}(facts, {x, !isfinite(x) && x != nothing});
  }
  facts = block_reduce(facts, MergeFacts{}, RowFacts{nothing, false}, shared);
  row.max = facts.max;
  const bool empty = facts.max == nothing;
  if (facts.wrong || (empty && !call.sampler.given())) {
    for (int64_t i : thread_stride(keep ? call.width : 0)) keep[i] = 0;
    return call.write(index, nan(""), nan(""));
  }
  if (!call.sampler.given()) {
    if (call.top_k.present) keep_top_k(row, call.top_k.value, memory);
    if (call.top_p.present) keep_top_p(row, call.top_p.value, memory);
    if (call.min_p.present) row.least_mass = call.min_p.value;
  }
  const auto sums = sums_of_kept(row, keep, memory);
  const double x = static_cast<double>(to_real(row.x[label]));
  const double log_prob = math::log_probability(sums, x, call.inverse_temperature);
  call.write(index, row.kept(label) ? log_prob : nothing,
             empty ? 0 : math::entropy(sums, call.inverse_temperature));
}

template <class T, class S>
__global__ void filter_rows(FilteredRows<T, S> call) {
  __shared__ Memory memory;
  for (int64_t row : block_stride(call.rows)) {
    if (call.labels[row] != call.ignore_index) {
      filter_row(call, row, memory);
      __syncthreads();
      continue;
    }
    uint8_t* keep = call.keep ? call.keep + row * call.width : nullptr;
    for (int64_t i : thread_stride(keep ? call.width : 0)) keep[i] = 0;
    call.write(row, 0, 0);
  }
}

template <class T>
Status filtered_logprob(const FilteredLogprob<T>& op, CudaContext& context) {
  return with_storage<T>(op.logits.dtype, [&](auto s) {
    using S = decltype(s);
    FilteredRows<T, S> call{stored<S>(op.logits),
                            op.labels.begin(),
                            math::read_flags(op.sampler_keep, true),
                            op.logits.dims[0],
                            op.logits.dims[1],
                            op.ignore_index,
                            1 / op.temperature,
                            op.top_k,
                            op.top_p,
                            op.min_p,
                            wanted(op.keep),
                            wanted(op.log_probs),
                            wanted(op.entropy)};
    const LaunchShape shape{dim3(blocks_for(call.rows, 1)),
                            dim3(threads_for(call.width, kThreads))};
    return device_status(launch(filter_rows<T, S>, shape, context.stream(), call),
                         "filtered_logprob");
  });
}

}  // namespace

template <>
Status run(const FilteredLogprob<float>& op, CudaContext& context) {
  return filtered_logprob(op, context);
}
template <>
Status run(const FilteredLogprob<double>& op, CudaContext& context) {
  return filtered_logprob(op, context);
}

}  // namespace belfry::cuda
