// Samplers of family `flow`: actions from noise through a network.
#pragma once

#include "ops/flow/network.h"
#include "ops/flow/schedules.h"

namespace belfry {

enum class EulerInput : int32_t { observations, x, t };
enum class CriticInput : int32_t { observations, actions };

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
        .one_graph()
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
        .one_graph()
        .summary("One-step actions of an average-velocity network, with best-of-N by two critics.")
        .formula("a = clip(ε − u(ε, r=0, t=1, s), ±clip), u the trunk over [ε, e_t, e_r, s];  "
                 "q = min(Q1, Q2)(s, a);  best = argmax q, lowest index on ties")
        .source("One-Step Flow Q-Learning, arXiv 2508.13904; MeanFlow, arXiv 2505.13447")
        .edge("Every layer but the last of each network uses `activation`. Without critics only "
              "the actions are returned. The time embeddings have sinusoid → small network form.")
        .flops("2*B*M*P")
        .where("c[0]", "S+D")
        .where("d[0]", "S+D")
        .where("c[Lc]", "1")
        .where("d[Ld]", "1")
        .in("observations", &Op::observations, "B,S", "states s")
        .in("noise", &Op::noise, "B,M,D", "M candidates of standard normal noise ε per state")
        .in("grad_action_unclipped", &Op::grad_action_unclipped, "B,M,D",
            "dL/d action_raw; absent: no gradients")
        .optional()
        .with(add_trunk_of_two_times<Op>)
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

template <class T>
struct DdimSampler {
  In<T, 2> observations, noise;
  In<int32_t, 1> timesteps;
  List<In<T, 2>> trunk_weight;
  List<In<T, 1>> trunk_bias;
  List<In<T, 2>> tmlp_weight;
  List<In<T, 1>> tmlp_bias;
  NoiseSchedule schedule;
  int64_t steps, emb_dim;
  Activation activation;
  double eta, max_action;
  List<TrunkInput> input_order;
  Out<T, 2> actions;

  static OpInfo declare() {
    using Op = DdimSampler;
    return Declare<Op>("flow", "ddim_sampler", Tier::data)
        .one_graph()
        .summary("Deterministic sampling of a diffusion policy through a subset of its steps.")
        .formula("x̂₀ = clip((x − √(1−ᾱ) ε_θ)/√ᾱ), ε = (x − √ᾱ x̂₀)/√(1−ᾱ);  x ← √ᾱ' x̂₀ + √(1−ᾱ') "
                 "ε, ᾱ' of the timestep before, 1 before the first")
        .source("Song et al., arXiv 2010.02502, eq. 12 with η = 0")
        .edge("timesteps are walked from the last to the first. None: the noise is returned.")
        .flops("2*B*P*n")
        .where("h[0]", "D+p[Lp]+S")
        .in("observations", &Op::observations, "B,S", "states s")
        .in("noise", &Op::noise, "B,D", "standard normal noise, where the chain starts")
        .in("timesteps", &Op::timesteps, "n", "steps to take, ascending, counted from 0")
        .index_below("K")
        .with(add_trunk<Op>)
        .choice("schedule", &Op::schedule, BELFRY_NOISE_SCHEDULE_WORDS, 0, "noise schedule")
        .integer("steps", &Op::steps, 5, Range::at_least(1), "steps T of the schedule")
        .size_of("K")
        .with(add_embedding<Op>)
        .number("eta", &Op::eta, 0.0, Range::closed(0, 0), "η, 0: no noise is added")
        .number("max_action", &Op::max_action, 1.0, Range::above(0), "largest absolute x̂₀")
        .choices("input_order", &Op::input_order, {"x_t", "emb_t", "observations"}, "",
                 "order of the trunk's inputs; absent: x_t, emb_t, observations")
        .optional()
        .out("actions", &Op::actions, "B,D", "actions");
  }
};

template <class T>
struct DdpmPolicy {
  In<T, 2> observations, actions;
  In<int32_t, 1> t_index;
  In<T, 2> noise_bc;
  In<T, 3> noise_chain;
  List<In<T, 2>> trunk_weight;
  List<In<T, 1>> trunk_bias;
  List<In<T, 2>> tmlp_weight;
  List<In<T, 1>> tmlp_bias;
  NoiseSchedule schedule;
  int64_t steps, emb_dim;
  Activation activation;
  double max_action;
  List<TrunkInput> input_order;
  bool clip_denoised;
  Out<T, 2> sampled_action, grad_trunk_weight_0_of_action_sum;
  Out<T, 0> bc_loss;
  Out<T, 2> grad_trunk_weight_0_of_bc, grad_tmlp_weight_0_of_bc;

  static OpInfo declare() {
    using Op = DdpmPolicy;
    return Declare<Op>("flow", "ddpm_policy", Tier::data)
        .one_graph()
        .summary("A diffusion policy: its loss, its sampler, and gradients through both.")
        .formula("loss = mean (ε_θ(√ᾱ a + √(1−ᾱ) ε, t, s) − ε)²;  chain: x̂₀ = clip(√(1/ᾱ) x − "
                 "√(1/ᾱ − 1) ε_θ), x ← c₀ x̂₀ + c_t x + σ noise, no noise at the last step")
        .source("Ho et al., arXiv 2006.11239, algorithms 1 and 2; Diffusion-QL, arXiv 2208.06193")
        .edge("noise_chain[0] is the start, [k] the noise of the k-th step; its last entry is not "
              "read. Gradients pass a clip inside its limits only. An empty batch has loss 0.")
        .flops("6*B*P*(steps + 1)")
        .where("h[0]", "D+p[Lp]+S")
        .in("observations", &Op::observations, "B,S", "states s")
        .in("actions", &Op::actions, "B,D", "data a")
        .in("t_index", &Op::t_index, "B", "step of each row of the loss, counted from 0")
        .index_below("K")
        .in("noise_bc", &Op::noise_bc, "B,D", "noise ε of the loss")
        .in("noise_chain", &Op::noise_chain, "K+1,B,D", "noise of the sampler")
        .with(add_trunk<Op>)
        .choice("schedule", &Op::schedule, BELFRY_NOISE_SCHEDULE_WORDS, 0, "noise schedule")
        .integer("steps", &Op::steps, 5, Range::at_least(1), "steps T of the schedule")
        .size_of("K")
        .with(add_embedding<Op>)
        .number("max_action", &Op::max_action, 1.0, Range::above(0), "largest absolute action")
        .choices("input_order", &Op::input_order, {"x_t", "emb_t", "observations"}, "",
                 "order of the trunk's inputs; absent: x_t, emb_t, observations")
        .optional()
        .boolean("clip_denoised", &Op::clip_denoised, true, "clip x̂₀ at every step")
        .out("sampled_action", &Op::sampled_action, "B,D", "end of the chain, clipped")
        .out("grad_trunk_weight_0_of_action_sum", &Op::grad_trunk_weight_0_of_action_sum,
             "h[1],h[0]", "gradient of the sum of sampled_action")
        .out("bc_loss", &Op::bc_loss, "", "mean over B and D")
        .out("grad_trunk_weight_0_of_bc", &Op::grad_trunk_weight_0_of_bc, "h[1],h[0]",
             "its gradient")
        .out("grad_tmlp_weight_0_of_bc", &Op::grad_tmlp_weight_0_of_bc, "p[1],p[0]",
             "its gradient");
  }
};

using FlowSamplingOps = OpList<EulerSampler, OneStepGeneration, DdimSampler, DdpmPolicy>;

}  // namespace belfry
