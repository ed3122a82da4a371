// pomdp_belief_qmdp: b'(s') ∝ O(o|a,s') Σ_s b(s) P(s'|s,a), and max_a Σ_s b(s) Q(s,a) at the
// incoming belief. A row of the batch reads one action's slice of P, S² values, and adds it up by
// rows; 2·S² flops.
#include <algorithm>

#include "cpu/run.h"
#include "math/bellman.h"
#include "ops/bellman/search.h"

namespace belfry::cpu {

namespace {

template <class T>
class BeliefRows {
 public:
  explicit BeliefRows(const PomdpBeliefQmdp<T>& op)
      : op_(op),
        num_states_(op.prob.dims[0]),
        num_actions_(op.prob.dims[1]),
        num_observations_(op.observation.dims[2]) {}

  int64_t width() const { return std::max(num_states_, num_actions_); }

  void row(int64_t b, double* sums) const {
    if (op_.next_belief || op_.likelihood) update(b, sums);
    if (op_.qmdp_value || op_.qmdp_action) choose(b, sums);
  }

 private:
  // sums += belief(s) · values(0 .. count), for one s.
  static void add(double weight, const T* values, int64_t count, double* sums) {
    for (int64_t i = 0; i < count; ++i) sums[i] += weight * static_cast<double>(values[i]);
  }

  void update(int64_t b, double* next) const {
    const int64_t action = op_.actions[b];
    std::fill_n(next, num_states_, 0.0);
    for (int64_t s = 0; s < num_states_; ++s) {
      add(belief(b, s), op_.prob.begin() + (s * num_actions_ + action) * num_states_, num_states_,
          next);
    }
    const T* seen = op_.observation.begin() + action * num_states_ * num_observations_ + op_.obs[b];
    double likelihood = 0;
    for (int64_t t = 0; t < num_states_; ++t) {
      next[t] *= static_cast<double>(seen[t * num_observations_]);
      likelihood += next[t];
    }
    if (op_.likelihood) op_.likelihood[b] = static_cast<T>(likelihood);
    for (int64_t t = 0; t < num_states_ && op_.next_belief; ++t) {
      op_.next_belief[b * num_states_ + t] = static_cast<T>(next[t] / likelihood);
    }
  }
  void choose(int64_t b, double* q) const {
    std::fill_n(q, num_actions_, 0.0);
    for (int64_t s = 0; s < num_states_; ++s) {
      add(belief(b, s), op_.q_values.begin() + s * num_actions_, num_actions_, q);
    }
    math::GreedyChoice<double> choice;
    for (int64_t a = 0; a < num_actions_; ++a) choice.offer(static_cast<int32_t>(a), q[a]);
    if (op_.qmdp_value) op_.qmdp_value[b] = static_cast<T>(choice.value(false));
    if (op_.qmdp_action) op_.qmdp_action[b] = choice.action;
  }
  double belief(int64_t b, int64_t s) const {
    return static_cast<double>(op_.belief[b * num_states_ + s]);
  }

  const PomdpBeliefQmdp<T>& op_;
  const int64_t num_states_, num_actions_, num_observations_;
};

template <class T>
Status pomdp_belief_qmdp(const PomdpBeliefQmdp<T>& op, CpuContext& context) {
  const BeliefRows<T> rows(op);
  const int64_t count = op.belief.dims[0], width = rows.width();
  const int64_t chunk = chunk_for(2 * width * width);
  double* sums = context.scratch<double>((count + chunk - 1) / chunk * width);
  context.parallel(count, chunk, [&](int64_t begin, int64_t end, int64_t piece) {
    for (int64_t b = begin; b < end; ++b) rows.row(b, sums + piece * width);
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const PomdpBeliefQmdp<float>& op, CpuContext& context) {
  return pomdp_belief_qmdp(op, context);
}
template <>
Status run(const PomdpBeliefQmdp<double>& op, CpuContext& context) {
  return pomdp_belief_qmdp(op, context);
}

}  // namespace belfry::cpu
