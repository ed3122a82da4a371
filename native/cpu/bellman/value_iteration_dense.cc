// value_iteration_dense: V_{n+1} = T V_n with the bounds of theorem 6.6.3 in Puterman (1994), for
// each dense model of a batch, by the stop rule of math/value_iteration.h.
//
// A model is swept until it is done before the next one is begun, so that it comes from memory once
// and from L2 after that: S·A·S·sizeof(T) bytes a model, 2·S·A·S flops a sweep. The pass that
// measures the rows' masses stands for the first sweep where V_0 = 0: Q is then r.
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
    math::Change<double> result;
    result.merge(change);
    return result;
  }
  MassRange masses(const DenseRows<T>& rows, const T* ones, const Backup<T>& backup) const {
    return dense_masses(rows, ones, backup.mask, backup.num_actions, 0, num_states);
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
  MassRange masses(const DenseRows<T>& rows, const T* ones, const Backup<T>& backup) const {
    std::fill_n(ranges, pieces.count(), MassRange{});
    pieces.run(context, [&](int64_t begin, int64_t end, int64_t piece) {
      ranges[piece] = dense_masses(rows, ones, backup.mask, backup.num_actions, begin, end);
    });
    MassRange all;
    for (int64_t i = 0; i < pieces.count(); ++i) all.merge(ranges[i]);
    return all;
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
    T* ones = context_.scratch<T>(num_states_);
    std::fill_n(ones, num_states_, T(1));
    ones_ = ones;
    const int64_t model_work = num_states_ * num_actions_ * num_states_;
    const StatePieces pieces(num_states_, num_states_ * num_actions_);
    if (pieces.count() >= (num_models_ == 1 ? 2 : kPiecesToShare))
      share_states(pieces);
    else
      share_models(model_work);
    return finished(context_);
  }

 private:
  static constexpr double kEpsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  static constexpr int64_t kPiecesToShare = 4, kModelsPerReport = 256;
  // The work of a piece of models, in entries of P: some ten sweeps of each.
  static constexpr int64_t kPieceWork = 100'000;

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
      if (context_.stopped()) return;
      context_.report(first + count, num_models_, 0);
    }
  }

  void share_states(const StatePieces& pieces) {
    T* values = context_.scratch<T>(2 * num_states_);
    const AllThreads<T> passes{pieces, context_.scratch<math::Change<T>>(pieces.count()),
                               context_.scratch<MassRange>(pieces.count()), context_};
    for (int64_t m = 0; m < num_models_ && !context_.stopped(); ++m) {
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
    const MassRange mass = passes.masses(rows, ones_, backup);
    const auto discount = math::discounting<T>(op_.gamma, mass.smallest, mass.largest);
    math::StopTest test(discount, op_.stop == StopRule::span, op_.tolerance, kEpsilon);
    const bool is_zero = !op_.initial_values && mass.finite;
    const Outcome outcome = sweeps(passes, rows, backup, is_zero, test, values);
    write_values(model, outcome, test.certificate(outcome.change));
    write_greedy(model, passes, rows, backup, outcome.values);
    return outcome.change;
  }

  struct Outcome {
    T* values;
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
  Outcome sweeps(const Passes& passes, const DenseRows<T>& rows, Backup<T> backup, bool is_zero,
                 math::StopTest test, T* values) const {
    Outcome outcome{values, {}};
    T* next = values + num_states_;
    while (outcome.verdict == math::Verdict::go_on && outcome.iterations < op_.max_iterations) {
      backup.values = backup.before = outcome.values;
      backup.values_out = next;
      const bool skip = is_zero && outcome.iterations == 0;
      outcome.change = passes.sweep(skip ? DenseRows<T>{rows.prob, 0} : rows, backup);
      if (context_.stopped()) break;
      std::swap(outcome.values, next);
      ++outcome.iterations;
      outcome.verdict = test.judge(outcome.change);
    }
    return outcome;
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
  const T* ones_ = nullptr;
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
