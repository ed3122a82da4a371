// Where each part of a trunk's input begins: action, times and state in the order an op was given.
#pragma once

#include <cstdint>

#include "ops/flow/network.h"

namespace belfry::math {

struct TrunkColumns {
  int64_t x = 0, emb_t = 0, emb_r = 0, observations = 0;
};

// How wide each part is; emb_r is there where there are two times.
struct TrunkParts {
  int64_t x = 0, emb_t = 0, emb_r = 0, observations = 0;
  bool two_times = false;
};

// False unless `order` is empty (the usual order) or holds each part once.
inline bool place_trunk(const List<TrunkInput>& order, const TrunkParts& parts, TrunkColumns* out) {
  constexpr TrunkInput kTwo[4] = {TrunkInput::x_t, TrunkInput::emb_t, TrunkInput::emb_r,
                                  TrunkInput::observations};
  constexpr TrunkInput kOne[3] = {TrunkInput::x_t, TrunkInput::emb_t, TrunkInput::observations};
  const int64_t count = parts.two_times ? 4 : 3;
  if (order.count != 0 && order.count != count) return false;
  const TrunkInput* words = order.count > 0 ? order.items : parts.two_times ? kTwo : kOne;
  bool seen[4] = {};
  int64_t at = 0;
  for (int64_t i = 0; i < count; ++i) {
    bool& known = seen[static_cast<int>(words[i])];
    if (known || (words[i] == TrunkInput::emb_r && !parts.two_times)) return false;
    known = true;
    switch (words[i]) {
      case TrunkInput::x_t: out->x = at, at += parts.x; break;
      case TrunkInput::emb_t: out->emb_t = at, at += parts.emb_t; break;
      case TrunkInput::emb_r: out->emb_r = at, at += parts.emb_r; break;
      case TrunkInput::observations: out->observations = at, at += parts.observations; break;
    }
  }
  return true;
}

}  // namespace belfry::math
