// soft_backup, two forms: V = τ log Σ_a exp(Q/τ) and its relatives, once (backup) or to the fixed
// point (Ziebart (2010); Haarnoja et al., arXiv 1702.08165; Asadi and Littman, arXiv 1612.05628).
//
// The sweep of sparse_backup writes Q (2N flops, the memory-bound part); two passes over the
// actions of each state follow, the second with one exponential per action, and a third for a
// policy. The soft backup is monotone and shifts by γc with V + c, so the stop rule of value
// iteration holds for it.
#include "cpu/bellman/row_backup.h"
#include "cpu/run.h"
#include "math/soft_choice.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

// What a state makes of its Q; a null output is not wanted.
template <class T>
struct SoftStates {
  math::FlagReader mask;
  int64_t num_actions = 0;
  double tau = 0;
  const T* q = nullptr;
  const T* ref = nullptr;
  T *v_soft = nullptr, *v_ref = nullptr, *v_mellowmax = nullptr;
  T *policy_soft = nullptr, *policy_ref = nullptr;

  bool wants_anything() const {
    return v_soft || v_ref || v_mellowmax || policy_soft || policy_ref;
  }
  double mu(int64_t row) const { return ref ? static_cast<double>(ref[row]) : 0; }

  math::SoftChoice choice(int64_t first) const {
    math::SoftChoice choice(tau, math::mass_rounding(std::numeric_limits<T>::epsilon()));
    run_machine(choice, first, first + num_actions, [&](int64_t row) {
      return math::SoftChoice::Action{mask(row), static_cast<double>(q[row]), mu(row)};
    });
    return choice;
  }
  void write(int64_t state) const {
    const int64_t first = state * num_actions;
    const auto own = choice(first);
    if (v_soft) v_soft[state] = static_cast<T>(own.soft_max());
    if (v_ref) v_ref[state] = static_cast<T>(own.reference());
    if (v_mellowmax) v_mellowmax[state] = static_cast<T>(own.mellowmax());
    for (int64_t row = first; row < first + num_actions; ++row) {
      const double value = static_cast<double>(q[row]);
      if (policy_soft) {
        policy_soft[row] = mask(row) ? static_cast<T>(own.probability(value)) : T(0);
      }
      if (policy_ref) {
        policy_ref[row] =
            mask(row) ? static_cast<T>(own.reference_probability(value, mu(row))) : T(0);
      }
    }
  }
};

// Q = r + γ P V of every row.
template <class T, class Op>
Backup<T> q_backup(const Op& op, T* q) {
  Backup<T> backup;
  backup.rewards = op.rewards.begin();
  backup.mask = math::read_flags(op.action_mask, true);
  backup.num_actions = op.rewards.dims[1];
  backup.gamma = static_cast<T>(op.gamma);
  backup.q_values = q;
  return backup;
}
template <class T, class Op>
SoftStates<T> soft_states(const Op& op, const T* q) {
  SoftStates<T> states;
  states.mask = math::read_flags(op.action_mask, true);
  states.num_actions = op.rewards.dims[1];
  states.tau = op.tau;
  states.q = q;
  states.v_soft = wanted(op.v_soft);
  states.policy_soft = wanted(op.policy_soft);
  return states;
}

constexpr int64_t kActionCost = 40;

template <class T>
void write_states(const SoftStates<T>& states, int64_t num_states, CpuContext& context) {
  if (!states.wants_anything()) return;
  context.parallel(num_states, chunk_for(kActionCost * (states.num_actions + 1)),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t s = begin; s < end; ++s) states.write(s);
                   });
}

template <class T>
Status soft_backup(const SoftBackup<T>& op, CpuContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_actions = op.rewards.dims[1];
  T* q = op.q_soft ? op.q_soft.begin() : context.scratch<T>(num_states * num_actions);
  auto backup = q_backup<T>(op, q);
  backup.values = op.values.begin();
  sweep(StatePieces(op.row_ptr.begin(), num_states, num_actions), sparse_rows(op), backup, context);
  auto states = soft_states(op, q);
  if (op.ref_policy) states.ref = op.ref_policy.begin();
  states.v_ref = wanted(op.v_ref);
  states.v_mellowmax = wanted(op.v_mellowmax);
  states.policy_ref = wanted(op.policy_ref);
  write_states(states, num_states, context);
  return finished(context);
}

