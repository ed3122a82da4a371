// mean_flow_q_train_step: the critics' gradients (critic_step.h) at the best of some actions, the
// policy's gradients with the critics as they were, then both steps.
//
// The flow objective at (z, t) and the policy's action at (ε, 1) are two halves of one batch of 2B
// rows through the same network; the derivative along the path is taken in the first alone. With A
// and C parameters of the policy and of a critic, 2 flops each: 2MA·B (target), 4A·B (forward),
// 2A·B (along the path), 8A·B (back), 2(5 + 6)C·B for the critics.
#include <cstring>

#include "cpu/flow/average_velocity.h"
#include "cpu/flow/folded_actions.h"
#include "cpu/flow/policy_parameters.h"
#include "cpu/run.h"
#include "ops/flow/diffusion_ql.h"

namespace belfry::cpu {

namespace {

template <class T>
using Critics = CriticStep<T, MeanFlowQTrainStep<T>>;

struct PolicyLosses {
  double flow = 0, bound = 0, q = 0;
};

template <class T>
class PolicyStep {
 public:
  PolicyStep(const MeanFlowQTrainStep<T>& op, const Critics<T>& critics, CpuContext& context)
      : op_(op),
        critics_(critics),
        context_(context),
        rows_(op.actions.dims[0]),
        dims_(op.actions.dims[1]),
        count_(rows_ * dims_),
        parameters_(policy_parameters<T>(op, nullptr, context)) {
    net_.nets.trunk = current(op.trunk, op.activation, 2 * rows_, context);
    net_.nets.of_t = current(op.tmlp, op.activation, 2 * rows_, context);
    net_.nets.time_scale = op.time_scale;
    net_.dims = dims_;
    net_.states = op.observations.dims[1];
    static_cast<void>(place_columns<T>({}, &net_));
  }

  Status differentiate() {
    const CpuContext::ScratchScope scope(context_);
    const VelocityTarget<T> path =
        velocity_target(op_.actions, op_.noise_bc, op_.t, rows_, context_);
    const TimedRows<T> batch = both_halves(path.x_t);
    TimedPass<T> pass = forward_pass(net_, batch, context_);
    T* dgdt = context_.scratch<T>(count_);
    T* grad = context_.scratch<T>(2 * count_);
    derivative(batch, pass, path.velocity, dgdt);
    if (context_.stopped()) return aborted();
    PolicyLosses losses;
    losses.flow = flow_loss(pass.y(), dgdt, grad);
    if (Status s = climb_critics(pass.y() + count_, grad + count_, &losses); !s.ok()) return s;
    report(losses);
    return backward_pass(net_, pass, grad, parameters_.wanted, context_);
  }

  Status update() { return update_policy(op_, parameters_, 0, context_); }

 private:
  // [z, t] over [ε, 1], where one time serves all rows.
  TimedRows<T> both_halves(const T* z) {
    const int64_t states = op_.observations.dims[1];
    T* x = context_.scratch<T>(2 * count_);
    T* t = context_.scratch<T>(rows_ + 1);
    T* s = context_.scratch<T>(2 * rows_ * states);
    const auto copy = [](const T* from, int64_t count, T* to) {
      if (count > 0) std::memcpy(to, from, static_cast<size_t>(count) * sizeof(T));
    };
    copy(z, count_, x);
    copy(op_.noise_policy.begin(), count_, x + count_);
    copy(op_.t.begin(), rows_, t);
    t[rows_] = T(1);
    for (int half = 0; half < 2; ++half) {
      copy(op_.observations.begin(), rows_ * states, s + half * rows_ * states);
    }
    return {2 * rows_, x, t, nullptr, s, rows_ + 1};
  }

  void derivative(const TimedRows<T>& batch, const TimedPass<T>& pass, const T* velocity, T* dgdt) {
    int32_t* listed = context_.scratch<int32_t>(rows_);
    for (int64_t i = 0; i < rows_; ++i) listed[i] = static_cast<int32_t>(i);
    derivative_pass(net_, batch, pass, listed, rows_, velocity, dgdt, context_);
  }

  // The flow objective, and α times its gradient.
  double flow_loss(const T* g, const T* dgdt, T* grad) {
    math::ResidualRows<T> loss{};
    loss.actions = op_.actions.begin();
    loss.noise = op_.noise_bc.begin();
    loss.t = op_.t.begin();
    loss.g = g;
    loss.dgdt = dgdt;
    loss.p = 1 - op_.adaptive_gamma;
    loss.c = op_.adaptive_c;
    loss.limit = op_.target_clip;
    loss.dims = dims_;
    loss.inverse_rows = math::inverse_count(rows_);
    loss.g_target = math::data_of(op_.g_target);
    loss.grad = grad;
    const auto sums = sum_rows(loss, rows_, 24 * dims_ + 60, context_);
    const T alpha = static_cast<T>(op_.alpha);
    for (int64_t i = 0; i < count_; ++i) grad[i] *= alpha;
    return sums.loss * loss.inverse_rows;
  }

