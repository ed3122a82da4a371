// What a task asks for: preferences by regret, constraints, imitation, shaping; and how a learner
// keeps what it knew (continual learning).
#pragma once

#include "ops/op.h"

namespace belfry {

enum class RegretSumModel : int32_t { regret_sum };
enum class PreferenceModel : int32_t { partial_return, regret };
enum class SpecificationAsaf : int32_t { asaf };
enum class SpecificationLagrangian : int32_t { lagrangian };
enum class ContinualEwc : int32_t { ewc };
enum class ContinualAgem : int32_t { agem };
enum class ContinualQLearning : int32_t { q_learning };
enum class StepSchedule : int32_t { constant, harmonic };
enum class ShapingSubgoal : int32_t { subgoal };

template <class T>
struct RegretOfSegments {
  In<T, 1> v_star;
  In<T, 2> q_star;
  In<int32_t, 2> seg_state, seg_action;
  RegretSumModel model;
  Out<T, 1> regret;

  static OpInfo declare() {
    using Op = RegretOfSegments;
    return Declare<Op>("bellman", "regret_preference", Tier::algorithm)
        .form("sum", "model=regret_sum")
        .summary("Regret of segments under a known optimum.")
        .formula("regret = Σ_t V*(s_t) − Q*(s_t,a_t)")
        .source("Knox et al., Models of human preference, arXiv 2206.02231")
        .edge("A segment without steps has regret 0.")
        .flops("2*N*T")
        .in("v_star", &Op::v_star, "S", "V*")
        .in("q_star", &Op::q_star, "S,A", "Q*")
        .in("seg_state", &Op::seg_state, "N,T", "states of each segment")
        .index_below("S")
        .in("seg_action", &Op::seg_action, "N,T", "actions of each segment")
        .index_below("A")
        .choice("model", &Op::model, {"regret_sum"}, 0, "names this form")
        .out("regret", &Op::regret, "N", "regret of each segment");
  }
};

template <class T>
struct RegretPreference {
  In<T, 3> features;
  In<T, 4> succ_start, succ_end;
  In<T, 1> w, labels;
  PreferenceModel model;
  double softmax_temperature;
  List<double> weights;
  Out<T, 2> segment_score;
  Out<T, 1> prob_first;
  Out<T, 0> loss;
  Out<T, 1> grad_w, grad_logit;
  Out<int32_t, 0> count;

  static OpInfo declare() {
    using Op = RegretPreference;
    return Declare<Op>("bellman", "regret_preference", Tier::algorithm)
        .form("segments")
        .summary("Preferences between segments explained by regret, or by partial return, under a "
                 "linear reward.")
        .formula("x = φ·w, for 'regret' + V(s_end) − V(s_start);  V = Σ_g softmax(ψ_g·w/T)_g "
                 "ψ_g·w;  P(first) = σ(x_1 − x_2);  loss = mean cross entropy")
        .source("Knox et al., Models of human preference, arXiv 2206.02231")
        .edge("Equal segments have P = 1/2. A label of 0.5 is no preference. For a terminal end "
              "give successor features 0.")
        .flops("4*N*G*F + 8*N*G")
        .where("W", "3")
        .in("features", &Op::features, "N,2,F", "summed reward features of both segments")
        .in("succ_start", &Op::succ_start, "N,2,G,F",
            "successor features of G policies at the first state")
        .optional()
        .when("model", "regret")
        .in("succ_end", &Op::succ_end, "N,2,G,F", "the same at the last state")
        .optional()
        .when("model", "regret")
        .in("w", &Op::w, "F", "weights of the reward")
        .in("labels", &Op::labels, "N", "probability that the first is preferred")
        .optional()
        .typical(0, 1)
        .choice("model", &Op::model, {"partial_return", "regret"}, 1, "score of a segment")
        .number("softmax_temperature", &Op::softmax_temperature, 0.001, Range::above(0),
                "T of the soft maximum over policies")
        .numbers("weights", &Op::weights, Range::any(), "W",
                 "factors of partial return, V(s_end) and V(s_start); absent: 1, 1, 1")
        .optional()
        .out("segment_score", &Op::segment_score, "N,2", "x")
        .out("prob_first", &Op::prob_first, "N", "P(first is preferred)")
        .out("loss", &Op::loss, "", "mean cross entropy")
        .needs("labels")
        .out("grad_w", &Op::grad_w, "F", "gradient of the loss")
        .needs("labels")
        .out("grad_logit", &Op::grad_logit, "N", "gradient with respect to x_1 − x_2")
        .needs("labels")
        .out("count", &Op::count, "", "pairs in the mean");
  }
};

template <class T>
struct SoftAdvantageFitting {
  In<T, 1> expert_log_probs, generator_log_probs, prev_expert_log_probs, prev_generator_log_probs;
  SpecificationAsaf op_word;
  Out<T, 0> loss;
  Out<T, 1> grad_expert_log_probs, grad_generator_log_probs;
  Out<int32_t, 0> count;

