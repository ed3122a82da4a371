// A Bellman backup of cells of a grid, a vector of neighbours in a row at a time.
#pragma once

#include <cstdint>

#include "cpu/context.h"
#include "math/grid.h"

namespace belfry::cpu {

// From this size on an output is written past the caches.
constexpr int64_t kLargerThanCaches = int64_t{1} << 24;

// A null output is not wanted.
template <class T>
struct GridBackup {
  math::Grid<T> grid;
  T* values_out = nullptr;
  int32_t* policy = nullptr;
  bool wants_change = true;
  bool streams = false;  // values_out is larger than the caches
};

// Rows [begin, end). Returns max |V' − V| where it is wanted: NaN when any is.
template <class T>
T backup_grid_rows(const GridBackup<T>& backup, int64_t begin, int64_t end);

// The whole grid, in pieces of rows.
template <class T>
T backup_grid(const GridBackup<T>& backup, CpuContext& context) {
  constexpr int64_t kCellsPerPiece = 1 << 16;
  const int64_t height = backup.grid.height;
  const int64_t rows = chunk_for(backup.grid.width, kCellsPerPiece);
  T* const changes = context.scratch<T>((height + rows - 1) / rows);
  context.parallel(height, rows, [&](int64_t begin, int64_t end, int64_t piece) {
    changes[piece] = backup_grid_rows(backup, begin, end);
  });
  if (context.stopped()) return math::kNaN<T>;
  T largest = 0;
  for (int64_t i = 0; i * rows < height; ++i) {
    if (!(changes[i] <= largest) && largest == largest) largest = changes[i];
  }
  return largest;
}

}  // namespace belfry::cpu
