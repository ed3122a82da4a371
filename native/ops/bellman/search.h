// Search and selection: Q* search, tree selection, task selection, exploration, belief states.
#pragma once

#include "ops/op.h"

namespace belfry {

enum class QstarAlgorithm : int32_t { qstar };
enum class AstarAlgorithm : int32_t { astar };
enum class SearchTermination : int32_t { first_goal, bound };
enum class ConfidenceSchedule : int32_t { one, inv, log };
enum class SubsetConstraint : int32_t { cardinality_le, knapsack };
enum class NetworkInputOrder : int32_t { action_state };

// The graph and the goals that both searches take.
template <class Op>
Declare<Op>& with_search_graph(Declare<Op>& op) {
  return op
      .in("next_states", &Op::next_states, "S,A", "successor of each action, −1 = not applicable")
      .index_below("S")
      .or_none()
      .in("cost", &Op::cost, "S,A", "cost of each action, at least 0")
      .typical(0, 2)
      .flags("goal", &Op::goal, "S", "1 = goal");
}
template <class Op>
Declare<Op>& with_search_options(Declare<Op>& op) {
  return op.integer("start", &Op::start, 0, Range::at_least(0), "state to start from")
      .number("lambda", &Op::lambda, 1.0, Range::at_least(0), "λ, weight of the path cost")
      .integer("batch", &Op::batch, 1, Range::at_least(1),
               "entries taken from the frontier at once")
      .integer("max_iterations", &Op::max_iterations, 100000000, Range::at_least(1),
               "entries taken after which the search gives up");
}

template <class T>
struct QstarSearch {
  In<int32_t, 2> next_states;
  In<T, 2> cost;
  Flags<1> goal;
  In<T, 2> q_values;
  int64_t start;
  double lambda;
  QstarAlgorithm algorithm;
  int64_t batch, max_iterations;
  SearchTermination termination;
  Out<T, 0> path_cost;
  Out<int32_t, 1> actions;
  Out<int32_t, 0> num_popped, num_pushed;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = QstarSearch;
    Declare<Op> op("bellman", "qstar_search", Tier::algorithm);
    op.form("qstar", "algorithm=qstar")
        .summary("Q* search: best-first search over edges, their order given by Q-values alone, so "
                 "that a state is generated only when its edge is taken.")
        .formula("key(s,a) = λ g(s) + q(s,a)")
        .source("Agostinelli et al., A* Search Without Expansions, arXiv 2102.04518")
        .edge("Equal keys leave first in, first out. No path: cost Infinity, no actions. A start "
              "that is a goal costs 0. With λ = 1 the path is optimal under 'bound' when q never "
              "overestimates; 'first_goal' needs q that also never underestimates the cost of the "
              "edge.")
        .flops("");
    with_search_graph(op).in("q_values", &Op::q_values, "S,A",
                             "estimate of cost(s,a) plus the cost to go from its successor");
    with_search_options(op)
        .choice("algorithm", &Op::algorithm, {"qstar"}, 0, "names this form")
        .choice("termination", &Op::termination, {"first_goal", "bound"}, 1,
                "stop when a goal is generated, or when no key on the frontier can lead to a "
                "cheaper path")
        .out("path_cost", &Op::path_cost, "", "cost of the path, Infinity without one")
        .out("actions", &Op::actions, "S", "actions of the path")
        .sized_by_data()
        .out("num_popped", &Op::num_popped, "", "edges taken from the frontier")
        .out("num_pushed", &Op::num_pushed, "", "edges put on it")
        .out("converged", &Op::converged, "", "0 when max_iterations ended the search");
    return op;
  }
};

