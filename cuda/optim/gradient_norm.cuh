// The norm of gradients, left on the device.
#pragma once

#include "cuda/flow/work.cuh"
#include "cuda/losses/loss_rows.cuh"
#include "math/optimizer_step.h"

namespace belfry::cuda {

// *squares = Σ g², and its root where that is wanted.
template <class T>
struct StoreNorm {
  double* squares;
  T* norm;

  __device__ void operator()(const math::LossSums& total) const {
    *squares = total.loss;
    if (norm) *norm = static_cast<T>(sqrt(total.loss));
  }
};

// Σ g² over `rows`, in scratch memory.
template <class T>
Status sum_squares(const math::SquareRows<T>& rows, int64_t size, T* norm, double** squares,
                   CudaContext& context, Work& work) {
  *squares = work.scratch<double>(1);
  if (!work.ok()) return work.status();
  return sum_rows(rows, size, RowsBy::thread, StoreNorm<T>{*squares, norm}, work.name(), context);
}

}  // namespace belfry::cuda
