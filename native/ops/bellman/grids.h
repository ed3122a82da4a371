// Planning on grids: the model is a map, not a table of moves.
#pragma once

#include "ops/bellman/core.h"

namespace belfry {

enum class GridMoves : int32_t { four, eight };

// The map, in the order both ops list it.
template <class Op>
Declare<Op>& with_grid(Declare<Op>& op) {
  op.flags("terminal", &Op::terminal, "H,W", "1 = arriving there ends the episode")
      .flags("blocked", &Op::blocked, "H,W", "1 = no move leads there; absent: none")
      .optional()
      .in("cell_rewards", &Op::cell_rewards, "H,W", "reward of arriving in a cell; absent: 0")
      .optional();
  with_discount(op)
      .number("move_reward", &Op::move_reward, -1.0, Range::any(), "reward of every move")
      .number("diagonal_reward", &Op::diagonal_reward, -1.4142135623730951, Range::any(),
              "the same of a diagonal move")
      .choice("moves", &Op::moves, {"four", "eight"}, 0,
              "up, down, left, right; 'eight' adds up-left, up-right, down-left, down-right, which "
              "pass between two blocked cells");
  return with_mode(op);
}

template <class T>
struct BellmanBackupGrid {
  In<T, 2> values;
  Flags<2> terminal, blocked;
  In<T, 2> cell_rewards;
  double gamma, move_reward, diagonal_reward;
  GridMoves moves;
  Mode mode;
  int64_t sweeps;
  Out<T, 2> values_out;
  Out<int32_t, 2> policy;
  Out<T, 0> residual_inf;

  static OpInfo declare() {
    using Op = BellmanBackupGrid;
    Declare<Op> op("bellman", "bellman_backup_grid", Tier::data);
    op.summary(
          "Bellman optimality backups on a grid of cells, without tables of moves: one, or several "
          "synchronous sweeps.")
        .formula(
            "Q(s,a) = m_a + c(s') + γ V(s'), without the last term where s' is terminal; s' = s "
            "where the move leads off the grid or into a blocked cell;  V'(s) = max_a Q(s,a);  "
            "after each sweep V' is the V of the next")
        .source("Puterman, Markov Decision Processes (1994), section 6.2")
        .edge("A terminal or blocked cell has value 0 and policy −1. Ties go to the lowest move. "
              "NaN propagates; the policy is then the first NaN move. `policy` and `residual_inf` "
              "are "
              "those of the last sweep, so that k sweeps give the bits of k calls.")
        .flops("6*H*W*sweeps")
        .in("values", &Op::values, "H,W", "V");
    with_grid(op)
        .integer("sweeps", &Op::sweeps, 1, Range::at_least(1),
                 "synchronous sweeps; several pass over memory together")
        .out("values", &Op::values_out, "H,W", "V' of the last sweep")
        .out("policy", &Op::policy, "H,W", "greedy move, −1 where there is none")
        .out("residual_inf", &Op::residual_inf, "", "max |V' − V| of the last sweep");
    return op;
  }
};

template <class T>
struct ValueIterationGrid {
  Flags<2> terminal, blocked;
  In<T, 2> cell_rewards, initial_values;
  double gamma, move_reward, diagonal_reward;
  GridMoves moves;
  Mode mode;
  double tolerance;
  int64_t max_iterations;
  Out<T, 2> v_star, v_star_lower, v_star_upper;
  Out<int32_t, 2> policy_star;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;
  Out<T, 0> residual_inf;

  static OpInfo declare() {
    using Op = ValueIterationGrid;
    Declare<Op> op("bellman", "value_iteration_grid", Tier::algorithm);
    op.summary("Certified value iteration on a grid of cells, by sweeps in place.")
        .formula("V(s) ← max_a Q(s,a) of bellman_backup_grid, cell after cell, each sweep from "
                 "another corner; a move that stays counts as staying for ever;  |V − V*| ≤ "
                 "max |TV − V| / (1−γ)")
        .source("Puterman (1994), section 6.3.3 (Gauss–Seidel) and theorem 6.3.1 (bound); Zhao, A "
                "fast sweeping method for eikonal equations (2005), for the order of the sweeps")
        .edge("A terminal or blocked cell has value 0 and policy −1. γ = 1 asks for the best path "
              "to a terminal cell: −Infinity (+Infinity when minimising) where there is none, no "
              "bounds, and `converged` when a sweep changes nothing. A cycle that gains reward has "
              "no best path: `converged` is then 0.")
        .flops("9*H*W*iterations");
    with_grid(op)
        .in("initial_values", &Op::initial_values, "H,W",
            "V_0; absent: min(0, smallest reward)/(1−γ), below V*, or above it when minimising; "
            "−Infinity, or Infinity, when γ = 1")
        .optional()
        .number("tolerance", &Op::tolerance, 1e-9, Range::above(0), "accuracy of `v_star`")
        .integer("max_iterations", &Op::max_iterations, 10000, Range::at_least(1),
                 "sweeps after which the solve gives up")
        .out("v_star", &Op::v_star, "H,W", "V*, within tolerance when converged")
        .out("v_star_lower", &Op::v_star_lower, "H,W", "certified lower bound on V*")
        .out("v_star_upper", &Op::v_star_upper, "H,W", "certified upper bound on V*")
        .out("policy_star", &Op::policy_star, "H,W", "greedy policy of v_star, −1 = no move")
        .out("iterations", &Op::iterations, "", "sweeps the solve took")
        .out("converged", &Op::converged, "", "1 when the bound fell to the tolerance")
        .out("residual_inf", &Op::residual_inf, "", "max |TV − V| after the last sweep");
    return op;
  }
};

// On every backend.
using BellmanGridOps = OpList<BellmanBackupGrid>;
// On the host.
using BellmanGridHostOps = OpList<ValueIterationGrid>;

}  // namespace belfry
