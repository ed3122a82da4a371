// value_iteration_dense: V_{n+1} = T V_n with the bounds of section 6.6.2 in Puterman (1994), for
// each dense model of a batch, by the stop rule of math/value_iteration.h.
//
// A model is swept until it is done before the next one is begun, so that it comes from memory once
// and from L2 after that: S·A·S·sizeof(T) bytes a model, 2·S·A·S flops a sweep. Where V_0 = 0 the
// first sweep needs no P, as Q is then r. The first one that does weighs the rows as well, so the
// first is judged after the second.
// Threads take models; a model that is work for several threads has its states shared instead.
#include "cpu/bellman/model.h"
#include "cpu/bellman/row_masses.h"
#include "cpu/run.h"
#include "math/value_iteration.h"
#include "ops/bellman/dense_models.h"

namespace belfry::cpu {

namespace {

// The passes over a model, by the calling thread.
template <class T>
struct OneThread {
  int64_t num_states;

  math::Change<double> sweep(const DenseRows<T>& rows, const Backup<T>& backup) const {
    math::Change<T> change;
    backup_states(rows, backup, 0, num_states, backup.values_out ? &change : nullptr);
    return widened(change);
  }
  math::Change<double> weigh(const DenseRows<T>& rows, const Backup<T>& backup,
                             MassRange& range) const {
    math::Change<T> change;
    backup_and_weigh(rows, backup, 0, num_states, &change, range);
    return widened(change);
  }
  static math::Change<double> widened(const math::Change<T>& change) {
    math::Change<double> result;
    result.merge(change);
    return result;
  }
};

// The same by all threads, in pieces.
template <class T>
struct AllThreads {
  const StatePieces& pieces;
  math::Change<T>* changes;
  MassRange* ranges;
  CpuContext& context;

