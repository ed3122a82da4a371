// Synchronous sweeps over the cells of a grid, tile by tile: a tile goes through several sweeps
// while it is in the cache.
#pragma once

#include <algorithm>
#include <cstdint>

#include "cpu/context.h"
#include "cpu/flow/workspaces.h"
#include "math/grid.h"

namespace belfry::cpu {

// From this size on an output is written past the caches.
constexpr int64_t kLargerThanCaches = int64_t{1} << 24;

// Sweeps that a tile goes through at once. Each needs a cell more on every side, and keeps rows in
// the cache of a core: with these sizes less than a tenth of the work is done twice.
constexpr int64_t kSweepsPerPass = 8;
constexpr int64_t kKeptBytes = int64_t{192} << 10, kCellsPerTile = int64_t{1} << 17;

// `sweeps` synchronous sweeps, at most kSweepsPerPass, from grid.values on. A null output is not
// wanted; policy and change are those of the last sweep.
template <class T>
struct GridBackup {
  math::Grid<T> grid;
  int64_t sweeps = 1;
  T* values_out = nullptr;
  int32_t* policy = nullptr;
  bool wants_change = true;
  bool streams = false;  // values_out is larger than the caches
};

// Rows [top, bottom), columns [left, right).
struct GridTile {
  int64_t top, bottom, left, right;
};

// The sweeps of a tile work in lines: a row of it with a border before and behind, whole vectors
// long. A sweep needs three rows of the one before, as values and as what arriving is worth, and
// the rows of the map that all of them reach, as two kinds of flags.
constexpr int64_t kLineBorder = 16, kLinesKept = 3;
inline int64_t line_length(int64_t sweeps, int64_t tile_columns) {
  return (tile_columns + 2 * sweeps) / kLineBorder * kLineBorder + 3 * kLineBorder;
}
inline int64_t grid_workspace(int64_t sweeps, int64_t tile_columns) {
  const int64_t lines = kLinesKept * (2 * sweeps - 1) + 2 * (sweeps + 2);
  return lines * line_length(sweeps, tile_columns);
}

// Tiles of a grid, by sizes only.
template <class T>
struct GridTiles {
  int64_t height, width, columns, rows, across, count;

  explicit GridTiles(const GridBackup<T>& backup)
      : height(backup.grid.height), width(backup.grid.width) {
    const int64_t row_bytes = kKeptBytes / (kLinesKept * backup.sweeps);
    columns = std::clamp<int64_t>(width, 1, row_bytes / static_cast<int64_t>(sizeof(T)));
    rows = std::max<int64_t>(1, kCellsPerTile / columns);
    across = (width + columns - 1) / columns;
    count = across * ((height + rows - 1) / rows);
  }
  GridTile operator[](int64_t i) const {
    const int64_t top = i / across * rows, left = i % across * columns;
    return {top, std::min(top + rows, height), left, std::min(left + columns, width)};
  }
};

// Returns max |V' − V| of the last sweep where it is wanted: NaN when any is.
template <class T>
T backup_grid_tile(const GridBackup<T>& backup, const GridTile& tile, T* workspace);

// The whole grid.
template <class T>
T backup_grid(const GridBackup<T>& backup, CpuContext& context) {
  const GridTiles<T> tiles(backup);
  const CpuContext::ScratchScope scope(context);
  T* const changes = context.scratch<T>(tiles.count);
  const Workspaces<T> workspaces(context, tiles.count,
                                 grid_workspace(backup.sweeps, tiles.columns));
  context.parallel(tiles.count, 1, [&](int64_t i, int64_t, int64_t) {
    const auto workspace = workspaces.borrow();
    changes[i] = backup_grid_tile(backup, tiles[i], workspace.data());
  });
  if (context.stopped()) return math::kNaN<T>;
  T largest = 0;
  for (int64_t i = 0; i < tiles.count; ++i) {
    if (!(changes[i] <= largest) && largest == largest) largest = changes[i];
  }
  return largest;
}

}  // namespace belfry::cpu
