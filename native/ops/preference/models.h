// Models of what people prefer: by partial return, by regret; and the value function, linear in the
// weights of a reward, that regret is measured with.
#pragma once

#include "ops/op.h"

namespace belfry {

enum class DiscountFrom : int32_t { start, end };
enum class RegretAdvantage : int32_t { advantage };
enum class RegretDeterministic : int32_t { deterministic };

// The labels and outputs of every model of a preference between two segments.
template <class T>
struct PreferencePart {
  In<T, 1> labels;
  Out<T, 1> losses;
  Out<T, 0> loss;
  Out<T, 1> prob_first;
};

template <class Op>
void preference_outputs(Declare<Op>& op) {
  op.out("losses", of<Op>(&Op::losses), "B", "cross entropy of each pair")
      .out("loss", of<Op>(&Op::loss), "", "their mean; 0 without pairs")
      .out("prob_first", of<Op>(&Op::prob_first), "B", "P, the probability of the first");
}

template <class T>
struct PartialReturnPreference : PreferencePart<T> {
  In<T, 3> rewards;
  Flags<3> mask;
  double gamma, noise_prob, label_margin;
  DiscountFrom discount_from;
  NullableNumber threshold;
  Out<T, 2> returns;
  Out<T, 3> grad_rewards;

  static OpInfo declare() {
    using Op = PartialReturnPreference;
    return Declare<Op>("preference", "partial_return_preference", Tier::data)
        .summary("Preferences between two segments by what they earned, with the gradient of a "
                 "reward model.")
        .formula("R_i = Σ_t γ^t r_it over valid steps, γ^(n−1−t) from the end;  d = R_0 − R_1 cut "
                 "to ±threshold;  P = e/2 + (1−e) σ(d);  y = m + (1−2m) label;  losses = −y log P "
                 "− (1−y) log(1−P)")
        .source("Christiano et al., arXiv 1706.03741; Lee et al., B-Pref, arXiv 2111.03026; "
                "RL-VLM-F, arXiv 2402.03681; compared with regret in arXiv 2206.02231")
        .edge("A label of −1 is a tie, 1/2. Beyond the threshold the gradient is 0. Masked steps "
              "are never read; a segment without steps earns 0. The n valid steps of a segment "
              "stand first: t is the column.")
        .flops("12*B*T + 60*B")
        .in("rewards", &Op::rewards, "B,2,T", "rewards of the steps of both segments")
        .flags("mask", &Op::mask, "B,2,T", "1 = a step of the segment; absent: all")
        .optional()
        .in("labels", of<Op>(&Op::labels), "B", "probability that the first is preferred, or −1")
        .typical(0, 1)
        .number("gamma", &Op::gamma, 1.0, Range::closed(0, 1), "discount γ")
        .choice("discount_from", &Op::discount_from, {"start", "end"}, 0,
                "the step that counts in full: the first, or the last valid one")
        .number("noise_prob", &Op::noise_prob, 0.0, Range::closed(0, 1),
                "share e of answers given at random")
        .nullable("threshold", &Op::threshold, 0, Range::at_least(0),
                  "largest difference of returns; null: any (50 is usual)")
        .null_default()
        .number("label_margin", &Op::label_margin, 0.0, Range::closed(0, 0.5),
                "m: labels are drawn in to m and 1 − m")
        .with(preference_outputs<Op>)
        .out("returns", &Op::returns, "B,2", "R, before the cut")
        .out("grad_rewards", &Op::grad_rewards, "B,2,T", "gradient of `loss`");
  }
};

template <class T>
struct AdvantagePreference : PreferencePart<T> {
  In<T, 3> advantages;
  Flags<3> mask;
  RegretAdvantage form;
  Out<T, 2> regret;
  Out<T, 3> grad_advantages;

  static OpInfo declare() {
    using Op = AdvantagePreference;
    return Declare<Op>("preference", "regret_preference", Tier::data)
        .form("advantage", "form=advantage")
        .summary("Preferences between two segments by their regret, from the optimal advantages of "
                 "their steps.")
        .formula("regret_i = −Σ_t A*(s_it, a_it);  P = σ(regret_1 − regret_0);  losses = −y log P "
                 "− (1−y) log(1−P)")
        .source("Knox et al., Models of human preference, arXiv 2206.02231")
        .edge("A label of 1/2 is no preference. Masked steps are never read; a segment without "
              "steps has regret 0.")
        .flops("6*B*T + 60*B")
        .in("advantages", &Op::advantages, "B,2,T", "A*(s, a) of the steps of both segments")
        .typical(-2, 0)
        .flags("mask", &Op::mask, "B,2,T", "1 = a step of the segment; absent: all")
        .optional()
        .in("labels", of<Op>(&Op::labels), "B", "probability that the first is preferred")
        .typical(0, 1)
        .choice("form", &Op::form, {"advantage"}, 0, "names this form")
        .with(preference_outputs<Op>)
        .out("regret", &Op::regret, "B,2", "regret of both segments")
        .out("grad_advantages", &Op::grad_advantages, "B,2,T", "gradient of `loss`");
  }
};

template <class T>
struct DeterministicRegretPreference : PreferencePart<T> {
  In<T, 2> partial_return, v_start, v_end;
  RegretDeterministic form;
  List<double> weights;
  Out<T, 2> regret, grad_partial_return, grad_v_start, grad_v_end;

