// Backups beyond the plain ones: deterministic, with rewards per transition, soft, expectile, in
// place, of options. The robust and risk-sensitive ones are in robust.h, those of models in
// models.h.
#pragma once

#include "ops/bellman/models.h"
#include "ops/bellman/robust.h"

namespace belfry {

enum class ExpectileOver : int32_t { actions, successors };
enum class SelfLoop : int32_t { plain, eliminate };

template <class T>
struct BellmanBackupDeterministic {
  In<int32_t, 2> next_states;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> values;
  double gamma;
  Mode mode;
  int64_t terminal;
  Out<T, 2> q_values;
  Out<T, 1> values_out;
  Out<int32_t, 1> policy;

  static OpInfo declare() {
    using Op = BellmanBackupDeterministic;
    Declare<Op> op("bellman", "bellman_backup_deterministic", Tier::data);
    op.summary("One Bellman optimality backup of a deterministic model.")
        .formula("Q(s,a) = r(s,a) + γ V(next(s,a)), without the second term where the episode ends;"
                 "  V'(s) = max_a Q(s,a)")
        .source("Puterman (1994), section 6.2; min mode: Agostinelli et al., arXiv 2102.04518")
        .edge("As bellman_backup_v_csr.")
        .flops("3*S*A")
        .in("next_states", &Op::next_states, "S,A", "successor of each pair, or `terminal`")
        .index_below("S")
        .or_equal("terminal")
        .checked_in_pass()
        .in("rewards", &Op::rewards, "S,A", "reward of each pair");
    with_action_mask(op).in("values", &Op::values, "S", "V");
    with_discount(op);
    with_mode(op).integer("terminal", &Op::terminal, -1, Range::any(),
                          "what stands in `next_states` where the episode ends");
    with_backup_outputs(op);
    return op;
  }
};

template <class T>
struct BellmanBackupTransitionRewards {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob, transition_rewards;
  Flags<1> continues;
  Flags<2> action_mask;
  In<T, 1> values;
  double gamma;
  int64_t num_states, num_actions;
  Mode mode;
  Out<T, 2> q_values;
  Out<T, 1> values_out;
  Out<int32_t, 1> policy;

  static OpInfo declare() {
    using Op = BellmanBackupTransitionRewards;
    Declare<Op> op("bellman", "bellman_backup_v_csr_transition_rewards", Tier::data);
    op.summary("One Bellman optimality backup of a sparse model with a reward per transition.")
        .formula("Q(s,a) = Σ_j p_j (r_j + γ c_j V(col_j));  V'(s) = max_a Q(s,a)")
        .source("Puterman (1994), sections 2.1.3 and 6.2")
        .edge("The value of a successor behind which the episode ends is not read. Otherwise as "
              "bellman_backup_v_csr.")
        .flops("4*N + S*A");
    with_transition_rows(op);
    with_mode(op);
    with_backup_outputs(op);
    return op;
  }
};

template <class T>
struct SoftFixedPoint {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  double gamma, tau;
  bool fixed_point;
  double tolerance;
  int64_t max_iterations;
  Out<T, 1> v_soft;
  Out<T, 2> q_soft, policy_soft;
  Out<int32_t, 0> iterations;
  Out<T, 0> residual_inf;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = SoftFixedPoint;
    Declare<Op> op("bellman", "soft_backup", Tier::data);
    op.form("fixed_point", "fixed_point=true")
        .summary("Soft value iteration: the fixed point of the entropy form of the soft backup.")
        .formula("V(s) = τ log Σ_a exp(Q(s,a)/τ),  Q = r + γ P V,  π(a|s) = exp((Q − V)/τ)")
        .source("Ziebart (2010); Haarnoja et al., arXiv 1702.08165, theorems 1 to 3")
        .edge(
            "A state with no allowed action has value 0 and a policy row of 0. With γ = 1 "
            "`converged` speaks of the change of a sweep only. After max_iterations the answer so "
            "far is returned with `converged` 0.")
        .flops("(2*N + 6*S*A)*iterations");
    with_csr_rows(op);
    with_action_mask(op);
    with_discount(op);
    op.number("tau", &Op::tau, kRequired, Range::at_least(0), "temperature τ; 0 is the maximum")
        .boolean("fixed_point", &Op::fixed_point, true, "names this form")
        .number("tolerance", &Op::tolerance, 1e-10, Range::above(0), "accuracy of `v_soft`")
        .integer("max_iterations", &Op::max_iterations, 100000, Range::at_least(1),
                 "sweeps after which the solve gives up")
        .out("v_soft", &Op::v_soft, "S", "V")
        .out("q_soft", &Op::q_soft, "S,A", "Q; −Infinity where not allowed")
        .out("policy_soft", &Op::policy_soft, "S,A", "π(a|s)")
        .out("iterations", &Op::iterations, "", "sweeps made")
        .out("residual_inf", &Op::residual_inf, "", "max |change| of the last sweep")
        .out("converged", &Op::converged, "", "1 when the tolerance was met");
    return op;
  }
};

