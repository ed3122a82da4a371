// Scans along time: returns, V-trace, leave-one-out and optimal baselines.
#pragma once

#include "ops/nan_count.h"
#include "ops/op.h"

namespace belfry {

enum class AtMasked : int32_t { carry, reset };

template <class T>
struct DiscountedReturns : CountsNan {
  In<T, 2> rewards;
  Flags<2> mask;
  double gamma;
  AtMasked at_masked;
  Out<T, 2> returns;

  static OpInfo declare() {
    using Op = DiscountedReturns;
    return Declare<Op>("token", "discounted_returns", Tier::data)
        .summary("Discounted reward-to-go over the valid tokens.")
        .formula("R_t = r_t + γ R_{t+1}")
        .source("Williams 1992 (REINFORCE); REINFORCE++, arXiv 2501.03262")
        .edge(
            "Masked tokens are never read; 'carry' leaves R unchanged across them, 'reset' (older "
            "verl) starts anew at 0.")
        .flops("2*B*T")
        .in("rewards", &Op::rewards, "B,T", "reward received on leaving token t")
        .flags("mask", &Op::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .number("gamma", &Op::gamma, 1.0, Range::closed(0, 1), "discount γ per token")
        .choice("at_masked", &Op::at_masked, {"carry", "reset"}, 0, "what a masked token does")
        .out("returns", &Op::returns, "B,T", "R_t")
        .with(counts_nan<DiscountedReturns>);
  }
};

template <class T>
struct ReinforcePlusPlus : CountsNan {
  In<T, 2> rewards;
  Flags<2> mask;
  double gamma;
  AtMasked at_masked;
  Out<T, 2> advantages, returns;

  static OpInfo declare() {
    using Op = ReinforcePlusPlus;
    return Declare<Op>("token", "reinforce_plus_plus", Tier::data)
        .summary("Discounted returns, whitened over all valid tokens of the batch.")
        .formula("R_t = r_t + γ R_{t+1};  A = (R − μ)/√(σ² + 1e-8)")
        .source("REINFORCE++, arXiv 2501.03262")
        .edge("As `discounted_returns` followed by `masked_whiten`. A sequence with a NaN or "
              "infinite reward is left out of the statistics and gets advantages 0.")
        .flops("10*B*T")
        .in("rewards", &Op::rewards, "B,T", "reward received on leaving token t")
        .flags("mask", &Op::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .number("gamma", &Op::gamma, 1.0, Range::closed(0, 1), "discount γ per token")
        .choice("at_masked", &Op::at_masked, {"carry", "reset"}, 0, "what a masked token does")
        .out("advantages", &Op::advantages, "B,T", "A_t")
        .out("returns", &Op::returns, "B,T", "R_t")
        .with(counts_nan<ReinforcePlusPlus>);
  }
};

template <class T>
struct Remax : CountsNan {
  In<T, 2> rewards;
  Flags<2> mask;
  In<T, 1> baselines;
  Out<T, 2> advantages, returns;

  static OpInfo declare() {
    using Op = Remax;
    return Declare<Op>("token", "remax", Tier::data)
        .summary("Reward-to-go less the reward of the greedy rollout.")
        .formula("G_t = Σ_{s ≥ t} r_s;  A_t = G_t − baseline")
        .source("ReMax, arXiv 2310.10505")
        .edge("Masked tokens are never read; their outputs are 0.")
        .flops("2*B*T")
        .in("rewards", &Op::rewards, "B,T", "reward received on leaving token t")
        .flags("mask", &Op::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .in("baselines", &Op::baselines, "B", "reward of the greedy rollout of each prompt")
        .out("advantages", &Op::advantages, "B,T", "A_t")
        .out("returns", &Op::returns, "B,T", "G_t")
        .with(counts_nan<Remax>);
  }
};

template <class T>
struct TdLambdaReturns : CountsNan {
  In<T, 2> rewards, values;
  Flags<2> mask;
  In<T, 1> bootstrap_values;
  double gamma, lambda;
  Out<T, 2> returns;

