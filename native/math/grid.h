// Planning on a grid of cells: where a move leads, and what it is worth. Nothing is tabulated: a
// model of H·W cells is its map.
#pragma once

#include "math/bellman.h"
#include "math/flags.h"

namespace belfry::math {

constexpr int kOrthogonalMoves = 4, kAllMoves = 8;

// Rows and columns that a move crosses: up, down, left, right, then the diagonals.
struct Offset {
  int32_t rows, columns;
};
BELFRY_HD constexpr Offset move_offset(int move) {
  switch (move) {
    case 0: return {-1, 0};
    case 1: return {1, 0};
    case 2: return {0, -1};
    case 3: return {0, 1};
    case 4: return {-1, -1};
    case 5: return {-1, 1};
    case 6: return {1, -1};
    default: return {1, 1};
  }
}

template <class T>
struct Grid {
  const T* values = nullptr;
  const T* cell_rewards = nullptr;  // null: 0
  FlagReader blocked, terminal;
  int64_t height = 0, width = 0;
  T gamma = 1, move_reward = -1, diagonal_reward = -1;
  int num_moves = kOrthogonalMoves;
  bool minimise = false;

  BELFRY_HD T reward_of(int move) const {
    return move < kOrthogonalMoves ? move_reward : diagonal_reward;
  }
  // Whether the cell has no value of its own: it ends the episode, or nobody can be there.
  BELFRY_HD bool fixed(int64_t cell) const { return terminal(cell) || blocked(cell); }
  BELFRY_HD bool enterable(int64_t row, int64_t column) const {
    const bool inside = row >= 0 && row < height && column >= 0 && column < width;
    return inside && !blocked(row * width + column);
  }
  // Of arriving in a cell: c(s') + γ V(s'), without the second term where the episode ends.
  BELFRY_HD T arrival(int64_t cell) const {
    const T reward = cell_rewards ? cell_rewards[cell] : T(0);
    return terminal(cell) ? reward : q_value(reward, gamma, values[cell]);
  }
  // A move off the grid or into a blocked cell stays.
  BELFRY_HD T q_of(int64_t row, int64_t column, int move) const {
    const Offset to = move_offset(move);
    const bool moves = enterable(row + to.rows, column + to.columns);
    const int64_t cell = row * width + column;
    return reward_of(move) + arrival(moves ? cell + to.rows * width + to.columns : cell);
  }
  BELFRY_HD GreedyChoice<T> best_of(int64_t row, int64_t column) const {
    GreedyChoice<T> best;
    if (fixed(row * width + column)) return best;
    for (int move = 0; move < num_moves; ++move) {
      best.offer(move, greedy_key(q_of(row, column, move), minimise));
    }
    return best;
  }
};

// The map of an op of ops/bellman/grids.h, with these values.
template <class T, class Op>
Grid<T> grid_of(const Op& op, const T* values) {
  Grid<T> grid;
  grid.values = values;
  if (op.cell_rewards.present) grid.cell_rewards = op.cell_rewards.begin();
  grid.blocked = read_flags(op.blocked, false);
  grid.terminal = read_flags(op.terminal, false);
  grid.height = op.terminal.dims[0];
  grid.width = op.terminal.dims[1];
  grid.gamma = static_cast<T>(op.gamma);
  // −0 becomes 0: no value is −0 then, and equal values have equal bits.
  grid.move_reward = static_cast<T>(op.move_reward) + T(0);
  grid.diagonal_reward = static_cast<T>(op.diagonal_reward) + T(0);
  grid.num_moves = static_cast<int>(op.moves) == 0 ? kOrthogonalMoves : kAllMoves;
  grid.minimise = static_cast<int>(op.mode) == 1;
  return grid;
}

// Where sweeps one after another write: the last to the output, those before to two buffers in
// turn, one of them the output itself where there is one.
template <class T>
class SweepOutputs {
 public:
  template <class Context>
  SweepOutputs(T* out, int64_t num_sweeps, int64_t num_cells, Context& context)
      : last_(num_sweeps - 1), out_(out), even_(out) {
    if (num_sweeps > 1) odd_ = context.template scratch<T>(num_cells);
    if (num_sweeps > 2 && !out) even_ = context.template scratch<T>(num_cells);
  }
  bool allocated() const { return (last_ < 1 || odd_) && (last_ < 2 || even_); }
  T* operator[](int64_t sweep) const {
    const int64_t later = last_ - sweep;
    return later == 0 ? out_ : later % 2 == 0 ? even_ : odd_;
  }

 private:
  int64_t last_;
  T *out_, *even_, *odd_ = nullptr;
};

}  // namespace belfry::math
