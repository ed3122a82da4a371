// Gauss–Seidel sweeps of a model without discount, in an order that suits it: near the ends first.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "cpu/bellman/in_place_backup.h"
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
    const InPlaceBackup backup{model_, 1, values};
    math::Change<double> change;
    StopPoll poll(context_);
    for (const int32_t s : order_) {
      poll();
      if (policy)
        follow(backup, s, policy[s], change);
      else
        backup(s, change);
    }
    largest_ = change.largest;
    return change.residual();
  }
  static void follow(const InPlaceBackup& backup, int32_t s, int32_t action,
                     math::Change<double>& change) {
    const int64_t row = s * backup.model.num_actions + action;
    const double value = action >= 0 && backup.model.mask(row) ? backup.q(row) : 0;
    change.add(backup.values[s], value);
    backup.values[s] = value;
  }

  const CsrModel& model_;
  const std::vector<int32_t>& order_;
  CpuContext& context_;
  mutable double largest_ = 0;
};

}  // namespace belfry::cpu