  static OpInfo declare() {
    using Op = TdLambdaReturns;
    return Declare<Op>("token", "td_lambda_returns", Tier::data)
        .summary("λ-returns over the valid tokens.")
        .formula("G_t = r_t + γ((1 − λ) V_{t+1} + λ G_{t+1})")
        .source("Sutton & Barto, Reinforcement Learning, 2nd edition, chapter 12")
        .edge("The same bits as the returns of `gae`.")
        .flops("6*B*T")
        .in("rewards", &Op::rewards, "B,T", "reward received on leaving token t")
        .in("values", &Op::values, "B,T", "value estimate at token t")
        .flags("mask", &Op::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .in("bootstrap_values", &Op::bootstrap_values, "B",
            "value after the last valid token; absent: 0")
        .optional()
        .number("gamma", &Op::gamma, 1.0, Range::closed(0, 1), "discount γ per token")
        .number("lambda", &Op::lambda, 0.95, Range::closed(0, 1), "λ")
        .out("returns", &Op::returns, "B,T", "G_t")
        .with(counts_nan<TdLambdaReturns>);
  }
};

template <class T>
struct GaeEnv {
  In<T, 2> rewards, values, next_values;
  Flags<2> terminated, truncated;
  double gamma, lambda;
  Out<T, 2> advantages, returns;

  static OpInfo declare() {
    using Op = GaeEnv;
    return Declare<Op>("token", "gae_env", Tier::data)
        .summary("Generalised advantage estimation of vectorised environments, time first.")
        .formula("δ = r + γ (1 − terminated) V' − V;  A_t = δ + γ λ (1 − (terminated ∨ truncated)) "
                 "A_{t+1}")
        .source("Schulman et al., arXiv 1506.02438; episode ends as in Gymnasium")
        .edge("A truncated step bootstraps and cuts the recursion, a terminated one only cuts it: "
              "its next value is never read.")
        .flops("7*T*B")
        .in("rewards", &Op::rewards, "T,B", "reward of the step")
        .in("values", &Op::values, "T,B", "V of the observation before the step")
        .in("next_values", &Op::next_values, "T,B", "V' of the one reached, before any reset")
        .flags("terminated", &Op::terminated, "T,B", "1 = the episode ended there")
        .optional()
        .flags("truncated", &Op::truncated, "T,B", "1 = the episode was cut there")
        .optional()
        .number("gamma", &Op::gamma, 0.99, Range::closed(0, 1), "discount γ")
        .number("lambda", &Op::lambda, 0.95, Range::closed(0, 1), "trace decay λ")
        .out("advantages", &Op::advantages, "T,B", "A_t")
        .out("returns", &Op::returns, "T,B", "A_t + V_t");
  }
};

// `vtrace` of this family; the one of family offline corrects transitions.
template <class T>
struct TokenVtrace : CountsNan {
  In<T, 2> rewards, values, log_ratio;
  Flags<2> mask;
  In<T, 1> bootstrap_values;
  double gamma, lambda, rho_clip, c_clip;
  NullableNumber pg_rho_clip, ratio_clamp;
  Out<T, 2> vs, pg_advantages;

