// Distributions over equally spaced returns z_j = v_min + j Δz, and the projection of a shifted one
// onto the same atoms.
#pragma once

#include <cstdint>

#include "belfry/status.h"
#include "math/bellman.h"
#include "math/host_device.h"
#include "ops/fitted_q/distributional.h"

namespace belfry::math {

struct ReturnAtoms {
  double v_min, v_max, step;
  int64_t count;

  BELFRY_HD static constexpr ReturnAtoms between(double v_min, double v_max, int64_t count) {
    return {v_min, v_max, count > 1 ? (v_max - v_min) / static_cast<double>(count - 1) : 0, count};
  }
  BELFRY_HD constexpr double atom(int64_t j) const { return v_min + static_cast<double>(j) * step; }

  // Where a return falls among the atoms, in [0, count − 1]; returns beyond the ends fall on them.
  BELFRY_HD constexpr double position(double value) const {
    if (value != value) return value;
    if (count <= 1 || value <= v_min) return 0;
    const double last = static_cast<double>(count - 1);
    const double at = (value - v_min) / step;
    return value >= v_max || at > last ? last : at;
  }
};

// The part of a mass at `position` that atom i receives: linear between neighbours.
BELFRY_HD constexpr double atom_share(double position, int64_t i) {
  const double distance = position - static_cast<double>(i);
  const double size = distance < 0 ? -distance : distance;
  return size >= 1 ? 0 : 1 - size;
}

// One row: its next distribution and how it moves. A row that does not look at its next state (it
// is terminal, or γ = 0) has all its mass at the reward.
template <class T>
struct ProjectedRow {
  const T* next_prob;
  double reward, gamma;
  bool terminal;
  ReturnAtoms atoms;

  BELFRY_HD constexpr bool at_once() const { return terminal || gamma == 0; }
  BELFRY_HD constexpr int64_t num_masses() const { return at_once() ? 1 : atoms.count; }
  BELFRY_HD constexpr double mass(int64_t j) const {
    return at_once() ? 1 : static_cast<double>(next_prob[j]);
  }
  // Ascending in j.
  BELFRY_HD constexpr double position(int64_t j) const {
    return atoms.position(at_once() ? reward : reward + gamma * atoms.atom(j));
  }
  // A mass that atom i has no share in does not touch it, even where it is NaN.
  BELFRY_HD constexpr double share(int64_t j, double at, int64_t i) const {
    const double part = atom_share(at, i);
    return part == 0 ? 0 : mass(j) * part;
  }
  BELFRY_HD constexpr double target(int64_t i) const {
    double sum = 0;
    for (int64_t j = 0; j < num_masses(); ++j) sum += share(j, position(j), i);
    return sum;
  }
};

// −m log p, where an atom without mass may be impossible.
BELFRY_HD constexpr double cross_entropy_term(double mass, double log_prob) {
  return -policy_term(mass, log_prob);
}

// What the declaration cannot say.
template <class T>
Status check_return_range(const CategoricalProjection<T>& op) {
  const int64_t count = op.next_prob.dims[1];
  const bool fits = count > 1 ? op.v_min < op.v_max : op.v_min <= op.v_max;
  if (fits && op.v_max - op.v_min < 1.0 / 0.0) return {};
  return Status::error(Code::invalid_argument, "v_max",
                       "is %g, but the atoms need a finite range above v_min, %g", op.v_max,
                       op.v_min);
}

}  // namespace belfry::math
