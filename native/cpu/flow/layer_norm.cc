// layer_norm: h = (x − μ)/√(σ² + ε), y = γ h + β, with its tangent and gradients. Rows go over the
// threads; statistics and the sums over the batch are float64, the latter per chunk, in chunk
// order.
#include <cstring>

#include "cpu/flow/elementwise.h"
#include "cpu/flow/norm_rows.h"
#include "cpu/run.h"
#include "ops/flow/network.h"

namespace belfry::cpu {

namespace {

// Rows whose statistics are held at a time.
constexpr int64_t kRowsAtOnce = 16;

template <class T>
void run_rows(const LayerNorm<T>& op, NormRows<T> norm, int64_t row, double* sums) {
  math::RowStats stats[kRowsAtOnce];
  const int64_t at = row * norm.width;
  const T* x = op.x.begin() + at;
  norm_stats(norm, x, stats);
  if (op.y) norm_forward(norm, stats, x, op.y.begin() + at);
  if (op.tangent_x && op.tangent_y) {
    norm_tangent(norm, stats, x, op.tangent_x.begin() + at, op.tangent_y.begin() + at);
  }
  if (!op.grad_y) return;
  const T* grad_y = op.grad_y.begin() + at;
  if (op.grad_x) norm_backward(norm, stats, x, grad_y, op.grad_x.begin() + at);
  if (sums) add_norm_sums(norm, stats, x, grad_y, sums, sums + norm.width);
}

template <class T>
void write_sums(const Out<T, 1>& out, const double* sums, bool used) {
  for (int64_t i = 0; out && i < out.dims[0]; ++i) {
    out[i] = used ? static_cast<T>(sums[i]) : T(0);
  }
}

template <class T>
Status layer_norm(const LayerNorm<T>& op, CpuContext& context) {
  NormRows<T> norm;
  norm.width = op.x.dims[1];
  norm.eps = op.eps;
  if (op.affine && op.gamma) norm.gamma = op.gamma.begin();
  if (op.affine && op.beta) norm.beta = op.beta.begin();
  const int64_t rows = op.x.dims[0], chunk = chunk_for(30 * norm.width);
  const int64_t chunks = (rows + chunk - 1) / chunk, size = 2 * norm.width;
  const bool summed = op.grad_y && (op.grad_gamma || op.grad_beta);
  double* sums = summed ? context.scratch<double>((chunks + 1) * size) : nullptr;
  if (summed) std::memset(sums, 0, static_cast<size_t>((chunks + 1) * size) * sizeof(double));
  context.parallel(rows, chunk, [&](int64_t begin, int64_t end, int64_t index) {
    for (int64_t row = begin; row < end; row += kRowsAtOnce) {
      NormRows<T> part = norm;
      part.rows = std::min(kRowsAtOnce, end - row);
      run_rows(op, part, row, summed ? sums + index * size : nullptr);
    }
  });
  if (context.stopped()) return aborted();
  if (!summed) return {};
  double* totals = sums + chunks * size;
  add_column_sums(sums, chunks, size, totals);
  write_sums(op.grad_gamma, totals, op.affine);
  write_sums(op.grad_beta, totals + norm.width, op.affine);
  return {};
}

}  // namespace

template <>
Status run(const LayerNorm<float>& op, CpuContext& context) {
  return layer_norm(op, context);
}
template <>
Status run(const LayerNorm<double>& op, CpuContext& context) {
  return layer_norm(op, context);
}

}  // namespace belfry::cpu
