// Family `flow`: the network substrate and one-step action generation (spec: flow-policy).
//
// Weights are [out, in], y = x Wᵀ + b. One layer = linear → [norm 'pre'] → activation → [norm
// 'post'].
#pragma once

#include "ops/op.h"

namespace belfry {

enum class Activation : int32_t {
  identity,
  relu,
  leaky_relu,
  tanh,
  sigmoid,
  softplus,
  elu,
  silu,
  mish,
  gelu_tanh,
  gelu_erf,
};
enum class Norm : int32_t { none, pre, post };
enum class EulerInput : int32_t { observations, x, t };
enum class CriticInput : int32_t { observations, actions };

#define BELFRY_ACTIVATION_WORDS                                                             \
  {                                                                                         \
    "identity", "relu", "leaky_relu", "tanh", "sigmoid", "softplus", "elu", "silu", "mish", \
        "gelu_tanh", "gelu_erf"                                                             \
  }

template <class T>
struct Activations {
  In<T, 1> x;
  Activation activation;
  Out<T, 1> y, dy, d2y;

  static OpInfo declare() {
    using Op = Activations;
    return Declare<Op>("flow", "activations", Tier::data)
        .summary("An activation function with its first and second derivative.")
        .formula("y = f(x), dy = f'(x), d2y = f''(x)")
        .source("mish: arXiv 1908.08681; gelu: arXiv 1606.08415; silu: arXiv 1702.03118")
        .edge("relu'(0) = 0; leaky_relu'(0) = 0.01; elu'(0) = elu''(0) = 1. No overflow at any x.")
        .flops("20*N")
        .in("x", &Op::x, "N", "pre-activations")
        .typical(-4, 4)
        .choice("activation", &Op::activation, BELFRY_ACTIVATION_WORDS, kRequired, "f")
        .out("y", &Op::y, "N", "f(x)")
        .out("dy", &Op::dy, "N", "f'(x)")
        .out("d2y", &Op::d2y, "N", "f''(x)");
  }
};

template <class T>
struct LayerNorm {
  In<T, 2> x, grad_y, tangent_x;
  In<T, 1> gamma, beta;
  double eps;
  bool affine;
  Out<T, 2> y, grad_x, tangent_y;
  Out<T, 1> grad_gamma, grad_beta;

  static OpInfo declare() {
    using Op = LayerNorm;
    return Declare<Op>("flow", "layer_norm", Tier::data)
        .summary("Layer normalisation: value, backward and forward-mode derivative.")
        .formula("h = (x − μ)/√(σ² + ε), y = γ h + β;  dx = (g − mean g − h mean(g h))/σ, g = γ "
                 "dy;  ẏ = γ(ẋ − mean ẋ − h mean(h ẋ))/σ")
        .source("Ba, Kiros & Hinton, arXiv 1607.06450, eq. 4")
        .edge("Population variance. A constant row gives h = 0 and a large, finite gradient.")
        .flops("30*B*D")
        .in("x", &Op::x, "B,D", "one row per sample")
        .in("grad_y", &Op::grad_y, "B,D", "gradient with respect to y; absent: no backward")
        .optional()
        .in("tangent_x", &Op::tangent_x, "B,D", "ẋ; absent: no forward-mode derivative")
        .optional()
        .in("gamma", &Op::gamma, "D", "scale; absent: 1")
        .optional()
        .in("beta", &Op::beta, "D", "shift; absent: 0")
        .optional()
        .number("eps", &Op::eps, 1e-5, Range::above(0), "ε, 1e-5 in PyTorch, 1e-6 in Flax")
        .boolean("affine", &Op::affine, true, "false: gamma and beta are not used")
        .out("y", &Op::y, "B,D", "normalised rows")
        .out("grad_x", &Op::grad_x, "B,D", "gradient with respect to x")
        .needs("grad_y")
        .out("tangent_y", &Op::tangent_y, "B,D", "ẏ")
        .needs("tangent_x")
        .out("grad_gamma", &Op::grad_gamma, "D", "gradient with respect to gamma")
        .needs("grad_y")
        .needs("gamma")
        .out("grad_beta", &Op::grad_beta, "D", "gradient with respect to beta")
        .needs("grad_y")
        .needs("beta");
  }
};

template <class T>
struct SinusoidalEmbedding {
  In<T, 1> t;
  int64_t dim;
  double scale, max_period;
  Out<T, 2> emb, demb_dt;

