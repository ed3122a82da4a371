// Loops whose speed is the hardware's, once per instruction set.

namespace belfry::cpu::BELFRY_ISA {

// 24 independent accumulators hide the latency of the multiply-add.
template <class T>
double spin_fma(int64_t rounds) {
  using V = Vec<T>;
  constexpr int kChains = 24;
  V chain[kChains];
  for (int i = 0; i < kChains; ++i) chain[i] = broadcast(static_cast<T>(1 + i));
  const V factor = broadcast(static_cast<T>(0.999999)), step = broadcast(static_cast<T>(1e-6));
  for (int64_t r = 0; r < rounds; ++r) {
    for (int i = 0; i < kChains; ++i) chain[i] = fma(chain[i], factor, step);
  }
  double sum = 0;
  for (int i = 0; i < kChains; ++i) sum += static_cast<double>(reduce_sum(chain[i]));
  return sum;
}

template <class T>
int64_t fma_flops(int64_t rounds) {
  return rounds * 24 * 2 * Vec<T>::kLanes;
}

void copy_stream(const float* from, float* to, int64_t count) {
  constexpr int kLanes = Vec<float>::kLanes;
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) stream(to + i, load(from + i));
  for (; i < count; ++i) to[i] = from[i];
  stream_fence();
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

double gather_sum(const double* table, const int32_t* index, int64_t count) {
  using V = Vec<double>;
  constexpr int kLanes = V::kLanes;
  V a = zero<double>(), b = a;
  int64_t i = 0;
  for (; i + 2 * kLanes <= count; i += 2 * kLanes) {
    a = a + gather(table, index + i);
    b = b + gather(table, index + i + kLanes);
  }
  return reduce_sum(a + b);
}

template double spin_fma<float>(int64_t);
template double spin_fma<double>(int64_t);
template int64_t fma_flops<float>(int64_t);
template int64_t fma_flops<double>(int64_t);

}  // namespace belfry::cpu::BELFRY_ISA
