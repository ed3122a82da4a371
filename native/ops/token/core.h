// Family `token`: advantages and policy losses of language-model RL (spec: token-level).
#pragma once

#include "ops/nan_count.h"
#include "ops/op.h"
#include "ops/token/policy_options.h"

namespace belfry {

enum class LambdaRule : int32_t { length_adaptive };

template <class T>
struct Gae : CountsNan {
  In<T, 2> rewards, values;
  Flags<2> mask;
  In<T, 1> bootstrap_values;
  In<T, 2> gamma_tokens, lambda_tokens;
  double gamma;
  NumberOr<LambdaRule> lambda;
  double alpha;
  Out<T, 2> advantages, returns;
  Out<T, 1> lambda_per_sequence;

  static OpInfo declare() {
    return Declare<Gae>("token", "gae", Tier::data)
        .summary("Generalised advantage estimation over padded sequences.")
        .formula("δ_t = r_t + γ V_{t+1} − V_t;  A_t = δ_t + γ λ A_{t+1};  G_t = A_t + V_t, over "
                 "the valid tokens only")
        .source("Schulman et al., High-Dimensional Continuous Control Using Generalized Advantage "
                "Estimation, arXiv 1506.02438, eq. 16; length-adaptive λ: VAPO, arXiv 2504.05118")
        .edge("Masked tokens are skipped: never read, neither decaying nor bootstrapping; their "
              "outputs are 0.")
        .flops("6*B*T")
        .in("rewards", &Gae::rewards, "B,T", "reward received on leaving token t")
        .in("values", &Gae::values, "B,T", "value estimate at token t")
        .flags("mask", &Gae::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .in("bootstrap_values", &Gae::bootstrap_values, "B",
            "value after the last valid token; absent: 0 (the sequence terminated)")
        .optional()
        .in("gamma_tokens", &Gae::gamma_tokens, "B,T", "per-token discount, in place of `gamma`")
        .optional()
        .typical(0, 1)
        .in("lambda_tokens", &Gae::lambda_tokens, "B,T", "per-token λ, in place of `lambda`")
        .optional()
        .typical(0, 1)
        .number("gamma", &Gae::gamma, 1.0, Range::closed(0, 1), "discount γ per token")
        .number_or("lambda", &Gae::lambda, {"length-adaptive"}, 0.95, Range::closed(0, 1),
                   "trace decay λ, or 'length-adaptive': λ = clip(1 − 1/(alpha · length), 0, 1)")
        .number("alpha", &Gae::alpha, 0.05, Range::above(0), "α of the length-adaptive λ")
        .out("advantages", &Gae::advantages, "B,T", "A_t")
        .out("returns", &Gae::returns, "B,T", "G_t = A_t + V_t")
        .out("lambda_per_sequence", &Gae::lambda_per_sequence, "B", "λ used for each sequence")
        .when("lambda", "length-adaptive")
        .with(counts_nan<Gae>);
  }
};

template <class T>
struct GaePacked : CountsNan {
  In<T, 1> rewards, values;
  In<int32_t, 1> cu_seqlens;
  In<T, 1> bootstrap_values;
  Flags<1> mask;
  double gamma, lambda;
  Out<T, 1> advantages, returns;

  static OpInfo declare() {
    return Declare<GaePacked>("token", "gae_packed", Tier::data)
        .summary("Generalised advantage estimation over packed sequences.")
        .formula("as `gae`; the recursion never looks across a sequence boundary")
        .source("Schulman et al., arXiv 1506.02438, eq. 16")
        .edge("Gives the same bits as `gae` on the padded form of the same batch.")
        .flops("6*N")
        .in("rewards", &GaePacked::rewards, "N", "reward received on leaving the token")
        .in("values", &GaePacked::values, "N", "value estimate at the token")
        .in("cu_seqlens", &GaePacked::cu_seqlens, "B+1", "bounds of the sequences: 0 … N")
        .offsets_to("N")
        .in("bootstrap_values", &GaePacked::bootstrap_values, "B",
            "value after the last valid token; absent: 0")
        .optional()
        .flags("mask", &GaePacked::mask, "N", "1 = the token counts; absent: all do")
        .optional()
        .number("gamma", &GaePacked::gamma, 1.0, Range::closed(0, 1), "discount γ per token")
        .number("lambda", &GaePacked::lambda, 0.95, Range::closed(0, 1), "trace decay λ")
        .out("advantages", &GaePacked::advantages, "N", "A_t")
        .out("returns", &GaePacked::returns, "N", "G_t = A_t + V_t")
        .with(counts_nan<GaePacked>);
  }
};

enum class GroupEstimator : int32_t {
  grpo,
  dr_grpo,
  lite_ppo,
  rloo,
  opo,
  gpg,
  reinforce_pp_baseline,
  passk_max,
  passk_analytic,
};
enum class Singleton : int32_t { raw, zero };

template <class T>
struct GroupAdvantage {
  In<T, 1> rewards;
  In<int32_t, 1> group_ids, lengths;
  GroupEstimator estimator;
  int64_t ddof;
  Singleton singleton;
  double eps;
  bool normalize;
  int64_t k;
  Out<T, 1> advantages;

