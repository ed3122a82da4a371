// Normalisation of rewards and advantages: batches, groups, several rewards, novelty.
#pragma once

#include "ops/nan_count.h"
#include "ops/op.h"
#include "ops/token/core.h"

namespace belfry {

template <class T>
struct MaskedWhiten : CountsNan {
  In<T, 2> values;
  Flags<2> mask;
  In<T, 1> count, mean, m2;
  bool shift_mean, scale_only;
  int64_t ddof;
  double eps;
  NullableNumber var_floor;
  Out<T, 2> whitened;
  Out<T, 0> total_count, total_mean, total_m2;

  static OpInfo declare() {
    using Op = MaskedWhiten;
    return Declare<Op>("token", "masked_whiten", Tier::data)
        .summary("Values of the valid tokens shifted to mean 0 and scaled to variance 1.")
        .formula("y = (x − μ)(σ² + ε)^(−1/2), σ² with `ddof`")
        .source("the whitening of PPO trainers: Ziegler et al., arXiv 1909.08593; verl's "
                "masked_whiten")
        .edge("No valid token: zeros. Variance 0, or fewer tokens than ddof + 1: 0, or μ when "
              "shift_mean is false.")
        .flops("8*B*T")
        .in("values", &Op::values, "B,T", "x")
        .flags("mask", &Op::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .in("count", &Op::count, "1", "tokens of other shards, whose statistics are merged in")
        .optional()
        .typical(1, 9)
        .in("mean", &Op::mean, "1", "their mean; absent: 0")
        .optional()
        .in("m2", &Op::m2, "1", "their Σ (x − mean)²; absent: 0")
        .optional()
        .typical(0, 9)
        .boolean("shift_mean", &Op::shift_mean, true, "false: μ is added back after scaling")
        .boolean("scale_only", &Op::scale_only, false, "y = x (σ² + ε)^(−1/2)")
        .integer("ddof", &Op::ddof, 1, Range::closed(0, 1), "1 = unbiased variance")
        .number("eps", &Op::eps, 1e-8, Range::at_least(0), "ε inside the root")
        .nullable("var_floor", &Op::var_floor, 1e-8, Range::at_least(0),
                  "least σ² (OpenRLHF: 1e-8); null: none")
        .null_default()
        .out("values", &Op::whitened, "B,T", "y")
        .out("count", &Op::total_count, "", "valid tokens, of all shards")
        .out("mean", &Op::total_mean, "", "μ")
        .out("m2", &Op::total_m2, "", "Σ (x − μ)²")
        .with(counts_nan<MaskedWhiten>);
  }
};

template <class T>
struct RunningMoments {
  List<In<T, 1>> batches;
  In<T, 1> count, mean, m2;
  Out<T, 0> new_mean, std, new_count, new_m2;

  static OpInfo declare() {
    using Op = RunningMoments;
    return Declare<Op>("token", "running_moments", Tier::algorithm)
        .summary("Mean and standard deviation over a stream of batches.")
        .formula("δ = μ_b − μ;  M2 ← M2 + M2_b + δ² n n_b/(n + n_b);  std = √(M2/(n − 1))")
        .source("Chan, Golub & LeVeque 1979; ROLL's running moments")
        .edge("NaN and infinite values are not counted. Fewer than two values: std 0.")
        .in_list("batch_#", &Op::batches, "n[#]", "L", "batches, in order")
        .in("count", &Op::count, "1", "values seen before; absent: 0")
        .optional()
        .typical(1, 9)
        .in("mean", &Op::mean, "1", "their mean; absent: 0")
        .optional()
        .in("m2", &Op::m2, "1", "their Σ (x − mean)²; absent: 0")
        .optional()
        .typical(0, 9)
        .out("mean", &Op::new_mean, "", "mean of all values")
        .out("std", &Op::std, "", "unbiased standard deviation")
        .out("count", &Op::new_count, "", "values seen")
        .out("m2", &Op::new_m2, "", "Σ (x − mean)²");
  }
};

enum class NormScope : int32_t { off = -1, group, batch, running };

template <class T>
struct RewardNorm {
  In<T, 1> rewards;
  In<int32_t, 1> group_ids;
  In<T, 1> running_mean, running_std;
  NormScope mean, std;
  Singleton singleton;
  int64_t ddof;
  double eps;
  Out<T, 1> normalized;

