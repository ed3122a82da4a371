// The transpose of a sparse matrix: the pull form of a forward step, which needs no atomics and
// adds in the same order every time.
#pragma once

#include <algorithm>

#include "cpu/bellman/backup_states.h"
#include "cpu/context.h"

namespace belfry::cpu {

// The entries of column c, by ascending row, become row c. `num_rows` x `num_columns` before.
// `poll()` is called for each row and may throw.
template <class T, class Poll>
SparseRows<T> transpose(const SparseRows<T>& rows, int64_t num_rows, int64_t num_columns,
                        CpuContext& context, Poll&& poll) {
  const int64_t num_entries = num_rows > 0 ? rows.row_ptr[num_rows] : 0;
  auto* row_ptr = context.scratch<int32_t>(num_columns + 1);
  auto* col = context.scratch<int32_t>(num_entries);
  auto* prob = context.scratch<T>(num_entries);
  auto* place = context.scratch<int32_t>(num_columns + 1);
  std::fill_n(row_ptr, num_columns + 1, 0);
  for (int64_t e = 0; e < num_entries; ++e) ++row_ptr[rows.col[e] + 1];
  for (int64_t c = 0; c < num_columns; ++c) row_ptr[c + 1] += row_ptr[c];
  std::copy_n(row_ptr, num_columns + 1, place);
  for (int64_t row = 0; row < num_rows; ++row) {
    poll();
    for (int64_t e = rows.row_ptr[row]; e < rows.row_ptr[row + 1]; ++e) {
      const int32_t to = place[rows.col[e]]++;
      col[to] = static_cast<int32_t>(row);
      prob[to] = rows.prob[e];
    }
  }
  return {row_ptr, col, prob};
}
template <class T>
SparseRows<T> transpose(const SparseRows<T>& rows, int64_t num_rows, int64_t num_columns,
                        CpuContext& context) {
  return transpose(rows, num_rows, num_columns, context, [] {});
}

}  // namespace belfry::cpu
