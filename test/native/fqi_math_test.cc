// Formulas and CPU kernels of fitted-Q iteration against plain loops: every operator, masked and
// terminal rows, expectiles, the Gram matrix and its factor, divergence, and the same bits for any
// number of threads.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "core/thread_pool.h"
#include "cpu/run.h"
#include "math/fqi.h"
#include "op_calls.h"
#include "ops/fitted_q.h"

namespace belfry::test {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNan = std::nan("");

size_t at(int64_t i) { return static_cast<size_t>(i); }

// --- fqi_target ---------------------------------------------------------------------------------

// The zero of Σ w (τ (q − e)⁺ − (1 − τ)(e − q)⁺), by bisection.
double expectile(const std::vector<double>& w, const std::vector<double>& q, double level) {
  double low = *std::min_element(q.begin(), q.end());
  double high = *std::max_element(q.begin(), q.end());
  for (int i = 0; i < 200; ++i) {
    const double guess = (low + high) / 2;
    double pull = 0;
    for (size_t a = 0; a < q.size(); ++a) {
      const double d = q[a] - guess;
      pull += w[a] * (d > 0 ? level : 1 - level) * d;
    }
    (pull > 0 ? low : high) = guess;
  }
  return (low + high) / 2;
}

// One row of doubles under an operator, through the formulas of math/fqi.h.
struct Row {
  std::vector<double> q, select, policy, q_b;
  std::vector<uint8_t> allowed;
  double tau = 1, lambda = 0.75;

