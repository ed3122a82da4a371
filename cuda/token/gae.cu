// gae: A_t = δ_t + γ λ A_{t+1} over the valid tokens of each row.
//
// One warp per row walks tiles of 32 tokens from the last to the first, reads them coalesced, and
// scans the affine maps A_{t+1} -> A_t backwards by shuffles in float64. A masked token is the
// identity map, and hands on the value behind it, so it neither decays nor bootstraps.
// Bytes per token: read 8 + mask, write 8; the row is touched once.
#include "cuda/token/gae_rows.cuh"
#include "math/flags.h"
#include "ops/token/core.h"

namespace belfry::cuda {

namespace {

template <class T>
struct PaddedRows {
  GaeArrays<T> arrays;
  int64_t num_rows, row_length;
  bool length_adaptive;
  double lambda, alpha;
  T* lambda_per_sequence;

  __device__ int64_t rows() const { return num_rows; }
  __device__ GaeRow row(int64_t index) const {
    GaeRow row{index * row_length, row_length, 0, lambda};
    if (arrays.bootstrap) row.bootstrap = static_cast<double>(arrays.bootstrap[index]);
    if (length_adaptive) {
      const double valid = static_cast<double>(count_valid(arrays.mask, row.first, row_length));
      row.lambda = math::length_adaptive_lambda(alpha, valid);
    }
    if (lambda_per_sequence && lane() == 0) lambda_per_sequence[index] = static_cast<T>(row.lambda);
    return row;
  }
};

template <class T>
Status gae(const Gae<T>& op, CudaContext& context) {
  PaddedRows<T> rows{};
  rows.arrays = gae_arrays(op);
  if (op.gamma_tokens) rows.arrays.gammas = op.gamma_tokens.begin();
  if (op.lambda_tokens) rows.arrays.lambdas = op.lambda_tokens.begin();
  rows.num_rows = op.rewards.dims[0];
  rows.row_length = op.rewards.dims[1];
  rows.length_adaptive = op.lambda.is(LambdaRule::length_adaptive);
  rows.lambda = op.lambda.value;
  rows.alpha = op.alpha;
  rows.lambda_per_sequence = op.lambda_per_sequence ? op.lambda_per_sequence.begin() : nullptr;
  return launch_gae_rows(rows, rows.num_rows, context);
}

}  // namespace

template <>
Status run(const Gae<float>& op, CudaContext& context) {
  return gae(op, context);
}
template <>
Status run(const Gae<double>& op, CudaContext& context) {
  return gae(op, context);
}

}  // namespace belfry::cuda
