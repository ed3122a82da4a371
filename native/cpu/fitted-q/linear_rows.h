// Rows of features against a weight vector, in float64 whatever the features are.
#pragma once

#include <cstdint>

#include "math/bellman.h"
#include "math/flags.h"

namespace belfry::cpu {

// out[i] = rows[i]·w for `count` rows that lie `stride` apart.
template <class T>
void linear_dots(const T* rows, int64_t stride, int64_t count, int64_t length, const double* w,
                 double* out);

// sum += Σ_i factors[i] rows[i].
template <class T>
void linear_add(const T* rows, int64_t stride, int64_t count, int64_t length, const double* factors,
                double* sum);

template <class T>
struct LinearData {
  const T *phi, *next_phi, *rewards;
  math::FlagReader terminated, allowed;
  int64_t num_rows, num_actions, size;
  double gamma;
};

// One pass over the data with the weights w: how well they fit the targets of the pass before, the
// new targets, and their products with the features. It reads every feature once.
struct LinearPass {
  const double* w = nullptr;
  double* targets = nullptr;  // of the pass before; replaced where `improve`
  bool fit = false;           // there are targets to compare with
  bool improve = true;        // make new targets
};

// Adds to moments[size] (Φᵀ y) for rows [begin, end); returns the sum of squared errors.
template <class T>
double linear_pass(const LinearData<T>& data, const LinearPass& pass, int64_t begin, int64_t end,
                   double* moments);

}  // namespace belfry::cpu