template <class T>
struct AstarSearch {
  In<int32_t, 2> next_states;
  In<T, 2> cost;
  Flags<1> goal;
  In<T, 1> h;
  int64_t start;
  double lambda;
  AstarAlgorithm algorithm;
  int64_t batch, max_iterations;
  Out<T, 0> path_cost;
  Out<int32_t, 1> actions;
  Out<int32_t, 0> num_expanded, num_generated;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = AstarSearch;
    Declare<Op> op("bellman", "qstar_search", Tier::algorithm);
    op.form("astar", "algorithm=astar")
        .summary("Weighted A* search over states, the baseline of Q* search.")
        .formula("key(s) = λ g(s) + h(s)")
        .source("Hart, Nilsson & Raphael (1968); weighted: Pohl (1970)")
        .edge("The goal test is made when a state is taken from the frontier. A state whose path "
              "was since improved is expanded again with the cost it was pushed with. With λ = 1, "
              "batch 1 and h that never overestimates the path is optimal.")
        .flops("");
    with_search_graph(op).in("h", &Op::h, "S", "estimate of the cost to go");
    with_search_options(op)
        .choice("algorithm", &Op::algorithm, {"astar"}, 0, "names this form")
        .out("path_cost", &Op::path_cost, "", "cost of the path, Infinity without one")
        .out("actions", &Op::actions, "S", "actions of the path")
        .sized_by_data()
        .out("num_expanded", &Op::num_expanded, "", "states taken, but for the goal at the end")
        .out("num_generated", &Op::num_generated, "",
             "1 for the start, and every applicable child of every expansion")
        .out("converged", &Op::converged, "", "0 when max_iterations ended the search");
    return op;
  }
};

template <class T>
struct MbtlSelect {
  In<T, 2> transfer;
  In<T, 1> contexts;
  double slope;
  ConfidenceSchedule beta_schedule;
  double sigma_f2, length_scale, noise_std;
  int64_t num_steps;
  Out<int32_t, 1> selected;
  Out<T, 1> acquisition_last, gp_mean_last, gp_std_last, mean_performance;
  Out<T, 0> log_marginal_likelihood;
  Out<T, 1> grad_log_marginal_likelihood;

  static OpInfo declare() {
    using Op = MbtlSelect;
    return Declare<Op>("bellman", "mbtl_select", Tier::algorithm)
        .summary("Chooses training contexts one by one for zero-shot transfer: a Gaussian process "
                 "of performance and a linear generalisation gap.")
        .formula(
            "a(i) = mean_j max(0, μ_i + b_k σ_i − θ|x_i − x_j| − best_j);  the next context is "
            "argmax a among those not chosen")
        .source("Cho et al., Model-Based Transfer Learning for Contextual Reinforcement Learning, "
                "arXiv 2408.04498")
        .edge("The first choice is the context nearest to the middle of the range. Ties go to the "
              "lower index. With one step no process is fitted: the outputs of the last step are "
              "NaN.")
        .flops("num_steps*(n*n + n*num_steps*num_steps)")
        .in("transfer", &Op::transfer, "n,n",
            "performance J of a policy trained in the row's context, tested in the column's; only "
            "rows of chosen contexts are read for the choice")
        .typical(0, 1)
        .in("contexts", &Op::contexts, "n", "x, the contexts; absent: 0, 1, …")
        .optional()
        .number("slope", &Op::slope, kRequired, Range::at_least(0), "θ, loss per unit of distance")
        .choice("beta_schedule", &Op::beta_schedule, {"one", "inv", "log"}, 0,
                "b_k with k contexts chosen: 1, 1/(k+1) or √ln(k+1)")
        .number("sigma_f2", &Op::sigma_f2, 1.0, Range::above(0), "variance of the process")
        .number("length_scale", &Op::length_scale, 1.0, Range::above(0), "length of the RBF kernel")
        .number("noise_std", &Op::noise_std, 0.1, Range::at_least(0), "deviation of the noise")
        .integer("num_steps", &Op::num_steps, kRequired, Range::at_least(0),
                 "contexts to choose, the first included; at most n")
        .size_of("K")
        .out("selected", &Op::selected, "K", "the choices in order")
        .out("acquisition_last", &Op::acquisition_last, "n", "a at the last step")
        .out("gp_mean_last", &Op::gp_mean_last, "n", "μ at the last step")
        .out("gp_std_last", &Op::gp_std_last, "n", "σ at the last step, without noise")
        .out("mean_performance", &Op::mean_performance, "K",
             "mean over contexts of the best performance among the chosen rows, after each step")
        .out("log_marginal_likelihood", &Op::log_marginal_likelihood, "",
             "log density of the data of the last fit")
        .out("grad_log_marginal_likelihood", &Op::grad_log_marginal_likelihood, "3",
             "its derivatives in sigma_f2, length_scale and noise_std");
  }
};

