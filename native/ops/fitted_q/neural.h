// Family `fitted-q`: neural fitted-Q iteration and its optimisers (spec: fitted-q 2.6).
#pragma once

#include "ops/op.h"
#include "ops/update_rule.h"

namespace belfry {

enum class AdamWord : int32_t { adam };
enum class RpropWord : int32_t { rprop };
enum class SgdWord : int32_t { sgd };

// What both optimisers take and return: N gradients of P parameters, given beforehand.
template <class Op>
Declare<Op>& with_given_gradients(Declare<Op>& op) {
  return op.in("param", &Op::param, "P", "parameters before the first step")
      .in("grads", &Op::grads, "N,P", "gradient of each step")
      .out("trajectory", &Op::trajectory, "N,P", "parameters after each step");
}

template <class T>
struct AdamTrajectory {
  In<T, 1> param;
  In<T, 2> grads;
  AdamWord op_word;
  double lr, beta1, beta2, eps;
  Out<T, 2> trajectory;

  static OpInfo declare() {
    using Op = AdamTrajectory;
    Declare<Op> op("fitted-q", "optimizers", Tier::data);
    op.form("adam", "op=adam")
        .summary("Steps of Adam for given gradients.")
        .formula("m ← β1 m + (1−β1) g;  v ← β2 v + (1−β2) g²;  w ← w − lr·(m/(1−β1^t)) / "
                 "(√(v/(1−β2^t)) + ε)")
        .source("Kingma & Ba, Adam, arXiv 1412.6980, algorithm 1")
        .edge("A parameter whose gradient was always 0 does not move. A NaN gradient makes it NaN.")
        .flops("14*N*P")
        .choice("op", &Op::op_word, {"adam"}, 0, "names this form")
        .number("lr", &Op::lr, 1e-3, Range::at_least(0), "learning rate")
        .number("beta1", &Op::beta1, 0.9, {0, 1, false, true}, "β1, decay of the mean gradient")
        .number("beta2", &Op::beta2, 0.999, {0, 1, false, true}, "β2, decay of the mean square")
        .number("eps", &Op::eps, 1e-8, Range::at_least(0), "ε, outside the root");
    return with_given_gradients(op);
  }
};

template <class T>
struct RpropTrajectory {
  In<T, 1> param;
  In<T, 2> grads;
  RpropWord op_word;
  double lr, eta_minus, eta_plus, step_min, step_max;
  Out<T, 2> trajectory;

  static OpInfo declare() {
    using Op = RpropTrajectory;
    Declare<Op> op("fitted-q", "optimizers", Tier::data);
    op.form("rprop", "op=rprop")
        .summary("Steps of Rprop for given gradients: every parameter has a step size of its own, "
                 "of which only the sign of the gradient decides.")
        .formula("Δ ← clip(Δ·η, step_min, step_max), η = eta_plus where the sign stays, eta_minus "
                 "where it changes;  w ← w − sign(g) Δ")
        .source("Riedmiller & Braun, ICNN 1993; as used by Riedmiller, Neural Fitted Q Iteration, "
                "ECML 2005")
        .edge("Where the sign changes the gradient counts as 0: no move, and the next step keeps "
              "its size. A gradient of 0 leaves the step size. A NaN gradient makes its parameter "
              "NaN.")
        .flops("8*N*P")
        .choice("op", &Op::op_word, {"rprop"}, 0, "names this form")
        .number("lr", &Op::lr, 1e-2, Range::at_least(0), "first step size Δ")
        .number("eta_minus", &Op::eta_minus, 0.5, {0, 1, true, true}, "shrinks the step size")
        .number("eta_plus", &Op::eta_plus, 1.2, Range::above(1), "grows it")
        .number("step_min", &Op::step_min, 1e-6, Range::at_least(0), "smallest step size")
        .number("step_max", &Op::step_max, 50.0, Range::at_least(0), "largest step size");
    return with_given_gradients(op);
  }
};

template <class T>
struct SgdTrajectory {
  In<T, 1> param;
  In<T, 2> grads;
  SgdWord op_word;
  double lr, momentum, weight_decay;
  bool nesterov;
  Out<T, 2> trajectory;

