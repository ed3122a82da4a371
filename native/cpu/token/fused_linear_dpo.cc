// fused_linear_dpo: sums of log-probabilities of both models in chunks of rows, loss = mean
// softplus(−u), and back through the policy (DPO, arXiv 2305.18290; Liger Kernel). 2NHV flops for
// each forward, 4NHV back, and 2NHV more when the batch is more than one chunk.
#include <algorithm>

#include "cpu/run.h"
#include "cpu/token/fused_linear.h"
#include "cpu/token/token_losses.h"
#include "math/pair_losses.h"

namespace belfry::cpu {

namespace {

// Σ of the labelled tokens of a sequence.
template <class T>
double sequence_sum(const T* log_probs, int64_t sequence, int64_t length) {
  double sum = 0;
  for (int64_t i = sequence * length; i < (sequence + 1) * length; ++i) {
    sum += static_cast<double>(log_probs[i]);
  }
  return sum;
}

template <class T>
Status fused_linear_dpo(const FusedLinearDpo<T>& op, CpuContext& context) {
  const int64_t total = op.hidden.dims[0], pairs = op.pairs, length = op.length;
  const auto zeros = [&] {
    T* data = context.scratch<T>(total);
    std::fill_n(data, total, T(0));
    return data;
  };
  T *log_probs = zeros(), *ref_log_probs = zeros(), *upstream = zeros();
  FusedLinear<T> reference({op.ref_hidden, op.ref_weight, nullptr, op.labels.begin()}, op, context);
  if (Status status = reference.forward({ref_log_probs, nullptr}); !status.ok()) return status;
  FusedLinear<T> policy({op.hidden, op.weight, nullptr, op.labels.begin()}, op, context);
  if (Status status = policy.forward({log_probs, nullptr}); !status.ok()) return status;

  const auto gain = [&](int64_t sequence) {
    return sequence_sum(log_probs, sequence, length) -
           sequence_sum(ref_log_probs, sequence, length);
  };
  double loss = 0;
  for (int64_t pair = 0; pair < pairs; ++pair) {
    const math::DpoTerm term = math::dpo_term(op.beta * (gain(pair) - gain(pairs + pair)));
    loss += term.loss;
    const double slope = op.beta * term.pull / static_cast<double>(pairs);
    std::fill_n(upstream + pair * length, length, static_cast<T>(-slope));
    std::fill_n(upstream + (pairs + pair) * length, length, static_cast<T>(slope));
  }
  put(op.loss, pairs > 0 ? loss / static_cast<double>(pairs) : 0);
  const FusedGradients<T> gradients{data_of(op.grad_hidden), data_of(op.grad_weight)};
  return gradients.wanted() ? policy.backward({upstream}, gradients, {}) : Status{};
}

}  // namespace

template <>
Status run(const FusedLinearDpo<float>& op, CpuContext& context) {
  return fused_linear_dpo(op, context);
}
template <>
Status run(const FusedLinearDpo<double>& op, CpuContext& context) {
  return fused_linear_dpo(op, context);
}

}  // namespace belfry::cpu
