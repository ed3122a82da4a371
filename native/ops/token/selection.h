// Which prompts, groups, samples and tokens take part in an update.
#pragma once

#include "ops/nan_count.h"
#include "ops/op.h"

namespace belfry {

template <class T>
struct AdvantageBoost {
  In<T, 1> advantages, scores;
  double threshold, tolerance, boost;
  Out<T, 1> boosted;

  static OpInfo declare() {
    using Op = AdvantageBoost;
    return Declare<Op>("token", "advantage_boost", Tier::algorithm)
        .summary("Adds a constant to the advantage of samples with a full score.")
        .formula("A + boost where score ≥ threshold − tolerance")
        .source("DLER's released actor, arXiv 2510.15110")
        .edge("The comparison is made in float64.")
        .in("advantages", &Op::advantages, "n", "A")
        .in("scores", &Op::scores, "n", "score of each sample")
        .number("threshold", &Op::threshold, 1.0, Range::any(), "full score")
        .number("tolerance", &Op::tolerance, 1e-5, Range::at_least(0), "slack below it")
        .number("boost", &Op::boost, 0.0, Range::any(), "what is added; DLER: 0.1")
        .out("advantages", &Op::boosted, "n", "boosted advantages");
  }
};

template <class T>
struct AdvantageFilter {
  In<T, 1> advantages;
  double threshold;
  bool positive_only;
  Out<uint8_t, 1> keep;
  Out<int32_t, 1> indices;

  static OpInfo declare() {
    using Op = AdvantageFilter;
    return Declare<Op>("token", "advantage_filter", Tier::algorithm)
        .summary("Keeps samples whose advantage is large enough to teach something.")
        .formula("|A| ≥ threshold, or A ≥ threshold")
        .source("LOOP, arXiv 2502.01600, as released")
        .edge("NaN is dropped.")
        .in("advantages", &Op::advantages, "n", "A")
        .number("threshold", &Op::threshold, 0.01, Range::any(), "least size")
        .boolean("positive_only", &Op::positive_only, false, "keep positive advantages only")
        .out("keep", &Op::keep, "n", "1 = kept")
        .out("indices", &Op::indices, "n", "the kept samples, ascending")
        .sized_by_data();
  }
};

enum class GroupFilterRule : int32_t { nonzero_std, mean_between };

template <class T>
struct GroupFilter {
  In<T, 1> rewards;
  In<int32_t, 1> group_ids;
  GroupFilterRule rule;
  bool keep_singletons;
  double low, high;
  Out<uint8_t, 1> group_keep;
  Out<int32_t, 1> groups;
  Out<uint8_t, 1> sample_keep;
  Out<int32_t, 1> indices;

  static OpInfo declare() {
    using Op = GroupFilter;
    return Declare<Op>("token", "group_filter", Tier::algorithm)
        .summary("Keeps groups whose rewards differ, or are neither too easy nor too hard.")
        .formula("nonzero_std: not all rewards equal;  mean_between: low ≤ mean ≤ high")
        .source("dynamic sampling of DAPO, arXiv 2503.14476; DLER, 2510.15110; "
                "mean_between: ROLL's difficulty mask")
        .edge("Rewards are compared as values. NaN and infinite rewards are not counted; a group "
              "without any other is dropped.")
        .in("rewards", &Op::rewards, "n", "metric of each sample")
        .in("group_ids", &Op::group_ids, "n", "group of each sample: any numbers, in any order")
        .choice("rule", &Op::rule, {"nonzero_std", "mean_between"}, 0, "which groups are kept")
        .boolean("keep_singletons", &Op::keep_singletons, true, "nonzero_std: keep groups of one")
        .number("low", &Op::low, 0.1, Range::any(), "mean_between: least mean")
        .number("high", &Op::high, 0.95, Range::any(), "mean_between: greatest mean")
        .out("group_keep", &Op::group_keep, "n", "1 = kept, one for each group, by ascending id")
        .sized_by_data()
        .out("groups", &Op::groups, "n", "the distinct ids, ascending")
        .sized_by_data()
        .out("sample_keep", &Op::sample_keep, "n", "1 = the sample's group is kept")
        .out("indices", &Op::indices, "n", "samples of the kept groups, ascending")
        .sized_by_data();
  }
};

template <class T>
struct GuideSelect {
  In<T, 1> rewards;
  In<int32_t, 1> group_ids;
  double threshold;
  Out<uint8_t, 1> group_needs_guidance;
  Out<int32_t, 1> groups;