  // The clipped action, both critics there, the bound loss, and their gradient with respect to g.
  Status climb_critics(const T* g, T* grad, PolicyLosses* losses) {
    T* actions = op_.policy_action ? op_.policy_action.begin() : context_.scratch<T>(count_);
    for (int64_t i = 0; i < count_; ++i) actions[i] = math::clip_action(g[i], T(1));
    CriticPasses<T> passes =
        evaluate_critics(op_, critics_.online(0), critics_.online(1), actions, context_);
    if (context_.stopped()) return aborted();
    const math::MeanSizeRows<T> mean{passes.q(0), passes.q(1)};
    const math::LossSums sums = sum_rows(mean, rows_, 6, context_);
    const double size = op_.normalize_q_loss ? sums.other : static_cast<double>(rows_);
    losses->q = -math::normalised(sums.loss, size);
    const T factor = static_cast<T>(-0.5 * math::normalised(1, size));
    T* by_critic[2] = {context_.scratch<T>(count_), context_.scratch<T>(count_)};
    for (int64_t i = 0; i < 2; ++i) {
      if (Status s = action_gradient(op_, &passes, i, factor, by_critic[i], context_); !s.ok()) {
        return s;
      }
    }
    const double share = math::inverse_elements(rows_, dims_);
    const math::BoundStep<T> bound{static_cast<T>(op_.bound_weight * share)};
    double outside = 0;
    for (int64_t i = 0; i < count_; ++i) {
      outside += math::outside_bounds(static_cast<double>(g[i]));
      grad[i] = bound.gradient(g[i], by_critic[0][i] + by_critic[1][i]);
    }
    losses->bound = outside * share;
    return {};
  }

  void report(const PolicyLosses& losses) const {
    const double actor = losses.q + op_.bound_weight * losses.bound + op_.alpha * losses.flow;
    if (op_.flow_loss) op_.flow_loss[0] = static_cast<T>(losses.flow);
    if (op_.bound_loss) op_.bound_loss[0] = static_cast<T>(losses.bound);
    if (op_.q_loss) op_.q_loss[0] = static_cast<T>(losses.q);
    if (op_.actor_loss) op_.actor_loss[0] = static_cast<T>(actor);
  }

  const MeanFlowQTrainStep<T>& op_;
  const Critics<T>& critics_;
  CpuContext& context_;
  const int64_t rows_, dims_, count_;
  TimedNetwork<T> net_;
  const PolicyParameters<T> parameters_;
};

template <class T>
Status differentiate_critics(const MeanFlowQTrainStep<T>& op, Critics<T>* critics,
                             CpuContext& context) {
  const CpuContext::ScratchScope scope(context);
  const int64_t rows = op.actions.dims[0] * op.next_noise.dims[1];
  const VelocityNetworks<T> nets{current(op.trunk, op.activation, rows, context),
                                 current(op.tmlp, op.activation, 1, context),
                                 {},
                                 op.time_scale};
  const FoldedTrunk<T> policy =
      fold_trunk(nets, op.actions.dims[1], op.observations.dims[1], context);
  const FoldedActions<T> actions(policy, op.next_observations.begin(), op.next_noise, true);
  return critics->differentiate(actions, math::next_choice_of(op.q_agg), 0.5);
}

template <class T>
Status mean_flow_q_train_step(const MeanFlowQTrainStep<T>& op, CpuContext& context) {
  if (Status s = check_timed(op.trunk.now.weight.count, op.tmlp.now.weight.count, 1, op.emb_dim);
      !s.ok()) {
    return s;
  }
  if (Status s = check_critics(op); !s.ok()) return s;
  Critics<T> critics(op, op.next_noise.dims[1], context);
  if (Status s = differentiate_critics(op, &critics, context); !s.ok()) return s;
  PolicyStep<T> policy(op, critics, context);
  if (Status s = policy.differentiate(); !s.ok()) return s;
  if (Status s = critics.update(); !s.ok()) return s;
  return policy.update();
}

}  // namespace

template <>
Status run(const MeanFlowQTrainStep<float>& op, CpuContext& context) {
  return mean_flow_q_train_step(op, context);
}
template <>
Status run(const MeanFlowQTrainStep<double>& op, CpuContext& context) {
  return mean_flow_q_train_step(op, context);
}

}  // namespace belfry::cpu
