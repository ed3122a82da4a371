// Family `fitted-q`: shallow Q-iteration via reinforcement learning, and greedy over random policy
// (spec: fitted-q 2.7).
#pragma once

#include "ops/op.h"

namespace belfry {

enum class SqirlReturnsWord : int32_t { returns };
enum class GorpWord : int32_t { gorp };
enum class KQviWord : int32_t { k_qvi };

template <class T>
struct SqirlLoss {
  In<T, 3> q_values, next_q_values;
  In<int32_t, 1> actions;
  In<T, 1> rewards, return_to_go;
  Flags<1> terminated;
  In<T, 1> loss_scale;
  double gamma, reward_scale;
  bool huber;
  Out<T, 2> target;
  Out<T, 1> loss_per_depth;
  Out<T, 0> loss;
  Out<T, 3> grad_q_values;

  static OpInfo declare() {
    using Op = SqirlLoss;
    return Declare<Op>("fitted-q", "sqirl", Tier::data)
        .form("loss")
        .summary("SQIRL: a head of the network for each depth; the first is fitted to the return "
                 "of random play, each later one to a backup of the head before it.")
        .formula("y_1 = c G;  y_{i+1} = c r + γ (1 − terminated) max_a q_i(s',a), c = "
                 "reward_scale;  loss = Σ_i mean l(q_i(s,a) − y_i), l = e² or Huber with δ = 1")
        .source("Laidlaw, Zhu, Russell & Dragan, The Effective Horizon Explains Deep RL "
                "Performance in Stochastic Environments, arXiv 2312.08369, in the form of its "
                "code: all "
                "depths at once")
        .edge("Targets are constants to the gradient. A terminal row never reads next_q_values. "
              "Squared errors are not halved. Act by the last head.")
        .flops("6*B*K*A")
        .in("q_values", &Op::q_values, "B,K,A", "q_i(s,a) of the K heads")
        .in("next_q_values", &Op::next_q_values, "B,K,A", "q_i(s',a)")
        .in("actions", &Op::actions, "B", "action taken")
        .index_below("A")
        .in("rewards", &Op::rewards, "B", "r")
        .in("return_to_go", &Op::return_to_go, "B", "G: return of the rest of the episode")
        .flags("terminated", &Op::terminated, "B", "1 = the episode ended in a terminal state")
        .in("loss_scale", &Op::loss_scale, "K",
            "divides the loss of each depth: its running magnitude; absent: 1")
        .optional()
        .typical(0.5, 2)
        .number("gamma", &Op::gamma, 1.0, Range::closed(0, 1), "discount γ")
        .number("reward_scale", &Op::reward_scale, 1.0, Range::any(), "c")
        .boolean("huber", &Op::huber, false, "Huber instead of the squared error")
        .out("target", &Op::target, "B,K", "y_i")
        .out("loss_per_depth", &Op::loss_per_depth, "K", "mean over the batch")
        .out("loss", &Op::loss, "", "their sum")
        .out("grad_q_values", &Op::grad_q_values, "B,K,A", "gradient of the loss");
  }
};

template <class T>
struct SqirlReturns {
  In<T, 1> rewards;
  SqirlReturnsWord op_word;
  double gamma;
  int64_t current_timestep;
  Out<T, 1> return_to_go;
  Out<int32_t, 1> stored_index;

  static OpInfo declare() {
    using Op = SqirlReturns;
    return Declare<Op>("fitted-q", "sqirl", Tier::control)
        .form("returns", "op=returns")
        .summary("Returns-to-go of one episode, of the steps that SQIRL keeps.")
        .formula("G_t = r_t + γ G_{t+1}, t ≥ current_timestep")
        .source("Laidlaw, Zhu, Russell & Dragan, arXiv 2312.08369")
        .edge("An episode that ended before current_timestep gives nothing.")
        .flops("2*T")
        .in("rewards", &Op::rewards, "T", "rewards of the episode")
        .choice("op", &Op::op_word, {"returns"}, 0, "names this form")
        .number("gamma", &Op::gamma, 1.0, Range::closed(0, 1), "discount γ")
        .integer("current_timestep", &Op::current_timestep, 0, Range::at_least(0),
                 "the timestep being planned: earlier steps are not kept")
        .out("return_to_go", &Op::return_to_go, "T", "G_t of the steps kept")
        .sized_by_data()
        .out("stored_index", &Op::stored_index, "T", "their timesteps")
        .sized_by_data();
  }
};

template <class T>
struct Gorp {
  In<T, 2> returns;
  GorpWord op_word;
  int64_t k, num_actions;
  Out<T, 1> mean_return;
  Out<int32_t, 0> best_sequence, first_action;

