// gae_packed: the recurrence of gae, one warp per sequence of a packed batch. Never looks across a
// boundary. Bytes per token: read 8 + mask, write 8; each sequence is touched once.
#include "cuda/token/gae_rows.cuh"
#include "math/flags.h"
#include "ops/token/core.h"

namespace belfry::cuda {

namespace {

template <class T>
struct PackedRows {
  GaeArrays<T> arrays;
  const int32_t* cu_seqlens;
  int64_t num_rows;
  double lambda;

  __device__ int64_t rows() const { return num_rows; }
  __device__ GaeRow row(int64_t index) const {
    const int64_t first = cu_seqlens[index];
    GaeRow row{first, cu_seqlens[index + 1] - first, 0, lambda};
    if (arrays.bootstrap) row.bootstrap = static_cast<double>(arrays.bootstrap[index]);
    return row;
  }
};

template <class T>
Status gae_packed(const GaePacked<T>& op, CudaContext& context) {
  PackedRows<T> rows{};
  rows.arrays = gae_arrays(op);
  rows.cu_seqlens = op.cu_seqlens.begin();
  rows.num_rows = op.cu_seqlens.dims[0] - 1;
  rows.lambda = op.lambda;
  return launch_gae_rows(rows, rows.num_rows, context);
}

}  // namespace

template <>
Status run(const GaePacked<float>& op, CudaContext& context) {
  return gae_packed(op, context);
}
template <>
Status run(const GaePacked<double>& op, CudaContext& context) {
  return gae_packed(op, context);
}

}  // namespace belfry::cuda
