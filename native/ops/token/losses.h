// Losses of tokens and sequences with their gradients, and importance corrections.
#pragma once

#include "ops/nan_count.h"
#include "ops/op.h"
#include "ops/token/policy_loss_packed.h"
#include "ops/token/policy_options.h"

namespace belfry {

template <class T>
struct AggregateLoss : AggregationOptions, CountsNan {
  In<T, 2> values;
  Flags<2> mask;
  Out<T, 0> loss;
  Out<T, 2> weights;

  static OpInfo declare() {
    return Declare<AggregateLoss>("token", "aggregate_loss", Tier::data)
        .summary("One number of the losses of tokens, and the weight of each token in it.")
        .formula("loss = Σ W x over the valid tokens. token-mean: W = 1/Σm; seq-mean-token-sum: "
                 "1/V, V the sequences with a valid token; seq-mean-token-mean: 1/(L_i V); "
                 "seq-mean-token-sum-norm: 1/norm; fixed-length: 1/(B·norm)")
        .source("verl's agg_loss; fixed-length: TRL's dr_grpo; Dr.GRPO, arXiv 2503.20783")
        .edge("With no valid token the loss and the weights are 0. With global num_tokens or "
              "num_seqs the losses of micro-batches add up to that of the batch.")
        .flops("2*B*T")
        .in("values", &AggregateLoss::values, "B,T", "loss of each token")
        .flags("mask", &AggregateLoss::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .with([](auto& op) { choose_aggregation(op, "mode", 0); })
        .with(aggregation_numbers<AggregateLoss>)
        .out("loss", &AggregateLoss::loss, "", "Σ W_t x_t")
        .out("weights", &AggregateLoss::weights, "B,T", "W_t; 0 at masked tokens")
        .with(counts_nan<AggregateLoss>);
  }
};

// Of KL(π‖π_ref) from d = log π − log π_ref.
struct KlOptions {
  KlKind kind;
  NullableNumber clamp, kl_max;
};

template <class Op>
void kl_options(Declare<Op>& op, double fallback) {
  op.choice("kind", of<Op>(&KlOptions::kind), {"k1", "k2", "k3", "abs", "k1+", "k3+"}, fallback,
            "estimator")
      .nullable("clamp", of<Op>(&KlOptions::clamp), 20.0, Range::above(0),
                "clamp of the log-ratio inside k3; null: none")
      .nullable("kl_max", of<Op>(&KlOptions::kl_max), 10.0, Range::above(0),
                "clamp of the k3 estimate; null: none");
}

template <class T>
struct KlEstimate : KlOptions {
  In<T, 4> log_probs, ref_log_probs;
  Out<T, 4> kl, grad_log_probs;

