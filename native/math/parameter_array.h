// An array of parameters under an optimiser, as both processors take it.
#pragma once

#include <cstdint>

#include "math/outputs.h"
#include "ops/flow/training.h"

namespace belfry::math {

// With its gradient, the two numbers of state of each parameter, and what follows it; the new
// arrays may be the old ones. Null: not wanted; `first` and `second` null: zeros.
template <class T>
struct ParameterArray {
  const T *w, *first, *second, *grad;
  T *new_w, *new_first, *new_second;
  int64_t size;
  const T* average = nullptr;
  T* new_average = nullptr;
};

template <class T>
ParameterArray<T> parameter_array(const OptimizerStepUpdate<T>& op) {
  return {op.w.begin(),        op.first.begin(),       data_of(op.second),     op.grad.begin(),
          data_of(op.new_w),   data_of(op.new_first),  data_of(op.new_second), op.w.size(),
          data_of(op.average), data_of(op.new_average)};
}

// Weights and biases of layer i of a training step of a Q-network.
template <class T, class Op>
ParameterArray<T> weight_array(const Op& op, int64_t i, const T* grad) {
  return {op.w[i].begin(),
          op.first_w[i].begin(),
          op.second_w[i].begin(),
          grad,
          data_of(op.new_w[i]),
          data_of(op.new_first_w[i]),
          data_of(op.new_second_w[i]),
          op.w[i].size()};
}
template <class T, class Op>
ParameterArray<T> bias_array(const Op& op, int64_t i, const T* grad) {
  return {op.b[i].begin(),
          op.first_b[i].begin(),
          op.second_b[i].begin(),
          grad,
          data_of(op.new_b[i]),
          data_of(op.new_first_b[i]),
          data_of(op.new_second_b[i]),
          op.b[i].size()};
}

}  // namespace belfry::math
