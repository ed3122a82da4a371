// Loops whose speed is the hardware's, once per instruction set.

namespace belfry::cpu::BELFRY_ISA {

// Independent accumulators hide the latency of the multiply-add: as many as there are registers,
// two of which hold the factor and the step. One more, and they would go through memory.
#if BELFRY_ISA_LEVEL == 2 || defined(__aarch64__)
constexpr int kChains = 24;
#else
constexpr int kChains = 14;
#endif

template <class T>
double spin_fma(int64_t rounds) {
  Vec<T> chain[kChains];
  for (int i = 0; i < kChains; ++i) chain[i] = broadcast(static_cast<T>(1 + i));
  const Vec<T> factor = broadcast(static_cast<T>(0.999999));
  const Vec<T> step = broadcast(static_cast<T>(1e-6));
  for (int64_t r = 0; r < rounds; ++r) {
    // Unrolled, or the accumulators would be an array in memory.
#pragma GCC unroll 24
    for (int i = 0; i < kChains; ++i) chain[i] = fma(chain[i], factor, step);
  }
  double sum = 0;
  for (int i = 0; i < kChains; ++i) sum += static_cast<double>(reduce_sum(chain[i]));
  return sum;
}

template <class T>
int64_t fma_flops(int64_t rounds) {
  return rounds * kChains * 2 * Vec<T>::kLanes;
}

// Past the caches: stores that do not read their line first.
void copy_stream(const float* from, float* to, int64_t count) {
  constexpr int kLanes = Vec<float>::kLanes;
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) stream(to + i, load(from + i));
  for (; i < count; ++i) to[i] = from[i];
  stream_fence();
}

// Two reads for each write past the caches.
void add_stream(const float* a, const float* b, float* to, int64_t count) {
  constexpr int kLanes = Vec<float>::kLanes;
  for (int64_t i = 0; i + kLanes <= count; i += kLanes) stream(to + i, load(a + i) + load(b + i));
  stream_fence();
}

// Within a cache.
void copy_plain(const float* from, float* to, int64_t count) {
  constexpr int kLanes = Vec<float>::kLanes;
  for (int64_t i = 0; i + kLanes <= count; i += kLanes) store(to + i, load(from + i));
}

double read_sum(const float* from, int64_t count) {
  using V = Vec<float>;
  constexpr int kLanes = V::kLanes;
  V a = zero<float>(), b = a, c = a, d = a;
  int64_t i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) {
    a = a + load(from + i);
    b = b + load(from + i + kLanes);
    c = c + load(from + i + 2 * kLanes);
    d = d + load(from + i + 3 * kLanes);
  }
  return static_cast<double>(reduce_sum(a + b + (c + d)));
}

template <class T>
double gather_sum(const T* table, const int32_t* index, int64_t count) {
  constexpr int kLanes = Vec<T>::kLanes;
  Vec<T> sums[4] = {zero<T>(), zero<T>(), zero<T>(), zero<T>()};
  for (int64_t i = 0; i + 4 * kLanes <= count; i += 4 * kLanes) {
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) sums[k] = sums[k] + gather(table, index + i + k * kLanes);
  }
  return static_cast<double>(reduce_sum(sums[0] + sums[1] + (sums[2] + sums[3])));
}

template double gather_sum<float>(const float*, const int32_t*, int64_t);
template double gather_sum<double>(const double*, const int32_t*, int64_t);
template double spin_fma<float>(int64_t);
template double spin_fma<double>(int64_t);
template int64_t fma_flops<float>(int64_t);
template int64_t fma_flops<double>(int64_t);

}  // namespace belfry::cpu::BELFRY_ISA
