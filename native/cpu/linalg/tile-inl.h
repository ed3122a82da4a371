// Register tiles: some rows of A by a panel of B, one or two vectors wide, summed over up to kDepth
// terms. Two vectors of B and one broadcast element of A feed 2 · rows fused multiply-adds, so the
// loads keep ahead of the arithmetic. Three heights are enough: four rows by two vectors already
// hide the latency of the sums.

namespace belfry::cpu::BELFRY_ISA {
namespace {

#if BELFRY_ISA_LEVEL == 2
constexpr int kTileRows = 14;
#elif BELFRY_ISA_LEVEL == 1
constexpr int kTileRows = 6;
#else
constexpr int kTileRows = 4;
#endif

// Columns of a panel.
template <class T>
constexpr int kPanel = 2 * Vec<T>::kLanes;

// A's element (i, k) is a[i · a_stride + k · a_step]; b holds a panel's rows, b_stride apart.
template <class T>
struct Terms {
  const T* a;
  int64_t a_stride, a_step;
  const T* b;
  int64_t b_stride;
  int64_t count;
};

template <class T, int kRows, int kVecs>
void run_tile(const Terms<T>& terms, T* out) {
  constexpr int kLanes = Vec<T>::kLanes;
  // Rows reached from one pointer: x86 addresses reach 0, 1 and 2 strides.
  constexpr int kGroup = 3;
  constexpr int kGroups = (kRows + kGroup - 1) / kGroup;
  const int64_t stride = terms.a_stride, step = terms.a_step;
  const T* a[kGroups];
  for (int g = 0; g < kGroups; ++g) a[g] = terms.a + g * kGroup * stride;
  const T* b = terms.b;

  Vec<T> sums[kRows][kVecs];
  for (auto& row : sums) {
    for (auto& sum : row) sum = zero<T>();
  }
  for (int64_t k = 0; k < terms.count; ++k) {
    Vec<T> right[kVecs];
    for (int v = 0; v < kVecs; ++v) right[v] = load(b + v * kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const T left = a[r / kGroup][r % kGroup * stride];
#pragma GCC unroll 2
      for (int v = 0; v < kVecs; ++v) sums[r][v] = fma(right[v], left, sums[r][v]);
    }
    for (int g = 0; g < kGroups; ++g) a[g] += step;
    b += terms.b_stride;
  }
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVecs; ++v) store(out + (r * kVecs + v) * kLanes, sums[r][v]);
  }
}

template <class T, int kVecs>
int run_tile_of_at_most(int64_t rows, const Terms<T>& terms, T* out) {
  if (rows >= kTileRows) return run_tile<T, kTileRows, kVecs>(terms, out), kTileRows;
  if (rows >= 4) return run_tile<T, 4, kVecs>(terms, out), 4;
  return run_tile<T, 1, kVecs>(terms, out), 1;
}

// out[rows][width] = A B for a panel of `width` columns, one or two vectors.
template <class T>
void run_tiles(Terms<T> terms, int64_t rows, int width, T* out) {
  while (rows > 0) {
    const int done = width == kPanel<T> ? run_tile_of_at_most<T, 2>(rows, terms, out)
                                        : run_tile_of_at_most<T, 1>(rows, terms, out);
    terms.a += done * terms.a_stride;
    out += done * width;
    rows -= done;
  }
}

// Whole vectors for a panel of `columns`.
template <class T>
BELFRY_INLINE int panel_width(int64_t columns) {
  return columns > Vec<T>::kLanes ? kPanel<T> : Vec<T>::kLanes;
}

template <class T>
void put_rows(const T* sums, int width, int64_t rows, int columns, bool accumulate, T* c,
              int64_t stride) {
  constexpr int kLanes = Vec<T>::kLanes;
  for (int64_t row = 0; row < rows; ++row, sums += width, c += stride) {
    for (int at = 0; at < columns; at += kLanes) {
      put<T>(c + at, load(sums + at), nullptr, accumulate, at_most(kLanes, columns - at));
    }
  }
}

template <class T>
void copy_panel(const T* b, int64_t stride, int64_t rows, int columns, T* panel, int width) {
  constexpr int kLanes = Vec<T>::kLanes;
  for (int64_t row = 0; row < rows; ++row, b += stride, panel += width) {
    for (int at = 0; at < columns; at += kLanes) {
      store(panel + at, load_n(b + at, at_most(kLanes, columns - at)));
    }
  }
}

// A's rows lie along the lanes and W is broadcast as it lies, so that only A, the smaller, is
// packed. Columns go in chunks of whole tiles and whole vectors, small enough for L1.
template <class T>
void product_panel(const Product<T>& p, T* panel) {
  constexpr int64_t kChunk = kTileRows * (BELFRY_ISA_LEVEL == 2 ? 8 : 16);
  alignas(64) T sums[kChunk * kPanel<T>];
  const int width = panel_width<T>(p.m);
  for (int64_t depth = 0; depth == 0 || depth < p.k; depth += kDepth) {
    const int64_t count = at_most(kDepth, p.k - depth);
    transpose_into(p.a + depth, p.a_stride, p.m, count, panel, width);
    for (int64_t column = 0; column < p.n; column += kChunk) {
      const int64_t columns = at_most(kChunk, p.n - column);
      const T* w = p.b + column * p.b_stride + depth;
      run_tiles<T>({w, p.b_stride, 1, panel, width, count}, columns, width, sums);
      add_transposed(sums, width, p.m, columns, p.bias ? p.bias + column : nullptr,
                     p.accumulate || depth > 0, p.c + column, p.c_stride);
    }
  }
}

}  // namespace

template <class T>
void product(Product<T> p) {
  alignas(64) T panel[kDepth * kPanel<T>];
  const int64_t rows = p.m;
  for (int64_t row = 0; row < rows; row += kPanel<T>) {
    p.m = at_most(kPanel<T>, rows - row);
    product_panel(p, panel);
    p.a += p.m * p.a_stride;
    p.c += p.m * p.c_stride;
  }
}

// A panel of B is copied, so that its rows lie close together, unless it is read only once.
template <class T>
void strided_product(const StridedProduct<T>& p) {
  alignas(64) T panel[kDepth * kPanel<T>];
  alignas(64) T sums[kTileRows * kPanel<T>];
  for (int64_t column = 0; column < p.n; column += kPanel<T>) {
    const int columns = at_most(kPanel<T>, p.n - column);
    const int width = panel_width<T>(columns);
    for (int64_t depth = 0; depth == 0 || depth < p.k; depth += kDepth) {
      const int64_t count = at_most(kDepth, p.k - depth);
      const T* b = p.b + depth * p.b_stride + column;
      Terms<T> terms{p.a + depth * p.a_step, p.a_stride, p.a_step, b, p.b_stride, count};
      if (columns < width || p.m > kTileRows) {
        copy_panel(b, p.b_stride, count, columns, panel, width);
        terms.b = panel;
        terms.b_stride = width;
      }
      for (int64_t row = 0; row < p.m; row += kTileRows) {
        const int64_t rows = at_most(kTileRows, p.m - row);
        run_tiles(terms, rows, width, sums);
        put_rows(sums, width, rows, columns, p.accumulate || depth > 0,
                 p.c + row * p.c_stride + column, p.c_stride);
        terms.a += rows * p.a_stride;
      }
    }
  }
}

template void product(Product<float>);
template void product(Product<double>);
template void strided_product(const StridedProduct<float>&);
template void strided_product(const StridedProduct<double>&);

}  // namespace belfry::cpu::BELFRY_ISA
