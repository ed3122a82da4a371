// V ← T V for a γ-contraction T of small problems, in float64, until V* is within tolerance.
#pragma once

#include <utility>

#include "cpu/context.h"
#include "math/value_iteration.h"

namespace belfry::cpu {

struct FixedPoint {
  const double* values = nullptr;
  int64_t iterations = 0;
  bool converged = false;
  bool aborted = false;
};

// `sweep(before, after)` writes T `before`. `start` is the first V and is overwritten. Gives up
// when a change grows: T is then no contraction, and V would run away.
template <class Sweep>
FixedPoint iterate_to_fixed_point(double* start, int64_t size, double gamma, double tolerance,
                                  int64_t max_iterations, CpuContext& context, const Sweep& sweep) {
  FixedPoint result;
  double *now = start, *next = context.scratch<double>(size);
  math::StopTest test({gamma, false}, false, tolerance, 2.220446049250313e-16);
  double last_residual = math::kInfinity<double>;
  auto verdict = math::Verdict::go_on;
  while (verdict == math::Verdict::go_on && result.iterations < max_iterations) {
    sweep(const_cast<const double*>(now), next);
    math::Change<double> change;
    for (int64_t i = 0; i < size; ++i) change.add(now[i], next[i]);
    std::swap(now, next);
    ++result.iterations;
    if (context.stopped()) {
      result.aborted = true;
      return result;
    }
    const double residual = change.residual();
    context.report(result.iterations, 0, residual);
    verdict = test.judge(change);
    const double rounding = 1e-9 * (last_residual + change.largest);
    if (verdict == math::Verdict::go_on && residual > last_residual + rounding) break;
    last_residual = residual;
  }
  result.values = now;
  result.converged = verdict == math::Verdict::converged;
  return result;
}

}  // namespace belfry::cpu
