// Rewards of samples: their shaping by length, and those of search, routing, grounding and tools.
#pragma once

#include "ops/op.h"

namespace belfry {

template <class T>
struct AffineReward {
  In<T, 1> rewards;
  double bias, scale;
  NullableNumber clip;
  Out<T, 1> shaped;

  static OpInfo declare() {
    using Op = AffineReward;
    return Declare<Op>("token", "affine_reward", Tier::algorithm)
        .summary("Rewards shifted, scaled and clipped.")
        .formula("clip((r + bias) · scale, −clip, clip)")
        .source("AReaL's actor; ASearcher, arXiv 2508.07976")
        .edge("A reward that is NaN or infinite cannot be scored and stays as it is.")
        .in("rewards", &Op::rewards, "n", "r")
        .number("bias", &Op::bias, -0.5, Range::any(), "added first")
        .number("scale", &Op::scale, 10.0, Range::any(), "then a factor")
        .nullable("clip", &Op::clip, 20.0, Range::at_least(0), "bound on both sides; null: none")
        .out("rewards", &Op::shaped, "n", "shaped rewards");
  }
};

template <class T>
struct LengthDifferencePenalty {
  In<T, 1> rewards;
  In<int32_t, 1> length_difference;
  double coef, max_difference;
  bool only_positive;
  Out<T, 1> shaped;

  static OpInfo declare() {
    using Op = LengthDifferencePenalty;
    return Declare<Op>("token", "length_difference_penalty", Tier::algorithm)
        .summary("Penalty on answers whose length differs from that of the reference.")
        .formula("r − coef · min(|Δ length|, max_difference) for positive r")
        .source("General-Reasoner, arXiv 2505.14652")
        .in("rewards", &Op::rewards, "n", "r")
        .in("length_difference", &Op::length_difference, "n", "tokens of answer minus reference")
        .number("coef", &Op::coef, 0.05, Range::any(), "penalty per token")
        .number("max_difference", &Op::max_difference, 10, Range::at_least(0),
                "larger differences count as this")
        .boolean("only_positive", &Op::only_positive, true, "leave rewards ≤ 0 as they are")
        .out("rewards", &Op::shaped, "n", "shaped rewards");
  }
};

template <class T>
struct OverlongPenalty {
  In<int32_t, 1> lengths;
  int64_t max_length, buffer;
  double factor;
  bool cap_at_buffer;
  Out<T, 1> penalty;

  static OpInfo declare() {
    using Op = OverlongPenalty;
    return Declare<Op>("token", "overlong_penalty", Tier::algorithm)
        .summary("Soft penalty on responses that run into the buffer before the length limit.")
        .formula("min(−(L − (max_length − buffer))/buffer · factor, 0)")
        .source("DAPO, arXiv 2503.14476, eq. 13")
        .edge("Beyond max_length the penalty keeps growing (verl, AReaL) unless cap_at_buffer "
              "(OpenRLHF).")
        .in("lengths", &Op::lengths, "n", "L, tokens of each response")
        .integer("max_length", &Op::max_length, 20480, Range::at_least(0), "limit on tokens")
        .integer("buffer", &Op::buffer, 4096, Range::at_least(1), "tokens over which it grows")
        .number("factor", &Op::factor, 1.0, Range::any(), "penalty at the limit")
        .boolean("cap_at_buffer", &Op::cap_at_buffer, false, "never below −factor")
        .out("penalty", &Op::penalty, "n", "to be added to the rewards, ≤ 0");
  }
};

template <class T>
struct TruncationReward {
  In<T, 1> rewards;
  Flags<1> truncated;
  double coef;
  Out<T, 1> shaped;

  static OpInfo declare() {
    using Op = TruncationReward;
    return Declare<Op>("token", "truncation_reward", Tier::algorithm)
        .summary("Reward of responses cut by the length limit.")
        .formula("truncated: r · coef (coef ≥ 0), or the constant coef (coef < 0)")
        .source("DLER, arXiv 2510.15110")
        .edge("coef 0 is the paper's penalty, 0.1 that of its released script.")
        .in("rewards", &Op::rewards, "n", "r")
        .flags("truncated", &Op::truncated, "n", "1 = the response was cut")
        .number("coef", &Op::coef, 0.0, Range::any(), "factor, or constant when negative")
        .out("rewards", &Op::shaped, "n", "shaped rewards");
  }
};

template <class T>
struct WeightedRewardSum {
  In<T, 2> components;
  In<T, 1> weights;
  Out<T, 1> rewards;