  static OpInfo declare() {
    using Op = SoftAdvantageFitting;
    return Declare<Op>("bellman", "reward_specification", Tier::control)
        .form("asaf", "op=asaf")
        .summary("Adversarial soft advantage fitting: a policy is learned as the discriminator "
                 "between the expert and its own previous version.")
        .formula("loss = −mean_expert ln σ(lp − lp_G) − mean_generated ln σ(lp_G − lp)")
        .source("Barde, Roy et al., Adversarial Soft Advantage Fitting, arXiv 2006.13258, eq. 12")
        .edge("For windows or whole trajectories sum the log-probabilities first. At lp = lp_G the "
              "loss is 2 ln 2. A side without samples adds 0.")
        .flops("10*E + 10*G")
        .in("expert_log_probs", &Op::expert_log_probs, "E", "lp of the expert's samples")
        .in("generator_log_probs", &Op::generator_log_probs, "G", "lp of the generated samples")
        .in("prev_expert_log_probs", &Op::prev_expert_log_probs, "E",
            "lp_G: the same samples under the previous policy")
        .in("prev_generator_log_probs", &Op::prev_generator_log_probs, "G",
            "lp_G of the generated samples")
        .choice("op", &Op::op_word, {"asaf"}, 0, "names this form")
        .out("loss", &Op::loss, "", "the loss")
        .out("grad_expert_log_probs", &Op::grad_expert_log_probs, "E", "its gradient")
        .out("grad_generator_log_probs", &Op::grad_generator_log_probs, "G", "its gradient")
        .out("count", &Op::count, "", "samples of both sides");
  }
};

template <class T>
struct LagrangeMultipliers {
  In<T, 1> z, constraint_value, threshold;
  SpecificationLagrangian op_word;
  bool normalize;
  Out<T, 0> lambda_main;
  Out<T, 1> lambda_k, combined_weights, violation;

  static OpInfo declare() {
    using Op = LagrangeMultipliers;
    return Declare<Op>("bellman", "reward_specification", Tier::control)
        .form("lagrangian", "op=lagrangian")
        .summary("Multipliers of behaviour constraints, normalised with the main task.")
        .formula("λ_0 = 1/(1 + Σ e^{z_k}), λ_k = e^{z_k} λ_0;  reward λ_0 r − Σ λ_k c_k;  ascend z "
                 "by J_k − d_k")
        .source("Roy, Effective Reward Specification in Deep Reinforcement Learning, arXiv "
                "2412.07177 (normalisation reconstructed)")
        .edge("normalize false: the plain Lagrangian, λ_0 = 1 and λ_k = max(z_k, 0).")
        .flops("6*K")
        .in("z", &Op::z, "K", "logits of the multipliers")
        .in("constraint_value", &Op::constraint_value, "K", "J_k, the cost measured")
        .in("threshold", &Op::threshold, "K", "d_k, the cost allowed")
        .choice("op", &Op::op_word, {"lagrangian"}, 0, "names this form")
        .boolean("normalize", &Op::normalize, true, "softmax with a fixed 0 for the main task")
        .out("lambda_main", &Op::lambda_main, "", "λ_0")
        .out("lambda_k", &Op::lambda_k, "K", "λ_1 … λ_K")
        .out("combined_weights", &Op::combined_weights, "K+1", "λ_0, λ_1, … λ_K")
        .out("violation", &Op::violation, "K", "J_k − d_k");
  }
};

template <class T>
struct ElasticWeights {
  In<T, 1> theta, theta_star, fisher;
  ContinualEwc op_word;
  double lambda;
  Out<T, 0> loss;
  Out<T, 1> grad;

