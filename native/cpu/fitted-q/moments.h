// Sums of products of rows, Σ l_n r_nᵀ and Σ l_n y_n, in float64: the systems of least-squares
// value methods.
#pragma once

#include <algorithm>

#include "cpu/context.h"
#include "cpu/fitted-q/linear_rows.h"
#include "cpu/linalg/products.h"

namespace belfry::cpu {

// A x = b of one policy.
struct LinearSystem {
  int64_t size;
  double* matrix;  // [size, size]
  double* vector;  // [size]

  LinearSystem(int64_t n, CpuContext& context)
      : size(n), matrix(context.scratch<double>(n * n)), vector(context.scratch<double>(n)) {
    std::fill_n(matrix, n * n, 0.0);
    std::fill_n(vector, n, 0.0);
  }
  void add_ridge(double ridge) const {
    for (int64_t i = 0; i < size; ++i) matrix[i * size + i] += ridge;
  }
};

// Solves a copy of the system. False: it is singular.
bool solve(const LinearSystem& system, CpuContext& context, double* w);
bool is_finite(const LinearSystem& system);

// Rows of one block, filled by the caller: l and r [kMomentRows, size], y [kMomentRows].
constexpr int64_t kMomentRows = 128;
struct MomentBlock {
  double *left, *right, *targets;
};

// Pieces of rows with partial sums of their own; their number is bounded by their memory (128 MiB)
// and depends on the sizes only.
struct MomentPlan {
  int64_t rows, count;

  MomentPlan(int64_t num_rows, int64_t size) {
    const int64_t memory = (int64_t{1} << 24) / std::max<int64_t>(1, size * size);
    const int64_t most = std::clamp<int64_t>(memory, 1, 64);
    const int64_t least = std::max(kMomentRows, chunk_for(size * size, 4'000'000));
    rows = std::max(least, (num_rows + most - 1) / most);
    rows = (rows + kMomentRows - 1) / kMomentRows * kMomentRows;
    count = (num_rows + rows - 1) / rows;
  }
};

inline void add_block(const MomentBlock& block, int64_t count, int64_t size, double* matrix,
                      double* vector) {
  StridedProduct<double> product;
  product.a = block.left;
  product.a_stride = 1;
  product.a_step = product.b_stride = product.c_stride = product.m = product.n = size;
  product.b = block.right;
  product.c = matrix;
  product.k = count;
  product.accumulate = true;
  multiply_strided(product);
  linear_add(block.left, size, count, size, block.targets, vector);
}

// Adds the moments of rows [0, num_rows) to the system; fill(first, count, block) writes a block.
template <class Fill>
void add_moments(int64_t num_rows, const Fill& fill, CpuContext& context,
                 const LinearSystem& system) {
  const CpuContext::ScratchScope scope(context);
  const int64_t size = system.size, area = size * size;
  const MomentPlan plan(num_rows, size);
  double* partials = context.scratch<double>(plan.count * (area + size));
  double* buffers = context.scratch<double>(plan.count * kMomentRows * (2 * size + 1));
  context.parallel(num_rows, plan.rows, [&](int64_t begin, int64_t end, int64_t piece) {
    double* const matrix = partials + piece * (area + size);
    double* const left = buffers + piece * kMomentRows * (2 * size + 1);
    const MomentBlock block{left, left + kMomentRows * size, left + 2 * kMomentRows * size};
    std::fill_n(matrix, area + size, 0.0);
    for (int64_t row = begin; row < end; row += kMomentRows) {
      const int64_t count = std::min(kMomentRows, end - row);
      fill(row, count, block);
      add_block(block, count, size, matrix, matrix + area);
    }
  });
  if (context.stopped()) return;
  for (int64_t p = 0; p < plan.count; ++p) {
    const double* const part = partials + p * (area + size);
    for (int64_t i = 0; i < area; ++i) system.matrix[i] += part[i];
    for (int64_t i = 0; i < size; ++i) system.vector[i] += part[area + i];
  }
}

}  // namespace belfry::cpu
