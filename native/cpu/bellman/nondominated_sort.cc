// nondominated_sort: points by falling first objective; the front of a point is the first whose
// best second objective so far does not reach its own, found by bisection, since those fall from
// front to front. n log n.
#include <algorithm>
#include <vector>

#include "cpu/bellman/model.h"
#include "cpu/run.h"
#include "ops/bellman/diversity.h"

namespace belfry::cpu {

namespace {

template <class T>
class Fronts {
 public:
  explicit Fronts(const NondominatedSort<T>& op) : op_(op) {}

  void run() {
    const int64_t count = op_.rank.dims[0];
    std::vector<int32_t> order;
    for (int32_t i = 0; i < count; ++i) {
      op_.rank[i] = 0;  // a point with a NaN is compared with nobody
      if (first(i) == first(i) && second(i) == second(i)) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [this](int32_t a, int32_t b) {
      return first(a) != first(b) ? first(a) > first(b) : second(a) > second(b);
    });
    std::vector<T> best;  // largest second objective of each front
    for (size_t k = 0; k < order.size(); ++k) {
      const int32_t i = order[k];
      const bool twin =
          k > 0 && first(order[k - 1]) == first(i) && second(order[k - 1]) == second(i);
      op_.rank[i] = twin ? op_.rank[order[k - 1]] : place(best, second(i));
    }
  }

 private:
  T first(int64_t i) const { return op_.maximize ? op_.objective1[i] : -op_.objective1[i]; }
  T second(int64_t i) const { return op_.maximize ? op_.objective2[i] : -op_.objective2[i]; }

  static int32_t place(std::vector<T>& best, T second) {
    const auto front =
        std::partition_point(best.begin(), best.end(), [second](T top) { return top >= second; });
    const auto rank = static_cast<int32_t>(front - best.begin());
    if (front == best.end()) {
      best.push_back(second);
    } else {
      *front = second;
    }
    return rank;
  }

  const NondominatedSort<T>& op_;
};

template <class T>
Status nondominated_sort(const NondominatedSort<T>& op, CpuContext&) {
  if (op.rank) Fronts<T>(op).run();
  return {};
}

}  // namespace

template <>
Status run(const NondominatedSort<float>& op, CpuContext& context) {
  return nondominated_sort(op, context);
}
template <>
Status run(const NondominatedSort<double>& op, CpuContext& context) {
  return nondominated_sort(op, context);
}

}  // namespace belfry::cpu
