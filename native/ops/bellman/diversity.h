// Quality-diversity, path signatures, rewards from features: small computations of the papers.
#pragma once

#include "ops/op.h"

namespace belfry {

enum class NoveltyMetric : int32_t { euclidean, manhattan, minkowski, mahalanobis };
enum class CrowdingConvention : int32_t { official, standard };
enum class PerceptualSplit : int32_t { split };
enum class PerceptualSelect : int32_t { select_reward };
enum class PerceptualCombine : int32_t { combine };

template <class T>
struct NoveltyKnn {
  In<T, 2> bd, reference;
  int64_t k;
  NoveltyMetric metric;
  double p;
  Out<T, 1> novelty;

  static OpInfo declare() {
    using Op = NoveltyKnn;
    return Declare<Op>("bellman", "novelty_knn", Tier::data)
        .summary("Novelty of a behaviour: its mean distance to the k nearest others.")
        .formula("mean of the distances ranked 1 … k; rank 0, the behaviour itself, is skipped")
        .source("Lehman & Stanley 2011; Paolo, Learning in sparse rewards settings through "
                "Quality-Diversity algorithms, arXiv 2203.01027")
        .edge("`reference` holds the behaviours themselves too. With fewer than k others, the mean "
              "over what is there; with none, NaN. NaN distances rank last. mahalanobis takes the "
              "covariance of bd and reference together (n + r − 1 degrees of freedom).")
        .flops("3*n*r*d")
        .in("bd", &Op::bd, "n,d", "behaviour descriptors")
        .in("reference", &Op::reference, "r,d", "population, offspring and archive")
        .integer("k", &Op::k, 15, Range::at_least(1), "neighbours")
        .choice("metric", &Op::metric, {"euclidean", "manhattan", "minkowski", "mahalanobis"}, 0,
                "distance")
        .number("p", &Op::p, 2.0, Range::above(0), "exponent of minkowski")
        .out("novelty", &Op::novelty, "n", "novelty of each behaviour");
  }
};

template <class T>
struct NondominatedSort {
  In<T, 1> objective1, objective2;
  bool maximize;
  Out<int32_t, 1> rank;

  static OpInfo declare() {
    using Op = NondominatedSort;
    return Declare<Op>("bellman", "nondominated_sort", Tier::algorithm)
        .summary("Pareto fronts of two objectives.")
        .formula("p dominates q: no worse in both, better in one;  rank 0: dominated by none; rank "
                 "i: by none once the ranks below i are gone")
        .source("Deb et al., NSGA-II, IEEE TEC 2002")
        .edge("Equal points share a rank. A point with a NaN neither dominates nor is dominated.")
        .flops("n*20")
        .in("objective1", &Op::objective1, "n", "first objective")
        .in("objective2", &Op::objective2, "n", "second objective")
        .boolean("maximize", &Op::maximize, true, "larger is better")
        .out("rank", &Op::rank, "n", "front of each point, 0 = the best");
  }
};

template <class T>
struct CrowdingDistance {
  In<T, 1> objective1, objective2;
  In<int32_t, 1> front;
  CrowdingConvention convention;
  Out<T, 1> distance;

  static OpInfo declare() {
    using Op = CrowdingDistance;
    return Declare<Op>("bellman", "crowding_distance", Tier::algorithm)
        .summary("How alone each point of a Pareto front is.")
        .formula("Σ over objectives of (next − previous)/(max − min of the whole population); the "
                 "ends are Infinity")
        .source("Deb et al., NSGA-II, IEEE TEC 2002; 'official': as in the code of SERENE, arXiv "
                "2102.03140 (GPaolo/SERENE, core/evolvers/utils.py)")
        .edge("official: entry k belongs to the k-th smallest of objective 1 and adds the gap of "
              "the k-th smallest of objective 2, another point where the objectives are opposed; a "
              "constant objective gives Infinity. standard: entry k belongs to front[k], both ends "
              "of each objective are Infinity, a constant objective adds 0.")
        .flops("f*20 + 2*n")
        .in("objective1", &Op::objective1, "n", "first objective of the whole population")
        .in("objective2", &Op::objective2, "n", "second objective")
        .in("front", &Op::front, "f", "points of the front, each once")
        .index_below("n")
        .choice("convention", &Op::convention, {"official", "standard"}, 0,
                "whose gap an entry takes")
        .out("distance", &Op::distance, "f", "crowding distance");
  }
};

template <class T>
struct EmitterBookkeeping {
  In<T, 2> reward_history, genomes;
  int64_t index, window;
  double fallback_sigma;
  Out<T, 0> improvement, sigma;

  static OpInfo declare() {
    using Op = EmitterBookkeeping;
    return Declare<Op>("bellman", "emitter_bookkeeping", Tier::control)
        .summary("Whether an emitter still improves, and the step size a new one starts with.")
        .formula("improvement = max(0, mean reward of the last generations − that of the first);  "
                 "sigma = distance of the genome to the nearest other / 3")
        .source("Paolo et al., SERENE, arXiv 2102.03140; thesis arXiv 2203.01027")
        .edge("Fewer generations than `window`: those there are. A duplicate of the genome, or no "
              "other: fallback_sigma.")
        .flops("G*R + 3*P*d")
        .in("reward_history", &Op::reward_history, "G,R",
            "rewards of the emitter's offspring, a row per generation")
        .in("genomes", &Op::genomes, "P,d", "population")
        .integer("index", &Op::index, kRequired, Range::at_least(0), "genome of the new emitter")
        .integer("window", &Op::window, 3, Range::at_least(1), "generations at each end")
        .number("fallback_sigma", &Op::fallback_sigma, 0.05, Range::at_least(0),
                "step size when the nearest distance is 0")
        .out("improvement", &Op::improvement, "", "0 = the emitter has ended")
        .out("sigma", &Op::sigma, "", "initial step size");
  }
};

template <class T>
struct PathSignature {
  In<T, 2> path;
  int64_t depth;
  Out<T, 1> signature;