  static OpInfo declare() {
    return Declare<GroupAdvantage>("token", "group_advantage", Tier::data)
        .summary("Outcome advantage of each sample against the other samples of its group.")
        .formula("grpo: (r − mean)/(std + ε); dr_grpo: r − mean; lite_ppo: (r − mean)/(S + ε), S "
                 "the batch std; rloo: k/(k−1)·(r − mean); opo: r − Σ L r/Σ L; gpg: α(r − mean), α "
                 "= n/#non-zero; reinforce_pp_baseline: r − mean, whitened over tokens; passk_max: "
                 "best minus second best; passk_analytic: Pass@k of binary rewards")
        .source("DeepSeekMath, arXiv 2402.03300 (grpo); arXiv 2503.20783 (dr_grpo); 2402.14740 "
                "(rloo); 2505.23585 (opo); 2504.02546 (gpg); 2501.03262 (reinforce_pp_baseline); "
                "2503.19595 (passk_max); 2508.10751 (passk_analytic); Lite PPO, arXiv 2508.08221 "
                "(lite_ppo)")
        .edge("A group whose rewards are all equal gets exactly 0. A reward that is NaN or "
              "infinite is excluded from every statistic and gets 0.")
        .flops("8*n")
        .in("rewards", &GroupAdvantage::rewards, "n", "outcome reward of each sample")
        .in("group_ids", &GroupAdvantage::group_ids, "n",
            "group of each sample: any numbers, in any order")
        .in("lengths", &GroupAdvantage::lengths, "n",
            "tokens of each sample; needed by opo and reinforce_pp_baseline (absent: 1 each)")
        .optional()
        .choice("estimator", &GroupAdvantage::estimator,
                {"grpo", "dr_grpo", "lite_ppo", "rloo", "opo", "gpg", "reinforce_pp_baseline",
                 "passk_max", "passk_analytic"},
                0, "which baseline and scale")
        .integer("ddof", &GroupAdvantage::ddof, 1, Range::closed(0, 1),
                 "1 = unbiased standard deviation")
        .choice("singleton", &GroupAdvantage::singleton, {"raw", "zero"}, 0,
                "a group of one: baseline 0 and std 1, or advantage 0")
        .number("eps", &GroupAdvantage::eps, 1e-6, Range::at_least(0), "ε added to the std")
        .boolean("normalize", &GroupAdvantage::normalize, true, "passk_max: divide by std + ε")
        .integer("k", &GroupAdvantage::k, 1, Range::at_least(1), "passk_analytic: k of Pass@k")
        .out("advantages", &GroupAdvantage::advantages, "n", "in the order of `rewards`");
  }
};

template <class T>
struct PolicyLoss : PolicyLossOptions, CountsNan {
  In<T, 2> log_probs, old_log_probs, advantages;
  Flags<2> mask;
  In<T, 2> importance_weights, ref_log_probs, entropy;
  In<T, 1> sequence_weights;
  In<T, 2> priority;
  Out<T, 0> loss;
  Out<T, 2> grad_log_probs;
  Out<T, 0> clip_fraction, clip_fraction_lower, approx_kl, ratio_mean, ratio_min, ratio_max;
  Out<uint8_t, 2> dropped;

