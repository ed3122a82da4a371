#include "cpu/bellman/discounted_solve.h"

#include "cpu/bellman/bicgstab.h"

#include <cmath>

namespace belfry::cpu {

namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

// out[s] = combine(s, Σ_j p_j x(col_j)) for every state.
template <class Combine>
void map_row_sums(const DiscountedSystem& system, const StatePieces& pieces, const double* x,
                  double* out, CpuContext& context, const Combine& combine) {
  pieces.run(context, [&](int64_t begin, int64_t end, int64_t) {
    row_sums(system.rows, x, begin, end, out + begin);
    for (int64_t s = begin; s < end; ++s) out[s] = combine(s, out[s]);
  });
}

StatePieces pieces_of(const DiscountedSystem& system) {
  return StatePieces(system.rows.row_ptr, system.num_states, 1);
}

}  // namespace

void apply(const DiscountedSystem& system, const StatePieces& pieces, const double* x, double* y,
           CpuContext& context) {
  map_row_sums(system, pieces, x, y, context,
               [&](int64_t s, double sum) { return x[s] - system.gamma * sum; });
}

void residual(const DiscountedSystem& system, const StatePieces& pieces, const double* b,
              const double* x, double* r, CpuContext& context) {
  map_row_sums(system, pieces, x, r, context,
               [&](int64_t s, double sum) { return b[s] - x[s] + system.gamma * sum; });
}

double dot(const double* a, const double* b, int64_t n, double* partials, CpuContext& context) {
  context.parallel(n, kDotChunk, [&](int64_t begin, int64_t end, int64_t chunk) {
    double sum[4] = {};
    int64_t i = begin;
    for (; i + 4 <= end; i += 4) {
      for (int k = 0; k < 4; ++k) sum[k] += a[i + k] * b[i + k];
    }
    for (; i < end; ++i) sum[0] += a[i] * b[i];
    partials[chunk] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  });
  double total = 0;
  for (int64_t i = 0; i < dot_partials(n); ++i) total += partials[i];
  return total;
}

bool solved(const DiscountedSystem& system, const double* b, const double* x, double tolerance,
            CpuContext& context) {
  const int64_t n = system.num_states;
  double* r = context.scratch<double>(n);
  double* partials = context.scratch<double>(dot_partials(n));
  residual(system, pieces_of(system), b, x, r, context);
  const auto norm = [&](const double* a) { return std::sqrt(dot(a, a, n, partials, context)); };
  const double allowed = tolerance * norm(b) + 4 * kEpsilon * (norm(b) + 2 * norm(x));
  return norm(r) <= allowed;
}

bool solve_iteratively(const DiscountedSystem& system, const double* b, double* x,
                       SolveLimits limits, CpuContext& context) {
  const int64_t n = system.num_states;
  const StatePieces pieces = pieces_of(system);
  BiCgStab krylov(system, pieces, b, x, context);
  double* best = context.scratch<double>(n);
  std::copy_n(x, n, best);
  double best_size = krylov.restart();
  if (best_size <= krylov.target(limits.tolerance)) return true;
  int64_t iterations = 0;
  // A run ends when its recurrence believes to be done, or breaks down; the true residual decides.
  for (bool better = true; better && iterations < limits.max_iterations;) {
    double size = best_size;
    bool intact = true;
    while (intact && size > krylov.target(limits.tolerance) / 2 &&
           iterations < limits.max_iterations && !context.stopped()) {
      intact = krylov.step(size);
      context.report(++iterations, 0, size);
    }
    if (context.stopped()) return false;
    size = krylov.restart();
    better = size < best_size / 2;
    if (!(size < best_size)) break;
    std::copy_n(x, n, best);
    best_size = size;
    if (size <= krylov.target(limits.tolerance)) return true;
  }
  std::copy_n(best, n, x);
  limits.max_iterations -= iterations;
  sweep_until_still(system, b, x, limits, context);
  return solved(system, b, x, limits.tolerance, context);
}

bool sweep_until_still(const DiscountedSystem& system, const double* b, double* x,
                       SolveLimits limits, CpuContext& context) {
  const int64_t n = system.num_states;
  const StatePieces pieces = pieces_of(system);
  Backup<double> backup;
  backup.rewards = b;
  backup.num_actions = 1;
  backup.gamma = system.gamma;
  double* now = x;
  double* next = context.scratch<double>(n);
  auto* of_piece = context.scratch<math::Change<double>>(pieces.count());
  bool still = false;
  for (int64_t i = 0; i < limits.max_iterations && !still && !context.stopped(); ++i) {
    backup.values = backup.before = now;
    backup.values_out = next;
    const auto change = sweep(pieces, system.rows, backup, of_piece, context);
    std::swap(now, next);
    context.report(i + 1, 0, change.residual());
    const double rounding = 2 * kEpsilon * change.largest;
    still = change.residual() <= limits.tolerance * change.largest * (1 - system.gamma) + rounding;
    if (change.nan) break;
  }
  if (now != x) std::copy_n(now, n, x);
  return still;
}

}  // namespace belfry::cpu
