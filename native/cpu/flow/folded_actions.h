// Next actions of a one-step policy: ε − u(ε, 1, 0, s), or what a residual policy says itself.
#pragma once

#include "cpu/flow/critic_step.h"
#include "cpu/flow/folded_trunk.h"
#include "math/one_step.h"

namespace belfry::cpu {

template <class T>
class FoldedActions final : public NextActions<T> {
 public:
  FoldedActions(const FoldedTrunk<T>& policy, const T* states, const In<T, 3>& noise, bool residual)
      : split_(policy.split), states_(states), noise_(noise), residual_(residual) {}

  void operator()(int64_t row, int64_t count, T* actions, T* work) const override {
    const int64_t dims = noise_.dims[2];
    const T* noise = noise_.begin() + row * dims;
    evaluate(split_, states_, noise, row, count, noise_.dims[1], actions, work);
    for (int64_t i = 0; i < count * dims; ++i) {
      actions[i] = math::clip_action(residual_ ? actions[i] : noise[i] - actions[i], T(1));
    }
  }
  int64_t work_per_row() const override { return split_.work_per_row(); }
  int64_t parameters() const override { return split_.network.parameters(); }
  int64_t widest() const override { return split_.network.widest(); }

 private:
  const SplitNetwork<T> split_;
  const T* states_;
  const In<T, 3>& noise_;
  const bool residual_;
};

}  // namespace belfry::cpu
