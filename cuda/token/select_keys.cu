#include "cuda/token/select_keys.cuh"

#include "cuda/device/reduce.cuh"
#include "cuda/device/scan.cuh"
#include "math/order_statistics.h"

namespace belfry::cuda {

namespace {

constexpr int kThreads = 256, kDigitBits = 11, kBins = 1 << kDigitBits;
constexpr int64_t kTile = 8 * kThreads;

// Candidates that agree with what is known, by their next digit.
__global__ void count_digits(const uint64_t* keys, int64_t total, const Selection* selection,
                             int shift, unsigned long long* bins) {
  __shared__ unsigned own[kBins];
  const Selection found = *selection;
  for (int64_t bin : thread_stride(kBins)) own[bin] = 0;
  __syncthreads();
  for (int64_t i : grid_stride(total)) {
    const uint64_t key = keys[i];
    if (key == kNoKey || (key & found.known) != found.least) continue;
    atomicAdd(&own[(key >> shift) % kBins], 1u);
  }
  __syncthreads();
  for (int64_t bin : thread_stride(kBins)) {
    if (own[bin] > 0) atomicAdd(&bins[bin], static_cast<unsigned long long>(own[bin]));
  }
}

__device__ int64_t wanted_of(const Quota& quota, int64_t count) {
  if (count == 0) return 0;
  if (quota.down_to_quantile) return count - math::quantile_place(quota.share, count).below;
  const int64_t population = quota.population ? static_cast<int64_t>(*quota.population) : count;
  const int64_t wanted = math::share_of(quota.share, population);
  return wanted < count ? wanted : count;
}

// One warp: the digit at which the wanted number is reached, from the largest down. Clears the bins
// for the next pass.
__global__ void choose_digit(unsigned long long* bins, int shift, int bits, Quota quota,
                             Selection* selection) {
  constexpr int kEach = kBins / kWarpSize;
  unsigned long long* own = bins + lane_id() * kEach;
  int64_t sum = 0;
  for (int i = 0; i < kEach; ++i) sum += static_cast<int64_t>(own[i]);
  const int64_t from_here = warp_scan_reverse(sum, Add{});
  Selection found = *selection;
  __syncwarp();
  if (found.known == 0) {
    found.count = shuffle(from_here, 0);
    found.wanted = found.ties = wanted_of(quota, found.count);
  }
  int64_t above = from_here - sum;
  const bool here = above < found.ties && found.ties <= from_here;
  for (int i = kEach - 1; here && i >= 0; --i) {
    const auto in_bin = static_cast<int64_t>(own[i]);
    if (above + in_bin < found.ties) {
      above += in_bin;
      continue;
    }
    found.least |= static_cast<uint64_t>(lane_id() * kEach + i) << shift;
    found.known |= ((uint64_t{1} << bits) - 1) << shift;
    found.ties -= above;
    *selection = found;
    break;
  }
  // Nothing to choose: no key is above the last one.
  if (found.wanted == 0 && lane_id() == 0) {
    found.least = found.known = ~uint64_t{0};
    *selection = found;
  }
  __syncwarp();
  for (int i = 0; i < kEach; ++i) own[i] = 0;
}

__global__ void clear_selection(unsigned long long* bins, Selection* selection) {
  for (int64_t bin : thread_stride(kBins)) bins[bin] = 0;
  if (threadIdx.x == 0) *selection = Selection{};
}

// Keys equal to the least chosen one, of each tile.
__global__ void count_ties(const uint64_t* keys, int64_t total, const Selection* selection,
                           int64_t tiles, int64_t* counts) {
  __shared__ int64_t shared[kThreads / kWarpSize];
  const uint64_t least = selection->least;
  for (int64_t tile : block_stride(tiles)) {
    const int64_t first = tile * kTile, left = total - first;
    int64_t count = 0;
    for (int64_t i : thread_stride(left < kTile ? left : kTile)) count += keys[first + i] == least;
    count = block_reduce(count, Add{}, int64_t{0}, shared);
    if (threadIdx.x == 0) counts[tile] = count;
  }
}

// One block: counts become the sums of those before.
__global__ void sum_before(int64_t* counts, int64_t size) {
  __shared__ int64_t shared[kThreads / kWarpSize];
  int64_t before = 0;
  for (int64_t first = 0; first < size; first += kThreads) {
    const int64_t i = first + threadIdx.x;
    const int64_t own = i < size ? counts[i] : 0;
    const Scan<int64_t> scan = block_scan_forward(own, Add{}, int64_t{0}, shared);
    if (i < size) counts[i] = before + scan.inclusive - own;
    before += scan.total;
  }
}

__global__ void write_flags(const uint64_t* keys, int64_t total, const Selection* selection,
                            int64_t tiles, const int64_t* ties_before, uint8_t* flags) {
  __shared__ int64_t shared[kThreads / kWarpSize];
  const Selection found = *selection;
  for (int64_t tile : block_stride(tiles)) {
    int64_t before = ties_before[tile];
    for (int64_t first = tile * kTile; first < (tile + 1) * kTile; first += kThreads) {
      const int64_t i = first + threadIdx.x;
      const uint64_t key = i < total ? keys[i] : kNoKey;
      const int64_t tie = key == found.least;
      const Scan<int64_t> scan = block_scan_forward(tie, Add{}, int64_t{0}, shared);
      const int64_t rank = before + scan.inclusive;  // from 1
      before += scan.total;
      if (i < total) flags[i] = key > found.least || (tie && rank <= found.ties);
    }
  }
}

}  // namespace

const Selection* select_keys(const uint64_t* keys, int64_t total, const Quota& quota, Work& work) {
  auto* bins = work.scratch<unsigned long long>(kBins);
  auto* selection = work.scratch<Selection>(1);
  work.launch(clear_selection, {dim3(1), dim3(kThreads)}, bins, selection);
  for (int high = 64; high > 0;) {
    const int shift = high > kDigitBits ? high - kDigitBits : 0;
    const LaunchShape shape{dim3(blocks_for(total, kThreads * 4)), dim3(kThreads)};
    work.launch(count_digits, shape, keys, total, selection, shift, bins);
    work.launch(choose_digit, {dim3(1), dim3(kWarpSize)}, bins, shift, high - shift, quota,
                selection);
    high = shift;
  }
  return work.ok() ? selection : nullptr;
}

void flag_selected(const uint64_t* keys, int64_t total, const Selection* selection, uint8_t* flags,
                   Work& work) {
  const int64_t tiles = (total + kTile - 1) / kTile;
  auto* counts = work.scratch<int64_t>(tiles);
  const LaunchShape shape{dim3(blocks_for(tiles, 1)), dim3(kThreads)};
  work.launch(count_ties, shape, keys, total, selection, tiles, counts);
  work.launch(sum_before, {dim3(1), dim3(kThreads)}, counts, tiles);
  work.launch(write_flags, shape, keys, total, selection, tiles, counts, flags);
}

}  // namespace belfry::cuda
