// Blocks of parameters are copied to the stack: the compiler makes vectors of the rule though new
// and old arrays may be the same, and memory sees one stream after the other. 16 bytes read and 12
// written a float32 parameter, with an average 20 and 16.

namespace belfry::cpu::BELFRY_ISA {
namespace {

constexpr int64_t kStepBlock = 256;

// By vectors: for a memcpy of a block GCC has the processor repeat a move, which begins slowly.
template <class T>
BELFRY_INLINE void copy_block(const T* from, int64_t count, T* to) {
  constexpr int kLanes = Vec<T>::kLanes;
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(to + i, load(from + i));
  const int rest = static_cast<int>(count - i);
  if (rest > 0) store_n(to + i, load_n(from + i, rest), rest);
}

BELFRY_INLINE Vec<double> squares_of(const float* x, int count) {
  const Vec<double> g = load_widen_n(x, count);
  return g * g;
}
BELFRY_INLINE Vec<double> squares_of(const double* x, int count) {
  const Vec<double> g = load_n(x, count);
  return g * g;
}

}  // namespace

template <class T, class Rule>
void step_parameters(const ParameterArray<T>& array, const Rule& rule, const StepScales<T>& scales,
                     int64_t begin, int64_t end) {
  T w[kStepBlock], first[kStepBlock] = {}, second[kStepBlock] = {}, average[kStepBlock];
  const T scale = scales.grad, tau = scales.tau;
  for (int64_t at = begin; at < end; at += kStepBlock) {
    const int64_t count = end - at < kStepBlock ? end - at : kStepBlock;
    copy_block(array.w + at, count, w);
    if (array.first) copy_block(array.first + at, count, first);
    if (array.second) copy_block(array.second + at, count, second);
    const T* const grad = array.grad + at;
    for (int64_t i = 0; i < count; ++i) rule(w[i], first[i], second[i], scale * grad[i]);
    if (array.new_w) copy_block(w, count, array.new_w + at);
    if (array.new_first) copy_block(first, count, array.new_first + at);
    if (array.new_second) copy_block(second, count, array.new_second + at);
    if (array.new_average) {
      copy_block(array.average + at, count, average);
      for (int64_t i = 0; i < count; ++i) average[i] = tau * w[i] + (1 - tau) * average[i];
      copy_block(average, count, array.new_average + at);
    }
    if (!array.first) __builtin_memset(first, 0, sizeof first);
    if (!array.second) __builtin_memset(second, 0, sizeof second);
  }
}

// Four sums in turn, so that none waits for the one before.
template <class T>
double sum_of_squares(const T* x, int64_t n) {
  constexpr int kLanes = Vec<double>::kLanes;
  Vec<double> sums[4] = {Vec<double>(0.0), Vec<double>(0.0), Vec<double>(0.0), Vec<double>(0.0)};
  for (int64_t i = 0; i < n; i += kLanes) {
    const int count = static_cast<int>(n - i < kLanes ? n - i : kLanes);
    sums[i / kLanes % 4] += squares_of(x + i, count);
  }
  return reduce_sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

#define BELFRY_INSTANTIATE_RULE(T, Rule)                                        \
  template void step_parameters(const ParameterArray<T>&, const math::Rule<T>&, \
                                const StepScales<T>&, int64_t, int64_t);
#define BELFRY_INSTANTIATE(T)           \
  BELFRY_INSTANTIATE_RULE(T, AdamRule)  \
  BELFRY_INSTANTIATE_RULE(T, RpropRule) \
  BELFRY_INSTANTIATE_RULE(T, SgdRule)   \
  template double sum_of_squares(const T*, int64_t);
BELFRY_INSTANTIATE(float)
BELFRY_INSTANTIATE(double)
#undef BELFRY_INSTANTIATE
#undef BELFRY_INSTANTIATE_RULE

}  // namespace belfry::cpu::BELFRY_ISA
