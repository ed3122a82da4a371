// A preference between two things, explained by the difference d of their scores: P(first) = σ(d),
// the cross entropy with a label y, and its slope in d.
#pragma once

#include <cmath>

#include "math/bellman.h"
#include "math/logistic.h"

namespace belfry::math {

struct Preference {
  double prob, loss, slope;
};

// A term of weight 0 is left out, whatever it is.
BELFRY_HD constexpr double weighted(double weight, double x) {
  return weight == 0 ? 0 : weight * x;
}

BELFRY_HD inline Preference preference(double d, double y) {
  const double prob = logistic(d);
  return {prob, weighted(y, softplus(-d)) + weighted(1 - y, softplus(d)), prob - y};
}

// A share `noise` of the answers is given at random: P = e/2 + (1 − e) σ(d).
BELFRY_HD inline Preference noisy_preference(double d, double y, double noise) {
  using std::log;
  const double keep = 1 - noise, up = logistic(d), down = logistic(-d);
  const double first = noise / 2 + keep * up, second = noise / 2 + keep * down;
  const double loss = -weighted(y, log(first)) - weighted(1 - y, log(second));
  const double slope = weighted(1 - y, up * (down / second)) - weighted(y, down * (up / first));
  return {first, loss, keep * slope};
}

// How answers come from differences, and what a label means.
struct PreferenceRule {
  double noise = 0;   // share of answers given at random
  double margin = 0;  // labels are drawn in, to m and 1 − m
  double threshold = kInfinity<double>;
  bool ties = false;  // a label of −1 is 1/2

  BELFRY_HD double target(double label) const {
    const double y = ties && label == -1 ? 0.5 : label;
    return margin + (1 - 2 * margin) * y;
  }
  // Beyond the threshold d is constant.
  BELFRY_HD Preference operator()(double d, double label) const {
    const bool above = d > threshold, below = d < -threshold;
    if (above) d = threshold;
    if (below) d = -threshold;
    Preference answer =
        noise == 0 ? preference(d, target(label)) : noisy_preference(d, target(label), noise);
    if (above || below) answer.slope = 0;
    return answer;
  }
};

}  // namespace belfry::math
