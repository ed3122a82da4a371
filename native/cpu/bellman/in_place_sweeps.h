// Gauss–Seidel sweeps of a model without discount, in an order that suits it: near the ends first.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "cpu/bellman/in_place_backup.h"
#include "cpu/bellman/resumable.h"
#include "cpu/bellman/stop_poll.h"

namespace belfry::cpu {

// How far a row of sweeps is.
struct SweepCount {
  int64_t sweeps = 0;
  double mark = std::numeric_limits<double>::infinity();
};

// Whether what shrank from `mark` to `now` over some sweeps comes down to `wanted` within `budget`
// more at this rate.
inline bool promises(double mark, double now, double wanted, int64_t over, int64_t budget) {
  const double windows = std::log(now / wanted) / std::log(mark / now);
  return windows * static_cast<double>(over) <= static_cast<double>(budget);
}

// V(s) ← opt_a r(s,a) + Σ_j p_j V(col_j) for the states of `order`, in place, sweep by sweep, until
// a sweep changes V by rounding only or is not on the way there. A start for exact methods: it
// claims nothing. Information runs along the order within one sweep, so that a model whose moves
// mostly go towards the end needs few, however far the end is.
class InPlaceSweeps {
 public:
  InPlaceSweeps(const CsrModel& model, const std::vector<int32_t>& order, CpuContext& context)
      : model_(model), order_(order), context_(context) {}

  // `policy`: its actions alone; null: the best ones. Throws StoppedByCaller.
  Outcome run(double* values, const int32_t* policy, SweepCount& count,
              Allowance& allowance) const {
    while (count.sweeps < kMost) {
      if (context_.stopped()) return Outcome::stopped;
      if (!allowance.spend()) return Outcome::paused;
      const double change = one(values, policy);
      context_.report(++count.sweeps, kMost, change);
      const double rounding = 4 * std::numeric_limits<double>::epsilon() * largest_;
      if (!(change > rounding) || !std::isfinite(change)) break;
      if (count.sweeps % kWindow != 0) continue;
      if (count.mark < std::numeric_limits<double>::infinity() &&
          !promises(count.mark, change, rounding, kWindow, kMost - count.sweeps))
        break;
      count.mark = change;
    }
    return Outcome::finished;
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