  static OpInfo declare() {
    using Op = WeightedRewardSum;
    return Declare<Op>("token", "weighted_reward_sum", Tier::algorithm)
        .summary("Reward from several components, those that are missing left out.")
        .formula("r_i = Σ_j w_j c_ij over the components that are not NaN")
        .source("the sum of Reasoning-SQL, arXiv 2503.23157, and AI-SearchPlanner, 2508.20368; "
                "NaN as in TRL")
        .edge("A sample whose components are all NaN gets NaN: it cannot be scored.")
        .flops("2*n*K")
        .in("components", &Op::components, "n,K", "one row of components for each sample")
        .in("weights", &Op::weights, "K", "w")
        .out("rewards", &Op::rewards, "n", "one reward for each sample");
  }
};

enum class CostTransform : int32_t { sqrt, log, none };

template <class T>
struct CostReward {
  In<T, 1> costs, history;
  CostTransform transform;
  int64_t window;
  double q_low, q_high, eps;
  Out<T, 1> rewards, new_history;

  static OpInfo declare() {
    using Op = CostReward;
    return Declare<Op>("token", "cost_reward", Tier::algorithm)
        .summary("Reward for cheapness against the recent costs of the stream.")
        .formula("s = transform(cost), pushed into a window; 1 − clip((s − lo)/(hi − lo), 0, 1), "
                 "lo and hi quantiles of the window")
        .source("Router-R1, arXiv 2506.09033, as released")
        .edge("0.5 when hi − lo < eps. A cost that gives no finite s gets NaN and does not enter "
              "the window.")
        .in("costs", &Op::costs, "n", "cost of each sample, in the order of the stream")
        .typical(0, 100)
        .in("history", &Op::history, "h", "window before the call, oldest first; absent: empty")
        .optional()
        .choice("transform", &Op::transform, {"sqrt", "log", "none"}, 0,
                "√cost, ln(1 + 0.01 · cost), or cost")
        .integer("window", &Op::window, 1000, Range::at_least(1), "values in the window")
        .size_of("W")
        .number("q_low", &Op::q_low, 0.05, Range::closed(0, 1), "quantile of lo")
        .number("q_high", &Op::q_high, 0.95, Range::closed(0, 1), "quantile of hi")
        .number("eps", &Op::eps, 1e-8, Range::at_least(0), "least hi − lo")
        .out("rewards", &Op::rewards, "n", "in [0, 1]")
        .out("new_history", &Op::new_history, "W", "window after the call, oldest first")
        .sized_by_data();
  }
};

template <class T>
struct RouterReward {
  In<T, 1> score, format_reward, cost_reward;
  double cost_coef;
  Out<T, 1> rewards;

  static OpInfo declare() {
    using Op = RouterReward;
    return Declare<Op>("token", "router_reward", Tier::algorithm)
        .summary("Reward of a routed answer: format first, then outcome, then cost.")
        .formula("format = −1: −1;  score = 0: score + format;  else (score + format)(1 − c) + "
                 "cost_reward · c")
        .source("Router-R1, arXiv 2506.09033, as released")
        .in("score", &Op::score, "n", "outcome score")
        .in("format_reward", &Op::format_reward, "n", "−1 = malformed")
        .in("cost_reward", &Op::cost_reward, "n", "of `cost_reward`; read only where it counts")
        .number("cost_coef", &Op::cost_coef, 0.0, Range::any(), "c, weight of the cost")
        .out("rewards", &Op::rewards, "n", "reward of each answer");
  }
};

template <class T>
struct JudgeReward {
  Flags<1> judgement;
  In<T, 1> similarity;
  In<int32_t, 1> offsets;
  Flags<1> answer_correct;
  double threshold, positive, negative;
  Out<T, 1> rewards, total;

