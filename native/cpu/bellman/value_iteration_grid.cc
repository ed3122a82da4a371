// value_iteration_grid: sweeps in place (Gauss–Seidel), each from another corner, so that a value
// is carried along a whole row, and from row to row, by one sweep; a map without obstacles is
// solved by the first four. A move that stays is replaced by staying for ever, which leaves V* as
// it is.
//
// A sweep in place says little about its own error. What certifies is a synchronous backup behind
// it, |V − V*| ≤ max |TV − V| / (1−γ), on all threads at the speed of memory; the sweep itself runs
// on one, bound by the latency from cell to cell.
#include "cpu/bellman/grid_cells.h"
#include "cpu/bellman/model.h"
#include "cpu/run.h"
#include "math/value_iteration.h"
#include "ops/bellman/grids.h"

namespace belfry::cpu {

namespace {

template <class T>
class GridSolver {
 public:
  GridSolver(const ValueIterationGrid<T>& op, CpuContext& context)
      : op_(op), context_(context), num_cells_(op.terminal.size()) {}

  Status run() {
    T* const values = op_.v_star ? op_.v_star.begin() : context_.scratch<T>(num_cells_);
    grid_ = math::grid_of(op_, static_cast<const T*>(values));
    values_ = values;
    open_ = context_.scratch<uint8_t>(num_cells_);
    start();
    bool converged = false, goes_on = true;
    double error = 0, residual = 0;
    int64_t iterations = 0;
    while (!converged && goes_on && iterations < op_.max_iterations) {
      Sweep sweep;
      if (!run_sweep(iterations % 4, sweep)) return aborted();
      if (discounted()) residual = remaining();
      if (context_.stopped()) return aborted();
      error = error_of(residual, sweep);
      context_.report(++iterations, 0, residual);
      converged = discounted() ? error <= op_.tolerance : !sweep.changed && !sweep.nan;
      goes_on = sweep.changed && !sweep.nan;
    }
    write_bounds(error);
    if (op_.policy_star) write_policy();
    if (op_.iterations) op_.iterations[0] = static_cast<int32_t>(iterations);
    if (op_.converged) op_.converged[0] = converged;
    if (op_.residual_inf) {
      op_.residual_inf[0] = discounted() ? static_cast<T>(residual) : math::kNaN<T>;
    }
    return finished(context_);
  }

 private:
  static constexpr int64_t kCellsPerLook = 1 << 18;  // a few milliseconds
  static constexpr double kEpsilon = static_cast<double>(std::numeric_limits<T>::epsilon());

  // What a sweep saw.
  struct Sweep {
    bool changed = false, nan = false;
    T largest = 0;

    void add(T before, T after) {
      const T size = after < 0 ? -after : after;
      changed |= after != before;
      nan |= after != after;
      largest = size > largest ? size : largest;
    }
  };

  bool discounted() const { return op_.gamma < 1; }

  void start() {
    const T bound = static_cast<T>(first_bound());
    find_open_moves();
    for_rows([&](int64_t row) {
      for (int64_t cell = row * grid_.width; cell < (row + 1) * grid_.width; ++cell) {
        const T first = op_.initial_values ? op_.initial_values[cell] : bound;
        values_[cell] = grid_.fixed(cell) ? T(0) : first;
      }
    });
  }
  // What moves lead elsewhere, a bit for each, by bytes of what can be entered with a border of
  // zeros around them.
  void find_open_moves() {
    const int64_t width = grid_.width, stride = width + 2;
    uint8_t* const enterable = context_.scratch<uint8_t>((grid_.height + 2) * stride);
    std::fill_n(enterable, stride, uint8_t{0});
    std::fill_n(enterable + (grid_.height + 1) * stride, stride, uint8_t{0});
    for_rows([&](int64_t row) {
      uint8_t* const own = enterable + (row + 1) * stride + 1;
      own[-1] = own[width] = 0;
      const math::FlagReader blocked = grid_.blocked.from(row * width);
      for (int64_t j = 0; j < width; ++j) own[j] = blocked(j) ? 0 : 1;
    });
    for_rows([&](int64_t row) {
      uint8_t* const open = open_ + row * width;
      std::fill_n(open, width, uint8_t{0});
      for (int move = 0; move < grid_.num_moves; ++move) {
        const math::Offset to = math::move_offset(move);
        const uint8_t* const other = enterable + (row + 1 + to.rows) * stride + 1 + to.columns;
        for (int64_t j = 0; j < width; ++j) {
          open[j] = static_cast<uint8_t>(open[j] | other[j] << move);
        }
      }
    });
  }
  template <class Body>
  void for_rows(const Body& body) {
    const int64_t rows = chunk_for(8 * grid_.width, 1 << 18);
    context_.parallel(grid_.height, rows, [&](int64_t begin, int64_t end, int64_t) {
      for (int64_t row = begin; row < end; ++row) body(row);
    });
  }
  // No value is worse than for ever the worst reward, or than nothing at all.
  double first_bound() const {
    const double sign = grid_.minimise ? -1 : 1;
    if (!discounted()) return -sign * math::kInfinity<double>;
    double worst = 0, of_cells = 0;
    for (int64_t i = 0; grid_.cell_rewards && i < num_cells_; ++i) {
      of_cells = std::min(of_cells, sign * static_cast<double>(grid_.cell_rewards[i]));
    }
    for (int move = 0; move < grid_.num_moves; move += math::kOrthogonalMoves) {
      worst = std::min(worst, sign * static_cast<double>(grid_.reward_of(move)) + of_cells);
    }
    return sign * worst / (1 - op_.gamma);
  }

