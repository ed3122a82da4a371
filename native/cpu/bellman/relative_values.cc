#include "cpu/bellman/relative_values.h"

#include <cmath>
#include <limits>
#include <vector>

#include "cpu/bellman/components.h"
#include "cpu/bellman/policy_system.h"

namespace belfry::cpu {

namespace {

// The recurrent classes of one policy: components that no transition leaves.
struct Classes {
  std::vector<int32_t> of_state;
  std::vector<uint8_t> closed;

  int64_t num_closed() const {
    int64_t count = 0;
    for (const uint8_t flag : closed) count += flag;
    return count;
  }
};

Classes recurrent_classes(const SparseRows<double>& rows, int64_t num_states) {
  Classes classes;
  int32_t count = 0;
  classes.of_state = strong_components(num_states, count, [&](int64_t s, int64_t k) -> int64_t {
    const int64_t e = rows.row_ptr[s] + k;
    if (e >= rows.row_ptr[s + 1]) return -1;
    return rows.prob[e] > 0 ? rows.col[e] : -2;
  });
  classes.closed.assign(static_cast<size_t>(count), 1);
  for (int64_t s = 0; s < num_states; ++s) {
    const int32_t own = classes.of_state[static_cast<size_t>(s)];
    for (int64_t e = rows.row_ptr[s]; e < rows.row_ptr[s + 1]; ++e) {
      if (rows.prob[e] > 0 && classes.of_state[static_cast<size_t>(rows.col[e])] != own)
        classes.closed[static_cast<size_t>(own)] = 0;
    }
  }
  return classes;
}

bool several_classes(const CsrModel& model, const int32_t* policy, CpuContext& context) {
  const CpuContext::ScratchScope scope(context);
  const PolicyModel chain = follow_policy(model, policy, context);
  return recurrent_classes(chain.rows, model.num_states).num_closed() > 1;
}

}  // namespace

bool Stall::judge(double span) {
  if (++sweeps < window) return false;
  const bool stalled = span > 0.9 * mark;
  mark = span;
  sweeps = 0;
  window *= 2;
  return stalled;
}

Status check_recurrent(const CsrModel& model, double slack) {
  for (int64_t s = 0; s < model.num_states; ++s) {
    bool any_allowed = false;
    for (int64_t row = s * model.num_actions; row < (s + 1) * model.num_actions; ++row) {
      if (!model.mask(row)) continue;
      any_allowed = true;
      double mass = 0, least = 0;
      for (int64_t e = model.rows.row_ptr[row]; e < model.rows.row_ptr[row + 1]; ++e) {
        mass += model.rows.prob[e];
        least = std::fmin(least, model.rows.prob[e]);
      }
      if (least < 0)
        return Status::error(Code::bad_value, "prob", "row %lld holds %g, expected probabilities",
                             static_cast<long long>(row), least);
      if (std::fabs(mass - 1) <= slack) continue;
      return Status::error(Code::bad_value, "prob",
                           "row %lld has mass %.10g: an average reward needs rows of mass one",
                           static_cast<long long>(row), mass);
    }
    if (!any_allowed)
      return Status::error(Code::bad_value, "action_mask", "state %lld has no allowed action",
                           static_cast<long long>(s));
  }
  return {};
}

RelativeResult relative_values(const CsrModel& model, const RelativeOptions& options, Stall& stall,
                               double* bias, int32_t* policy, CpuContext& context) {
  const int64_t n = model.num_states;
  RelativeResult result;
  double* next = context.scratch<double>(n);
  Sweeper sweeper(model, 1, context);
  while (!result.converged && result.iterations < options.max_iterations) {
    const auto change = sweeper(bias, next, policy);
    result.stopped = context.stopped();
    if (result.stopped) return result;
    const double span = change.span();
    context.report(++result.iterations, options.max_iterations, span);
    // The bounds hold for exact sweeps; rounding widens them.
    const double rounding = 4 * std::numeric_limits<double>::epsilon() * change.largest;
    result.gain_lower = change.nan ? math::kNaN<double> : change.low - rounding;
    result.gain_upper = change.nan ? math::kNaN<double> : change.high + rounding;
    result.converged = span < options.stop_span;
    if (!std::isfinite(span)) return result;
    if (result.converged) break;
    const double ref = bias[options.ref_state], tau = options.tau;
    const double shift = ref + tau * (next[options.ref_state] - ref);
    context.parallel(n, 50'000, [&](int64_t begin, int64_t end, int64_t) {
      for (int64_t s = begin; s < end; ++s) bias[s] += tau * (next[s] - bias[s]) - shift;
    });
    bias[options.ref_state] = 0;
    if (stall.judge(span) && several_classes(model, policy, context)) {
      result.not_unichain = true;
      return result;
    }
  }
  return result;
}

// π = π P with π(k) = 1 for the lowest state k of the class, then to sum 1: the row of k and the
// states outside are taken out, and what is left, (I − Pᵀ) π = P(k, ·), has one solution.
void stationary_distribution(const CsrModel& model, const int32_t* policy, double* stationary,
                             CpuContext& context) {
  const CpuContext::ScratchScope scope(context);
  const int64_t n = model.num_states;
  const auto rows = follow_policy(model, policy, context).rows;
  const Classes classes = recurrent_classes(rows, n);
  const auto class_of = [&](int64_t s) {
    return static_cast<size_t>(classes.of_state[static_cast<size_t>(s)]);
  };
  int64_t k = 0;
  while (k < n && !classes.closed[class_of(k)]) ++k;
  std::fill_n(stationary, n, 0.0);
  if (k == n) return;
  auto* row_ptr = context.scratch<int32_t>(n + 1);
  auto* col = context.scratch<int32_t>(rows.row_ptr[n]);
  auto* prob = context.scratch<double>(rows.row_ptr[n]);
  double* from_k = context.scratch<double>(n);
  std::fill_n(from_k, n, 0.0);
  row_ptr[0] = 0;
  for (int64_t s = 0; s < n; ++s) {
    row_ptr[s + 1] = row_ptr[s];
    if (class_of(s) != class_of(k)) continue;
    for (int64_t e = rows.row_ptr[s]; e < rows.row_ptr[s + 1]; ++e) {
      if (rows.prob[e] <= 0 || rows.col[e] == k) continue;
      if (s == k) {
        from_k[rows.col[e]] += rows.prob[e];
      } else {
        col[row_ptr[s + 1]] = rows.col[e];
        prob[row_ptr[s + 1]++] = rows.prob[e];
      }
    }
  }
  std::copy_n(from_k, n, stationary);
  PolicySystem({{row_ptr, col, prob}, n, 1}, {}, context).solve_transposed(from_k, stationary);
  stationary[k] = 1;
  double total = 0;
  for (int64_t s = 0; s < n; ++s) total += stationary[s];
  for (int64_t s = 0; s < n; ++s) stationary[s] /= total;
}

}  // namespace belfry::cpu
