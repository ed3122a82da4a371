// Losses that shape a representation: bisimulation, density ratios, contrast in time.
#pragma once

#include "ops/op.h"

namespace belfry {

enum class NextDistance : int32_t { l1_w2, w2 };
enum class ContrastiveLossType : int32_t { info_nce, logistic };

template <class T>
struct BisimulationLoss {
  In<T, 2> z;
  In<T, 1> rewards;
  In<T, 2> next_mu, next_sigma;
  In<int32_t, 1> permutation;
  double gamma;
  NextDistance next_distance;
  Out<T, 0> loss;
  Out<T, 1> residual;
  Out<T, 2> grad_z;
  Out<int32_t, 0> count;

  static OpInfo declare() {
    using Op = BisimulationLoss;
    return Declare<Op>("bellman", "bisimulation_loss", Tier::data)
        .summary("Makes the distance of two representations that of their futures.")
        .formula("e_i = ‖z_i − z_j‖₁ − |r_i − r_j| − γ D_i, j = permutation(i);  loss = mean e²;  "
                 "D: w2 = √(‖μ − μ'‖² + ‖σ − σ'‖²), l1_w2 = ‖μ − μ'‖₁")
        .source("Hong et al., Offline RL with Observation Histories, arXiv 2310.20663 "
                "(reconstructed); form of Zhang et al., arXiv 2006.10742")
        .edge("Only z has a gradient; |0| has slope 0. A pair of a row with itself adds nothing. "
              "The indices need not be a permutation: any pairing is taken.")
        .flops("3*B*d + 5*B*k")
        .in("z", &Op::z, "B,d", "representations")
        .in("rewards", &Op::rewards, "B", "rewards, or their estimates")
        .in("next_mu", &Op::next_mu, "B,k", "mean of the predicted next representation")
        .in("next_sigma", &Op::next_sigma, "B,k", "its standard deviation; for 'w2' only")
        .optional()
        .when("next_distance", "w2")
        .typical(0, 1)
        .in("permutation", &Op::permutation, "B", "the other row of each pair")
        .index_below("B")
        .number("gamma", &Op::gamma, kRequired, Range::closed(0, 1), "factor γ of D")
        .choice("next_distance", &Op::next_distance, {"l1_w2", "w2"}, 1,
                "distance D of next representations")
        .out("loss", &Op::loss, "", "mean of e²")
        .out("residual", &Op::residual, "B", "e")
        .out("grad_z", &Op::grad_z, "B,d", "gradient of the loss")
        .out("count", &Op::count, "", "pairs in the mean");
  }
};

template <class T>
struct BisimulationMetric {
  In<int32_t, 1> row_ptr, col;
  In<T, 1> prob;
  In<T, 2> rewards, policy;
  double c;
  bool on_policy;
  NullableNumber reward_weight;
  double tolerance;
  int64_t max_iterations;
  Out<T, 2> metric, after_one_iteration;
  Out<int32_t, 0> iterations;
  Out<uint8_t, 0> converged;

  static OpInfo declare() {
    using Op = BisimulationMetric;
    return Declare<Op>("bellman", "bisimulation_metric", Tier::algorithm)
        .summary("The bisimulation metric of a sparse model: how far apart the futures of two "
                 "states can be.")
        .formula("d(s,t) = max_a w |r(s,a) − r(t,a)| + c W1(P(s,a), P(t,a); d);  on policy: d = w "
                 "|r_π(s) − r_π(t)| + c W1(P_π(s), P_π(t); d)")
        .source("Ferns, Panangaden & Precup, UAI 2004; Castro, arXiv 1911.09291 (on policy)")
        .edge("W1 is solved exactly, by shortest augmenting paths. Mass that a row lacks goes to "
              "an end state with reward 0; a row with more than one is scaled down. |V*(s) − "
              "V*(t)| ≤ d(s,t)/w for c ≥ γ.")
        .flops("iterations*S*S*A*40")
        .in("row_ptr", &Op::row_ptr, "S*A+1", "bounds of each row's entries: 0 … N")
        .offsets_to("N")
        .in("col", &Op::col, "N", "successor state of each entry")
        .index_below("S")
        .in("prob", &Op::prob, "N", "probability of each entry")
        .typical(0, 0.3)
        .in("rewards", &Op::rewards, "S,A", "expected immediate reward")
        .in("policy", &Op::policy, "S,A", "π(a|s), for the metric on policy")
        .optional()
        .when("on_policy", "true")
        .typical(0, 1)
        .number("c", &Op::c, kRequired, Range::closed(0, 1), "weight of the successors")
        .boolean("on_policy", &Op::on_policy, false, "follow `policy` instead of comparing actions")
        .nullable("reward_weight", &Op::reward_weight, 1.0, Range::at_least(0),
                  "weight w of the rewards; null: 1 − c, and 1 on policy")
        .null_default()
        .number("tolerance", &Op::tolerance, 1e-9, Range::above(0), "accuracy of `metric`")
        .integer("max_iterations", &Op::max_iterations, 10000, Range::at_least(1),
                 "iterations after which the solve gives up")
        .out("metric", &Op::metric, "S,S", "d")
        .out("after_one_iteration", &Op::after_one_iteration, "S,S", "d after one step from 0")
        .out("iterations", &Op::iterations, "", "iterations made")
        .out("converged", &Op::converged, "", "1 when `tolerance` was reached");
  }
};

template <class T>
struct ContrastiveRatioLoss {
  In<T, 2> phi, psi;
  Flags<1> labels;
  double clamp_eps;
  Out<T, 0> loss;
  Out<T, 2> grad_phi, grad_psi;
  Out<int32_t, 0> count;

