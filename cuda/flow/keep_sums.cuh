// Sums over the rows of a loss that a later pass reads: nothing goes back to the host.
#pragma once

#include "cuda/losses/loss_rows.cuh"

namespace belfry::cuda {

// Both sums of a pass, where the next one reads them; null: not kept.
struct KeepSums {
  double *loss, *other;

  __device__ void operator()(const math::LossSums& total) const {
    *loss = total.loss;
    if (other) *other = total.other;
  }
};

}  // namespace belfry::cuda
