// The parameters of one optimiser as a list of arrays: the norm of their gradients, and one step of
// Adam on all of them, in which followers (target networks, averages) take their share.
#pragma once

#include "cpu/flow/network_backward.h"
#include "math/network_parameters.h"
#include "math/optimizer.h"
#include "math/outputs.h"

namespace belfry::cpu {

template <class T>
struct Parameter {
  const T* value = nullptr;
  T* grad = nullptr;
  T* next = nullptr;            // null, like those below: not wanted
  const T* follower = nullptr;  // before the step
  T* next_follower = nullptr;
  int64_t first = 0, count = 0;  // in the moments
};

// `next`, follower and moments may be the arrays that are read.
template <class T>
struct ParameterSet {
  Parameter<T>* items = nullptr;
  int64_t count = 0, size = 0;
  const T* moments = nullptr;  // m, then v; null: both are 0
  T* next_moments = nullptr;

  void add(const Parameter<T>& parameter) {
    items[count] = parameter;
    items[count].first = size;
    size += items[count++].count;
  }
};

// Σ grad², in an order that depends on the sizes only.
template <class T>
double gradient_squares(const ParameterSet<T>& set, CpuContext& context);

template <class T>
struct AdamStep {
  math::AdamRule<T> rule;
  T scale = 1;  // of the gradients
  T tau = 0;    // share of the new parameters in their followers
};

template <class T>
void adam_step(const ParameterSet<T>& set, const AdamStep<T>& step, CpuContext& context);

// Adds one array and returns where its gradient goes. `kept`: a new parameter that the op does not
// return goes to scratch memory.
template <class T>
T* add_parameter(Parameter<T> parameter, bool kept, ParameterSet<T>* set, CpuContext& context);

using math::NetworkParameters;

// Adds the parameters of a network, weight and bias of each layer in turn, and points `grads` at
// their gradients.
template <class T>
void add_parameters(const NetworkParameters<T>& lists, LayerGrads<T>* grads, bool kept,
                    ParameterSet<T>* set, CpuContext& context);

// The network with the parameters that `set` makes, from its item `first` on.
template <class T>
Network<T> with_next(const Network<T>& network, const ParameterSet<T>& set, int64_t first,
                     CpuContext& context);

}  // namespace belfry::cpu
