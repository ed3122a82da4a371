// distributional_policy_evaluation: η(s) = Π Σ_s' P(s'|s) law(r(s) + γ Z') on a grid of atoms
// (Bellemare, Dabney and Munos, arXiv 1707.06887), iterated to its fixed point. The projection is
// linear, so the successors are mixed first (2 S² n flops) and projected once (6 S n). A
// contraction by √γ in the Cramér distance (Rowland et al., arXiv 1802.08163), which sets the stop.
#include <cmath>

#include "cpu/run.h"
#include "math/value_iteration.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

template <class T>
class ReturnSolver {
 public:
  ReturnSolver(const DistributionalPolicyEvaluation<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        num_states_(op.rewards.dims[0]),
        num_atoms_(op.num_atoms),
        step_((op.v_max - op.v_min) / static_cast<double>(op.num_atoms - 1)),
        now_(context.scratch<double>(num_states_ * num_atoms_)),
        next_(context.scratch<double>(num_states_ * num_atoms_)),
        chunk_(chunk_for(2 * (num_states_ + 3) * num_atoms_)),
        num_chunks_((num_states_ + chunk_ - 1) / chunk_),
        mixed_(context.scratch<double>(num_chunks_ * num_atoms_)),
        changes_(context.scratch<double>(num_chunks_)) {
    std::fill_n(now_, num_states_ * num_atoms_, 1.0 / static_cast<double>(num_atoms_));
  }

  Status run() {
    const double contraction = std::sqrt(op_.gamma);
    // γ = 1: the change of a sweep is all there is to go by.
    const double factor = contraction < 1 ? std::min(1.0, (1 - contraction) / contraction) : 1;
    const double enough = std::max(op_.tolerance * factor, kRounding);
    double change = math::kInfinity<double>;
    int64_t iterations = 0;
    while (change > enough && iterations < op_.max_iterations) {
      change = sweep();
      if (context_.stopped()) return aborted();
      context_.report(++iterations, op_.max_iterations, change);
    }
    write();
    if (op_.iterations) op_.iterations[0] = static_cast<int32_t>(iterations);
    if (op_.residual_inf) op_.residual_inf[0] = static_cast<T>(change);
    if (op_.converged) op_.converged[0] = change <= op_.tolerance * factor;
    return {};
  }

 private:
  static constexpr double kRounding = 4e-16;  // of probabilities

  double atom(int64_t i) const { return op_.v_min + step_ * static_cast<double>(i); }

  // Adds mass p at an outcome, shared between its two neighbours.
  void project(double outcome, double p, double* row) const {
    const double last = static_cast<double>(num_atoms_ - 1);
    const double place = (outcome - op_.v_min) / step_;
    if (place != place) {
      row[0] = place;
      return;
    }
    const double inside = std::min(std::max(place, 0.0), last);
    const auto lower = std::min(static_cast<int64_t>(inside), num_atoms_ - 2);
    const double share = inside - static_cast<double>(lower);
    row[lower] += p * (1 - share);
    row[lower + 1] += p * share;
  }
  void sweep_state(int64_t s, double* mixed) const {
    std::fill_n(mixed, num_atoms_, 0.0);
    double mass = 0;
    for (int64_t to = 0; to < num_states_; ++to) {
      const double p = static_cast<double>(op_.prob_pi[s * num_states_ + to]);
      mass += p;
      if (p == 0) continue;
      const double* from = now_ + to * num_atoms_;
      for (int64_t i = 0; i < num_atoms_; ++i) mixed[i] += p * from[i];
    }
    double* row = next_ + s * num_atoms_;
    std::fill_n(row, num_atoms_, 0.0);
    const double reward = static_cast<double>(op_.rewards[s]);
    for (int64_t i = 0; i < num_atoms_; ++i) project(reward + op_.gamma * atom(i), mixed[i], row);
    const double missing = 1 - mass;
    if (missing > math::kMassSlack<T>) {
      project(reward, missing, row);
    } else if (missing > -math::kMassSlack<T>) {
      // A mass that rounding took would be lost again in every sweep.
      for (int64_t i = 0; i < num_atoms_; ++i) row[i] /= mass;
    }
  }
  double sweep() {
    std::fill_n(changes_, num_chunks_, 0.0);
    context_.parallel(num_states_, chunk_, [&](int64_t begin, int64_t end, int64_t chunk) {
      double change = 0;
      for (int64_t s = begin; s < end; ++s) {
        sweep_state(s, mixed_ + chunk * num_atoms_);
        for (int64_t i = s * num_atoms_; i < (s + 1) * num_atoms_; ++i) {
          const double own = std::fabs(next_[i] - now_[i]);
          change = own > change || own != own ? own : change;
        }
      }
      changes_[chunk] = change;
    });
    std::swap(now_, next_);
    double change = 0;
    for (int64_t i = 0; i < num_chunks_; ++i) {
      change = changes_[i] > change || changes_[i] != changes_[i] ? changes_[i] : change;
    }
    return change;
  }
  void write() const {
    for (int64_t s = 0; s < num_states_; ++s) {
      double mean = 0;
      for (int64_t i = 0; i < num_atoms_; ++i) {
        const double p = now_[s * num_atoms_ + i];
        mean += p * atom(i);
        if (op_.prob) op_.prob[s * num_atoms_ + i] = static_cast<T>(p);
      }
      if (op_.mean) op_.mean[s] = static_cast<T>(mean);
    }
  }

  const DistributionalPolicyEvaluation<T>& op_;
  CpuContext& context_;
  const int64_t num_states_, num_atoms_;
  const double step_;
  double *now_, *next_;
  const int64_t chunk_, num_chunks_;
  double *mixed_, *changes_;
};

template <class T>
Status distributional_policy_evaluation(const DistributionalPolicyEvaluation<T>& op,
                                        CpuContext& context) {
  if (!(op.v_max > op.v_min) || !(op.v_max - op.v_min < math::kInfinity<double>)) {
    return Status::error(Code::bad_value, "vMax", "%g is not above vMin, %g", op.v_max, op.v_min);
  }
  return ReturnSolver<T>(op, context).run();
}

}  // namespace

template <>
Status run(const DistributionalPolicyEvaluation<float>& op, CpuContext& context) {
  return distributional_policy_evaluation(op, context);
}
template <>
Status run(const DistributionalPolicyEvaluation<double>& op, CpuContext& context) {
  return distributional_policy_evaluation(op, context);
}

}  // namespace belfry::cpu
