// Solvers of discounted and average-reward models by policies: Howard's and modified policy
// iteration, inexact policy iteration, prioritised sweeping, relative value iteration.
#pragma once

#include "ops/bellman/core.h"

namespace belfry {

enum class HowardName : int32_t { policy_iteration };
enum class ModifiedName : int32_t { modified_policy_iteration };
enum class InexactName : int32_t { inexact_policy_iteration };
enum class EvaluationMethod : int32_t { vi, mpi, gmres, bicgstab, tfqmr };

template <class T>
struct PolicyIteration {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<int32_t, 1> initial_policy;
  In<T, 1> initial_values;
  double gamma;
  HowardName algorithm;
  Mode mode;
  int64_t max_iterations;
  Out<T, 1> values;
  Out<int32_t, 1> policy;
  Out<int32_t, 0> num_iterations;
  Out<int32_t, 2> policies;
  Out<uint8_t, 0> converged;
  Out<int32_t, 1> next_policy;

  static OpInfo declare() {
    using Op = PolicyIteration;
    Declare<Op> op("bellman", "policy_iteration", Tier::algorithm);
    op.form("howard")
        .summary("Howard's policy iteration: evaluate a policy exactly, improve it, until no "
                 "action is better.")
        .formula("V = (I − γ P_π)⁻¹ r_π;  π'(s) = argmax_a r(s,a) + γ Σ_j p_j V(col_j)")
        .source("Howard (1960); Puterman (1994), section 6.4")
        .edge("An action stays unless another is better by more than 1e-10 (and the rounding of "
              "the values). With γ = 1 a policy that need not end has no value: `converged` is "
              "then 0, as it is after max_iterations policies.")
        .flops("4*N");
    with_csr_rows(op);
    with_action_mask(op)
        .in("initial_policy", &Op::initial_policy, "S",
            "first policy; absent: greedy in the rewards")
        .optional()
        .index_below("A")
        .in("initial_values", &Op::initial_values, "S",
            "where the iterative solve of the first policy begins; absent: 0")
        .optional();
    with_discount(op).choice("algorithm", &Op::algorithm, {"policy_iteration"}, 0,
                             "names this form");
    with_mode(op)
        .integer("max_iterations", &Op::max_iterations, 1000, Range::at_least(1),
                 "policies evaluated before the solver gives up")
        .size_of("I")
        .out("values", &Op::values, "S", "V of the last policy; V* when converged")
        .out("policy", &Op::policy, "S", "the last policy, −1 = no action allowed")
        .out("num_iterations", &Op::num_iterations, "", "policies evaluated")
        .out("policies", &Op::policies, "I,S", "every policy evaluated, in order")
        .sized_by_data()
        .out("converged", &Op::converged, "",
             "1 when the last policy was evaluated exactly and no action improves on it")
        .out("next_policy", &Op::next_policy, "S",
             "the improvement on the last policy: with `values`, where a solve goes on that "
             "max_iterations ended");
    return op;
  }
};

template <class T>
struct ModifiedPolicyIteration {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> initial_values;
  double gamma;
  ModifiedName algorithm;
  int64_t eval_sweeps, num_outer;
  double tolerance;
  Mode mode;
  Out<T, 1> values;
  Out<int32_t, 1> policy;
  Out<int32_t, 0> num_iterations;
  Out<T, 0> residual_inf;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = ModifiedPolicyIteration;
    Declare<Op> op("bellman", "policy_iteration", Tier::algorithm);
    op.form("modified", "algorithm=modified_policy_iteration")
        .summary("Modified policy iteration: a greedy backup, then sweeps of the policy it chose.")
        .formula("V ← T V, π greedy;  then eval_sweeps times V ← r_π + γ P_π V;  num_outer times")
        .source("Puterman and Shin (1978); Puterman (1994), section 6.5")
        .edge("eval_sweeps 0 is value iteration. `converged` is 1 when the bounds of the last "
              "greedy backup are 2·tolerance apart or less; `values` are then the middle of the "
              "bounds, within tolerance of V*.")
        .flops("2*N*num_outer");
    with_csr_rows(op);
    with_action_mask(op)
        .in("initial_values", &Op::initial_values, "S", "V to begin with; absent: 0")
        .optional();
    with_discount(op)
        .choice("algorithm", &Op::algorithm, {"modified_policy_iteration"}, 0, "names this form")
        .integer("eval_sweeps", &Op::eval_sweeps, 4, Range::at_least(0),
                 "sweeps of the policy after each greedy backup")
        .integer("num_outer", &Op::num_outer, 1000, Range::at_least(0), "greedy backups at most")
        .number("tolerance", &Op::tolerance, 0.0, Range::at_least(0),
                "stop once V is certified this close to V*; 0: never before num_outer");
    with_mode(op)
        .out("values", &Op::values, "S", "V")
        .out("policy", &Op::policy, "S", "policy of the last greedy backup, −1 = none allowed")
        .out("num_iterations", &Op::num_iterations, "", "greedy backups made")
        .out("residual_inf", &Op::residual_inf, "", "max |T V − V| at the last greedy backup")
        .out("converged", &Op::converged, "", "1 when the tolerance was met");
    return op;
  }
};

