// Losses and their gradients: DQN, sequences of actions, factored policies, flow networks. The
// losses of representations and those about preferences and constraints have headers of their own.
#pragma once

#include "ops/bellman/representation.h"
#include "ops/bellman/specification.h"
#include "ops/op.h"

namespace belfry {

enum class FrequencyNormalizer : int32_t { range };

template <class T>
struct DqnLoss {
  In<T, 2> q_values, next_q_target, next_q_online;
  In<int32_t, 1> actions;
  In<T, 1> rewards;
  Flags<1> terminated;
  In<T, 1> continuation, weight;
  Flags<2> next_action_mask;
  double gamma;
  bool double_q;
  NullableNumber huber_delta;
  Out<T, 1> target, td_error;
  Out<T, 0> loss;
  Out<T, 2> grad_q_values;
  Out<int32_t, 0> count;

  static OpInfo declare() {
    using Op = DqnLoss;
    return Declare<Op>("bellman", "dqn_loss", Tier::data)
        .summary("The deep Q-learning loss: squared or Huber, plain or double, weighted, masked.")
        .formula("y = r + γ c max_{a' allowed} Q⁻(s',a'), or Q⁻ at the online argmax (double);  "
                 "e = Q(s,a) − y;  loss = mean_b w_b l(e_b), l = e²/2 or Huber(δ)")
        .source("Mnih et al., Nature 2015; van Hasselt et al., arXiv 1509.06461 (double); Schaul "
                "et al., arXiv 1511.05952 (weights)")
        .edge("c = (1 − terminated)·continuation. Where c or γ is 0 the next values are never "
              "read: NaN there does not leak. A next state with no allowed action counts as "
              "terminal. Ties of the argmax go to the lowest action. An empty batch has loss 0.")
        .flops("2*B*A + 10*B")
        .in("q_values", &Op::q_values, "B,A", "Q(s,·)")
        .in("next_q_target", &Op::next_q_target, "B,A", "Q⁻(s',·) of the target network")
        .in("next_q_online", &Op::next_q_online, "B,A", "Q(s',·), which chooses when double")
        .optional()
        .when("double", "true")
        .in("actions", &Op::actions, "B", "action taken")
        .index_below("A")
        .in("rewards", &Op::rewards, "B", "r")
        .flags("terminated", &Op::terminated, "B", "1 = the episode ended; absent: none did")
        .optional()
        .in("continuation", &Op::continuation, "B",
            "predicted probability that the episode goes on; absent: 1")
        .optional()
        .typical(0, 1)
        .in("weight", &Op::weight, "B", "importance weight; absent: 1")
        .optional()
        .typical(0, 1)
        .flags("next_action_mask", &Op::next_action_mask, "B,A", "1 = allowed; absent: all are")
        .optional()
        .number("gamma", &Op::gamma, kRequired, Range::closed(0, 1), "discount γ")
        .boolean("double", &Op::double_q, false, "choose the next action by next_q_online")
        .nullable("huber_delta", &Op::huber_delta, 1.0, Range::above(0),
                  "δ beyond which the loss is linear; null: squared everywhere")
        .null_default()
        .out("target", &Op::target, "B", "y")
        .out("td_error", &Op::td_error, "B", "Q(s,a) − y")
        .out("loss", &Op::loss, "", "mean of w l(e)")
        .out("grad_q_values", &Op::grad_q_values, "B,A", "its gradient; the target has none")
        .out("count", &Op::count, "", "rows in the mean");
  }
};

template <class T>
struct SequenceRlLosses {
  In<T, 2> q1, q2, log_probs;
  In<T, 1> next_q1, next_q2, next_log_probs, rewards, not_done, cur_q1, cur_q2;
  double alpha, gamma;
  Out<T, 0> actor_loss;
  Out<T, 2> grad_log_probs, grad_q1, grad_q2;
  Out<T, 1> critic_target;
  Out<T, 0> critic_loss;
  Out<T, 1> grad_cur_q1, grad_cur_q2;
  Out<int32_t, 0> count;

