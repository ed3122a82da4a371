// frequency_averaged_score: the area under score against frequency by trapezoids, divided by the
// range of the frequencies. n log n for the order.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "cpu/bellman/model.h"
#include "cpu/run.h"
#include "ops/bellman/losses.h"

namespace belfry::cpu {

namespace {

template <class T>
double averaged_score(const FrequencyAveragedScore<T>& op) {
  const auto count = static_cast<size_t>(op.frequency.dims[0]);
  if (count == 0) return math::kNaN<double>;
  std::vector<int64_t> order(count);
  std::iota(order.begin(), order.end(), int64_t{0});
  const auto x = [&](size_t i) { return static_cast<double>(op.frequency[order[i]]); };
  const auto y = [&](size_t i) { return static_cast<double>(op.score[order[i]]); };
  for (size_t i = 0; i < count; ++i) {
    if (std::isnan(x(i))) return math::kNaN<double>;
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return op.frequency[a] < op.frequency[b]; });
  const double range = x(count - 1) - x(0);
  double area = 0, sum = y(0);
  for (size_t i = 1; i < count; ++i) {
    area += (x(i) - x(i - 1)) * (y(i) + y(i - 1)) / 2;
    sum += y(i);
  }
  return range == 0 ? sum / static_cast<double>(count) : area / range;
}

template <class T>
Status frequency_averaged_score(const FrequencyAveragedScore<T>& op, CpuContext&) {
  if (op.fas) op.fas[0] = static_cast<T>(averaged_score(op));
  return {};
}

}  // namespace

template <>
Status run(const FrequencyAveragedScore<float>& op, CpuContext& context) {
  return frequency_averaged_score(op, context);
}
template <>
Status run(const FrequencyAveragedScore<double>& op, CpuContext& context) {
  return frequency_averaged_score(op, context);
}

}  // namespace belfry::cpu
