// Blocks of parameters are copied to the stack, so that the compiler may make vectors of the rule
// though new and old arrays may be the same. 16 bytes read and 12 written a float parameter.

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

}  // namespace

template <class T, class Rule>
void step_parameters(const ParameterArray<T>& array, const Rule& rule, T scale, int64_t begin,
                     int64_t end) {
  T w[kStepBlock], first[kStepBlock], second[kStepBlock];
  for (int64_t at = begin; at < end; at += kStepBlock) {
    const int64_t count = end - at < kStepBlock ? end - at : kStepBlock;
    copy_block(array.w + at, count, w);
    copy_block(array.first + at, count, first);
    copy_block(array.second + at, count, second);
    const T* const grad = array.grad + at;
    for (int64_t i = 0; i < count; ++i) rule(w[i], first[i], second[i], scale * grad[i]);
    if (array.new_w) copy_block(w, count, array.new_w + at);
    if (array.new_first) copy_block(first, count, array.new_first + at);
    if (array.new_second) copy_block(second, count, array.new_second + at);
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
