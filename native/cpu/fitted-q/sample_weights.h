// The weights that an averager gives to the samples of an action at a point.
#pragma once

#include "cpu/context.h"
#include "math/averagers.h"
#include "ops/fitted_q.h"

namespace belfry::cpu {

template <class T>
class SampleWeights {
 public:
  SampleWeights(const KernelFqi<T>& op, CpuContext& context)
      : op_(op), dim_(op.states.dims[1]), begin_(context.scratch<int64_t>(op.num_actions + 1)) {
    const int64_t count = op.states.dims[0];
    samples_ = context.scratch<int32_t>(count);
    std::fill_n(begin_, op.num_actions + 1, int64_t{0});
    for (int64_t i = 0; i < count; ++i) begin_[op.actions[i] + 1] += counts(i);
    for (int64_t a = 0; a < op.num_actions; ++a) begin_[a + 1] += begin_[a];
    auto* next = context.scratch<int64_t>(op.num_actions);
    std::copy_n(begin_, op.num_actions, next);
    for (int64_t i = 0; i < count; ++i) {
      if (counts(i)) samples_[next[op.actions[i]]++] = static_cast<int32_t>(i);
    }
  }

  int64_t num_samples(int64_t action) const { return begin_[action + 1] - begin_[action]; }

  // Leaves sample numbers, ascending, and their weights, of sum 1, in `out`, which has room for all
  // samples; returns how many there are. None for an action without samples.
  int64_t at(const T* point, int64_t action, math::Neighbour* out) const {
    const int64_t count = num_samples(action);
    if (count == 0) return 0;
    for (int64_t i = 0; i < count; ++i) {
      const int32_t sample = samples_[begin_[action] + i];
      const double squared = squared_distance(point, op_.states.begin() + sample * dim_);
      out[i] = {math::distance_key(squared), sample};
    }
    return op_.kernel == AveragingKernel::knn ? nearest(count, out) : gaussian(count, out);
  }

 private:
  bool counts(int64_t sample) const { return !op_.weight || op_.weight[sample] > 0; }
  double own_weight(int32_t sample) const {
    return op_.weight ? static_cast<double>(op_.weight[sample]) : 1;
  }

  double squared_distance(const T* a, const T* b) const {
    double sum = 0;
    for (int64_t j = 0; j < dim_; ++j) {
      const double apart = static_cast<double>(a[j]) - static_cast<double>(b[j]);
      sum += apart * apart;
    }
    return sum;
  }

  int64_t nearest(int64_t count, math::Neighbour* out) const {
    const int64_t kept = std::min(op_.k, count);
    std::nth_element(out, out + kept - 1, out + count);
    std::sort(out, out + kept, [](const math::Neighbour& a, const math::Neighbour& b) {
      return a.sample < b.sample;
    });
    double sum = 0;
    for (int64_t i = 0; i < kept; ++i) sum += out[i].key = own_weight(out[i].sample);
    for (int64_t i = 0; i < kept; ++i) out[i].key /= sum;
    return kept;
  }

  int64_t gaussian(int64_t count, math::Neighbour* out) const {
    double smallest = out[0].key, sum = 0;
    for (int64_t i = 1; i < count; ++i) smallest = std::min(smallest, out[i].key);
    int64_t kept = 0;
    for (int64_t i = 0; i < count; ++i) {
      const double close = math::gaussian_weight(out[i].key, smallest, op_.bandwidth);
      if (!(close > math::kVanishingWeight)) continue;
      const double weight = close * own_weight(out[i].sample);
      sum += weight;
      out[kept++] = {weight, out[i].sample};
    }
    for (int64_t i = 0; i < kept; ++i) out[i].key /= sum;
    return kept;
  }

  const KernelFqi<T>& op_;
  const int64_t dim_;
  int64_t* begin_;
  int32_t* samples_ = nullptr;
};

}  // namespace belfry::cpu
