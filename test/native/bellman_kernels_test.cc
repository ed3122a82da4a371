// The kernels of family `bellman` against plain loops: every row length, masks, wide states,
// batches, solvers, and the same bits for any number of threads.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "core/thread_pool.h"
#include "cpu/run.h"
#include "math/bellman.h"
#include "op_calls.h"
#include "ops/bellman/core.h"

namespace belfry::test {
namespace {

uint32_t hash(uint32_t h) {
  h = (h ^ (h >> 16)) * 0x85EBCA6Bu;
  h = (h ^ (h >> 13)) * 0xC2B2AE35u;
  return h ^ (h >> 16);
}

template <class T>
struct Model {
  int64_t num_states, num_actions;
  std::vector<int32_t> row_ptr{0}, col;
  std::vector<T> prob, rewards, values;
  std::vector<uint8_t> mask;

  // Rows have 0 … longest entries and the given mass.
  Model(int64_t states, int64_t actions, uint32_t longest, bool masked, double mass = 1)
      : num_states(states), num_actions(actions) {
    uint32_t i = 0;
    const auto uniform = [&] { return hash(++i) / 4294967296.0; };
    for (int64_t row = 0; row < states * actions; ++row) {
      const uint32_t length = hash(++i) % (longest + 1);
      for (uint32_t k = 0; k < length; ++k) {
        col.push_back(static_cast<int32_t>(hash(++i) % static_cast<uint32_t>(states)));
        prob.push_back(static_cast<T>(mass / length));
      }
      row_ptr.push_back(static_cast<int32_t>(col.size()));
      rewards.push_back(static_cast<T>(2 * uniform() - 1));
      mask.push_back(!masked || hash(++i) % 3 != 0);
    }
    for (int64_t s = 0; s < states; ++s) values.push_back(static_cast<T>(10 * uniform()));
  }
};

template <class Op, class T>
void give_model(Op& op, Model<T>& m) {
  give(op.row_ptr, m.row_ptr, {m.num_states * m.num_actions + 1});
  give(op.col, m.col, {static_cast<int64_t>(m.col.size())});
  give(op.prob, m.prob, {static_cast<int64_t>(m.col.size())});
  give(op.rewards, m.rewards, {m.num_states, m.num_actions});
}

template <class Op>
Status run_op(const Op& op, int threads = 2) {
  core::ThreadPool::shared().set_limit(threads);
  cpu::CpuContext context;
  return cpu::run(op, context);
}

template <class T>
struct Result {
  std::vector<T> values;
  std::vector<int32_t> policy;
};

template <class T>
Result<T> backup(Model<T>& m, double gamma, Mode mode, int threads = 2) {
  Result<T> r{std::vector<T>(m.values.size()), std::vector<int32_t>(m.values.size())};
  BellmanBackupVCsr<T> op{};
  give_model(op, m);
  give(op.action_mask, m.mask, {m.num_states, m.num_actions});
  give(op.values, m.values, {m.num_states});
  op.gamma = gamma;
  op.mode = mode;
  give(op.values_out, r.values, {m.num_states});
  give(op.policy, r.policy, {m.num_states});
  REQUIRE(run_op(op, threads).ok());
  return r;
}

template <class T>
void check_against_loop(Model<T>& m, Mode mode) {
  const Result<T> got = backup(m, 0.9, mode);
  for (int64_t s = 0; s < m.num_states; ++s) {
    math::GreedyChoice<double> best;
    std::vector<double> q(static_cast<size_t>(m.num_actions));
    for (int64_t a = 0; a < m.num_actions; ++a) {
      const auto row = static_cast<size_t>(s * m.num_actions + a);
      double sum = 0;
      for (int32_t e = m.row_ptr[row]; e < m.row_ptr[row + 1]; ++e) {
        const auto entry = static_cast<size_t>(e);
        sum += double{m.prob[entry]} * double{m.values[static_cast<size_t>(m.col[entry])]};
      }
      q[static_cast<size_t>(a)] = double{m.rewards[row]} + 0.9 * sum;
      const double key = math::greedy_key(q[static_cast<size_t>(a)], mode == Mode::min);
      if (m.mask[row]) best.offer(static_cast<int32_t>(a), key);
    }
    const auto i = static_cast<size_t>(s);
    const double tolerance = sizeof(T) == 8 ? 1e-13 : 1e-5;
    CHECK(std::fabs(double{got.values[i]} - best.value(mode == Mode::min)) <= 10 * tolerance);
    if (sizeof(T) == 8) CHECK(got.policy[i] == best.action);
  }
}

TEST_CASE_TEMPLATE("backups of every row length, masked or not", T, float, double) {
  for (const uint32_t longest : {0u, 1u, 3u, 8u, 17u, 64u, 300u}) {
    for (const int64_t num_actions : {1, 3, 4, 300}) {
      CAPTURE(longest);
      CAPTURE(num_actions);
      Model<T> plain(23, num_actions, longest, false), masked(9, num_actions, longest, true);
      check_against_loop(plain, Mode::max);
      check_against_loop(masked, Mode::min);
    }
  }
}

TEST_CASE_TEMPLATE("the bits do not depend on the threads", T, float, double) {
  Model<T> m(30000, 3, 12, true);
  const auto one = backup(m, 0.9, Mode::max, 1), two = backup(m, 0.9, Mode::max, 2);
  CHECK(std::memcmp(one.values.data(), two.values.data(), one.values.size() * sizeof(T)) == 0);
  CHECK(one.policy == two.policy);
}

template <class T>
struct Batch {
  Model<T> all{0, 3, 0, false};
  std::vector<int32_t> offsets{0};
  std::vector<T> gammas;