  static OpInfo declare() {
    using Op = SinusoidalEmbedding;
    return Declare<Op>("flow", "sinusoidal_embedding", Tier::data)
        .summary("Sinusoidal embedding of a time, sines first, with its derivative.")
        .formula("ω_k = exp(−k ln(max_period)/(dim/2 − 1));  [sin(t·scale·ω), cos(t·scale·ω)]")
        .source("Vaswani et al., arXiv 1706.03762, section 3.5, in the layout of Diffusion-QL "
                "(arXiv 2208.06193)")
        .edge("dim must be even and at least 4.")
        .flops("20*N*D")
        .in("t", &Op::t, "N", "times")
        .typical(0, 1)
        .integer("dim", &Op::dim, kRequired, Range::at_least(4), "size of the embedding, even")
        .size_of("D")
        .number("scale", &Op::scale, 1.0, Range::any(), "factor on the time")
        .number("max_period", &Op::max_period, 10000.0, Range::above(1), "longest period")
        .out("emb", &Op::emb, "N,D", "embeddings")
        .out("demb_dt", &Op::demb_dt, "N,D", "derivative with respect to t");
  }
};

// The weights of one network under `prefix`: layer sizes n[0] … n[L].
template <class T>
struct Mlp {
  In<T, 2> x, grad_y, tangent_x;
  List<In<T, 2>> weight;
  List<In<T, 1>> bias, ln_gamma, ln_beta;
  int64_t layers;
  List<Activation> activations;
  List<Norm> norms;
  double ln_eps;
  Out<T, 2> y, grad_x, tangent_y;
  List<Out<T, 2>> grad_weight;
  List<Out<T, 1>> grad_bias, grad_ln_gamma, grad_ln_beta;

  static OpInfo declare() {
    using Op = Mlp;
    return Declare<Op>("flow", "mlp", Tier::data)
        .summary("Multi-layer perceptron: forward, backward and forward-mode derivative.")
        .formula("per layer: z = h Wᵀ + b → [norm] → f → [norm];  JVP: ż = ḣ Wᵀ, f'(z) ż")
        .source("Griewank & Walther, Evaluating Derivatives (2008), ch. 3; layer orders of "
                "streaming-drl (norm 'pre') and OGBench (norm 'post')")
        .edge("Absent grad_y: no gradients. Absent tangent_x: no derivative.")
        .flops("2*B*P*(1 + 2*has(grad_y) + has(tangent_x))")
        .in("x", &Op::x, "B,n[0]", "inputs")
        .in("grad_y", &Op::grad_y, "B,n[L]", "gradient with respect to y; absent: no backward")
        .optional()
        .in("tangent_x", &Op::tangent_x, "B,n[0]", "ẋ; absent: no forward-mode derivative")
        .optional()
        .in_list("weight_#", &Op::weight, "n[#+1],n[#]", "L", "weights of each layer, [out, in]")
        .in_list("bias_#", &Op::bias, "n[#+1]", "L", "biases of each layer")
        .in_list("ln_gamma_#", &Op::ln_gamma, "n[#+1]", "L", "scale of that layer's norm")
        .gaps()
        .in_list("ln_beta_#", &Op::ln_beta, "n[#+1]", "L", "shift of that layer's norm")
        .gaps()
        .integer("layers", &Op::layers, 0, Range::at_least(0), "number of layers; 0: as given")
        .size_of("L")
        .choices("activations", &Op::activations, BELFRY_ACTIVATION_WORDS, "L",
                 "activation of each layer; absent: identity")
        .optional()
        .choices("norms", &Op::norms, {"none", "pre", "post"}, "L",
                 "layer norm before or after the activation; absent: none")
        .optional()
        .number("ln_eps", &Op::ln_eps, 1e-5, Range::above(0), "ε of the layer norms")
        .out("y", &Op::y, "B,n[L]", "outputs")
        .out("grad_x", &Op::grad_x, "B,n[0]", "gradient with respect to x")
        .needs("grad_y")
        .out("tangent_y", &Op::tangent_y, "B,n[L]", "ẏ")
        .needs("tangent_x")
        .out_list("grad_weight_#", &Op::grad_weight, "n[#+1],n[#]", "L",
                  "gradient with respect to each weight")
        .needs("grad_y")
        .out_list("grad_bias_#", &Op::grad_bias, "n[#+1]", "L",
                  "gradient with respect to each bias")
        .needs("grad_y")
        .out_list("grad_ln_gamma_#", &Op::grad_ln_gamma, "n[#+1]", "L",
                  "gradient with respect to each norm's scale")
        .needs("grad_y")
        .needs("ln_gamma_#")
        .out_list("grad_ln_beta_#", &Op::grad_ln_beta, "n[#+1]", "L",
                  "gradient with respect to each norm's shift")
        .needs("grad_y")
        .needs("ln_beta_#");
  }
};

template <class T>
struct EulerSampler {
  In<T, 2> observations, noise;
  List<In<T, 2>> weight;
  List<In<T, 1>> bias, ln_gamma, ln_beta;
  int64_t steps;
  bool clip;
  List<EulerInput> input_order;
  int64_t layers;
  List<Activation> activations;
  List<Norm> norms;
  double ln_eps;
  Out<T, 2> action_data_at_t1, action_noise_at_t1;

