// Where the parts of an Euler sampler's network input begin.
#pragma once

#include "ops/flow/sampling.h"

namespace belfry::math {

struct EulerColumns {
  int64_t observations = 0, x = 0, t = 0;
};

// False when the list is not a permutation of the three.
inline bool find_columns(const List<EulerInput>& order, int64_t states, int64_t dims,
                         EulerColumns* out) {
  const EulerInput usual[3] = {EulerInput::observations, EulerInput::x, EulerInput::t};
  const EulerInput* words = order.count == 0 ? usual : order.items;
  if (order.count != 0 && order.count != 3) return false;
  int64_t at = 0;
  bool seen[3] = {};
  for (int i = 0; i < 3; ++i) {
    bool& known = seen[static_cast<int>(words[i])];
    if (known) return false;
    known = true;
    switch (words[i]) {
      case EulerInput::observations: out->observations = at, at += states; break;
      case EulerInput::x: out->x = at, at += dims; break;
      case EulerInput::t: out->t = at, at += 1; break;
    }
  }
  return true;
}

}  // namespace belfry::math
