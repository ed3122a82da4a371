// cost_reward: 1 − clip((s − lo)/(hi − lo), 0, 1) against quantiles of a window, arXiv 2506.09033.
//
// The window is kept twice: in the order of the stream, to know what leaves it, and sorted, to read
// quantiles. A sample costs a binary search and a move of at most `window` numbers.
#include <algorithm>
#include <cmath>
#include <vector>

#include "cpu/run.h"
#include "math/order_statistics.h"
#include "math/rewards.h"
#include "ops/token/rewards.h"

namespace belfry::cpu {

namespace {

class Window {
 public:
  explicit Window(int64_t capacity) : capacity_(static_cast<size_t>(capacity)) {}

  void push(double s) {
    stream_.push_back(s);
    sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), s), s);
    if (sorted_.size() <= capacity_) return;
    sorted_.erase(std::lower_bound(sorted_.begin(), sorted_.end(), stream_[first_++]));
  }
  double quantile(double q) const {
    const math::QuantilePlace place = math::quantile_place(q, static_cast<int64_t>(sorted_.size()));
    const double low = sorted_[static_cast<size_t>(place.below)];
    return math::between(low, sorted_[static_cast<size_t>(place.above)], place.share);
  }
  const double* begin() const { return stream_.data() + first_; }
  const double* end() const { return stream_.data() + stream_.size(); }

 private:
  size_t capacity_, first_ = 0;
  std::vector<double> stream_, sorted_;
};

double transformed(CostTransform transform, double cost) {
  if (transform == CostTransform::sqrt) return std::sqrt(cost);
  return transform == CostTransform::log ? std::log1p(0.01 * cost) : cost;
}

template <class T>
Status cost_reward(const CostReward<T>& op, CpuContext& context) {
  if (op.q_low > op.q_high) {
    return Status::error(Code::bad_value, "q_low", "is %g, expected at most q_high = %g", op.q_low,
                         op.q_high);
  }
  Window window(op.window);
  for (int64_t i = 0; op.history && i < op.history.dims[0]; ++i) {
    const double s = static_cast<double>(op.history[i]);
    if (std::isfinite(s)) window.push(s);
  }
  for (int64_t i = 0; i < op.costs.dims[0]; ++i) {
    if (i % 1024 == 0 && context.stopped()) return aborted();
    const double s = transformed(op.transform, static_cast<double>(op.costs[i]));
    if (std::isfinite(s)) window.push(s);
    if (!op.rewards) continue;
    op.rewards[i] =
        static_cast<T>(std::isfinite(s) ? math::cheapness(s, window.quantile(op.q_low),
                                                          window.quantile(op.q_high), op.eps)
                                        : NAN);
  }
  if (!op.new_history) return {};
  int64_t rows = 0;
  for (const double s : window) op.new_history[rows++] = static_cast<T>(s);
  op.new_history.set_rows(rows);
  return {};
}

}  // namespace

template <>
Status run(const CostReward<float>& op, CpuContext& context) {
  return cost_reward(op, context);
}
template <>
Status run(const CostReward<double>& op, CpuContext& context) {
  return cost_reward(op, context);
}

}  // namespace belfry::cpu
