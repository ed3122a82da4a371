// mlp, euler_sampler and one_step_generation against a plain evaluation, central differences and
// each other; the same bits for one and two threads.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/thread_pool.h"
#include "cpu/run.h"
#include "flow_cases.h"

namespace belfry::test {
namespace {

template <class Op>
void run_op(const Op& op) {
  cpu::CpuContext context;
  const Status status = cpu::run(op, context);
  INFO(status.argument);
  INFO(status.message);
  REQUIRE(status.ok());
}

// One call of mlp with everything asked for.
template <class T>
struct MlpCase {
  TestNetwork<T>& network;
  int64_t rows;
  std::vector<T> x, grad_y, tangent_x, y, grad_x, tangent_y;
  Mlp<T> op{};

  MlpCase(TestNetwork<T>& net, int64_t batch)
      : network(net),
        rows(batch),
        x(numbers<T>(batch * net.inputs(), 5)),
        grad_y(numbers<T>(batch * net.outputs(), 6)),
        tangent_x(numbers<T>(batch * net.inputs(), 7)),
        y(grad_y.size()),
        grad_x(x.size()),
        tangent_y(grad_y.size()) {
    const int64_t in = net.inputs(), out = net.outputs();
    set_network(op, net);
    op.x = view_of<In<T, 2>>(x, {rows, in});
    op.grad_y = view_of<In<T, 2>>(grad_y, {rows, out});
    op.tangent_x = view_of<In<T, 2>>(tangent_x, {rows, in});
    op.y = view_of<Out<T, 2>>(y, {rows, out});
    op.grad_x = view_of<Out<T, 2>>(grad_x, {rows, in});
    op.tangent_y = view_of<Out<T, 2>>(tangent_y, {rows, out});
    op.grad_weight = list_of(net.grad_weight_views);
    op.grad_bias = list_of(net.grad_bias_views);
    op.grad_ln_gamma = list_of(net.grad_gamma_views);
    op.grad_ln_beta = list_of(net.grad_beta_views);
  }