  static OpInfo declare() {
    return Declare<PolicyLoss>("token", "policy_loss", Tier::data)
        .summary("Policy-gradient loss of a padded batch and its gradient.")
        .formula("loss = Σ W (w ℓ + β KL), ρ = exp(clamp(log π − log μ)).  ppo_clip: ℓ = max(−Aρ, "
                 "−A·clip(ρ, 1−ε_l, 1+ε_h)), with `dual_clip` c and A < 0: min(ℓ, −Ac);  "
                 "reinforce, gpg: −A log π;  cispo: −clip(ρ)·A log π, clip(ρ) constant;  "
                 "cispo_abs: −min(ρ, ε_h)·A log π;  sapo: −A (4/τ) σ(τ(ρ−1));  gspo: ppo_clip "
                 "with s = exp(mean log ρ);  luspo: L·gspo;  gmpo: −Ā exp(mean of clipped log ρ);  "
                 "vespo: −φ A log π, φ = exp(λ + k ln w − λ w), w = exp(Σ log ρ);  clip_cov: "
                 "ppo_clip without the dropped tokens;  kl_cov: −Aρ + coef·|log ρ| on the tokens "
                 "of largest covariance")
        .source("PPO, arXiv 1707.06347, eq. 7; dual clip, 1912.09729; clip-higher: DAPO, "
                "2503.14476; Dr.GRPO, 2503.20783; GSPO, 2507.18071; CISPO, 2506.13585; SAPO, "
                "2511.20347; GMPO, 2507.20673; covariance kinds, 2505.22617; VESPO and LUSPO: TRL")
        .edge("Masked tokens are never read. With no valid token the loss and gradient are 0. A "
              "ratio equal to its bound is not clipped. The gradient is 0 where the log-ratio "
              "clamp is active.")
        .flops("25*B*T")
        .in("log_probs", &PolicyLoss::log_probs, "B,T", "log π of the taken tokens, current policy")
        .typical(-3, 0)
        .in("old_log_probs", &PolicyLoss::old_log_probs, "B,T", "log μ at sampling time")
        .typical(-3, 0)
        .in("advantages", &PolicyLoss::advantages, "B,T|B", "per token, or one per sequence")
        .flags("mask", &PolicyLoss::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .in("importance_weights", &PolicyLoss::importance_weights, "B,T",
            "constant factor w on each token's policy term")
        .optional()
        .in("ref_log_probs", &PolicyLoss::ref_log_probs, "B,T",
            "log π_ref for the KL term; required when kl_coef > 0")
        .optional()
        .typical(-3, 0)
        .in("entropy", &PolicyLoss::entropy, "B,T",
            "entropy of each token's distribution; required when entropy_coef is not 0")
        .optional()
        .in("sequence_weights", &PolicyLoss::sequence_weights, "B",
            "constant factor on each sequence's policy terms")
        .optional()
        .in("priority", &PolicyLoss::priority, "B,T", "clip_cov: candidates dropped smallest first")
        .optional()
        .with(policy_options<PolicyLoss>)
        .out("loss", &PolicyLoss::loss, "", "Σ W_t ℓ_t")
        .out("grad_log_probs", &PolicyLoss::grad_log_probs, "B,T", "∂loss/∂log_probs")
        .out("clip_fraction", &PolicyLoss::clip_fraction, "", "share of valid tokens clipped")
        .out("clip_fraction_lower", &PolicyLoss::clip_fraction_lower, "",
             "share of valid tokens at the dual clip")
        .out("approx_kl", &PolicyLoss::approx_kl, "", "masked mean of log μ − log π (clamped)")
        .out("ratio_mean", &PolicyLoss::ratio_mean, "", "masked mean of ρ")
        .out("ratio_min", &PolicyLoss::ratio_min, "", "smallest ρ of a valid token")
        .out("ratio_max", &PolicyLoss::ratio_max, "", "largest ρ of a valid token")
        .out("dropped", &PolicyLoss::dropped, "B,T", "clip_cov: 1 = the token was dropped")
        .when("kind", "clip_cov")
        .with(counts_nan<PolicyLoss>);
  }
};

template <class T>
struct TokenLogprob {
  MixedIn<2> logits;
  In<int32_t, 1> labels;
  double temperature;
  int64_t ignore_index;
  NullableNumber softcap;
  Out<T, 1> log_probs, entropy, logsumexp, sum_pi_squared;

