// Body of grid_cells, once per instruction set. Sweep t makes row r of a tile as soon as sweep t−1
// has made row r + 1, and keeps three rows for sweep t + 1: V is read and V' written once, and what
// is between stays in the cache. With t sweeps to come a tile is t cells larger on every side.
//
// Rows of plain cells are those of grid_plain_row-inl.h. For others it is laid out first what
// arriving in a cell is worth, and which cells are blocked, with a border of blocked ones; then
// every cell is inside.

namespace belfry::cpu::BELFRY_ISA {
namespace {

template <class T>
class TileSweeps {
 public:
  TileSweeps(const GridBackup<T>& backup, const GridTile& tile, T* workspace)
      : backup_(backup),
        grid_(backup.grid),
        tile_(tile),
        sweeps_(backup.sweeps),
        first_(reach(tile.left, tile.right, 0, grid_.width).begin),
        columns_(reach(tile.left, tile.right, 0, grid_.width).end - first_),
        rows_ahead_(1 + kBytesAhead / (columns_ * static_cast<int64_t>(sizeof(T)))),
        sign_(grid_.minimise ? T(-1) : T(1)),
        may_be_plain_(!grid_.cell_rewards && grid_.gamma > 0 &&
                      grid_.move_reward - grid_.move_reward == 0 &&
                      grid_.num_moves == math::kOrthogonalMoves) {
    T* next = workspace + kLineBorder;
    const auto take = [&next, length = line_length(sweeps_, tile.right - tile.left)] {
      T* const line = next;
      next += length;
      return line;
    };
    for (int64_t i = kLinesKept; i < kLinesKept * sweeps_; ++i) {
      lines_[i].values = lines_[i].buffer = take();
    }
    for (int64_t i = 0; i < kLinesKept * sweeps_; ++i) lines_[i].arrival = take();
    for (int64_t i = 0; i < sweeps_ + 2; ++i) {
      maps_[i].blocked = take();
      maps_[i].fixed = take();
    }
  }

  T run() {
    // The first sweep is ahead of the last one by a row for each between them.
    const int64_t begin = rows_of(1).begin, end = tile_.bottom + sweeps_ - 1;
    for (int64_t ahead = begin; ahead < end; ++ahead) {
      for (int64_t sweep = 1; sweep <= sweeps_; ++sweep) {
        const int64_t row = ahead - (sweep - 1);
        const Span rows = rows_of(sweep);
        if (row >= rows.begin && row < rows.end) sweep_row(sweep, row);
      }
    }
    if (backup_.streams) stream_fence();
    return change_.get();
  }

 private:
  static constexpr int kLanes = Vec<T>::kLanes;
  static constexpr int64_t kBytesAhead = 8191;

  struct Span {
    int64_t begin, end;
  };
  // A row of values after some sweep; 0 is V itself.
  struct Line {
    int64_t row = -1;
    const T* values = nullptr;
    T *buffer = nullptr, *arrival = nullptr;
    bool has_nan = false, laid_out = false;
  };
  // A row of the map, the same for all sweeps. Flags are 0 or 1.
  struct MapLine {
    int64_t row = -2;
    bool has_fixed = false, laid_out = false;
    T *blocked = nullptr, *fixed = nullptr;
  };
  // What a row is made of, and where it goes.
  struct Task {
    const Line *up, *own, *down;
    int64_t row, sweep;
    Span columns;
    T* out;
    int32_t* policy;
    bool last, wants_change;
  };

  // What a sweep makes of a side of the grid.
  Span reach(int64_t begin, int64_t end, int64_t sweep, int64_t size) const {
    const int64_t more = sweeps_ - sweep;
    return {begin > more ? begin - more : 0, end < size - more ? end + more : size};
  }
  Span rows_of(int64_t sweep) const { return reach(tile_.top, tile_.bottom, sweep, grid_.height); }
  Span columns_of(int64_t sweep) const {
    const Span columns = reach(tile_.left, tile_.right, sweep, grid_.width);
    return {columns.begin - first_, columns.end - first_};
  }
  int64_t clipped(int64_t row) const {
    return row < 0 ? 0 : row < grid_.height ? row : grid_.height - 1;
  }

  void sweep_row(int64_t sweep, int64_t row) {
    const bool last = sweep == sweeps_;
    const int64_t at = row * grid_.width + first_;
    Line* const made = last ? nullptr : &line_of(sweep, row);
    const Task task{&line(sweep - 1, clipped(row - 1)),
                    &line(sweep - 1, row),
                    &line(sweep - 1, clipped(row + 1)),
                    row,
                    sweep,
                    columns_of(sweep),
                    made                 ? made->buffer
                    : backup_.values_out ? backup_.values_out + at
                                         : nullptr,
                    last && backup_.policy ? backup_.policy + at : nullptr,
                    last,
                    last && backup_.wants_change};
    const bool has_nan = is_plain(task) ? plain(task) : mapped(task);
    if (!made) return;
    made->row = row;
    made->has_nan = has_nan;
    made->laid_out = false;
  }

