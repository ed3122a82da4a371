// The linear systems of one policy, (I − γ P_π) x = b and its transpose.
#pragma once

#include <memory>

#include "cpu/bellman/csr_model.h"
#include "cpu/bellman/dense_lu.h"
#include "cpu/bellman/discounted_solve.h"

namespace belfry::cpu {

// Below this many states a dense factorisation is quicker than a Krylov method, and exact.
constexpr int64_t kDenseLimit = 512;

// Dense LU with one step of refinement below kDenseLimit states, the factors shared by all
// right-hand sides; BiCGStab above, the transposed system in its pull form. Scratch of the context
// is taken as needed; wrap it in a ScratchScope where systems are many.
class PolicySystem {
 public:
  PolicySystem(const DiscountedSystem& system, SolveLimits limits, CpuContext& context)
      : system_(system), limits_(limits), context_(context) {}

  // `x` holds the start of an iterative solve. False: the tolerance was not met; a singular system
  // gives NaN.
  bool solve(const double* b, double* x);
  bool solve_transposed(const double* b, double* x);

 private:
  bool solve_densely(const DiscountedSystem& system, const double* b, double* x, bool transposed);
  const DenseLu& factors();

  DiscountedSystem system_;
  SolveLimits limits_;
  CpuContext& context_;
  std::unique_ptr<DenseLu> lu_;
};

// Whether every state reaches a row of missing mass along transitions that can happen: the
// condition under which the system with γ = 1 has one solution. Masses within `slack` of one are
// one.
bool every_state_ends(const SparseRows<double>& rows, int64_t num_states, double slack,
                      CpuContext& context);

// Rows and rewards of a deterministic policy; action −1 is an empty row with reward 0.
struct PolicyModel {
  SparseRows<double> rows;
  const double* rewards = nullptr;
};
PolicyModel follow_policy(const CsrModel& model, const int32_t* policy, CpuContext& context);

}  // namespace belfry::cpu
