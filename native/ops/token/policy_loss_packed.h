// The policy loss over packed sequences.
#pragma once

#include "ops/nan_count.h"
#include "ops/op.h"
#include "ops/token/policy_options.h"

namespace belfry {

// What its two forms have in common.
template <class T>
struct PolicyLossPackedForm : PolicyLossOptions {
  In<T, 1> log_probs, old_log_probs;
  In<int32_t, 1> cu_seqlens;
  Flags<1> mask;
  In<T, 1> importance_weights, ref_log_probs, entropy, sequence_weights, priority;
  Out<T, 0> loss;
  Out<T, 1> grad_log_probs;
  Out<T, 0> clip_fraction, clip_fraction_lower, approx_kl, ratio_mean, ratio_min, ratio_max;
  Out<uint8_t, 1> dropped;
};

template <class Op, class Form>
void packed_policy_operands(Declare<Op>& op, Form) {
  op.summary("Policy-gradient loss of packed sequences and its gradient.")
      .formula("as `policy_loss`")
      .source("as `policy_loss`")
      .edge("Gives what `policy_loss` gives on the padded form of the batch; the same bits where "
            "both sum in the same order: sequences at the left, one advantage a sequence, T the "
            "longest.")
      .flops("25*N")
      .in("log_probs", of<Op>(&Form::log_probs), "N", "log π of the taken tokens, current policy")
      .typical(-3, 0)
      .in("old_log_probs", of<Op>(&Form::old_log_probs), "N", "log μ at sampling time")
      .typical(-3, 0)
      .in("cu_seqlens", of<Op>(&Form::cu_seqlens), "B+1", "bounds of the sequences: 0 … N")
      .offsets_to("N")
      .flags("mask", of<Op>(&Form::mask), "N", "1 = the token counts; absent: all do")
      .optional()
      .in("importance_weights", of<Op>(&Form::importance_weights), "N",
          "constant factor w on each token's policy term")
      .optional()
      .in("ref_log_probs", of<Op>(&Form::ref_log_probs), "N",
          "log π_ref for the KL term; required when kl_coef is not 0")
      .optional()
      .typical(-3, 0)
      .in("entropy", of<Op>(&Form::entropy), "N",
          "entropy of each token's distribution; required when entropy_coef is not 0")
      .optional()
      .in("sequence_weights", of<Op>(&Form::sequence_weights), "B",
          "constant factor on each sequence's policy terms")
      .optional()
      .in("priority", of<Op>(&Form::priority), "N", "clip_cov: candidates dropped smallest first")
      .optional();
}

template <class Op, class Form>
void packed_policy_outputs(Declare<Op>& op, Form) {
  op.out("loss", of<Op>(&Form::loss), "", "Σ W_t ℓ_t")
      .out("grad_log_probs", of<Op>(&Form::grad_log_probs), "N", "∂loss/∂log_probs")
      .out("clip_fraction", of<Op>(&Form::clip_fraction), "", "share of valid tokens clipped")
      .out("clip_fraction_lower", of<Op>(&Form::clip_fraction_lower), "",
           "share of valid tokens at the dual clip")
      .out("approx_kl", of<Op>(&Form::approx_kl), "", "masked mean of log μ − log π (clamped)")
      .out("ratio_mean", of<Op>(&Form::ratio_mean), "", "masked mean of ρ")
      .out("ratio_min", of<Op>(&Form::ratio_min), "", "smallest ρ of a valid token")
      .out("ratio_max", of<Op>(&Form::ratio_max), "", "largest ρ of a valid token")
      .out("dropped", of<Op>(&Form::dropped), "N", "clip_cov: 1 = the token was dropped")
      .when("kind", "clip_cov");
}

template <class T>
struct PolicyLossPacked : PolicyLossPackedForm<T>, CountsNan {
  In<T, 1> sequence_advantages;

  static OpInfo declare() {
    using Form = PolicyLossPackedForm<T>;
    return Declare<PolicyLossPacked>("token", "policy_loss_packed", Tier::data)
        .form("sequences")
        .with([](auto& op) { packed_policy_operands(op, Form{}); })
        .in("sequence_advantages", &PolicyLossPacked::sequence_advantages, "B",
            "advantage of each sequence")
        .with(policy_options<PolicyLossPacked>)
        .with([](auto& op) { packed_policy_outputs(op, Form{}); })
        .with(counts_nan<PolicyLossPacked>);
  }
};

template <class T>
struct PolicyLossPackedTokens : PolicyLossPackedForm<T>, CountsNan {
  In<T, 1> advantages;

  static OpInfo declare() {
    using Form = PolicyLossPackedForm<T>;
    return Declare<PolicyLossPackedTokens>("token", "policy_loss_packed", Tier::data)
        .form("tokens")
        .with([](auto& op) { packed_policy_operands(op, Form{}); })
        .in("advantages", &PolicyLossPackedTokens::advantages, "N", "advantage of each token")
        .with(policy_options<PolicyLossPackedTokens>)
        .with([](auto& op) { packed_policy_outputs(op, Form{}); })
        .with(counts_nan<PolicyLossPackedTokens>);
  }
};

}  // namespace belfry