  static OpInfo declare() {
    return Declare<TokenLogprob>("token", "token_logprob", Tier::data)
        .summary("Log-probability of the taken tokens, entropy, logsumexp and Σp² in one pass.")
        .formula("x = softcap(logits)/τ;  log p_y = x_y − lse(x);  H = lse − Σ p x;  Σp² = "
                 "exp(lse(2x) − 2 lse(x))")
        .source("online softmax, Milakov & Gimelshein, arXiv 1805.02867; the outputs are those "
                "verl's trainers log")
        .edge("A logit of −Infinity has probability 0. A row whose label equals ignore_index gives "
              "zeros. A row that is all −Infinity is an error that names the row; the outputs are "
              "then unspecified.")
        .flops("8*N*V")
        .in("logits", &TokenLogprob::logits, "N,V", "one row per token, before the softmax")
        .typical(-8, 8)
        .in("labels", &TokenLogprob::labels, "N", "the token taken in each row")
        .index_below("V")
        .or_equal("ignore_index")
        .number("temperature", &TokenLogprob::temperature, 1.0, Range::above(0), "τ")
        .integer("ignore_index", &TokenLogprob::ignore_index, -100, Range::any(),
                 "label of rows to leave out")
        .nullable("softcap", &TokenLogprob::softcap, 30.0, Range::above(0),
                  "c of c·tanh(x/c), applied before the temperature; null: none")
        .null_default()
        .out("log_probs", &TokenLogprob::log_probs, "N", "log p of the label, ≤ 0")
        .out("entropy", &TokenLogprob::entropy, "N", "H, in nats")
        .out("logsumexp", &TokenLogprob::logsumexp, "N", "of the scaled logits")
        .out("sum_pi_squared", &TokenLogprob::sum_pi_squared, "N", "Σ p²");
  }
};

template <class T>
struct TokenLogprobBackward {
  MixedIn<2> logits;
  In<int32_t, 1> labels;
  In<T, 1> grad_log_probs, grad_entropy;
  double temperature;
  int64_t ignore_index;
  NullableNumber softcap;
  MixedOut<2> grad_logits;
  Out<T, 1> log_probs, entropy;

  static OpInfo declare() {
    return Declare<TokenLogprobBackward>("token", "token_logprob_backward", Tier::data)
        .summary("Gradient of log-probabilities and entropies with respect to the logits.")
        .formula("∂/∂x_v = g(1[v=y] − p_v) − h p_v (log p_v + H), times (1 − tanh²(x/c))/τ")
        .source("derivative of the softmax; the fused form of Liger-Kernel and verl")
        .edge("Rows with ignore_index get 0; a logit of −Infinity gets 0. `out: { gradLogits: "
              "logits }` writes in place.")
        .flops("16*N*V")
        .in("logits", &TokenLogprobBackward::logits, "N,V", "as given to `token_logprob`")
        .typical(-8, 8)
        .in("labels", &TokenLogprobBackward::labels, "N", "the token taken in each row")
        .index_below("V")
        .or_equal("ignore_index")
        .in("grad_log_probs", &TokenLogprobBackward::grad_log_probs, "N",
            "g, gradient of the loss with respect to each log-probability")
        .in("grad_entropy", &TokenLogprobBackward::grad_entropy, "N",
            "h, gradient with respect to each entropy; absent: 0")
        .optional()
        .number("temperature", &TokenLogprobBackward::temperature, 1.0, Range::above(0), "τ")
        .integer("ignore_index", &TokenLogprobBackward::ignore_index, -100, Range::any(),
                 "label of rows to leave out")
        .nullable("softcap", &TokenLogprobBackward::softcap, 30.0, Range::above(0),
                  "c of c·tanh(x/c); null: none")
        .null_default()
        .out("grad_logits", &TokenLogprobBackward::grad_logits, "N,V",
             "∂loss/∂logits; of the half type when `out` supplies such an array")
        .may_alias("logits")
        .out("log_probs", &TokenLogprobBackward::log_probs, "N",
             "log p of the label, as by-product")
        .out("entropy", &TokenLogprobBackward::entropy, "N", "H, as by-product");
  }
};

using TokenOps =
    OpList<Gae, GaePacked, GroupAdvantage, PolicyLoss, TokenLogprob, TokenLogprobBackward>;

}  // namespace belfry
