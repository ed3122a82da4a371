// The lists of one network in a training step.
#pragma once

#include "belfry/views.h"

namespace belfry::math {

// Its parameters, what they become, and who follows them; empty lists where nobody does.
template <class T>
struct NetworkParameters {
  const List<In<T, 2>>& weight;
  const List<In<T, 1>>& bias;
  const List<Out<T, 2>>& new_weight;
  const List<Out<T, 1>>& new_bias;
  const List<In<T, 2>>& follower_weight;
  const List<In<T, 1>>& follower_bias;
  const List<Out<T, 2>>& new_follower_weight;
  const List<Out<T, 1>>& new_follower_bias;
};

}  // namespace belfry::math
