// one_step_generation and layer_norm against plain evaluations.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/thread_pool.h"
#include "cpu/run.h"
#include "flow_cases.h"
#include "math/embedding.h"

namespace belfry::test {
namespace {

constexpr int64_t kStates = 5, kDims = 3, kEmbedding = 6;

// The op with its networks; everything is asked for.
template <class T>
struct Generation {
  int64_t batch, candidates;
  TestNetwork<T> trunk{{kDims + 4 + 2 + kStates, 40, 17, kDims}, Activation::mish, Norm::none, 71};
  TestNetwork<T> tmlp{{kEmbedding, 8, 4}, Activation::mish, Norm::none, 72};
  TestNetwork<T> rmlp{{kEmbedding, 7, 2}, Activation::mish, Norm::none, 73};
  TestNetwork<T> critic1{{kStates + kDims, 21, 1}, Activation::mish, Norm::none, 74};
  TestNetwork<T> critic2{{kStates + kDims, 9, 8, 1}, Activation::mish, Norm::none, 75};
  std::vector<T> observations, noise, grad_action;
  std::vector<T> raw, actions, q_min, best_action, probabilities, grad_bias, grad_weight;
  std::vector<int32_t> best_index;
  std::vector<CriticInput> order;
  OneStepGeneration<T> op{};

  Generation(int64_t states, int64_t each)
      : batch(states),
        candidates(each),
        observations(numbers<T>(states * kStates, 81)),
        noise(numbers<T>(states * each * kDims, 82)),
        grad_action(numbers<T>(states * each * kDims, 83)),
        raw(noise.size()),
        actions(noise.size()),
        q_min(static_cast<size_t>(states * each)),
        best_action(static_cast<size_t>(states * kDims)),
        probabilities(q_min.size()),
        grad_bias(kDims),
        grad_weight(trunk.weights[0].size()),
        best_index(static_cast<size_t>(states)) {
    for (T& x : noise) x *= T(2);
    op.observations = view_of<In<T, 2>>(observations, {batch, kStates});
    op.noise = view_of<In<T, 3>>(noise, {batch, candidates, kDims});
    op.grad_action_unclipped = view_of<In<T, 3>>(grad_action, {batch, candidates, kDims});
    set(op.trunk_weight, op.trunk_bias, trunk);
    set(op.tmlp_weight, op.tmlp_bias, tmlp);
    set(op.rmlp_weight, op.rmlp_bias, rmlp);
    set(op.critic1_weight, op.critic1_bias, critic1);
    set(op.critic2_weight, op.critic2_bias, critic2);
    op.emb_dim = kEmbedding;
    op.time_scale = 3;
    op.activation = Activation::mish;
    op.clip = 0.9;
    op.action_raw = view_of<Out<T, 3>>(raw, {batch, candidates, kDims});
    op.actions = view_of<Out<T, 3>>(actions, {batch, candidates, kDims});
    op.q_min = view_of<Out<T, 2>>(q_min, {batch, candidates});
    op.best_action = view_of<Out<T, 2>>(best_action, {batch, kDims});
    op.softmax_selection_prob = view_of<Out<T, 2>>(probabilities, {batch, candidates});
    op.grad_trunk_last_bias = view_of<Out<T, 1>>(grad_bias, {kDims});
    op.grad_trunk_weight_0 = view_of<Out<T, 2>>(grad_weight, {trunk.sizes[1], trunk.sizes[0]});
    op.best_index.data = best_index.data();
    op.best_index.dims[0] = batch;
    op.best_index.rank = 1;
    op.best_index.dtype = DType::i32;
    op.best_index.present = true;
  }

