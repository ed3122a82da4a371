// Networks of family `flow`: activations, norms, time embeddings, perceptrons.
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
// The parts of a trunk's input.
enum class TrunkInput : int32_t { x_t, emb_t, observations, emb_r };

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
  List<MixedIn<2>> weight;
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
        .one_graph()
        .summary("Multi-layer perceptron: forward, backward and forward-mode derivative.")
        .formula("per layer: z = h Wᵀ + b → [norm] → f → [norm];  JVP: ż = ḣ Wᵀ, f'(z) ż")
        .source("Griewank & Walther, Evaluating Derivatives (2008), ch. 3; layer orders of "
                "streaming-drl (norm 'pre') and OGBench (norm 'post')")
        .edge("Absent grad_y: no gradients. Absent tangent_x: no derivative. Weights of half "
              "precision count as the same numbers in float32, on the CPU to the last bit.")
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

// Fields that several ops share: a trunk over action, times and state, and the networks of the
// times.
template <class Op>
void add_trunk(Declare<Op>& d) {
  d.in_list("trunk_weight_#", &Op::trunk_weight, "h[#+1],h[#]", "Lh", "velocity network")
      .in_list("trunk_bias_#", &Op::trunk_bias, "h[#+1]", "Lh", "its biases")
      .in_list("tmlp_weight_#", &Op::tmlp_weight, "p[#+1],p[#]", "Lp", "network of e_t")
      .in_list("tmlp_bias_#", &Op::tmlp_bias, "p[#+1]", "Lp", "its biases")
      .where("h[Lh]", "D")
      .where("p[0]", "E");
}
template <class Op>
void add_trunk_of_two_times(Declare<Op>& d) {
  d.where("h[0]", "D+p[Lp]+r[Lr]+S")
      .with(add_trunk<Op>)
      .in_list("rmlp_weight_#", &Op::rmlp_weight, "r[#+1],r[#]", "Lr", "network of e_r")
      .in_list("rmlp_bias_#", &Op::rmlp_bias, "r[#+1]", "Lr", "its biases")
      .where("r[0]", "E");
}
template <class Op>
void add_embedding(Declare<Op>& d) {
  d.integer("emb_dim", &Op::emb_dim, kRequired, Range::at_least(4),
            "size of each time embedding, even")
      .size_of("E")
      .choice("activation", &Op::activation, BELFRY_ACTIVATION_WORDS, 8,
              "activation of all hidden layers");
}

using FlowNetworkOps = OpList<Activations, LayerNorm, SinusoidalEmbedding, Mlp>;

}  // namespace belfry
