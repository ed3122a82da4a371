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

// Repeats of a measurement: on a busy machine all threads run undisturbed only now and then.
constexpr int kRepeats = 15;
constexpr std::chrono::milliseconds kPatience{60};

struct AlignedFree {
  void operator()(void* memory) const { std::free(memory); }
};
template <class T>
using Block = std::unique_ptr<T[], AlignedFree>;

template <class T>
Block<T> make_block(int64_t count, T value) {
  Block<T> block(static_cast<T*>(std::aligned_alloc(64, static_cast<size_t>(count) * sizeof(T))));
  if (block) std::fill_n(block.get(), count, value);
  return block;
}

class Meter {
 public:
  explicit Meter(int threads) : threads_(threads), sums_(static_cast<size_t>(threads)) {}

  // The sums are read so that no compiler may drop the loops.
  ~Meter() {
    volatile double keep = 0;
    for (const double sum : sums_) keep = keep + sum;
  }

  // `work` units per thread and second, the best of the repeats: other work on the machine only
  // slows. A body of half a millisecond outweighs handing it to a thread.
  template <class Body>
  double best_rate(double work, const Body& body) {
    using Clock = std::chrono::steady_clock;
    double best = 1e30;
    const auto begin = Clock::now();
    for (int repeat = 0; repeat < kRepeats || Clock::now() - begin < kPatience; ++repeat) {
      const auto started = Clock::now();
      core::ThreadPool::shared().run(threads_,
                                     [&](int64_t t) { sums_[static_cast<size_t>(t)] = body(t); });
      best = std::min(best, std::chrono::duration<double>(Clock::now() - started).count());
    }
    return work * threads_ / best;
  }

 private:
  int threads_;
  std::vector<double> sums_;
};

// What a call has that comes after other work, which here is to read `from` on the caller's thread:
// the others have gone to sleep and the caches are full of something else. `to` is larger than what
// is timed, which takes its last part.
double cold_rate(const float* from, float* to, int64_t count) {
  constexpr int64_t kTokens = 1'000'000, kPiece = 1 << 14;
  constexpr int64_t kPieces = (kTokens + kPiece - 1) / kPiece, kSize = kPieces * kPiece;
  using Clock = std::chrono::steady_clock;
  if (count < 3 * kSize) return 0;
  float* a = to + count - 3 * kSize;
  std::vector<double> seconds(kRepeats);
  volatile double keep = 0;
  for (double& time : seconds) {
    keep = keep + BELFRY_DISPATCH(read_sum)(from, count);
    const auto started = Clock::now();
    core::ThreadPool::shared().run(kPieces, [&](int64_t i) {
      float* x = a + i * kPiece;
      BELFRY_DISPATCH(add_stream)(x, x + kSize, x + 2 * kSize, kPiece);
    });
    time = std::chrono::duration<double>(Clock::now() - started).count();
  }
  std::nth_element(seconds.begin(), seconds.begin() + kRepeats / 2, seconds.end());
  return static_cast<double>(12 * kSize) / seconds[kRepeats / 2];
}

// Each thread copies between two blocks of its own, time and again.
double cached_copy_rate(Meter& meter, const float* from, float* to, int64_t share, int64_t count) {
  const int64_t passes = (int64_t{8} << 20) / count + 1;
  return meter.best_rate(static_cast<double>(8 * count * passes), [&](int64_t t) {
    for (int64_t pass = 0; pass < passes; ++pass) {
      BELFRY_DISPATCH(copy_plain)(from + t * share, to + t * share, count);
    }
    return 0.0;
  });
}

void measure_memory(Meter& meter, int threads, core::MachineLimits& limits) {
  // 256 MiB in all: larger than the caches of one core, and of most machines.
  const int64_t share = (int64_t{32} << 20) / threads / 64 * 64;
  const auto from = make_block(share * threads, 1.0f), to = make_block(share * threads, 0.0f);
  if (!from || !to) return;
  const auto bytes = static_cast<double>(4 * share);
  limits.copy_bytes_per_second = meter.best_rate(2 * bytes, [&](int64_t t) {
    BELFRY_DISPATCH(copy_stream)(from.get() + t * share, to.get() + t * share, share);
    return 0.0;
  });
  limits.read_bytes_per_second = meter.best_rate(
      bytes, [&](int64_t t) { return BELFRY_DISPATCH(read_sum)(from.get() + t * share, share); });
  limits.cold_bytes_per_second = cold_rate(from.get(), to.get(), share * threads);
  limits.shared_cache_copy_bytes_per_second =
      cached_copy_rate(meter, from.get(), to.get(), share, share / 16);
  limits.core_cache_copy_bytes_per_second =
      cached_copy_rate(meter, from.get(), to.get(), share, std::min(share, int64_t{64} << 10));
}

template <class T>
double gather_rate(Meter& meter, const int32_t* index, int64_t count) {
  const auto table = make_block(count, T{1});
  if (!table) return 0;
  return meter.best_rate(static_cast<double>(count), [&](int64_t) {
    return BELFRY_DISPATCH(gather_sum<T>)(table.get(), index, count);
  });
}

void measure_gathers(Meter& meter, core::MachineLimits& limits) {
  constexpr int64_t kCount = 1 << 20;
  const auto index = make_block<int32_t>(kCount, 0);
  if (!index) return;
  uint32_t state = 1;
  for (int64_t i = 0; i < kCount; ++i) {
    state = state * 1664525u + 1013904223u;
    index[static_cast<size_t>(i)] = static_cast<int32_t>(state >> 12);
  }
  limits.gathers_per_second = gather_rate<double>(meter, index.get(), kCount);
  limits.gathers_f32_per_second = gather_rate<float>(meter, index.get(), kCount);
}

template <class T>
double fma_rate(Meter& meter) {
  constexpr int64_t kRounds = 200'000;
  return meter.best_rate(static_cast<double>(BELFRY_DISPATCH(fma_flops<T>)(kRounds)),
                         [](int64_t) { return BELFRY_DISPATCH(spin_fma<T>)(kRounds); });
}

}  // namespace

namespace core {

MachineLimits measure_limits() {
  MachineLimits limits;
  const int threads = ThreadPool::shared().limit();
  Meter meter(threads);
  measure_memory(meter, threads, limits);
  measure_gathers(meter, limits);
  limits.fma_f32_per_second = fma_rate<float>(meter);
  limits.fma_f64_per_second = fma_rate<double>(meter);
  return limits;
}

}  // namespace core

}  // namespace belfry