  static OpInfo declare() {
    using Op = RewardNorm;
    return Declare<Op>("token", "reward_norm", Tier::algorithm)
        .summary("Rewards normalised by statistics of their group, their batch or the stream.")
        .formula("(r − μ)/(σ + ε); without `mean` nothing is subtracted, without `std` nothing "
                 "divided")
        .source("Tricks or Traps, arXiv 2508.08221, as in ROLL")
        .edge("NaN and infinite rewards enter no statistic and get 0. Where the values that μ or σ "
              "is taken from are all equal the result is exactly 0.")
        .in("rewards", &Op::rewards, "n", "r")
        .in("group_ids", &Op::group_ids, "n", "group of each sample: any numbers, in any order")
        .in("running_mean", &Op::running_mean, "1", "of `running_moments`")
        .optional()
        .when("mean", "running")
        .in("running_std", &Op::running_std, "1", "of `running_moments`")
        .optional()
        .when("std", "running")
        .typical(0.5, 2)
        .choice("mean", &Op::mean, {"group", "batch", "running"}, 0, "where μ comes from")
        .or_null()
        .choice("std", &Op::std, {"group", "batch", "running"}, 0, "where σ comes from")
        .or_null()
        .choice("singleton", &Op::singleton, {"raw", "zero"}, 0,
                "a group of one: μ = 0 and σ = 1 where they are the group's, or result 0")
        .integer("ddof", &Op::ddof, 1, Range::closed(0, 1), "1 = unbiased standard deviation")
        .number("eps", &Op::eps, 1e-6, Range::at_least(0), "ε added to σ")
        .out("rewards", &Op::normalized, "n", "in the order of `rewards`");
  }
};

enum class MultiRewardMode : int32_t { sum_then_normalize, normalize_then_sum };

template <class T>
struct MultiRewardAdvantage {
  In<T, 2> components;
  In<T, 1> weights;
  In<int32_t, 1> group_ids, lengths;
  MultiRewardMode mode;
  GroupEstimator estimator;
  Singleton singleton;
  int64_t ddof;
  double eps;
  Out<T, 1> advantages;

  static OpInfo declare() {
    using Op = MultiRewardAdvantage;
    return Declare<Op>("token", "multi_reward_advantage", Tier::algorithm)
        .summary("Group advantage of samples with several rewards.")
        .formula("sum_then_normalize: `group_advantage` of Σ_k w_k c_k;  normalize_then_sum: each "
                 "component (c − mean)/(std + ε) in its group, then Σ_k w_k, then (x − mean)/(std "
                 "+ ε) over the batch")
        .source("GDPO, arXiv 2601.05242 (normalize_then_sum); multi-objective rewards of TRL")
        .edge("NaN components are skipped; a sample without any, or with an infinite one, enters "
              "no statistic and gets 0. A component that is constant in its group gives 0.")
        .in("components", &Op::components, "n,K", "one row of components for each sample")
        .in("weights", &Op::weights, "K", "w")
        .in("group_ids", &Op::group_ids, "n", "group of each sample: any numbers, in any order")
        .in("lengths", &Op::lengths, "n", "tokens of each sample, for estimators that use them")
        .optional()
        .choice("mode", &Op::mode, {"sum_then_normalize", "normalize_then_sum"}, 0,
                "which comes first")
        .choice("estimator", &Op::estimator,
                {"grpo", "dr_grpo", "lite_ppo", "rloo", "opo", "gpg", "reinforce_pp_baseline",
                 "passk_max", "passk_analytic"},
                0, "sum_then_normalize: as in `group_advantage`")
        .choice("singleton", &Op::singleton, {"raw", "zero"}, 0,
                "a group of one: baseline 0 and std 1, or 0")
        .integer("ddof", &Op::ddof, 1, Range::closed(0, 1), "1 = unbiased standard deviations")
        .number("eps", &Op::eps, 1e-4, Range::at_least(0), "ε added to each std")
        .out("advantages", &Op::advantages, "n", "in the order of the samples");
  }
};

template <class T>
struct CopoAdvantage {
  In<T, 1> rewards;
  In<int32_t, 1> answer_ids, group_ids;
  Singleton singleton;
  int64_t ddof;
  double eps;
  Out<T, 1> global_reward, entropy, global_advantages, local_advantages;

