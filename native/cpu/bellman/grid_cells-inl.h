// Body of grid_cells, once per instruction set. Rows of plain cells (nothing fixed in reach, no
// rewards of cells, no diagonals) need only the best of four neighbours, since x → m + γ x keeps
// the order of values, rounding included. Other rows are laid out first as what arriving in their
// cells is worth, three of them in turn, with a border of blocked cells; then every cell is inside.
// Bytes per cell: V and V' once, and the flags.

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
  BELFRY_INLINE T get() {
    const T most = reduce_max(lanes);
    return most != most || scalar != scalar ? math::kNaN<T> : most > scalar ? most : scalar;
  }
};

template <class T>
class GridRows {
 public:
  explicit GridRows(const GridBackup<T>& backup)
      : backup_(backup),
        grid_(backup.grid),
        sign_(grid_.minimise ? T(-1) : T(1)),
        may_be_plain_(!grid_.cell_rewards && !backup.policy && grid_.gamma > 0 &&
                      grid_.num_moves == math::kOrthogonalMoves) {}

  T run(int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end;) {
      int64_t until = row;
      while (until < end && !is_plain(until)) ++until;
      for (int64_t j = 0; j < grid_.width; j += kTile) {
        for (int64_t r = row; r < until; ++r) tile_row(r, j);
      }
      for (row = until; row < end && is_plain(row); ++row) plain_row(row);
    }
    if (backup_.streams) stream_fence();
    return change_.get();
  }

 private:
  static constexpr int kLanes = Vec<T>::kLanes;
  static constexpr int64_t kTile = 512, kFetchAhead = 8192;

  bool is_plain(int64_t row) {
    return may_be_plain_ && !has_fixed(row - 1) && !has_fixed(row) && !has_fixed(row + 1);
  }
  // A row off the grid is one that nobody can enter.
  bool has_fixed(int64_t row) {
    if (row < 0 || row >= grid_.height) return true;
    Looked& looked = looked_[row % 3];
    if (looked.row != row) {
      const int64_t first = row * grid_.width;
      const bool fixed = any_flag(grid_.terminal.from(first)) ||
                         (grid_.blocked.given() && any_flag(grid_.blocked.from(first)));
      looked = {row, fixed};
    }
    return looked.fixed;
  }
  bool any_flag(const math::FlagReader& flags) const {
    return flags.bytes ? any_of(flags.bytes) : any_of(flags.words);
  }
  template <class Flag>
  bool any_of(const Flag* flags) const {
    Flag found = 0;
    for (int64_t j = 0; j < grid_.width; ++j) found = static_cast<Flag>(found | flags[j]);
    return found != 0;
  }

  void cell(int64_t row, int64_t column) {
    const int64_t at = row * grid_.width + column;
    const math::GreedyChoice<T> best = grid_.best_of(row, column);
    const T value = best.value(grid_.minimise);
    change_.add(grid_.values[at], value);
    if (backup_.values_out) backup_.values_out[at] = value;
    if (backup_.policy) backup_.policy[at] = best.action;
  }
  void cells(int64_t row, int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; ++j) cell(row, j);
  }

  void plain_row(int64_t row) {
    if (backup_.values_out && !backup_.wants_change) {
      backup_.streams ? plain_cells<true, false>(row) : plain_cells<false, false>(row);
    } else {
      plain_cells<false, true>(row);
    }
  }
  template <bool kStreams, bool kChange>
  void plain_cells(int64_t row) {
    const int64_t width = grid_.width;
    const T* const here = grid_.values + row * width;
    T* const out = backup_.values_out ? backup_.values_out + row * width : nullptr;
    const PlainCell cell(grid_);
    int64_t j = width > 0 ? 1 : 0;
    while (kStreams && j < width && !is_aligned(out + j)) ++j;
    cells(row, 0, j);
    LargestChange<T> change;
    for (; j + kLanes < width; j += kLanes) {
      // One of three rows comes from memory, which is one stream too many to be foreseen.
      __builtin_prefetch(reinterpret_cast<const char*>(here + width + j) + kFetchAhead, 0, 2);
      const Vec<T> value = cell.backup(here + j);
      if (kChange) change.add(load(here + j), value);
      if (kStreams) {
        stream(out + j, value);
      } else if (!kChange || out) {
        store(out + j, value);
      }
    }
    if (kChange) change_.lanes = max_nan(change_.lanes, change.lanes);
    cells(row, j, width);
  }
  // The values of cells whose neighbours all can be entered.
  class PlainCell {
   public:
    BELFRY_INLINE explicit PlainCell(const math::Grid<T>& grid)
        : width_(grid.width),
          minimise_(grid.minimise),
          reward_(grid.move_reward),
          gamma_(grid.gamma) {}
    // NaN among the neighbours counts as in best_of: it wins.
    BELFRY_INLINE Vec<T> backup(const T* here) const {
      const Vec<T> up = load(here - width_), down = load(here + width_);
      const Vec<T> left = load(here - 1), right = load(here + 1);
      Vec<T> best =
          minimise_ ? min(min(up, down), min(left, right)) : max(max(up, down), max(left, right));
      if (any(is_nan((up + down) + (left + right)))) {
        best = minimise_ ? lowest_nan(up, down, left, right) : highest_nan(up, down, left, right);
      }
      return reward_ + gamma_ * best;
    }

   private:
    const int64_t width_;
    const bool minimise_;
    const Vec<T> reward_, gamma_;
  };
  static BELFRY_NOINLINE Vec<T> lowest_nan(Vec<T> a, Vec<T> b, Vec<T> c, Vec<T> d) {
    return min_nan(min_nan(a, b), min_nan(c, d));
  }
  static BELFRY_NOINLINE Vec<T> highest_nan(Vec<T> a, Vec<T> b, Vec<T> c, Vec<T> d) {
    return max_nan(max_nan(a, b), max_nan(c, d));
  }

  // Cells of a row from `first - 1` on: what arriving is worth, and whether nobody can.
  struct TileRow {
    int64_t row = -2, first = -2;
    T arrival[kTile + 2], blocked[kTile + 2];
  };
  const TileRow& laid_out(int64_t row, int64_t first) {
    TileRow& tile = tiles_[(row + 3) % 3];
    if (tile.row == row && tile.first == first) return tile;
    tile.row = row;
    tile.first = first;
    for (int64_t i = 0; i < kTile + 2; ++i) {
      tile.arrival[i] = 0;
      tile.blocked[i] = 1;
    }
    if (row < 0 || row >= grid_.height) return tile;
    const int64_t begin = first > 0 ? first - 1 : 0;
    const int64_t end = first + kTile < grid_.width ? first + kTile + 1 : grid_.width;
    lay_out(row * grid_.width + begin, end - begin, begin - first + 1, tile);
    return tile;
  }
  void lay_out(int64_t cell, int64_t count, int64_t at, TileRow& tile) const {
    T* const arrival = tile.arrival + at;
    T* const blocked = tile.blocked + at;
    T terminal[kTile + 2];
    read_flags(grid_.terminal.from(cell), count, terminal);
    read_flags(grid_.blocked.from(cell), count, blocked);
    const T* const values = grid_.values + cell;
    const T* const rewards = grid_.cell_rewards ? grid_.cell_rewards + cell : nullptr;
    for (int64_t i = 0; i < count; ++i) {
      const T reward = rewards ? rewards[i] : T(0);
      const T moving = math::q_value(reward, grid_.gamma, values[i]);
      arrival[i] = blocked[i] != 0 ? T(0) : terminal[i] != 0 ? reward : moving;
    }
  }
  static void read_flags(const math::FlagReader& flags, int64_t count, T* out) {
    if (flags.bytes) {
      for (int64_t i = 0; i < count; ++i) out[i] = flags.bytes[i] != 0 ? T(1) : T(0);
    } else if (flags.words) {
      for (int64_t i = 0; i < count; ++i) out[i] = flags.words[i] != 0 ? T(1) : T(0);
    } else {
      for (int64_t i = 0; i < count; ++i) out[i] = 0;
    }
  }

  void tile_row(int64_t row, int64_t first) {
    const TileRow* const rows[3] = {&laid_out(row - 1, first), &laid_out(row, first),
                                    &laid_out(row + 1, first)};
    const int64_t end = grid_.width < first + kTile ? grid_.width : first + kTile;
    int64_t j = first;
    for (; j + kLanes <= end; j += kLanes) {
      if (!tile_vector(row, j, rows, j - first + 1)) cells(row, j, j + kLanes);
    }
    cells(row, j, end);
  }
  // False where a Q is NaN.
  BELFRY_INLINE bool tile_vector(int64_t row, int64_t column, const TileRow* const* rows,
                                 int64_t at) {
    const Vec<T> sign(sign_), stay = load(rows[1]->arrival + at);
    Vec<T> best = zero<T>(), action = zero<T>();
    Mask<T> nan = first_n<T>(0);
    for (int move = 0; move < grid_.num_moves; ++move) {
      const math::Offset to = math::move_offset(move);
      const TileRow& other = *rows[1 + to.rows];
      const Vec<T> arrival = load(other.arrival + at + to.columns);
      const Mask<T> stays = load(other.blocked + at + to.columns) != zero<T>();
      const Vec<T> key = sign * (Vec<T>(grid_.reward_of(move)) + select(stays, stay, arrival));
      nan = nan | is_nan(key);
      const Mask<T> better = move == 0 ? key == key : key > best;
      action = select(better, Vec<T>(static_cast<T>(move)), action);
      best = select(better, key, best);
    }
    if (any(nan)) return false;
    write_tile(row * grid_.width + column, sign * best, action);
    return true;
  }
  BELFRY_INLINE void write_tile(int64_t cell, Vec<T> value, Vec<T> action) {
    T fixed[kLanes];
    for (int i = 0; i < kLanes; ++i) fixed[i] = grid_.fixed(cell + i) ? T(1) : T(0);
    const Mask<T> is_fixed = load(fixed) != zero<T>();
    value = select(is_fixed, zero<T>(), value);
    change_.add(load(grid_.values + cell), value);
    if (backup_.values_out) store(backup_.values_out + cell, value);
    if (!backup_.policy) return;
    T actions[kLanes];
    store(actions, select(is_fixed, Vec<T>(T(-1)), action));
    for (int i = 0; i < kLanes; ++i) backup_.policy[cell + i] = static_cast<int32_t>(actions[i]);
  }

  const GridBackup<T>& backup_;
  const math::Grid<T>& grid_;
  const T sign_;
  const bool may_be_plain_;
  LargestChange<T> change_;
  TileRow tiles_[3];
  struct Looked {
    int64_t row = -1;
    bool fixed = false;
  } looked_[3];
};

}  // namespace

template <class T>
T grid_rows(const GridBackup<T>& backup, int64_t begin, int64_t end) {
  return GridRows<T>(backup).run(begin, end);
}

template float grid_rows(const GridBackup<float>&, int64_t, int64_t);
template double grid_rows(const GridBackup<double>&, int64_t, int64_t);

}  // namespace belfry::cpu::BELFRY_ISA
