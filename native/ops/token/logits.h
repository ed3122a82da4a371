// From logits and hidden states: log-probabilities, divergences, fused losses.
#pragma once

#include "ops/nan_count.h"
#include "ops/op.h"
#include "ops/token/policy_options.h"
#include "ops/token/recipes.h"

namespace belfry {

template <class T>
struct FilteredLogprob {
  MixedIn<2> logits;
  In<int32_t, 1> labels;
  Flags<2> sampler_keep;
  double temperature;
  NullableNumber top_k, top_p, min_p;
  int64_t ignore_index;
  Out<uint8_t, 2> keep;
  Out<T, 1> log_probs, entropy;

  static OpInfo declare() {
    return Declare<FilteredLogprob>("token", "filtered_logprob", Tier::data)
        .summary("Log-probabilities renormalised over the tokens that truncated sampling left.")
        .formula(
            "temperature; then top_k, ties with the k-th kept; then top_p: the shortest prefix "
            "in descending order whose share of what top_k left reaches p; then min_p: p ≥ "
            "min_p·p_max; softmax over what is left")
        .source("nucleus sampling, arXiv 1904.09751; min-p, arXiv 2407.01082; the sampler's "
                "support in the trainer's log-probabilities: TRL")
        .edge("A label outside the kept set has log-probability −Infinity. Of equal logits top_p "
              "keeps the lower index. With `keep` given the set is that, and no filter runs.")
        .flops("10*N*V")
        .in("logits", &FilteredLogprob::logits, "N,V", "one row per token")
        .typical(-8, 8)
        .in("labels", &FilteredLogprob::labels, "N", "the token taken in each row")
        .index_below("V")
        .or_equal("ignore_index")
        .flags("keep", &FilteredLogprob::sampler_keep, "N,V",
               "the sampler's own set, to be used as it is")
        .optional()
        .number("temperature", &FilteredLogprob::temperature, 1.0, Range::above(0), "τ")
        .nullable("top_k", &FilteredLogprob::top_k, 50, Range::at_least(1),
                  "how many of the largest; null: all")
        .null_default()
        .whole()
        .nullable("top_p", &FilteredLogprob::top_p, 0.95, {0, 1, true, false},
                  "probability mass that is kept; null: all")
        .null_default()
        .nullable("min_p", &FilteredLogprob::min_p, 0.05, Range::closed(0, 1),
                  "least share of the largest probability; null: none")
        .null_default()
        .integer("ignore_index", &FilteredLogprob::ignore_index, -100, Range::any(),
                 "label of rows to leave out")
        .out("keep", &FilteredLogprob::keep, "N,V", "1 = the token was left")
        .out("log_probs", &FilteredLogprob::log_probs, "N", "log p of the label")
        .out("entropy", &FilteredLogprob::entropy, "N", "H over the kept set, in nats");
  }
};

enum class KlDirection : int32_t { reverse, forward };

template <class T>
struct VocabKl {
  MixedIn<2> logits, ref_logits;
  KlDirection direction;
  Out<T, 1> kl;
  Out<T, 2> grad_logits;

  static OpInfo declare() {
    return Declare<VocabKl>("token", "vocab_kl", Tier::data)
        .summary("KL divergence between two distributions over the vocabulary, row by row, and its "
                 "gradient.")
        .formula(
            "p = softmax(logits), q = softmax(ref_logits). reverse: KL(p‖q) = Σ p (log p − log "
            "q), gradient p (log p − log q − KL); forward: KL(q‖p), gradient p − q")
        .source("on-policy distillation, arXiv 2306.13649; exact KL regularisation")
        .edge("A token of probability 0 adds nothing. Where the divergence is infinite (reverse: "
              "q = 0 under p > 0) the gradient of the row is 0.")
        .flops("40*N*V")
        .in("logits", &VocabKl::logits, "N,V", "of the current policy")
        .typical(-8, 8)
        .in("ref_logits", &VocabKl::ref_logits, "N,V", "of the reference")
        .typical(-8, 8)
        .choice("direction", &VocabKl::direction, {"reverse", "forward"}, 0, "KL(p‖q) or KL(q‖p)")
        .out("kl", &VocabKl::kl, "N", "divergence of each row")
        .out("grad_logits", &VocabKl::grad_logits, "N,V", "∂kl/∂logits, each row by its own");
  }
};

// The layer that makes logits of hidden states, without its parts that have other names.
struct LinearSoftmaxOptions {
  double temperature;
  int64_t ignore_index;
  NullableNumber softcap;
};

template <class Op>
void linear_softmax_options(Declare<Op>& op) {
  op.number("temperature", of<Op>(&LinearSoftmaxOptions::temperature), 1.0, Range::above(0), "τ")
      .integer("ignore_index", of<Op>(&LinearSoftmaxOptions::ignore_index), -100, Range::any(),
               "label of rows to leave out")
      .nullable("softcap", of<Op>(&LinearSoftmaxOptions::softcap), 30.0, Range::above(0),
                "c of c·tanh(x/c), applied before the temperature; null: none")
      .null_default();
}

template <class T>
struct FusedLinearLogprob : LinearSoftmaxOptions {
  MixedIn<2> hidden, weight;
  In<T, 1> bias;
  In<int32_t, 1> labels;
  In<T, 1> grad_log_probs, grad_entropy;
  Out<T, 1> log_probs, entropy;
  Out<T, 2> grad_hidden, grad_weight;
  Out<T, 1> grad_bias;