  static OpInfo declare() {
    using Op = SequenceRlLosses;
    return Declare<Op>("bellman", "sequence_rl_losses", Tier::data)
        .summary("Actor and critic losses of a policy that emits K actions from one state.")
        .formula(
            "actor = Σ_t mean_b (α log π_t − min(Q1, Q2));  y = r + not_done γ (min Q' − α log "
            "π');  critic = mean (Q1 − y)² + mean (Q2 − y)²")
        .source("Patel & Siegelmann, Overcoming Slow Decision Frequencies in Continuous Control: "
                "Model-Based Sequence Reinforcement Learning, arXiv 2410.08979")
        .edge("Of equal critics the first takes the gradient of the minimum. Where not_done or γ "
              "is 0 the next values are never read. The target has no gradient.")
        .flops("5*B*K + 12*B")
        .in("q1", &Op::q1, "B,K", "first critic at the K actions")
        .in("q2", &Op::q2, "B,K", "second critic")
        .in("log_probs", &Op::log_probs, "B,K", "log π of the K actions")
        .in("next_q1", &Op::next_q1, "B", "first target critic at (s', a')")
        .in("next_q2", &Op::next_q2, "B", "second target critic")
        .in("next_log_probs", &Op::next_log_probs, "B", "log π(a'|s')")
        .in("rewards", &Op::rewards, "B", "r")
        .in("not_done", &Op::not_done, "B", "factor of the bootstrap, 0 at an end")
        .typical(0, 1)
        .in("cur_q1", &Op::cur_q1, "B", "first critic at (s, a)")
        .in("cur_q2", &Op::cur_q2, "B", "second critic")
        .number("alpha", &Op::alpha, 0.2, Range::at_least(0), "temperature α of the entropy")
        .number("gamma", &Op::gamma, 0.99, Range::closed(0, 1), "discount γ")
        .out("actor_loss", &Op::actor_loss, "", "sum over the steps of the mean over the batch")
        .out("grad_log_probs", &Op::grad_log_probs, "B,K", "its gradient")
        .out("grad_q1", &Op::grad_q1, "B,K", "its gradient")
        .out("grad_q2", &Op::grad_q2, "B,K", "its gradient")
        .out("critic_target", &Op::critic_target, "B", "y")
        .out("critic_loss", &Op::critic_loss, "", "sum of the two mean squares")
        .out("grad_cur_q1", &Op::grad_cur_q1, "B", "gradient of critic_loss")
        .out("grad_cur_q2", &Op::grad_cur_q2, "B", "gradient of critic_loss")
        .out("count", &Op::count, "", "rows in the means");
  }
};

template <class T>
struct FrequencyAveragedScore {
  In<T, 1> frequency, score;
  FrequencyNormalizer normalize;
  Out<T, 0> fas;

  static OpInfo declare() {
    using Op = FrequencyAveragedScore;
    return Declare<Op>("bellman", "frequency_averaged_score", Tier::control)
        .summary("The score of a policy averaged over the frequencies at which it may decide.")
        .formula("∫ score d frequency / (max − min frequency), by trapezoids")
        .source("arXiv 2410.08979; reconstructed from the abstract")
        .edge("Points are sorted by frequency. All at one frequency: the mean score there; no "
              "points: NaN.")
        .flops("4*n")
        .in("frequency", &Op::frequency, "n", "decisions per unit of time, in any order")
        .in("score", &Op::score, "n", "score at that frequency")
        .choice("normalize", &Op::normalize, {"range"}, 0, "divided by the range of frequencies")
        .out("fas", &Op::fas, "", "the average");
  }
};

template <class T>
struct FactoredPolicyLogprob {
  In<T, 2> logits;
  Flags<2> available;
  In<int32_t, 2> actions;
  Flags<2> head_used;
  List<int64_t> head_sizes;
  int64_t masked_head;
  Out<T, 1> log_probs, entropy;
  Out<T, 2> grad_log_probs_sum, grad_entropy_sum;