  static OpInfo declare() {
    using Op = GuideSelect;
    return Declare<Op>("token", "guide_select", Tier::algorithm)
        .summary("Groups in which every rollout failed, to be sampled again with guidance.")
        .formula("1 where no reward of the group exceeds the threshold")
        .source("Guide-GRPO, arXiv 2506.13923")
        .edge("NaN and infinite rewards are not counted.")
        .in("rewards", &Op::rewards, "n", "reward of each rollout")
        .in("group_ids", &Op::group_ids, "n", "group of each rollout: any numbers, in any order")
        .number("threshold", &Op::threshold, 0.0, Range::any(), "a reward above it is a success")
        .out("group_needs_guidance", &Op::group_needs_guidance, "n",
             "one for each group, by ascending id")
        .sized_by_data()
        .out("groups", &Op::groups, "n", "the distinct ids, ascending")
        .sized_by_data();
  }
};

template <class T>
struct PromptSelect {
  In<T, 1> values;
  double target;
  int64_t keep;
  Out<int32_t, 1> indices;

  static OpInfo declare() {
    using Op = PromptSelect;
    return Declare<Op>("token", "prompt_select", Tier::algorithm)
        .summary("The prompts whose predicted success rate is closest to the target.")
        .formula("the `keep` smallest |V(x) − target|, ties to the lower index")
        .source("Prompt Curriculum Learning, arXiv 2510.01135")
        .edge("NaN comes last. Fewer prompts than `keep`: all of them.")
        .in("values", &Op::values, "n", "V, predicted success rate of each prompt")
        .typical(0, 1)
        .number("target", &Op::target, 0.5, Range::any(), "success rate to train at")
        .integer("keep", &Op::keep, kRequired, Range::at_least(0), "how many")
        .out("indices", &Op::indices, "n", "of the chosen prompts, closest first")
        .sized_by_data();
  }
};

template <class T>
struct PromptValueLoss {
  In<T, 1> predicted, mean_reward;
  Out<T, 0> loss;
  Out<T, 1> grad_predicted;

  static OpInfo declare() {
    using Op = PromptValueLoss;
    return Declare<Op>("token", "prompt_value_loss", Tier::algorithm)
        .summary("Squared error of the predicted success rate of prompts, and its gradient.")
        .formula("loss = mean (V − r)²;  grad = 2 (V − r)/n")
        .source("Prompt Curriculum Learning, arXiv 2510.01135")
        .edge("A prompt whose mean reward is NaN or infinite is left out.")
        .in("predicted", &Op::predicted, "n", "V of each prompt")
        .in("mean_reward", &Op::mean_reward, "n", "r, mean reward of its rollouts")
        .out("loss", &Op::loss, "", "mean squared error")
        .out("grad_predicted", &Op::grad_predicted, "n", "∂loss/∂V");
  }
};

template <class T>
struct D3sSelectSamples {
  In<T, 1> advantages;
  int64_t keep_count;
  Out<T, 0> variance;
  Out<uint8_t, 1> keep;

  static OpInfo declare() {
    using Op = D3sSelectSamples;
    return Declare<Op>("token", "d3s_select_samples", Tier::algorithm)
        .summary("The subset of samples whose advantages vary most.")
        .formula("argmax over subsets of size `keep` of Var(A); the optimum is j largest and keep "
                 "− j smallest")
        .source("D3S, arXiv 2509.22115")
        .edge("Of equal values the lower index comes first, of equal variances the least j. NaN is "
              "chosen last and does not enter the variance.")
        .in("advantages", &Op::advantages, "n", "A, over the whole batch")
        .integer("keep", &Op::keep_count, kRequired, Range::at_least(0), "size of the subset")
        .out("variance", &Op::variance, "", "population variance of the chosen")
        .out("keep", &Op::keep, "n", "1 = chosen");
  }
};

enum class CountRounding : int32_t { floor_at_least_one };

template <class T>
struct D3sSelectTokens : CountsNan {
  In<T, 2> advantages, entropy;
  Flags<2> mask;
  Flags<1> sample_keep;
  double fraction;
  CountRounding rounding;
  Out<uint8_t, 2> keep;