template <class T>
struct InexactPolicyIteration {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> initial_values, stop_state;
  double gamma;
  InexactName algorithm;
  EvaluationMethod method;
  double forcing, atol, v0;
  int64_t max_iterations, max_inner, restart;
  Mode mode;
  Out<T, 1> values;
  Out<int32_t, 1> policy;
  Out<int32_t, 0> num_iterations, num_products;
  Out<T, 0> residual_inf;
  Out<uint8_t, 0> converged, gave_up;
  Out<T, 1> stop_state_out;

  static OpInfo declare() {
    using Op = InexactPolicyIteration;
    Declare<Op> op("bellman", "policy_iteration", Tier::algorithm);
    op.form("inexact", "algorithm=inexact_policy_iteration")
        .summary("Inexact policy iteration: each policy is evaluated by a Krylov method, only as "
                 "well as the Bellman residual asks for.")
        .formula("π greedy for V, ρ = ‖T V − V‖∞, stop when ρ < atol;  else solve (I − γ P_π) x = "
                 "r_π from V until ‖residual‖₂ ≤ forcing·ρ, V ← x")
        .source("Gargiani, Sieber, Balta, Liao-McPherson and Lygeros (arXiv 2404.06136)")
        .edge("V* lies within residual_inf/(1 − γ) of `values`. The solver gives up, with "
              "`converged` 0, after max_iterations policies or when ρ no longer falls.")
        .flops("2*N*num_products");
    with_csr_rows(op);
    with_action_mask(op)
        .in("initial_values", &Op::initial_values, "S", "V to begin with; absent: v0 everywhere")
        .optional()
        .in("stop_state", &Op::stop_state, "2", "`stop_state` of the solve that this one goes on")
        .optional();
    with_discount(op)
        .choice("algorithm", &Op::algorithm, {"inexact_policy_iteration"}, 0, "names this form")
        .choice("method", &Op::method, {"vi", "mpi", "gmres", "bicgstab", "tfqmr"}, 2,
                "evaluation: one or max_inner Richardson steps, or a Krylov method")
        .number("forcing", &Op::forcing, 1e-4, Range::above(0),
                "residual of an evaluation, as a part of the Bellman residual")
        .number("atol", &Op::atol, 1e-8, Range::above(0), "Bellman residual to stop at")
        .number("v0", &Op::v0, 1.0, Range::any(), "V to begin with")
        .integer("max_iterations", &Op::max_iterations, 1000, Range::at_least(1),
                 "policies before the solver gives up")
        .integer("max_inner", &Op::max_inner, 1000, Range::at_least(1),
                 "products with P_π in one evaluation")
        .integer("restart", &Op::restart, 30, Range::closed(1, 1000), "GMRES: vectors kept");
    with_mode(op)
        .out("values", &Op::values, "S", "V")
        .out("policy", &Op::policy, "S", "greedy policy of V, −1 = none allowed")
        .out("num_iterations", &Op::num_iterations, "", "policies evaluated")
        .out("num_products", &Op::num_products, "", "products with P_π, all together")
        .out("residual_inf", &Op::residual_inf, "", "max |T V − V|")
        .out("converged", &Op::converged, "", "1 when the Bellman residual fell below atol")
        .out("gave_up", &Op::gave_up, "", "1 when it no longer fell")
        .out("stop_state", &Op::stop_state_out, "2",
             "least residual so far and policies since: with `values`, where a solve goes on");
    return op;
  }
};

template <class T>
struct PrioritizedSweeping {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> values;
  double gamma;
  int64_t num_backups;
  double theta;
  Mode mode;
  Out<T, 1> values_out;
  Out<int32_t, 1> trace;
  Out<T, 1> priority;

