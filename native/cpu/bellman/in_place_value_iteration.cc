// in_place_value_iteration: Gauss–Seidel sweeps in an order that suits the model, certified.
//
// A sweep G is monotone and G(V + c) ≤ G V + γ c for c ≥ 0, so the change δ of one bounds all that
// is still to come: V* − V' lies between γ/(1−γ) min(0, min δ) and γ/(1−γ) max(0, max δ). From the
// start chosen here V only rises. Cost of a sweep: one pass over the model, on one thread, as each
// state waits for the one before.
#include "cpu/bellman/certified_solve.h"
#include "cpu/bellman/in_place_backup.h"
#include "cpu/bellman/row_masses.h"
#include "cpu/run.h"
#include "ops/bellman/sweeps.h"

namespace belfry::cpu {

namespace {

template <class T>
class InPlaceSolver {
 public:
  InPlaceSolver(const InPlaceValueIteration<T>& op, CpuContext& context)
      : op_(op), context_(context), solve_(op, Sided::one, context), count_(solve_.num_states()) {
    if (op.direction == SweepDirection::topological) {
      topological_ = topological_order(solve_.model(), context);
      order_ = topological_.states.data();
    } else if (op.order) {
      order_ = op.order.begin();
      count_ = op.order.dims[0];
    }
  }

  Status run() {
    if (Status s = require_probabilities(solve_.model(), context_); !s.ok()) return s;
    double* values = solve_.monotone_start();
    int32_t* policy =
        op_.policy_star ? op_.policy_star.begin() : context_.scratch<int32_t>(solve_.num_states());
    std::fill_n(policy, solve_.num_states(), -1);
    const InPlaceBackup backup{solve_.model(), op_.gamma, values};
    // An order may leave states out, which then have no choice and no weight.
    const bool all = !op_.order || op_.direction == SweepDirection::topological;
    if (!all) solve_.weigh_rows();
    math::Change<double> change;
    do {
      change = {};
      const bool backwards = goes_backwards(op_.first_sweep + solve_.iterations());
      if (all && solve_.iterations() == 0) {
        double heaviest = 1;
        sweep(backwards, [&](int64_t s) {
          policy[s] = backup.template operator()<true>(s, change, &heaviest);
        });
        solve_.heaviest_row(heaviest);
      } else {
        sweep(backwards, [&](int64_t s) { policy[s] = backup(s, change); });
      }
    } while (solve_.goes_on(change));
    // Where the sweep changed nothing, its choices are those of V.
    const bool still = change.residual() == 0 && all;
    return solve_.finish(values, still ? policy : nullptr);
  }

 private:
  template <class Body>
  void sweep(bool backwards, const Body& body) const {
    StopPoll poll(context_);
    for (int64_t i = 0; i < count_; ++i) {
      poll();
      const int64_t at = backwards ? count_ - 1 - i : i;
      body(order_ ? order_[at] : at);
    }
  }
  bool goes_backwards(int64_t sweep) const {
    if (op_.direction == SweepDirection::alternate) return sweep % 2 == 1;
    return op_.direction == SweepDirection::backward;
  }

  const InPlaceValueIteration<T>& op_;
  CpuContext& context_;
  CertifiedSolve<InPlaceValueIteration<T>> solve_;
  int64_t count_;
  const int32_t* order_ = nullptr;
  TopologicalOrder topological_;
};

}  // namespace

template <>
Status run(const InPlaceValueIteration<float>& op, CpuContext& context) {
  return stoppable([&] { return InPlaceSolver<float>(op, context).run(); });
}
template <>
Status run(const InPlaceValueIteration<double>& op, CpuContext& context) {
  return stoppable([&] { return InPlaceSolver<double>(op, context).run(); });
}

}  // namespace belfry::cpu
