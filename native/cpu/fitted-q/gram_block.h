// One task of gram_matrix.
#pragma once

#include <cstdint>

namespace belfry::cpu {

// Columns [first_column, end_column) of ΦᵀΦ over rows [begin, end) of Φ, down to the diagonal.
template <class T>
struct GramBlock {
  const T* phi;
  int64_t size, begin, end;
  int64_t block_rows;  // rows that `buffer` holds
  int64_t first_column, end_column;
  double* buffer;  // [block_rows, stride]; stride >= size rounded up to 16, and 16 more
  int64_t stride;
  double* out;  // [size, size]
};

}  // namespace belfry::cpu
