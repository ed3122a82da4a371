// Backups that replace the expectation over successors: by the worst case over a set of
// distributions, each row on its own ((s,a)-rectangular), or by a measure of risk.
#pragma once

#include "ops/bellman/core.h"

namespace belfry {

enum class Nature : int32_t { min, max };
enum class Support : int32_t { row, all };

// What every backup of this file and of backups.h returns.
template <class Op>
Declare<Op>& with_backup_outputs(Declare<Op>& op) {
  return op.out("q_values", &Op::q_values, "S,A", "Q; −Infinity (min: +Infinity) where not allowed")
      .out("values", &Op::values_out, "S", "V'")
      .out("policy", &Op::policy, "S", "greedy action, −1 where none is allowed");
}

// A model with a reward per transition, V and γ.
template <class Op>
Declare<Op>& with_transition_rows(Declare<Op>& op) {
  op.in("row_ptr", &Op::row_ptr, "S*A+1", "bounds of each row's entries: 0 … N")
      .offsets_to("N")
      .in("col", &Op::col, "N", "successor state of each entry")
      .index_below("S")
      .in("prob", &Op::prob, "N", "probability of each entry")
      .typical(0, 0.3)
      .in("transition_rewards", &Op::transition_rewards, "N", "reward of each entry")
      .flags("continues", &Op::continues, "N", "0 = the episode ends there; absent: nowhere")
      .optional();
  with_action_mask(op).in("values", &Op::values, "S", "V");
  return with_discount(op)
      .integer("num_states", &Op::num_states, 0, Range::at_least(0), "S; 0: from `values`")
      .size_of("S")
      .integer("num_actions", &Op::num_actions, 0, Range::at_least(0), "A; 0: from `row_ptr`")
      .size_of("A");
}

template <class Op>
Declare<Op>& with_nature(Declare<Op>& op) {
  return op.choice("nature", &Op::nature, {"min", "max"}, 0,
                   "the worst distribution, or the best (optimism)");
}

template <class T>
struct RiskCvarBackup {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob, transition_rewards;
  Flags<1> continues;
  Flags<2> action_mask;
  In<T, 1> values;
  double gamma;
  int64_t num_states, num_actions;
  double alpha;
  Out<T, 2> q_values;
  Out<T, 1> values_out;
  Out<int32_t, 1> policy;

  static OpInfo declare() {
    using Op = RiskCvarBackup;
    Declare<Op> op("bellman", "risk_cvar_backup", Tier::data);
    op.summary("One backup of nested CVaR: the mean of the worst α of each row's outcomes.")
        .formula("z_j = r_j + γ c_j V(col_j);  Q(s,a) = (1/α) ∫_0^α VaR_u(z) du;  V' = max_a Q")
        .source("Rockafellar and Uryasev (2000); Ruszczyński (2010), nested measures")
        .edge("Nested CVaR is not the CVaR of the total return. α = 1 is the mean, α = 0 the "
              "smallest outcome with probability. The probability that a row lacks ends the "
              "episode: an outcome of 0.")
        .flops("24*N + S*A");
    with_transition_rows(op).number("alpha", &Op::alpha, kRequired, Range::closed(0, 1),
                                    "mass α of the lower tail");
    with_backup_outputs(op);
    return op;
  }
};

template <class T>
struct RiskEntropicBackup {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob, transition_rewards;
  Flags<1> continues;
  Flags<2> action_mask;
  In<T, 1> values;
  double gamma;
  int64_t num_states, num_actions;
  double beta;
  Out<T, 2> q_values;
  Out<T, 1> values_out;
  Out<int32_t, 1> policy;

  static OpInfo declare() {
    using Op = RiskEntropicBackup;
    Declare<Op> op("bellman", "risk_entropic_backup", Tier::data);
    op.summary("One backup of the nested entropic risk of each row's outcomes.")
        .formula(
            "z_j = r_j + γ c_j V(col_j);  Q(s,a) = −(1/β) log Σ_j p_j exp(−β z_j);  V' = max Q")
        .source("Howard and Matheson (1972)")
        .edge("β > 0 is averse to risk, β < 0 seeks it; |β| < 1e-7 is the mean. The probability "
              "that a row lacks ends the episode: an outcome of 0.")
        .flops("12*N + S*A");
    with_transition_rows(op).number("beta", &Op::beta, kRequired, Range::any(), "risk aversion β");
    with_backup_outputs(op);
    return op;
  }
};

template <class T>
struct RobustIntervalBackup {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> prob_lo, prob_hi, values;
  double gamma;
  Nature nature;
  Out<T, 2> q_values;
  Out<T, 1> values_out;
  Out<int32_t, 1> policy;
  Out<T, 1> worst_prob;
  Out<uint8_t, 2> feasible;

