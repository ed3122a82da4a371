// Soft maxima over policies of successor features, in three steps over rows (see lanes.h): v of
// every policy at every state that is listed, V and its slopes at every state, V of every entry.
#pragma once

#include "math/lanes.h"
#include "math/outputs.h"
#include "math/soft_maximum.h"
#include "ops/preference/models.h"

namespace belfry::math {

// `uses` counts how often a state is listed; others are not read. v is [K,S], policy by policy.
template <class T>
struct PolicyValues {
  const T *features, *weights;
  const int32_t* uses;
  int64_t num_states, num_features;
  double* v;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t row, const Lanes& lanes) const {
    if (uses[row % num_states] == 0) return {};
    const T* own = features + row * num_features;
    const double product = sum_over(lanes, num_features, [=, this](int64_t f) {
      return static_cast<double>(own[f]) * static_cast<double>(weights[f]);
    });
    if (lanes.first() == 0) v[row] = product;
    return {};
  }
};

// V of a state; in the place of v then stands uses · ∂V/∂v, 0 at states that are not listed.
struct StateMaximum {
  const int32_t* uses;
  int64_t num_states, num_policies;
  double temperature;
  double *v, *maximum;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t state, const Lanes&) const {
    const int64_t end = num_policies * num_states;
    SoftMaximum best(temperature);
    for (int64_t at = state; at < end; at += num_states) {
      if (uses[state] == 0) v[at] = 0;
      best.offer(v[at]);
    }
    for (int64_t at = state; at < end; at += num_states) best.add(v[at]);
    maximum[state] = best.value();
    for (int64_t at = state; at < end; at += num_states) {
      v[at] = weighted(uses[state], best.slope(v[at]));
    }
    return {};
  }
};

template <class T>
struct ListedValues {
  const double* maximum;
  const int32_t* states;
  T* values;

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t i, const Lanes&) const {
    values[i] = static_cast<T>(maximum[states[i]]);
    return {};
  }
};

// Scratch of the steps: v has K·S entries, the others S.
struct SuccessorScratch {
  int32_t* uses;
  double *v, *maximum;
};

template <class T>
PolicyValues<T> policy_values(const SuccessorFeatureValue<T>& op, const SuccessorScratch& scratch) {
  const int64_t* dims = op.successor_features.dims;
  return {
      op.successor_features.begin(), op.weights.begin(), scratch.uses, dims[1], dims[2], scratch.v};
}

template <class T>
StateMaximum state_maximum(const SuccessorFeatureValue<T>& op, const SuccessorScratch& scratch) {
  const int64_t* dims = op.successor_features.dims;
  return {scratch.uses, dims[1], dims[0], op.temperature, scratch.v, scratch.maximum};
}

template <class T>
ListedValues<T> listed_values(const SuccessorFeatureValue<T>& op, const SuccessorScratch& scratch) {
  return {scratch.maximum, op.states.begin(), op.values.begin()};
}

}  // namespace belfry::math