  static OpInfo declare() {
    using Op = D3sSelectTokens;
    return Declare<Op>("token", "d3s_select_tokens", Tier::data)
        .summary("The tokens that matter most: large advantage and large entropy.")
        .formula("the max(1, ⌊fraction · n⌋) largest |A| · H of the n valid tokens of the batch")
        .source("D3S, arXiv 2509.22115")
        .edge("Ties go to the lower index; NaN comes last.")
        .flops("4*B*T")
        .in("advantages", &Op::advantages, "B,T|B", "per token, or one per sequence")
        .in("entropy", &Op::entropy, "B,T", "H of each token's distribution")
        .typical(0, 3)
        .flags("mask", &Op::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .flags("sample_keep", &Op::sample_keep, "B", "1 = the sequence takes part; absent: all do")
        .optional()
        .number("fraction", &Op::fraction, 0.2, Range::closed(0, 1), "share of tokens kept")
        .choice("rounding", &Op::rounding, {"floor, at least 1"}, 0, "how the share is rounded")
        .out("keep", &Op::keep, "B,T", "1 = kept")
        .with(counts_nan<D3sSelectTokens>);
  }
};

template <class T>
struct EntropyMask : CountsNan {
  In<T, 2> entropy;
  Flags<2> mask;
  double quantile;
  Out<uint8_t, 2> keep;
  Out<T, 0> threshold;

  static OpInfo declare() {
    using Op = EntropyMask;
    return Declare<Op>("token", "entropy_mask", Tier::data)
        .summary("Keeps the tokens at which the policy is least sure.")
        .formula("keep = H ≥ the q-quantile of H over the valid tokens, interpolated linearly")
        .source("Wang et al., arXiv 2506.01939; rule of TRL (top_entropy_quantile = 1 − "
                "q)")
        .edge("No valid token: threshold 0. NaN is not kept and does not enter the quantile.")
        .flops("4*B*T")
        .in("entropy", &Op::entropy, "B,T", "H of each token's distribution")
        .typical(0, 3)
        .flags("mask", &Op::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .number("quantile", &Op::quantile, 0.8, Range::closed(0, 1), "q, share left out")
        .out("keep", &Op::keep, "B,T", "1 = kept")
        .out("threshold", &Op::threshold, "", "the quantile")
        .with(counts_nan<EntropyMask>);
  }
};

template <class T>
struct RollinMask {
  In<int32_t, 1> lengths;
  In<T, 1> u_mix, u_length;
  double beta;
  int64_t max_length;
  Out<uint8_t, 2> rollin_mask;
  Out<int32_t, 1> rollin_lengths;

  static OpInfo declare() {
    using Op = RollinMask;
    return Declare<Op>("token", "rollin_mask", Tier::algorithm)
        .summary("How many first tokens of a guide's rollout each sequence replays.")
        .formula("j = 1 + ⌊u_length (len − 1)⌋ ≤ len − 1 where u_mix < beta, else 0")
        .source("RLGF, arXiv 2306.11816 (PPO++, AggreVaTeD)")
        .edge("Rollouts of fewer than 2 tokens are not replayed. The policy is trained on the "
              "complement of the mask.")
        .in("lengths", &Op::lengths, "B", "len, tokens of the rollout to replay")
        .in("u_mix", &Op::u_mix, "B", "uniform in [0, 1): whether to replay")
        .typical(0, 1)
        .in("u_length", &Op::u_length, "B", "uniform in [0, 1): how much")
        .typical(0, 1)
        .number("beta", &Op::beta, 0.8, Range::closed(0, 1), "probability of a replay")
        .integer("max_length", &Op::max_length, kRequired, Range::at_least(0), "columns T")
        .size_of("T")
        .out("rollin_mask", &Op::rollin_mask, "B,T", "1 on the first j columns")
        .out("rollin_lengths", &Op::rollin_lengths, "B", "j");
  }
};

}  // namespace belfry