  Line& line_of(int64_t sweep, int64_t row) {
    return lines_[kLinesKept * sweep + row % kLinesKept];
  }
  Line& line(int64_t sweep, int64_t row) {
    Line& line = line_of(sweep, row);
    if (sweep == 0 && line.row != row) {
      line.row = row;
      line.values = grid_.values + row * grid_.width + first_;
      line.laid_out = false;
    }
    return line;
  }

  bool is_plain(const Task& task) {
    if (!may_be_plain_ || task.policy) return false;
    for (int64_t row = clipped(task.row - 1); row <= clipped(task.row + 1); ++row) {
      if (map(row).has_fixed) return false;
    }
    return true;
  }
  bool plain(const Task& task) {
    const bool first = task.sweep == 1;
    const bool has_nan = task.up->has_nan || task.own->has_nan || task.down->has_nan;
    const int64_t ahead = task.row + 1 + rows_ahead_;
    PlainRow<T> row{task.up->values,
                    task.own->values,
                    task.down->values,
                    task.down->values,
                    task.columns.begin,
                    task.columns.end,
                    task.columns.begin + first_ == 0,
                    task.columns.end + first_ == grid_.width,
                    task.out,
                    task.wants_change,
                    task.last && backup_.streams && task.out};
    if (first && ahead < grid_.height) row.ahead += rows_ahead_ * grid_.width;
    return plain_row(row, grid_, first || has_nan, task.last, change_);
  }

  MapLine& map(int64_t row) {
    MapLine& map = maps_[(row + 1) % (sweeps_ + 2)];
    if (map.row != row) {
      map.row = row;
      map.laid_out = false;
      const int64_t at = row * grid_.width + first_;
      map.has_fixed = row < 0 || row >= grid_.height || any_flag(grid_.terminal, at) ||
                      any_flag(grid_.blocked, at);
    }
    return map;
  }
  bool any_flag(const math::FlagReader& flags, int64_t at) const {
    if (!flags.given()) return false;
    return flags.bytes ? any_of(flags.bytes + at) : any_of(flags.words + at);
  }
  template <class Flag>
  BELFRY_NOINLINE bool any_of(const Flag* flags) const {
    Flag found = 0;
    for (int64_t x = 0; x < columns_; ++x) found = static_cast<Flag>(found | flags[x]);
    return found != 0;
  }

  // What a move may lead to: three rows, the cell's own in the middle.
  struct Around {
    const T *arrival[3], *blocked[3], *fixed;
  };

  // Whether a NaN was seen.
  bool mapped(const Task& task) {
    Around around;
    for (int i = 0; i < 3; ++i) {
      const int64_t row = task.row + i - 1;
      around.arrival[i] = arrival(task.sweep - 1, clipped(row));
      around.blocked[i] = laid_out_map(row).blocked;
    }
    around.fixed = laid_out_map(task.row).fixed;
    const int64_t begin = task.columns.begin, end = task.columns.end;
    bool has_nan = false;
    for (int64_t x = begin; x < end; x += kLanes) {
      // The last vector overlaps with the one before.
      if (x > end - kLanes && begin <= end - kLanes) x = end - kLanes;
      if (x <= end - kLanes && mapped_vector(task, around, x)) continue;
      for (int64_t i = x; i < end && i < x + kLanes; ++i) has_nan |= mapped_cell(task, around, i);
    }
    return has_nan;
  }

  const MapLine& laid_out_map(int64_t row) {
    MapLine& line = map(row);
    if (line.laid_out) return line;
    line.laid_out = true;
    const bool inside = row >= 0 && row < grid_.height;
    for (int64_t x = -1; x <= columns_; ++x) line.blocked[x] = line.fixed[x] = 1;
    if (!inside) return line;
    const int64_t at = row * grid_.width + first_;
    read_flags(grid_.blocked, at, line.blocked);
    read_flags(grid_.terminal, at, line.fixed);
    for (int64_t x = 0; x < columns_; ++x) {
      line.fixed[x] = line.blocked[x] != 0 ? T(1) : line.fixed[x];
    }
    return line;
  }
  void read_flags(const math::FlagReader& flags, int64_t at, T* out) const {
    if (flags.bytes) {
      for (int64_t x = 0; x < columns_; ++x) out[x] = flags.bytes[at + x] != 0 ? T(1) : T(0);
    } else if (flags.words) {
      for (int64_t x = 0; x < columns_; ++x) out[x] = flags.words[at + x] != 0 ? T(1) : T(0);
    } else {
      for (int64_t x = 0; x < columns_; ++x) out[x] = 0;
    }
  }

