// Networks and op structs for the tests of the flow kernels, and a plain evaluation in double.
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "math/activations.h"
#include "numbers.h"
#include "ops/flow/sampling.h"

namespace belfry::test {

template <class V, class T>
V view_of(const std::vector<T>& data, std::initializer_list<int64_t> dims) {
  V view;
  view.data = const_cast<T*>(data.data());
  view.dtype = sizeof(T) == 4 ? DType::f32 : DType::f64;
  for (const int64_t n : dims) view.dims[view.rank++] = n;
  view.present = true;
  return view;
}

// One network with the storage of its weights and, for tests of gradients, of what comes back.
template <class T>
struct TestNetwork {
  std::vector<int64_t> sizes;
  std::vector<Activation> activations;
  std::vector<Norm> norms;
  std::vector<std::vector<T>> weights, biases, gammas, betas;
  std::vector<std::vector<T>> grad_weights, grad_biases, grad_gammas, grad_betas;
  std::vector<In<T, 2>> weight_views;
  std::vector<MixedIn<2>> mixed_views;
  std::vector<In<T, 1>> bias_views, gamma_views, beta_views;
  std::vector<Out<T, 2>> grad_weight_views;
  std::vector<Out<T, 1>> grad_bias_views, grad_gamma_views, grad_beta_views;

  TestNetwork(std::vector<int64_t> widths, Activation activation, Norm norm, uint32_t seed)
      : sizes(std::move(widths)) {
    const size_t layers = sizes.size() - 1;
    for (size_t i = 0; i < layers; ++i) {
      const int64_t in = sizes[i], out = sizes[i + 1];
      const bool last = i + 1 == layers;
      activations.push_back(last ? Activation::identity : activation);
      norms.push_back(last ? Norm::none : norm);
      const uint32_t own = seed + 10 * static_cast<uint32_t>(i);
      weights.push_back(numbers<T>(in * out, own));
      for (T& w : weights.back()) w *= static_cast<T>(1.7 / std::sqrt(static_cast<double>(in + 1)));
      biases.push_back(numbers<T>(out, own + 1));
      gammas.push_back(numbers<T>(out, own + 2));
      betas.push_back(numbers<T>(out, own + 3));
      grad_weights.emplace_back(weights.back().size());
      for (auto* grads : {&grad_biases, &grad_gammas, &grad_betas}) {
        grads->emplace_back(static_cast<size_t>(out));
      }
    }
    make_views();
  }
  TestNetwork(const TestNetwork&) = delete;
  TestNetwork& operator=(const TestNetwork&) = delete;

  int64_t layers() const { return static_cast<int64_t>(sizes.size()) - 1; }
  int64_t inputs() const { return sizes.front(); }
  int64_t outputs() const { return sizes.back(); }

 private:
  void make_views() {
    for (size_t i = 0; i + 1 < sizes.size(); ++i) {
      const int64_t in = sizes[i], out = sizes[i + 1];
      weight_views.push_back(view_of<In<T, 2>>(weights[i], {out, in}));
      mixed_views.push_back(view_of<MixedIn<2>>(weights[i], {out, in}));
      bias_views.push_back(view_of<In<T, 1>>(biases[i], {out}));
      gamma_views.push_back(view_of<In<T, 1>>(gammas[i], {out}));
      beta_views.push_back(view_of<In<T, 1>>(betas[i], {out}));
      gamma_views.back().present = beta_views.back().present = norms[i] != Norm::none;
      grad_weight_views.push_back(view_of<Out<T, 2>>(grad_weights[i], {out, in}));
      grad_bias_views.push_back(view_of<Out<T, 1>>(grad_biases[i], {out}));
      grad_gamma_views.push_back(view_of<Out<T, 1>>(grad_gammas[i], {out}));
      grad_beta_views.push_back(view_of<Out<T, 1>>(grad_betas[i], {out}));
    }
  }
};

template <class T>
List<T> list_of(std::vector<T>& items) {
  return {items.data(), static_cast<int64_t>(items.size())};
}

template <class T>
void set_weights(List<In<T, 2>>& weights, TestNetwork<T>& network) {
  weights = list_of(network.weight_views);
}
template <class T>
void set_weights(List<MixedIn<2>>& weights, TestNetwork<T>& network) {
  weights = list_of(network.mixed_views);
}

// Sets the fields that mlp and euler_sampler share.
template <class Op, class T>
void set_network(Op& op, TestNetwork<T>& network) {
  set_weights(op.weight, network);
  op.bias = list_of(network.bias_views);
  op.ln_gamma = list_of(network.gamma_views);
  op.ln_beta = list_of(network.beta_views);
  op.activations = list_of(network.activations);
  op.norms = list_of(network.norms);
  op.layers = network.layers();
  op.ln_eps = 1e-3;
}

inline void plain_norm(std::vector<double>& row, const double* gamma, const double* beta) {
  const double width = static_cast<double>(row.size());
  double mean = 0, squares = 0;
  for (const double x : row) mean += x / width;
  for (const double x : row) squares += (x - mean) * (x - mean);
  for (size_t i = 0; i < row.size(); ++i) {
    row[i] = (row[i] - mean) / std::sqrt(squares / width + 1e-3) * gamma[i] + beta[i];
  }
}

// One row through a network of any type, in double.
template <class T>
std::vector<double> plain_forward(const TestNetwork<T>& network, std::vector<double> row) {
  for (size_t l = 0; l < network.weights.size(); ++l) {
    const size_t in = static_cast<size_t>(network.sizes[l]);
    const std::vector<double> gamma(network.gammas[l].begin(), network.gammas[l].end());
    const std::vector<double> beta(network.betas[l].begin(), network.betas[l].end());
    std::vector<double> z(network.biases[l].begin(), network.biases[l].end());
    for (size_t o = 0; o < z.size(); ++o) {
      for (size_t i = 0; i < in; ++i) {
        z[o] += static_cast<double>(network.weights[l][o * in + i]) * row[i];
      }
    }
    if (network.norms[l] == Norm::pre) plain_norm(z, gamma.data(), beta.data());
    for (double& value : z) value = math::activation_jet(network.activations[l], value).value;
    if (network.norms[l] == Norm::post) plain_norm(z, gamma.data(), beta.data());
    row = z;
  }
  return row;
}

}  // namespace belfry::test
