// Blocks of parameters are copied to the stack, so that the compiler may make vectors of the rule
// though new and old arrays may be the same. 16 bytes read and 12 written a float parameter.

namespace belfry::cpu::BELFRY_ISA {
namespace {

constexpr int64_t kStepBlock = 256;

template <class T>
BELFRY_INLINE void copy_back(const T* from, int64_t count, T* to) {
  if (to) __builtin_memcpy(to, from, static_cast<size_t>(count) * sizeof(T));
}

}  // namespace

template <class T, class Rule>
void step_parameters(const ParameterArray<T>& array, const Rule& rule, T scale, int64_t begin,
                     int64_t end) {
  T w[kStepBlock], first[kStepBlock], second[kStepBlock];
  for (int64_t at = begin; at < end; at += kStepBlock) {
    const int64_t count = end - at < kStepBlock ? end - at : kStepBlock;
    const auto bytes = static_cast<size_t>(count) * sizeof(T);
    __builtin_memcpy(w, array.w + at, bytes);
    __builtin_memcpy(first, array.first + at, bytes);
    __builtin_memcpy(second, array.second + at, bytes);
    const T* const grad = array.grad + at;
    for (int64_t i = 0; i < count; ++i) rule(w[i], first[i], second[i], scale * grad[i]);
    copy_back(w, count, array.new_w ? array.new_w + at : nullptr);
    copy_back(first, count, array.new_first ? array.new_first + at : nullptr);
    copy_back(second, count, array.new_second ? array.new_second + at : nullptr);
  }
}

template <class T>
double squares_of(const T* x, int64_t count) {
  constexpr int kLanes = Vec<double>::kLanes;
  double sums[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int k = 0; k < kLanes; ++k) {
      const double own = static_cast<double>(x[i + k]);
      sums[k] += own * own;
    }
  }
  for (; i < count; ++i) sums[0] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  double sum = 0;
  for (int k = 0; k < kLanes; ++k) sum += sums[k];
  return sum;
}

#define BELFRY_INSTANTIATE(T)                                                                    \
  template void step_parameters(const ParameterArray<T>&, const math::AdamRule<T>&, T, int64_t,  \
                                int64_t);                                                        \
  template void step_parameters(const ParameterArray<T>&, const math::RpropRule<T>&, T, int64_t, \
                                int64_t);                                                        \
  template double squares_of(const T*, int64_t);
BELFRY_INSTANTIATE(float)
BELFRY_INSTANTIATE(double)
#undef BELFRY_INSTANTIATE

}  // namespace belfry::cpu::BELFRY_ISA
