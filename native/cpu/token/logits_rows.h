// Rows of logits in any storage type: the softmax sums of a row in one pass, and the gradient that
// comes back through the softmax. Shared by the ops that start from logits.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "belfry/status.h"
#include "belfry/views.h"
#include "cpu/context.h"
#include "math/softmax.h"

namespace belfry::cpu {

// x = softcap(data) without the temperature; p = softmax(x · inverse_temperature).
struct LogitRows {
  const void* data = nullptr;
  DType dtype = DType::f32;
  int64_t rows = 0, width = 0;
  double inverse_temperature = 1;
  double softcap = 0;  // 0: none

  const char* address(int64_t row, int64_t column) const {
    return static_cast<const char*>(data) + (row * width + column) * dtype_bytes(dtype);
  }
};

template <class Op>
LogitRows logit_rows(const Op& op) {
  return {op.logits.data,    op.logits.dtype,    op.logits.dims[0],
          op.logits.dims[1], 1 / op.temperature, op.softcap.present ? op.softcap.value : 0.0};
}

// Which of the sums a pass makes; each costs about one operation an element more.
enum class RowSums { normaliser, entropy, all };

using RowLogSumExp = math::LogSumExp<double>;

// A row is summed in pieces of this many elements, joined in order, whatever the batch: the bits of
// a row's results depend on the row alone.
constexpr int64_t kRowPiece = 32768;

inline int64_t row_pieces(const LogitRows& rows) {
  return (rows.width + kRowPiece - 1) / kRowPiece;
}

// C: the type computed in; double for f64 logits, float for the others.
template <class C>
RowLogSumExp piece_sums(const LogitRows& rows, int64_t row, int64_t piece, RowSums want);

template <class C>
RowLogSumExp row_sums(const LogitRows& rows, int64_t row, RowSums want);

// Where a gradient goes.
struct GradientRows {
  void* data = nullptr;
  DType dtype = DType::f32;
  bool stream = false;  // f32 and f64 only: past the caches
};

// Writes the gradient of one piece of a row, the label's entry like any other.
template <class C>
void piece_gradient(const LogitRows& rows, int64_t row, int64_t piece, const RowLogSumExp& sums,
                    math::SoftmaxGradient<double> gradient, const GradientRows& out);

// One element; `capped_logit` after the softcap.
double capped_logit(const LogitRows& rows, int64_t row, int64_t column);
void write_gradient(const LogitRows& rows, const GradientRows& out, int64_t row, int64_t column,
                    double value);
void zero_gradient(const LogitRows& rows, const GradientRows& out, int64_t row);

// The first row, if any, that holds nothing but −Infinity. Found by several threads.
class ExcludedRow {
 public:
  void note(int64_t row) {
    int64_t seen = first_.load(std::memory_order_relaxed);
    while (row < seen && !first_.compare_exchange_weak(seen, row, std::memory_order_relaxed)) {
    }
  }
  Status status(const char* operand = "logits") const;

 private:
  std::atomic<int64_t> first_{std::numeric_limits<int64_t>::max()};
};

// True when there are too few rows to give every thread some: then rows are split.
inline bool few_rows(const LogitRows& rows) { return rows.rows < 16 && row_pieces(rows) > 1; }

// Sums every row, on several threads. `visitor` has
//   bool skip(row) const                row is left out
//   void left_out(row)                  called for such a row
//   void finish(row, sums)              called for every other row
template <class C, class Visitor>
void for_each_row(const LogitRows& rows, RowSums want, CpuContext& context, Visitor& visitor) {
  if (!few_rows(rows)) {
    context.parallel(rows.rows, chunk_for(rows.width, 400'000),
                     [&](int64_t begin, int64_t end, int64_t) {
                       for (int64_t row = begin; row < end; ++row) {
                         if (visitor.skip(row))
                           visitor.left_out(row);
                         else
                           visitor.finish(row, row_sums<C>(rows, row, want));
                       }
                     });
    return;
  }
  const int64_t pieces = row_pieces(rows);
  RowLogSumExp* parts = context.scratch<RowLogSumExp>(rows.rows * pieces);
  context.parallel(rows.rows * pieces, 1, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = i / pieces;
      if (!visitor.skip(row)) parts[i] = piece_sums<C>(rows, row, i % pieces, want);
    }
  });
  if (context.stopped()) return;
  for (int64_t row = 0; row < rows.rows; ++row) {
    if (visitor.skip(row)) {
      visitor.left_out(row);
      continue;
    }
    RowLogSumExp sums;
    for (int64_t piece = 0; piece < pieces; ++piece) {
      sums = math::combine(sums, parts[row * pieces + piece], rows.inverse_temperature);
    }
    visitor.finish(row, sums);
  }
}

}  // namespace belfry::cpu
