// crowding_distance: for each objective, the gap between the neighbours of a point in its order,
// over the range of the whole population. Two sorts of the front.
#include <algorithm>
#include <numeric>
#include <vector>

#include "cpu/bellman/model.h"
#include "cpu/run.h"
#include "ops/bellman/diversity.h"

namespace belfry::cpu {

namespace {

template <class T>
class Crowding {
 public:
  explicit Crowding(const CrowdingDistance<T>& op)
      : op_(op), size_(op.front.dims[0]), sums_(static_cast<size_t>(size_), 0.0) {}

  void run() {
    add(op_.objective1);
    add(op_.objective2);
    for (int64_t k = 0; k < size_; ++k) op_.distance[k] = static_cast<T>(sums_[at(k)]);
  }

 private:
  static size_t at(int64_t i) { return static_cast<size_t>(i); }

  // Positions in the front by ascending value; the lower individual first among equals.
  std::vector<int64_t> order_by(const In<T, 1>& values) const {
    std::vector<int64_t> order(at(size_));
    std::iota(order.begin(), order.end(), int64_t{0});
    std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      const T x = values[op_.front[a]], y = values[op_.front[b]];
      if (x < y || y < x) return x < y;
      const bool x_nan = x != x, y_nan = y != y;
      if (x_nan != y_nan) return y_nan;
      return op_.front[a] != op_.front[b] ? op_.front[a] < op_.front[b] : a < b;
    });
    return order;
  }

  double range_of(const In<T, 1>& values) const {
    const auto [low, high] = std::minmax_element(values.begin(), values.begin() + values.dims[0]);
    return static_cast<double>(*high) - static_cast<double>(*low);
  }

  void add(const In<T, 1>& values) {
    if (size_ == 0) return;
    const bool official = op_.convention == CrowdingConvention::official;
    const auto order = order_by(values);
    const double range = range_of(values);
    const auto value = [&](int64_t k) {
      return static_cast<double>(values[op_.front[order[at(k)]]]);
    };
    for (int64_t k = 0; k < size_; ++k) {
      double& sum = sums_[at(official ? k : order[at(k)])];
      if (k == 0 || k == size_ - 1) {
        sum = math::kInfinity<double>;
      } else if (range != 0) {
        sum += (value(k + 1) - value(k - 1)) / range;
      } else if (official) {
        sum = math::kInfinity<double>;
      }
    }
  }

  const CrowdingDistance<T>& op_;
  const int64_t size_;
  std::vector<double> sums_;
};

template <class T>
Status crowding_distance(const CrowdingDistance<T>& op, CpuContext&) {
  if (op.distance) Crowding<T>(op).run();
  return {};
}

}  // namespace

template <>
Status run(const CrowdingDistance<float>& op, CpuContext& context) {
  return crowding_distance(op, context);
}
template <>
Status run(const CrowdingDistance<double>& op, CpuContext& context) {
  return crowding_distance(op, context);
}

}  // namespace belfry::cpu
