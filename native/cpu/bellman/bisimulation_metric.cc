// bisimulation_metric: d ← max_a w |r(s,a) − r(t,a)| + c W1(P(s,a), P(t,a); d) from d = 0, a
// contraction by c. S² A / 2 transport problems an iteration, each of a few shortest paths over the
// entries of two rows.
#include <algorithm>
#include <cmath>
#include <vector>

#include "cpu/bellman/model.h"
#include "cpu/bellman/transport.h"
#include "cpu/run.h"
#include "math/value_iteration.h"
#include "ops/bellman/losses.h"

namespace belfry::cpu {

namespace {

// What a state does: under each action, or under the policy as its only one.
struct Row {
  std::vector<Mass> next;
  double reward = 0;
  bool nan = false;
};

template <class T>
class Bisimulation {
 public:
  Bisimulation(const BisimulationMetric<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        num_states_(op.rewards.dims[0]),
        num_actions_(op.on_policy ? 1 : op.rewards.dims[1]) {
    for (int64_t s = 0; s < num_states_; ++s) {
      for (int64_t a = 0; a < num_actions_; ++a) rows_.push_back(row_of(s, a));
    }
    // The end, where mass that rows lack goes: no reward, and no way out.
    const Row end{{{static_cast<int32_t>(num_states_), 1.0}}, 0, false};
    if (leaky_) rows_.insert(rows_.end(), static_cast<size_t>(num_actions_), end);
    size_ = num_states_ + (leaky_ ? 1 : 0);
  }

  Status run() {
    const double usual = op_.on_policy ? 1 : 1 - op_.c;
    weight_ = op_.reward_weight.present ? op_.reward_weight.value : usual;
    auto* now = context_.scratch<double>(size_ * size_);
    auto* next = context_.scratch<double>(size_ * size_);
    std::fill_n(now, size_ * size_, 0.0);
    bool converged = false;
    int64_t iterations = 0;
    while (!converged && iterations < op_.max_iterations) {
      double residual = 0;
      for (int64_t s = 0; s < size_; ++s) {
        if (context_.stopped()) return aborted();
        residual = larger(residual, step(s, now, next));
      }
      std::swap(now, next);
      if (++iterations == 1) write(op_.after_one_iteration, now);
      context_.report(iterations, 0, residual);
      converged = op_.c < 1 ? residual * op_.c <= op_.tolerance * (1 - op_.c) : residual == 0;
      if (std::isnan(residual)) break;
    }
    write(op_.metric, now);
    if (op_.iterations) op_.iterations[0] = static_cast<int32_t>(iterations);
    if (op_.converged) op_.converged[0] = converged;
    return {};
  }

 private:
  // A NaN wins.
  static double larger(double a, double b) { return b > a || b != b ? b : a; }

  void add(Row& row, int64_t at, double share) const {
    row.reward += math::policy_term(share, static_cast<double>(op_.rewards[at]));
    if (share == 0) return;
    for (int64_t e = op_.row_ptr[at]; e < op_.row_ptr[at + 1]; ++e) {
      row.next.push_back({op_.col[e], share * static_cast<double>(op_.prob[e])});
    }
  }

  Row row_of(int64_t state, int64_t action) {
    Row row;
    const int64_t all = op_.rewards.dims[1];
    if (op_.on_policy) {
      for (int64_t at = state * all; at < (state + 1) * all; ++at) {
        add(row, at, static_cast<double>(op_.policy[at]));
      }
    } else {
      add(row, state * all + action, 1);
    }
    normalise(row);
    return row;
  }

  // Merges entries of one successor, and makes the mass one.
  void normalise(Row& row) {
    auto& next = row.next;
    std::stable_sort(next.begin(), next.end(),
                     [](const Mass& a, const Mass& b) { return a.at < b.at; });
    size_t kept = 0;
    double total = 0;
    for (const Mass& mass : next) {
      row.nan = row.nan || !std::isfinite(mass.amount);
      if (!(mass.amount > 0)) continue;
      total += mass.amount;
      if (kept > 0 && next[kept - 1].at == mass.at) {
        next[kept - 1].amount += mass.amount;
      } else {
        next[kept++] = mass;
      }
    }
    next.resize(kept);
    if (row.nan) return;
    if (total < 1 - math::kMassSlack<T>) {
      next.push_back({static_cast<int32_t>(num_states_), 1 - total});
      leaky_ = true;
    } else {
      for (Mass& mass : next) mass.amount /= total;
    }
  }

  double distance(int64_t s, int64_t t, const double* ground) {
    double worst = 0;
    for (int64_t a = 0; a < num_actions_; ++a) {
      const Row& one = rows_[static_cast<size_t>(s * num_actions_ + a)];
      const Row& other = rows_[static_cast<size_t>(t * num_actions_ + a)];
      const double rewards = math::policy_term(weight_, std::fabs(one.reward - other.reward));
      double moved = 0;
      if (op_.c > 0) {
        moved = one.nan || other.nan ? math::kNaN<double>
                                     : transport_.cost(one.next, other.next, ground, size_);
      }
      worst = larger(worst, rewards + op_.c * moved);
    }
    return worst;
  }

  // Row s of the next iterate below the diagonal, and its mirror image; the largest change.
  double step(int64_t s, const double* now, double* next) {
    double residual = 0;
    next[s * size_ + s] = 0;
    for (int64_t t = 0; t < s; ++t) {
      const double d = distance(s, t, now);
      residual = larger(residual, std::fabs(d - now[s * size_ + t]));
      next[s * size_ + t] = next[t * size_ + s] = d;
    }
    return residual;
  }

  void write(const Out<T, 2>& out, const double* metric) const {
    if (!out) return;
    for (int64_t s = 0; s < num_states_; ++s) {
      for (int64_t t = 0; t < num_states_; ++t) {
        out[s * num_states_ + t] = static_cast<T>(metric[s * size_ + t]);
      }
    }
  }

  const BisimulationMetric<T>& op_;
  CpuContext& context_;
  const int64_t num_states_, num_actions_;
  std::vector<Row> rows_;
  bool leaky_ = false;
  int64_t size_ = 0;
  double weight_ = 0;
  Transport transport_;
};

template <class T>
Status bisimulation_metric(const BisimulationMetric<T>& op, CpuContext& context) {
  return Bisimulation<T>(op, context).run();
}

}  // namespace

template <>
Status run(const BisimulationMetric<float>& op, CpuContext& context) {
  return bisimulation_metric(op, context);
}
template <>
Status run(const BisimulationMetric<double>& op, CpuContext& context) {
  return bisimulation_metric(op, context);
}

}  // namespace belfry::cpu