template <class T>
struct ExplorationGraphQ {
  In<int32_t, 2> next_states;
  In<int32_t, 1> visits;
  In<int32_t, 2> tried;
  double gamma, unknown_reward, temperature;
  double tolerance;
  int64_t max_iterations;
  Out<T, 2> q_values, policy;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = ExplorationGraphQ;
    return Declare<Op>("bellman", "exploration_graph_q", Tier::algorithm)
        .summary("Optimistic Q-values over a graph of screens explored so far, and the policy that "
                 "samples from them.")
        .formula(
            "tried: Q(s,a) = 1/√(1 + visits(s')) + γ max Q(s',·);  untried: Q = unknown_reward; "
            " π = softmax(Q/temperature)")
        .source("idea: GUI-Bee, arXiv 2501.13896; the bonus is a reconstruction")
        .edge("A tried action that led nowhere (−1) has value 0. With γ = 1 a cycle has no finite "
              "value: the solve ends at max_iterations with `converged` 0.")
        .flops("2*S*A*iterations")
        .in("next_states", &Op::next_states, "S,A", "where each tried action led, −1 = nowhere")
        .index_below("S")
        .or_none()
        .in("visits", &Op::visits, "S", "visits of each screen")
        .in("tried", &Op::tried, "S,A", "how often each action was tried")
        .number("gamma", &Op::gamma, 0.9, Range::closed(0, 1), "discount γ")
        .number("unknown_reward", &Op::unknown_reward, 1.0, Range::any(),
                "value of an untried action")
        .number("temperature", &Op::temperature, 1.0, Range::above(0), "of the policy")
        .number("tolerance", &Op::tolerance, 1e-12, Range::above(0),
                "accuracy at which the solve stops")
        .integer("max_iterations", &Op::max_iterations, 100000, Range::at_least(1),
                 "sweeps after which the solve gives up")
        .out("q_values", &Op::q_values, "S,A", "Q")
        .out("policy", &Op::policy, "S,A", "π")
        .out("iterations", &Op::iterations, "", "sweeps the solve took")
        .out("converged", &Op::converged, "", "1 when the tolerance was met");
  }
};

template <class T>
struct ReluQCombinatorialArgmax {
  In<T, 2> w1;
  In<T, 1> b1;
  In<T, 2> w2;
  In<T, 1> b2, state, cost;
  double budget;
  SubsetConstraint constraint;
  NetworkInputOrder input_order;
  int64_t max_iterations;
  Out<T, 0> q_max;
  Out<uint8_t, 1> actions;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = ReluQCombinatorialArgmax;
    return Declare<Op>("bellman", "relu_q_combinatorial_argmax", Tier::algorithm)
        .summary(
            "The binary action vector that maximises a ReLU network of one hidden layer under a "
            "budget, exactly, by branch and bound.")
        .formula("max_a w₂·relu(W₁[a; s] + b₁) + b₂  with Σ a ≤ budget, or cost·a ≤ budget")
        .source("Xu et al., Reinforcement learning with combinatorial actions for coupled restless "
                "bandits, arXiv 2503.01919")
        .edge("Of equal values the first in lexicographic order wins. No feasible action: "
              "−Infinity. An operand that is not finite makes the value NaN. After max_iterations "
              "nodes the best so far is returned with `converged` 0.")
        .flops("")
        .where("F", "A+D")
        .in("w1", &Op::w1, "H,F", "W₁, its inputs the action and then the state: F = A + D")
        .in("b1", &Op::b1, "H", "b₁")
        .in("w2", &Op::w2, "1,H", "w₂")
        .in("b2", &Op::b2, "1", "b₂")
        .in("state", &Op::state, "D", "s")
        .in("cost", &Op::cost, "A", "cost of each action, at least 0; for constraint 'knapsack'")
        .optional()
        .when("constraint", "knapsack")
        .typical(0, 2)
        .number("budget", &Op::budget, kRequired, Range::any(), "what the action may use")
        .choice("constraint", &Op::constraint, {"cardinality_le", "knapsack"}, 0,
                "what is counted: active actions, or their cost")
        .choice("input_order", &Op::input_order, {"action,state"}, 0, "order of the inputs")
        .integer("max_iterations", &Op::max_iterations, 10000000, Range::at_least(1),
                 "nodes of the search tree after which the search gives up")
        .out("q_max", &Op::q_max, "", "the maximum")
        .out("actions", &Op::actions, "A", "where it is reached")
        .out("converged", &Op::converged, "", "1 when the maximum is proved");
  }
};

