// regret_matching: both players follow the positive part of their cumulative regrets; averages over
// the rounds approach an equilibrium at rate 1/√rounds (Hart & Mas-Colell, 2000). 4·A·B flops a
// round, serial by nature.
#include <algorithm>

#include "cpu/run.h"
#include "math/bellman.h"
#include "ops/bellman/games.h"

namespace belfry::cpu {

namespace {

// One player: cumulative regrets, the strategy they make, and the weighted sum of strategies.
class RegretPlayer {
 public:
  RegretPlayer(int64_t num_actions, CpuContext& context)
      : size_(num_actions),
        regret_(context.scratch<double>(num_actions)),
        strategy_(context.scratch<double>(num_actions)),
        sum_(context.scratch<double>(num_actions)) {
    std::fill_n(regret_, size_, 0.0);
    std::fill_n(sum_, size_, 0.0);
    move_on();
  }

  const double* strategy() const { return strategy_; }

  void move_on() {
    double total = 0;
    for (int64_t i = 0; i < size_; ++i) total += regret_[i] > 0 ? regret_[i] : 0;
    const double uniform = 1 / static_cast<double>(size_);
    for (int64_t i = 0; i < size_; ++i) {
      const double positive = regret_[i] < 0 ? 0 : regret_[i];  // NaN stays
      strategy_[i] = total > 0 ? positive / total : regret_[i] == regret_[i] ? uniform : regret_[i];
    }
  }
  void count(double weight) {
    for (int64_t i = 0; i < size_; ++i) sum_[i] += weight * strategy_[i];
  }
  // `payoff` of each action against the opponent's strategy.
  void learn(const double* payoff, bool plus) {
    double got = 0;
    for (int64_t i = 0; i < size_; ++i) got += strategy_[i] * payoff[i];
    for (int64_t i = 0; i < size_; ++i) {
      regret_[i] += payoff[i] - got;
      if (plus && regret_[i] < 0) regret_[i] = 0;
    }
  }
  double* average(double total_weight) {
    for (int64_t i = 0; i < size_; ++i) sum_[i] /= total_weight;
    return sum_;
  }

 private:
  int64_t size_;
  double *regret_, *strategy_, *sum_;
};

double most(const double* values, int64_t count) {
  math::GreedyChoice<double> choice;
  for (int64_t i = 0; i < count; ++i) choice.offer(static_cast<int32_t>(i), values[i]);
  return choice.value(false);
}

template <class T>
class RegretGame {
 public:
  RegretGame(const RegretMatching<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        rows_(op.payoff.dims[0]),
        columns_(op.payoff.dims[1]),
        to_rows_(context.scratch<double>(rows_)),
        to_columns_(context.scratch<double>(columns_)),
        row_(rows_, context),
        column_(columns_, context) {}

  Status run() {
    double total_weight = 0;
    for (int64_t round = 1; round <= op_.rounds; ++round) {
      if (context_.stopped()) return aborted();
      const double weight =
          op_.averaging == RegretAveraging::linear ? static_cast<double>(round) : 1;
      row_.count(weight);
      column_.count(weight);
      total_weight += weight;
      play();
      context_.report(round, op_.rounds, 0);
    }
    write(row_.average(total_weight), column_.average(total_weight));
    return {};
  }

 private:
  void play() {
    pay_rows(column_.strategy());
    if (op_.simultaneous) pay_columns(row_.strategy());
    row_.learn(to_rows_, op_.plus);
    row_.move_on();
    if (!op_.simultaneous) pay_columns(row_.strategy());
    column_.learn(to_columns_, op_.plus);
    column_.move_on();
  }
  // M y, and −Mᵀ x.
  void pay_rows(const double* y) {
    for (int64_t i = 0; i < rows_; ++i) {
      const T* row = op_.payoff.begin() + i * columns_;
      double sum = 0;
      for (int64_t j = 0; j < columns_; ++j) sum += static_cast<double>(row[j]) * y[j];
      to_rows_[i] = sum;
    }
  }
  void pay_columns(const double* x) {
    std::fill_n(to_columns_, columns_, 0.0);
    for (int64_t i = 0; i < rows_; ++i) {
      const T* row = op_.payoff.begin() + i * columns_;
      for (int64_t j = 0; j < columns_; ++j) to_columns_[j] -= x[i] * static_cast<double>(row[j]);
    }
  }
  void write(const double* x, const double* y) {
    if (op_.avg_x) {
      for (int64_t i = 0; i < rows_; ++i) op_.avg_x[i] = static_cast<T>(x[i]);
    }
    if (op_.avg_y) {
      for (int64_t j = 0; j < columns_; ++j) op_.avg_y[j] = static_cast<T>(y[j]);
    }
    if (!op_.exploitability) return;
    pay_rows(y);
    pay_columns(x);
    op_.exploitability[0] = static_cast<T>(most(to_rows_, rows_) + most(to_columns_, columns_));
  }

  const RegretMatching<T>& op_;
  CpuContext& context_;
  int64_t rows_, columns_;
  double *to_rows_, *to_columns_;
  RegretPlayer row_, column_;
};

}  // namespace

template <>
Status run(const RegretMatching<float>& op, CpuContext& context) {
  return RegretGame<float>(op, context).run();
}
template <>
Status run(const RegretMatching<double>& op, CpuContext& context) {
  return RegretGame<double>(op, context).run();
}

}  // namespace belfry::cpu