  static OpInfo declare() {
    using Op = TokenVtrace;
    return Declare<Op>("token", "vtrace", Tier::data)
        .summary("V-trace targets and advantages over padded sequences.")
        .formula("ρ = min(ρ̄, e^lr), c = λ min(c̄, e^lr);  δ_t = ρ (r_t + γ V_{t+1} − V_t);  e_t = "
                 "δ_t + γ c e_{t+1};  vs = V + e;  pg = min(ρ̄_pg, e^lr)(r_t + γ vs_{t+1} − V_t)")
        .source("IMPALA, Espeholt et al., arXiv 1802.01561")
        .edge("Masked tokens are skipped and never read; their outputs are 0.")
        .flops("14*B*T")
        .in("rewards", &Op::rewards, "B,T", "reward received on leaving token t")
        .in("values", &Op::values, "B,T", "value estimate at token t")
        .in("log_ratio", &Op::log_ratio, "B,T", "lr = log π − log μ of the taken tokens")
        .flags("mask", &Op::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .in("bootstrap_values", &Op::bootstrap_values, "B",
            "value after the last valid token; absent: 0")
        .optional()
        .number("gamma", &Op::gamma, 1.0, Range::closed(0, 1), "discount γ per token")
        .number("lambda", &Op::lambda, 1.0, Range::closed(0, 1), "λ")
        .number("rho_clip", &Op::rho_clip, 1.0, Range::at_least(0), "ρ̄")
        .number("c_clip", &Op::c_clip, 1.0, Range::at_least(0), "c̄")
        .nullable("pg_rho_clip", &Op::pg_rho_clip, 1.0, Range::at_least(0), "ρ̄_pg")
        .null_default()
        .default_text("rho_clip")
        .nullable("ratio_clamp", &Op::ratio_clamp, 20.0, Range::above(0),
                  "log-ratios are clamped to ±this; null: not")
        .out("vs", &Op::vs, "B,T", "value targets")
        .out("pg_advantages", &Op::pg_advantages, "B,T", "advantages of the policy gradient")
        .with(counts_nan<TokenVtrace>);
  }
};

template <class T>
struct TokenVtracePacked : CountsNan {
  In<T, 1> rewards, values, log_ratio;
  In<int32_t, 1> cu_seqlens;
  In<T, 1> bootstrap_values;
  Flags<1> mask;
  double gamma, lambda, rho_clip, c_clip;
  NullableNumber pg_rho_clip, ratio_clamp;
  Out<T, 1> vs, pg_advantages;

  static OpInfo declare() {
    using Op = TokenVtracePacked;
    return Declare<Op>("token", "vtrace_packed", Tier::data)
        .summary("V-trace targets and advantages over packed sequences.")
        .formula("as `vtrace`; the recursion never looks across a sequence boundary")
        .source("IMPALA, Espeholt et al., arXiv 1802.01561")
        .edge("Gives the same bits as `vtrace` on the padded form of the same batch.")
        .flops("14*N")
        .in("rewards", &Op::rewards, "N", "reward received on leaving the token")
        .in("values", &Op::values, "N", "value estimate at the token")
        .in("log_ratio", &Op::log_ratio, "N", "lr = log π − log μ of the taken tokens")
        .in("cu_seqlens", &Op::cu_seqlens, "B+1", "bounds of the sequences: 0 … N")
        .offsets_to("N")
        .in("bootstrap_values", &Op::bootstrap_values, "B",
            "value after the last valid token; absent: 0")
        .optional()
        .flags("mask", &Op::mask, "N", "1 = the token counts; absent: all do")
        .optional()
        .number("gamma", &Op::gamma, 1.0, Range::closed(0, 1), "discount γ per token")
        .number("lambda", &Op::lambda, 1.0, Range::closed(0, 1), "λ")
        .number("rho_clip", &Op::rho_clip, 1.0, Range::at_least(0), "ρ̄")
        .number("c_clip", &Op::c_clip, 1.0, Range::at_least(0), "c̄")
        .nullable("pg_rho_clip", &Op::pg_rho_clip, 1.0, Range::at_least(0), "ρ̄_pg")
        .null_default()
        .default_text("rho_clip")
        .nullable("ratio_clamp", &Op::ratio_clamp, 20.0, Range::above(0),
                  "log-ratios are clamped to ±this; null: not")
        .out("vs", &Op::vs, "N", "value targets")
        .out("pg_advantages", &Op::pg_advantages, "N", "advantages of the policy gradient")
        .with(counts_nan<TokenVtracePacked>);
  }
};

enum class PufferVariant : int32_t { td_weighted, reward_weighted };

template <class T>
struct PufferAdvantage {
  In<T, 2> values, rewards;
  Flags<2> dones;
  In<T, 2> ratio;
  double gamma, lambda, rho_clip, c_clip;
  PufferVariant variant;
  Out<T, 2> advantages;

