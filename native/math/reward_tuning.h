// What the reward transforms of offline benchmarks need to know of a data set.
#pragma once

#include <cmath>
#include <cstdint>

#include "math/moments.h"
#include "ops/flow/training.h"

namespace belfry::math {

struct RewardFacts {
  static constexpr int64_t kLongest = 1000;  // steps of an episode

  Moments moments;
  double least = 0, most = 0;  // returns
  bool any = false;            // an episode has ended
  double running = 0;
  int64_t length = 0;

  void add(double reward, bool ends) {
    moments = merge(moments, moments_of(reward, 1));
    running += reward;
    if (!ends && ++length < kLongest) return;
    least = !any || running < least ? running : least;
    most = !any || running > most ? running : most;
    any = true;
    running = 0;
    length = 0;
  }
  // With n − 1; 0 where rewards have no spread.
  double inverse_std() const {
    return moments.weight > 1 && moments.m2 != 0 ? std::sqrt((moments.weight - 1) / moments.m2) : 0;
  }
  double locomotion_scale() const { return any && most != least ? 1000 / (most - least) : 1; }
};

}  // namespace belfry::math
