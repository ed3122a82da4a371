// Corrections for tokens sampled by another policy than the one trained, and labels of packed rows.
#pragma once

#include "ops/nan_count.h"
#include "ops/op.h"

namespace belfry {

enum class RatioLevel : int32_t { token, sequence, geometric };
enum class WeightMode : int32_t { truncate, mask };

template <class T>
struct ImportanceWeights : CountsNan {
  In<T, 2> log_ratio;
  Flags<2> mask;
  RatioLevel level;
  WeightMode mode;
  double max;
  NullableNumber min;
  bool batch_normalize;
  NullableNumber ratio_clamp;
  Out<T, 2> weights;
  Out<T, 0> ratio_mean, ratio_min, ratio_max;

  static OpInfo declare() {
    using Op = ImportanceWeights;
    return Declare<Op>("token", "importance_weights", Tier::data)
        .summary("Weights that correct for the mismatch of sampler and trainer.")
        .formula("w = exp(clamp(a)), a = log ratio of the token, or its sum (sequence) or mean "
                 "(geometric) over the row;  truncate: min(w, max);  mask: 0 outside [min, max]")
        .source("truncated importance sampling: Espeholt et al., arXiv 1802.01561; verl's rollout "
                "correction")
        .edge("A weight equal to a bound is inside. batch_normalize divides by the mean weight, "
              "over tokens, or over the rows with a valid token for the other levels.")
        .flops("12*B*T")
        .in("log_ratio", &Op::log_ratio, "B,T", "log π_train − log π_rollout")
        .flags("mask", &Op::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .choice("level", &Op::level, {"token", "sequence", "geometric"}, 0, "what w is taken of")
        .choice("mode", &Op::mode, {"truncate", "mask"}, 0, "what happens beyond the bounds")
        .number("max", &Op::max, 2.0, Range::at_least(0), "upper bound")
        .nullable("min", &Op::min, 0.0, Range::at_least(0), "lower bound; null: none")
        .null_default()
        .boolean("batch_normalize", &Op::batch_normalize, false, "divide by the mean weight")
        .nullable("ratio_clamp", &Op::ratio_clamp, 20.0, Range::above(0),
                  "log-ratios are clamped to ±this; null: not")
        .out("weights", &Op::weights, "B,T", "0 at masked tokens")
        .out("ratio_mean", &Op::ratio_mean, "", "mean of exp(clamp(a)) before the bounds")
        .out("ratio_min", &Op::ratio_min, "", "its least value")
        .out("ratio_max", &Op::ratio_max, "", "its greatest value")
        .with(counts_nan<ImportanceWeights>);
  }
};

enum class RejectionOption : int32_t {
  token_k1,
  token_k2,
  token_k3,
  seq_sum_k1,
  seq_sum_k2,
  seq_sum_k3,
  seq_mean_k1,
  seq_mean_k2,
  seq_mean_k3,
  seq_max_k2,
  seq_max_k3,
};

template <class T>
struct RejectionMask : CountsNan {
  In<T, 2> log_ratio;
  Flags<2> mask;
  RejectionOption option;
  double upper;
  NullableNumber lower, ratio_clamp;
  Out<uint8_t, 2> kept;

  static OpInfo declare() {
    using Op = RejectionMask;
    return Declare<Op>("token", "rejection_mask", Tier::data)
        .summary("Drops tokens, or whole rows, that the sampler and the trainer see differently.")
        .formula("k1 = −lr, k2 = lr²/2, k3 = e^lr − 1 − lr;  k1: ln lower ≤ s ≤ ln upper;  others: "
                 "s ≤ upper;  s of the token, or the row's sum, mean or maximum")
        .source("verl's rollout correction (rejection sampling); estimators of Schulman 2020")
        .edge("Equality is kept; NaN is dropped. A sequence level drops the whole row.")
        .flops("8*B*T")
        .in("log_ratio", &Op::log_ratio, "B,T", "lr = log π_train − log π_rollout")
        .flags("mask", &Op::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .choice("option", &Op::option,
                {"token_k1", "token_k2", "token_k3", "seq_sum_k1", "seq_sum_k2", "seq_sum_k3",
                 "seq_mean_k1", "seq_mean_k2", "seq_mean_k3", "seq_max_k2", "seq_max_k3"},
                kRequired, "level and estimator")
        .number("upper", &Op::upper, kRequired, Range::above(0), "bound; for k1 on the ratio")
        .nullable("lower", &Op::lower, 0.5, Range::above(0), "k1: lower bound on the ratio")
        .null_default()
        .default_text("1/upper")
        .nullable("ratio_clamp", &Op::ratio_clamp, 20.0, Range::above(0),
                  "log-ratios are clamped to ±this; null: not")
        .out("mask", &Op::kept, "B,T", "1 = the token was valid and is kept")
        .with(counts_nan<RejectionMask>);
  }
};

template <class T>
struct OffPolicySequenceMask : CountsNan {
  In<T, 2> log_ratio;
  Flags<2> mask;
  In<T, 1> advantages;
  double threshold;
  Out<uint8_t, 1> keep;

  static OpInfo declare() {
    using Op = OffPolicySequenceMask;
    return Declare<Op>("token", "off_policy_sequence_mask", Tier::data)
        .summary("Drops sequences of negative advantage that the policy has moved away from.")
        .formula("keep where A ≥ 0 or −mean_t lr ≤ threshold")
        .source("DeepSeek-V3.2, arXiv 2512.02556 (off-policy sequence masking)")
        .edge("A row without valid tokens is not kept.")
        .flops("2*B*T")
        .in("log_ratio", &Op::log_ratio, "B,T", "lr = log π now − log π at sampling")
        .flags("mask", &Op::mask, "B,T", "1 = the token counts; absent: all do")
        .optional()
        .in("advantages", &Op::advantages, "B", "A of each sequence")
        .number("threshold", &Op::threshold, kRequired, Range::any(), "largest mean divergence")
        .out("keep", &Op::keep, "B", "1 = kept")
        .with(counts_nan<OffPolicySequenceMask>);
  }
};

template <class T>
struct NextTokenLabels {
  In<int32_t, 1> input_ids, cu_seqlens;
  int64_t ignore_index;
  Out<int32_t, 1> labels;

  static OpInfo declare() {
    using Op = NextTokenLabels;
    return Declare<Op>("token", "next_token_labels", Tier::data)
        .summary("The token each position of a packed batch is to predict.")
        .formula("labels[i] = input_ids[i + 1] inside a sequence, ignore_index at its end")
        .source("next-token prediction; a plain shift would leak the next sequence's first token")
        .flops("N")
        .in("input_ids", &Op::input_ids, "N", "tokens of all sequences, one after the other")
        .in("cu_seqlens", &Op::cu_seqlens, "B+1", "bounds of the sequences: 0 … N")
        .offsets_to("N")
        .integer("ignore_index", &Op::ignore_index, -100,
                 Range::closed(-2147483648.0, 2147483647.0), "label of last positions")
        .out("labels", &Op::labels, "N", "as `token_logprob` takes them");
  }
};

}  // namespace belfry
