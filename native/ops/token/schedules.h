// Coefficients that change while a policy is trained: KL, mixing weights, anchors, curricula.
#pragma once

#include "ops/op.h"

namespace belfry {

template <class T>
struct AdaptiveKl {
  In<T, 1> coef, kl;
  double target, horizon;
  int64_t num_steps;
  Out<T, 0> new_coef;

  static OpInfo declare() {
    using Op = AdaptiveKl;
    return Declare<Op>("token", "adaptive_kl", Tier::control)
        .summary("Adaptive KL coefficient: one step of the controller.")
        .formula("β ← β (1 + clip(KL/target − 1, −0.2, 0.2) · num_steps/horizon)")
        .source("Ziegler et al., arXiv 1909.08593, section 2.2")
        .in("coef", &Op::coef, "1", "β")
        .typical(0, 1)
        .in("kl", &Op::kl, "1", "mean KL of the last batch")
        .number("target", &Op::target, 6.0, Range::above(0), "KL to hold")
        .number("horizon", &Op::horizon, 10000, Range::above(0), "samples over which β adapts")
        .integer("num_steps", &Op::num_steps, kRequired, Range::at_least(0),
                 "samples seen since the last step")
        .out("coef", &Op::new_coef, "", "β after the step");
  }
};

enum class MetaObjective : int32_t { utility, code };

template <class T>
struct AmftMetaGradient {
  In<T, 1> grad_sft, grad_rl, grad_validation_loss;
  double policy_lr;
  MetaObjective objective;
  Out<T, 0> meta_gradient;

  static OpInfo declare() {
    using Op = AmftMetaGradient;
    return Declare<Op>("token", "amft_meta_gradient", Tier::data)
        .summary("Derivative of the validation utility by the SFT weight μ, after one step.")
        .formula("g = η ⟨∇L_val, ∇L_SFT − ∇L_RL⟩ for 'utility'; −g for 'code'")
        .source("AMFT, arXiv 2508.06944; 'code' is the sign of the released code, "
                "which differentiates the validation loss")
        .flops("3*P")
        .in("grad_sft", &Op::grad_sft, "P", "∇L_SFT over the parameters")
        .in("grad_rl", &Op::grad_rl, "P", "∇L_RL")
        .in("grad_validation_loss", &Op::grad_validation_loss, "P", "∇L_val after the step")
        .number("policy_lr", &Op::policy_lr, kRequired, Range::any(), "η, rate of the policy step")
        .choice("objective", &Op::objective, {"utility", "code"}, 0, "which sign")
        .out("meta_gradient", &Op::meta_gradient, "", "g");
  }
};

template <class T>
struct AmftUpdate {
  In<T, 1> mu;
  double meta_gradient, entropy, target_entropy, meta_lr, entropy_lr, min, max;
  Out<T, 0> new_mu;

  static OpInfo declare() {
    using Op = AmftUpdate;
    return Declare<Op>("token", "amft_update", Tier::control)
        .summary("One step of the adaptive weight μ between imitation and reinforcement.")
        .formula("μ ← clip(μ + meta_lr · g + entropy_lr (H_target − H), min, max)")
        .source("AMFT, arXiv 2508.06944")
        .in("mu", &Op::mu, "1", "weight of the SFT loss in (1 − μ) L_RL + μ L_SFT")
        .typical(0, 1)
        .number("meta_gradient", &Op::meta_gradient, kRequired, Range::any(),
                "g of `amft_meta_gradient`")
        .number("entropy", &Op::entropy, kRequired, Range::any(), "H, policy entropy now")
        .number("target_entropy", &Op::target_entropy, kRequired, Range::any(),
                "H_target, measured after the SFT warm-up")
        .number("meta_lr", &Op::meta_lr, 1e-4, Range::any(), "rate of the meta-gradient term")
        .number("entropy_lr", &Op::entropy_lr, 5e-4, Range::any(), "rate of the entropy term")
        .number("min", &Op::min, 0.05, Range::any(), "least μ")
        .number("max", &Op::max, 0.95, Range::any(), "greatest μ")
        .out("mu", &Op::new_mu, "", "μ after the step");
  }
};

template <class T>
struct CurriculumProbability {
  double step, total, start, end, base;
  Out<T, 0> value;

