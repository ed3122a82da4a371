// Gauss–Seidel sweeps of a model without discount, in an order that suits it: near the ends first.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "cpu/bellman/csr_model.h"
#include "cpu/bellman/stop_poll.h"

namespace belfry::cpu {

// V(s) ← opt_a r(s,a) + Σ_j p_j V(col_j) for the states of `order`, in place, sweep by sweep, until
// a sweep changes V by rounding only or is not on the way there. A start for exact methods: it
// claims nothing. Information runs along the order within one sweep, so that a model whose moves
// mostly go towards the end needs few, however far the end is.
class InPlaceSweeps {
 public:
  InPlaceSweeps(const CsrModel& model, const std::vector<int32_t>& order, CpuContext& context)
      : model_(model), order_(order), context_(context) {}

  // `policy`: its actions alone; null: the best ones. Throws StoppedByCaller.
  void run(double* values, const int32_t* policy = nullptr) const {
    double mark = std::numeric_limits<double>::infinity();
    for (int64_t i = 1; i <= kMost && !context_.stopped(); ++i) {
      const double change = one(values, policy);
      context_.report(i, kMost, change);
      const double rounding = 4 * std::numeric_limits<double>::epsilon() * largest_;
      if (!(change > rounding) || !std::isfinite(change)) return;
      if (i % kWindow != 0) continue;
      const double windows = std::log(change / rounding) / std::log(mark / change);
      if (mark < std::numeric_limits<double>::infinity() &&
          !(windows * static_cast<double>(kWindow) <= static_cast<double>(kMost - i)))
        return;
      mark = change;
    }
  }

 private:
  static constexpr int64_t kMost = 20'000, kWindow = 256;

  double one(double* values, const int32_t* policy) const {
    double change = 0;
    largest_ = 0;
    StopPoll poll(context_);
    for (const int32_t s : order_) {
      poll();
      math::GreedyChoice<double> best;
      const int64_t first = s * static_cast<int64_t>(model_.num_actions);
      for (int64_t a = 0; a < model_.num_actions; ++a) {
        if (!model_.mask(first + a) || (policy && a != policy[s])) continue;
        best.offer(static_cast<int32_t>(a),
                   math::greedy_key(q(first + a, values), model_.minimise));
      }
      const double value = best.value(model_.minimise);
      change = std::fmax(change, std::fabs(value - values[s]));
      largest_ = std::fmax(largest_, std::fabs(value));
      values[s] = value;
    }
    return change;
  }
  double q(int64_t row, const double* values) const {
    double sum = 0;
    for (int64_t e = model_.rows.row_ptr[row]; e < model_.rows.row_ptr[row + 1]; ++e)
      sum += model_.rows.prob[e] * values[model_.rows.col[e]];
    return model_.rewards[row] + sum;
  }

  const CsrModel& model_;
  const std::vector<int32_t>& order_;
  CpuContext& context_;
  mutable double largest_ = 0;
};

}  // namespace belfry::cpu
