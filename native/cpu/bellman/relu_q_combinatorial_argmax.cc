// relu_q_combinatorial_argmax: depth-first branch and bound over the bits of the action, in
// lexicographic order, 0 before 1 (the exact counterpart of the mixed-integer programme of arXiv
// 2503.01919). A node holds the hidden layer's sums with its bits decided. The bits still free can
// only move each sum inside an interval, which bounds the value: 3·H flops. Where that does not
// close the node, each unit is replaced by a line that bounds it there, and the free bits by the
// best fractions of them that the budget allows: 2·H flops for each free bit.
#include <algorithm>
#include <cmath>

#include "cpu/run.h"
#include "math/bellman.h"
#include "ops/bellman/search.h"

namespace belfry::cpu {

namespace {

// Of a table of what free bits can do.
constexpr int64_t kMostEntries = 1 << 22;

template <class T>
bool all_finite(const T* data, int64_t count) {
  return std::all_of(data, data + count, [](T x) { return std::isfinite(x); });
}

template <class T>
class SubsetMaximiser {
 public:
  SubsetMaximiser(const ReluQCombinatorialArgmax<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        hidden_(op.w1.dims[0]),
        bits_(op.w1.dims[1] - op.state.dims[0]),
        sums_(context.scratch<double>((bits_ + 1) * hidden_)),
        levels_(count_levels()),
        rise_(context.scratch<double>((bits_ + 1) * levels_ * hidden_)),
        fall_(context.scratch<double>((bits_ + 1) * levels_ * hidden_)),
        now_(context.scratch<uint8_t>(bits_)),
        best_(context.scratch<uint8_t>(bits_)),
        start_(context.scratch<double>(hidden_)),
        trial_(context.scratch<double>(hidden_)),
        gain_(context.scratch<double>(bits_)),
        order_(context.scratch<int32_t>(bits_)) {}

  Status run() {
    std::fill_n(best_, bits_, uint8_t{0});
    std::fill_n(now_, bits_, uint8_t{0});
    bool proved = true;
    if (!finite()) {
      value_ = math::kNaN<double>;
    } else {
      prepare();
      climb();
      search();
      proved = !gave_up_;
    }
    if (context_.stopped()) return aborted();
    if (op_.q_max) op_.q_max[0] = static_cast<T>(value_);
    if (op_.actions) std::copy_n(best_, bits_, op_.actions.begin());
    if (op_.converged) op_.converged[0] = proved;
    return {};
  }

 private:
  bool knapsack() const { return op_.constraint == SubsetConstraint::knapsack; }
  double weight(int64_t h, int64_t input) const {
    return static_cast<double>(op_.w1[h * op_.w1.dims[1] + input]);
  }
  double price(int64_t bit) const { return knapsack() ? static_cast<double>(op_.cost[bit]) : 1; }
  bool finite() const {
    return all_finite(op_.w1.begin(), op_.w1.size()) && all_finite(op_.b1.begin(), hidden_) &&
           all_finite(op_.w2.begin(), hidden_) && all_finite(op_.b2.begin(), 1) &&
           all_finite(op_.state.begin(), op_.state.size()) &&
           (!knapsack() || all_finite(op_.cost.begin(), bits_));
  }

  // What the free bits can do to a sum depends on how many of them the budget still allows: one
  // level for each number. A single level, for any number, where prices may vanish or the tables
  // would be large.
  int64_t count_levels() {
    cheapest_ = bits_ > 0 ? price(0) : 1;
    negative_ = 0;
    for (int64_t k = 0; k < bits_; ++k) {
      cheapest_ = std::min(cheapest_, price(k));
      negative_ += std::min(price(k), 0.0);
    }
    if (!(cheapest_ > 0)) return 1;
    const int64_t most = affordable(op_.budget, bits_);
    return (most + 1) * bits_ * hidden_ > kMostEntries ? 1 : most + 1;
  }
  int64_t affordable(double rest, int64_t most) const {
    const double count = std::floor(rest / cheapest_ * (1 + 1e-12));
    return count >= static_cast<double>(most) ? most
                                              : std::max<int64_t>(0, static_cast<int64_t>(count));
  }
  int64_t table_row(int64_t depth, double rest) const {
    const int64_t level = levels_ == 1 ? 0 : affordable(rest, levels_ - 1);
    return (depth * levels_ + level) * hidden_;
  }

  // The sums with no bit set, and what bits k, k+1, … may still add or take away.
  void prepare() {
    double* up = context_.scratch<double>(bits_ + 1);
    double* down = context_.scratch<double>(bits_ + 1);
    for (int64_t h = 0; h < hidden_; ++h) {
      double sum = static_cast<double>(op_.b1[h]);
      for (int64_t d = 0; d < op_.state.size(); ++d) {
        sum += weight(h, bits_ + d) * static_cast<double>(op_.state[d]);
      }
      sums_[h] = sum;
      for (int64_t k = bits_; k >= 0; --k) {
        if (k < bits_) {
          insert(std::max(weight(h, k), 0.0), up, bits_ - 1 - k);
          insert(std::max(-weight(h, k), 0.0), down, bits_ - 1 - k);
        }
        fill_levels(up, bits_ - k, rise_ + k * levels_ * hidden_ + h, 1);
        fill_levels(down, bits_ - k, fall_ + k * levels_ * hidden_ + h, -1);
      }
    }
  }
  // Into `count` numbers that fall.
  static void insert(double x, double* sorted, int64_t count) {
    int64_t at = count;
    for (; at > 0 && sorted[at - 1] < x; --at) sorted[at] = sorted[at - 1];
    sorted[at] = x;
  }
  // Level l: the sum of the l largest; the single level: of all.
  void fill_levels(const double* sorted, int64_t count, double* table, double sign) const {
    double sum = 0;
    const int64_t most = levels_ == 1 ? count : levels_ - 1;
    if (levels_ > 1) table[0] = 0;
    for (int64_t l = 1; l <= most; ++l) {
      if (l <= count) sum += sorted[l - 1];
      if (levels_ > 1) table[l * hidden_] = sign * sum;
    }
    if (levels_ == 1) table[0] = sign * sum;
  }

  double output(const double* sums) const {
    double value = static_cast<double>(op_.b2[0]);
    for (int64_t h = 0; h < hidden_; ++h) {
      value += static_cast<double>(op_.w2[h]) * std::max(sums[h], 0.0);
    }
    return value;
  }
  // No choice of the bits from `depth` on can do better.
  double bound(const double* sums, int64_t row) const {
    const double *rise = rise_ + row, *fall = fall_ + row;
    double value = static_cast<double>(op_.b2[0]);
    for (int64_t h = 0; h < hidden_; ++h) {
      const auto w = static_cast<double>(op_.w2[h]);
      value += w * std::max(sums[h] + (w > 0 ? rise[h] : fall[h]), 0.0);
    }
    return value;
  }

  // The same, by lines: w·relu(z) is at most a line in z on the interval of z, the chord for w > 0
  // and one of the two branches for w < 0. Lines in the sums are lines in the bits.
  double linear_bound(const double* sums, int64_t row, int64_t depth, double rest) const {
    const double *rise = rise_ + row, *fall = fall_ + row;
    double value = static_cast<double>(op_.b2[0]);
    std::fill_n(gain_ + depth, bits_ - depth, 0.0);
    for (int64_t h = 0; h < hidden_; ++h) {
      const auto w = static_cast<double>(op_.w2[h]);
      const double low = sums[h] + fall[h], high = sums[h] + rise[h];
      if (high <= 0 || w == 0) continue;
      double slope = 1, offset = 0;
      if (low < 0 && w > 0) {
        slope = high / (high - low);
        offset = -slope * low;
      } else if (low < 0 && high < -low) {
        continue;
      }
      value += w * (slope * sums[h] + offset);
      const double factor = w * slope;
      for (int64_t k = depth; k < bits_; ++k) gain_[k] += factor * weight(h, k);
    }
    return value + best_gain(depth, rest);
  }
  // The most that free bits can gain: the best first, the last one in part.
  double best_gain(int64_t depth, double rest) const {
    int64_t count = 0;
    double sum = 0;
    for (int64_t k = depth; k < bits_; ++k) {
      if (gain_[k] <= 0) continue;
      if (negative_ < 0 || price(k) <= 0)
        sum += gain_[k];
      else if (price(k) <= rest)
        order_[count++] = static_cast<int32_t>(k);
    }
    std::sort(order_, order_ + count,
              [this](int32_t a, int32_t b) { return gain_[a] * price(b) > gain_[b] * price(a); });
    for (int64_t i = 0; i < count && rest > 0; ++i) {
      const double cost = price(order_[i]);
      sum += gain_[order_[i]] * std::min(1.0, rest / cost);
      rest -= cost;
    }
    return sum;
  }

  // A first solution for the bounds to work with: bits set one by one while that helps.
  void climb() {
    if (!feasible(0)) return;
    double used = 0, reached = output(sums_);
    std::copy_n(sums_, hidden_, start_);
    for (int64_t pick = 0; pick >= 0 && !context_.stopped();) {
      pick = -1;
      for (int64_t k = 0; k < bits_; ++k) {
        if (best_[k] || !feasible(used + price(k))) continue;
        for (int64_t h = 0; h < hidden_; ++h) trial_[h] = start_[h] + weight(h, k);
        const double value = output(trial_);
        if (value > reached) reached = value, pick = k;
      }
      if (pick < 0) continue;
      best_[pick] = 1;
      used += price(pick);
      for (int64_t h = 0; h < hidden_; ++h) start_[h] += weight(h, pick);
    }
    value_ = value_of(best_);
  }
  // The sums in the order of the search, so that equal actions have equal bits.
  double value_of(const uint8_t* action) {
    std::copy_n(sums_, hidden_, trial_);
    for (int64_t k = 0; k < bits_; ++k) {
      for (int64_t h = 0; h < hidden_ && action[k]; ++h) trial_[h] += weight(h, k);
    }
    return output(trial_);
  }
  bool feasible(double used) const { return used <= op_.budget; }

  // now_[0 .. depth) are decided. Explicit, since there may be thousands of bits.
  void search() {
    double* used = context_.scratch<double>(bits_ + 1);
    auto* branch = context_.scratch<int8_t>(bits_ + 1);
    int64_t depth = 0, nodes = 0;
    used[0] = 0;
    branch[0] = -1;
    while (depth >= 0) {
      if (branch[depth] < 0) {
        ++nodes;
        if (nodes > op_.max_iterations || ((nodes & 255) == 0 && context_.stopped())) {
          gave_up_ = true;
          return;
        }
        if (closed(depth, used[depth])) {
          --depth;
          continue;
        }
      }
      if (++branch[depth] > 1) {
        now_[depth] = 0;
        --depth;
        continue;
      }
      descend(depth, branch[depth], used);
      ++depth;
      branch[depth] = -1;
    }
  }
  void descend(int64_t depth, int8_t bit, double* used) {
    now_[depth] = static_cast<uint8_t>(bit);
    used[depth + 1] = used[depth] + (bit ? price(depth) : 0);
    const double* from = sums_ + depth * hidden_;
    double* to = sums_ + (depth + 1) * hidden_;
    for (int64_t h = 0; h < hidden_; ++h) to[h] = from[h] + (bit ? weight(h, depth) : 0);
  }
  // A leaf, or a node below which nothing better can lie.
  bool closed(int64_t depth, double used) {
    // With negative costs a later bit may pay for an earlier one.
    const double least = depth == bits_ ? used : used + negative_;
    if (!feasible(least)) return true;
    const double* sums = sums_ + depth * hidden_;
    if (depth == bits_) {
      const double value = output(sums);
      if (found_ ? value > value_ : value >= value_) {
        value_ = value;
        found_ = true;
        std::copy_n(now_, bits_, best_);
      }
      return true;
    }
    const double rest = op_.budget - used;
    const int64_t row = table_row(depth, rest);
    return hopeless(bound(sums, row)) || hopeless(linear_bound(sums, row, depth, rest));
  }
  bool hopeless(double most) const {
    return found_ ? most <= value_ : most < value_ - 1e-12 * (1 + std::fabs(value_));
  }

  const ReluQCombinatorialArgmax<T>& op_;
  CpuContext& context_;
  const int64_t hidden_, bits_;
  // The lowest price, and the sum of those below 0.
  double cheapest_ = 1, negative_ = 0;
  double* sums_;
  const int64_t levels_;
  double *rise_, *fall_;
  uint8_t *now_, *best_;
  double *start_, *trial_, *gain_;
  int32_t* order_;
  double value_ = -math::kInfinity<double>;
  bool found_ = false, gave_up_ = false;
};

}  // namespace

template <>
Status run(const ReluQCombinatorialArgmax<float>& op, CpuContext& context) {
  return SubsetMaximiser<float>(op, context).run();
}
template <>
Status run(const ReluQCombinatorialArgmax<double>& op, CpuContext& context) {
  return SubsetMaximiser<double>(op, context).run();
}

}  // namespace belfry::cpu
