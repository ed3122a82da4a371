// What the variants of value iteration share: a start, the judge of their sweeps, the outputs.
#pragma once

#include "cpu/bellman/csr_model.h"
#include "cpu/bellman/discounting.h"
#include "cpu/bellman/stop_poll.h"

namespace belfry::cpu {

// Two-sided: the bounds of a synchronous sweep, which need the masses of the rows. One-sided: those
// of a sweep in place, which count only what is still to come in its direction.
enum class Sided { two, one };

template <class Op>
class CertifiedSolve {
 public:
  using T = std::remove_const_t<typename decltype(Op::prob)::Element>;

  CertifiedSolve(const Op& op, Sided sided, CpuContext& context)
      : op_(op),
        context_(context),
        model_(csr_model(op, context)),
        sided_(sided),
        test_({}, true, op.tolerance, kEpsilon) {
    model_.minimise = op.mode == Mode::min;
    if (sided == Sided::two) weigh_rows();
  }

  // Before the first sweep is judged: by a pass over the model, or by what a sweep has weighed.
  void weigh_rows() { judge_by(discounting_of(model_, op_.gamma, math::kMassSlack<T>, context_)); }
  void heaviest_row(double mass) { judge_by(math::discounting<T>(op_.gamma, 0, mass)); }

  CsrModel& model() { return model_; }
  int64_t num_states() const { return model_.num_states; }
  int64_t iterations() const { return iterations_; }
  const math::StopTest& test() const { return test_; }
  bool one_sided() const { return discount_.leaky; }
  // How far apart the bounds of a sweep are, or how much it changed where there are none.
  double distance(const math::Change<double>& change) const {
    const auto bounds = test_.bounds(change);
    return bounds.finite() ? bounds.half_width() : change.residual();
  }

  // In the memory of the answer where that is float64.
  double* start(double fill) {
    double* values = answer();
    if (!values) values = context_.scratch<double>(num_states());
    if (op_.initial_values)
      std::copy_n(op_.initial_values.begin(), num_states(), values);
    else
      std::fill_n(values, num_states(), fill);
    return values;
  }
  // From here V only rises to V*, or falls where costs are minimised.
  double* monotone_start() {
    if (op_.initial_values || op_.gamma >= 1) return start(0);
    double worst = 0;
    double* worst_of = context_.scratch<double>(kRewardPieces);
    const int64_t rows = model_.num_rows(), chunk = (rows + kRewardPieces - 1) / kRewardPieces;
    std::fill_n(worst_of, kRewardPieces, 0.0);
    context_.parallel(rows, chunk, [&](int64_t begin, int64_t end, int64_t piece) {
      worst_of[piece] = worst_reward(begin, end);
    });
    for (int64_t i = 0; i < kRewardPieces; ++i) worst = std::min(worst, worst_of[i]);
    if (!(worst > -math::kInfinity<double>)) worst = 0;
    return start((model_.minimise ? -worst : worst) / (1 - op_.gamma));
  }

  // False once the solve is over.
  bool goes_on(const math::Change<double>& change) {
    change_ = change;
    context_.report(++iterations_, 0, change.residual());
    verdict_ = test_.judge(change);
    return verdict_ == math::Verdict::go_on && iterations_ < op_.max_iterations;
  }

  // `values` is V after the last sweep and is overwritten; `greedy`: its greedy policy where it is
  // known already; `next`: where the next sweep would begin if not there.
  Status finish(double* values, const int32_t* greedy = nullptr, const double* next = nullptr) {
    const auto found = test_.certificate(change_);
    write_output(next ? next : values, op_.last_values);
    write_shifted(values, found.low, op_.v_star_lower);
    write_shifted(values, found.high, op_.v_star_upper);
    if (found.shift != 0)
      for_each_piece([&](int64_t s) { values[s] = shifted(values, s, found.shift); });
    if (values != answer()) write_shifted(values, 0, op_.v_star);
    if (op_.stop_state_out) math::write_stop_state(test_.state(), op_.stop_state_out.begin());
    write_scalar(iterations_, op_.iterations);
    write_scalar(verdict_ == math::Verdict::converged, op_.converged);
    write_scalar(change_.residual(), op_.residual_inf);
    if (op_.policy_star) write_policy(values, greedy);
    return finished(context_);
  }

 private:
  static constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  static constexpr int64_t kRewardPieces = 64;

  void judge_by(math::Discounting discount) {
    discount.leaky = discount.leaky || sided_ == Sided::one;
    discount_ = discount;
    test_ = math::StopTest(discount, true, op_.tolerance, kEpsilon);
    if (op_.stop_state) test_.resume(math::read_stop_state(op_.stop_state.begin()));
  }
  // The least reward of an allowed row, its sign turned where costs are minimised; at most 0. Four
  // chains, so that the pass keeps up with memory.
  double worst_reward(int64_t begin, int64_t end) const {
    const double sign = model_.minimise ? -1 : 1;
    double worst[4] = {};
    const auto offer = [&](double& least, int64_t row) {
      const double reward = sign * model_.rewards[row];
      least = reward < least && model_.mask(row) ? reward : least;
    };
    int64_t row = begin;
    for (; row + 4 <= end; row += 4) {
      for (int k = 0; k < 4; ++k) offer(worst[k], row + k);
    }
    for (; row < end; ++row) offer(worst[0], row);
    return std::min(std::min(worst[0], worst[1]), std::min(worst[2], worst[3]));
  }
  double* answer() const {
    if constexpr (std::is_same_v<T, double>) return op_.v_star ? op_.v_star.begin() : nullptr;
    return nullptr;
  }
  double shifted(const double* values, int64_t s, double shift) const {
    return math::shifted(values[s], shift, math::any_allowed(model_.mask, s, model_.num_actions));
  }
  template <class U>
  void write_shifted(const double* values, double shift, const Out<U, 1>& output) const {
    if (!output) return;
    for_each_piece([&](int64_t s) { output[s] = static_cast<U>(shifted(values, s, shift)); });
  }
  template <class Body>
  void for_each_piece(const Body& body) const {
    context_.parallel(num_states(), 50'000, [&](int64_t begin, int64_t end, int64_t) {
      for (int64_t s = begin; s < end; ++s) body(s);
    });
  }
  void write_policy(const double* values, const int32_t* greedy) {
    if (greedy) {
      if (greedy != op_.policy_star.begin())
        std::copy_n(greedy, num_states(), op_.policy_star.begin());
      return;
    }
    Backup<double> backup = model_.backup(op_.gamma);
    backup.values = values;
    backup.policy = op_.policy_star.begin();
    sweep(model_.pieces(), model_.rows, backup, context_);
  }

  const Op& op_;
  CpuContext& context_;
  CsrModel model_;
  const Sided sided_;
  math::Discounting discount_;
  math::StopTest test_;
  math::Change<double> change_;
  math::Verdict verdict_ = math::Verdict::go_on;
  int64_t iterations_ = 0;
};

}  // namespace belfry::cpu
