// box_rewards: hit, overlap and size of predicted boxes, arXiv 2505.15810.
#include <cmath>

#include "cpu/run.h"
#include "math/rewards.h"
#include "ops/token/rewards.h"

namespace belfry::cpu {

namespace {

template <class T>
math::Box box_at(const In<T, 2>& boxes, int64_t row) {
  const T* x = boxes.begin() + 4 * row;
  return {static_cast<double>(x[0]), static_cast<double>(x[1]), static_cast<double>(x[2]),
          static_cast<double>(x[3])};
}

bool has_nan(const math::Box& a) {
  return std::isnan(a.x1) || std::isnan(a.y1) || std::isnan(a.x2) || std::isnan(a.y2);
}

template <class T>
Status box_rewards(const BoxRewards<T>& op) {
  for (int64_t i = 0; i < op.predicted.dims[0]; ++i) {
    const math::Box a = box_at(op.predicted, i), b = box_at(op.target, i);
    const bool broken = has_nan(a) || has_nan(b);
    if (!broken && math::box_closeness(a, b, op.image_width, op.image_height) < 0) {
      return Status::error(Code::bad_value, "predicted",
                           "row %lld differs from the target by more than the image",
                           static_cast<long long>(i));
    }
    const double hit = broken ? NAN : math::box_hit(a, b);
    const double iou = broken ? NAN : math::box_iou(a, b, op.iou_rule == IouRule::pixel);
    const double box = broken ? NAN : math::box_size_reward(a, b, op.image_width, op.image_height);
    if (op.hit) op.hit[i] = static_cast<T>(hit);
    if (op.iou) op.iou[i] = static_cast<T>(iou);
    if (op.box) op.box[i] = static_cast<T>(box);
    if (op.total) op.total[i] = static_cast<T>(hit + op.alpha * iou + op.beta * box);
  }
  return {};
}

}  // namespace

template <>
Status run(const BoxRewards<float>& op, CpuContext&) {
  return box_rewards(op);
}
template <>
Status run(const BoxRewards<double>& op, CpuContext&) {
  return box_rewards(op);
}

}  // namespace belfry::cpu