  static OpInfo declare() {
    using Op = EulerSampler;
    return Declare<Op>("flow", "euler_sampler", Tier::data)
        .summary("K-step Euler sampling of a velocity network, in both time conventions.")
        .formula("data_at_t1: x ← x + v(x, i/K, s)/K;  noise_at_t1: z ← z − v(z, 1 − i/K, s)/K")
        .source("flow matching, arXiv 2210.02747; FQL, arXiv 2502.02538")
        .edge("Clipping to [−1, 1] happens after the last step only. The time is one raw input.")
        .flops("4*B*P*steps")
        .where("n[0]", "S+n[L]+1")
        .in("observations", &Op::observations, "B,S", "states s")
        .in("noise", &Op::noise, "B,n[L]", "where both chains start")
        .in_list("weight_#", &Op::weight, "n[#+1],n[#]", "L", "weights of each layer, [out, in]")
        .in_list("bias_#", &Op::bias, "n[#+1]", "L", "biases of each layer")
        .in_list("ln_gamma_#", &Op::ln_gamma, "n[#+1]", "L", "scale of that layer's norm")
        .gaps()
        .in_list("ln_beta_#", &Op::ln_beta, "n[#+1]", "L", "shift of that layer's norm")
        .gaps()
        .integer("steps", &Op::steps, 10, Range::at_least(1), "K")
        .boolean("clip", &Op::clip, true, "clip the actions to [−1, 1]")
        .choices("input_order", &Op::input_order, {"observations", "x", "t"}, "",
                 "order of the network's inputs; absent: observations, x, t")
        .optional()
        .integer("layers", &Op::layers, 0, Range::at_least(0), "number of layers; 0: as given")
        .size_of("L")
        .choices("activations", &Op::activations, BELFRY_ACTIVATION_WORDS, "L",
                 "activation of each layer; absent: identity")
        .optional()
        .choices("norms", &Op::norms, {"none", "pre", "post"}, "L",
                 "layer norm before or after the activation; absent: none")
        .optional()
        .number("ln_eps", &Op::ln_eps, 1e-5, Range::above(0), "ε of the layer norms")
        .out("action_data_at_t1", &Op::action_data_at_t1, "B,n[L]",
             "actions, noise at t = 0 and data at t = 1")
        .out("action_noise_at_t1", &Op::action_noise_at_t1, "B,n[L]",
             "actions, data at t = 0 and noise at t = 1");
  }
};

template <class T>
struct OneStepGeneration {
  In<T, 2> observations;
  In<T, 3> noise, grad_action_unclipped;
  List<In<T, 2>> trunk_weight;
  List<In<T, 1>> trunk_bias;
  List<In<T, 2>> tmlp_weight;
  List<In<T, 1>> tmlp_bias;
  List<In<T, 2>> rmlp_weight;
  List<In<T, 1>> rmlp_bias;
  List<In<T, 2>> critic1_weight;
  List<In<T, 1>> critic1_bias;
  List<In<T, 2>> critic2_weight;
  List<In<T, 1>> critic2_bias;
  int64_t emb_dim;
  double time_scale;
  Activation activation;
  double clip;
  List<CriticInput> critic_input_order;
  Out<T, 3> action_raw, actions;
  Out<T, 2> q_min;
  Out<int32_t, 1> best_index;
  Out<T, 2> best_action, softmax_selection_prob;
  Out<T, 1> grad_trunk_last_bias;
  Out<T, 2> grad_trunk_weight_0;

