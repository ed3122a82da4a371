#include "cpu/bellman/grid_cells.h"

#include <algorithm>

#define BELFRY_TARGET_FILE "cpu/bellman/grid_cells-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
T backup_grid_rows(const GridBackup<T>& backup, int64_t begin, int64_t end) {
  return BELFRY_DISPATCH(grid_rows<T>)(backup, begin, end);
}

template float backup_grid_rows(const GridBackup<float>&, int64_t, int64_t);
template double backup_grid_rows(const GridBackup<double>&, int64_t, int64_t);

}  // namespace belfry::cpu