  static OpInfo declare() {
    using Op = PufferAdvantage;
    return Declare<Op>("token", "puffer_advantage", Tier::data)
        .summary("Clipped importance-weighted GAE over segments of experience.")
        .formula("n = 1 − done_{t+1};  td_weighted: δ = ρ(r_{t+1} + γ V_{t+1} n − V_t);  "
                 "reward_weighted: δ = ρ r_{t+1} + γ V_{t+1} n − V_t;  A_t = δ + γ λ c n A_{t+1}, "
                 "ρ and c the ratio clipped from above")
        .source("PufferLib, arXiv 2406.12905, its released advantage kernels")
        .edge("Rewards and dones of the step t → t+1 stand at t+1; the last column is 0. Infinite "
              "clips with ratio 1 give GAE.")
        .flops("10*S*H")
        .in("values", &Op::values, "S,H", "V of each observation")
        .in("rewards", &Op::rewards, "S,H", "reward received on reaching it")
        .flags("dones", &Op::dones, "S,H", "1 = the episode ended before it")
        .in("ratio", &Op::ratio, "S,H", "policy now over policy at sampling; absent: 1")
        .optional()
        .typical(0, 2)
        .number("gamma", &Op::gamma, 0.99, Range::closed(0, 1), "discount γ")
        .number("lambda", &Op::lambda, 0.95, Range::closed(0, 1), "trace decay λ")
        .number("rho_clip", &Op::rho_clip, 1.0, Range::at_least(0), "upper bound of ρ")
        .number("c_clip", &Op::c_clip, 1.0, Range::at_least(0), "upper bound of c")
        .choice("variant", &Op::variant, {"td_weighted", "reward_weighted"}, 0,
                "what ρ weights; the two releases differ")
        .out("advantages", &Op::advantages, "S,H", "A_t");
  }
};

template <class T>
struct OptimalTokenBaseline : CountsNan {
  In<T, 2> rewards;
  Flags<2> mask;
  In<int32_t, 1> group_ids;
  In<T, 2> log_probs, sum_pi_squared, importance_weights;
  bool zero_tail;
  double eps;
  Out<T, 2> advantages, returns;

  static OpInfo declare() {
    using Op = OptimalTokenBaseline;
    return Declare<Op>("token", "optimal_token_baseline", Tier::data)
        .summary("Reward-to-go less the baseline of least variance of each position.")
        .formula(
            "w_t = 1 − 2π_t + Σ_v π_v²;  W_t = Σ_{s ≤ t} w_s;  b_t = Σ_i G_it W_it/(Σ_i W_it + "
            "ε) over the members of the group valid at t;  A = G − b")
        .source("optimal token baseline as in verl; Greensmith et al. 2004")
        .edge("A group of one: b = 0. A position at which all of several members have the same G "
              "gives exactly 0. A sequence with a NaN or infinite reward enters no baseline and "
              "gets advantages 0.")
        .flops("12*B*T")
        .in("rewards", &Op::rewards, "B,T", "reward received on leaving token t")
        .flags("mask", &Op::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .in("group_ids", &Op::group_ids, "B", "group of each row: any numbers, in any order")
        .in("log_probs", &Op::log_probs, "B,T", "log π of the taken tokens")
        .typical(-3, 0)
        .in("sum_pi_squared", &Op::sum_pi_squared, "B,T", "Σ π², of `token_logprob`")
        .typical(0, 1)
        .in("importance_weights", &Op::importance_weights, "B,T",
            "w_t is multiplied by the square of this; absent: 1")
        .optional()
        .typical(0, 2)
        .boolean("zero_tail", &Op::zero_tail, false,
                 "b = 0 where only the one longest member is left")
        .number("eps", &Op::eps, 1e-8, Range::at_least(0), "ε")
        .out("advantages", &Op::advantages, "B,T", "A_t")
        .out("returns", &Op::returns, "B,T", "G_t")
        .with(counts_nan<OptimalTokenBaseline>);
  }
};

// On every backend.
using TokenScanOps = OpList<DiscountedReturns, ReinforcePlusPlus, Remax, TdLambdaReturns, GaeEnv,
                            TokenVtrace, TokenVtracePacked, PufferAdvantage, OptimalTokenBaseline>;

}  // namespace belfry
