// action_elimination: value iteration that strikes out actions by the bounds of a sweep.
//
// With δ = T V − V, m and M its extremes (0 taken in where mass can be missing): U = V + M/(1−γ)
// and L = T V + γ m/(1−γ) bound V*, so that a leaves s for good when Q(s,a) + γ M/(1−γ) < L(s).
// Every fourth sweep also writes Q, S·A numbers more, and looks. What is struck out costs nothing
// in the sweeps that follow.
#include "cpu/bellman/certified_solve.h"
#include "cpu/bellman/row_masses.h"
#include "cpu/run.h"
#include "ops/bellman/sweeps.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kSweepsPerLook = 4;

template <class T>
class Eliminator {
 public:
  Eliminator(const ActionElimination<T>& op, CpuContext& context)
      : op_(op), context_(context), solve_(op, Sided::two, context) {
    CsrModel& model = solve_.model();
    remaining_ = context.scratch<uint8_t>(model.num_rows());
    for (int64_t row = 0; row < model.num_rows(); ++row) remaining_[row] = model.mask(row);
    model.mask = {};
    model.mask.bytes = remaining_;
    q_ = context.scratch<double>(model.num_rows());
  }

  Status run() {
    if (Status s = require_probabilities(solve_.model(), context_); !s.ok()) return s;
    const int64_t n = solve_.num_states();
    double *now = solve_.start(0), *next = context_.scratch<double>(n);
    const StatePieces pieces = solve_.model().pieces();
    auto* of_piece = context_.scratch<math::Change<double>>(pieces.count());
    Backup<double> backup = solve_.model().backup(op_.gamma);
    for (bool more = true; more;) {
      const bool look = solve_.iterations() % kSweepsPerLook == kSweepsPerLook - 1;
      backup.values = backup.before = now;
      backup.values_out = next;
      backup.q_values = look ? q_ : nullptr;
      const auto change = sweep(pieces, solve_.model().rows, backup, of_piece, context_);
      if (context_.stopped()) return aborted();
      more = solve_.goes_on(change);
      if (look) strike_out(next, change);
      std::swap(now, next);
    }
    if (op_.remaining) {
      std::copy_n(remaining_, solve_.model().num_rows(), op_.remaining.begin());
    }
    write_scalar(struck_, op_.num_eliminated);
    return solve_.finish(now);
  }

 private:
  void strike_out(const double* values, const math::Change<double>& change) {
    const auto bounds = solve_.test().bounds(change);
    if (!bounds.finite()) return;
    const double needed = bounds.high - bounds.low + 2 * solve_.test().rounding(change);
    const CsrModel& model = solve_.model();
    for (int64_t s = 0; s < model.num_states; ++s) {
      const double best = math::greedy_key(values[s], model.minimise);
      for (int64_t row = s * model.num_actions; row < (s + 1) * model.num_actions; ++row) {
        if (!remaining_[row] || !(best - math::greedy_key(q_[row], model.minimise) > needed))
          continue;
        remaining_[row] = 0;
        ++struck_;
      }
    }
  }

  const ActionElimination<T>& op_;
  CpuContext& context_;
  CertifiedSolve<ActionElimination<T>> solve_;
  uint8_t* remaining_;
  double* q_;
  int64_t struck_ = 0;
};

}  // namespace

template <>
Status run(const ActionElimination<float>& op, CpuContext& context) {
  return Eliminator<float>(op, context).run();
}
template <>
Status run(const ActionElimination<double>& op, CpuContext& context) {
  return Eliminator<double>(op, context).run();
}

}  // namespace belfry::cpu