  static OpInfo declare() {
    return Declare<FusedLinearLogprob>("token", "fused_linear_logprob", Tier::data)
        .summary("Log-probabilities and entropies from hidden states, and gradients back to them, "
                 "without ever holding the logits of the batch.")
        .formula("`token_logprob` and `token_logprob_backward` of x = hidden·Wᵀ + b, in chunks of "
                 "rows")
        .source("Cut Cross-Entropy, arXiv 2411.09009; Liger Kernel, arXiv 2410.10989")
        .edge("Rows with ignore_index get zeros and are not read. Gradients come when "
              "grad_log_probs is given.")
        .flops("6*N*H*V")
        .in("hidden", &FusedLinearLogprob::hidden, "N,H", "last hidden state of each token")
        .in("weight", &FusedLinearLogprob::weight, "V,H", "W of the output layer")
        .in("bias", &FusedLinearLogprob::bias, "V", "b; absent: 0")
        .optional()
        .in("labels", &FusedLinearLogprob::labels, "N", "the token taken in each row")
        .index_below("V")
        .or_equal("ignore_index")
        .in("grad_log_probs", &FusedLinearLogprob::grad_log_probs, "N",
            "g, gradient of the loss with respect to each log-probability")
        .optional()
        .in("grad_entropy", &FusedLinearLogprob::grad_entropy, "N",
            "h, gradient with respect to each entropy; absent: 0")
        .optional()
        .with(linear_softmax_options<FusedLinearLogprob>)
        .out("log_probs", &FusedLinearLogprob::log_probs, "N", "log p of the label, ≤ 0")
        .out("entropy", &FusedLinearLogprob::entropy, "N", "H, in nats")
        .out("grad_hidden", &FusedLinearLogprob::grad_hidden, "N,H", "∂loss/∂hidden")
        .needs("grad_log_probs")
        .out("grad_weight", &FusedLinearLogprob::grad_weight, "V,H", "∂loss/∂weight")
        .needs("grad_log_probs")
        .out("grad_bias", &FusedLinearLogprob::grad_bias, "V", "∂loss/∂bias")
        .needs("grad_log_probs")
        .needs("bias");
  }
};

template <class T>
struct FusedLinearPolicyLoss : PolicyLossOptions, LinearSoftmaxOptions, CountsNan {
  MixedIn<2> hidden, weight;
  In<T, 1> bias;
  In<int32_t, 1> labels;
  Flags<2> mask;
  In<T, 2> advantages, old_log_probs, ref_log_probs, importance_weights;
  In<T, 1> sequence_weights;
  In<T, 2> priority;
  Out<T, 0> loss;
  Out<T, 2> grad_hidden, grad_weight;
  Out<T, 1> grad_bias;
  Out<T, 2> log_probs;
  Out<T, 0> clip_fraction, approx_kl;

