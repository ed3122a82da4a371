// When value iteration may stop, and what it may claim then. Shared by the CPU and CUDA solvers.
#pragma once

#include "math/bellman.h"

namespace belfry::math {

enum class Verdict { go_on, converged, gave_up };

// Facts about the problem that decide which bounds hold.
struct Discounting {
  double gamma = 1;    // times the largest mass of a row, if that is above one
  bool leaky = false;  // some row has mass below one, or some state has no action
};

// A row whose mass differs from one by less than this is taken to have mass one.
template <class T>
constexpr double kMassSlack = sizeof(T) == 4 ? 1e-5 : 1e-9;

template <class T>
BELFRY_HD constexpr Discounting discounting(double gamma, double smallest_mass,
                                            double largest_mass) {
  const bool excess = largest_mass > 1 + kMassSlack<T>;
  const bool leaky = excess || smallest_mass < 1 - kMassSlack<T>;
  return {excess ? gamma * largest_mass : gamma, leaky};
}

// V* lies in V + [low, high], rounding counted in; V + shift is the answer.
struct Certificate {
  double low, high, shift;
};

// Judges the changes of successive sweeps.
class StopTest {
 public:
  // `use_span`: stop on the width of the bounds; otherwise on the largest change.
  BELFRY_HD StopTest(Discounting discount, bool use_span, double tolerance, double epsilon)
      : discount_(discount), use_span_(use_span), tolerance_(tolerance), epsilon_(epsilon) {
    const double contraction = 1 - discount.gamma;
    if (!(contraction > 0)) return;
    const double slow = 4 / contraction;
    window_ = 20 + static_cast<int64_t>(slow < 1e9 ? slow : 1e9);
  }

  BELFRY_HD ValueBounds bounds(const Change<double>& change) const {
    return macqueen_bounds(change, discount_.gamma, discount_.leaky);
  }
  // What rounding may have added to the error of the bounds.
  BELFRY_HD double rounding(const Change<double>& change) const {
    return sweep_rounding(change.largest, discount_.gamma, epsilon_);
  }
  BELFRY_HD Certificate certificate(const Change<double>& change) const {
    const ValueBounds found = bounds(change);
    const double noise = found.finite() ? rounding(change) : 0;
    return {found.low - noise, found.high + noise, use_span_ ? found.middle() : 0};
  }

  // With γ = 1 there are no bounds, and the change of one sweep decides.
  // `sweeps`: how many were made since the last judgement.
  BELFRY_HD Verdict judge(const Change<double>& change, int64_t sweeps = 1) {
    if (change.empty()) return Verdict::converged;
    const double residual = change.residual();
    if (!(residual < kInfinity<double>)) return Verdict::gave_up;
    if (discount_.gamma >= 1) return residual <= tolerance_ ? Verdict::converged : Verdict::go_on;
    const double factor = discount_.gamma / (1 - discount_.gamma);
    const double error = use_span_ ? bounds(change).half_width() : factor * residual;
    const double noise = rounding(change);
    if (error + noise <= tolerance_) return Verdict::converged;
    if (error <= tolerance_ && error <= noise) return Verdict::gave_up;
    return stalled(error, sweeps) ? Verdict::gave_up : Verdict::go_on;
  }

 private:
  // In exact arithmetic the error falls by γ a sweep, to a fiftieth in a window. Where it does not
  // even halve, rounding has stopped it.
  BELFRY_HD bool stalled(double error, int64_t sweeps) {
    if (error < best_) best_ = error;
    sweeps_ += sweeps;
    if (sweeps_ < window_) return false;
    const bool stuck = best_ > mark_ / 2;
    mark_ = best_;
    sweeps_ = 0;
    return stuck;
  }

  Discounting discount_;
  bool use_span_;
  double tolerance_, epsilon_;
  int64_t window_ = 0, sweeps_ = 0;
  double best_ = kInfinity<double>, mark_ = kInfinity<double>;
};

}  // namespace belfry::math