  void append(const Model<T>& m, T gamma) {
    for (size_t row = 1; row < m.row_ptr.size(); ++row) {
      all.row_ptr.push_back(m.row_ptr[row] + static_cast<int32_t>(all.col.size()));
    }
    all.col.insert(all.col.end(), m.col.begin(), m.col.end());
    all.prob.insert(all.prob.end(), m.prob.begin(), m.prob.end());
    all.rewards.insert(all.rewards.end(), m.rewards.begin(), m.rewards.end());
    all.values.insert(all.values.end(), m.values.begin(), m.values.end());
    all.mask.insert(all.mask.end(), m.mask.begin(), m.mask.end());
    all.num_states += m.num_states;
    offsets.push_back(static_cast<int32_t>(all.num_states));
    gammas.push_back(gamma);
  }
  Status backup(std::vector<T>& values) {
    BellmanBackupRagged<T> op{};
    give_model(op, all);
    give(op.state_offsets, offsets, {static_cast<int64_t>(offsets.size())});
    give(op.gamma, gammas, {static_cast<int64_t>(gammas.size())});
    give(op.values, all.values, {all.num_states});
    values.resize(all.values.size());
    give(op.values_out, values, {all.num_states});
    return run_op(op);
  }
};

TEST_CASE_TEMPLATE("an MDP gives the same bits in any batch", T, float, double) {
  Batch<T> batch;
  std::vector<Model<T>> models;
  for (const int64_t size : {5, 0, 1, 700, 33}) {
    models.emplace_back(size, 3, 8 + static_cast<uint32_t>(size) % 90, false);
    batch.append(models.back(), T(0.5));
  }
  std::vector<T> values;
  REQUIRE(batch.backup(values).ok());
  for (size_t i = 0; i < models.size(); ++i) {
    const auto alone = backup(models[i], 0.5, Mode::max);
    const auto first = static_cast<size_t>(batch.offsets[i]);
    CHECK(std::equal(alone.values.begin(), alone.values.end(), values.begin() + long(first)));
  }
  batch.all.col[2] = 5;
  const Status status = batch.backup(values);
  CHECK(status.code == Code::bad_value);
  CHECK(std::string(status.argument) == "col");
  CHECK(std::string(status.message).find("entry 2 is 5") != std::string::npos);
}

template <class T>
struct Solution {
  std::vector<T> star, low, high;
  bool converged;
};
template <class T>
Solution<T> solve(Model<T>& m, double gamma, double tolerance, StopRule stop) {
  const auto n = m.values.size();
  Solution<T> s{std::vector<T>(n), std::vector<T>(n), std::vector<T>(n), false};
  std::vector<uint8_t> converged(1);
  ValueIteration<T> op{};
  give_model(op, m);
  op.gamma = gamma;
  op.stop = stop;
  op.tolerance = tolerance;
  op.max_iterations = 20000;
  give(op.v_star, s.star, {m.num_states});
  give(op.v_star_lower, s.low, {m.num_states});
  give(op.v_star_upper, s.high, {m.num_states});
  give(op.converged, converged, {});
  REQUIRE(run_op(op).ok());
  s.converged = converged[0] != 0;
  return s;
}

TEST_CASE("value iteration keeps what it promises") {
  for (const double mass : {1.0, 0.8}) {
    Model<double> m(40, 3, 6, false, mass);
    const auto exact = solve(m, 0.95, 1e-12, StopRule::sup);
    for (const StopRule stop : {StopRule::span, StopRule::sup}) {
      const auto s = solve(m, 0.95, 1e-6, stop);
      CHECK(s.converged);
      for (size_t i = 0; i < s.star.size(); ++i) {
        CHECK(std::fabs(s.star[i] - exact.star[i]) <= 1.001e-6);
        CHECK(s.low[i] <= exact.star[i] + 1e-12);
        CHECK(s.high[i] >= exact.star[i] - 1e-12);
      }
    }
  }
  Model<float> narrow(40, 3, 6, false);
  CHECK_FALSE(solve(narrow, 0.99, 1e-9, StopRule::span).converged);
  CHECK(solve(narrow, 0.99, 1e-2, StopRule::span).converged);
}

TEST_CASE("policy evaluation: LU and BiCGStab agree with many sweeps") {
  for (const int64_t num_states : {60, 800}) {
    Model<double> m(num_states, 2, 5, false);
    std::vector<double> policy(m.rewards.size(), 0.5), values(m.values), swept(m.values);
    std::vector<double> start(m.values.size(), 1.0 / static_cast<double>(num_states));
    std::vector<double> occupancy(m.values.size());
    std::vector<uint8_t> converged(1);
    PolicyEvaluationOccupancy<double> op{};
    give_model(op, m);
    give(op.policy, policy, {num_states, 2});
    give(op.mu0, start, {num_states});
    op.gamma = 0.95;
    op.num_sweeps = 700;
    op.tolerance = 1e-13;
    op.max_iterations = 1000;
    give(op.values, values, {num_states});
    give(op.values_after_sweeps, swept, {num_states});
    give(op.occupancy_s, occupancy, {num_states});
    give(op.converged, converged, {});
    REQUIRE(run_op(op).ok());
    CHECK(converged[0] == 1);
    double gain = 0, reward = 0;
    for (size_t s = 0; s < values.size(); ++s) {
      CHECK(values[s] == doctest::Approx(swept[s]).epsilon(1e-10));
      gain += 0.05 * start[s] * values[s];
      reward += occupancy[s] * 0.5 * (m.rewards[2 * s] + m.rewards[2 * s + 1]);
    }
    CHECK(gain == doctest::Approx(reward).epsilon(1e-10));
  }
}

}  // namespace
}  // namespace belfry::test