  static OpInfo declare() {
    return Declare<FusedLinearPolicyLoss>("token", "fused_linear_policy_loss", Tier::data)
        .summary("The policy loss from hidden states, and its gradients to them and to the output "
                 "layer, without ever holding the logits of the batch.")
        .formula("`policy_loss` of the log-probabilities of hidden·Wᵀ + b; the entropy bonus is "
                 "that of the same logits")
        .source("Liger Kernel's fused linear GRPO, arXiv 2410.10989")
        .edge("log_probs follow the labels: they are given at masked tokens too. A token whose "
              "label is ignore_index counts as masked.")
        .flops("8*B*T*H*V")
        .in("hidden", &FusedLinearPolicyLoss::hidden, "B*T,H", "last hidden state of each token")
        .in("weight", &FusedLinearPolicyLoss::weight, "V,H", "W of the output layer")
        .in("bias", &FusedLinearPolicyLoss::bias, "V", "b; absent: 0")
        .optional()
        .in("labels", &FusedLinearPolicyLoss::labels, "B*T", "the token taken in each row")
        .index_below("V")
        .or_equal("ignore_index")
        .flags("mask", &FusedLinearPolicyLoss::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .in("advantages", &FusedLinearPolicyLoss::advantages, "B,T|B",
            "per token, or one per sequence")
        .in("old_log_probs", &FusedLinearPolicyLoss::old_log_probs, "B,T", "log μ at sampling time")
        .typical(-3, 0)
        .in("ref_log_probs", &FusedLinearPolicyLoss::ref_log_probs, "B,T",
            "log π_ref for the KL term; required when kl_coef is not 0")
        .optional()
        .typical(-3, 0)
        .in("importance_weights", &FusedLinearPolicyLoss::importance_weights, "B,T",
            "constant factor w on each token's policy term")
        .optional()
        .in("sequence_weights", &FusedLinearPolicyLoss::sequence_weights, "B",
            "constant factor on each sequence's policy terms")
        .optional()
        .in("priority", &FusedLinearPolicyLoss::priority, "B,T",
            "clip_cov: candidates dropped smallest first")
        .optional()
        .with(policy_options<FusedLinearPolicyLoss>)
        .with(linear_softmax_options<FusedLinearPolicyLoss>)
        .out("loss", &FusedLinearPolicyLoss::loss, "", "Σ W_t ℓ_t")
        .out("grad_hidden", &FusedLinearPolicyLoss::grad_hidden, "B*T,H", "∂loss/∂hidden")
        .out("grad_weight", &FusedLinearPolicyLoss::grad_weight, "V,H", "∂loss/∂weight")
        .out("grad_bias", &FusedLinearPolicyLoss::grad_bias, "V", "∂loss/∂bias")
        .needs("bias")
        .out("log_probs", &FusedLinearPolicyLoss::log_probs, "B,T", "log p of the labels")
        .out("clip_fraction", &FusedLinearPolicyLoss::clip_fraction, "",
             "share of valid tokens clipped")
        .out("approx_kl", &FusedLinearPolicyLoss::approx_kl, "",
             "masked mean of log μ − log π (clamped)")
        .with(counts_nan<FusedLinearPolicyLoss>);
  }
};

enum class PairLayout : int32_t { chosen_first };

template <class T>
struct FusedLinearDpo : LinearSoftmaxOptions {
  MixedIn<2> hidden, weight, ref_hidden, ref_weight;
  In<int32_t, 1> labels;
  int64_t pairs, length;
  double beta;
  PairLayout layout;
  Out<T, 0> loss;
  Out<T, 2> grad_hidden, grad_weight;

  static OpInfo declare() {
    return Declare<FusedLinearDpo>("token", "fused_linear_dpo", Tier::data)
        .summary("The DPO loss from hidden states of policy and reference, and its gradients, "
                 "without ever holding the logits of the batch.")
        .formula("u = β[(log π_c − log ref_c) − (log π_r − log ref_r)], sums over a sequence's "
                 "labelled tokens; loss = mean softplus(−u)")
        .source("DPO, arXiv 2305.18290; Liger Kernel, arXiv 2410.10989")
        .edge("The P chosen sequences come first, one after the other, then the P rejected ones in "
              "the same order. Rows with ignore_index are not read.")
        .flops("10*N*H*V")
        .where("N", "P*L+P*L")
        .in("hidden", &FusedLinearDpo::hidden, "N,H", "last hidden states of the policy")
        .in("weight", &FusedLinearDpo::weight, "V,H", "output layer of the policy")
        .in("ref_hidden", &FusedLinearDpo::ref_hidden, "N,R", "last hidden states of the reference")
        .in("ref_weight", &FusedLinearDpo::ref_weight, "V,R", "output layer of the reference")
        .in("labels", &FusedLinearDpo::labels, "N", "the token taken in each row")
        .index_below("V")
        .or_equal("ignore_index")
        .integer("pairs", &FusedLinearDpo::pairs, kRequired, Range::at_least(0),
                 "P, pairs of sequences")
        .size_of("P")
        .integer("length", &FusedLinearDpo::length, kRequired, Range::at_least(0),
                 "L, rows of each sequence")
        .size_of("L")
        .number("beta", &FusedLinearDpo::beta, 0.1, Range::any(), "β")
        .choice("layout", &FusedLinearDpo::layout, {"chosen first, rejected second"}, 0,
                "order of the sequences")
        .with(linear_softmax_options<FusedLinearDpo>)
        .out("loss", &FusedLinearDpo::loss, "", "mean softplus(−u)")
        .out("grad_hidden", &FusedLinearDpo::grad_hidden, "N,H", "∂loss/∂hidden")
        .out("grad_weight", &FusedLinearDpo::grad_weight, "V,H", "∂loss/∂weight");
  }
};

// On every backend.
using TokenLogitOps =
    OpList<VocabKl, FilteredLogprob, FusedLinearLogprob, FusedLinearPolicyLoss, FusedLinearDpo>;
// On the host.
using TokenLogitHostOps = OpList<RecipeGrpoStep, RecipeRlvrStep, RecipeDlerStep, RecipeLitePpoStep>;

}  // namespace belfry
