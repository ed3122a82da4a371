// Recipes: one step of a published method from the logits to their gradient, made of the other ops.
#pragma once

#include "ops/nan_count.h"
#include "ops/op.h"
#include "ops/token/core.h"
#include "ops/token/policy_options.h"

namespace belfry {

template <class T>
struct RecipeOperands : PolicyLossOptions {
  MixedIn<2> logits;
  In<int32_t, 1> labels;
  Flags<2> mask;
  In<T, 2> old_log_probs, ref_log_probs;
  In<T, 1> rewards;
  In<int32_t, 1> group_ids;
  double temperature;
  int64_t ignore_index;
};

template <class Op, class Base>
void recipe_operands(Declare<Op>& op, Base) {
  op.in("logits", of<Op>(&Base::logits), "B*T,V",
        "of the current policy, tokens in row-major order")
      .typical(-3, 3)
      .in("labels", of<Op>(&Base::labels), "B*T", "the token taken in each row")
      .index_below("V")
      .or_equal("ignore_index")
      .flags("mask", of<Op>(&Base::mask), "B,T", "1 = the token counts; absent: all do")
      .optional()
      .in("old_log_probs", of<Op>(&Base::old_log_probs), "B,T", "log μ at sampling time")
      .typical(-3, 0)
      .in("ref_log_probs", of<Op>(&Base::ref_log_probs), "B,T", "log π_ref of the KL term")
      .typical(-3, 0);
}

template <class Op, class Base>
void recipe_rewards(Declare<Op>& op, Base) {
  op.in("rewards", of<Op>(&Base::rewards), "B", "outcome reward of each sample")
      .in("group_ids", of<Op>(&Base::group_ids), "B",
          "group of each sample: any numbers, in any order");
}

struct RecipeDefaults {
  double clip_high, dual_clip;  // dual_clip 0: none
};

// What of the policy loss a recipe lets one choose.
template <class Op, class Base>
void recipe_policy(Declare<Op>& op, Base, RecipeDefaults defaults) {
  choose_aggregation(op, "aggregation", 0);
  op.nullable("clip_low", of<Op>(&PolicyLossOptions::clip_low), 0.2, Range::at_least(0),
              "ε_l; null: no lower clip")
      .number("clip_high", of<Op>(&PolicyLossOptions::clip_high), defaults.clip_high,
              Range::at_least(0), "ε_h")
      .nullable("dual_clip", of<Op>(&PolicyLossOptions::dual_clip),
                defaults.dual_clip > 0 ? defaults.dual_clip : 3, Range::above(0),
                "bound c for negative advantages; null: none");
  if (defaults.dual_clip == 0) op.null_default();
  op.nullable("ratio_clamp", of<Op>(&PolicyLossOptions::ratio_clamp), 20.0, Range::above(0),
              "log-ratios are clamped to ±this; null: not");
  aggregation_numbers(op);
  op.number("temperature", of<Op>(&Base::temperature), 1.0, Range::above(0), "τ of the logits")
      .integer("ignore_index", of<Op>(&Base::ignore_index), -100, Range::any(),
               "label of tokens to leave out, which count as masked");
}

template <class Op>
void recipe_kl(Declare<Op>& op, double kl_coef) {
  op.number("kl_coef", of<Op>(&PolicyLossOptions::kl_coef), kl_coef, Range::any(),
            "weight of the KL term in the loss")
      .choice("kl_kind", of<Op>(&PolicyLossOptions::kl_kind),
              {"k1", "k2", "k3", "abs", "k1+", "k3+"}, 2, "estimator of KL(π‖π_ref)")
      .nullable("kl_clamp", of<Op>(&PolicyLossOptions::kl_clamp), 20.0, Range::above(0),
                "clamp of the log-ratio inside k3; null: none")
      .null_default()
      .nullable("kl_max", of<Op>(&PolicyLossOptions::kl_max), 10.0, Range::above(0),
                "clamp of the k3 estimate; null: none")
      .null_default();
}

struct RecipeGroups {
  GroupEstimator estimator;
  double eps;
  int64_t ddof;
  Singleton singleton;
};

template <class Op>
void recipe_groups(Declare<Op>& op, GroupEstimator fallback) {
  op.choice("estimator", of<Op>(&RecipeGroups::estimator),
            {"grpo", "dr_grpo", "lite_ppo", "rloo", "opo", "gpg", "reinforce_pp_baseline",
             "passk_max", "passk_analytic"},
            static_cast<double>(fallback), "baseline and scale, as in `group_advantage`")
      .number("eps", of<Op>(&RecipeGroups::eps), 1e-6, Range::at_least(0), "ε added to the std")
      .integer("ddof", of<Op>(&RecipeGroups::ddof), 1, Range::closed(0, 1),
               "1 = unbiased standard deviation")
      .choice("singleton", of<Op>(&RecipeGroups::singleton), {"raw", "zero"}, 0,
              "a group of one: baseline 0 and std 1, or advantage 0");
}

template <class T>
struct RecipeGrpoStep : RecipeOperands<T>, RecipeGroups, CountsNan {
  Out<T, 1> advantages;
  Out<T, 2> log_probs;
  Out<T, 0> loss;
  Out<T, 2> grad_logits;