  static OpInfo declare() {
    using Op = DeterministicRegretPreference;
    return Declare<Op>("preference", "regret_preference", Tier::data)
        .form("deterministic")
        .summary("Preferences between two segments by their regret, where transitions are "
                 "deterministic: what was earned, and how the optimal value changed.")
        .formula("regret = −(w_r R + w_T V*(s_end) − w_0 V*(s_start));  P = σ(regret_1 − "
                 "regret_0);  losses = −y log P − (1−y) log(1−P)")
        .source("Knox et al., Models of human preference, arXiv 2206.02231; weights: "
                "Stephanehk/Learning-OA-From-Prefs")
        .edge("A label of 1/2 is no preference. A part of weight 0 is left out, whatever it is. A "
              "terminal end has V* = 0.")
        .flops("80*B")
        .where("W", "3")
        .in("partial_return", &Op::partial_return, "B,2", "R, the sum of rewards of a segment")
        .in("v_start", &Op::v_start, "B,2", "V* where it begins")
        .in("v_end", &Op::v_end, "B,2", "V* where it ends")
        .in("labels", of<Op>(&Op::labels), "B", "probability that the first is preferred")
        .typical(0, 1)
        .choice("form", &Op::form, {"deterministic"}, 0, "names this form")
        .numbers("weights", &Op::weights, Range::any(), "W",
                 "w_r, w_T, w_0 of return, end and start; absent: 1, 1, 1")
        .optional()
        .with(preference_outputs<Op>)
        .out("regret", &Op::regret, "B,2", "regret of both segments")
        .out("grad_partial_return", &Op::grad_partial_return, "B,2", "gradient of `loss`")
        .out("grad_v_start", &Op::grad_v_start, "B,2", "its gradient at the start")
        .out("grad_v_end", &Op::grad_v_end, "B,2", "its gradient at the end");
  }
};

template <class T>
struct SuccessorFeatureValue {
  In<T, 3> successor_features;
  In<T, 1> weights;
  In<int32_t, 1> states;
  double temperature;
  Out<T, 1> values, grad_weights_of_sum;

  static OpInfo declare() {
    using Op = SuccessorFeatureValue;
    return Declare<Op>("preference", "successor_feature_value", Tier::data)
        .summary("An optimal value function that is differentiable in the weights of a linear "
                 "reward: the soft maximum over policies whose successor features are known.")
        .formula("v_k = ψ_k(s)·w, p = softmax(v/T);  V(s) = Σ_k p_k v_k;  ∂V/∂w = Σ_k p_k (1 + "
                 "(v_k − V)/T) ψ_k(s)")
        .source("Knox et al., Models of human preference, arXiv 2206.02231; "
                "Stephanehk/Learning-OA-From-Prefs; successor features: Barreto et al., arXiv "
                "1606.05312")
        .edge("As T → 0 it is the maximum, and its gradient ψ of the best policy. Without policies "
              "V is 0. Only states that are listed are read.")
        .flops("4*K*S*F + 20*K*S")
        .in("successor_features", &Op::successor_features, "K,S,F",
            "ψ_k(s): discounted features that policy k meets from s on")
        .in("weights", &Op::weights, "F", "weights w of the reward")
        .in("states", &Op::states, "N", "states s whose values are asked for, in any order")
        .index_below("S")
        .number("temperature", &Op::temperature, 0.001, Range::above(0),
                "T of the soft maximum over policies")
        .out("values", &Op::values, "N", "V of each of `states`")
        .out("grad_weights_of_sum", &Op::grad_weights_of_sum, "F",
             "gradient of the sum of `values`: a state listed twice counts twice");
  }
};

using PreferenceModelOps = OpList<PartialReturnPreference, AdvantagePreference,
                                  DeterministicRegretPreference, SuccessorFeatureValue>;

}  // namespace belfry
