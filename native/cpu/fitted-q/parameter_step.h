// One step of an optimiser over arrays of parameters.
#pragma once

#include "cpu/context.h"
#include "math/optimizer.h"

namespace belfry::cpu {

// A parameter array with its gradient and the two numbers of state of each parameter; the new
// arrays may be the old ones. Null: not wanted.
template <class T>
struct ParameterArray {
  const T *w, *first, *second, *grad;
  T *new_w, *new_first, *new_second;
  int64_t size;
};

// Gradients are multiplied by `scale`.
template <class T>
void parameter_step(const ParameterArray<T>& array, const math::AdamRule<T>& rule, T scale,
                    int64_t begin, int64_t end);
template <class T>
void parameter_step(const ParameterArray<T>& array, const math::RpropRule<T>& rule, T scale,
                    int64_t begin, int64_t end);

// √Σ g² over all arrays.
template <class T>
double gradient_norm(const ParameterArray<T>* arrays, int64_t count);

}  // namespace belfry::cpu
