// C[m,n] = A B by register tiles: kTileRows rows by one panel of B, summed over up to kDepth terms.
// A panel's slice stays in L1 while the row tiles of A go by. Two vectors of B and one broadcast
// element of A feed 2 · rows fused multiply-adds, so the loads keep ahead of the arithmetic.

namespace belfry::cpu::BELFRY_ISA {
namespace {

#if BELFRY_ISA_LEVEL == 2
constexpr int kTileRows = 14;
#elif BELFRY_ISA_LEVEL == 1
constexpr int kTileRows = 6;
#else
constexpr int kTileRows = 4;
#endif
constexpr int kInPlaceRows = 4;

// How A lies: rows of A one after the other, or (Aᵀ) the elements of a tile side by side; and B:
// a panel, or the rows of a larger matrix.
enum class Kind { rows, transposed, in_place };

template <class T>
struct Tile {
  const T* a;
  int64_t a_stride;
  const T* b;
  int64_t b_stride;
  const T* bias;
  T* c;
  int64_t c_stride;
  int64_t k;
  int columns;
  bool accumulate;
};

template <class T, int kVecs>
BELFRY_INLINE void store_row(const Tile<T>& tile, T* c, const Vec<T>* sums) {
  constexpr int kLanes = Vec<T>::kLanes;
  for (int v = 0; v < kVecs; ++v) {
    const int left = tile.columns - v * kLanes;
    T* to = c + v * kLanes;
    const T* add = tile.accumulate ? to : tile.bias ? tile.bias + v * kLanes : nullptr;
    if (left >= kLanes) {
      store(to, add ? load(add) + sums[v] : sums[v]);
    } else if (left > 0) {
      store_n(to, add ? load_n(add, left) + sums[v] : sums[v], left);
    }
  }
}

template <class T, Kind kKind, int kRows, int kVecs>
void tile_kernel(const Tile<T>& tile) {
  constexpr int kLanes = Vec<T>::kLanes;
  constexpr int kGroup =
      3;  // rows reached from one pointer: x86 addresses reach 0, 1 and 2 strides
  constexpr int kGroups = (kRows + kGroup - 1) / kGroup;
  const int64_t stride = tile.a_stride;
  const T* a[kGroups];
  for (int g = 0; g < kGroups; ++g) a[g] = tile.a + g * kGroup * stride;
  const T* transposed = tile.a;
  const T* b = tile.b;

  Vec<T> sums[kRows][kVecs];
  for (auto& row : sums) {
    for (auto& sum : row) sum = zero<T>();
  }
  for (int64_t k = 0; k < tile.k; ++k) {
    Vec<T> right[kVecs];
    for (int v = 0; v < kVecs; ++v) {
      if constexpr (kKind == Kind::in_place) {
        const int left = tile.columns - v * kLanes;
        right[v] =
            left >= kLanes ? load(b + v * kLanes) : load_n(b + v * kLanes, left > 0 ? left : 0);
      } else {
        right[v] = load(b + v * kLanes);
      }
    }
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const T left = kKind == Kind::transposed ? transposed[r] : a[r / kGroup][r % kGroup * stride];
#pragma GCC unroll 2
      for (int v = 0; v < kVecs; ++v) sums[r][v] = fma(right[v], left, sums[r][v]);
    }
    for (int g = 0; g < kGroups; ++g) ++a[g];
    transposed += stride;
    b += kKind == Kind::in_place ? tile.b_stride : kVecs * kLanes;
  }
  for (int r = 0; r < kRows; ++r) store_row<T, kVecs>(tile, tile.c + r * tile.c_stride, sums[r]);
}

template <class T, Kind kKind, int kRows>
void run_tile(int rows, int vecs, const Tile<T>& tile) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return run_tile<T, kKind, kRows - 1>(rows, vecs, tile);
  }
  if (vecs == 1) return tile_kernel<T, kKind, kRows, 1>(tile);
  tile_kernel<T, kKind, kRows, kPanelVecs>(tile);
}

// All rows by one panel. The tiles differ by at most one row.
template <class T, Kind kKind>
void run_panel(Tile<T> tile, int64_t m, int vecs) {
  constexpr int kMost = kKind == Kind::in_place ? kInPlaceRows : kTileRows;
  const int64_t tiles = (m + kMost - 1) / kMost;
  const T* a = tile.a;
  T* c = tile.c;
  for (int64_t i = 0; i < tiles; ++i) {
    const int64_t first = i * m / tiles;
    tile.a = a + first * (kKind == Kind::transposed ? 1 : tile.a_stride);
    tile.c = c + first * tile.c_stride;
    run_tile<T, kKind, kMost>(static_cast<int>((i + 1) * m / tiles - first), vecs, tile);
  }
}

template <class T, Kind kKind>
void run_product(const Product<T>& p) {
  constexpr int64_t kDepthHere = kKind == Kind::in_place ? int64_t{1} << 62 : kDepth;
  for (int64_t depth = 0; depth == 0 || depth < p.k; depth += kDepthHere) {
    for (int64_t column = 0; column < p.n; column += kPanelColumns<T>) {
      const int vecs = vecs_across<T>(p.n - column);
      Tile<T> tile;
      tile.a = p.a + depth;
      tile.a_stride = p.a_stride;
      tile.b = p.b + column * p.k + depth * vecs * Vec<T>::kLanes;
      if constexpr (kKind == Kind::in_place) tile.b = p.b + column;
      tile.b_stride = p.b_stride;
      tile.bias = p.bias ? p.bias + column : nullptr;
      tile.c = p.c + column;
      tile.c_stride = p.c_stride;
      tile.k = p.k - depth < kDepthHere ? p.k - depth : kDepthHere;
      tile.columns =
          static_cast<int>(p.n - column < kPanelColumns<T> ? p.n - column : kPanelColumns<T>);
      tile.accumulate = p.accumulate || depth > 0;
      run_panel<T, kKind>(tile, p.m, vecs);
    }
  }
}

}  // namespace

template <class T>
void product(const Product<T>& p) {
  if (p.b_stride > 0) return run_product<T, Kind::in_place>(p);
  run_product<T, Kind::rows>(p);
}

template <class T>
void outer_product(const OuterProduct<T>& p) {
  alignas(64) T panel[kDepth * kPanelColumns<T>];
  for (int64_t column = p.begin; column < p.end; column += kPanelColumns<T>) {
    const int64_t columns = p.end - column < kPanelColumns<T> ? p.end - column : kPanelColumns<T>;
    for (int64_t depth = 0; depth == 0 || depth < p.k; depth += kDepth) {
      Tile<T> tile;
      tile.k = p.k - depth < kDepth ? p.k - depth : kDepth;
      pack_rows_range(p.b + depth * p.b_stride + column, p.b_stride, tile.k, 0, columns, panel);
      tile.a = p.a + depth * p.a_stride;
      tile.a_stride = p.a_stride;
      tile.b = panel;
      tile.b_stride = 0;
      tile.bias = nullptr;
      tile.c = p.c + column;
      tile.c_stride = p.c_stride;
      tile.columns = static_cast<int>(columns);
      tile.accumulate = depth > 0;
      run_panel<T, Kind::transposed>(tile, p.m, vecs_across<T>(columns));
    }
  }
}

template void product(const Product<float>&);
template void product(const Product<double>&);
template void outer_product(const OuterProduct<float>&);
template void outer_product(const OuterProduct<double>&);

}  // namespace belfry::cpu::BELFRY_ISA
