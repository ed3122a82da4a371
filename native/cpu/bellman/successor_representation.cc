// successor_representation: M = (I − γ P_π)⁻¹, V = M r, ψ = M Φ (Dayan (1993)). One LU of S³·2/3
// flops in float64; M is S solves with it, V and ψ one for each column. Memory: S² float64.
#include "cpu/bellman/dense_lu.h"
#include "cpu/run.h"
#include "math/bellman.h"
#include "ops/bellman/backups.h"

namespace belfry::cpu {

namespace {

template <class T>
class SuccessorSolver {
 public:
  SuccessorSolver(const SuccessorRepresentation<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        num_states_(op.policy.dims[0]),
        num_actions_(op.policy.dims[1]),
        matrix_(context.scratch<double>(num_states_ * num_states_)) {
    fill_matrix();
  }

  Status run() {
    const DenseLu lu(matrix_, context_.scratch<int32_t>(num_states_), num_states_);
    if (op_.sr) {
      solve_columns(lu, op_.sr, num_states_,
                    [](int64_t s, int64_t column) { return s == column ? 1.0 : 0.0; });
    }
    if (op_.values) {
      solve_columns(lu, op_.values, 1, [this](int64_t s, int64_t) { return reward(s); });
    }
    if (op_.successor_features) {
      const int64_t width = op_.features.dims[1];
      solve_columns(lu, op_.successor_features, width, [&](int64_t s, int64_t column) {
        return static_cast<double>(op_.features[s * width + column]);
      });
    }
    return context_.stopped() ? aborted() : Status{};
  }

 private:
  void fill_matrix() {
    std::fill_n(matrix_, num_states_ * num_states_, 0.0);
    for (int64_t row = 0; row < num_states_ * num_actions_; ++row) {
      const double taken = static_cast<double>(op_.policy[row]);
      const int64_t s = row / num_actions_;
      if (row % num_actions_ == 0) matrix_[s * num_states_ + s] += 1;
      if (taken == 0) continue;
      for (int64_t e = op_.row_ptr[row]; e < op_.row_ptr[row + 1]; ++e) {
        matrix_[s * num_states_ + op_.col[e]] -=
            op_.gamma * taken * static_cast<double>(op_.prob[e]);
      }
    }
  }
  double reward(int64_t state) const {
    if (op_.state_reward) return static_cast<double>(op_.state_reward[state]);
    double sum = 0;
    for (int64_t row = state * num_actions_; row < (state + 1) * num_actions_; ++row) {
      sum += math::policy_term(static_cast<double>(op_.policy[row]),
                               static_cast<double>(op_.rewards[row]));
    }
    return sum;
  }

  // out [S,width] = M · (what `entry` gives), a few columns a thread.
  template <int R, class Entry>
  void solve_columns(const DenseLu& lu, const Out<T, R>& out, int64_t width, const Entry& entry) {
    const int64_t chunk = chunk_for(2 * num_states_ * num_states_);
    const int64_t pieces = (width + chunk - 1) / chunk;
    double* columns = context_.scratch<double>(pieces * num_states_);
    context_.parallel(width, chunk, [&](int64_t begin, int64_t end, int64_t piece) {
      double* x = columns + piece * num_states_;
      for (int64_t column = begin; column < end; ++column) {
        for (int64_t s = 0; s < num_states_; ++s) x[s] = entry(s, column);
        if (lu.regular())
          lu.solve(x);
        else
          std::fill_n(x, num_states_, math::kNaN<double>);
        for (int64_t s = 0; s < num_states_; ++s) out[s * width + column] = static_cast<T>(x[s]);
      }
    });
  }

  const SuccessorRepresentation<T>& op_;
  CpuContext& context_;
  const int64_t num_states_, num_actions_;
  double* matrix_;
};

template <class T>
Status successor_representation(const SuccessorRepresentation<T>& op, CpuContext& context) {
  return SuccessorSolver<T>(op, context).run();
}

}  // namespace

template <>
Status run(const SuccessorRepresentation<float>& op, CpuContext& context) {
  return successor_representation(op, context);
}
template <>
Status run(const SuccessorRepresentation<double>& op, CpuContext& context) {
  return successor_representation(op, context);
}

}  // namespace belfry::cpu
