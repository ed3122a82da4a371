// Where the tokens of each sequence lie: rows of a padded batch, or sequences one after the other.
#pragma once

#include <cstdint>

#include "math/host_device.h"

namespace belfry::math {

struct TokenRows {
  int64_t rows = 0;
  int64_t length = 0;                // of every padded row; of the longest packed sequence
  const int32_t* offsets = nullptr;  // packed: rows + 1 bounds
  int64_t total = 0;

  BELFRY_HD int64_t begin(int64_t row) const { return offsets ? offsets[row] : row * length; }
  BELFRY_HD int64_t count(int64_t row) const {
    return offsets ? offsets[row + 1] - offsets[row] : length;
  }
  // The row of token i; with 64-bit numbers division takes several times as long.
  BELFRY_HD int64_t row_of(int64_t i) const {
    if (offsets) return last_not_above(i);
    if (total > 0x7fffffff) return i / length;
    return static_cast<uint32_t>(i) / static_cast<uint32_t>(length);
  }

 private:
  BELFRY_HD int64_t last_not_above(int64_t i) const {
    int64_t low = 0, high = rows;  // offsets[low] <= i < offsets[high]
    while (high - low > 1) {
      const int64_t middle = low + (high - low) / 2;
      (offsets[middle] <= i ? low : high) = middle;
    }
    return low;
  }
};

inline TokenRows padded_rows(int64_t rows, int64_t length) {
  return {rows, length, nullptr, rows * length};
}

}  // namespace belfry::math
