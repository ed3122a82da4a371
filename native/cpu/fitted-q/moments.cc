#include "cpu/fitted-q/moments.h"

#include <cmath>

#include "cpu/bellman/dense_lu.h"

namespace belfry::cpu {

bool is_finite(const LinearSystem& system) {
  double sum = 0;
  for (int64_t i = 0; i < system.size * system.size; ++i) sum += system.matrix[i] * 0;
  for (int64_t i = 0; i < system.size; ++i) sum += system.vector[i] * 0;
  return sum == 0;
}

bool solve(const LinearSystem& system, CpuContext& context, double* w) {
  const CpuContext::ScratchScope scope(context);
  const int64_t n = system.size;
  double* const factors = context.scratch<double>(n * n);
  int32_t* const pivots = context.scratch<int32_t>(n);
  if (!is_finite(system)) return false;
  std::copy_n(system.matrix, n * n, factors);
  std::copy_n(system.vector, n, w);
  const DenseLu lu(factors, pivots, n);
  if (!lu.regular()) return false;
  lu.solve(w);
  return true;
}

}  // namespace belfry::cpu