  // c + γ V of each cell of a row, c alone where the episode ends.
  const T* arrival(int64_t sweep, int64_t row) {
    Line& source = line(sweep, row);
    if (source.laid_out) return source.arrival;
    source.laid_out = true;
    const MapLine& map = laid_out_map(row);
    const T* const values = source.values;
    const T* const rewards =
        grid_.cell_rewards ? grid_.cell_rewards + row * grid_.width + first_ : nullptr;
    const T gamma = grid_.gamma;
    const Span columns = columns_of(sweep);
    T* const out = source.arrival;
    for (int64_t x = columns.begin; x < columns.end; ++x) {
      const T reward = rewards ? rewards[x] : T(0);
      const T moving = math::q_value(reward, gamma, values[x]);
      out[x] = map.blocked[x] != 0 ? T(0) : map.fixed[x] != 0 ? reward : moving;
    }
    out[columns.begin - 1] = out[columns.end] = 0;
    return out;
  }

  // False where a Q is NaN.
  BELFRY_INLINE bool mapped_vector(const Task& task, const Around& around, int64_t x) {
    const Vec<T> sign(sign_), stay = load(around.arrival[1] + x);
    Vec<T> best = zero<T>(), action = zero<T>();
    Mask<T> nan = first_n<T>(0);
    for (int move = 0; move < grid_.num_moves; ++move) {
      const math::Offset to = math::move_offset(move);
      const Vec<T> there = load(around.arrival[1 + to.rows] + x + to.columns);
      const Mask<T> stays = load(around.blocked[1 + to.rows] + x + to.columns) != zero<T>();
      const Vec<T> key = sign * (Vec<T>(grid_.reward_of(move)) + select(stays, stay, there));
      nan = nan | is_nan(key);
      const Mask<T> better = move == 0 ? key == key : key > best;
      action = select(better, Vec<T>(static_cast<T>(move)), action);
      best = select(better, key, best);
    }
    if (any(nan)) return false;
    const Mask<T> fixed = load(around.fixed + x) != zero<T>();
    const Vec<T> value = select(fixed, zero<T>(), sign * best);
    if (task.wants_change) change_.add(load(task.own->values + x), value);
    if (task.out) store(task.out + x, value);
    if (task.policy) write_policy(task.policy + x, select(fixed, Vec<T>(T(-1)), action));
    return true;
  }
  BELFRY_INLINE void write_policy(int32_t* policy, Vec<T> action) {
    T actions[kLanes];
    store(actions, action);
    for (int i = 0; i < kLanes; ++i) policy[i] = static_cast<int32_t>(actions[i]);
  }
  // Whether its value is NaN.
  bool mapped_cell(const Task& task, const Around& around, int64_t x) {
    math::GreedyChoice<T> best;
    for (int move = 0; around.fixed[x] == 0 && move < grid_.num_moves; ++move) {
      const math::Offset to = math::move_offset(move);
      const bool stays = around.blocked[1 + to.rows][x + to.columns] != 0;
      const T there = around.arrival[1 + to.rows][x + to.columns];
      const T q = grid_.reward_of(move) + (stays ? around.arrival[1][x] : there);
      best.offer(move, math::greedy_key(q, grid_.minimise));
    }
    const T value = best.value(grid_.minimise);
    if (task.wants_change) change_.add(task.own->values[x], value);
    if (task.out) task.out[x] = value;
    if (task.policy) task.policy[x] = best.action;
    return value != value;
  }

  const GridBackup<T>& backup_;
  const math::Grid<T>& grid_;
  const GridTile tile_;
  const int64_t sweeps_, first_, columns_, rows_ahead_;
  const T sign_;
  const bool may_be_plain_;
  LargestChange<T> change_;
  Line lines_[kLinesKept * kSweepsPerPass];
  MapLine maps_[kSweepsPerPass + 2];
};

}  // namespace

template <class T>
T sweep_tile(const GridBackup<T>& backup, const GridTile& tile, T* workspace) {
  return TileSweeps<T>(backup, tile, workspace).run();
}

template float sweep_tile(const GridBackup<float>&, const GridTile&, float*);
template double sweep_tile(const GridBackup<double>&, const GridTile&, double*);

}  // namespace belfry::cpu::BELFRY_ISA
