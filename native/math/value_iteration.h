// When value iteration may stop, and what it may claim then. Shared by the CPU and CUDA solvers.
#pragma once

#include <cmath>

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

// What the judge of a solve remembers from sweep to sweep. A solve in slices hands it on.
struct StopState {
  double best = kInfinity<double>, mark = kInfinity<double>;
  int64_t sweeps = 0;
};
constexpr int64_t kStopStateSize = 3;
// The same as numbers of an operand, which may hold anything.
template <class T>
StopState read_stop_state(const T* numbers) {
  const double sweeps = std::fmin(std::fmax(static_cast<double>(numbers[2]), 0), 1e7);
  return {static_cast<double>(numbers[0]), static_cast<double>(numbers[1]),
          static_cast<int64_t>(sweeps)};
}
template <class T>
void write_stop_state(const StopState& state, T* numbers) {
  numbers[0] = static_cast<T>(state.best);
  numbers[1] = static_cast<T>(state.mark);
  numbers[2] = static_cast<T>(state.sweeps);
}
// V* lies in V + [low, high], rounding counted in; V + shift is the answer.
struct Certificate {
  double low, high, shift;
};
// V + shift of a state that acts. One without an allowed action is worth 0, whatever the bounds.
template <class T>
BELFRY_HD T shifted(T value, double shift, bool acts) {
  return acts ? static_cast<T>(static_cast<double>(value) + shift) : T(0);
}

// Judges the changes of successive sweeps.
class StopTest {
 public:
  // `use_span`: stop on the width of the bounds; otherwise on the largest change.
  BELFRY_HD StopTest(Discounting discount, bool use_span, double tolerance, double epsilon)
      : discount_(discount), use_span_(use_span), tolerance_(tolerance), epsilon_(epsilon) {
    const double contraction = 1 - discount.gamma;
    if (!(contraction > 0)) return;
    const double slow = 4 / contraction;
    window_ = 20 + static_cast<int64_t>(slow < 9e6 ? slow : 9e6);
  }
  void resume(const StopState& state) { state_ = state; }
  const StopState& state() const { return state_; }

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
    const double now = kept(error);
    if (now < state_.best) state_.best = now;
    state_.sweeps += sweeps;
    if (state_.sweeps < window_) return false;
    const bool stuck = state_.best > state_.mark / 2;
    state_.mark = state_.best;
    state_.sweeps = 0;
    return stuck;
  }
  // In the type of the solve, so that the state can be handed on without loss.
  BELFRY_HD double kept(double error) const {
    return epsilon_ > 1e-10 ? static_cast<double>(static_cast<float>(error)) : error;
  }

  Discounting discount_;
  bool use_span_;
  double tolerance_, epsilon_;
  int64_t window_ = 0;
  StopState state_;
};

}  // namespace belfry::math
