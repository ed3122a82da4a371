// one_step_generation: the sizes that the shapes of its operands must agree on, and the inputs of
// its networks.
#pragma once

#include <cstdio>
#include <cstring>

#include "cpu/flow/network.h"
#include "ops/flow/sampling.h"

namespace belfry::cpu {

// Layers given, `inputs` taken and `outputs` (where not negative) made by one of the networks.
template <class T>
Status check_network(const char* prefix, const List<In<T, 2>>& weight, int64_t inputs,
                     int64_t outputs) {
  char name[64];
  if (weight.count == 0) {
    std::snprintf(name, sizeof name, "%s_weight_#", prefix);
    return Status::error(Code::invalid_argument, name, "is missing; a network has layers");
  }
  if (weight[0].dims[1] != inputs) {
    std::snprintf(name, sizeof name, "%s_weight_0", prefix);
    return Status::error(Code::bad_shape, name, "takes %lld inputs, expected %lld",
                         static_cast<long long>(weight[0].dims[1]), static_cast<long long>(inputs));
  }
  const int64_t made = weight[weight.count - 1].dims[0];
  if (outputs < 0 || made == outputs) return {};
  std::snprintf(name, sizeof name, "%s_weight_%lld", prefix,
                static_cast<long long>(weight.count - 1));
  return Status::error(Code::bad_shape, name, "makes %lld outputs, expected %lld",
                       static_cast<long long>(made), static_cast<long long>(outputs));
}

template <class T>
Status check_scores(const OneStepGeneration<T>& op) {
  const int64_t inputs = op.observations.dims[1] + op.noise.dims[2];
  if (op.critic1_weight.count == 0) return {};
  const auto& order = op.critic_input_order;
  if (order.count != 0 && (order.count != 2 || order[0] == order[1])) {
    return Status::error(Code::invalid_argument, "critic_input_order",
                         "must hold each of observations and actions once");
  }
  if (op.noise.dims[1] == 0 && op.noise.dims[0] > 0) {
    return Status::error(Code::bad_shape, "noise", "has no candidates to choose from");
  }
  Status status = check_network("critic1", op.critic1_weight, inputs, 1);
  if (!status.ok() || op.critic2_weight.count == 0) return status;
  return check_network("critic2", op.critic2_weight, inputs, 1);
}

template <class T>
Status check_generation(const OneStepGeneration<T>& op, bool scores) {
  if (op.emb_dim % 2 != 0 || op.emb_dim < 4) {
    return Status::error(Code::invalid_argument, "emb_dim", "is %lld, expected an even number >= 4",
                         static_cast<long long>(op.emb_dim));
  }
  if (Status s = check_network("tmlp", op.tmlp_weight, op.emb_dim, -1); !s.ok()) return s;
  if (Status s = check_network("rmlp", op.rmlp_weight, op.emb_dim, -1); !s.ok()) return s;
  const int64_t times = op.tmlp_weight[op.tmlp_weight.count - 1].dims[0] +
                        op.rmlp_weight[op.rmlp_weight.count - 1].dims[0];
  const int64_t dims = op.noise.dims[2];
  const int64_t inputs = dims + times + op.observations.dims[1];
  if (Status s = check_network("trunk", op.trunk_weight, inputs, dims); !s.ok()) return s;
  return scores ? check_scores(op) : Status{};
}

// [ε, e_t, e_r, s] of every candidate.
template <class T>
T* unfolded_inputs(const OneStepGeneration<T>& op, const T* times, int64_t num_times,
                   CpuContext& context) {
  const int64_t rows = op.noise.dims[0] * op.noise.dims[1], dims = op.noise.dims[2];
  const int64_t states = op.observations.dims[1], width = dims + num_times + states;
  T* inputs = context.scratch<T>(rows * width);
  const auto copy = [](T* to, const T* from, int64_t n) {
    if (n > 0) std::memcpy(to, from, static_cast<size_t>(n) * sizeof(T));
  };
  for (int64_t row = 0; row < rows; ++row) {
    T* to = inputs + row * width;
    copy(to, op.noise.begin() + row * dims, dims);
    copy(to + dims, times, num_times);
    copy(to + dims + num_times, op.observations.begin() + row / op.noise.dims[1] * states, states);
  }
  return inputs;
}

}  // namespace belfry::cpu
