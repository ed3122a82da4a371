#include "cpu/fitted-q/gram.h"

#include "cpu/fitted-q/gram_block.h"

#define BELFRY_TARGET_FILE "cpu/fitted-q/gram-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kBlockRows = 128;     // widened at a time
constexpr int64_t kBlockColumns = 256;  // of the Gram matrix, in one task

// Tasks are pieces of rows times blocks of columns. Each piece of rows has a partial matrix; the
// number of pieces is bounded by their memory (128 MiB), and depends on the sizes only.
struct GramPlan {
  int64_t pieces, piece_rows, blocks, stride;

  GramPlan(int64_t num_rows, int64_t size) {
    const int64_t most =
        std::clamp<int64_t>((int64_t{1} << 24) / std::max<int64_t>(1, size * size), 1, 64);
    const int64_t rows_of_work = std::max(kBlockRows, chunk_for(size * size, 8'000'000));
    const int64_t wanted = (num_rows + rows_of_work - 1) / rows_of_work;
    piece_rows = std::max<int64_t>(1, num_rows / std::clamp<int64_t>(wanted, 1, most));
    piece_rows = (piece_rows + kBlockRows - 1) / kBlockRows * kBlockRows;
    pieces = std::max<int64_t>(1, (num_rows + piece_rows - 1) / piece_rows);
    blocks = (size + kBlockColumns - 1) / kBlockColumns;
    // Zeros that let tiles run over the end; never a power of two.
    stride = (size + 15) / 16 * 16 + 24;
  }
};

// Sums the pieces of row i from the diagonal on, in order.
void combine_row(const double* partials, const GramPlan& plan, int64_t size, int64_t i,
                 double* gram) {
  double* row = gram + i * size;
  for (int64_t j = i; j < size; ++j) row[j] = partials[i * size + j];
  for (int64_t p = 1; p < plan.pieces; ++p) {
    const double* part = partials + (p * size + i) * size;
    for (int64_t j = i; j < size; ++j) row[j] += part[j];
  }
}

}  // namespace

template <class T>
void gram_matrix(const T* phi, int64_t num_rows, int64_t size, CpuContext& context, double* gram) {
  const GramPlan plan(num_rows, size);
  const int64_t tasks = plan.pieces * plan.blocks;
  double* partials = context.scratch<double>(plan.pieces * size * size);
  double* buffers = context.scratch<double>(tasks * kBlockRows * plan.stride);
  const auto block = BELFRY_DISPATCH(gram_block<T>);
  context.parallel(tasks, 1, [&](int64_t task, int64_t, int64_t) {
    const int64_t piece = task / plan.blocks;
    GramBlock<T> job;
    job.phi = phi;
    job.size = size;
    job.begin = piece * plan.piece_rows;
    job.end = std::min(num_rows, job.begin + plan.piece_rows);
    job.block_rows = kBlockRows;
    job.first_column = task % plan.blocks * kBlockColumns;
    job.end_column = std::min(size, job.first_column + kBlockColumns);
    job.buffer = buffers + task * kBlockRows * plan.stride;
    job.stride = plan.stride;
    job.out = partials + piece * size * size;
    block(job);
  });
  if (context.stopped()) return;
  const int64_t chunk = chunk_for(plan.pieces * size);
  context.parallel(size, chunk, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) combine_row(partials, plan, size, i, gram);
  });
  if (context.stopped()) return;
  context.parallel(size, chunk_for(size), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t j = 0; j < i; ++j) gram[i * size + j] = gram[j * size + i];
    }
  });
}

template void gram_matrix(const float*, int64_t, int64_t, CpuContext&, double*);
template void gram_matrix(const double*, int64_t, int64_t, CpuContext&, double*);

}  // namespace belfry::cpu