  std::vector<double> row(int64_t index) const {
    const auto first = x.begin() + index * network.inputs();
    return {first, first + network.inputs()};
  }
};

template <class T>
void check_values(Activation activation, Norm norm, int64_t rows, std::vector<int64_t> sizes) {
  CAPTURE(rows);
  CAPTURE(static_cast<int>(activation));
  CAPTURE(static_cast<int>(norm));
  TestNetwork<T> network(std::move(sizes), activation, norm, 3);
  MlpCase<T> together(network, rows), alone(network, rows);
  alone.op.tangent_x.present = alone.op.grad_y.present = false;
  run_op(together.op);
  run_op(alone.op);
  CHECK(alone.y == together.y);
  const double tolerance = sizeof(T) == 4 ? 3e-5 : 1e-12;
  double worst = 0;
  for (int64_t i = 0; i < rows; ++i) {
    const std::vector<double> want = plain_forward(network, together.row(i));
    for (size_t j = 0; j < want.size(); ++j) {
      const double got = static_cast<double>(together.y[static_cast<size_t>(i) * want.size() + j]);
      worst = std::max(worst, std::abs(got - want[j]));
    }
  }
  CHECK(worst < tolerance);
}

constexpr Norm kNorms[] = {Norm::none, Norm::pre, Norm::post};

TEST_CASE("mlp: values of all sizes") {
  for (const int64_t rows : {1, 2, 3, 12, 13, 17, 65, 257}) {
    for (const Norm norm : kNorms) {
      check_values<float>(Activation::mish, norm, rows, {5, 33, 17, 3});
      check_values<double>(Activation::mish, norm, rows, {5, 33, 17, 3});
    }
  }
  check_values<float>(Activation::gelu_tanh, Norm::post, 40, {1, 1, 65, 1});
  check_values<double>(Activation::elu, Norm::none, 40, {300, 257, 2});
  check_values<float>(Activation::relu, Norm::none, 40, {7, 4});
}

TEST_CASE("mlp: every activation") {
  for (int kind = 0; kind <= static_cast<int>(Activation::gelu_erf); ++kind) {
    for (const int64_t rows : {3, 20}) {
      check_values<float>(static_cast<Activation>(kind), Norm::none, rows, {4, 19, 2});
      check_values<double>(static_cast<Activation>(kind), Norm::none, rows, {4, 19, 2});
    }
  }
}

// Σ grad_y y over the batch, the function whose gradients the op returns.
double objective(MlpCase<double>& c) {
  Mlp<double> op = c.op;
  op.grad_y.present = op.tangent_x.present = false;
  std::vector<double> y(c.y.size());
  op.y.data = y.data();
  run_op(op);
  double sum = 0;
  for (size_t i = 0; i < y.size(); ++i) sum += y[i] * c.grad_y[i];
  return sum;
}

void check_against_differences(MlpCase<double>& c, std::vector<double>& values,
                               const std::vector<double>& gradient) {
  const double step = 1e-5;
  for (size_t i = 0; i < values.size(); i += 1 + values.size() / 7) {
    const double kept = values[i];
    values[i] = kept + step;
    const double high = objective(c);
    values[i] = kept - step;
    const double low = objective(c);
    values[i] = kept;
    CHECK(std::abs(gradient[i] - (high - low) / (2 * step)) < 1e-6 * (1 + std::abs(gradient[i])));
  }
}

TEST_CASE("mlp: gradients are the central differences") {
  for (const Norm norm : kNorms) {
    for (const int64_t rows : {1, 5, 30}) {
      CAPTURE(static_cast<int>(norm));
      CAPTURE(rows);
      TestNetwork<double> network({4, 9, 7, 3}, Activation::mish, norm, 11);
      MlpCase<double> c(network, rows);
      run_op(c.op);
      check_against_differences(c, c.x, c.grad_x);
      for (size_t l = 0; l < 3; ++l) {
        check_against_differences(c, network.weights[l], network.grad_weights[l]);
        check_against_differences(c, network.biases[l], network.grad_biases[l]);
        if (network.norms[l] == Norm::none) continue;
        check_against_differences(c, network.gammas[l], network.grad_gammas[l]);
        check_against_differences(c, network.betas[l], network.grad_betas[l]);
      }
    }
  }
}

TEST_CASE("mlp: the derivative is the central difference, and the gradient's transpose") {
  for (const Norm norm : kNorms) {
    for (const int64_t rows : {2, 33}) {
      CAPTURE(static_cast<int>(norm));
      TestNetwork<double> network({6, 20, 11, 4}, Activation::gelu_erf, norm, 21);
      MlpCase<double> c(network, rows), high(network, rows), low(network, rows);
      run_op(c.op);
      const double step = 1e-6;
      for (size_t i = 0; i < c.x.size(); ++i) {
        high.x[i] += step * c.tangent_x[i];
        low.x[i] -= step * c.tangent_x[i];
      }
      run_op(high.op);
      run_op(low.op);
      double forward = 0, reverse = 0;
      for (size_t i = 0; i < c.y.size(); ++i) {
        const double slope = (high.y[i] - low.y[i]) / (2 * step);
        CHECK(std::abs(c.tangent_y[i] - slope) < 1e-7 * (1 + std::abs(slope)));
        forward += c.grad_y[i] * c.tangent_y[i];
      }
      for (size_t i = 0; i < c.x.size(); ++i) reverse += c.grad_x[i] * c.tangent_x[i];
      CHECK(forward == doctest::Approx(reverse).epsilon(1e-11));
    }
  }
}

template <class T>
void check_threads() {
  auto& pool = core::ThreadPool::shared();
  const int limit = pool.limit();
  TestNetwork<T> network({19, 130, 97, 5}, Activation::silu, Norm::post, 31);
  TestNetwork<T> same({19, 130, 97, 5}, Activation::silu, Norm::post, 31);
  MlpCase<T> one(network, 1500), two(same, 1500);
  pool.set_limit(1);
  run_op(one.op);
  pool.set_limit(3);
  run_op(two.op);
  pool.set_limit(limit);
  CHECK(one.y == two.y);
  CHECK(one.grad_x == two.grad_x);
  CHECK(one.tangent_y == two.tangent_y);
  CHECK(network.grad_weights == same.grad_weights);
  CHECK(network.grad_biases == same.grad_biases);
  CHECK(network.grad_gammas == same.grad_gammas);
  CHECK(network.grad_betas == same.grad_betas);
}

TEST_CASE("mlp: threads change no bit") {
  check_threads<float>();
  check_threads<double>();
}

TEST_CASE("mlp: an empty batch has zero gradients, an empty network is refused") {
  TestNetwork<float> network({3, 4, 2}, Activation::tanh, Norm::pre, 41);
  for (auto& grads : network.grad_weights) std::fill(grads.begin(), grads.end(), 9.0f);
  MlpCase<float> c(network, 0);
  run_op(c.op);
  for (const auto& grads : network.grad_weights) {
    CHECK(std::all_of(grads.begin(), grads.end(), [](float g) { return g == 0; }));
  }
  c.op.weight.count = 0;
  cpu::CpuContext context;
  CHECK(cpu::run(c.op, context).code == Code::invalid_argument);
}

// euler_sampler, step by step through plain_forward.
template <class T>
void check_euler(std::vector<EulerInput> order, int64_t rows, Norm norm) {
  const int64_t states = 4, dims = 3;
  TestNetwork<T> network({states + dims + 1, 18, 9, dims}, Activation::gelu_tanh, norm, 51);
  const std::vector<T> observations = numbers<T>(rows * states, 52);
  const std::vector<T> noise = numbers<T>(rows * dims, 53);
  std::vector<T> got[2] = {std::vector<T>(noise.size()), std::vector<T>(noise.size())};
  EulerSampler<T> op{};
  set_network(op, network);
  op.observations = view_of<In<T, 2>>(observations, {rows, states});
  op.noise = view_of<In<T, 2>>(noise, {rows, dims});
  op.steps = 5;
  op.clip = true;
  op.input_order = list_of(order);
  op.action_data_at_t1 = view_of<Out<T, 2>>(got[0], {rows, dims});
  op.action_noise_at_t1 = view_of<Out<T, 2>>(got[1], {rows, dims});
  run_op(op);
  if (order.empty()) order = {EulerInput::observations, EulerInput::x, EulerInput::t};
  double worst = 0;
  for (int64_t chain = 0; chain < 2; ++chain) {
    for (int64_t row = 0; row < rows; ++row) {
      const auto from = noise.begin() + row * dims;
      std::vector<double> x(from, from + dims);
      for (int step = 0; step < 5; ++step) {
        std::vector<double> input;
        for (const EulerInput part : order) {
          const auto state = observations.begin() + row * states;
          if (part == EulerInput::observations) input.insert(input.end(), state, state + states);
          if (part == EulerInput::x) input.insert(input.end(), x.begin(), x.end());
          if (part == EulerInput::t) input.push_back(chain == 0 ? step / 5.0 : 1 - step / 5.0);
        }
        const std::vector<double> v = plain_forward(network, input);
        for (size_t i = 0; i < x.size(); ++i) x[i] += (chain == 0 ? v[i] : -v[i]) / 5;
      }
      for (size_t i = 0; i < x.size(); ++i) {
        const double want = std::clamp(x[i], -1.0, 1.0);
        const size_t at = static_cast<size_t>(row * dims) + i;
        worst = std::max(worst, std::abs(static_cast<double>(got[chain][at]) - want));
      }
    }
  }
  CHECK(worst < (sizeof(T) == 4 ? 2e-5 : 1e-12));
}

TEST_CASE("euler_sampler: both chains, any order of inputs") {
  using enum EulerInput;
  for (const int64_t rows : {1, 17, 300}) {
    check_euler<float>({}, rows, Norm::none);
    check_euler<double>({t, x, observations}, rows, Norm::post);
    check_euler<float>({x, observations, t}, rows, Norm::pre);
  }
}

TEST_CASE("euler_sampler: refuses a wrong order and a wrong width") {
  TestNetwork<float> network({6, 3, 2}, Activation::relu, Norm::none, 61);
  const std::vector<float> observations(6), noise(4);
  std::vector<float> out(4);
  EulerSampler<float> op{};
  set_network(op, network);
  op.observations = view_of<In<float, 2>>(observations, {2, 3});
  op.noise = view_of<In<float, 2>>(noise, {2, 2});
  op.steps = 1;
  op.action_data_at_t1 = view_of<Out<float, 2>>(out, {2, 2});
  run_op(op);
  std::vector<EulerInput> twice = {EulerInput::x, EulerInput::x, EulerInput::t};
  op.input_order = list_of(twice);
  cpu::CpuContext context;
  Status status = cpu::run(op, context);
  CHECK(status.code == Code::invalid_argument);
  CHECK(std::string(status.argument) == "input_order");
  op.input_order.count = 0;
  op.observations.dims[1] = 2;
  status = cpu::run(op, context);
  CHECK(status.code == Code::bad_shape);
  CHECK(std::string(status.argument) == "weight_0");
}

}  // namespace
}  // namespace belfry::test