  static OpInfo declare() {
    using Op = CopoAdvantage;
    return Declare<Op>("token", "copo_advantage", Tier::algorithm)
        .summary("Local and global advantages, weighted by the consistency of a group's answers.")
        .formula("H = −Σ p log₂ p over the answers of a group of k;  R = mean(r)(1 − λ H), λ = (1 "
                 "− 1/k)/log₂ k;  global (R − mean R)/(std R + ε) over groups;  local: grpo")
        .source("COPO, arXiv 2508.04138")
        .edge("NaN and infinite rewards are not counted; such samples get advantages 0. One group "
              "alone: global advantage 0.")
        .in("rewards", &Op::rewards, "n", "r")
        .in("answer_ids", &Op::answer_ids, "n", "equal numbers = equal answers")
        .in("group_ids", &Op::group_ids, "n", "group of each sample: any numbers, in any order")
        .choice("singleton", &Op::singleton, {"raw", "zero"}, 0,
                "local advantage of a group of one: baseline 0 and std 1, or 0")
        .integer("ddof", &Op::ddof, 1, Range::closed(0, 1), "1 = unbiased standard deviations")
        .number("eps", &Op::eps, 1e-6, Range::at_least(0), "ε added to each std")
        .out("global_reward", &Op::global_reward, "n", "R of the sample's group")
        .out("entropy", &Op::entropy, "n", "H of the sample's group, in bits")
        .out("global_advantages", &Op::global_advantages, "n", "of the group among groups")
        .out("local_advantages", &Op::local_advantages, "n", "of the sample in its group");
  }
};

enum class LeverageKind : int32_t { leverage, leave_one_out };
enum class BonusScale : int32_t { none, rnd, z_score };

// `elliptical_bonus` of this family; the one of family bellman counts state features.
template <class T>
struct TokenEllipticalBonus {
  In<T, 2> features;
  In<int32_t, 1> group_ids;
  In<T, 1> extrinsic;
  double lambda;
  LeverageKind kind;
  bool center;
  BonusScale normalization;
  double alpha, beta;
  Out<T, 1> raw, bonus, rewards;

  static OpInfo declare() {
    using Op = TokenEllipticalBonus;
    return Declare<Op>("token", "elliptical_bonus", Tier::algorithm)
        .summary("Novelty of each response within its group, from its representation.")
        .formula("Λ = λ I + Σ h hᵀ over the group;  leverage x = hᵀ Λ⁻¹ h;  leave_one_out x/(1 − "
                 "x);  rnd: raw/s, z_score: (raw − mean)/s, s the group's std (ddof 1)")
        .source("Representation-based exploration, arXiv 2510.11686")
        .edge("A group of one with `center`, and identical rows, give 0. s = 0 or a group of one "
              "gives bonus 0.")
        .flops("n*n*d")
        .in("features", &Op::features, "n,d", "mean hidden state of each response")
        .in("group_ids", &Op::group_ids, "n", "group of each response: any numbers, in any order")
        .in("extrinsic", &Op::extrinsic, "n", "reward of the task; absent: no `rewards`")
        .optional()
        .number("lambda", &Op::lambda, 0.01, Range::above(0), "λ")
        .choice("kind", &Op::kind, {"leverage", "leave_one_out"}, 0, "whether Λ holds h itself")
        .boolean("center", &Op::center, true, "subtract the mean of the group first")
        .choice("normalization", &Op::normalization, {"none", "rnd", "z_score"}, 0,
                "scale of the bonus in its group")
        .number("alpha", &Op::alpha, 1.0, Range::any(), "weight of the extrinsic reward")
        .number("beta", &Op::beta, 1.0, Range::any(), "weight of the bonus in `rewards`")
        .out("raw", &Op::raw, "n", "x, or x/(1 − x)")
        .out("bonus", &Op::bonus, "n", "raw after normalization")
        .out("rewards", &Op::rewards, "n", "α · extrinsic + β · bonus")
        .needs("extrinsic");
  }
};

}  // namespace belfry