  static OpInfo declare() {
    using Op = FactoredPolicyLogprob;
    return Declare<Op>("bellman", "factored_policy_logprob", Tier::data)
        .summary("Log-probability and entropy of an action with several parts, each a softmax of "
                 "its own; one part is masked, and a part may count or not.")
        .formula("log π = Σ_{h used} log p_h(a_h);  H = Σ_{h used} H(p_h);  ∂ log π = onehot − p,  "
                 "∂H = −p (log p + H_h)")
        .source("Vinyals et al., StarCraft II, arXiv 1708.04782")
        .edge("A masked choice has probability and gradient exactly 0 and is never read. A used "
              "head without any choice left, or an action that its head does not have, gives NaN; "
              "the action of an unused head is not looked at. A masked action has log-probability "
              "−Infinity.")
        .flops("12*B*n[+]")
        .in("logits", &Op::logits, "B,n[+]", "logits of all heads, one after the other")
        .flags("available", &Op::available, "B,n[@masked_head]",
               "1 = a choice of the masked head is allowed")
        .optional()
        .in("actions", &Op::actions, "B,h", "choice of each head")
        .flags("head_used", &Op::head_used, "B,h", "1 = the head counts; absent: all do")
        .optional()
        .integers("head_sizes", &Op::head_sizes, Range::at_least(1), "h", "choices of each head")
        .size_of("n[#]")
        .integer("masked_head", &Op::masked_head, 0, Range::at_least(0),
                 "head that `available` masks")
        .out("log_probs", &Op::log_probs, "B", "log π of the action")
        .out("entropy", &Op::entropy, "B", "entropy of the used heads")
        .out("grad_log_probs_sum", &Op::grad_log_probs_sum, "B,n[+]",
             "gradient of the sum of log_probs over the batch")
        .out("grad_entropy_sum", &Op::grad_entropy_sum, "B,n[+]",
             "gradient of the sum of entropy over the batch");
  }
};

template <class T>
struct GflownetTrajectoryBalance {
  In<T, 1> forward_log_probs, backward_log_probs, log_reward;
  In<int32_t, 1> offsets;
  double log_z;
  Out<T, 0> loss;
  Out<T, 1> residual, grad_forward_log_probs, grad_backward_log_probs;
  Out<T, 0> grad_log_z;
  Out<int32_t, 0> count;

  static OpInfo declare() {
    using Op = GflownetTrajectoryBalance;
    return Declare<Op>("bellman", "gflownet_trajectory_balance", Tier::data)
        .summary("Trajectory-balance loss of a generative flow network.")
        .formula("res = log Z + Σ log P_F − log R − Σ log P_B;  loss = mean over trajectories of "
                 "res²")
        .source("Malkin et al., Trajectory Balance, arXiv 2201.13259")
        .edge("A trajectory without transitions keeps log Z − log R.")
        .flops("4*N + 8*B")
        .in("forward_log_probs", &Op::forward_log_probs, "N", "log P_F of each transition")
        .in("backward_log_probs", &Op::backward_log_probs, "N", "log P_B of each transition")
        .in("log_reward", &Op::log_reward, "B", "log R of the final object")
        .in("offsets", &Op::offsets, "B+1", "first transition of each trajectory: 0 … N")
        .offsets_to("N")
        .number("log_z", &Op::log_z, kRequired, Range::any(), "log of the partition function Z")
        .out("loss", &Op::loss, "", "mean of res²")
        .out("residual", &Op::residual, "B", "res")
        .out("grad_forward_log_probs", &Op::grad_forward_log_probs, "N", "gradient of the loss")
        .out("grad_backward_log_probs", &Op::grad_backward_log_probs, "N", "gradient of the loss")
        .out("grad_log_z", &Op::grad_log_z, "", "gradient of the loss")
        .out("count", &Op::count, "", "trajectories in the mean");
  }
};

// On every backend.
using BellmanLossOps = OpList<DqnLoss, BisimulationLoss, ContrastiveRatioLoss,
                              TemporalContrastiveLoss, SequenceRlLosses, FactoredPolicyLogprob,
                              GflownetTrajectoryBalance, RewardShapingSubgoal, RewardShaping>;
// On the host.
using BellmanLossHostOps = OpList<BisimulationMetric, FrequencyAveragedScore, RegretOfSegments,
                                  RegretPreference, SoftAdvantageFitting, LagrangeMultipliers,
                                  ElasticWeights, GradientProjection, QLearningStream>;

}  // namespace belfry
