// topological_value_iteration: strong components (Tarjan) in reverse topological order, each swept
// in place until it is still, then one sweep over all states that certifies (see
// in_place_value_iteration for the bounds). A round that does not certify is followed by a finer
// one. Cost: the entries once for the components; then those of a component as often as it needs.
#include <cmath>

#include "cpu/bellman/certified_solve.h"
#include "cpu/bellman/in_place_backup.h"
#include "cpu/bellman/row_masses.h"
#include "cpu/run.h"
#include "ops/bellman/sweeps.h"

namespace belfry::cpu {

namespace {

template <class T>
class TopologicalSolver {
 public:
  TopologicalSolver(const TopologicalValueIteration<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        solve_(op, Sided::one, context),
        order_(topological_order(solve_.model(), context)),
        poll_(context) {
    solve_.weigh_rows();
  }

  Status run() {
    if (Status s = require_probabilities(solve_.model(), context_); !s.ok()) return s;
    double* values = solve_.monotone_start();
    const InPlaceBackup backup{solve_.model(), op_.gamma, values};
    math::Change<double> change;
    do {
      const double still = stillness(op_.first_round + solve_.iterations());
      for (int64_t c = 0; c < order_.num_components(); ++c) settle(backup, c, still);
      change = {};
      sweep(backup, 0, solve_.num_states(), change);
    } while (solve_.goes_on(change));
    write_scalar(order_.num_components(), op_.num_components);
    write_scalar(backups_, op_.backups);
    return solve_.finish(values);
  }

 private:
  double stillness(int64_t round) const {
    const double gamma = op_.gamma;
    const double factor = gamma > 0 && gamma < 1 ? (1 - gamma) / (2 * gamma) : 1;
    return op_.tolerance * factor *
           std::pow(4.0, static_cast<double>(1 - std::min<int64_t>(round, 500)));
  }
  // Rounding keeps a component from ever being stiller than a few units in the last place.
  void settle(const InPlaceBackup& backup, int64_t component, double still) {
    const int64_t begin = order_.first[static_cast<size_t>(component)];
    const int64_t end = order_.first[static_cast<size_t>(component) + 1];
    const bool once = order_.single[static_cast<size_t>(component)];
    for (int64_t i = 0; i < op_.max_inner; ++i) {
      math::Change<double> change;
      sweep(backup, begin, end, change);
      const double rounding = 4 * std::numeric_limits<double>::epsilon() * change.largest;
      if (once || !(change.residual() > std::fmax(still, rounding))) return;
      if (!std::isfinite(change.residual())) return;
    }
  }
  void sweep(const InPlaceBackup& backup, int64_t begin, int64_t end,
             math::Change<double>& change) {
    for (int64_t i = begin; i < end; ++i) {
      poll_();
      backup(order_.states[static_cast<size_t>(i)], change);
    }
    backups_ += static_cast<double>(end - begin);
  }

  const TopologicalValueIteration<T>& op_;
  CpuContext& context_;
  CertifiedSolve<TopologicalValueIteration<T>> solve_;
  const TopologicalOrder order_;
  StopPoll poll_;
  double backups_ = 0;
};

}  // namespace

template <>
Status run(const TopologicalValueIteration<float>& op, CpuContext& context) {
  return stoppable([&] { return TopologicalSolver<float>(op, context).run(); });
}
template <>
Status run(const TopologicalValueIteration<double>& op, CpuContext& context) {
  return stoppable([&] { return TopologicalSolver<double>(op, context).run(); });
}

}  // namespace belfry::cpu