  static OpInfo declare() {
    using Base = RecipeOperands<T>;
    return Declare<RecipeGrpoStep>("token", "recipe_grpo_step", Tier::data)
        .summary("GRPO: from rewards and logits to the loss and the gradient of the logits.")
        .formula("group_advantage → token_logprob → policy_loss (ppo_clip) + kl_coef·KL − "
                 "entropy_coef·Σ W H → token_logprob_backward")
        .source("DeepSeekMath, arXiv 2402.03300; DeepSeek-R1, arXiv 2501.12948")
        .edge("Rows of masked tokens are not read; their log_probs and gradients are 0.")
        .flops("24*B*T*V")
        .with([](auto& op) { recipe_operands(op, Base{}); })
        .with([](auto& op) { recipe_rewards(op, Base{}); })
        .with([](auto& op) { recipe_groups(op, GroupEstimator::grpo); })
        .with([](auto& op) {
          recipe_policy(op, Base{}, {0.2, 0});
        })
        .with([](auto& op) { recipe_kl(op, 0.001); })
        .number("entropy_coef", of<RecipeGrpoStep>(&PolicyLossOptions::entropy_coef), 0.0,
                Range::any(), "weight of the entropy bonus")
        .out("advantages", &RecipeGrpoStep::advantages, "B", "of each sample")
        .out("log_probs", &RecipeGrpoStep::log_probs, "B,T", "log π of the taken tokens")
        .out("loss", &RecipeGrpoStep::loss, "", "policy loss, KL term and entropy bonus")
        .out("grad_logits", &RecipeGrpoStep::grad_logits, "B*T,V", "∂loss/∂logits")
        .with(counts_nan<RecipeGrpoStep>);
  }
};

template <class T>
struct RecipeRlvrStep : RecipeOperands<T>, CountsNan {
  In<T, 2> old_values, values_new;
  double reward_scale, beta;
  KlKind kl_reward;
  double gamma, lambda;
  NullableNumber value_clip;
  Out<T, 2> token_rewards, advantages, returns;
  Out<T, 0> policy_loss, value_loss;
  Out<T, 2> grad_logits, grad_values;

  static OpInfo declare() {
    using Base = RecipeOperands<T>;
    return Declare<RecipeRlvrStep>("token", "recipe_rlvr_step", Tier::data)
        .summary("RLVR by PPO with a value model: from rewards, logits and values to both losses "
                 "and gradients.")
        .formula(
            "kl_shaped_rewards (score = reward_scale·r, KL of log μ against log π_ref) → gae on "
            "old_values → whitening → policy_loss (ppo_clip) and, on unwhitened returns, "
            "value_loss → token_logprob_backward")
        .source("TÜLU 3, arXiv 2411.15124")
        .edge("A sample whose reward is NaN or infinite gets advantages 0 and takes no part in "
              "whitening or value loss.")
        .flops("24*B*T*V")
        .with([](auto& op) { recipe_operands(op, Base{}); })
        .in("rewards", of<RecipeRlvrStep>(&Base::rewards), "B", "outcome reward of each sample")
        .in("group_ids", of<RecipeRlvrStep>(&Base::group_ids), "B",
            "group of each sample; this recipe has no use for it")
        .optional()
        .in("old_values", &RecipeRlvrStep::old_values, "B,T", "V at sampling time")
        .in("values_new", &RecipeRlvrStep::values_new, "B,T", "V of the current value model")
        .number("reward_scale", &RecipeRlvrStep::reward_scale, 10.0, Range::any(),
                "factor on the reward")
        .number("beta", &RecipeRlvrStep::beta, 0.05, Range::any(), "weight of the KL reward")
        .choice("kl_reward", &RecipeRlvrStep::kl_reward, {"k1", "k2", "k3", "abs", "k1+", "k3+"}, 0,
                "estimator of the KL reward")
        .number("gamma", &RecipeRlvrStep::gamma, 1.0, Range::closed(0, 1), "discount γ per token")
        .number("lambda", &RecipeRlvrStep::lambda, 0.95, Range::closed(0, 1), "trace decay λ")
        .nullable("value_clip", &RecipeRlvrStep::value_clip, 0.2, Range::at_least(0),
                  "ε of the value loss; null: no clip")
        .with([](auto& op) {
          recipe_policy(op, Base{}, {0.2, 0});
        })
        .out("token_rewards", &RecipeRlvrStep::token_rewards, "B,T", "reward of each token")
        .out("advantages", &RecipeRlvrStep::advantages, "B,T", "whitened")
        .out("returns", &RecipeRlvrStep::returns, "B,T", "targets of the value model")
        .out("policy_loss", &RecipeRlvrStep::policy_loss, "", "of the whitened advantages")
        .out("value_loss", &RecipeRlvrStep::value_loss, "", "of the returns")
        .out("grad_logits", &RecipeRlvrStep::grad_logits, "B*T,V", "∂policy_loss/∂logits")
        .out("grad_values", &RecipeRlvrStep::grad_values, "B,T", "∂value_loss/∂values_new")
        .with(counts_nan<RecipeRlvrStep>);
  }
};

enum class RecipeFilter : int32_t { nonzero_std, none };

template <class T>
struct RecipeDlerStep : RecipeOperands<T>, RecipeGroups, CountsNan {
  Flags<1> truncated;
  double truncation_coef;
  RecipeFilter filter;
  Out<T, 1> shaped_rewards;
  Out<uint8_t, 1> sample_keep;
  Out<T, 2> token_advantages;
  Out<T, 0> loss;
  Out<T, 2> grad_logits;