  static OpInfo declare() {
    using Op = ElasticWeights;
    return Declare<Op>("bellman", "continual_learning", Tier::algorithm)
        .form("ewc", "op=ewc")
        .summary("Elastic weight consolidation: a quadratic penalty around earlier weights.")
        .formula("loss = λ/2 Σ F (θ − θ*)²;  grad = λ F (θ − θ*)")
        .source("Kirkpatrick et al., arXiv 1612.00796; survey: Wang et al., arXiv 2302.00487")
        .flops("6*n")
        .in("theta", &Op::theta, "n", "weights θ")
        .in("theta_star", &Op::theta_star, "n", "weights θ* after the earlier tasks")
        .in("fisher", &Op::fisher, "n", "diagonal F of the Fisher information")
        .typical(0, 1)
        .choice("op", &Op::op_word, {"ewc"}, 0, "names this form")
        .number("lambda", &Op::lambda, 1.0, Range::at_least(0), "strength λ")
        .out("loss", &Op::loss, "", "the penalty")
        .out("grad", &Op::grad, "n", "its gradient");
  }
};

template <class T>
struct GradientProjection {
  In<T, 1> grad, grad_ref;
  ContinualAgem op_word;
  Out<T, 1> projected;

  static OpInfo declare() {
    using Op = GradientProjection;
    return Declare<Op>("bellman", "continual_learning", Tier::algorithm)
        .form("agem", "op=agem")
        .summary("Averaged gradient episodic memory: a gradient that does not undo earlier tasks.")
        .formula("g·g_ref < 0: g − (g·g_ref / g_ref·g_ref) g_ref; otherwise g")
        .source("Chaudhry et al., arXiv 1812.00420; survey: Wang et al., arXiv 2302.00487")
        .edge("A zero reference leaves g as it is.")
        .flops("6*n")
        .in("grad", &Op::grad, "n", "gradient g of the task at hand")
        .in("grad_ref", &Op::grad_ref, "n", "gradient g_ref on the memory")
        .choice("op", &Op::op_word, {"agem"}, 0, "names this form")
        .out("projected", &Op::projected, "n", "gradient to follow");
  }
};

template <class T>
struct QLearningStream {
  In<int32_t, 1> states, actions;
  In<T, 1> rewards;
  In<int32_t, 1> next_states;
  Flags<1> terminated;
  In<T, 2> initial_q_values;
  ContinualQLearning op_word;
  double gamma, alpha;
  StepSchedule schedule;
  Out<T, 2> q_values;