  static OpInfo declare() {
    return Declare<KlEstimate>("token", "kl_estimate", Tier::data)
        .summary("Per-token estimates of KL(π‖π_ref) from sampled tokens, and their slopes.")
        .formula("d = log π − log π_ref. k1: d; k2: d²/2; k3: e^{−d} + d − 1, the log-ratio and "
                 "the value clamped; abs: |d|. Slopes: 1; d; 1 − e^{−d}; sgn d; k1+ and k3+: d")
        .source("Schulman, Approximating KL Divergence, 2020; verl's kl_penalty")
        .edge("The slope of k3 is 0 where a clamp is active. k1's slope is no gradient of the KL "
              "in expectation: use k1 in rewards only.")
        .flops("10*n")
        .in("log_probs", &KlEstimate::log_probs, "*", "log π of the sampled tokens, any shape")
        .typical(-3, 0)
        .in("ref_log_probs", &KlEstimate::ref_log_probs, "*", "log π_ref")
        .like("log_probs")
        .typical(-3, 0)
        .with([](auto& op) { kl_options(op, 2); })
        .out("kl", &KlEstimate::kl, "*", "the estimate at each token")
        .like("log_probs")
        .out("grad_log_probs", &KlEstimate::grad_log_probs, "*", "its slope in log π")
        .like("log_probs");
  }
};

enum class KlCenter : int32_t { none, batch };

template <class T, int R>
struct KlShapedRewardsForm : KlOptions {
  In<T, 1> scores;
  In<T, R> log_probs, ref_log_probs;
  Flags<R> mask;
  double beta;
  KlCenter center;
  Out<T, R> rewards;
};

template <class Op, class Form>
void kl_shaped_rewards_fields(Declare<Op>& op, Form, const char* tokens) {
  op.summary("Rewards of tokens: −β KL at every valid token, the score at the last.")
      .formula("r_t = −β (KL_t − c) + score·1[t is the last valid token]; c = 0, or the batch mean "
               "of the KL over valid tokens")
      .source("Ziegler et al., arXiv 1909.08593; TÜLU 3, arXiv 2411.15124; centred: T1, arXiv "
              "2501.11651")
      .edge("Masked tokens get 0; a sequence with no valid token drops its score.")
      .in("scores", of<Op>(&Form::scores), "B", "outcome score of each sequence")
      .in("log_probs", of<Op>(&Form::log_probs), tokens, "log π of the sampled tokens")
      .typical(-3, 0)
      .in("ref_log_probs", of<Op>(&Form::ref_log_probs), tokens, "log π_ref")
      .typical(-3, 0)
      .flags("mask", of<Op>(&Form::mask), tokens, "1 = the token counts; absent: all do")
      .optional()
      .number("beta", of<Op>(&Form::beta), 0.05, Range::any(), "weight β of the KL")
      .with([](auto& d) { kl_options(d, 0); })
      .choice("center", of<Op>(&Form::center), {"none", "batch"}, 0,
              "'batch': subtract the mean KL of the batch")
      .out("rewards", of<Op>(&Form::rewards), tokens, "reward of each token");
}

template <class T>
struct KlShapedRewardsPacked : KlShapedRewardsForm<T, 1>, CountsNan {
  In<int32_t, 1> cu_seqlens;

  static OpInfo declare() {
    return Declare<KlShapedRewardsPacked>("token", "kl_shaped_rewards", Tier::data)
        .form("packed")
        .flops("10*N")
        .in("cu_seqlens", &KlShapedRewardsPacked::cu_seqlens, "B+1", "bounds of the sequences")
        .offsets_to("N")
        .with([](auto& op) { kl_shaped_rewards_fields(op, KlShapedRewardsForm<T, 1>{}, "N"); })
        .with(counts_nan<KlShapedRewardsPacked>);
  }
};

template <class T>
struct KlShapedRewards : KlShapedRewardsForm<T, 2>, CountsNan {
  static OpInfo declare() {
    return Declare<KlShapedRewards>("token", "kl_shaped_rewards", Tier::data)
        .form("padded")
        .flops("10*B*T")
        .with([](auto& op) { kl_shaped_rewards_fields(op, KlShapedRewardsForm<T, 2>{}, "B,T"); })
        .with(counts_nan<KlShapedRewards>);
  }
};

enum class ValueLossKind : int32_t { mse, huber };

template <class T>
struct ValueLoss : AggregationOptions, CountsNan {
  In<T, 2> values, old_values, returns;
  Flags<2> mask;
  ValueLossKind kind;
  double delta;
  NullableNumber clip;
  Out<T, 0> loss;
  Out<T, 2> grad_values;
  Out<T, 0> clip_fraction;

  static OpInfo declare() {
    return Declare<ValueLoss>("token", "value_loss", Tier::data)
        .summary("Regression of values on returns, clipped around the old values, with gradient.")
        .formula("ℓ = max(f(V − G), f(V_c − G)), V_c = V_old + clip(V − V_old, ±ε); f(x) = x²/2, "
                 "or Huber: δ(|x| − δ/2) for |x| > δ")
        .source("PPO's clipped value loss, arXiv 1707.06347 and its code; verl's "
                "compute_value_loss")
        .edge("Masked tokens are never read. The clipped branch is taken where it is the larger; "
              "its gradient is 0.")
        .flops("15*B*T")
        .in("values", &ValueLoss::values, "B,T", "V of the current value model")
        .in("old_values", &ValueLoss::old_values, "B,T",
            "V_old at sampling time; required when clip is a number")
        .optional()
        .in("returns", &ValueLoss::returns, "B,T", "G, what V should be")
        .flags("mask", &ValueLoss::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .choice("loss", &ValueLoss::kind, {"mse", "huber"}, 0, "f")
        .number("delta", &ValueLoss::delta, 10.0, Range::above(0), "δ of the Huber loss")
        .nullable("clip", &ValueLoss::clip, 0.5, Range::at_least(0), "ε; null: no clip")
        .null_default()
        .with(aggregation_options<ValueLoss>)
        .out("loss", &ValueLoss::loss, "", "Σ W_t ℓ_t")
        .out("grad_values", &ValueLoss::grad_values, "B,T", "∂loss/∂values")
        .out("clip_fraction", &ValueLoss::clip_fraction, "",
             "share of valid tokens on the clipped branch")
        .with(counts_nan<ValueLoss>);
  }
};

enum class CapMode : int32_t { mask, truncate };

template <class T>
struct DecoupledPpo : AggregationOptions, CountsNan {
  In<T, 2> log_probs, proximal_log_probs, behavior_log_probs, advantages;
  Flags<2> mask;
  NullableNumber clip_low;
  double clip_high;
  NullableNumber dual_clip, ratio_clamp, behavior_weight_cap;
  CapMode cap_mode;
  Out<T, 0> loss;
  Out<T, 2> grad_log_probs, behavior_weights;

