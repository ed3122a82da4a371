#include "cpu/bellman/policy_system.h"

#include <limits>

#include "cpu/bellman/transpose.h"

namespace belfry::cpu {

bool PolicySystem::solve(const double* b, double* x) {
  if (system_.num_states < kDenseLimit) return solve_densely(system_, b, x, false);
  return solve_iteratively(system_, b, x, limits_, context_);
}

bool PolicySystem::solve_transposed(const double* b, double* x) {
  const int64_t n = system_.num_states;
  const DiscountedSystem incoming{transpose(system_.rows, n, n, context_), n, system_.gamma};
  if (n < kDenseLimit) return solve_densely(incoming, b, x, true);
  return solve_iteratively(incoming, b, x, limits_, context_);
}

// One step of refinement brings the residual down to rounding.
bool PolicySystem::solve_densely(const DiscountedSystem& system, const double* b, double* x,
                                 bool transposed) {
  const int64_t n = system.num_states;
  const DenseLu& lu = factors();
  if (!lu.regular()) {
    std::fill_n(x, n, std::numeric_limits<double>::quiet_NaN());
    return false;
  }
  const auto apply_inverse = [&](double* y) { transposed ? lu.solve_transposed(y) : lu.solve(y); };
  std::copy_n(b, n, x);
  apply_inverse(x);
  double* r = context_.scratch<double>(n);
  residual(system, StatePieces(system.rows.row_ptr, n, 1), b, x, r, context_);
  apply_inverse(r);
  for (int64_t s = 0; s < n; ++s) x[s] += r[s];
  return solved(system, b, x, limits_.tolerance, context_);
}

const DenseLu& PolicySystem::factors() {
  if (lu_) return *lu_;
  const int64_t n = system_.num_states;
  const auto& rows = system_.rows;
  auto* matrix = context_.scratch<double>(n * n);
  std::fill_n(matrix, n * n, 0.0);
  for (int64_t s = 0; s < n; ++s) {
    matrix[s * n + s] = 1;
    for (int64_t e = rows.row_ptr[s]; e < rows.row_ptr[s + 1]; ++e) {
      matrix[s * n + rows.col[e]] -= system_.gamma * rows.prob[e];
    }
  }
  lu_ = std::make_unique<DenseLu>(matrix, context_.scratch<int32_t>(n), n);
  return *lu_;
}

// Backwards from the states that may end at once.
bool every_state_ends(const SparseRows<double>& rows, int64_t num_states, double slack,
                      CpuContext& context) {
  const auto incoming = transpose(rows, num_states, num_states, context);
  auto* queue = context.scratch<int32_t>(num_states);
  auto* reached = context.scratch<uint8_t>(num_states);
  int64_t found = 0;
  for (int64_t s = 0; s < num_states; ++s) {
    double mass = 0;
    for (int64_t e = rows.row_ptr[s]; e < rows.row_ptr[s + 1]; ++e) mass += rows.prob[e];
    reached[s] = mass < 1 - slack;
    if (reached[s]) queue[found++] = static_cast<int32_t>(s);
  }
  for (int64_t done = 0; done < found; ++done) {
    const int32_t s = queue[done];
    for (int64_t e = incoming.row_ptr[s]; e < incoming.row_ptr[s + 1]; ++e) {
      const int32_t from = incoming.col[e];
      if (reached[from] || incoming.prob[e] == 0) continue;
      reached[from] = 1;
      queue[found++] = from;
    }
  }
  return found == num_states;
}

PolicyModel follow_policy(const CsrModel& model, const int32_t* policy, CpuContext& context) {
  const int64_t n = model.num_states;
  const auto row_of = [&](int64_t s) { return s * model.num_actions + policy[s]; };
  auto* row_ptr = context.scratch<int32_t>(n + 1);
  auto* rewards = context.scratch<double>(n);
  row_ptr[0] = 0;
  for (int64_t s = 0; s < n; ++s) {
    const bool acts = policy[s] >= 0;
    const int64_t row = row_of(s);
    row_ptr[s + 1] = row_ptr[s];
    if (acts) row_ptr[s + 1] += model.rows.row_ptr[row + 1] - model.rows.row_ptr[row];
    rewards[s] = acts ? model.rewards[row] : 0;
  }
  auto* col = context.scratch<int32_t>(row_ptr[n]);
  auto* prob = context.scratch<double>(row_ptr[n]);
  context.parallel(n, 10'000, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t s = begin; s < end; ++s) {
      if (policy[s] < 0) continue;
      const int64_t first = model.rows.row_ptr[row_of(s)], length = row_ptr[s + 1] - row_ptr[s];
      std::copy_n(model.rows.col + first, length, col + row_ptr[s]);
      std::copy_n(model.rows.prob + first, length, prob + row_ptr[s]);
    }
  });
  // A stopped call leaves rows out: better none than what the memory held.
  if (context.stopped()) std::fill_n(row_ptr, n + 1, 0);
  return {{row_ptr, col, prob}, rewards};
}

}  // namespace belfry::cpu