template <class T>
struct TreeSelection {
  In<int32_t, 2> visits;
  In<T, 2> value_sum, prior;
  Flags<2> action_mask;
  In<int32_t, 2> pending;
  double c_puct, c_ucb, virtual_loss;
  Out<T, 2> puct;
  Out<int32_t, 1> puct_action;
  Out<T, 2> ucb;
  Out<int32_t, 1> ucb_action;

  static OpInfo declare() {
    using Op = TreeSelection;
    return Declare<Op>("bellman", "tree_selection", Tier::data)
        .summary("Scores and choices of tree search at a batch of nodes: PUCT and UCB1.")
        .formula(
            "Q = W/N, 0 unvisited;  PUCT = Q + c P √(Σ N)/(1 + N);  UCB1 = Q + c √(ln Σ N / N), "
            "untried Infinity")
        .source("Silver et al., AlphaZero, arXiv 1712.01815; Auer et al. (2002)")
        .edge(
            "Ties go to the lowest action, a NaN score wins over numbers. A masked action scores "
            "−Infinity; where none is allowed the choice is −1. A pending visit counts as a visit "
            "that cost `virtual_loss`.")
        .flops("10*B*A")
        .in("visits", &Op::visits, "B,A", "N, finished visits of each child")
        .in("value_sum", &Op::value_sum, "B,A", "W, sum of the values they returned")
        .in("prior", &Op::prior, "B,A", "P, for PUCT")
        .optional()
        .typical(0, 1)
        .flags("action_mask", &Op::action_mask, "B,A", "1 = allowed; absent: all are")
        .optional()
        .in("pending", &Op::pending, "B,A", "visits under way; absent: 0")
        .optional()
        .number("c_puct", &Op::c_puct, 1.25, Range::at_least(0), "c of PUCT")
        .number("c_ucb", &Op::c_ucb, 1.4142135623730951, Range::at_least(0), "c of UCB1")
        .number("virtual_loss", &Op::virtual_loss, 1.0, Range::any(), "loss of a pending visit")
        .out("puct", &Op::puct, "B,A", "PUCT scores")
        .needs("prior")
        .out("puct_action", &Op::puct_action, "B", "their first maximum")
        .needs("prior")
        .out("ucb", &Op::ucb, "B,A", "UCB1 scores")
        .out("ucb_action", &Op::ucb_action, "B", "their first maximum");
  }
};

template <class T>
struct PomdpBeliefQmdp {
  In<T, 3> prob, observation;
  In<T, 2> belief;
  In<int32_t, 1> actions, obs;
  In<T, 2> q_values;
  Out<T, 2> next_belief;
  Out<T, 1> likelihood, qmdp_value;
  Out<int32_t, 1> qmdp_action;

  static OpInfo declare() {
    using Op = PomdpBeliefQmdp;
    return Declare<Op>("bellman", "pomdp_belief_qmdp", Tier::data)
        .summary(
            "Bayes update of a batch of beliefs over hidden states, and the QMDP choice at the "
            "incoming ones.")
        .formula("b'(s') ∝ O(o|a,s') Σ_s b(s) P(s'|s,a);  QMDP = max_a Σ_s b(s) Q(s,a)")
        .source("Åström (1965); QMDP: Littman, Cassandra & Kaelbling (1995)")
        .edge("An impossible observation has likelihood 0 and a belief of NaN.")
        .flops("2*B*S*S + 2*B*S*A")
        .in("prob", &Op::prob, "S,A,S", "P(s'|s,a)")
        .typical(0, 0.3)
        .in("observation", &Op::observation, "A,S,O", "O(o|a,s'), s' the state reached")
        .typical(0, 1)
        .in("belief", &Op::belief, "B,S", "b")
        .typical(0, 0.5)
        .in("actions", &Op::actions, "B", "action taken")
        .index_below("A")
        .in("obs", &Op::obs, "B", "observation received")
        .index_below("O")
        .in("q_values", &Op::q_values, "S,A", "Q of the observable problem, for QMDP")
        .optional()
        .out("next_belief", &Op::next_belief, "B,S", "b'")
        .out("likelihood", &Op::likelihood, "B", "probability of the observation")
        .out("qmdp_value", &Op::qmdp_value, "B", "max_a Σ_s b(s) Q(s,a)")
        .needs("q_values")
        .out("qmdp_action", &Op::qmdp_action, "B", "its first maximum, −1 without actions")
        .needs("q_values");
  }
};