  static OpInfo declare() {
    return Declare<DecoupledPpo>("token", "decoupled_ppo", Tier::data)
        .summary("PPO whose clip is around a proximal policy, for data of an older behaviour "
                 "policy.")
        .formula(
            "ℓ = w·ℓ_ppo(ρ), ρ = π/π_prox clipped, w = π_prox/π_behav constant; over the cap w "
            "is 0 (mask) or the cap (truncate)")
        .source("AReaL, arXiv 2505.24298; Hilton et al., arXiv 2110.00641; ASearcher, arXiv "
                "2508.07976")
        .edge("The denominator counts all valid tokens, those over the cap too.")
        .flops("40*B*T")
        .in("log_probs", &DecoupledPpo::log_probs, "B,T", "log π, current policy")
        .typical(-3, 0)
        .in("proximal_log_probs", &DecoupledPpo::proximal_log_probs, "B,T",
            "log π_prox, recomputed before the update")
        .typical(-3, 0)
        .in("behavior_log_probs", &DecoupledPpo::behavior_log_probs, "B,T",
            "log π_behav, of the sampler")
        .typical(-3, 0)
        .in("advantages", &DecoupledPpo::advantages, "B,T", "A of each token")
        .flags("mask", &DecoupledPpo::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .nullable("clip_low", &DecoupledPpo::clip_low, 0.4, Range::at_least(0),
                  "ε_l; null: no lower clip")
        .number("clip_high", &DecoupledPpo::clip_high, 0.4, Range::at_least(0), "ε_h")
        .nullable("dual_clip", &DecoupledPpo::dual_clip, 3.0, Range::above(0),
                  "bound for negative advantages; null: none")
        .null_default()
        .nullable("ratio_clamp", &DecoupledPpo::ratio_clamp, 20.0, Range::above(0),
                  "log-ratios are clamped to ±this; null: not")
        .nullable("behavior_weight_cap", &DecoupledPpo::behavior_weight_cap, 5.0, Range::above(0),
                  "cap of w; null: none")
        .choice("cap_mode", &DecoupledPpo::cap_mode, {"mask", "truncate"}, 0,
                "what becomes of a w over the cap")
        .with(aggregation_options<DecoupledPpo>)
        .out("loss", &DecoupledPpo::loss, "", "Σ W_t ℓ_t")
        .out("grad_log_probs", &DecoupledPpo::grad_log_probs, "B,T", "∂loss/∂log_probs")
        .out("behavior_weights", &DecoupledPpo::behavior_weights, "B,T", "w after the cap")
        .with(counts_nan<DecoupledPpo>);
  }
};

enum class NftRatio : int32_t { token, sequence };

template <class T>
struct NftLoss : CountsNan {
  In<T, 2> log_probs, old_log_probs;
  Flags<2> mask;
  In<T, 1> correct, correct_rate;
  NftRatio ratio;
  double neg_weight, clamp_negative, clamp_positive;
  int64_t normalize;
  double divisor, rate_low, rate_high, log_ratio_max;
  Out<T, 0> loss;
  Out<T, 2> grad_log_probs;