  static OpInfo declare() {
    using Op = RobustIntervalBackup;
    Declare<Op> op("bellman", "robust_interval_backup", Tier::data);
    op.summary("One robust backup over intervals of probabilities.")
        .formula("Q(s,a) = r + γ inf { Σ p_j V_j : lo ≤ p ≤ hi, Σ p = 1 };  V' = max_a Q")
        .source("Givan, Leach and Dean (2000)")
        .edge("Where Σ lo > 1, Σ hi < 1 or lo > hi (by 1e-9) no distribution exists: NaN, and "
              "`feasible` 0. A row without entries ends the episode. Successors of equal value are "
              "filled in the order they are stored; a row that is not allowed keeps `prob_lo`.")
        .flops("24*N + 2*S*A");
    with_csr_rows(op);
    with_action_mask(op)
        .in("prob_lo", &Op::prob_lo, "N", "smallest probability of each entry")
        .typical(0, 0.2)
        .in("prob_hi", &Op::prob_hi, "N", "largest probability of each entry")
        .typical(0.5, 1)
        .in("values", &Op::values, "S", "V");
    with_discount(op);
    with_nature(op);
    with_backup_outputs(op)
        .out("worst_prob", &Op::worst_prob, "N", "the distribution found, entry by entry")
        .out("feasible", &Op::feasible, "S,A", "1 where some distribution fits the bounds");
    return op;
  }
};

template <class T>
struct RobustL1Backup {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> values;
  double gamma, kappa;
  Support support;
  Nature nature;
  Out<T, 2> q_values;
  Out<T, 1> values_out;
  Out<int32_t, 1> policy;

  static OpInfo declare() {
    using Op = RobustL1Backup;
    Declare<Op> op("bellman", "robust_l1_backup", Tier::data);
    op.summary("One robust backup over L1 balls around the rows.")
        .formula("Q(s,a) = r + γ inf { Σ p_j V_j : ‖p − p̂‖₁ ≤ κ };  V' = max_a Q")
        .source("Strehl and Littman (2008); Jaksch, Ortner and Auer (2010)")
        .edge("κ = 0 is the plain backup, κ ≥ 2 the smallest value in the support. The probability "
              "that a row lacks ends the episode: a successor of value 0.")
        .flops("24*N + 2*S*A");
    with_csr_rows(op);
    with_action_mask(op).in("values", &Op::values, "S", "V");
    with_discount(op)
        .number("kappa", &Op::kappa, kRequired, Range::at_least(0), "radius κ")
        .choice("support", &Op::support, {"row", "all"}, 0,
                "mass moves to a stored successor of the row, or to any state");
    with_nature(op);
    with_backup_outputs(op);
    return op;
  }
};

template <class T>
struct RobustKlBackup {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> values;
  double gamma, kappa;
  Nature nature;
  Out<T, 2> q_values;
  Out<T, 1> values_out;
  Out<int32_t, 1> policy;

  static OpInfo declare() {
    using Op = RobustKlBackup;
    Declare<Op> op("bellman", "robust_kl_backup", Tier::data);
    op.summary("One robust backup over Kullback–Leibler balls around the rows.")
        .formula("Q(s,a) = r + γ max_{β ≥ 0} −β log Σ_j p̂_j exp(−V_j/β) − β κ;  V' = max_a Q")
        .source("Nilim and El Ghaoui (2005); Iyengar (2005)")
        .edge("κ = 0 is the plain backup; from κ = −log of the probability of the smallest value "
              "on it is that value. The probability that a row lacks ends the episode: a successor "
              "of value 0.")
        .flops("120*N + 2*S*A");
    with_csr_rows(op);
    with_action_mask(op).in("values", &Op::values, "S", "V");
    with_discount(op).number("kappa", &Op::kappa, kRequired, Range::at_least(0), "radius κ");
    with_nature(op);
    with_backup_outputs(op);
    return op;
  }
};

template <class T>
struct RobustWassersteinBackup {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  Flags<2> action_mask;
  In<T, 1> values;
  In<T, 2> metric;
  double gamma, kappa;
  Nature nature;
  Out<T, 2> q_values;
  Out<T, 1> values_out;
  Out<int32_t, 1> policy;

  static OpInfo declare() {
    using Op = RobustWassersteinBackup;
    Declare<Op> op("bellman", "robust_wasserstein_backup", Tier::data);
    op.summary("One robust backup over Wasserstein-1 balls around the rows.")
        .formula("Q(s,a) = r + γ max_{λ ≥ 0} Σ_j p̂_j min_s' (V(s') + λ D(col_j,s')) − λ κ;  "
                 "V' = max_a Q")
        .source("Gao and Kleywegt, arXiv 1604.02199")
        .edge("Exact: the dual is maximised line by line. κ = 0 is the plain backup. An infinite "
              "distance is a way that no mass goes. The probability that a row lacks stays at the "
              "end of the episode. NaN where D(s,s) > 0 leaves nothing within κ.")
        .flops("20*N*S");
    with_csr_rows(op);
    with_action_mask(op)
        .in("values", &Op::values, "S", "V")
        .in("metric", &Op::metric, "S,S", "ground distance D ≥ 0, D(s,s) = 0")
        .typical(0, 2);
    with_discount(op).number("kappa", &Op::kappa, kRequired, Range::at_least(0), "radius κ");
    with_nature(op);
    with_backup_outputs(op);
    return op;
  }
};

}  // namespace belfry
