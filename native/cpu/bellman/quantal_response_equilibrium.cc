// quantal_response_equilibrium: x = softmax(M y/α), y = softmax(−Mᵀ x/β) of one game, and value
// iteration with such stage games (Reddi et al., arXiv 2311.01642). See quantal_response.cc for the
// solver; a sweep starts every state from its policies of the sweep before.
#include <cmath>

#include "cpu/bellman/fixed_point.h"
#include "cpu/bellman/quantal_response.h"
#include "cpu/bellman/stage_games.h"
#include "cpu/run.h"
#include "ops/bellman/games.h"

namespace belfry::cpu {

namespace {

template <class T>
void write(const Out<T, 1>& output, const double* values) {
  if (!output) return;
  for (int64_t i = 0; i < output.size(); ++i) output[i] = static_cast<T>(values[i]);
}

template <class T>
Status one_game(const QuantalResponseGame<T>& op, CpuContext& context) {
  const int64_t rows = op.payoff.dims[0], columns = op.payoff.dims[1];
  double* payoff = context.scratch<double>(rows * columns);
  std::copy_n(op.payoff.begin(), rows * columns, payoff);
  QuantalResponse response(rows, columns, op.alpha, op.beta, op.tolerance, op.max_iterations,
                           context);
  const bool converged = response.solve(payoff);
  if (context.stopped()) return aborted();
  write(op.policy_max, response.x());
  write(op.policy_min, response.y());
  if (op.regularized_value) {
    op.regularized_value[0] = static_cast<T>(response.regularized_value());
  }
  if (op.expected_payoff) op.expected_payoff[0] = static_cast<T>(response.expected_payoff());
  if (op.converged) op.converged[0] = converged;
  return {};
}

// One equilibrium a state, and the log-policies each was left with.
template <class T>
class MarkovGame {
 public:
  MarkovGame(const QuantalResponseMarkov<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        stages_(op, context),
        response_(stages_.num_rows(), stages_.num_columns(), op.alpha, op.beta, 1e-13, 10000,
                  context),
        log_x_(context.scratch<double>(stages_.num_states() * stages_.num_rows())),
        log_y_(context.scratch<double>(stages_.num_states() * stages_.num_columns())) {
    const auto rows = static_cast<double>(stages_.num_rows());
    const auto columns = static_cast<double>(stages_.num_columns());
    std::fill_n(log_x_, stages_.num_states() * stages_.num_rows(), -std::log(rows));
    std::fill_n(log_y_, stages_.num_states() * stages_.num_columns(), -std::log(columns));
  }

  Status run() {
    const int64_t num_states = stages_.num_states();
    double* values = context_.scratch<double>(num_states);
    std::fill_n(values, num_states, 0.0);
    const auto sweep = [&](const double* before, double* after) {
      for (int64_t s = 0; s < num_states && !context_.stopped(); ++s) after[s] = solve(s, before);
    };
    const FixedPoint star = iterate_to_fixed_point(values, num_states, op_.gamma, op_.tolerance,
                                                   op_.max_iterations, context_, sweep);
    if (star.aborted) return aborted();
    write(op_.v_star, star.values);
    if (op_.policy_max || op_.policy_min) write_policies(star.values);
    if (op_.iterations) op_.iterations[0] = static_cast<int32_t>(star.iterations);
    if (op_.converged) op_.converged[0] = star.converged && all_solved_;
    return context_.stopped() ? aborted() : Status{};
  }

 private:
  double solve(int64_t s, const double* values) {
    const bool solved = response_.solve(stages_(s, values), log_x_ + s * stages_.num_rows(),
                                        log_y_ + s * stages_.num_columns());
    all_solved_ = all_solved_ && solved;
    return response_.regularized_value();
  }
  void write_policies(const double* values) {
    const int64_t rows = stages_.num_rows(), columns = stages_.num_columns();
    for (int64_t s = 0; s < stages_.num_states() && !context_.stopped(); ++s) {
      solve(s, values);
      for (int64_t i = 0; i < rows && op_.policy_max; ++i) {
        op_.policy_max[s * rows + i] = static_cast<T>(response_.x()[i]);
      }
      for (int64_t j = 0; j < columns && op_.policy_min; ++j) {
        op_.policy_min[s * columns + j] = static_cast<T>(response_.y()[j]);
      }
    }
  }

  const QuantalResponseMarkov<T>& op_;
  CpuContext& context_;
  StageGames<T> stages_;
  QuantalResponse response_;
  double *log_x_, *log_y_;
  bool all_solved_ = true;
};

}  // namespace

template <>
Status run(const QuantalResponseGame<float>& op, CpuContext& context) {
  return one_game(op, context);
}
template <>
Status run(const QuantalResponseGame<double>& op, CpuContext& context) {
  return one_game(op, context);
}
template <>
Status run(const QuantalResponseMarkov<float>& op, CpuContext& context) {
  return MarkovGame<float>(op, context).run();
}
template <>
Status run(const QuantalResponseMarkov<double>& op, CpuContext& context) {
  return MarkovGame<double>(op, context).run();
}

}  // namespace belfry::cpu
