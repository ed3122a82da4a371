// mamql: Q̄(s,a) = Σ_o π₋(o|s) Q(s,a,o), π = softmax(λQ̄), and the objective of math/inverse_q.h
// (arXiv 2503.04679). Reads both joint critics once: 2·A·K values a row, 4·A·K flops and 2·A
// exponentials; bound by memory. The gradients in the joint critics write as much again.
#include <algorithm>
#include <cmath>

#include "cpu/run.h"
#include "math/flags.h"
#include "math/inverse_q.h"

namespace belfry::cpu {

namespace {

// Σ π₋(o) q(o), four chains in float64.
template <class T>
double marginal(const T* q, const T* other, int64_t count) {
  double sum[4] = {};
  int64_t k = 0;
  for (; k + 4 <= count; k += 4) {
    for (int i = 0; i < 4; ++i) {
      sum[i] += static_cast<double>(q[k + i]) * static_cast<double>(other[k + i]);
    }
  }
  for (; k < count; ++k) sum[0] += static_cast<double>(q[k]) * static_cast<double>(other[k]);
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

// policy = softmax(λ q); returns V = log Σ e^{λ q} / λ.
double soft_value(const double* q, int64_t count, double rationality, double* policy) {
  double most = q[0];
  for (int64_t a = 1; a < count; ++a) most = q[a] > most ? q[a] : most;
  double sum = 0;
  for (int64_t a = 0; a < count; ++a) sum += policy[a] = std::exp(rationality * (q[a] - most));
  for (int64_t a = 0; a < count; ++a) policy[a] /= sum;
  return most + std::log(sum) / rationality;
}

template <class T>
class InverseQBatch {
 public:
  InverseQBatch(const Mamql<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        rows_(op.q_joint.dims[0]),
        actions_(op.q_joint.dims[1]),
        others_(op.q_joint.dims[2]),
        terminated_(math::read_flags(op.terminated, false)),
        expert_(math::read_flags(op.is_expert, true)),
        chunk_(chunk_for(2 * actions_ * (others_ + 20))) {}

  Status run() {
    int64_t experts = 0;
    for (int64_t b = 0; b < rows_; ++b) experts += expert_(b);
    rule_ = math::inverse_q_rule(op_, rows_, experts);
    const int64_t chunks = (rows_ + chunk_ - 1) / chunk_;
    double* losses = context_.scratch<double>(chunks);
    double* buffers = context_.scratch<double>(chunks * kBuffers * actions_);
    context_.parallel(rows_, chunk_, [&](int64_t begin, int64_t end, int64_t chunk) {
      double* buffer = buffers + chunk * kBuffers * actions_;
      double sum = 0;
      for (int64_t b = begin; b < end; ++b) sum += row(b, buffer);
      losses[chunk] = sum;
    });
    if (context_.stopped()) return aborted();
    double loss = 0;
    for (int64_t c = 0; c < chunks; ++c) loss += losses[c];
    if (op_.loss) op_.loss[0] = static_cast<T>(loss);
    return {};
  }

 private:
  static constexpr int64_t kBuffers = 3;

  double row(int64_t b, double* buffer) const {
    double *q = buffer, *policy = buffer + actions_, *next_policy = buffer + 2 * actions_;
    marginalise(op_.next_q_joint, op_.next_other_policy, b, q);
    const double next_value = soft_value(q, actions_, op_.rationality, next_policy);
    marginalise(op_.q_joint, op_.other_policy, b, q);
    const double value = soft_value(q, actions_, op_.rationality, policy);
    const int64_t taken = op_.actions[b];
    const auto terms =
        math::inverse_q_row(rule_, q[taken], value, next_value, terminated_(b), expert_(b));
    write(op_.q_marginal, b, q);
    write(op_.policy, b, policy);
    if (op_.values) op_.values[b] = static_cast<T>(value);
    if (op_.rewards) op_.rewards[b] = static_cast<T>(terms.reward);
    for (int64_t a = 0; a < actions_; ++a) policy[a] *= terms.by_value;
    policy[taken] += terms.by_taken;
    // A terminated row sends nothing back, whatever its next state holds.
    for (int64_t a = 0; a < actions_; ++a) {
      next_policy[a] = terms.by_next_value == 0 ? 0 : next_policy[a] * terms.by_next_value;
    }
    write(op_.grad_q_marginal, b, policy);
    write(op_.grad_next_q_marginal, b, next_policy);
    write_joint(op_.grad_q_joint, op_.other_policy, b, policy);
    write_joint(op_.grad_next_q_joint, op_.next_other_policy, b, next_policy);
    return terms.loss;
  }

  void marginalise(const In<T, 3>& joint, const In<T, 2>& other, int64_t b, double* q) const {
    for (int64_t a = 0; a < actions_; ++a) {
      q[a] = marginal(joint.begin() + (b * actions_ + a) * others_, other.begin() + b * others_,
                      others_);
    }
  }
  void write(const Out<T, 2>& output, int64_t b, const double* values) const {
    if (!output) return;
    for (int64_t a = 0; a < actions_; ++a) output[b * actions_ + a] = static_cast<T>(values[a]);
  }
  void write_joint(const Out<T, 3>& output, const In<T, 2>& other, int64_t b,
                   const double* gradient) const {
    if (!output) return;
    for (int64_t a = 0; a < actions_; ++a) {
      const T factor = static_cast<T>(gradient[a]);
      T* to = output.begin() + (b * actions_ + a) * others_;
      const T* from = other.begin() + b * others_;
      for (int64_t k = 0; k < others_; ++k) to[k] = factor * from[k];
    }
  }

  const Mamql<T>& op_;
  CpuContext& context_;
  const int64_t rows_, actions_, others_;
  const math::FlagReader terminated_, expert_;
  const int64_t chunk_;
  math::InverseQRule rule_{};
};

}  // namespace

template <>
Status run(const Mamql<float>& op, CpuContext& context) {
  return InverseQBatch<float>(op, context).run();
}
template <>
Status run(const Mamql<double>& op, CpuContext& context) {
  return InverseQBatch<double>(op, context).run();
}

}  // namespace belfry::cpu