  static OpInfo declare() {
    using Op = OneStepGeneration;
    return Declare<Op>("flow", "one_step_generation", Tier::data)
        .summary("One-step actions of an average-velocity network, with best-of-N by two critics.")
        .formula("a = clip(ε − u(ε, r=0, t=1, s), ±clip), u the trunk over [ε, e_t, e_r, s];  "
                 "q = min(Q1, Q2)(s, a);  best = argmax q, lowest index on ties")
        .source("One-Step Flow Q-Learning, arXiv 2508.13904; MeanFlow, arXiv 2505.13447")
        .edge("Every layer but the last of each network uses `activation`. Without critics only "
              "the actions are returned. The time embeddings have sinusoid → small network form.")
        .flops("2*B*M*P")
        .where("h[0]", "D+p[Lp]+r[Lr]+S")
        .where("h[Lh]", "D")
        .where("p[0]", "E")
        .where("r[0]", "E")
        .where("c[0]", "S+D")
        .where("d[0]", "S+D")
        .where("c[Lc]", "1")
        .where("d[Ld]", "1")
        .in("observations", &Op::observations, "B,S", "states s")
        .in("noise", &Op::noise, "B,M,D", "M candidates of standard normal noise ε per state")
        .in("grad_action_unclipped", &Op::grad_action_unclipped, "B,M,D",
            "dL/d action_raw; absent: no gradients")
        .optional()
        .in_list("trunk_weight_#", &Op::trunk_weight, "h[#+1],h[#]", "Lh", "velocity network")
        .in_list("trunk_bias_#", &Op::trunk_bias, "h[#+1]", "Lh", "its biases")
        .in_list("tmlp_weight_#", &Op::tmlp_weight, "p[#+1],p[#]", "Lp", "network of e_t")
        .in_list("tmlp_bias_#", &Op::tmlp_bias, "p[#+1]", "Lp", "its biases")
        .in_list("rmlp_weight_#", &Op::rmlp_weight, "r[#+1],r[#]", "Lr", "network of e_r")
        .in_list("rmlp_bias_#", &Op::rmlp_bias, "r[#+1]", "Lr", "its biases")
        .in_list("critic1_weight_#", &Op::critic1_weight, "c[#+1],c[#]", "Lc", "first critic")
        .optional()
        .in_list("critic1_bias_#", &Op::critic1_bias, "c[#+1]", "Lc", "its biases")
        .optional()
        .in_list("critic2_weight_#", &Op::critic2_weight, "d[#+1],d[#]", "Ld", "second critic")
        .optional()
        .in_list("critic2_bias_#", &Op::critic2_bias, "d[#+1]", "Ld", "its biases")
        .optional()
        .integer("emb_dim", &Op::emb_dim, kRequired, Range::at_least(4),
                 "size of each time embedding, even")
        .size_of("E")
        .number("time_scale", &Op::time_scale, 1.0, Range::any(), "factor on t and r")
        .choice("activation", &Op::activation, BELFRY_ACTIVATION_WORDS, 8,
                "activation of all hidden layers")
        .number("clip", &Op::clip, 1.0, Range::above(0), "largest absolute action")
        .choices("critic_input_order", &Op::critic_input_order, {"observations", "actions"}, "",
                 "order of the critics' inputs; absent: observations, actions")
        .optional()
        .out("action_raw", &Op::action_raw, "B,M,D", "ε − u, before the clip")
        .out("actions", &Op::actions, "B,M,D", "clipped candidates")
        .out("q_min", &Op::q_min, "B,M", "smaller of the two critics")
        .needs("critic1_weight_#")
        .out("best_index", &Op::best_index, "B", "candidate with the largest q_min")
        .needs("critic1_weight_#")
        .out("best_action", &Op::best_action, "B,D", "that candidate")
        .needs("critic1_weight_#")
        .out("softmax_selection_prob", &Op::softmax_selection_prob, "B,M",
             "softmax of q_min over the candidates")
        .needs("critic1_weight_#")
        .out("grad_trunk_last_bias", &Op::grad_trunk_last_bias, "D",
             "gradient with respect to the trunk's last bias")
        .needs("grad_action_unclipped")
        .out("grad_trunk_weight_0", &Op::grad_trunk_weight_0, "h[1],h[0]",
             "gradient with respect to the trunk's first weight")
        .needs("grad_action_unclipped");
  }
};

using FlowOps =
    OpList<Activations, LayerNorm, SinusoidalEmbedding, Mlp, EulerSampler, OneStepGeneration>;

}  // namespace belfry
