// What inexact policy iteration may evaluate a policy with: the value of (I − γ P_π) x = r_π, from
// x, only as well as is asked for.
#pragma once

#include "cpu/bellman/discounted_solve.h"

namespace belfry::cpu {

enum class Evaluator { vi, mpi, gmres, bicgstab, tfqmr };

struct EvaluationLimits {
  double target = 0;              // 2-norm of the residual
  int64_t max_iterations = 1000;  // products with P_π
  int64_t restart = 30;           // GMRES: vectors kept
};

// Improves x; returns the number of products with P_π. 'vi' is one Richardson step, 'mpi' is
// max_iterations of them whatever the target.
int64_t evaluate_inexactly(Evaluator evaluator, const DiscountedSystem& system, const double* b,
                           double* x, const EvaluationLimits& limits, CpuContext& context);

}  // namespace belfry::cpu