  static OpInfo declare() {
    return Declare<NftLoss>("token", "nft_loss", Tier::data)
        .summary("Negative-aware fine-tuning: right answers raise π, wrong ones raise the implicit "
                 "policy of right answers.")
        .formula("R = π/π_old, x = (1 − rR)/(1 − r); ℓ = k[−c ln max(R, c⁺) − (1 − c) w⁻ ln max(x, "
                 "c⁻)], the bounds pass gradients through; k = 1, 1 − r or √((1 − r)/r); loss = "
                 "Σℓ/divisor")
        .source("NFT, arXiv 2505.18116; constants of NVlabs/NFT")
        .edge("Groups that are all right or all wrong should be filtered before. On the policy "
              "that sampled, normalize 2 gives the gradient of GRPO.")
        .flops("60*B*T")
        .in("log_probs", &NftLoss::log_probs, "B,T", "log π, current policy")
        .typical(-3, 0)
        .in("old_log_probs", &NftLoss::old_log_probs, "B,T", "log π_old at sampling time")
        .typical(-3, 0)
        .flags("mask", &NftLoss::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .in("correct", &NftLoss::correct, "B", "c: 1 = the answer is right, 0 = wrong")
        .typical(0, 1)
        .in("correct_rate", &NftLoss::correct_rate, "B", "r: share of right answers in the group")
        .typical(0, 1)
        .choice("ratio", &NftLoss::ratio, {"token", "sequence"}, 0,
                "R of each token, or one ℓ per sequence with R = exp(Σ log ratio)")
        .number("neg_weight", &NftLoss::neg_weight, 1.0, Range::any(), "w⁻")
        .number("clamp_negative", &NftLoss::clamp_negative, 1.0, Range::any(),
                "c⁻, taken without its sign")
        .number("clamp_positive", &NftLoss::clamp_positive, 0.0, Range::at_least(0), "c⁺")
        .integer("normalize", &NftLoss::normalize, 1, Range::closed(0, 2), "which k")
        .number("divisor", &NftLoss::divisor, 1000.0, Range::above(0), "of the sum over tokens")
        .number("rate_low", &NftLoss::rate_low, 0.02, Range::closed(0, 1), "least r")
        .number("rate_high", &NftLoss::rate_high, 0.98, Range::closed(0, 1), "largest r")
        .number("log_ratio_max", &NftLoss::log_ratio_max, 10.0, Range::any(),
                "log ratios are clamped from above; the gradient there is 0")
        .out("loss", &NftLoss::loss, "", "Σ ℓ / divisor")
        .out("grad_log_probs", &NftLoss::grad_log_probs, "B,T", "∂loss/∂log_probs")
        .with(counts_nan<NftLoss>);
  }
};

enum class CopoMode : int32_t { soft, soft_forced, forced, global, local };

template <class T>
struct CopoLoss : AggregationOptions, CountsNan {
  In<T, 2> log_probs, old_log_probs;
  Flags<2> mask;
  In<T, 1> local_advantages, global_advantages, entropy;
  CopoMode mode;
  double k, b;
  NullableNumber clip_low;
  double clip_high;
  NullableNumber dual_clip, ratio_clamp;
  Out<T, 0> loss;
  Out<T, 2> grad_log_probs;
  Out<T, 1> weight;

