#include "cpu/optim/parameter_step.h"

#include <algorithm>

#define BELFRY_TARGET_FILE "cpu/optim/parameter_step-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kPiece = 8192;  // elements

template <class T>
int64_t size_of_all(const ParameterArray<T>* arrays, int64_t count) {
  int64_t size = 0;
  for (int64_t i = 0; i < count; ++i) size += arrays[i].size;
  return size;
}

// body(array, from, to) for the runs that make up elements [begin, end) of all arrays.
template <class T, class Body>
void for_each_run(const ParameterArray<T>* arrays, int64_t count, int64_t begin, int64_t end,
                  const Body& body) {
  for (int64_t i = 0, first = 0; i < count; first += arrays[i++].size) {
    const int64_t from = std::max(begin - first, int64_t{0});
    const int64_t to = std::min(end - first, arrays[i].size);
    if (from < to) body(arrays[i], from, to);
  }
}

}  // namespace

template <class T, class Rule>
void step_arrays(const ParameterArray<T>* arrays, int64_t count, const Rule& rule,
                 const StepScales<T>& scales, CpuContext& context) {
  context.parallel(size_of_all(arrays, count), kPiece, [&](int64_t begin, int64_t end, int64_t) {
    for_each_run(arrays, count, begin, end,
                 [&](const ParameterArray<T>& array, int64_t from, int64_t to) {
                   BELFRY_DISPATCH(step_parameters<T, Rule>)(array, rule, scales, from, to);
                 });
  });
}

template <class T>
double gradient_squares(const ParameterArray<T>* arrays, int64_t count, CpuContext& context) {
  const int64_t size = size_of_all(arrays, count), pieces = (size + kPiece - 1) / kPiece;
  double* const sums = context.scratch<double>(pieces);
  std::fill_n(sums, pieces, 0.0);
  context.parallel(size, kPiece, [&](int64_t begin, int64_t end, int64_t piece) {
    for_each_run(arrays, count, begin, end,
                 [&](const ParameterArray<T>& array, int64_t from, int64_t to) {
                   sums[piece] += BELFRY_DISPATCH(sum_of_squares<T>)(array.grad + from, to - from);
                 });
  });
  double sum = 0;
  for (int64_t i = 0; i < pieces; ++i) sum += sums[i];
  return sum;
}

#define BELFRY_INSTANTIATE_RULE(T, Rule)                                             \
  template void step_arrays(const ParameterArray<T>*, int64_t, const math::Rule<T>&, \
                            const StepScales<T>&, CpuContext&);
#define BELFRY_INSTANTIATE(T)           \
  BELFRY_INSTANTIATE_RULE(T, AdamRule)  \
  BELFRY_INSTANTIATE_RULE(T, RpropRule) \
  BELFRY_INSTANTIATE_RULE(T, SgdRule)   \
  template double gradient_squares(const ParameterArray<T>*, int64_t, CpuContext&);
BELFRY_INSTANTIATE(float)
BELFRY_INSTANTIATE(double)
#undef BELFRY_INSTANTIATE
#undef BELFRY_INSTANTIATE_RULE

}  // namespace belfry::cpu
