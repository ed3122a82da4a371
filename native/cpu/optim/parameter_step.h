// One step of an optimiser over arrays of parameters.
#pragma once

#include "cpu/context.h"
#include "math/optimizer.h"

namespace belfry::cpu {

// A parameter array with its gradient, the two numbers of state of each parameter, and what follows
// it; the new arrays may be the old ones. Null: not wanted; `first` and `second` null: zeros.
template <class T>
struct ParameterArray {
  const T *w, *first, *second, *grad;
  T *new_w, *new_first, *new_second;
  int64_t size;
  const T* average = nullptr;
  T* new_average = nullptr;
};

template <class T>
struct StepScales {
  T grad = 1;  // of the gradients
  T tau = 0;   // share of the new parameters in their averages
};

// A step of all arrays, laid end to end.
template <class T, class Rule>
void step_arrays(const ParameterArray<T>* arrays, int64_t count, const Rule& rule,
                 const StepScales<T>& scales, CpuContext& context);

// Σ g² over all arrays, in an order that depends on their sizes only.
template <class T>
double gradient_squares(const ParameterArray<T>* arrays, int64_t count, CpuContext& context);

}  // namespace belfry::cpu