template <class T>
struct SoftBackup {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> values;
  In<T, 2> ref_policy;
  double gamma, tau;
  bool fixed_point;
  Out<T, 1> v_soft;
  Out<T, 2> policy_soft;
  Out<T, 1> v_ref;
  Out<T, 2> policy_ref;
  Out<T, 1> v_mellowmax;
  Out<T, 2> q_soft;

  static OpInfo declare() {
    using Op = SoftBackup;
    Declare<Op> op("bellman", "soft_backup", Tier::data);
    op.form("backup")
        .summary("One soft Bellman backup: log-sum-exp, relative to a policy, and mellowmax.")
        .formula("V = τ log Σ_a exp(Q/τ);  V_ref = τ log Σ_a μ(a|s) exp(Q/τ);  V_mm = V − τ log n;"
                 "  π = exp((Q − V)/τ)")
        .source("Ziebart (2010); Todorov (2009); Asadi and Littman, arXiv 1612.05628 (mellowmax)")
        .edge("No allowed action: value 0 and a policy row of 0. τ = 0 is the maximum, with the "
              "policy spread over its ties; τ = Infinity is the mean under μ. ∂V/∂Q(s,a) = π(a|s).")
        .flops("2*N + 9*S*A");
    with_csr_rows(op);
    with_action_mask(op)
        .in("values", &Op::values, "S", "V of the successors")
        .in("ref_policy", &Op::ref_policy, "S,A", "μ(a|s)")
        .optional()
        .typical(0, 1);
    with_discount(op);
    op.number("tau", &Op::tau, kRequired, Range::at_least(0), "temperature τ; 0 is the maximum")
        .boolean("fixed_point", &Op::fixed_point, false, "true: the other form")
        .out("v_soft", &Op::v_soft, "S", "V, entropy form")
        .out("policy_soft", &Op::policy_soft, "S,A", "its policy; 0 where not allowed")
        .out("v_ref", &Op::v_ref, "S", "V relative to μ")
        .needs("ref_policy")
        .out("policy_ref", &Op::policy_ref, "S,A", "its policy")
        .needs("ref_policy")
        .out("v_mellowmax", &Op::v_mellowmax, "S", "mellowmax over the allowed actions")
        .out("q_soft", &Op::q_soft, "S,A", "Q; −Infinity where not allowed");
    return op;
  }
};

template <class T>
struct ExpectileBackup {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> values;
  In<T, 2> behavior;
  double gamma, tau;
  ExpectileOver over;
  Out<T, 1> values_out;
  Out<T, 2> q_values;

