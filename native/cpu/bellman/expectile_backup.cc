// expectile_backup: the τ-expectile of Q(s,·) under behaviour weights (Newey and Powell (1987);
// Kostrikov et al., arXiv 2110.06169), or the weighted mean of Q over expectiles of the successors.
//
// actions: the sweep of sparse_backup writes Q (2N flops), then Newton steps over the actions of
// each state, mostly three to five instead of a sort. successors: the steps go over the entries.
#include "cpu/bellman/row_backup.h"
#include "cpu/run.h"
#include "math/row_measures.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

template <class T>
class ExpectileStates {
 public:
  ExpectileStates(const ExpectileBackup<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        num_states_(op.rewards.dims[0]),
        num_actions_(op.rewards.dims[1]),
        mask_(math::read_flags(op.action_mask, true)),
        q_(op.q_values ? op.q_values.begin() : context.scratch<T>(op.rewards.size())) {}

  Status run() {
    const bool of_actions = op_.over == ExpectileOver::actions;
    if (of_actions)
      write_mean_q();
    else
      write_expectile_q();
    if (op_.values_out && !context_.stopped()) write_values(of_actions ? op_.tau : 0.5);
    return finished(context_);
  }

 private:
  void write_mean_q() {
    Backup<T> backup;
    backup.rewards = op_.rewards.begin();
    backup.mask = mask_;
    backup.num_actions = num_actions_;
    backup.gamma = static_cast<T>(op_.gamma);
    backup.values = op_.values.begin();
    backup.q_values = q_;
    sweep(StatePieces(op_.row_ptr.begin(), num_states_, num_actions_), sparse_rows(op_), backup,
          context_);
  }
  void write_expectile_q() {
    const auto rows = measured_rows<T>(op_, false);
    const math::Expectile expectile(op_.tau, true, math::kMassSlack<T>);
    const RowBackup<T> backup{mask_, num_actions_, false, nullptr, nullptr, q_};
    backup_rows(
        StatePieces(op_.row_ptr.begin(), num_states_, num_actions_, 16), backup,
        [&](int64_t row) { return rows.q_of(expectile, row); }, context_);
  }
  void write_values(double tau) {
    constexpr int64_t kActionCost = 16;
    context_.parallel(num_states_, chunk_for(kActionCost * (num_actions_ + 1)),
                      [&](int64_t begin, int64_t end, int64_t) {
                        for (int64_t s = begin; s < end; ++s) {
                          op_.values_out[s] = static_cast<T>(value(s, tau));
                        }
                      });
  }
  double value(int64_t state, double tau) const {
    math::Expectile expectile(tau, false, 0);
    const int64_t first = state * num_actions_;
    run_machine(expectile, first, first + num_actions_, [&](int64_t row) {
      if (!mask_(row)) return math::Outcome{0, 0};
      return math::Outcome{static_cast<double>(op_.behavior[row]), static_cast<double>(q_[row])};
    });
    return expectile.value();
  }

  const ExpectileBackup<T>& op_;
  CpuContext& context_;
  const int64_t num_states_, num_actions_;
  const math::FlagReader mask_;
  T* q_;
};

template <class T>
Status expectile_backup(const ExpectileBackup<T>& op, CpuContext& context) {
  return ExpectileStates<T>(op, context).run();
}

}  // namespace

template <>
Status run(const ExpectileBackup<float>& op, CpuContext& context) {
  return expectile_backup(op, context);
}
template <>
Status run(const ExpectileBackup<double>& op, CpuContext& context) {
  return expectile_backup(op, context);
}

}  // namespace belfry::cpu