  static OpInfo declare() {
    using Op = QLearningStream;
    return Declare<Op>("bellman", "continual_learning", Tier::algorithm)
        .form("q_learning", "op=q_learning")
        .summary("Tabular Q-learning over a stream of transitions, in their order.")
        .formula("Q(s,a) += step (r + γ (1 − terminated) max_a' Q(s',a') − Q(s,a));  step: α, or "
                 "1/n(s,a)")
        .source("Watkins & Dayan 1992; step sizes: Abel et al., A Definition of Continual RL, "
                "arXiv 2307.11046")
        .edge("The next state of a terminal transition is never read. One stream a call.")
        .flops("T*A")
        .in("states", &Op::states, "T", "s")
        .index_below("S")
        .in("actions", &Op::actions, "T", "a")
        .index_below("A")
        .in("rewards", &Op::rewards, "T", "r")
        .in("next_states", &Op::next_states, "T", "s'")
        .index_below("S")
        .flags("terminated", &Op::terminated, "T", "1 = the episode ended; absent: none did")
        .optional()
        .in("initial_q_values", &Op::initial_q_values, "S,A", "Q before the stream")
        .choice("op", &Op::op_word, {"q_learning"}, 0, "names this form")
        .number("gamma", &Op::gamma, kRequired, Range::closed(0, 1), "discount γ")
        .number("alpha", &Op::alpha, 0.1, Range::closed(0, 1), "step size, when constant")
        .choice("schedule", &Op::schedule, {"constant", "harmonic"}, 0,
                "α at every step, or 1 over the visits of (s,a), this one included")
        .out("q_values", &Op::q_values, "S,A", "Q after the stream");
  }
};

template <class T>
struct RewardShapingSubgoal {
  In<T, 1> rewards;
  Flags<1> completed, terminated, truncated;
  ShapingSubgoal op_word;
  double alpha;
  int64_t max_steps;
  Out<T, 1> augmented_reward;
  Out<int32_t, 1> steps;

  static OpInfo declare() {
    using Op = RewardShapingSubgoal;
    return Declare<Op>("bellman", "reward_shaping", Tier::data)
        .form("subgoal", "op=subgoal")
        .summary("A bonus for each completed sub-goal, smaller the longer it took.")
        .formula("r_t + α (1 − k_t/max_steps) where a sub-goal is completed;  k_t: steps since the "
                 "last one or since the start, this one included")
        .source("Ruiz-Gonzalez et al., Words as Beacons, arXiv 2410.08632")
        .edge("The count begins anew after a completion and after the end of an episode.")
        .flops("4*N")
        .in("rewards", &Op::rewards, "N", "rewards of one stream of steps, in order")
        .flags("completed", &Op::completed, "N", "1 = the sub-goal was completed at this step")
        .flags("terminated", &Op::terminated, "N", "1 = the episode ended with this step")
        .flags("truncated", &Op::truncated, "N", "1 = the episode was cut after this step")
        .optional()
        .choice("op", &Op::op_word, {"subgoal"}, 0, "names this form")
        .number("alpha", &Op::alpha, 1.0, Range::any(), "size α of the bonus")
        .integer("max_steps", &Op::max_steps, kRequired, Range::at_least(1),
                 "step limit of the environment")
        .out("augmented_reward", &Op::augmented_reward, "N", "reward with the bonus")
        .out("steps", &Op::steps, "N", "k_t");
  }
};

template <class T>
struct RewardShaping {
  In<T, 1> rewards, potential, next_potential;
  Flags<1> terminated, truncated;
  double gamma;
  Out<T, 1> shaped_reward;

  static OpInfo declare() {
    using Op = RewardShaping;
    return Declare<Op>("bellman", "reward_shaping", Tier::data)
        .form("potential")
        .summary("Potential-based shaping: denser rewards, the same optimal policies.")
        .formula("r + γ Φ(s') − Φ(s), with Φ = 0 in terminal states;  V' = V − Φ")
        .source("Ng, Harada & Russell, ICML 1999")
        .edge("The next potential of a terminal step is never read; a truncated step keeps it.")
        .flops("3*N")
        .in("rewards", &Op::rewards, "N", "r")
        .in("potential", &Op::potential, "N", "Φ(s)")
        .in("next_potential", &Op::next_potential, "N", "Φ(s')")
        .flags("terminated", &Op::terminated, "N", "1 = s' is a terminal state")
        .flags("truncated", &Op::truncated, "N", "1 = cut by a limit; changes nothing")
        .optional()
        .number("gamma", &Op::gamma, kRequired, Range::closed(0, 1), "discount γ")
        .out("shaped_reward", &Op::shaped_reward, "N", "the shaped reward");
  }
};

}  // namespace belfry
