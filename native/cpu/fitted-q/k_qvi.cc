// sqirl, form k_qvi: finite-horizon backups of the uniform policy, then of the greedy one, and the
// value of acting greedily by each Q_k. Two passes over the model a timestep and k.
#include "cpu/run.h"
#include "math/bellman.h"
#include "ops/fitted_q.h"

namespace belfry::cpu {

namespace {

template <class T>
class QviLimit {
 public:
  QviLimit(const KQvi<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        num_states_(op.rewards.dims[0]),
        num_actions_(op.rewards.dims[1]),
        values_(context.scratch<double>(num_states_)),
        next_values_(context.scratch<double>(num_states_)),
        q_(context.scratch<double>(op.horizon * rows())) {}

  Status run() {
    for (int64_t k = 0; k < op_.k_max; ++k) {
      if (k == 0)
        evaluate_uniform();
      else
        back_up();
      if (context_.stopped()) return aborted();
      write(k);
      if (op_.greedy_return) op_.greedy_return[k] = static_cast<T>(greedy_return());
      context_.report(k + 1, op_.k_max, 0);
    }
    return {};
  }

 private:
  int64_t rows() const { return num_states_ * num_actions_; }
  double* q_at(int64_t h) const { return q_ + h * rows(); }

  double backup(int64_t row, const double* next) const {
    double sum = 0;
    for (int64_t e = op_.row_ptr[row]; e < op_.row_ptr[row + 1]; ++e) {
      sum += static_cast<double>(op_.prob[e]) * next[op_.col[e]];
    }
    return math::q_value(static_cast<double>(op_.rewards[row]), op_.gamma, sum);
  }
  void back_up_all(const double* next, double* q) const {
    context_.parallel(rows(), chunk_for(20), [&](int64_t begin, int64_t end, int64_t) {
      for (int64_t row = begin; row < end; ++row) q[row] = backup(row, next);
    });
  }

  // Q_1, from the last timestep.
  void evaluate_uniform() {
    std::fill_n(values_, num_states_, 0.0);
    for (int64_t h = op_.horizon - 1; h >= 0; --h) {
      double* const q = q_at(h);
      back_up_all(values_, q);
      for (int64_t s = 0; s < num_states_; ++s) {
        double sum = 0;
        for (int64_t a = 0; a < num_actions_; ++a) sum += q[s * num_actions_ + a];
        values_[s] = num_actions_ == 0 ? 0 : sum / static_cast<double>(num_actions_);
      }
    }
  }

  // Q_{k+1} in the place of Q_k: timestep h needs h + 1 of the old one only.
  void back_up() {
    for (int64_t h = 0; h < op_.horizon; ++h) {
      for (int64_t s = 0; s < num_states_; ++s) {
        values_[s] = h + 1 < op_.horizon ? choice(h + 1, s).value(false) : 0;
      }
      back_up_all(values_, q_at(h));
    }
  }

  math::GreedyChoice<double> choice(int64_t h, int64_t state) const {
    math::GreedyChoice<double> best;
    const double* const q = q_at(h) + state * num_actions_;
    for (int64_t a = 0; a < num_actions_; ++a) best.offer(static_cast<int32_t>(a), q[a]);
    return best;
  }

  double greedy_return() {
    if (num_states_ == 0) return 0;
    std::fill_n(next_values_, num_states_, 0.0);
    for (int64_t h = op_.horizon - 1; h >= 0; --h) {
      for (int64_t s = 0; s < num_states_; ++s) {
        const int32_t action = choice(h, s).action;
        values_[s] = action < 0 ? 0 : backup(s * num_actions_ + action, next_values_);
      }
      std::swap(values_, next_values_);
    }
    return next_values_[0];
  }

  void write(int64_t k) const {
    if (!op_.q_k[k]) return;
    for (int64_t i = 0; i < op_.horizon * rows(); ++i) op_.q_k[k][i] = static_cast<T>(q_[i]);
  }

  const KQvi<T>& op_;
  CpuContext& context_;
  const int64_t num_states_, num_actions_;
  double *values_, *next_values_, *q_;
};

}  // namespace

template <>
Status run(const KQvi<float>& op, CpuContext& context) {
  return QviLimit<float>(op, context).run();
}
template <>
Status run(const KQvi<double>& op, CpuContext& context) {
  return QviLimit<double>(op, context).run();
}

}  // namespace belfry::cpu
