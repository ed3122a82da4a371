// value_iteration: V_{n+1} = T V_n by fused sweeps that also give min δ and max δ of
// δ = V_{n+1} − V_n, so that the bounds on V* cost nothing (Puterman (1994), section 6.6.2).
//
// First num_sweeps sweeps from V_0, for `values` and its bounds. If an output of the solve is asked
// for, the sweeps go on from there until the stop rule of math/value_iteration.h speaks; 'span'
// returns the middle of the bounds. `last_values` and `stop_state` are all that a solve carries
// from sweep to sweep, so that one in slices of max_iterations has the bits of one in a piece. A
// claim of convergence counts rounding in, so float32 cannot claim more than float32 can show.
#include "math/value_iteration.h"
#include "cpu/bellman/model.h"
#include "cpu/bellman/row_masses.h"
#include "cpu/run.h"
#include "ops/bellman/core.h"

namespace belfry::cpu {

namespace {

template <class T>
class Solver {
 public:
  Solver(const ValueIteration<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        num_states_(op.rewards.dims[0]),
        num_actions_(op.rewards.dims[1]),
        pieces_(op.row_ptr.begin(), num_states_, num_actions_),
        backup_(optimality_backup<T>(op)) {
    backup_.gamma = static_cast<T>(op.gamma);
    now_ = context.scratch<T>(num_states_);
    next_ = context.scratch<T>(num_states_);
    of_piece_ = context.scratch<math::Change<T>>(pieces_.count());
    if (op.initial_values)
      std::copy_n(op.initial_values.begin(), num_states_, now_);
    else
      std::fill_n(now_, num_states_, T(0));
  }

  Status run() {
    if ((wants_bounds() || wants_star()) && !measure_rows()) {
      return negative_probability(sparse_rows(op_), num_states_ * num_actions_, backup_.mask);
    }
    for (int64_t n = 1; n <= op_.num_sweeps; ++n) {
      if (!one_sweep(n)) return aborted();
    }
    write_fixed();
    if (wants_star()) {
      if (!solve()) return aborted();
    }
    if (op_.residual_inf)
      op_.residual_inf[0] = static_cast<T>(any_sweep_ ? change_.residual() : inf());
    if (op_.span) op_.span[0] = static_cast<T>(any_sweep_ ? change_.span() : inf());
    return finished(context_);
  }

 private:
  static double inf() { return std::numeric_limits<double>::infinity(); }
  static constexpr double kEpsilon = static_cast<double>(std::numeric_limits<T>::epsilon());

  bool wants_bounds() const { return op_.lower || op_.upper || op_.midpoint; }
  bool wants_star() const {
    return op_.v_star || op_.v_star_lower || op_.v_star_upper || op_.q_star || op_.policy_star ||
           op_.iterations || op_.converged || op_.last_values || op_.stop_state_out;
  }

  bool one_sweep(int64_t number) {
    backup_.values = backup_.before = now_;
    backup_.values_out = next_;
    change_ = sweep(pieces_, sparse_rows(op_), backup_, of_piece_, context_);
    if (context_.stopped()) return false;
    std::swap(now_, next_);
    any_sweep_ = true;
    context_.report(number, 0, change_.residual());
    return true;
  }

  // The masses of the allowed rows decide which bounds hold.
  bool measure_rows() {
    const MassRange all =
        masses_of(pieces_, sparse_rows(op_), backup_.mask, num_actions_, context_);
    discount_ = math::discounting<T>(op_.gamma, all.smallest, all.largest);
    return !all.negative;
  }

  T shifted(int64_t s, double shift) const {
    return math::shifted(now_[s], shift, math::any_allowed(backup_.mask, s, num_actions_));
  }
  void write_shifted(const Out<T, 1>& output, double shift) const {
    if (!output) return;
    for (int64_t s = 0; s < num_states_; ++s) output[s] = shifted(s, shift);
  }
  void write_fixed() const {
    if (op_.values) std::copy_n(now_, num_states_, op_.values.begin());
    const auto bounds = math::macqueen_bounds(change_, discount_.gamma, discount_.leaky);
    write_shifted(op_.lower, bounds.low);
    write_shifted(op_.upper, bounds.high);
    write_shifted(op_.midpoint, bounds.middle());
  }

  bool solve() {
    math::StopTest test(discount_, op_.stop == StopRule::span, op_.tolerance, kEpsilon);
    if (op_.stop_state) test.resume(math::read_stop_state(op_.stop_state.begin()));
    auto verdict = math::Verdict::go_on;
    int64_t iterations = 0;
    while (verdict == math::Verdict::go_on && iterations < op_.max_iterations) {
      ++iterations;
      if (!one_sweep(op_.num_sweeps + iterations)) return false;
      verdict = test.judge(change_);
    }
    const auto found = test.certificate(change_);
    write_shifted(op_.v_star_lower, found.low);
    write_shifted(op_.v_star_upper, found.high);
    if (op_.last_values) std::copy_n(now_, num_states_, op_.last_values.begin());
    if (op_.stop_state_out) math::write_stop_state(test.state(), op_.stop_state_out.begin());
    shift_values(found.shift);
    write_star();
    if (op_.iterations) op_.iterations[0] = static_cast<int32_t>(iterations);
    if (op_.converged) op_.converged[0] = verdict == math::Verdict::converged;
    return !context_.stopped();
  }
  void shift_values(double shift) {
    for (int64_t s = 0; s < num_states_; ++s) now_[s] = shifted(s, shift);
  }
  // q_star and policy_star are one backup of v_star, which itself stays as it is.
  void write_star() {
    if (op_.v_star) std::copy_n(now_, num_states_, op_.v_star.begin());
    if (!op_.q_star && !op_.policy_star) return;
    Backup<T> last = backup_;
    last.values = now_;
    last.values_out = nullptr;
    last.policy = wanted(op_.policy_star);
    last.q_values = wanted(op_.q_star);
    sweep(pieces_, sparse_rows(op_), last, context_);
  }

  const ValueIteration<T>& op_;
  CpuContext& context_;
  const int64_t num_states_, num_actions_;
  const StatePieces pieces_;
  Backup<T> backup_;
  T *now_ = nullptr, *next_ = nullptr;
  math::Change<T>* of_piece_ = nullptr;
  math::Change<double> change_;
  bool any_sweep_ = false;
  math::Discounting discount_;
};

}  // namespace

template <>
Status run(const ValueIteration<float>& op, CpuContext& context) {
  return Solver<float>(op, context).run();
}
template <>
Status run(const ValueIteration<double>& op, CpuContext& context) {
  return Solver<double>(op, context).run();
}

}  // namespace belfry::cpu