template <class T>
class SoftSolver {
 public:
  SoftSolver(const SoftFixedPoint<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        num_states_(op.rewards.dims[0]),
        pieces_(op.row_ptr.begin(), num_states_, op.rewards.dims[1]),
        q_(op.q_soft ? op.q_soft.begin() : context.scratch<T>(op.rewards.size())),
        now_(context.scratch<T>(num_states_)),
        next_(context.scratch<T>(num_states_)),
        chunk_(chunk_for(kActionCost * (op.rewards.dims[1] + 1))),
        of_chunk_(context.scratch<math::Change<T>>(num_chunks())) {
    std::fill_n(now_, num_states_, T(0));
  }

  Status run() {
    const double mass = largest_mass();
    const math::Discounting discount{mass > 1 + math::kMassSlack<T> ? op_.gamma * mass : op_.gamma,
                                     true};
    math::StopTest test(discount, false, op_.tolerance,
                        static_cast<double>(std::numeric_limits<T>::epsilon()));
    auto verdict = math::Verdict::go_on;
    math::Change<double> change;
    int64_t iterations = 0;
    while (verdict == math::Verdict::go_on && iterations < op_.max_iterations) {
      change = one_sweep();
      if (context_.stopped()) return aborted();
      context_.report(++iterations, op_.max_iterations, change.residual());
      verdict = test.judge(change);
    }
    write_q();
    auto states = soft_states(op_, q_);
    states.v_soft = nullptr;
    write_states(states, num_states_, context_);
    if (op_.v_soft) std::copy_n(now_, num_states_, op_.v_soft.begin());
    if (op_.iterations) op_.iterations[0] = static_cast<int32_t>(iterations);
    if (op_.residual_inf) op_.residual_inf[0] = static_cast<T>(change.residual());
    if (op_.converged) op_.converged[0] = verdict == math::Verdict::converged;
    return finished(context_);
  }

 private:
  int64_t num_chunks() const { return (num_states_ + chunk_ - 1) / chunk_; }

  double largest_mass() {
    const int64_t num_actions = op_.rewards.dims[1];
    std::fill_n(next_, num_states_, T(1));
    double largest = 0;
    T* masses = q_;
    pieces_.run(context_, [&](int64_t begin, int64_t end, int64_t) {
      row_sums(sparse_rows(op_), next_, begin * num_actions, end * num_actions,
               masses + begin * num_actions);
    });
    for (int64_t row = 0; row < op_.rewards.size(); ++row) {
      largest = std::max(largest, static_cast<double>(masses[row]));
    }
    return largest;
  }
  void write_q() {
    auto backup = q_backup<T>(op_, q_);
    backup.values = now_;
    sweep(pieces_, sparse_rows(op_), backup, context_);
  }
  math::Change<double> one_sweep() {
    write_q();
    SoftStates<T> states = soft_states(op_, q_);
    states.policy_soft = nullptr;
    states.v_soft = next_;
    std::fill_n(of_chunk_, num_chunks(), math::Change<T>{});
    context_.parallel(num_states_, chunk_, [&](int64_t begin, int64_t end, int64_t chunk) {
      for (int64_t s = begin; s < end; ++s) {
        states.write(s);
        of_chunk_[chunk].add(now_[s], next_[s]);
      }
    });
    std::swap(now_, next_);
    math::Change<double> change;
    for (int64_t i = 0; i < num_chunks(); ++i) change.merge(of_chunk_[i]);
    return change;
  }

  const SoftFixedPoint<T>& op_;
  CpuContext& context_;
  const int64_t num_states_;
  const StatePieces pieces_;
  T *q_, *now_, *next_;
  const int64_t chunk_;
  math::Change<T>* of_chunk_;
};

template <class T>
Status soft_fixed_point(const SoftFixedPoint<T>& op, CpuContext& context) {
  return SoftSolver<T>(op, context).run();
}

}  // namespace

template <>
Status run(const SoftBackup<float>& op, CpuContext& context) {
  return soft_backup(op, context);
}
template <>
Status run(const SoftBackup<double>& op, CpuContext& context) {
  return soft_backup(op, context);
}

template <>
Status run(const SoftFixedPoint<float>& op, CpuContext& context) {
  return soft_fixed_point(op, context);
}
template <>
Status run(const SoftFixedPoint<double>& op, CpuContext& context) {
  return soft_fixed_point(op, context);
}

}  // namespace belfry::cpu
