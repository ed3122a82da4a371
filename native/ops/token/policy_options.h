// What the losses of tokens are told by: the policy loss in all its forms, and how token losses
// become one number.
#pragma once

#include "ops/op.h"

namespace belfry {

enum class PolicyLossKind : int32_t {
  ppo_clip,
  reinforce,
  gpg,
  gspo,
  cispo,
  cispo_abs,
  sapo,
  gmpo,
  vespo,
  luspo,
  clip_cov,
  kl_cov,
};
enum class Aggregation : int32_t {
  by_kind = -1,
  token_mean,
  seq_mean_token_sum,
  seq_mean_token_mean,
  seq_mean_token_sum_norm,
  fixed_length,
};
enum class KlKind : int32_t { k1, k2, k3, abs, k1_plus, k3_plus };

struct AggregationOptions {
  Aggregation aggregation;
  bool count_empty;
  NullableNumber num_tokens, num_seqs, norm;
  double dp;
};

// Padded, packed, or fused with the layer below.
struct PolicyLossOptions : AggregationOptions {
  PolicyLossKind kind;
  NullableNumber clip_low;
  double clip_high;
  NullableNumber dual_clip, ratio_clamp;
  double kl_coef;
  KlKind kl_kind;
  NullableNumber kl_clamp, kl_max;
  bool kl_bias_correction;
  double entropy_coef;
  double tau_pos, tau_neg, k_pos, lambda_pos, k_neg, lambda_neg;
  double cov_ratio, cov_lower, cov_upper, kl_cov_ratio, ppo_kl_coef;
};

// How the choice is called differs.
template <class Op>
void choose_aggregation(Declare<Op>& op, const char* name, double fallback) {
  op.choice(name, of<Op>(&AggregationOptions::aggregation),
            {"token-mean", "seq-mean-token-sum", "seq-mean-token-mean", "seq-mean-token-sum-norm",
             "fixed-length"},
            fallback, "how token losses become one number");
}

template <class Op>
void aggregation_numbers(Declare<Op>& op) {
  op.boolean("count_empty", of<Op>(&AggregationOptions::count_empty), false,
             "sequence means also count sequences with no valid token")
      .nullable("num_tokens", of<Op>(&AggregationOptions::num_tokens), 1, Range::above(0),
                "global number of valid tokens, so that micro-batches add up")
      .null_default()
      .nullable("num_seqs", of<Op>(&AggregationOptions::num_seqs), 1, Range::above(0),
                "global number of sequences")
      .null_default()
      .nullable(
          "norm", of<Op>(&AggregationOptions::norm), 1, Range::above(0),
          "divisor of the -norm and fixed-length modes; null: T (packed: the longest sequence)")
      .null_default()
      .number(
          "dp", of<Op>(&AggregationOptions::dp), 1, Range::above(0),
          "shards whose gradients will be averaged: a factor on means over tokens or sequences");
}

template <class Op>
void aggregation_options(Declare<Op>& op) {
  choose_aggregation(op, "aggregation", 0);
  aggregation_numbers(op);
}

template <class Op>
void policy_options(Declare<Op>& op) {
  op.choice("kind", of<Op>(&PolicyLossOptions::kind),
            {"ppo_clip", "reinforce", "gpg", "gspo", "cispo", "cispo_abs", "sapo", "gmpo", "vespo",
             "luspo", "clip_cov", "kl_cov"},
            0, "the per-token loss");
  choose_aggregation(op, "aggregation", -1);
  op.default_text("'token-mean'; 'gspo': 'seq-mean-token-mean'; 'gmpo' and 'luspo' are means over "
                  "sequences and take none");
  op.nullable("clip_low", of<Op>(&PolicyLossOptions::clip_low), 0.2, Range::at_least(0),
              "ε_l; null: no lower clip")
      .number("clip_high", of<Op>(&PolicyLossOptions::clip_high), 0.2, Range::at_least(0), "ε_h")
      .nullable("dual_clip", of<Op>(&PolicyLossOptions::dual_clip), 3.0, Range::above(0),
                "bound c for negative advantages; null: none")
      .null_default()
      .nullable("ratio_clamp", of<Op>(&PolicyLossOptions::ratio_clamp), 20.0, Range::above(0),
                "log-ratios are clamped to ±this; null: not")
      .number("kl_coef", of<Op>(&PolicyLossOptions::kl_coef), 0.0, Range::any(),
              "weight β of the KL term")
      .choice("kl_kind", of<Op>(&PolicyLossOptions::kl_kind),
              {"k1", "k2", "k3", "abs", "k1+", "k3+"}, 2, "estimator of KL(π‖π_ref)")
      .nullable("kl_clamp", of<Op>(&PolicyLossOptions::kl_clamp), 20.0, Range::above(0),
                "clamp of the log-ratio inside k3; null: none")
      .null_default()
      .nullable("kl_max", of<Op>(&PolicyLossOptions::kl_max), 10.0, Range::above(0),
                "clamp of the k3 estimate; null: none")
      .null_default()
      .boolean("kl_bias_correction", of<Op>(&PolicyLossOptions::kl_bias_correction), false,
               "multiply the KL term by the ratio ρ")
      .number("entropy_coef", of<Op>(&PolicyLossOptions::entropy_coef), 0.0, Range::any(),
              "weight of the entropy bonus in the loss")
      .number("tau_pos", of<Op>(&PolicyLossOptions::tau_pos), 1.0, Range::above(0),
              "sapo: τ for A > 0")
      .number("tau_neg", of<Op>(&PolicyLossOptions::tau_neg), 1.05, Range::above(0),
              "sapo: τ for A ≤ 0")
      .number("k_pos", of<Op>(&PolicyLossOptions::k_pos), 2.0, Range::any(), "vespo: k for A > 0")
      .number("lambda_pos", of<Op>(&PolicyLossOptions::lambda_pos), 3.0, Range::any(),
              "vespo: λ for A > 0")
      .number("k_neg", of<Op>(&PolicyLossOptions::k_neg), 3.0, Range::any(), "vespo: k for A ≤ 0")
      .number("lambda_neg", of<Op>(&PolicyLossOptions::lambda_neg), 2.0, Range::any(),
              "vespo: λ for A ≤ 0")
      .number("cov_ratio", of<Op>(&PolicyLossOptions::cov_ratio), 2e-4, Range::closed(0, 1),
              "clip_cov: share of tokens dropped")
      .number("cov_lower", of<Op>(&PolicyLossOptions::cov_lower), 1.0, Range::any(),
              "clip_cov: lower bound of candidate covariances")
      .number("cov_upper", of<Op>(&PolicyLossOptions::cov_upper), 5.0, Range::any(),
              "clip_cov: upper bound of candidate covariances")
      .number("kl_cov_ratio", of<Op>(&PolicyLossOptions::kl_cov_ratio), 2e-4, Range::closed(0, 1),
              "kl_cov: share of tokens penalised")
      .number("ppo_kl_coef", of<Op>(&PolicyLossOptions::ppo_kl_coef), 1.0, Range::any(),
              "kl_cov: weight of the penalty");
  aggregation_numbers(op);
}

}  // namespace belfry
