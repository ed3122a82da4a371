// Solves (I − γ P) x = b for a sparse P with rows of mass at most one, in float64.
#pragma once

#include "cpu/bellman/model.h"

namespace belfry::cpu {

struct DiscountedSystem {
  SparseRows<double> rows;
  int64_t num_states = 0;
  double gamma = 0;
};

struct SolveLimits {
  double tolerance = 1e-12;
  int64_t max_iterations = 100000;
};

// y = (I − γ P) x, or y = b − (I − γ P) x.
void apply(const DiscountedSystem& system, const StatePieces& pieces, const double* x, double* y,
           CpuContext& context);
void residual(const DiscountedSystem& system, const StatePieces& pieces, const double* b,
              const double* x, double* r, CpuContext& context);

// Sum over fixed chunks, combined in their order.
double dot(const double* a, const double* b, int64_t n, double* partials, CpuContext& context);
constexpr int64_t kDotChunk = 8192;
inline int64_t dot_partials(int64_t n) { return (n + kDotChunk - 1) / kDotChunk; }

// body(i) for every element of vectors of length n.
template <class Body>
void for_each_element(int64_t n, CpuContext& context, const Body& body) {
  context.parallel(n, 50'000, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) body(i);
  });
}

// Whether |b − (I − γ P) x| is within the tolerance of |b|, or as small as rounding lets it be.
bool solved(const DiscountedSystem& system, const double* b, const double* x, double tolerance,
            CpuContext& context);

// BiCGStab from x; where it breaks down or stalls, Jacobi sweeps x <- b + γ P x. Returns `solved`.
bool solve_iteratively(const DiscountedSystem& system, const double* b, double* x,
                       SolveLimits limits, CpuContext& context);

// Jacobi sweeps from x until they change it by no more than the tolerance.
bool sweep_until_still(const DiscountedSystem& system, const double* b, double* x,
                       SolveLimits limits, CpuContext& context);

}  // namespace belfry::cpu
