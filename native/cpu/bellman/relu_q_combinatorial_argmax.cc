// relu_q_combinatorial_argmax: depth-first branch and bound over the bits of the action, in
// lexicographic order, 0 before 1 (the exact counterpart of the mixed-integer programme of arXiv
// 2503.01919). A node holds the hidden layer's sums with its bits decided; the bits still free can
// only move each sum inside an interval, which bounds the value. 3·H flops a node.
#include <algorithm>
#include <cmath>

#include "cpu/run.h"
#include "math/bellman.h"
#include "ops/bellman/search.h"

namespace belfry::cpu {

namespace {

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
        rise_(context.scratch<double>((bits_ + 1) * hidden_)),
        fall_(context.scratch<double>((bits_ + 1) * hidden_)),
        now_(context.scratch<uint8_t>(bits_)),
        best_(context.scratch<uint8_t>(bits_)),
        start_(context.scratch<double>(hidden_)),
        trial_(context.scratch<double>(hidden_)) {}

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

  // The sums with no bit set, and what bits k, k+1, … may still add or take away.
  void prepare() {
    for (int64_t h = 0; h < hidden_; ++h) {
      double sum = static_cast<double>(op_.b1[h]);
      for (int64_t d = 0; d < op_.state.size(); ++d) {
        sum += weight(h, bits_ + d) * static_cast<double>(op_.state[d]);
      }
      sums_[h] = sum;
      rise_[bits_ * hidden_ + h] = fall_[bits_ * hidden_ + h] = 0;
      for (int64_t k = bits_ - 1; k >= 0; --k) {
        const double w = weight(h, k);
        rise_[k * hidden_ + h] = rise_[(k + 1) * hidden_ + h] + std::max(w, 0.0);
        fall_[k * hidden_ + h] = fall_[(k + 1) * hidden_ + h] + std::min(w, 0.0);
      }
    }
    cheapest_ = 0;
    for (int64_t k = 0; k < bits_; ++k) cheapest_ += std::min(price(k), 0.0);
  }

  double output(const double* sums) const {
    double value = static_cast<double>(op_.b2[0]);
    for (int64_t h = 0; h < hidden_; ++h) {
      value += static_cast<double>(op_.w2[h]) * std::max(sums[h], 0.0);
    }
    return value;
  }
  // No choice of the bits from `depth` on can do better.
  double bound(const double* sums, int64_t depth) const {
    const double *rise = rise_ + depth * hidden_, *fall = fall_ + depth * hidden_;
    double value = static_cast<double>(op_.b2[0]);
    for (int64_t h = 0; h < hidden_; ++h) {
      const auto w = static_cast<double>(op_.w2[h]);
      value += w * std::max(sums[h] + (w > 0 ? rise[h] : fall[h]), 0.0);
    }
    return value;
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
    const double least = depth == bits_ ? used : used + cheapest_;
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
    const double most = bound(sums, depth);
    return found_ ? most <= value_ : most < value_ - 1e-12 * (1 + std::fabs(value_));
  }

  const ReluQCombinatorialArgmax<T>& op_;
  CpuContext& context_;
  const int64_t hidden_, bits_;
  double *sums_, *rise_, *fall_;
  uint8_t *now_, *best_;
  double *start_, *trial_;
  double cheapest_ = 0, value_ = -math::kInfinity<double>;
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
