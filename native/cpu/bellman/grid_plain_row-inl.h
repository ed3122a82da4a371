// Body of grid_cells, once per instruction set: a row of cells that can all be entered, none of
// which ends the episode, with four moves that pay alike. V' is m + γ times the best of four
// neighbours, since x → m + γ x keeps the order of values, rounding included.
// Per vector: loads of the rows above and below and of the row itself, three comparisons, a product
// and a sum, and a store. A load that is not aligned costs two, so the neighbours to the left and
// to the right are put together from aligned ones where one instruction does it.

namespace belfry::cpu::BELFRY_ISA {
namespace {

// The largest change of the cells added so far.
template <class T>
struct LargestChange {
  Vec<T> lanes;
  T scalar = 0;

  BELFRY_INLINE LargestChange() : lanes(zero<T>()) {}
  BELFRY_INLINE void add(Vec<T> before, Vec<T> after) {
    lanes = max_nan(lanes, abs(after - before));
  }
  BELFRY_INLINE void add(T before, T after) {
    const T change = after > before ? after - before : before - after;
    if (!(change <= scalar) && scalar == scalar) scalar = change;
  }
  BELFRY_INLINE void merge(const LargestChange& other) {
    lanes = max_nan(lanes, other.lanes);
    if (!(other.scalar <= scalar) && scalar == scalar) scalar = other.scalar;
  }
  BELFRY_INLINE T get() {
    const T most = reduce_max(lanes);
    return most != most || scalar != scalar ? math::kNaN<T> : most > scalar ? most : scalar;
  }
};

template <class T>
struct PlainRow {
  const T *up, *own, *down;
  const T* ahead;  // as much of a row to come, sent for
  int64_t begin, end;
  bool at_left, at_right;  // begins, ends with the grid: a move off it stays
  T* out;                  // null: only the change is wanted
  bool wants_change, streams;
};

// The neighbours of a vector of cells in their own row. Walks by vectors; reads one ahead.
template <class T>
class Sides {
 public:
  static constexpr int kLanes = Vec<T>::kLanes;

#if BELFRY_ISA_LEVEL == 2
  BELFRY_INLINE Sides(const T* own, int64_t x)
      : own_(own), before_(load(own + x - kLanes)), here_(load(own + x)) {}
  BELFRY_INLINE void step(int64_t x, Vec<T>& left, Vec<T>& right) {
    const Vec<T> after = load(own_ + x + kLanes);
    left = joined<kLanes - 1>(before_, here_, std::make_integer_sequence<int, kLanes>{});
    right = joined<1>(here_, after, std::make_integer_sequence<int, kLanes>{});
    before_ = here_;
    here_ = after;
  }

 private:
  // Lanes of both in a row, from number kFrom on.
  template <int kFrom, int... kLane>
  static BELFRY_INLINE Vec<T> joined(Vec<T> a, Vec<T> b, std::integer_sequence<int, kLane...>) {
    return Vec<T>(__builtin_shufflevector(a.raw, b.raw, (kFrom + kLane)...));
  }

  const T* own_;
  Vec<T> before_, here_;
#else
  BELFRY_INLINE Sides(const T* own, int64_t) : own_(own) {}
  BELFRY_INLINE void step(int64_t x, Vec<T>& left, Vec<T>& right) {
    left = load(own_ + x - 1);
    right = load(own_ + x + 1);
  }

 private:
  const T* own_;
#endif
};

// kMayBeNan: there may be NaN, and memory to be waited for. kLast: the row is an output.
template <class T, bool kMinimise, bool kMayBeNan, bool kLast>
class PlainCells {
 public:
  BELFRY_INLINE PlainCells(const PlainRow<T>& row, T reward, T gamma)
      : row_(row), reward_(reward), gamma_(gamma) {}

  // Whether a NaN was seen.
  BELFRY_INLINE bool run(LargestChange<T>& change) {
    int64_t begin = row_.begin, end = row_.end;
    if (row_.at_left && begin < end) cell(begin++);
    if (row_.at_right && begin < end) cell(--end);
    if (end - begin >= kLanes) {
      vectors(begin, end);
    } else {
      for (int64_t x = begin; x < end; ++x) cell(x);
    }
    if (kLast && row_.wants_change) change.merge(change_);
    return has_nan_;
  }

 private:
  static constexpr int kLanes = Vec<T>::kLanes;