  // The best Q of a cell; with γ = 1 a move that stays leads nowhere.
  T best_value(int64_t cell, unsigned open) const {
    T best = -math::kInfinity<T>;
    for (int move = 0; move < grid_.num_moves; ++move) {
      const T reward = grid_.reward_of(move);
      const bool moves = (open >> move & 1u) != 0;
      const math::Offset to = math::move_offset(move);
      const T q = moves ? reward + grid_.arrival(cell + to.rows * grid_.width + to.columns)
                        : stay(reward, cell);
      const T key = math::greedy_key(q, grid_.minimise);
      if (!(key <= best)) best = key;
    }
    return math::greedy_key(best, grid_.minimise);
  }
  T stay(T reward, int64_t cell) const {
    if (!discounted()) return math::masked_q<T>(grid_.minimise);
    const T arrival = grid_.cell_rewards ? grid_.cell_rewards[cell] : T(0);
    return math::stay_value(reward + arrival, grid_.gamma);
  }

  // Rows of cells all of whose four moves lead elsewhere and that pay alike need the best neighbour
  // only; `last`, just written beside the cell, is taken from its register.
  template <bool kMinimise>
  T best_neighbour(const T* cell, int64_t behind, T last) const {
    const T a = cell[-grid_.width], b = cell[grid_.width], c = cell[behind];
    const auto better = [](T x, T y) { return (kMinimise ? x < y : x > y) ? x : y; };
    const T side = better(better(a, b), c);
    return math::q_value(grid_.move_reward, grid_.gamma, better(side, last));
  }

  template <bool kMinimise>
  void sweep_row(int64_t row, int64_t step, Sweep& sweep) {
    constexpr unsigned kAllOpen = 15;
    const bool plain = !grid_.cell_rewards && grid_.num_moves == math::kOrthogonalMoves;
    int64_t cell = row * grid_.width + (step > 0 ? 0 : grid_.width - 1);
    Sweep own;
    T last = 0;
    for (int64_t i = 0; i < grid_.width; ++i, cell += step) {
      const unsigned open = open_[cell];
      if (plain && open == kAllOpen && !grid_.fixed(cell)) {
        last = best_neighbour<kMinimise>(values_ + cell, step, last);
      } else {
        last = grid_.fixed(cell) ? T(0) : best_value(cell, open);
      }
      own.add(values_[cell], last);
      values_[cell] = last;
    }
    sweep.changed |= own.changed;
    sweep.nan |= own.nan;
    sweep.largest = std::max(sweep.largest, own.largest);
  }
  // From the four corners in turn, the last one first.
  bool run_sweep(int64_t corner, Sweep& sweep) {
    const bool upwards = corner == 0 || corner == 3;
    const int64_t step = corner % 2 == 0 ? -1 : 1;
    const int64_t rows_per_look = chunk_for(grid_.width, kCellsPerLook);
    for (int64_t i = 0; i < grid_.height; ++i) {
      const int64_t row = upwards ? grid_.height - 1 - i : i;
      if (grid_.minimise) {
        sweep_row<true>(row, step, sweep);
      } else {
        sweep_row<false>(row, step, sweep);
      }
      if (i % rows_per_look == 0 && context_.stopped()) return false;
    }
    return true;
  }

  // max |TV − V|.
  double remaining() {
    const CpuContext::ScratchScope scope(context_);
    GridBackup<T> backup;
    backup.grid = grid_;
    return static_cast<double>(backup_grid(backup, context_));
  }
  double error_of(double residual, const Sweep& sweep) const {
    if (!discounted() || sweep.nan || !(residual < math::kInfinity<double>)) {
      return math::kInfinity<double>;
    }
    const double largest = static_cast<double>(sweep.largest);
    return residual / (1 - op_.gamma) + math::sweep_rounding(largest, op_.gamma, kEpsilon);
  }

  void write_bounds(double error) {
    if (!op_.v_star_lower && !op_.v_star_upper) return;
    for_rows([&](int64_t row) {
      for (int64_t cell = row * grid_.width; cell < (row + 1) * grid_.width; ++cell) {
        const bool acts = !grid_.fixed(cell);
        // Without a bound the value is left out: it may be infinite itself.
        const T value = error < math::kInfinity<double> ? values_[cell] : T(0);
        if (op_.v_star_lower) op_.v_star_lower[cell] = math::shifted(value, -error, acts);
        if (op_.v_star_upper) op_.v_star_upper[cell] = math::shifted(value, error, acts);
      }
    });
  }
  void write_policy() {
    GridBackup<T> backup;
    backup.grid = grid_;
    backup.policy = op_.policy_star.begin();
    backup_grid(backup, context_);
  }

  const ValueIterationGrid<T>& op_;
  CpuContext& context_;
  const int64_t num_cells_;
  math::Grid<T> grid_;
  T* values_ = nullptr;
  uint8_t* open_ = nullptr;
};

}  // namespace

template <>
Status run(const ValueIterationGrid<float>& op, CpuContext& context) {
  return GridSolver<float>(op, context).run();
}
template <>
Status run(const ValueIterationGrid<double>& op, CpuContext& context) {
  return GridSolver<double>(op, context).run();
}

}  // namespace belfry::cpu