  static OpInfo declare() {
    using Base = RecipeOperands<T>;
    return Declare<RecipeDlerStep>("token", "recipe_dler_step", Tier::data)
        .summary("DLER: truncated samples lose their reward, groups without spread are dropped, "
                 "advantages are whitened over the batch, the clip is asymmetric.")
        .formula("shaped = truncated ? (c ≥ 0 ? c·r : c) : r → groups that vary → "
                 "group_advantage (reinforce_pp_baseline) → policy_loss (ppo_clip) + kl_coef·KL → "
                 "token_logprob_backward")
        .source("DLER, arXiv 2510.15110")
        .edge("Dropped groups leave every statistic, the mask and the denominators. A group of one "
              "is kept.")
        .flops("24*B*T*V")
        .with([](auto& op) { recipe_operands(op, Base{}); })
        .with([](auto& op) { recipe_rewards(op, Base{}); })
        .flags("truncated", &RecipeDlerStep::truncated, "B", "1 = the sample hit the length limit")
        .number("truncation_coef", &RecipeDlerStep::truncation_coef, 0.0, Range::any(),
                "c: factor on a truncated reward, or if negative the reward itself")
        .choice("filter", &RecipeDlerStep::filter, {"nonzero_std", "none"}, 0,
                "which groups are kept")
        .with([](auto& op) { recipe_groups(op, GroupEstimator::reinforce_pp_baseline); })
        .with([](auto& op) {
          recipe_policy(op, Base{}, {0.28, 10});
        })
        .with([](auto& op) { recipe_kl(op, 5e-4); })
        .out("shaped_rewards", &RecipeDlerStep::shaped_rewards, "B", "after the truncation")
        .out("sample_keep", &RecipeDlerStep::sample_keep, "B", "1 = its group was kept")
        .out("token_advantages", &RecipeDlerStep::token_advantages, "B,T", "of each valid token")
        .out("loss", &RecipeDlerStep::loss, "", "policy loss and KL term")
        .out("grad_logits", &RecipeDlerStep::grad_logits, "B*T,V", "∂loss/∂logits")
        .with(counts_nan<RecipeDlerStep>);
  }
};

template <class T>
struct RecipeLitePpoStep : RecipeOperands<T>, RecipeGroups, CountsNan {
  Out<T, 1> advantages;
  Out<T, 0> loss;
  Out<T, 2> grad_logits;

  static OpInfo declare() {
    using Base = RecipeOperands<T>;
    return Declare<RecipeLitePpoStep>("token", "recipe_lite_ppo_step", Tier::data)
        .summary("Lite PPO: group mean, batch standard deviation, mean over tokens, plain clip.")
        .formula("group_advantage (lite_ppo) → policy_loss (ppo_clip) → token_logprob_backward")
        .source("Tricks or Traps, arXiv 2508.08221")
        .edge("No KL term and no entropy bonus: ref_log_probs are not read.")
        .flops("24*B*T*V")
        .with([](auto& op) { recipe_operands(op, Base{}); })
        .optional()
        .with([](auto& op) { recipe_rewards(op, Base{}); })
        .with([](auto& op) { recipe_groups(op, GroupEstimator::lite_ppo); })
        .with([](auto& op) {
          recipe_policy(op, Base{}, {0.2, 0});
        })
        .out("advantages", &RecipeLitePpoStep::advantages, "B", "of each sample")
        .out("loss", &RecipeLitePpoStep::loss, "", "policy loss")
        .out("grad_logits", &RecipeLitePpoStep::grad_logits, "B*T,V", "∂loss/∂logits")
        .with(counts_nan<RecipeLitePpoStep>);
  }
};

}  // namespace belfry