  math::Change<double> sweep(const DenseRows<T>& rows, const Backup<T>& backup) const {
    if (backup.values_out) return cpu::sweep(pieces, rows, backup, changes, context);
    cpu::sweep(pieces, rows, backup, context);
    return {};
  }
  math::Change<double> weigh(const DenseRows<T>& rows, const Backup<T>& backup,
                             MassRange& range) const {
    std::fill_n(changes, pieces.count(), math::Change<T>{});
    std::fill_n(ranges, pieces.count(), MassRange{});
    pieces.run(context, [&](int64_t begin, int64_t end, int64_t piece) {
      backup_and_weigh(rows, backup, begin, end, &changes[piece], ranges[piece]);
    });
    math::Change<double> change;
    for (int64_t i = 0; i < pieces.count(); ++i) {
      change.merge(changes[i]);
      range.merge(ranges[i]);
    }
    return change;
  }
};

template <class T>
class Solver {
 public:
  Solver(const ValueIterationDense<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        num_models_(op.rewards.dims[0]),
        num_states_(op.rewards.dims[1]),
        num_actions_(op.rewards.dims[2]) {}

  Status run() {
    const int64_t model_work = num_states_ * num_actions_ * num_states_;
    const StatePieces pieces(num_states_, num_states_ * num_actions_);
    if (pieces.count() >= (num_models_ == 1 ? 2 : kPiecesToShare))
      share_states(pieces);
    else
      share_models(model_work);
    return bad_model_ < num_models_ ? negative_entry() : finished(context_);
  }

 private:
  static constexpr double kEpsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  static constexpr int64_t kPiecesToShare = 4, kModelsPerReport = 512;
  // The work of a piece of models, in entries of P: some ten sweeps of each.
  static constexpr int64_t kPieceWork = 200'000;

  void share_models(int64_t model_work) {
    T* values = context_.scratch<T>(2 * num_models_ * num_states_);
    const OneThread<T> passes{num_states_};
    const int64_t chunk = chunk_for(model_work, kPieceWork);
    for (int64_t first = 0; first < num_models_; first += kModelsPerReport) {
      const int64_t count = std::min(kModelsPerReport, num_models_ - first);
      context_.parallel(count, chunk, [&](int64_t begin, int64_t end, int64_t) {
        for (int64_t m = first + begin; m < first + end; ++m) {
          solve(m, passes, values + 2 * m * num_states_);
        }
      });
      if (context_.stopped() || bad_model_ < num_models_) return;
      context_.report(first + count, num_models_, 0);
    }
  }

  void share_states(const StatePieces& pieces) {
    T* values = context_.scratch<T>(2 * num_states_);
    const AllThreads<T> passes{pieces, context_.scratch<math::Change<T>>(pieces.count()),
                               context_.scratch<MassRange>(pieces.count()), context_};
    for (int64_t m = 0; m < num_models_ && bad_model_ == num_models_; ++m) {
      if (context_.stopped()) return;
      const auto change = solve(m, passes, values);
      context_.report(m + 1, num_models_, change.residual());
    }
  }

  // `values` has room for V and V'.
  template <class Passes>
  math::Change<double> solve(int64_t model, const Passes& passes, T* values) {
    const int64_t first_row = model * num_states_ * num_actions_;
    const DenseRows<T> rows{op_.prob.begin() + first_row * num_states_, num_states_};
    Backup<T> backup = optimality_backup<T>(op_);
    backup.rewards += first_row;
    backup.mask = backup.mask.from(first_row);
    backup.gamma = static_cast<T>(op_.gamma);
    start(model, values);
    const Outcome outcome = sweeps(passes, rows, backup, values);
    if (outcome.range.negative) {
      refuse(model);
      return outcome.change;
    }
    write_values(model, outcome, outcome.test.certificate(outcome.change));
    write_greedy(model, passes, rows, backup, outcome.values);
    return outcome.change;
  }

  struct Outcome {
    T *values, *next;
    MassRange range;
    math::StopTest test;
    math::Change<double> change;
    int64_t iterations = 0;
    math::Verdict verdict = math::Verdict::go_on;
  };

  void start(int64_t model, T* values) const {
    if (op_.initial_values)
      std::copy_n(op_.initial_values.begin() + model * num_states_, num_states_, values);
    else
      std::fill_n(values, num_states_, T(0));
  }

  template <class Passes>
  Outcome sweeps(const Passes& passes, const DenseRows<T>& rows, const Backup<T>& backup,
                 T* values) const {
    Outcome outcome{values, values + num_states_, {}, judge_of({}), {}};
    if (op_.initial_values) {
      const auto change = passes.weigh(rows, between(backup, values, outcome.next), outcome.range);
      outcome.test = judge_of(outcome.range);
      take(outcome, change);
    } else {
      begin_at_zero(passes, rows, backup, outcome);
    }
    while (goes_on(outcome)) {
      take(outcome, passes.sweep(rows, between(backup, outcome.values, outcome.next)));
    }
    return outcome;
  }
  // The first two sweeps, of which the second overwrites V_0.
  template <class Passes>
  void begin_at_zero(const Passes& passes, const DenseRows<T>& rows, const Backup<T>& backup,
                     Outcome& outcome) const {
    T *zero = outcome.values, *one = outcome.next;
    const auto first = passes.sweep(DenseRows<T>{rows.prob, 0}, between(backup, zero, one));
    const auto second = passes.weigh(rows, between(backup, one, zero), outcome.range);
    outcome.test = judge_of(outcome.range);
    // 0 · ∞ and 0 · NaN are no zeros.
    if (!outcome.range.finite) return std::fill_n(zero, num_states_, T(0)), void();
    take(outcome, first);
    if (goes_on(outcome)) take(outcome, second);
  }
  math::StopTest judge_of(const MassRange& range) const {
    const auto discount = math::discounting<T>(op_.gamma, range.smallest, range.largest);
    return {discount, op_.stop == StopRule::span, op_.tolerance, kEpsilon};
  }
  static Backup<T> between(Backup<T> backup, const T* before, T* after) {
    backup.values = backup.before = before;
    backup.values_out = after;
    return backup;
  }
  bool goes_on(const Outcome& outcome) const {
    return outcome.verdict == math::Verdict::go_on && outcome.iterations < op_.max_iterations &&
           !outcome.range.negative && !context_.stopped();
  }
  // A sweep from `values` to `next` that is done.
  static void take(Outcome& outcome, const math::Change<double>& change) {
    outcome.change = change;
    std::swap(outcome.values, outcome.next);
    ++outcome.iterations;
    outcome.verdict = outcome.test.judge(change);
  }

  // The first model with a negative probability, whichever thread finds it.
  void refuse(int64_t model) {
    int64_t known = __atomic_load_n(&bad_model_, __ATOMIC_RELAXED);
    while (model < known && !__atomic_compare_exchange_n(&bad_model_, &known, model, true,
                                                         __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
  }
  Status negative_entry() const {
    const auto mask = math::read_flags(op_.action_mask, true);
    return negative_probability(op_.prob.begin(), num_models_ * num_states_ * num_actions_, mask,
                                [this](int64_t row) { return row * num_states_; });
  }

  void write_shifted(const Out<T, 2>& output, int64_t model, const T* values, double shift) const {
    if (!output) return;
    T* own = output.begin() + model * num_states_;
    for (int64_t s = 0; s < num_states_; ++s) own[s] = shifted(model, s, values[s], shift);
  }
  T shifted(int64_t model, int64_t s, T value, double shift) const {
    const auto mask = math::read_flags(op_.action_mask, true);
    return math::shifted(value, shift,
                         math::any_allowed(mask, model * num_states_ + s, num_actions_));
  }
  // Leaves V* in outcome.values.
  void write_values(int64_t model, const Outcome& outcome, const math::Certificate& found) const {
    write_shifted(op_.v_star_lower, model, outcome.values, found.low);
    write_shifted(op_.v_star_upper, model, outcome.values, found.high);
    write_shifted(op_.v_star, model, outcome.values, found.shift);
    for (int64_t s = 0; s < num_states_; ++s) {
      outcome.values[s] = shifted(model, s, outcome.values[s], found.shift);
    }
    if (op_.iterations) op_.iterations[model] = static_cast<int32_t>(outcome.iterations);
    if (op_.converged) op_.converged[model] = outcome.verdict == math::Verdict::converged;
    if (op_.residual_inf) op_.residual_inf[model] = static_cast<T>(outcome.change.residual());
    if (op_.span) op_.span[model] = static_cast<T>(outcome.change.span());
  }
  // q_star and policy_star are one backup of v_star, which itself stays as it is.
  template <class Passes>
  void write_greedy(int64_t model, const Passes& passes, const DenseRows<T>& rows, Backup<T> backup,
                    const T* values) const {
    if (!op_.q_star && !op_.policy_star) return;
    const int64_t first_state = model * num_states_;
    backup.values = values;
    backup.values_out = nullptr;
    if (op_.policy_star) backup.policy = op_.policy_star.begin() + first_state;
    if (op_.q_star) backup.q_values = op_.q_star.begin() + first_state * num_actions_;
    passes.sweep(rows, backup);
  }

  const ValueIterationDense<T>& op_;
  CpuContext& context_;
  const int64_t num_models_, num_states_, num_actions_;
  int64_t bad_model_ = num_models_;
};

}  // namespace

template <>
Status run(const ValueIterationDense<float>& op, CpuContext& context) {
  return Solver<float>(op, context).run();
}
template <>
Status run(const ValueIterationDense<double>& op, CpuContext& context) {
  return Solver<double>(op, context).run();
}

}  // namespace belfry::cpu
