#include "cpu/bellman/grid_cells.h"

#include <utility>

#define BELFRY_TARGET_FILE "cpu/bellman/grid_plain_row-inl.h"
#include "cpu/simd/for_each_isa.h"

#define BELFRY_TARGET_FILE "cpu/bellman/grid_cells-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
T backup_grid_tile(const GridBackup<T>& backup, const GridTile& tile, T* workspace) {
  return BELFRY_DISPATCH(sweep_tile<T>)(backup, tile, workspace);
}
template float backup_grid_tile(const GridBackup<float>&, const GridTile&, float*);
template double backup_grid_tile(const GridBackup<double>&, const GridTile&, double*);

}  // namespace belfry::cpu