  // Vectors at both ends overlap with those between, which are aligned.
  BELFRY_INLINE void vectors(int64_t begin, int64_t end) {
    constexpr int64_t kSpan = 2 * kLanes - 1;  // a step of Sides looks so far
    int64_t x = begin + kLanes - 1;
    while (row_.out && !is_aligned(row_.out + x)) ++x;
    if (x + kSpan <= end) {
      vector(begin);
      if (x - kLanes > begin) vector(x - kLanes);
      Sides<T> sides(row_.own, x);
      for (; x + kSpan <= end; x += kLanes) {
        Vec<T> left, right;
        sides.step(x, left, right);
        aligned(x, backup(x, left, right));
      }
    } else {
      x = begin;
    }
    for (; x + kLanes <= end; x += kLanes) vector(x);
    vector(end - kLanes);
  }
  BELFRY_INLINE void vector(int64_t x) {
    const Vec<T> value = backup(x, load(row_.own + x - 1), load(row_.own + x + 1));
    if (!kLast || row_.out) store(row_.out + x, value);
  }
  BELFRY_INLINE void aligned(int64_t x, Vec<T> value) {
    if (kLast && row_.streams) {
      stream(row_.out + x, value);
    } else if (!kLast || row_.out) {
      store(row_.out + x, value);
    }
  }

  BELFRY_INLINE Vec<T> backup(int64_t x, Vec<T> left, Vec<T> right) {
    const Vec<T> up = load(row_.up + x), down = load(row_.down + x);
    if (kMayBeNan) __builtin_prefetch(row_.ahead + x, 0, 2);
    Vec<T> best = better(better(up, down), better(left, right));
    if (kMayBeNan && any(is_nan((up + down) + (left + right)))) {
      best = best_or_nan(up, down, left, right);
      has_nan_ = true;
    }
    const Vec<T> value = Vec<T>(reward_) + Vec<T>(gamma_) * best;
    if (kLast && row_.wants_change) change_.add(load(row_.own + x), value);
    return value;
  }
  static BELFRY_INLINE Vec<T> better(Vec<T> a, Vec<T> b) {
    return kMinimise ? min(a, b) : max(a, b);
  }
  static BELFRY_NOINLINE Vec<T> best_or_nan(Vec<T> a, Vec<T> b, Vec<T> c, Vec<T> d) {
    return kMinimise ? min_nan(min_nan(a, b), min_nan(c, d))
                     : max_nan(max_nan(a, b), max_nan(c, d));
  }

  void cell(int64_t x) {
    const T left = row_.own[row_.at_left && x == row_.begin ? x : x - 1];
    const T right = row_.own[row_.at_right && x + 1 == row_.end ? x : x + 1];
    const T best = better(better(row_.up[x], row_.down[x]), better(left, right));
    if (kMayBeNan && best != best) has_nan_ = true;
    const T value = math::q_value(reward_, gamma_, best);
    if (kLast && row_.wants_change) change_.add(row_.own[x], value);
    if (!kLast || row_.out) row_.out[x] = value;
  }
  // NaN wins.
  static T better(T a, T b) { return a != a || (kMinimise ? a < b : a > b) ? a : b; }

  const PlainRow<T> row_;
  const T reward_, gamma_;
  LargestChange<T> change_;
  bool has_nan_ = false;
};

template <bool kMinimise, bool kMayBeNan, bool kLast, class T>
BELFRY_NOINLINE bool plain_cells(const PlainRow<T>& row, const math::Grid<T>& grid,
                                 LargestChange<T>& change) {
  return PlainCells<T, kMinimise, kMayBeNan, kLast>(row, grid.move_reward, grid.gamma).run(change);
}
template <bool kMayBeNan, bool kLast, class T>
bool plain_cells(const PlainRow<T>& row, const math::Grid<T>& grid, LargestChange<T>& change) {
  return grid.minimise ? plain_cells<true, kMayBeNan, kLast>(row, grid, change)
                       : plain_cells<false, kMayBeNan, kLast>(row, grid, change);
}

// Whether a NaN was seen.
template <class T>
bool plain_row(const PlainRow<T>& row, const math::Grid<T>& grid, bool may_be_nan, bool last,
               LargestChange<T>& change) {
  if (may_be_nan) {
    return last ? plain_cells<true, true>(row, grid, change)
                : plain_cells<true, false>(row, grid, change);
  }
  return last ? plain_cells<false, true>(row, grid, change)
              : plain_cells<false, false>(row, grid, change);
}

}  // namespace
}  // namespace belfry::cpu::BELFRY_ISA