  static OpInfo declare() {
    return Declare<CopoLoss>("token", "copo_loss", Tier::data)
        .summary("Mixture of a PPO loss with local and one with global advantages, by how much the "
                 "answers of a group agree.")
        .formula("ℓ = w ℓ_ppo(A_local) + (1 − w) ℓ_ppo(A_global); w = σ(k(H − b)) (soft), that "
                 "times 1[A_local ≠ 0] (soft_forced), 1[A_local ≠ 0] (forced), 0 (global), 1 "
                 "(local)")
        .source("COPO, arXiv 2508.04138; hijih/copo-code")
        .edge("A large H, answers that disagree, favours the local advantage.")
        .flops("40*B*T")
        .in("log_probs", &CopoLoss::log_probs, "B,T", "log π, current policy")
        .typical(-3, 0)
        .in("old_log_probs", &CopoLoss::old_log_probs, "B,T", "log π_old at sampling time")
        .typical(-3, 0)
        .flags("mask", &CopoLoss::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .in("local_advantages", &CopoLoss::local_advantages, "B", "A_local, within the group")
        .in("global_advantages", &CopoLoss::global_advantages, "B", "A_global, of the group")
        .in("entropy", &CopoLoss::entropy, "B", "H of the answers of the group, in bits")
        .choice("mode", &CopoLoss::mode, {"soft", "soft_forced", "forced", "global", "local"}, 0,
                "how w follows from H")
        .number("k", &CopoLoss::k, 1.0, Range::any(), "steepness of σ")
        .number("b", &CopoLoss::b, 0.5, Range::any(), "entropy at which w is ½")
        .nullable("clip_low", &CopoLoss::clip_low, 0.2, Range::at_least(0),
                  "ε_l; null: no lower clip")
        .number("clip_high", &CopoLoss::clip_high, 0.2, Range::at_least(0), "ε_h")
        .nullable("dual_clip", &CopoLoss::dual_clip, 3.0, Range::above(0),
                  "bound for negative advantages; null: none")
        .nullable("ratio_clamp", &CopoLoss::ratio_clamp, 20.0, Range::above(0),
                  "log-ratios are clamped to ±this; null: not")
        .with(aggregation_options<CopoLoss>)
        .out("loss", &CopoLoss::loss, "", "Σ W_t ℓ_t")
        .out("grad_log_probs", &CopoLoss::grad_log_probs, "B,T", "∂loss/∂log_probs")
        .out("weight", &CopoLoss::weight, "B", "w of each sequence")
        .with(counts_nan<CopoLoss>);
  }
};

enum class OffPolicyDivisor : int32_t { tokens, length };
enum class OffPolicyShaping : int32_t {
  ratio_to_gamma,
  plain,
  square_root,
  power,
  logarithm,
};

template <class T>
struct ShapedOffPolicyLoss : CountsNan {
  In<T, 2> log_probs, old_log_probs, advantages;
  Flags<2> mask, off_policy_mask;
  OffPolicyShaping shaping;
  NullableNumber gamma;
  double exponent;
  bool clip;
  NullableNumber clip_low;
  double clip_high;
  NullableNumber ratio_clamp;
  NumberOr<OffPolicyDivisor> divisor;
  Out<T, 0> loss;
  Out<T, 2> grad_log_probs;

  static OpInfo declare() {
    return Declare<ShapedOffPolicyLoss>("token", "shaped_off_policy_loss", Tier::data)
        .summary("Policy loss of a mixture of on-policy tokens and refinements of another policy.")
        .formula("on-policy: −Aρ, or with `clip` max(−Aρ, −A·clip(ρ)); off-policy: −A f(π), f(p) = "
                 "p/(p + γ); loss = Σℓ/divisor")
        .source("Critique-GRPO, arXiv 2506.03106; LUFFY, arXiv 2504.14945")
        .edge("An off-policy token does not read old_log_probs and is never clipped.")
        .flops("40*B*T")
        .in("log_probs", &ShapedOffPolicyLoss::log_probs, "B,T", "log π, current policy")
        .typical(-3, 0)
        .in("old_log_probs", &ShapedOffPolicyLoss::old_log_probs, "B,T",
            "log π_old at sampling time")
        .typical(-3, 0)
        .in("advantages", &ShapedOffPolicyLoss::advantages, "B,T", "A of each token")
        .flags("mask", &ShapedOffPolicyLoss::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .flags("off_policy_mask", &ShapedOffPolicyLoss::off_policy_mask, "B,T",
               "1 = a token of a refinement; absent: none")
        .optional()
        .choice("shaping", &ShapedOffPolicyLoss::shaping,
                {"p/(p+gamma)", "p", "sqrt(p)", "p^a", "log(p)"}, 0, "f")
        .nullable("gamma", &ShapedOffPolicyLoss::gamma, 0.1, Range::above(0),
                  "γ of 'p/(p+gamma)'; null: f(p) = p")
        .number("exponent", &ShapedOffPolicyLoss::exponent, 0.5, Range::any(), "a of 'p^a'")
        .boolean("clip", &ShapedOffPolicyLoss::clip, false, "clip the on-policy ratio")
        .nullable("clip_low", &ShapedOffPolicyLoss::clip_low, 0.2, Range::at_least(0),
                  "ε_l; null: no lower clip")
        .number("clip_high", &ShapedOffPolicyLoss::clip_high, 0.2, Range::at_least(0), "ε_h")
        .nullable("ratio_clamp", &ShapedOffPolicyLoss::ratio_clamp, 20.0, Range::above(0),
                  "log-ratios are clamped to ±this; null: not")
        .number_or("divisor", &ShapedOffPolicyLoss::divisor, {"tokens", "length"}, 0,
                   Range::at_least(0),
                   "of the sum: a number, 'tokens' (the valid ones) or 'length' (T)")
        .default_text("'length'")
        .out("loss", &ShapedOffPolicyLoss::loss, "", "Σ ℓ / divisor")
        .out("grad_log_probs", &ShapedOffPolicyLoss::grad_log_probs, "B,T", "∂loss/∂log_probs")
        .with(counts_nan<ShapedOffPolicyLoss>);
  }
};

enum class SpanLevel : int32_t { turn, sequence };
enum class SpanReduction : int32_t { sum };
enum class SpanAggregation : int32_t { span_mean };

template <class T>
struct SpanRatioLoss : CountsNan {
  In<T, 2> log_probs, old_log_probs, advantages;
  Flags<2> mask;
  In<int32_t, 2> turn_ids;
  SpanLevel level;
  SpanReduction reduction;
  SpanAggregation aggregation;
  NullableNumber clip_low;
  double clip_high;
  NullableNumber ratio_clamp, num_spans;
  Out<T, 0> loss;
  Out<T, 2> grad_log_probs;

