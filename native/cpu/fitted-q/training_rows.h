// The rows that trees grow from. Those of weight 0 are left out: they must not widen the range of
// an attribute.
#pragma once

#include <algorithm>

#include "cpu/fitted-q/forest.h"

namespace belfry::cpu {

template <class T>
class TrainingRows {
 public:
  // Rows x[N, D]; weights [N] may be absent.
  TrainingRows(const In<T, 2>& x, const In<T, 1>& weight, CpuContext& context)
      : x_(x.begin()),
        weight_(weight ? weight.begin() : nullptr),
        count_(x.dims[0]),
        width_(x.dims[1]) {
    if (weight_ && std::count(weight_, weight_ + count_, T{0}) > 0) leave_out(context);
  }

  int64_t count() const { return count_; }
  const T* x() const { return x_; }
  const T* weights() const { return weight_; }  // null: all 1

  // The outputs of these rows, given those of all.
  const T* outputs(const T* all) const {
    if (!kept_) return all;
    for (int64_t i = 0; i < count_; ++i) outputs_[i] = all[kept_[i]];
    return outputs_;
  }

  Forest<T> forest(ForestSettings settings, CpuContext& context) const {
    settings.weighted = weight_ != nullptr;
    Forest<T> made(x_, count_, width_, settings, context);
    if (weight_) made.set_weights(weight_);
    return made;
  }

 private:
  void leave_out(CpuContext& context) {
    kept_ = context.scratch<int64_t>(count_);
    T *const x = context.scratch<T>(count_ * width_), *const weight = context.scratch<T>(count_);
    outputs_ = context.scratch<T>(count_);
    int64_t kept = 0;
    for (int64_t i = 0; i < count_; ++i) {
      if (weight_[i] == 0) continue;
      std::copy_n(x_ + i * width_, width_, x + kept * width_);
      weight[kept] = weight_[i];
      kept_[kept++] = i;
    }
    x_ = x;
    weight_ = weight;
    count_ = kept;
  }

  const T *x_, *weight_;  // weights: null where all count alike
  int64_t count_, width_;
  int64_t* kept_ = nullptr;  // numbers of these rows among all; null: all
  T* outputs_ = nullptr;
};

}  // namespace belfry::cpu