  math::NextValue next(FqiOperator fqi_operator) const {
    math::FqiRows<double> rows{};
    rows.next_q = q.data();
    rows.select = select.data();
    rows.policy = policy.data();
    rows.q_b = q_b.data();
    if (!allowed.empty()) rows.allowed.bytes = allowed.data();
    rows.num_actions = static_cast<int64_t>(q.size());
    rows.fqi_operator = fqi_operator;
    rows.tau = tau;
    rows.lambda = lambda;
    return rows.next_value(0, math::OneLane{});
  }
  double value(FqiOperator fqi_operator) const { return next(fqi_operator).value; }
};

TEST_CASE("fqi: a terminal row and gamma 0 do not look at the next state") {
  CHECK(math::fqi_bootstrap(2, 0.9, kNan, true) == 2);
  CHECK(math::fqi_bootstrap(2, 0, kInf, false) == 2);
  CHECK(math::fqi_bootstrap(2, 0.5, 4, false) == 4);
  CHECK(std::isnan(math::fqi_bootstrap(2, 0.5, kNan, false)));
}

TEST_CASE("fqi: the clipped mixture at its ends") {
  CHECK(math::clipped_mix(3, 7, 1) == 3);
  CHECK(math::clipped_mix(3, 7, 0) == 7);
  CHECK(math::clipped_mix(7, 3, 0.75) == 4);
  CHECK(math::clipped_mix(3, kInf, 1) == 3);
  CHECK(std::isnan(math::clipped_mix(3, kNan, 1)));
  CHECK(std::isnan(math::clipped_mix(kNan, 3, 0)));
}

TEST_CASE("fqi: operators on one row") {
  const Row row{{1, 5, 3}, {9, 0, 9}, {0.5, 0.25, 0.25}, {2, 1, 3}, {}, 0.5};
  CHECK(row.value(FqiOperator::max) == 5);
  CHECK(row.value(FqiOperator::double_q) == 1);  // the lower of two equal actions
  CHECK(row.value(FqiOperator::policy) == 2.5);
  CHECK(row.value(FqiOperator::clipped_mix) == 3);
  const double sum = std::exp(2.0) + std::exp(10.0) + std::exp(6.0);
  CHECK(row.value(FqiOperator::soft) == doctest::Approx(0.5 * std::log(sum)));
  CHECK(row.value(FqiOperator::mellowmax) == doctest::Approx(0.5 * std::log(sum / 3)));
}

TEST_CASE("fqi: masked actions are not read, and none allowed is no value") {
  Row row{{kNan, 5, kNan}, {kNan, 0, kNan}, {kNan, 1, kNan}, {kNan, 5, kNan}, {0, 1, 0}, 0.5};
  for (int i = 0; i < 7; ++i) CHECK(row.value(static_cast<FqiOperator>(i)) == 5);
  row.allowed = {0, 0, 0};
  for (int i = 0; i < 7; ++i) {
    const math::NextValue next = row.next(static_cast<FqiOperator>(i));
    CHECK((!next.any || next.value == 0));
  }
  row.allowed = {1, 1, 0};
  for (int i = 0; i < 7; ++i) CHECK(std::isnan(row.value(static_cast<FqiOperator>(i))));
}

TEST_CASE("fqi: soft values of infinite and huge rows") {
  const auto soft = [](std::vector<double> q, double tau) {
    Row row;
    row.q = std::move(q);
    row.tau = tau;
    return row.value(FqiOperator::soft);
  };
  CHECK(soft({1e300, 1e300}, 1) == 1e300);
  CHECK(soft({-kInf, -kInf}, 1) == -kInf);
  CHECK(soft({-kInf, 2}, 1) == 2);
  CHECK(soft({kInf, 2}, 1) == kInf);
  CHECK(soft({1, 1}, 1e-300) == 1);
}

TEST_CASE("fqi: expectiles are exact") {
  Random random(1);
  for (int trial = 0; trial < 2000; ++trial) {
    Row row;
    const int64_t size = 1 + random.bits() % 40;
    row.q = random.numbers<double>(size, -1, 1);
    row.policy = random.numbers<double>(size, 0, 1);
    for (double& q : row.q) q = trial % 3 == 0 ? std::round(4 * q) : q;  // many equal values
    row.tau = 0.001 + 0.998 * random.uniform();
    const double want = expectile(row.policy, row.q, row.tau);
    CHECK(row.value(FqiOperator::expectile) == doctest::Approx(want).epsilon(1e-12));
  }
  CHECK(Row{{1, kInf}, {}, {1, 0}, {}, {}, 0.7}.value(FqiOperator::expectile) == 1);
  CHECK(Row{{1, kInf}, {}, {1, 1}, {}, {}, 0.7}.value(FqiOperator::expectile) == kInf);
  CHECK(Row{{1, 2}, {}, {0, 0}, {}, {}, 0.7}.value(FqiOperator::expectile) == 0);
}

TEST_CASE("fqi: two halves of a row choose what the whole row chooses") {
  Random random(2);
  for (int trial = 0; trial < 3000; ++trial) {
    math::GreedyChoice<double> whole, even, odd;
    for (int32_t a = 0; a < 8; ++a) {
      const double key = random.bits() % 8 == 0 ? kNan : static_cast<double>(random.bits() % 3);
      whole.offer(a, key);
      if (random.bits() % 4 > 0)
        (a % 2 ? odd : even).offer(a, key);
      else
        (a % 2 ? even : odd).offer(a, key);
    }
    CHECK(math::BetterChoice{}(even, odd).action == whole.action);
    CHECK(math::BetterChoice{}(odd, even).action == whole.action);
  }
}

template <class T>
void compare_with_formulas(FqiOperator fqi_operator, int64_t num_rows, int64_t num_actions,
                           bool masked, double tolerance) {
  Random random(static_cast<uint32_t>(fqi_operator) + 7 * static_cast<uint32_t>(num_actions));
  const int64_t size = num_rows * num_actions;
  auto q = random.numbers<T>(size, -3, 3), select = random.numbers<T>(size, 0, 1);
  auto policy = random.numbers<T>(size, 0, 1), q_b = random.numbers<T>(size, -3, 3);
  auto rewards = random.numbers<T>(num_rows, -1, 1);
  auto mask = random.flags(size, 2), terminated = random.flags(num_rows, 4);
  std::vector<T> target(at(num_rows));

  FqiTarget<T> op{};
  give(op.next_q_values, q, {num_rows, num_actions});
  give(op.next_q_select, select, {num_rows, num_actions});
  give(op.next_policy, policy, {num_rows, num_actions});
  give(op.next_q_b, q_b, {num_rows, num_actions});
  give(op.rewards, rewards, {num_rows});
  give(op.terminated, terminated, {num_rows});
  if (masked) give(op.next_action_mask, mask, {num_rows, num_actions});
  give(op.target, target, {num_rows});
  op.gamma = 0.9;
  op.fqi_operator = fqi_operator;
  op.tau = 0.3;
  op.lambda = 0.75;

  const auto rows = math::fqi_rows(op);
  std::vector<T> want(at(num_rows));
  for (int64_t n = 0; n < num_rows; ++n) {
    want[at(n)] = rows.target_of(n, rows.next_value(n, math::OneLane{}));
  }
  for (int threads : {1, 2, 3}) {
    core::ThreadPool::shared().set_limit(threads);
    std::fill(target.begin(), target.end(), T(-77));
    REQUIRE(run_op(op).ok());
    for (int64_t n = 0; n < num_rows; ++n) {
      CHECK(std::fabs(target[at(n)] - want[at(n)]) <= static_cast<T>(tolerance));
    }
  }
}

TEST_CASE("fqi_target: the kernels agree with the formulas") {
  for (int i = 0; i < 7; ++i) {
    const auto fqi_operator = static_cast<FqiOperator>(i);
    for (int64_t num_actions : {0, 1, 3, 9, 40, 513, 1100}) {
      const int64_t num_rows = num_actions > 100 ? 5 : 300;
      for (bool masked : {false, true}) {
        compare_with_formulas<float>(fqi_operator, num_rows, num_actions, masked, 2e-6);
        compare_with_formulas<double>(fqi_operator, num_rows, num_actions, masked, 1e-13);
      }
    }
  }
}

TEST_CASE("fqi_target: what an expectile needs") {
  std::vector<double> q{1, 2}, rewards{1}, target(1);
  std::vector<uint8_t> terminated{0};
  FqiTarget<double> op{};
  give(op.next_q_values, q, {1, 2});
  give(op.rewards, rewards, {1});
  give(op.terminated, terminated, {1});
  give(op.target, target, {1});
  op.fqi_operator = FqiOperator::expectile;
  op.tau = 1;
  Status status = run_op(op);
  CHECK(status.code == Code::missing_operand);
  CHECK(std::string(status.argument) == "next_policy");
  give(op.next_policy, q, {1, 2});
  status = run_op(op);
  CHECK(status.code == Code::invalid_argument);
  CHECK(std::string(status.argument) == "tau");
}

// --- linear_fqi ---------------------------------------------------------------------------------

template <class T>
struct Problem {
  int64_t num_rows, num_actions, size, fits;
  std::vector<T> phi, next_phi, rewards;
  std::vector<uint8_t> terminated, mask;
  std::vector<T> w, gram, rmse;
  std::vector<uint8_t> diverged = {7};
  LinearFqi<T> op{};