  static void set(List<In<T, 2>>& weight, List<In<T, 1>>& bias, TestNetwork<T>& network) {
    weight = list_of(network.weight_views);
    bias = list_of(network.bias_views);
  }
  Status run() {
    cpu::CpuContext context;
    return cpu::run(op, context);
  }
  std::vector<double> state(int64_t index) const {
    const auto first = observations.begin() + index * kStates;
    return {first, first + kStates};
  }
  std::vector<double> noise_of(int64_t row) const {
    return {noise.begin() + row * kDims, noise.begin() + (row + 1) * kDims};
  }
};

std::vector<double> embedded(double t) {
  std::vector<double> sines, cosines;
  for (int64_t k = 0; k < kEmbedding / 2; ++k) {
    const auto pair = math::embed_time(t, 3, math::embedding_frequency(k, kEmbedding / 2, 1e4));
    sines.push_back(pair.sine);
    cosines.push_back(pair.cosine);
  }
  sines.insert(sines.end(), cosines.begin(), cosines.end());
  return sines;
}

void append(std::vector<double>& to, const std::vector<double>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// ε − u of one candidate, nothing folded.
template <class T>
std::vector<double> plain_action(const Generation<T>& g, int64_t row) {
  std::vector<double> input = g.noise_of(row);
  append(input, plain_forward(g.tmlp, embedded(1)));
  append(input, plain_forward(g.rmlp, embedded(0)));
  append(input, g.state(row / g.candidates));
  std::vector<double> action = g.noise_of(row);
  const std::vector<double> u = plain_forward(g.trunk, input);
  for (size_t i = 0; i < u.size(); ++i) action[i] -= u[i];
  return action;
}

template <class T>
double plain_score(const Generation<T>& g, int64_t row, const std::vector<double>& action) {
  std::vector<double> input = g.state(row / g.candidates), turned = action;
  append(turned, input);
  append(input, action);
  const auto& given = g.order.empty() ? input : turned;
  return std::min(plain_forward(g.critic1, given)[0], plain_forward(g.critic2, given)[0]);
}

template <class T>
void check_generation(int64_t batch, int64_t candidates, bool actions_first) {
  CAPTURE(batch);
  CAPTURE(candidates);
  Generation<T> g(batch, candidates);
  if (actions_first) g.order = {CriticInput::actions, CriticInput::observations};
  g.op.critic_input_order = list_of(g.order);
  REQUIRE(g.run().ok());
  double worst = 0, worst_score = 0;
  for (int64_t row = 0; row < batch * candidates; ++row) {
    std::vector<double> action = plain_action(g, row);
    for (size_t i = 0; i < action.size(); ++i) {
      const size_t at = static_cast<size_t>(row * kDims) + i;
      worst = std::max(worst, std::abs(static_cast<double>(g.raw[at]) - action[i]));
      action[i] = std::clamp(action[i], -0.9, 0.9);
      worst = std::max(worst, std::abs(static_cast<double>(g.actions[at]) - action[i]));
    }
    const double q = static_cast<double>(g.q_min[static_cast<size_t>(row)]);
    worst_score = std::max(worst_score, std::abs(q - plain_score(g, row, action)));
  }
  CHECK(worst < (sizeof(T) == 4 ? 2e-6 : 1e-13));
  CHECK(worst_score < (sizeof(T) == 4 ? 4e-6 : 1e-13));
  for (int64_t state = 0; state < batch; ++state) {
    const auto q = g.q_min.begin() + state * candidates;
    const auto best = std::max_element(q, q + candidates) - q;
    CHECK(g.best_index[static_cast<size_t>(state)] == best);
    for (int64_t i = 0; i < kDims; ++i) {
      CHECK(g.best_action[static_cast<size_t>(state * kDims + i)] ==
            g.actions[static_cast<size_t>((state * candidates + best) * kDims + i)]);
    }
    double sum = 0;
    for (int64_t k = 0; k < candidates; ++k) {
      const double p =
          static_cast<double>(g.probabilities[static_cast<size_t>(state * candidates + k)]);
      const double top =
          static_cast<double>(g.probabilities[static_cast<size_t>(state * candidates + best)]);
      CHECK(p / top ==
            doctest::Approx(std::exp(static_cast<double>(q[k] - q[best]))).epsilon(1e-5));
      sum += p;
    }
    CHECK(sum == doctest::Approx(1).epsilon(1e-6));
  }
}

TEST_CASE("one_step_generation: folding, candidates, choice") {
  check_generation<float>(1, 1, false);
  check_generation<double>(1, 50, true);
  check_generation<float>(3, 4, true);
  check_generation<double>(9, 7, false);
  check_generation<float>(700, 1, false);
  check_generation<float>(5, 301, false);
}

TEST_CASE("one_step_generation: gradients are the central differences") {
  for (const int64_t batch : {2, 20}) {
    Generation<double> g(batch, 3);
    REQUIRE(g.run().ok());
    const auto objective = [&](std::vector<double>& value, size_t at, double step) {
      const double kept = value[at];
      value[at] += step;
      double sum = 0;
      for (int64_t row = 0; row < batch * 3; ++row) {
        const std::vector<double> action = plain_action(g, row);
        for (size_t i = 0; i < action.size(); ++i) {
          sum += action[i] * g.grad_action[static_cast<size_t>(row * kDims) + i];
        }
      }
      value[at] = kept;
      return sum;
    };
    const auto check = [&](std::vector<double>& values, const std::vector<double>& gradient) {
      for (size_t i = 0; i < values.size(); i += 1 + values.size() / 11) {
        const double slope = (objective(values, i, 1e-5) - objective(values, i, -1e-5)) / 2e-5;
        CHECK(std::abs(gradient[i] - slope) < 1e-7 * (1 + std::abs(slope)));
      }
    };
    check(g.trunk.biases.back(), g.grad_bias);
    check(g.trunk.weights[0], g.grad_weight);
  }
}

TEST_CASE("one_step_generation: ties take the lowest index, one critic is enough") {
  Generation<float> g(2, 4);
  for (size_t i = 0; i < g.noise.size(); ++i) g.noise[i] = g.noise[i % kDims];
  g.op.critic2_weight.count = g.op.critic2_bias.count = 0;
  REQUIRE(g.run().ok());
  CHECK(g.best_index[0] == 0);
  CHECK(g.best_index[1] == 0);
  CHECK(g.probabilities[5] == 0.25f);
  const double want = plain_forward(g.critic1, [&] {
    std::vector<double> input = g.state(0);
    input.insert(input.end(), g.actions.begin(), g.actions.begin() + kDims);
    return input;
  }())[0];
  CHECK(static_cast<double>(g.q_min[0]) == doctest::Approx(want).epsilon(1e-5));
}

TEST_CASE("one_step_generation: sizes that do not fit are named") {
  const auto refused = [](auto change, Code code, const char* argument) {
    Generation<float> g(2, 2);
    change(g);
    const Status status = g.run();
    CHECK(status.code == code);
    CHECK(std::string(status.argument) == argument);
  };
  using Case = Generation<float>;
  refused([](Case& g) { g.op.emb_dim = 5; }, Code::invalid_argument, "emb_dim");
  refused([](Case& g) { g.op.emb_dim = 8; }, Code::bad_shape, "tmlp_weight_0");
  refused([](Case& g) { g.op.observations.dims[1] = 4; }, Code::bad_shape, "trunk_weight_0");
  refused([](Case& g) { g.op.trunk_weight.count = 2; }, Code::bad_shape, "trunk_weight_1");
  refused([](Case& g) { g.op.critic2_weight.count = 2; }, Code::bad_shape, "critic2_weight_1");
  refused([](Case& g) { g.op.trunk_weight.count = 0; }, Code::invalid_argument, "trunk_weight_#");
  refused(
      [](Case& g) {
        g.order = {CriticInput::actions, CriticInput::actions};
        g.op.critic_input_order = list_of(g.order);
      },
      Code::invalid_argument, "critic_input_order");
}

TEST_CASE("one_step_generation: threads change no bit") {
  auto& pool = core::ThreadPool::shared();
  const int limit = pool.limit();
  Generation<float> one(40, 33), two(40, 33);
  pool.set_limit(1);
  REQUIRE(one.run().ok());
  pool.set_limit(3);
  REQUIRE(two.run().ok());
  pool.set_limit(limit);
  CHECK(one.actions == two.actions);
  CHECK(one.q_min == two.q_min);
  CHECK(one.probabilities == two.probabilities);
  CHECK(one.grad_weight == two.grad_weight);
}

// layer_norm against the formula, its gradients against differences of it.
template <class T>
void check_layer_norm(int64_t rows, int64_t width) {
  CAPTURE(rows);
  CAPTURE(width);
  const std::vector<T> x = numbers<T>(rows * width, 91), g = numbers<T>(rows * width, 92);
  const std::vector<T> tx = numbers<T>(rows * width, 93);
  const std::vector<T> gamma = numbers<T>(width, 94), beta = numbers<T>(width, 95);
  std::vector<T> y(x.size()), gx(x.size()), ty(x.size()), gg(gamma.size()), gb(gamma.size());
  LayerNorm<T> op{};
  op.x = view_of<In<T, 2>>(x, {rows, width});
  op.grad_y = view_of<In<T, 2>>(g, {rows, width});
  op.tangent_x = view_of<In<T, 2>>(tx, {rows, width});
  op.gamma = view_of<In<T, 1>>(gamma, {width});
  op.beta = view_of<In<T, 1>>(beta, {width});
  op.eps = 1e-3;
  op.affine = true;
  op.y = view_of<Out<T, 2>>(y, {rows, width});
  op.grad_x = view_of<Out<T, 2>>(gx, {rows, width});
  op.tangent_y = view_of<Out<T, 2>>(ty, {rows, width});
  op.grad_gamma = view_of<Out<T, 1>>(gg, {width});
  op.grad_beta = view_of<Out<T, 1>>(gb, {width});
  cpu::CpuContext context;
  REQUIRE(cpu::run(op, context).ok());
  const double unit = sizeof(T) == 4 ? 1e-5 : 1e-12;
  const std::vector<double> scale(gamma.begin(), gamma.end()), shift(beta.begin(), beta.end());
  std::vector<double> want_gamma(scale.size()), want_beta(scale.size());
  double forward = 0, reverse = 0, worst = 0;
  for (int64_t r = 0; r < rows; ++r) {
    std::vector<double> row(x.begin() + r * width, x.begin() + (r + 1) * width);
    std::vector<double> plain = row;
    plain_norm(plain, scale.data(), shift.data());
    for (size_t i = 0; i < row.size(); ++i) {
      const size_t at = static_cast<size_t>(r * width) + i;
      worst = std::max(worst, std::abs(static_cast<double>(y[at]) - plain[i]));
      want_gamma[i] += static_cast<double>(g[at]) * (plain[i] - shift[i]) / scale[i];
      want_beta[i] += static_cast<double>(g[at]);
      forward += static_cast<double>(g[at]) * static_cast<double>(ty[at]);
      reverse += static_cast<double>(gx[at]) * static_cast<double>(tx[at]);
    }
  }
  CHECK(worst < unit);
  CHECK(std::abs(forward - reverse) < unit * static_cast<double>(rows * width));
  for (size_t i = 0; i < scale.size(); ++i) {
    CHECK(std::abs(static_cast<double>(gg[i]) - want_gamma[i]) <
          unit * (1 + static_cast<double>(rows)));
    CHECK(std::abs(static_cast<double>(gb[i]) - want_beta[i]) <
          unit * (1 + static_cast<double>(rows)));
  }
}

TEST_CASE("layer_norm: odd sizes, transposed derivative, sums over the batch") {
  for (const int64_t rows : {1, 3, 17, 1000}) {
    for (const int64_t width : {1, 3, 17, 65, 257}) {
      check_layer_norm<float>(rows, width);
      check_layer_norm<double>(rows, width);
    }
  }
}

}  // namespace
}  // namespace belfry::test