  static OpInfo declare() {
    using Op = SgdTrajectory;
    Declare<Op> op("fitted-q", "optimizers", Tier::data);
    op.form("sgd", "op=sgd")
        .summary("Steps of stochastic gradient descent, with momentum, for given gradients.")
        .formula("g ← g + weight_decay·w;  v ← momentum·v + g;  w ← w − lr·v, nesterov: w − lr·(g "
                 "+ momentum·v)")
        .source("Sutskever et al., On the importance of initialization and momentum in deep "
                "learning, ICML 2013; here the learning rate stands outside the velocity")
        .edge("The velocity begins at 0. A NaN gradient makes its parameter NaN.")
        .flops("6*N*P")
        .choice("op", &Op::op_word, {"sgd"}, 0, "names this form")
        .number("lr", &Op::lr, 1e-2, Range::at_least(0), "learning rate")
        .number("momentum", &Op::momentum, 0.0, {0, 1, false, true}, "share of v that stays")
        .number("weight_decay", &Op::weight_decay, 0.0, Range::at_least(0), "L2 penalty")
        .boolean("nesterov", &Op::nesterov, false, "look one step ahead");
    return with_given_gradients(op);
  }
};

enum class QActivation : int32_t { relu, tanh };
enum class QLossKind : int32_t { mse, huber };

// The layers of a network of Q-values.
template <class Op>
Declare<Op>& with_q_layers(Declare<Op>& op) {
  return op.in_list("w#", &Op::w, "n[#+1],n[#]", "L", "weights of each layer, [out, in]")
      .in_list("b#", &Op::b, "n[#+1]", "L", "biases of each layer");
}
template <class Op>
Declare<Op>& with_q_activation(Declare<Op>& op) {
  return op.choice("activation", &Op::activation, {"relu", "tanh"}, 0, "between the layers");
}
template <class Op>
Declare<Op>& with_layer_count(Declare<Op>& op) {
  return op.integer("layers", &Op::layers, 0, Range::at_least(0), "number of layers; 0: as given")
      .size_of("L");
}

// The rows of a batch and their regression targets.
template <class Op>
Declare<Op>& with_q_regression(Declare<Op>& op) {
  op.where("n[L]", "A")
      .in("x", &Op::x, "B,n[0]", "states")
      .in("actions", &Op::actions, "B", "action taken")
      .index_below("A")
      .in("target", &Op::target, "B", "y, a constant to the gradient");
  return with_q_layers(op);
}
template <class Op>
Declare<Op>& with_q_loss(Declare<Op>& op) {
  with_q_activation(op)
      .choice("loss", &Op::loss_kind, {"mse", "huber"}, 0, "of the error at the action taken")
      .number("huber_delta", &Op::huber_delta, 1.0, Range::above(0),
              "error beyond which huber is linear");
  return with_layer_count(op);
}

template <class T>
struct NeuralFqiMlp {
  In<T, 2> x;
  In<int32_t, 1> actions;
  In<T, 1> target;
  List<In<T, 2>> w;
  List<In<T, 1>> b;
  QActivation activation;
  QLossKind loss_kind;
  double huber_delta;
  int64_t layers;
  Out<T, 2> q_values;
  Out<T, 0> loss;
  List<Out<T, 2>> grad_w;
  List<Out<T, 1>> grad_b;

  static OpInfo declare() {
    using Op = NeuralFqiMlp;
    Declare<Op> op("fitted-q", "neural_fqi_mlp", Tier::data);
    op.one_graph()
        .summary("Q-network, its regression loss at the actions taken, and all gradients.")
        .formula("h ← f(h Wᵀ + b), linear at the end;  loss = mean l(Q(s,a) − y), l = e²/2 or "
                 "Huber")
        .source("Riedmiller, Neural Fitted Q Iteration, ECML 2005; Mnih et al., Nature 2015 "
                "(Huber)")
        .edge("relu'(0) = 0. An empty batch has loss 0 and gradients of 0.")
        .flops("6*B*P");
    with_q_regression(op);
    return with_q_loss(op)
        .out("q_values", &Op::q_values, "B,A", "Q of every action")
        .out("loss", &Op::loss, "", "mean over the batch")
        .out_list("grad_w#", &Op::grad_w, "n[#+1],n[#]", "L", "gradient of each weight")
        .out_list("grad_b#", &Op::grad_b, "n[#+1]", "L", "gradient of each bias");
  }
};

// What an optimiser keeps of each parameter.
template <class Op>
Declare<Op>& with_optimizer_state(Declare<Op>& op) {
  return op
      .in_list("first_w#", &Op::first_w, "n[#+1],n[#]", "L",
               "adam: m; sgd: velocity; rprop: last gradient")
      .in_list("first_b#", &Op::first_b, "n[#+1]", "L", "of the biases")
      .in_list("second_w#", &Op::second_w, "n[#+1],n[#]", "L",
               "adam: v; rprop: step size; sgd: kept as it is")
      .typical(0, 1)
      .in_list("second_b#", &Op::second_b, "n[#+1]", "L", "of the biases")
      .typical(0, 1);
}
template <class Op>
Declare<Op>& with_new_parameters(Declare<Op>& op) {
  return op.out_list("new_w#", &Op::new_w, "n[#+1],n[#]", "L", "weights after the step")
      .may_alias("w#")
      .out_list("new_b#", &Op::new_b, "n[#+1]", "L", "biases after the step")
      .may_alias("b#")
      .out_list("new_first_w#", &Op::new_first_w, "n[#+1],n[#]", "L", "state after the step")
      .may_alias("first_w#")
      .out_list("new_first_b#", &Op::new_first_b, "n[#+1]", "L", "state after the step")
      .may_alias("first_b#")
      .out_list("new_second_w#", &Op::new_second_w, "n[#+1],n[#]", "L", "state after the step")
      .may_alias("second_w#")
      .out_list("new_second_b#", &Op::new_second_b, "n[#+1]", "L", "state after the step")
      .may_alias("second_b#");
}

template <class T>
struct NeuralFqiStep : UpdateRule {
  In<T, 2> x;
  In<int32_t, 1> actions;
  In<T, 1> target, weight;
  List<In<T, 2>> w, first_w, second_w;
  List<In<T, 1>> b, first_b, second_b;
  QActivation activation;
  QLossKind loss_kind;
  double huber_delta;
  int64_t layers;
  Out<T, 0> loss;
  Out<T, 1> td_error;
  List<Out<T, 2>> new_w, new_first_w, new_second_w;
  List<Out<T, 1>> new_b, new_first_b, new_second_b;