  Problem(int64_t rows, int64_t actions, int64_t features, int64_t iterations)
      : num_rows(rows), num_actions(actions), size(features), fits(iterations) {
    Random random(static_cast<uint32_t>(rows * 31 + features));
    phi = random.numbers<T>(rows * features, -1, 1);
    next_phi = random.numbers<T>(rows * actions * features, -1, 1);
    rewards = random.numbers<T>(rows, -1, 1);
    terminated = random.flags(rows, 4);
    mask = random.flags(rows * actions, 2);
    w.resize(at(features));
    gram.resize(at(features * features));
    rmse.resize(at(iterations));
    connect();
  }
  void connect() {
    give(op.phi, phi, {num_rows, size});
    give(op.next_phi, next_phi, {num_rows, num_actions, size});
    give(op.rewards, rewards, {num_rows});
    give(op.terminated, terminated, {num_rows});
    give(op.next_action_mask, mask, {num_rows, num_actions});
    give(op.w, w, {size});
    give(op.gram, gram, {size, size});
    give(op.rmse, rmse, {fits});
    give(op.diverged, diverged, {});
    op.gamma = 0.6;
    op.ridge = 0.05;
    op.num_iterations = fits;
    op.w0 = 0.5;
  }

  // y for the given weights.
  std::vector<double> targets(const std::vector<double>& weights) const {
    std::vector<double> y(at(num_rows));
    for (int64_t n = 0; n < num_rows; ++n) {
      double best = -kInf;
      for (int64_t a = 0; a < num_actions; ++a) {
        const int64_t pair = n * num_actions + a;
        if (!mask[at(pair)]) continue;
        double q = 0;
        for (int64_t j = 0; j < size; ++j) {
          q += weights[at(j)] * static_cast<double>(next_phi[at(pair * size + j)]);
        }
        best = std::max(best, q);
      }
      const bool terminal = terminated[at(n)] || best == -kInf;
      y[at(n)] = static_cast<double>(rewards[at(n)]) + (terminal ? 0 : op.gamma * best);
    }
    return y;
  }
};

// The last fit is optimal: the gradient of Σ (φ·w − y)² + ridge ‖w‖² vanishes. Checked for one
// regression, whose targets are known: those of w0.
template <class T>
void check_first_fit(int64_t num_rows, int64_t num_actions, int64_t size, double tolerance) {
  Problem<T> p(num_rows, num_actions, size, 1);
  REQUIRE(run_op(p.op).ok());
  const auto y = p.targets(std::vector<double>(at(size), 0.5));
  std::vector<double> gradient(at(size));
  for (int64_t j = 0; j < size; ++j) gradient[at(j)] = 0.05 * static_cast<double>(p.w[at(j)]);
  double squares = 0;
  for (int64_t n = 0; n < num_rows; ++n) {
    double error = -y[at(n)];
    for (int64_t j = 0; j < size; ++j) {
      error += static_cast<double>(p.phi[at(n * size + j)]) * static_cast<double>(p.w[at(j)]);
    }
    squares += error * error;
    for (int64_t j = 0; j < size; ++j) {
      gradient[at(j)] += error * static_cast<double>(p.phi[at(n * size + j)]);
    }
  }
  const double scale = tolerance * static_cast<double>(num_rows + 1);
  for (double g : gradient) CHECK(std::fabs(g) <= scale);
  const double want = std::sqrt(squares / static_cast<double>(num_rows));
  CHECK(static_cast<double>(p.rmse[0]) == doctest::Approx(want).epsilon(10 * tolerance));
  CHECK(p.diverged[0] == 0);
}

TEST_CASE("linear_fqi: a fit is the minimum of its least squares") {
  for (int64_t size : {1, 2, 5, 8, 17, 64, 65, 150}) {
    check_first_fit<float>(200, 3, size, 1e-6);
    check_first_fit<double>(200, 3, size, 1e-13);
  }
  check_first_fit<double>(9000, 17, 12, 1e-13);  // several pieces of rows
  check_first_fit<float>(500, 2, 270, 1e-6);     // several blocks of columns
}

TEST_CASE("linear_fqi: the Gram matrix with its ridge, symmetric") {
  for (int64_t size : {1, 7, 16, 33, 300}) {
    Problem<double> p(400, 1, size, 1);
    REQUIRE(run_op(p.op).ok());
    for (int64_t i = 0; i < size; ++i) {
      for (int64_t j = 0; j <= i; ++j) {
        double want = i == j ? 0.05 : 0;
        for (int64_t n = 0; n < 400; ++n) want += p.phi[at(n * size + i)] * p.phi[at(n * size + j)];
        CHECK(std::fabs(p.gram[at(i * size + j)] - want) < 1e-11);
        CHECK(p.gram[at(i * size + j)] == p.gram[at(j * size + i)]);
      }
    }
  }
}

TEST_CASE("linear_fqi: more fits continue fewer, with the same bits for any number of threads") {
  Problem<float> p(6000, 3, 40, 4);
  core::ThreadPool::shared().set_limit(1);
  REQUIRE(run_op(p.op).ok());
  const auto w = p.w, rmse = p.rmse;
  for (int threads : {2, 3}) {
    core::ThreadPool::shared().set_limit(threads);
    REQUIRE(run_op(p.op).ok());
    CHECK(std::memcmp(p.w.data(), w.data(), w.size() * sizeof(float)) == 0);
    CHECK(std::memcmp(p.rmse.data(), rmse.data(), rmse.size() * sizeof(float)) == 0);
  }
  Problem<float> shorter(6000, 3, 40, 2);
  REQUIRE(run_op(shorter.op).ok());
  CHECK(shorter.rmse[0] == rmse[0]);
  CHECK(shorter.rmse[1] == rmse[1]);
  CHECK(shorter.w != w);
}

TEST_CASE("linear_fqi: one-hot features give the value of the empirical MDP") {
  // Two states, one action: 0 -> 1 with reward 1, 1 -> 0 with reward 0.
  Problem<double> p(2, 1, 2, 200);
  p.phi = {1, 0, 0, 1};
  p.next_phi = {0, 1, 1, 0};
  p.rewards = {1, 0};
  p.terminated = {0, 0};
  p.mask = {1, 1};
  p.connect();
  p.op.ridge = 0;
  REQUIRE(run_op(p.op).ok());
  CHECK(p.w[0] == doctest::Approx(1 / (1 - 0.36)).epsilon(1e-12));
  CHECK(p.w[1] == doctest::Approx(0.6 / (1 - 0.36)).epsilon(1e-12));
}

TEST_CASE("linear_fqi: divergence is flagged and ends the iteration") {
  Problem<double> p(1, 1, 1, 100);
  p.phi = {1};
  p.next_phi = {2};
  p.rewards = {1};
  p.terminated = {0};
  p.mask = {1};
  p.connect();
  p.op.gamma = 0.95;
  REQUIRE(run_op(p.op).ok());
  CHECK(p.diverged[0] == 1);
  CHECK(p.w[0] > 1e6);
  CHECK(p.w[0] < 3e6);
  const auto is_nan = [](double x) { return std::isnan(x); };
  const auto first_nan = std::find_if(p.rmse.begin(), p.rmse.end(), is_nan);
  CHECK(first_nan - p.rmse.begin() > 10);
  CHECK(first_nan - p.rmse.begin() < 40);
  CHECK(std::all_of(first_nan, p.rmse.end(), is_nan));
}

TEST_CASE("linear_fqi: a singular Gram matrix asks for more ridge") {
  Problem<double> p(30, 2, 4, 2);
  for (int64_t n = 0; n < 30; ++n) p.phi[at(4 * n + 3)] = p.phi[at(4 * n)] - p.phi[at(4 * n + 1)];
  p.op.ridge = 0;
  Status status = run_op(p.op);
  CHECK(status.code == Code::bad_value);
  CHECK(std::string(status.argument) == "ridge");
  CHECK(std::string(status.message).find("pivot 3") != std::string::npos);
  p.op.ridge = 1e-6;
  CHECK(run_op(p.op).ok());
  p.phi[5] = kNan;
  status = run_op(p.op);
  CHECK(status.code == Code::bad_value);
  CHECK(std::string(status.argument) == "phi");
}

TEST_CASE("linear_fqi: reports every fit and stops when told") {
  struct Watch {
    int64_t reports = 0;
    double last = 0;
  } watch;
  Monitor monitor;
  monitor.self = &watch;
  monitor.report = [](void* self, int64_t iteration, int64_t total, double residual) {
    auto& seen = *static_cast<Watch*>(self);
    CHECK(iteration == ++seen.reports);
    CHECK(total == 6);
    seen.last = residual;
  };
  Problem<double> p(50, 2, 3, 6);
  REQUIRE(run_op(p.op, &monitor).ok());
  CHECK(watch.reports == 6);
  CHECK(watch.last == p.rmse[5]);
  watch.reports = 0;
  monitor.stopped = [](void* self) { return static_cast<Watch*>(self)->reports >= 2; };
  CHECK(run_op(p.op, &monitor).code == Code::aborted);
  CHECK(watch.reports == 2);
}

// --- linear_q_values ----------------------------------------------------------------------------

template <class T>
void check_prediction(int64_t num_rows, int64_t num_actions, int64_t size, double tolerance) {
  Random random(3);
  auto phi = random.numbers<T>(num_rows * num_actions * size, -1, 1);
  auto w = random.numbers<T>(size, -1, 1);
  if (num_actions > 1 && size > 0) phi[at(size)] = static_cast<T>(kNan);  // action 1 of row 0
  std::vector<T> q(at(num_rows * num_actions));
  std::vector<int32_t> actions(at(num_rows), 9);
  LinearQValues<T> op{};
  give(op.phi, phi, {num_rows, num_actions, size});
  give(op.w, w, {size});
  give(op.actions, actions, {num_rows});
  REQUIRE(run_op(op).ok());
  const auto alone = actions;
  give(op.q_values, q, {num_rows, num_actions});
  REQUIRE(run_op(op).ok());
  CHECK(actions == alone);
  for (int64_t n = 0; n < num_rows; ++n) {
    math::GreedyChoice<T> best;
    for (int64_t a = 0; a < num_actions; ++a) {
      const int64_t pair = n * num_actions + a;
      best.offer(static_cast<int32_t>(a), q[at(pair)]);
      double want = 0;
      for (int64_t j = 0; j < size; ++j) {
        want += static_cast<double>(phi[at(pair * size + j)]) * static_cast<double>(w[at(j)]);
      }
      if (std::isnan(want))
        CHECK(std::isnan(q[at(pair)]));
      else
        CHECK(std::fabs(static_cast<double>(q[at(pair)]) - want) < tolerance);
    }
    CHECK(actions[at(n)] == best.action);
  }
  if (num_rows > 0 && num_actions > 1 && size > 0) CHECK(actions[0] == 1);
}

TEST_CASE("linear_q_values: dots and greedy actions") {
  for (int64_t size : {0, 1, 5, 16, 33}) {
    for (int64_t num_actions : {0, 1, 4, 21}) {
      check_prediction<float>(9, num_actions, size, 1e-5);
      check_prediction<double>(9, num_actions, size, 1e-13);
    }
  }
}

}  // namespace
}  // namespace belfry::test