  static OpInfo declare() {
    using Op = Gorp;
    return Declare<Op>("fitted-q", "sqirl", Tier::algorithm)
        .form("gorp", "op=gorp")
        .summary("Greedy over random policy: the first action of the sequence that random play "
                 "continued best.")
        .formula("sequence = argmax mean of its returns;  first_action = its first digit to the "
                 "base num_actions")
        .source("Laidlaw, Russell & Dragan, Bridging RL Theory and Practice with the Effective "
                "Horizon, arXiv 2304.09853")
        .edge("Sequences are counted with the first action most significant. Ties take the lowest. "
              "The number of rows must be num_actions to the power k.")
        .flops("S*m")
        .in("returns", &Op::returns, "S,m", "m returns of each of the num_actions^k sequences")
        .choice("op", &Op::op_word, {"gorp"}, 0, "names this form")
        .integer("k", &Op::k, 1, Range::closed(1, 62), "actions of a sequence")
        .integer("num_actions", &Op::num_actions, kRequired, Range::at_least(1),
                 "number of actions")
        .out("mean_return", &Op::mean_return, "S", "of each sequence")
        .out("best_sequence", &Op::best_sequence, "", "number of the best one")
        .out("first_action", &Op::first_action, "", "its first action");
  }
};

template <class T>
struct KQvi {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards;
  KQviWord op_word;
  double gamma;
  int64_t horizon, k_max;
  List<Out<T, 3>> q_k;
  Out<T, 1> greedy_return;

  static OpInfo declare() {
    using Op = KQvi;
    return Declare<Op>("fitted-q", "sqirl", Tier::algorithm)
        .form("k_qvi", "op=k_qvi")
        .summary("What SQIRL tends to with unlimited data: k − 1 optimal backups of the Q-function "
                 "of the uniformly random policy.")
        .formula("Q_1 = Q of the uniform policy;  Q_{k+1}[h] = r + γ P max_a Q_k[h+1];  "
                 "greedy_return = value of argmax_a Q_k[h] from state 0 at h = 0")
        .source("Laidlaw, Zhu, Russell & Dragan, arXiv 2312.08369 (k-QVI-solvable)")
        .edge("The horizon is finite: nothing follows the last step. Ties take the lowest action.")
        .flops("2*horizon*k_max*N*2")
        .in("row_ptr", &Op::row_ptr, "S*A+1", "where each row (s·A + a) starts")
        .offsets_to("N")
        .in("col", &Op::col, "N", "next state of each entry")
        .index_below("S")
        .in("prob", &Op::prob, "N", "its probability")
        .typical(0, 1)
        .in("rewards", &Op::rewards, "S,A", "r(s,a)")
        .choice("op", &Op::op_word, {"k_qvi"}, 0, "names this form")
        .number("gamma", &Op::gamma, 1.0, Range::closed(0, 1), "discount γ")
        .integer("horizon", &Op::horizon, kRequired, Range::at_least(1), "steps of an episode")
        .size_of("H")
        .integer("k_max", &Op::k_max, kRequired, Range::at_least(1), "largest k")
        .size_of("K")
        .out_list("q_k#1", &Op::q_k, "H,S,A", "K", "Q_k at every timestep")
        .out("greedy_return", &Op::greedy_return, "K", "return of acting greedily by Q_k");
  }
};

}  // namespace belfry
