// whittle_index: the subsidy λ of passivity that makes a state indifferent (Whittle, 1988).
//
// For one policy the gap Q(s,0) − Q(s,1) is linear in λ; for the optimal policy it is piecewise
// linear. So Newton's method inside a bracket ends on the right piece after a few steps, each of
// them a policy iteration that starts from the policy before: 2/3·S³ flops per linear solve, three
// to ten solves a state.
#include <algorithm>
#include <cmath>

#include "cpu/bellman/dense_lu.h"
#include "cpu/run.h"
#include "math/bellman.h"
#include "ops/bellman/games.h"

namespace belfry::cpu {

namespace {

// offset + λ·slope.
struct Line {
  double offset = math::kNaN<double>;
  double slope = math::kNaN<double>;
  double at(double lambda) const { return offset + lambda * slope; }
};

template <class T>
class WhittleSolver {
 public:
  WhittleSolver(const WhittleIndex<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        size_(op.rewards.dims[0]),
        matrix_(context.scratch<double>(size_ * size_)),
        pivots_(context.scratch<int32_t>(size_)),
        offset_(context.scratch<double>(size_)),
        slope_(context.scratch<double>(size_)),
        index_(context.scratch<double>(size_)),
        sorted_(context.scratch<double>(size_)),
        passive_(context.scratch<uint8_t>(size_)) {
    std::fill_n(passive_, size_, uint8_t{0});
    for (int64_t k = 0; k < 2 * size_; ++k) {
      scale_ = std::fmax(scale_, std::fabs(static_cast<double>(op.rewards[k])));
    }
    if (scale_ == 0) scale_ = 1;
  }

  Status run() {
    for (int64_t s = 0; s < size_; ++s) {
      index_[s] = find_index(s);
      if (context_.stopped()) return aborted();
      context_.report(s + 1, size_, 0);
    }
    if (op_.whittle_index) {
      for (int64_t s = 0; s < size_; ++s) op_.whittle_index[s] = static_cast<T>(index_[s]);
    }
    if (op_.indexable) op_.indexable[0] = is_indexable();
    return context_.stopped() ? aborted() : Status{};
  }

 private:
  static constexpr double kSlack = 1e-12;

  double prob(int64_t s, int64_t a, int64_t t) const {
    return static_cast<double>(op_.prob[(s * 2 + a) * size_ + t]);
  }
  double reward(int64_t s, int64_t a) const { return static_cast<double>(op_.rewards[s * 2 + a]); }

  // V = offset + λ slope of the present policy. False where it has no value.
  bool evaluate() {
    for (int64_t s = 0; s < size_; ++s) {
      const int64_t a = passive_[s] ? 0 : 1;
      for (int64_t t = 0; t < size_; ++t) {
        matrix_[s * size_ + t] = (s == t ? 1.0 : 0.0) - op_.gamma * prob(s, a, t);
      }
      offset_[s] = reward(s, a);
      slope_[s] = passive_[s] ? 1 : 0;
    }
    const DenseLu factors(matrix_, pivots_, size_);
    if (!factors.regular()) return false;
    factors.solve(offset_);
    factors.solve(slope_);
    return true;
  }
  // Q(s,0) − Q(s,1).
  Line gap(int64_t s) const {
    Line line{reward(s, 0) - reward(s, 1), 1};
    for (int64_t t = 0; t < size_; ++t) {
      const double difference = op_.gamma * (prob(s, 0, t) - prob(s, 1, t));
      line.offset += difference * offset_[t];
      line.slope += difference * slope_[t];
    }
    return line;
  }
  // Policy iteration at λ, from the policy at hand; incumbents stay on ties.
  bool optimise(double lambda) {
    const double slack = kSlack * (scale_ + std::fabs(lambda));
    for (int64_t round = 0; round < 2 * size_ + 20; ++round) {
      if (context_.stopped() || !evaluate()) return false;
      bool changed = false;
      for (int64_t s = 0; s < size_; ++s) {
        const double advantage = gap(s).at(lambda);
        const bool flips = passive_[s] ? advantage < -slack : advantage > slack;
        if (advantage != advantage) return false;
        if (!flips) continue;
        passive_[s] = !passive_[s];
        changed = true;
      }
      if (!changed) return true;
    }
    return false;
  }

  double find_index(int64_t s) {
    double low = -math::kInfinity<double>, high = math::kInfinity<double>;
    double lambda = 0, reach = scale_;
    for (int step = 0; step < 400; ++step) {
      if (!optimise(lambda)) return math::kNaN<double>;
      const Line line = gap(s);
      const double value = line.at(lambda);
      const double slack = kSlack * (scale_ + std::fabs(lambda));
      if (std::fabs(value) <= slack) return lambda;
      (value < 0 ? low : high) = lambda;
      if (high - low <= 1e-15 * std::fabs(lambda)) return lambda;
      double next = lambda - value / line.slope;
      if (!(next > low && next < high)) next = inside(low, high, reach);
      if (!std::isfinite(next)) return next;
      lambda = next;
    }
    return lambda;
  }
  // A point of the bracket; while it is open, ever further out.
  double inside(double low, double high, double& reach) const {
    if (std::isfinite(low) && std::isfinite(high)) return low / 2 + high / 2;
    reach *= 4;
    if (reach > 1e15 * scale_) return std::isfinite(low) ? high : low;
    return std::isfinite(low) ? low + reach : high - reach;
  }

  // Between neighbouring indices, and outside all of them, exactly the states of lower index are
  // passive.
  bool is_indexable() {
    if (size_ == 0) return true;
    for (int64_t s = 0; s < size_; ++s) {
      if (index_[s] != index_[s]) return false;
      sorted_[s] = index_[s];
    }
    std::sort(sorted_, sorted_ + size_);
    for (int64_t k = 0; k <= size_; ++k) {
      const double low = k > 0 ? sorted_[k - 1] : sorted_[0] - scale_;
      const double high = k < size_ ? sorted_[k] : sorted_[size_ - 1] + scale_;
      if (high - low <= 1e-9 * scale_) continue;
      if (!agrees(low / 2 + high / 2)) return false;
    }
    return true;
  }
  bool agrees(double lambda) {
    if (!std::isfinite(lambda)) return true;
    if (!optimise(lambda)) return false;
    for (int64_t s = 0; s < size_; ++s) {
      const double advantage = gap(s).at(lambda);
      const double slack = 1e-9 * (scale_ + std::fabs(lambda));
      if (index_[s] < lambda ? advantage < -slack : advantage > slack) return false;
    }
    return true;
  }

  const WhittleIndex<T>& op_;
  CpuContext& context_;
  int64_t size_;
  double scale_ = 0;
  double* matrix_;
  int32_t* pivots_;
  double *offset_, *slope_, *index_, *sorted_;
  uint8_t* passive_;
};

}  // namespace

template <>
Status run(const WhittleIndex<float>& op, CpuContext& context) {
  return WhittleSolver<float>(op, context).run();
}
template <>
Status run(const WhittleIndex<double>& op, CpuContext& context) {
  return WhittleSolver<double>(op, context).run();
}

}  // namespace belfry::cpu
