// diffusion_ql_train_step: next actions by the averaged policy's chain and the target, one step of
// both critics, then the policy: the behaviour loss, and its own chain with the way back through
// all steps; the gradients of these passes are added up. Everything stays on the device.
#include "cuda/flow/diffusion_chain.cuh"
#include "cuda/flow/train_step.cuh"
#include "ops/flow/diffusion_ql.h"

namespace belfry::cuda {

namespace {

constexpr const char* kStep = "diffusion_ql_train_step";

template <class T>
class DiffusionStep {
 public:
  DiffusionStep(const DiffusionQlTrainStep<T>& op, CudaContext& context)
      : op_(op),
        context_(context),
        work_(context, kStep),
        rows_(op.actions.dims[0]),
        count_(rows_ * op.actions.dims[1]) {}

  Status run() {
    if (Status s = check_critics(op_); !s.ok()) return s;
    policy_.trunk = current(op_.trunk, op_.activation);
    policy_.of_t = current(op_.tmlp, op_.activation);
    if (Status s = finish_network(&policy_); !s.ok()) return s;
    Critics critics(op_, op_.next_noise.dims[2], context_, work_);
    parameters_ = policy_parameters<T>(op_, nullptr, policy_, work_);
    if (!work_.ok()) return work_.status();
    const auto next = math::NextChoice::least_of_largest;
    if (Status s = critics.differentiate(next_actions(&critics), next, 1); !s.ok()) return s;
    if (Status s = critics.update(); !s.ok()) return s;
    return step_policy(critics);
  }

 private:
  using Critics = CriticStep<T, DiffusionQlTrainStep<T>>;

  Status finish_network(TimedNetwork<T>* net) const {
    net->dims = op_.actions.dims[1];
    net->states = op_.observations.dims[1];
    return place_columns<T>({}, op_.emb_dim, net);
  }

  const T* next_actions(Critics* critics) {
    TimedNetwork<T> averaged;
    averaged.trunk = average(op_.trunk, op_.activation);
    averaged.of_t = average(op_.tmlp, op_.activation);
    static_cast<void>(finish_network(&averaged));
    const int64_t draws = op_.next_noise.dims[2];
    DiffusionChain<T> chain(averaged, rows_ * draws, work_);
    chain.run(op_, op_.next_noise.begin(), op_.next_observations.begin(),
              {draws > 0 ? draws : 1, kOneGroup});
    T* const actions = critics->next_actions();
    chain.write_actions(actions);
    return actions;
  }

  Status step_policy(const Critics& critics) {
    auto* const sums = work_.scratch<PolicySums>(1);
    if (Status s = behaviour(sums); !s.ok()) return s;
    DiffusionChain<T> chain(policy_, rows_, work_);
    const T* const end =
        chain.run(op_, op_.noise_policy.begin(), op_.observations.begin(), RowMap{});
    T* const actions =
        op_.policy_action.present ? op_.policy_action.begin() : work_.scratch<T>(count_);
    T* const grad_a = work_.scratch<T>(count_);
    chain.write_actions(actions);
    if (Status s = climb(op_, critics, actions, sums, grad_a, context_, work_); !s.ok()) return s;
    const DescendCall<T> back{sums,
                              end,
                              grad_a,
                              -1,
                              op_.eta,
                              math::inverse_count(count_),
                              op_.max_action,
                              count_,
                              grad_a,
                              math::data_of(op_.bc_loss),
                              math::data_of(op_.q_loss),
                              math::data_of(op_.actor_loss)};
    work_.for_each(count_ + 1, descend<T>, back);
    if (op_.eta != 0) add_chain(&chain, grad_a);
    if (!work_.ok()) return work_.status();
    return optimise(op_, parameters_.set, 1 - op_.ema_decay, op_.actor_grad_norm, context_, work_);
  }

  // The behaviour loss; its gradients are the first in the sums.
  Status behaviour(PolicySums* sums) {
    T* const grad = work_.scratch<T>(count_);
    const TimedPass<T> pass = forward_pass(policy_, noisy_rows<T>(op_, work_), work_);
    if (!work_.ok()) return work_.status();
    const NoiseRows<T> loss{pass.y, op_.noise_bc.begin(), math::inverse_count(count_), grad};
    if (Status s =
            sum_rows(loss, count_, RowsBy::thread, KeepSums{&sums->bc, nullptr}, kStep, context_);
        !s.ok()) {
      return s;
    }
    backward_pass<T>(policy_, pass, grad, parameters_.wanted, work_);
    return work_.status();
  }

  void add_chain(DiffusionChain<T>* chain, T* grad) {
    const ParameterSet<T>& set = parameters_.set;
    T* const share = work_.scratch<T>(set.size);
    if (!work_.ok()) return;
    chain->backward(grad, policy_gradients(set, policy_, share),
                    [&] { work_.for_each(set.size, add_to<T>, share, set.size, set.grads); });
  }

  const DiffusionQlTrainStep<T>& op_;
  CudaContext& context_;
  Work work_;
  const int64_t rows_, count_;
  TimedNetwork<T> policy_;
  PolicyParameters<T> parameters_;
};

}  // namespace

template <>
Status run(const DiffusionQlTrainStep<float>& op, CudaContext& context) {
  return DiffusionStep<float>(op, context).run();
}
template <>
Status run(const DiffusionQlTrainStep<double>& op, CudaContext& context) {
  return DiffusionStep<double>(op, context).run();
}

}  // namespace belfry::cuda
