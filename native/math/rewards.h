// Rewards of one sample: shaping by length, search, routing and grounding.
#pragma once

#include <cmath>

#include "math/host_device.h"
#include "math/schedules.h"

namespace belfry::math {

// Rewards that cannot be scored stay what they are: clipped, an infinite one would become the best.
BELFRY_HD inline double affine_reward(double reward, double bias, double scale, double bound) {
  if (!(reward - reward == 0)) return reward;
  return clip((reward + bias) * scale, -bound, bound);
}

BELFRY_HD inline double length_difference_penalty(double reward, double difference, double coef,
                                                  double max_difference, bool only_positive) {
  using std::fabs;
  if (only_positive && !(reward > 0)) return reward;
  const double apart = fabs(difference);
  return reward - coef * (apart < max_difference ? apart : max_difference);
}

// DAPO (arXiv 2503.14476), eq. 13.
BELFRY_HD constexpr double overlong_penalty(double length, double max_length, double buffer,
                                            double factor, bool cap_at_buffer) {
  double excess = length - (max_length - buffer);
  if (cap_at_buffer && excess > buffer) excess = buffer;
  const double penalty = -excess / buffer * factor;
  return penalty < 0 ? penalty : 0;
}

BELFRY_HD constexpr double truncation_reward(double reward, bool truncated, double coef) {
  if (!truncated) return reward;
  return coef < 0 ? coef : reward * coef;
}

// Router-R1 (arXiv 2506.09033); the cost is read only where it counts.
BELFRY_HD constexpr double router_reward(double score, double format, double cost, double coef) {
  if (format == -1) return -1;
  if (score == 0 || coef == 0) return score + format;
  return (score + format) * (1 - coef) + cost * coef;
}

// ReSeek (arXiv 2510.00568): what one judgement of retrieved text earns.
BELFRY_HD constexpr double judge_reward(bool judged_useful, bool answer_correct, double similarity,
                                        double threshold, double positive, double negative) {
  if (judged_useful && answer_correct) return positive;
  if (similarity != similarity) return similarity;
  const bool useful = similarity >= threshold;
  if (judged_useful) return useful ? negative * 0.5 : negative;
  return useful ? negative : positive * 0.2;
}

struct Box {
  double x1, y1, x2, y2;
};

// 1 where the centre of `a` lies in `b`, bounds included.
BELFRY_HD constexpr double box_hit(Box a, Box b) {
  const double x = (a.x1 + a.x2) / 2, y = (a.y1 + a.y2) / 2;
  return x >= b.x1 && x <= b.x2 && y >= b.y1 && y <= b.y2 ? 1 : 0;
}

BELFRY_HD constexpr double box_area(Box a) { return (a.x2 - a.x1) * (a.y2 - a.y1); }

// Intersection over union. `pixel`: the intersection counts inclusive pixels, the areas do not, as
// in the released code of GUI-G1.
BELFRY_HD constexpr double box_iou(Box a, Box b, bool pixel) {
  const double inset = pixel ? 1 : 0;
  const double left = a.x1 > b.x1 ? a.x1 : b.x1, top = a.y1 > b.y1 ? a.y1 : b.y1;
  const double right = (a.x2 < b.x2 ? a.x2 : b.x2) - inset;
  const double bottom = (a.y2 < b.y2 ? a.y2 : b.y2) - inset;
  if (!(left < right && top < bottom)) return 0;
  const double common = (right - left + inset) * (bottom - top + inset);
  const double both = box_area(a) + box_area(b) - common;
  return both > 0 ? common / both : 0;
}

// Least of the four 1 − |Δ|/size: negative where the boxes differ by more than the image.
BELFRY_HD inline double box_closeness(Box a, Box b, double width, double height) {
  using std::fabs;
  const double dx1 = fabs(a.x1 - b.x1), dx2 = fabs(a.x2 - b.x2);
  const double dy1 = fabs(a.y1 - b.y1), dy2 = fabs(a.y2 - b.y2);
  const double x = 1 - (dx1 > dx2 ? dx1 : dx2) / width;
  const double y = 1 - (dy1 > dy2 ? dy1 : dy2) / height;
  return x < y ? x : y;
}

// Harmonic mean of the four 1 − |Δ|/size.
BELFRY_HD inline double box_size_reward(Box a, Box b, double width, double height) {
  using std::fabs;
  const double q1 = 1 - fabs(a.x1 - b.x1) / width, q2 = 1 - fabs(a.y1 - b.y1) / height;
  const double q3 = 1 - fabs(a.x2 - b.x2) / width, q4 = 1 - fabs(a.y2 - b.y2) / height;
  if (q1 == 0 || q2 == 0 || q3 == 0 || q4 == 0) return 0;
  return 4 / (1 / q1 + 1 / q2 + 1 / q3 + 1 / q4);
}

// 1 − (s − low)/(high − low), in [0, 1]; ½ where the window has no width.
BELFRY_HD constexpr double cheapness(double s, double low, double high, double eps) {
  if (high - low < eps || high == low) return 0.5;
  return 1 - clip((s - low) / (high - low), 0, 1);
}

}  // namespace belfry::math
