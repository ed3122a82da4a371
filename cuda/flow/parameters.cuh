// The parameters of one optimiser: their gradients lie end to end in one array, so that the norm is
// one sum; one launch takes a step of Adam on many arrays, in which followers take their share.
#pragma once

#include <vector>

#include "cuda/flow/network_backward.cuh"
#include "cuda/optim/gradient_norm.cuh"
#include "math/network_parameters.h"
#include "math/optimizer.h"
#include "math/outputs.h"

namespace belfry::cuda {

template <class T>
struct Parameter {
  const T* value;
  T* next;  // null, like those below: not wanted
  const T* follower;
  T* next_follower;
  int64_t first, count;  // among the gradients and in the moments
};

template <class T>
struct ParameterSet {
  std::vector<Parameter<T>> items;
  int64_t size = 0;
  T* grads = nullptr;
  const T* moments = nullptr;  // m, then v; null: both are 0
  T* next_moments = nullptr;

  void add(Parameter<T> parameter) {
    parameter.first = size;
    size += parameter.count;
    items.push_back(parameter);
  }
};

using math::NetworkParameters;

// `kept`: new parameters that the op does not return go to scratch memory.
template <class T>
void add_parameters(const NetworkParameters<T>& lists, bool kept, ParameterSet<T>* set,
                    Work& work) {
  const auto add = [&](const auto& values, const auto& nexts, const auto& followers,
                       const auto& next_followers, int64_t i) {
    Parameter<T> p{values[i].begin(), nullptr, nullptr, nullptr, 0, values[i].size()};
    if (i < nexts.count) p.next = math::data_of(nexts[i]);
    if (!p.next && kept) p.next = work.scratch<T>(p.count);
    if (i < followers.count) p.follower = followers[i].begin();
    if (i < next_followers.count) p.next_follower = math::data_of(next_followers[i]);
    set->add(p);
  };
  for (int64_t i = 0; i < lists.weight.count; ++i) {
    add(lists.weight, lists.new_weight, lists.follower_weight, lists.new_follower_weight, i);
    add(lists.bias, lists.new_bias, lists.follower_bias, lists.new_follower_bias, i);
  }
}

// Where the gradients of a network of `layers` go, from item `first` on.
template <class T>
std::vector<LayerGrads<T>> gradients_of(const ParameterSet<T>& set, size_t first, size_t layers) {
  std::vector<LayerGrads<T>> grads(layers);
  for (size_t i = 0; i < layers; ++i) {
    grads[i].weight = set.grads + set.items[first + 2 * i].first;
    grads[i].bias = set.grads + set.items[first + 2 * i + 1].first;
  }
  return grads;
}

// The network with its new parameters.
template <class T>
Network<T> with_next(Network<T> network, const ParameterSet<T>& set, size_t first) {
  for (size_t i = 0; i < network.layers.size(); ++i) {
    network.layers[i].weight = set.items[first + 2 * i].next;
    network.layers[i].add = set.items[first + 2 * i + 1].next;
  }
  return network;
}

inline constexpr int kMostParameters = 24;  // of one launch

template <class T>
struct AdamCall {
  Parameter<T> items[kMostParameters];
  int count = 0;
  math::AdamRule<T> rule;
  const double* squares;
  double max_norm;  // 0: no limit
  const T *grads, *m, *v;
  T *next_m, *next_v, tau;
};

// blockIdx.y is the item.
template <class T>
__global__ void adam_items(AdamCall<T> call) {
  const Parameter<T> p = call.items[blockIdx.y];
  const T scale = call.max_norm == 0
                      ? T(1)
                      : static_cast<T>(math::clip_norm_scale(sqrt(*call.squares), call.max_norm));
#pragma unroll 1
  for (int64_t i : grid_stride(p.count)) {
    const int64_t at = p.first + i;
    T w = p.value[i], m = call.m ? call.m[at] : T(0), v = call.v ? call.v[at] : T(0);
    call.rule(w, m, v, call.grads[at] * scale);
    if (call.next_m) call.next_m[at] = m;
    if (call.next_v) call.next_v[at] = v;
    if (p.next) p.next[i] = w;
    if (p.next_follower) p.next_follower[i] = call.tau * w + (1 - call.tau) * p.follower[i];
  }
}

// Adam on every array of the set. `call` has the rule and the limit of the norm; `tau` is the share
// of the new parameters in their followers.
template <class T>
Status adam_step(AdamCall<T> call, const ParameterSet<T>& set, double tau, Work& work) {
  call.grads = set.grads;
  call.m = set.moments;
  call.v = set.moments ? set.moments + set.size : nullptr;
  call.next_m = set.next_moments;
  call.next_v = set.next_moments ? set.next_moments + set.size : nullptr;
  call.tau = static_cast<T>(tau);
  for (size_t begin = 0; begin < set.items.size(); begin += kMostParameters) {
    int64_t longest = 1;
    call.count = 0;
    for (size_t i = begin; i < set.items.size() && call.count < kMostParameters; ++i) {
      call.items[call.count++] = set.items[i];
      longest = std::max(longest, set.items[i].count);
    }
    const dim3 grid(blocks_for(longest, 256), static_cast<unsigned>(call.count));
    work.launch(adam_items<T>, {grid, dim3(256)}, call);
  }
  return work.status();
}

// The norm, then the step.
template <class T, class Op>
Status optimise(const Op& op, const ParameterSet<T>& set, double tau, const Out<T, 0>& norm,
                CudaContext& context, Work& work) {
  double* squares = nullptr;
  const math::SquareRows<T> rows{set.grads, nullptr, set.size};
  Status s = sum_squares(rows, set.size, math::data_of(norm), &squares, context, work);
  if (!s.ok()) return s;
  AdamCall<T> call{};
  call.rule = math::adam_rule<T>({op.lr, op.beta1, op.beta2, op.adam_eps, 0, 0}, op.step);
  call.squares = squares;
  call.max_norm = op.grad_clip.present ? op.grad_clip.value : 0;
  return adam_step(call, set, tau, work);
}

}  // namespace belfry::cuda