  static OpInfo declare() {
    using Op = ExpectileBackup;
    Declare<Op> op("bellman", "expectile_backup", Tier::data);
    op.summary("One backup to an expectile: of Q under a behaviour policy, or of the successors.")
        .formula("actions: V'(s) = m with Σ_a w(a|s) |τ − 1[Q < m]| (Q − m) = 0;  successors: "
                 "Q(s,a) = r + γ m with Σ_j p_j |τ − 1[V_j < m]| (V_j − m) = 0, V' = Σ w Q / Σ w")
        .source("Newey and Powell (1987); Kostrikov et al., arXiv 2110.06169")
        .edge("τ = 0.5 is the mean, τ = 1 the largest Q with weight, τ = 0 the smallest. A state "
              "without weight has value 0. The probability that a row lacks ends the episode: a "
              "successor of value 0.")
        .flops("2*N + 12*S*A");
    with_csr_rows(op);
    with_action_mask(op)
        .in("values", &Op::values, "S", "V")
        .in("behavior", &Op::behavior, "S,A", "weights w(a|s) ≥ 0")
        .typical(0, 1);
    with_discount(op);
    op.number("tau", &Op::tau, kRequired, Range::closed(0, 1), "expectile τ")
        .choice("over", &Op::over, {"actions", "successors"}, 0, "what the expectile is taken over")
        .out("values", &Op::values_out, "S", "V'")
        .out("q_values", &Op::q_values, "S,A", "Q; −Infinity where not allowed");
    return op;
  }
};

template <class T>
struct GaussSeidelSweep {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> values;
  In<int32_t, 1> order;
  double gamma;
  SelfLoop self_loop;
  Mode mode;
  Out<T, 1> values_out;

  static OpInfo declare() {
    using Op = GaussSeidelSweep;
    Declare<Op> op("bellman", "gauss_seidel_sweep", Tier::algorithm);
    op.summary("One sweep of Bellman backups in place: each state sees the new values before it.")
        .formula("in order: V(s) ← max_a r + γ Σ_j p_j V(col_j); eliminated: "
                 "(r + γ Σ_{j≠s} p_j V_j) / (1 − γ p_ss)")
        .source("Puterman (1994), section 6.3.3")
        .edge("Eliminated with γ p_ss = 1: ±Infinity by the sign of the rest, 0 where it is 0.")
        .flops("2*N");
    with_csr_rows(op);
    with_action_mask(op)
        .in("values", &Op::values, "S", "V before the sweep")
        .in("order", &Op::order, "M", "states in the order of their backups; absent: 0 … S−1")
        .optional()
        .index_below("S");
    with_discount(op).choice("self_loop", &Op::self_loop, {"plain", "eliminate"}, 0,
                             "solve for the probability of staying, or use the old value");
    with_mode(op).out("values", &Op::values_out, "S", "V after the sweep");
    return op;
  }
};

template <class T>
struct OptionSmdpBackup {
  In<T, 3> prob_discounted;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> values;
  Mode mode;
  Out<T, 2> q_values;
  Out<T, 1> values_out;
  Out<int32_t, 1> policy;

  static OpInfo declare() {
    using Op = OptionSmdpBackup;
    Declare<Op> op("bellman", "option_smdp_backup", Tier::data);
    op.summary("One Bellman backup over options, whose models hold the discount themselves.")
        .formula("Q(s,o) = R(s,o) + Σ_s' P_γ(s'|s,o) V(s');  V'(s) = max_o Q(s,o)")
        .source("Sutton, Precup and Singh (1999), section 3")
        .edge("As bellman_backup_v_csr.")
        .flops("2*S*A*S")
        .in("prob_discounted", &Op::prob_discounted, "S,A,S", "Σ_k γ^k P(s' after k steps)")
        .typical(0, 0.3)
        .in("rewards", &Op::rewards, "S,A", "discounted reward until the option ends");
    with_action_mask(op).in("values", &Op::values, "S", "V");
    with_mode(op);
    with_backup_outputs(op);
    return op;
  }
};

// On every backend.
using BellmanBackupOps =
    OpList<BellmanBackupDeterministic, BellmanBackupTransitionRewards, SoftFixedPoint, SoftBackup,
           ExpectileBackup, RiskCvarBackup, RiskEntropicBackup, RobustIntervalBackup,
           RobustL1Backup, RobustKlBackup, RobustWassersteinBackup, OptionSmdpBackup, UcbviBackup>;
// On the host.
using BellmanBackupHostOps =
    OpList<GaussSeidelSweep, SuccessorRepresentation, DistributionalPolicyEvaluation, EmpiricalMdp>;

}  // namespace belfry