  static OpInfo declare() {
    using Op = PathSignature;
    return Declare<Op>("bellman", "path_signature", Tier::algorithm)
        .summary("Signature of a piecewise linear path: its iterated integrals up to a depth.")
        .formula("S = ⊗ over segments of exp(Δx) in the truncated tensor algebra (Chen)")
        .source("Chen 1957; as behaviour descriptor: Paolo, arXiv 2203.01027")
        .edge("Fewer than two points give zeros. Level 1 is the total increment.")
        .flops("T*depth*d[^m]")
        .in("path", &Op::path, "T,d", "points of the path")
        .integer("depth", &Op::depth, kRequired, Range::closed(1, 64), "depth m")
        .size_of("m")
        .out("signature", &Op::signature, "d[^m]",
             "levels 1 to m one after the other, each in row-major order");
  }
};

template <class T>
struct PerceptualSplitSteps {
  In<T, 2> features;
  PerceptualSplit op_word;
  int64_t num_steps, min_size;
  Out<int32_t, 1> boundaries;
  Out<T, 0> average_std;

  static OpInfo declare() {
    using Op = PerceptualSplitSteps;
    return Declare<Op>("bellman", "perceptual_reward", Tier::algorithm)
        .form("split", "op=split")
        .summary("Cuts a demonstration into steps within which its features vary least.")
        .formula("min over cuts of the mean over steps of the mean over features of the standard "
                 "deviation")
        .source("Sermanet, Xu & Levine, Unsupervised Perceptual Rewards, arXiv 1612.06699 "
                "(reconstructed)")
        .edge("Exact, by dynamic programming; of equal cuts the first in lexicographic order. Too "
              "few frames for the steps asked for are an error.")
        .flops("4*T*T*d + n*T*T")
        .in("features", &Op::features, "T,d", "features of each frame")
        .choice("op", &Op::op_word, {"split"}, 0, "names this form")
        .integer("num_steps", &Op::num_steps, kRequired, Range::at_least(1), "steps n")
        .size_of("n")
        .integer("min_size", &Op::min_size, 1, Range::at_least(1), "fewest frames of a step")
        .out("boundaries", &Op::boundaries, "n", "first frame of steps 2 … n: n − 1 entries")
        .sized_by_data()
        .out("average_std", &Op::average_std, "", "the minimum");
  }
};

template <class T>
struct PerceptualSelectReward {
  In<T, 2> positive, negative, query;
  PerceptualSelect op_word;
  double alpha;
  int64_t num_features;
  Out<T, 1> z_score;
  Out<int32_t, 1> selected;
  Out<T, 1> step_reward;

  static OpInfo declare() {
    using Op = PerceptualSelectReward;
    return Declare<Op>("bellman", "perceptual_reward", Tier::algorithm)
        .form("select_reward", "op=select_reward")
        .summary("Picks the features that tell one step from the others, and rewards frames by "
                 "them.")
        .formula(
            "z_j = α |μ⁺_j − μ⁻_j| − (σ⁺_j + σ⁻_j);  reward = −mean over the best M of ((x_j − "
            "μ⁺_j)/σ⁺_j)²")
        .source("Sermanet, Xu & Levine, arXiv 1612.06699 (reconstructed)")
        .edge("Population deviations, at least 1e-8 as divisors. Ties keep the lower feature. With "
              "fewer features than asked for, all.")
        .flops("4*P*d + 4*N*d + 4*Q*d")
        .in("positive", &Op::positive, "P,d", "frames of the step")
        .in("negative", &Op::negative, "N,d", "frames of the other steps")
        .in("query", &Op::query, "Q,d", "frames to reward")
        .choice("op", &Op::op_word, {"select_reward"}, 0, "names this form")
        .number("alpha", &Op::alpha, 1.0, Range::any(), "weight α of the distance of the means")
        .integer("num_features", &Op::num_features, 32, Range::at_least(1), "features M kept")
        .out("z_score", &Op::z_score, "d", "z")
        .out("selected", &Op::selected, "d", "the M kept, by falling z")
        .sized_by_data()
        .out("step_reward", &Op::step_reward, "Q", "reward of each frame");
  }
};

template <class T>
struct PerceptualCombineSteps {
  In<T, 2> step_reward;
  PerceptualCombine op_word;
  Out<T, 1> total;

  static OpInfo declare() {
    using Op = PerceptualCombineSteps;
    return Declare<Op>("bellman", "perceptual_reward", Tier::algorithm)
        .form("combine", "op=combine")
        .summary("One reward from those of all steps; later steps weigh twice as much each.")
        .formula("Σ_{i=2…n} 2^{i−1} R_i")
        .source("Sermanet, Xu & Levine, arXiv 1612.06699 (reconstructed)")
        .edge("The first step, where everything begins, is left out.")
        .flops("2*Q*n")
        .in("step_reward", &Op::step_reward, "Q,n", "reward of each step at each frame")
        .choice("op", &Op::op_word, {"combine"}, 0, "names this form")
        .out("total", &Op::total, "Q", "combined reward");
  }
};

// On every backend.
using BellmanDiversityOps = OpList<NoveltyKnn>;
// On the host.
using BellmanDiversityHostOps =
    OpList<NondominatedSort, CrowdingDistance, EmitterBookkeeping, PathSignature,
           PerceptualSplitSteps, PerceptualSelectReward, PerceptualCombineSteps>;

}  // namespace belfry