  static OpInfo declare() {
    using Op = JudgeReward;
    return Declare<Op>("token", "judge_reward", Tier::algorithm)
        .summary("Reward of each judgement a search agent passes on retrieved text.")
        .formula("useful & right: p;  useful & wrong: n/2 if s ≥ threshold, else n;  useless: n if "
                 "s ≥ threshold, else p/5")
        .source("ReSeek, arXiv 2510.00568, as released")
        .flags("judgement", &Op::judgement, "m", "1 = the agent judged the text useful")
        .in("similarity", &Op::similarity, "m", "s, of the text to the gold answer")
        .typical(0, 1)
        .in("offsets", &Op::offsets, "B+1", "bounds of each rollout's judgements: 0 … m")
        .offsets_to("m")
        .flags("answer_correct", &Op::answer_correct, "B", "1 = the final answer was right")
        .number("threshold", &Op::threshold, 0.5, Range::any(), "similarity that makes text useful")
        .number("positive", &Op::positive, 0.1, Range::any(), "p")
        .number("negative", &Op::negative, -0.05, Range::any(), "n")
        .out("rewards", &Op::rewards, "m", "of each judgement")
        .out("total", &Op::total, "B", "sum over each rollout");
  }
};

template <class T>
struct NgramJaccard {
  In<int32_t, 1> a_tokens, a_offsets, b_tokens, b_offsets;
  int64_t n;
  Out<T, 1> similarity;

  static OpInfo declare() {
    using Op = NgramJaccard;
    return Declare<Op>("token", "ngram_jaccard", Tier::algorithm)
        .summary("Similarity of two token sequences as sets of n-grams.")
        .formula("|A ∩ B| / |A ∪ B| over distinct n-grams")
        .source("Reasoning-SQL, arXiv 2503.23157: n-gram similarity, and with n = 1 "
                "on identifiers schema linking")
        .edge("Two empty sets give 0.")
        .in("a_tokens", &Op::a_tokens, "M", "first sequences, one after the other")
        .in("a_offsets", &Op::a_offsets, "B+1", "their bounds: 0 … M")
        .offsets_to("M")
        .in("b_tokens", &Op::b_tokens, "N", "second sequences")
        .in("b_offsets", &Op::b_offsets, "B+1", "their bounds: 0 … N")
        .offsets_to("N")
        .integer("n", &Op::n, 2, Range::at_least(1), "tokens of a gram")
        .out("similarity", &Op::similarity, "B", "of each pair");
  }
};

enum class IouRule : int32_t { pixel, continuous };

template <class T>
struct BoxRewards {
  In<T, 2> predicted, target;
  double image_width, image_height, alpha, beta;
  IouRule iou_rule;
  Out<T, 1> hit, iou, box, total;

  static OpInfo declare() {
    using Op = BoxRewards;
    return Declare<Op>("token", "box_rewards", Tier::algorithm)
        .summary("Grounding rewards of predicted boxes: hit, overlap and box size.")
        .formula("hit: centre of the prediction inside the target;  box = 4/Σ_j 1/q_j, q_j = 1 − "
                 "|Δ_j|/size;  total = hit + α · iou + β · box")
        .source("GUI-G1, arXiv 2505.15810, as released")
        .edge("A coordinate that is NaN makes the sample's rewards NaN. A difference larger than "
              "the image is an error.")
        .in("predicted", &Op::predicted, "n,4", "x1, y1, x2, y2 of each prediction")
        .typical(0, 100)
        .in("target", &Op::target, "n,4", "x1, y1, x2, y2 of each target")
        .typical(0, 100)
        .number("image_width", &Op::image_width, kRequired, Range::above(0), "in pixels")
        .number("image_height", &Op::image_height, kRequired, Range::above(0), "in pixels")
        .number("alpha", &Op::alpha, 0.25, Range::any(), "weight of the overlap")
        .number("beta", &Op::beta, 0.125, Range::any(), "weight of the box term")
        .choice("iou", &Op::iou_rule, {"pixel", "continuous"}, 0,
                "intersection in inclusive pixels over exclusive areas, or the usual overlap")
        .out("hit", &Op::hit, "n", "1 or 0")
        .out("iou", &Op::iou, "n", "intersection over union")
        .out("box", &Op::box, "n", "harmonic mean of the four q")
        .out("total", &Op::total, "n", "weighted sum");
  }
};

}  // namespace belfry