  static OpInfo declare() {
    using Op = ContrastiveRatioLoss;
    return Declare<Op>("bellman", "contrastive_ratio_loss", Tier::data)
        .summary("Learns the density ratio of successors to negatives as an inner product.")
        .formula("f = φ·ψ;  loss = mean [y ln(1 + 1/f) + (1 − y) ln(1 + f)];  ∂f = −1/(f(f+1)) or "
                 "1/(1+f)")
        .source("Qiu et al., Contrastive UCB, arXiv 2207.14800")
        .edge("f must be positive: otherwise the row is NaN, unless clamp_eps is above 0; a "
              "clamped row has gradient 0.")
        .flops("6*N*d")
        .in("phi", &Op::phi, "N,d", "features φ(s,a)")
        .typical(0.1, 1)
        .in("psi", &Op::psi, "N,d", "features ψ(s')")
        .typical(0.1, 1)
        .flags("labels", &Op::labels, "N", "1 = s' followed (s,a), 0 = drawn at random")
        .number("clamp_eps", &Op::clamp_eps, 0.0, Range::at_least(0),
                "f is raised to at least this; 0: not clamped")
        .out("loss", &Op::loss, "", "mean over the samples")
        .out("grad_phi", &Op::grad_phi, "N,d", "its gradient")
        .out("grad_psi", &Op::grad_psi, "N,d", "its gradient")
        .out("count", &Op::count, "", "samples in the mean");
  }
};

template <class T>
struct TemporalContrastiveLoss {
  In<T, 2> z1, z2;
  double temperature;
  bool normalize;
  ContrastiveLossType loss_type;
  Out<T, 0> loss;
  Out<T, 2> grad_z1, grad_z2;
  Out<int32_t, 0> count;

  static OpInfo declare() {
    using Op = TemporalContrastiveLoss;
    return Declare<Op>("bellman", "temporal_contrastive_loss", Tier::data)
        .summary("Pulls frames k steps apart together and pushes the others of the batch away.")
        .formula("f = [z1; z2], s_ij = f_i·f_j/τ, p(i) the partner;  info_nce: mean_i [−s_ip + log "
                 "Σ_{j≠i} e^{s_ij}];  logistic: mean_i ½[softplus(−s_ip) + mean_j softplus(s_ij)] "
                 "over the j of the other half")
        .source("Misra et al., Towards Principled Representation Learning from Videos, arXiv "
                "2403.13765")
        .edge("One pair: info_nce is 0. A feature of length below 1e-12 is divided by 1e-12. The "
              "2B×2B matrix is never stored.")
        .flops("24*B*B*d")
        .in("z1", &Op::z1, "B,d", "features of frame t")
        .in("z2", &Op::z2, "B,d", "features of frame t + k")
        .number("temperature", &Op::temperature, 1.0, Range::above(0), "τ")
        .boolean("normalize", &Op::normalize, true, "divide every feature by its length first")
        .choice("loss_type", &Op::loss_type, {"info_nce", "logistic"}, 0,
                "softmax over the batch, or true against shuffled pairs")
        .out("loss", &Op::loss, "", "mean over the 2B rows")
        .out("grad_z1", &Op::grad_z1, "B,d", "its gradient")
        .out("grad_z2", &Op::grad_z2, "B,d", "its gradient")
        .out("count", &Op::count, "", "pairs in the batch");
  }
};

}  // namespace belfry
