#include "core/limits.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <vector>

#include "core/thread_pool.h"

#define BELFRY_TARGET_FILE "cpu/limits/limits-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry {

namespace {

constexpr int kRepeats = 7;

// Each thread's work once, the best of a few repeats: other work on the machine only slows.
template <class Body>
double best_seconds(int threads, const Body& body) {
  double best = 1e30;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const auto started = std::chrono::steady_clock::now();
    core::ThreadPool::shared().run(threads, body);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    best = std::min(best, took.count());
  }
  return best;
}

struct AlignedFree {
  void operator()(void* memory) const { std::free(memory); }
};
template <class T>
using Block = std::unique_ptr<T[], AlignedFree>;

template <class T>
Block<T> make_block(int64_t count) {
  return Block<T>(static_cast<T*>(std::aligned_alloc(64, static_cast<size_t>(count) * sizeof(T))));
}

}  // namespace

namespace core {

MachineLimits measure_limits() {
  MachineLimits limits;
  const int threads = ThreadPool::shared().limit();
  std::vector<double> sums(static_cast<size_t>(threads));

  // 128 MiB in all: larger than the caches of one core, and of most machines.
  const int64_t count = (int64_t{16} << 20) / threads / 64 * 64;
  const auto from = make_block<float>(count * threads), to = make_block<float>(count * threads);
  constexpr int64_t kTable = 1 << 20, kIndices = 1 << 20;
  const auto table = make_block<double>(kTable);
  const auto index = make_block<int32_t>(kIndices);
  if (!from || !to || !table || !index) return limits;
  std::fill_n(from.get(), count * threads, 1.0f);
  std::fill_n(to.get(), count * threads, 0.0f);
  std::fill_n(table.get(), kTable, 1.0);
  uint32_t state = 1;
  for (int64_t i = 0; i < kIndices; ++i) {
    state = state * 1664525u + 1013904223u;
    index[static_cast<size_t>(i)] = static_cast<int32_t>(state >> 12);
  }

  const double copied = static_cast<double>(count * threads) * sizeof(float);
  limits.copy_bytes_per_second =
      2 * copied / best_seconds(threads, [&](int64_t t) {
        BELFRY_DISPATCH(copy_stream)(from.get() + t * count, to.get() + t * count, count);
      });
  limits.read_bytes_per_second = copied / best_seconds(threads, [&](int64_t t) {
                                   sums[static_cast<size_t>(t)] =
                                       BELFRY_DISPATCH(read_sum)(from.get() + t * count, count);
                                 });
  limits.gathers_per_second =
      static_cast<double>(kIndices * threads) / best_seconds(threads, [&](int64_t t) {
        sums[static_cast<size_t>(t)] =
            BELFRY_DISPATCH(gather_sum)(table.get(), index.get(), kIndices);
      });
  constexpr int64_t kRounds = 200'000;
  limits.fma_f32_per_second =
      static_cast<double>(BELFRY_DISPATCH(fma_flops<float>)(kRounds) * threads) /
      best_seconds(threads, [&](int64_t t) {
        sums[static_cast<size_t>(t)] = BELFRY_DISPATCH(spin_fma<float>)(kRounds);
      });
  limits.fma_f64_per_second =
      static_cast<double>(BELFRY_DISPATCH(fma_flops<double>)(kRounds) * threads) /
      best_seconds(threads, [&](int64_t t) {
        sums[static_cast<size_t>(t)] = BELFRY_DISPATCH(spin_fma<double>)(kRounds);
      });
  // The sums are read so that no compiler may drop the loops.
  volatile double keep = 0;
  for (const double sum : sums) keep = keep + sum;
  return limits;
}

}  // namespace core

}  // namespace belfry