  static OpInfo declare() {
    return Declare<SpanRatioLoss>("token", "span_ratio_loss", Tier::data)
        .summary("PPO with one ratio for each turn or trajectory, and its gradient.")
        .formula("ρ_u = exp(clamp(Σ_{t∈u} log ratio)); ℓ_u = max(−Aρ_u, −A·clip(ρ_u)); loss = mean "
                 "over the spans u")
        .source("LOOP, arXiv 2502.01600")
        .edge(
            "A span is a row's valid tokens with one turn id, wherever they lie; its advantage is "
            "read at its first valid token.")
        .flops("10*B*T")
        .in("log_probs", &SpanRatioLoss::log_probs, "B,T", "log π, current policy")
        .typical(-3, 0)
        .in("old_log_probs", &SpanRatioLoss::old_log_probs, "B,T", "log π_old at sampling time")
        .typical(-3, 0)
        .in("advantages", &SpanRatioLoss::advantages, "B,T", "A, read at a span's first token")
        .flags("mask", &SpanRatioLoss::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .in("turn_ids", &SpanRatioLoss::turn_ids, "B,T", "turn of each token: any numbers")
        .optional()
        .when("level", "turn")
        .choice("level", &SpanRatioLoss::level, {"turn", "sequence"}, 1, "what a span is")
        .choice("reduction", &SpanRatioLoss::reduction, {"sum"}, 0, "of the log ratios of a span")
        .choice("aggregation", &SpanRatioLoss::aggregation, {"span-mean"}, 0,
                "how span losses become one number")
        .nullable("clip_low", &SpanRatioLoss::clip_low, 0.2, Range::at_least(0),
                  "ε_l; null: no lower clip")
        .number("clip_high", &SpanRatioLoss::clip_high, 0.2, Range::at_least(0), "ε_h")
        .nullable("ratio_clamp", &SpanRatioLoss::ratio_clamp, 20.0, Range::above(0),
                  "the log-ratio of a span is clamped to ±this; null: not")
        .nullable("num_spans", &SpanRatioLoss::num_spans, 1, Range::above(0),
                  "global number of spans, so that micro-batches add up")
        .null_default()
        .out("loss", &SpanRatioLoss::loss, "", "mean of ℓ_u")
        .out("grad_log_probs", &SpanRatioLoss::grad_log_probs, "B,T", "∂loss/∂log_probs")
        .with(counts_nan<SpanRatioLoss>);
  }
};

// On every backend.
using TokenLossOps = OpList<AggregateLoss, KlEstimate, KlShapedRewardsPacked, KlShapedRewards,
                            ValueLoss, DecoupledPpo, NftLoss, CopoLoss, ShapedOffPolicyLoss,
                            PolicyLossPacked, PolicyLossPackedTokens, SpanRatioLoss>;

}  // namespace belfry