template <class T>
struct EllipticalBonus {
  In<T, 2> phi;
  double lambda, beta;
  Out<T, 2> gram;
  Out<T, 1> bonus_after_update, bonus_sequential;
  Out<T, 2> inverse_final;

  static OpInfo declare() {
    using Op = EllipticalBonus;
    return Declare<Op>("bellman", "elliptical_bonus", Tier::data)
        .summary("Elliptical exploration bonus of a batch of features, after the whole batch and "
                 "one by one.")
        .formula("Λ = λI + Σ φφᵀ;  bonus = β √(φᵀ Λ⁻¹ φ)")
        .source("Abbasi-Yadkori et al. (2011); Qiu et al., Contrastive UCB, arXiv 2207.14800")
        .edge("`bonus_sequential` uses the Λ of the samples before. A bonus after the update that "
              "is NaN is 0.")
        .flops("4*N*d*d")
        .in("phi", &Op::phi, "N,d", "φ")
        .number("lambda", &Op::lambda, 1e-5, Range::above(0), "λ, ridge")
        .number("beta", &Op::beta, 0.1, Range::at_least(0), "β, scale of the bonus")
        .out("gram", &Op::gram, "d,d", "Λ after the batch")
        .out("bonus_after_update", &Op::bonus_after_update, "N", "bonus under that Λ")
        .out("bonus_sequential", &Op::bonus_sequential, "N", "bonus before the sample is added")
        .out("inverse_final", &Op::inverse_final, "d,d", "Λ⁻¹ after the batch");
  }
};

template <class T>
struct LsviUcbStep {
  In<T, 2> phi;
  In<T, 3> next_phi;
  In<T, 1> rewards;
  Flags<1> terminated;
  In<T, 1> next_w;
  In<T, 2> next_gram;
  Flags<2> next_action_mask;
  double lambda, beta, q_max, q_min;
  Out<T, 1> w, next_values;
  Out<T, 2> gram;

  static OpInfo declare() {
    using Op = LsviUcbStep;
    return Declare<Op>("bellman", "lsvi_ucb_step", Tier::algorithm)
        .summary("One step of least-squares value iteration with an upper confidence bonus.")
        .formula(
            "V' = (1 − done) max_a clip(φ'·w' + β‖φ'‖ in Λ'⁻¹, q_min, q_max);  w = Λ⁻¹ Σ φ (r + "
            "V'),  Λ = λI + Σ φφᵀ")
        .source("Jin et al., LSVI-UCB, arXiv 1907.05388; Qiu et al., Contrastive UCB, arXiv "
                "2207.14800")
        .edge("A row whose next actions are all masked counts as terminated. A matrix that is not "
              "positive definite is refused.")
        .flops("N*d*d + 2*N*A*d*d")
        .in("phi", &Op::phi, "N,d", "φ(s,a)")
        .in("next_phi", &Op::next_phi, "N,A,d", "φ(s',·)")
        .in("rewards", &Op::rewards, "N", "r")
        .flags("terminated", &Op::terminated, "N", "1 = no value after this step; absent: 0")
        .optional()
        .in("next_w", &Op::next_w, "d", "w', the weights of the next step")
        .in("next_gram", &Op::next_gram, "d,d", "Λ', symmetric and positive definite")
        .flags("next_action_mask", &Op::next_action_mask, "N,A", "1 = allowed; absent: all are")
        .optional()
        .number("lambda", &Op::lambda, 1.0, Range::above(0), "λ, ridge")
        .number("beta", &Op::beta, kRequired, Range::at_least(0), "β, scale of the bonus")
        .number("q_max", &Op::q_max, kRequired, Range::any(), "upper clip, the horizon")
        .number("q_min", &Op::q_min, 0.0, Range::any(), "lower clip")
        .out("w", &Op::w, "d", "weights of this step")
        .out("next_values", &Op::next_values, "N", "V'")
        .out("gram", &Op::gram, "d,d", "Λ");
  }
};

// On every backend.
using BellmanSearchOps = OpList<TreeSelection, PomdpBeliefQmdp>;
// On the host: searches and fits, and one op of much data whose samples are taken one by one.
using BellmanSearchHostOps = OpList<QstarSearch, AstarSearch, MbtlSelect, ExplorationGraphQ,
                                    ReluQCombinatorialArgmax, EllipticalBonus, LsviUcbStep>;

}  // namespace belfry