  static OpInfo declare() {
    using Op = NeuralFqiStep;
    Declare<Op> op("fitted-q", "neural_fqi_step", Tier::data);
    op.form("loss")
        .one_graph()
        .summary("One training step of a Q-network: forward, backward and the update, in place "
                 "where the new arrays are the old ones.")
        .formula("g = gradient of mean weight·l(Q(s,a) − y), clipped to max_grad_norm;  w, state ← "
                 "the rule of the optimiser (see optimizers)")
        .source("Riedmiller, Neural Fitted Q Iteration, ECML 2005 (Rprop); Mnih et al., Nature "
                "2015; Kingma & Ba, arXiv 1412.6980; decoupled decay: arXiv 1711.05101")
        .edge("States begin at 0, the second of rprop at its first step size. `step` counts from "
              "1. A NaN in the batch makes parameters NaN.")
        .flops("6*B*P + 14*P");
    with_q_regression(op)
        .in("weight", &Op::weight, "B", "of each row in the mean; absent: 1")
        .optional()
        .typical(0, 1);
    with_q_loss(with_optimizer_state(op));
    with_update_rule(op)
        .out("loss", &Op::loss, "", "before the step")
        .out("td_error", &Op::td_error, "B", "Q(s,a) − y of each row, before the step");
    return with_new_parameters(op);
  }
};

template <class T>
struct NeuralFqiGradientStep : UpdateRule {
  In<T, 2> x, grad_outputs;
  List<In<T, 2>> w, first_w, second_w;
  List<In<T, 1>> b, first_b, second_b;
  QActivation activation;
  int64_t layers;
  List<Out<T, 2>> new_w, new_first_w, new_second_w;
  List<Out<T, 1>> new_b, new_first_b, new_second_b;

  static OpInfo declare() {
    using Op = NeuralFqiGradientStep;
    Declare<Op> op("fitted-q", "neural_fqi_step", Tier::data);
    op.form("gradient")
        .one_graph()
        .summary("The same for any loss, whose gradient at the outputs is given: distributional "
                 "heads, several depths, penalties.")
        .formula("g = gradient of Σ grad_outputs·Q(s,·), clipped to max_grad_norm;  w, state ← the "
                 "rule of the optimiser (see optimizers)")
        .source("Griewank & Walther, Evaluating Derivatives (2008), ch. 3; the rules as in form "
                "'loss'")
        .edge("States begin at 0, the second of rprop at its first step size. `step` counts from "
              "1. grad_outputs is taken as it is: a mean over the batch is the caller's.")
        .flops("6*B*P + 14*P")
        .where("n[L]", "A")
        .in("x", &Op::x, "B,n[0]", "states")
        .in("grad_outputs", &Op::grad_outputs, "B,A", "gradient of the loss at the outputs");
    with_optimizer_state(with_q_layers(op));
    with_layer_count(with_q_activation(op));
    return with_new_parameters(with_update_rule(op));
  }
};

}  // namespace belfry