  static OpInfo declare() {
    using Op = CurriculumProbability;
    return Declare<Op>("token", "curriculum_probability", Tier::control)
        .summary("Probability of a hard (noisy) document at a step of a rising curriculum.")
        .formula("p = start + (end − start)(base^(step/total) − 1)/(base − 1)")
        .source("ZeroSearch, arXiv 2505.04588")
        .edge("From step = total on p = end. base = 1 is the linear limit.")
        .number("step", &Op::step, kRequired, Range::at_least(0), "training step")
        .number("total", &Op::total, kRequired, Range::at_least(0), "step at which p = end")
        .number("start", &Op::start, 0.0, Range::any(), "p at step 0")
        .number("end", &Op::end, 1.0, Range::any(), "p from `total` on")
        .number("base", &Op::base, 4.0, Range::above(0), "growth; above 1 late steps change most")
        .out("value", &Op::value, "", "p");
  }
};

template <class T>
struct EmaUpdate {
  In<T, 4> target, source;
  double decay;
  Out<T, 4> new_target;

  static OpInfo declare() {
    using Op = EmaUpdate;
    return Declare<Op>("token", "ema_update", Tier::data)
        .summary("Exponential moving average of parameters: a reference policy that follows.")
        .formula("target ← decay · target + (1 − decay) · source")
        .source("T1, arXiv 2501.11651 (dynamic anchor)")
        .edge("`out: { target }` may be the operand itself: in place.")
        .flops("3*first*second")
        .in("target", &Op::target, "*", "parameters of the follower, any shape")
        .in("source", &Op::source, "*", "parameters to follow")
        .like("target")
        .number("decay", &Op::decay, kRequired, Range::closed(0, 1), "share of the old value")
        .out("target", &Op::new_target, "*", "the average")
        .like("target")
        .may_alias("target");
  }
};

template <class T>
struct LinearSchedule {
  double progress;
  List<double> start, end;
  Out<T, 1> value;

  static OpInfo declare() {
    using Op = LinearSchedule;
    return Declare<Op>("token", "linear_schedule", Tier::control)
        .summary("Values between two ends, by the share of training that is done.")
        .formula("(1 − p) · start + p · end, p clipped to [0, 1]")
        .source("D3S, arXiv 2509.22115 (dynamic down-sampling schedule)")
        .number("progress", &Op::progress, kRequired, Range::any(), "p, share of training done")
        .numbers("start", &Op::start, Range::any(), "K", "values at p = 0")
        .numbers("end", &Op::end, Range::any(), "K", "values at p = 1")
        .out("value", &Op::value, "K", "one value for each pair of ends");
  }
};

template <class T>
struct PassAtK {
  In<int32_t, 1> n, c;
  int64_t k;
  Out<T, 1> pass_at_k;

  static OpInfo declare() {
    using Op = PassAtK;
    return Declare<Op>("token", "pass_at_k", Tier::algorithm)
        .summary("Unbiased estimate of the chance that one of k samples is right.")
        .formula("1 − C(n − c, k)/C(n, k)")
        .source("Chen et al., arXiv 2107.03374, eq. 1")
        .edge("1 when n − c < k. Exact products: no overflow for large n.")
        .in("n", &Op::n, "m", "samples of each problem")
        .in("c", &Op::c, "m", "right samples of each problem, at most n")
        .integer("k", &Op::k, kRequired, Range::at_least(1), "samples drawn")
        .out("pass_at_k", &Op::pass_at_k, "m", "estimate for each problem");
  }
};

}  // namespace belfry