  static OpInfo declare() {
    using Op = PrioritizedSweeping;
    Declare<Op> op("bellman", "prioritized_sweeping", Tier::algorithm);
    op.summary("Prioritised sweeping: back up the state with the largest Bellman error, one at a "
               "time.")
        .formula("s = argmax |T V(s) − V(s)|;  V(s) ← T V(s);  renew the errors of s and of its "
                 "predecessors")
        .source("Moore and Atkeson (1993), with full backups")
        .edge("Of equal errors the lowest state goes first, a NaN before every number. With "
              "theta 0 all num_backups are made, even where every error is 0.")
        .flops("2*N");
    with_csr_rows(op);
    with_action_mask(op).in("values", &Op::values, "S", "V");
    with_discount(op)
        .integer("num_backups", &Op::num_backups, kRequired, Range::at_least(0), "backups at most")
        .size_of("K")
        .number("theta", &Op::theta, 0.0, Range::at_least(0),
                "stop when the largest error is below this");
    with_mode(op)
        .out("values", &Op::values_out, "S", "V after the backups")
        .out("trace", &Op::trace, "K", "the states backed up, in order")
        .sized_by_data()
        .out("priority", &Op::priority, "S", "the errors |T V − V| then");
    return op;
  }
};

template <class T>
struct AverageRewardRvi {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> initial_values, stop_state;
  int64_t ref_state;
  double aperiodicity_tau, stop_span;
  int64_t max_iterations;
  Mode mode;
  Out<T, 0> gain, gain_lower, gain_upper;
  Out<T, 1> bias_rel;
  Out<int32_t, 1> policy;
  Out<T, 1> stationary;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged, not_unichain;
  Out<T, 1> stop_state_out;

  static OpInfo declare() {
    using Op = AverageRewardRvi;
    Declare<Op> op("bellman", "average_reward_rvi", Tier::algorithm);
    op.summary("Relative value iteration for the best average reward per step.")
        .formula("T h = max_a r + P h;  h ← (1−τ) h + τ T h, shifted to h(ref) = 0;  min(T h − h) "
                 "≤ gain ≤ max(T h − h)")
        .source("White (1963); Schweitzer (1971) for τ; Puterman (1994), sections 8.5 and 8.6")
        .edge("Every allowed row must have mass one, and every state an allowed action. Where the "
              "span stalls and the greedy policy has several recurrent classes, `not_unichain` "
              "is 1 and the gain has bounds only.")
        .flops("2*N + 2*S*A");
    with_csr_rows(op);
    with_action_mask(op)
        .in("initial_values", &Op::initial_values, "S",
            "relative values to begin with, such as `bias_rel` of a solve that this one goes on; "
            "absent: 0")
        .optional()
        .in("stop_state", &Op::stop_state, "3", "... and its `stop_state`")
        .optional()
        .integer("ref_state", &Op::ref_state, 0, Range::at_least(0), "state whose bias is 0")
        .index_below("S")
        .number("aperiodicity_tau", &Op::aperiodicity_tau, 0.9, {0, 1, true, false},
                "τ: below 1 no chain is periodic")
        .number("stop_span", &Op::stop_span, 1e-9, Range::above(0),
                "stop when max(T h − h) − min(T h − h) is below this")
        .integer("max_iterations", &Op::max_iterations, 1000000, Range::at_least(1),
                 "sweeps after which the solver gives up");
    with_mode(op)
        .out("gain", &Op::gain, "", "average reward per step: the middle of its bounds")
        .out("gain_lower", &Op::gain_lower, "", "certified lower bound of the gain")
        .out("gain_upper", &Op::gain_upper, "", "certified upper bound of the gain")
        .out("bias_rel", &Op::bias_rel, "S", "relative values h, 0 at ref_state")
        .out("policy", &Op::policy, "S", "greedy policy of h")
        .out("stationary", &Op::stationary, "S",
             "stationary distribution of that policy; of its first recurrent class, by lowest "
             "state, where there are several")
        .out("iterations", &Op::iterations, "", "sweeps made")
        .out("converged", &Op::converged, "", "1 when the span fell below stop_span")
        .out("not_unichain", &Op::not_unichain, "",
             "1 when the span stalled and the policy has several recurrent classes")
        .out("stop_state", &Op::stop_state_out, "3",
             "what the watch for a stall remembers, for a solve that goes on");
    return op;
  }
};

}  // namespace belfry
