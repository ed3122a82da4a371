// One step of an optimiser over arrays of parameters.
#pragma once

#include "cpu/context.h"
#include "math/optimizer.h"
#include "math/parameter_array.h"

namespace belfry::cpu {

using math::ParameterArray;

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
