// diffusion_ql_train_step: critics (critic_step.h) at the actions of the averaged policy's chain,
// then the policy: the behaviour loss, and −η mean Q_i/mean|Q_j| at the end of its own chain, back
// through all K steps. The gradients of these K + 1 passes are added up.
//
// The chains of the next states run block by block, all steps while a block is in cache; the
// policy's chain keeps what the way back needs. With A and C parameters of the policy and of a
// critic, 2 flops each: 2KA·B (target), 6A·B (behaviour loss), 6KA·B (chain and back), 22C·B.
#include "cpu/flow/diffusion_chain.h"
#include "cpu/flow/policy_parameters.h"
#include "cpu/flow/step_network.h"
#include "cpu/run.h"
#include "ops/flow/diffusion_ql.h"

namespace belfry::cpu {

namespace {

template <class T>
using Critics = CriticStep<T, DiffusionQlTrainStep<T>>;

template <class T>
TimedNetwork<T> timed(const Network<T>& trunk, const Network<T>& of_t,
                      const DiffusionQlTrainStep<T>& op) {
  TimedNetwork<T> net;
  net.nets.trunk = trunk;
  net.nets.of_t = of_t;
  net.dims = op.actions.dims[1];
  net.states = op.observations.dims[1];
  static_cast<void>(place_columns<T>({}, &net));
  return net;
}

// Chains of the averaged policy, a block of rows at a time.
template <class T>
class ChainActions final : public NextActions<T> {
 public:
  ChainActions(const DiffusionQlTrainStep<T>& op, CpuContext& context)
      : rules_(chain_rules(op, context)),
        dims_(op.actions.dims[1]),
        draws_(op.next_noise.dims[2]),
        rows_(op.actions.dims[0] * draws_),
        noise_(op.next_noise.begin()),
        states_(op.next_observations.begin()) {
    const TimedNetwork<T> policy = timed(average(op.trunk, op.activation, rows_, context),
                                         average(op.tmlp, op.activation, 1, context), op);
    net_ = step_network(policy.nets.trunk, policy.columns.observations, policy.states,
                        policy.columns.x, dims_);
    T* times = context.scratch<T>(rules_.count * net_.hidden());
    for (int64_t k = 0; k < rules_.count; ++k) {
      const CpuContext::ScratchScope scope(context);
      fold_step(policy, rules_.count - 1 - k, times + k * net_.hidden(), context);
    }
    times_ = times;
  }

  void operator()(int64_t row, int64_t count, T* x, T* work) const override {
    const int64_t hidden = net_.hidden(), size = count * dims_;
    T* base = work;
    T* z = base + count * hidden;
    T* predicted = z + count * hidden;
    T* rest = predicted + size;
    share_states(row, count, base, z);
    const T* noise = noise_ + row * dims_;
    std::memcpy(x, noise, static_cast<size_t>(size) * sizeof(T));
    for (int64_t k = 0; k < rules_.count; ++k) {
      evaluate_step(net_, base, x, times_ + k * hidden, T(1), count, z, predicted, rest);
      const T* fresh = k + 1 == rules_.count ? noise : noise + (k + 1) * rows_ * dims_;
      for (int64_t i = 0; i < size; ++i) {
        x[i] = static_cast<T>(rules_.steps[k].next(static_cast<double>(x[i]),
                                                   static_cast<double>(predicted[i]),
                                                   static_cast<double>(fresh[i])));
      }
    }
    for (int64_t i = 0; i < size; ++i) {
      x[i] = static_cast<T>(math::within(static_cast<double>(x[i]), rules_.max_action));
    }
  }
  int64_t work_per_row() const override {
    return 2 * net_.hidden() + dims_ + 2 * net_.network.widest();
  }
  int64_t parameters() const override { return rules_.count * net_.network.parameters(); }
  int64_t widest() const override { return net_.network.widest(); }

 private:
  // W_s s + b of every row; draws of one state share it.
  void share_states(int64_t row, int64_t count, T* base, T* work) const {
    if (draws_ == 1) return apply_shared(net_, states_, row, count, base);
    const int64_t hidden = net_.hidden(), first = row / draws_;
    apply_shared(net_, states_, first, (row + count - 1) / draws_ - first + 1, work);
    for (int64_t i = 0; i < count; ++i) {
      std::memcpy(base + i * hidden, work + ((row + i) / draws_ - first) * hidden,
                  static_cast<size_t>(hidden) * sizeof(T));
    }
  }

  const ChainRules rules_;
  const int64_t dims_, draws_, rows_;
  const T* noise_;
  const T* states_;
  StepNetwork<T> net_;
  const T* times_ = nullptr;  // [steps, hidden]
};

template <class T>
class PolicyStep {
 public:
  PolicyStep(const DiffusionQlTrainStep<T>& op, const Critics<T>& critics, CpuContext& context)
      : op_(op),
        critics_(critics),
        context_(context),
        rows_(op.actions.dims[0]),
        count_(rows_ * op.actions.dims[1]),
        net_(timed(current(op.trunk, op.activation, rows_, context),
                   current(op.tmlp, op.activation, rows_, context), op)),
        parameters_(policy_parameters<T>(op, nullptr, context)) {}

  Status run() {
    double bc_loss = 0, q_loss = 0;
    if (Status s = behaviour(&bc_loss); !s.ok()) return s;
    if (Status s = climb_critics(&q_loss); !s.ok()) return s;
    if (op_.bc_loss) op_.bc_loss[0] = static_cast<T>(bc_loss);
    if (op_.q_loss) op_.q_loss[0] = static_cast<T>(q_loss);
    if (op_.actor_loss) op_.actor_loss[0] = static_cast<T>(bc_loss + op_.eta * q_loss);
    return update_policy(op_, parameters_, 1 - op_.ema_decay, context_);
  }

 private:
  // The behaviour loss; its gradients are the first in the sums.
  Status behaviour(double* loss) {
    const CpuContext::ScratchScope scope(context_);
    TimedPass<T> pass = forward_pass(net_, noisy_rows<T>(op_, context_), context_);
    if (context_.stopped()) return aborted();
    T* grad = context_.scratch<T>(count_);
    *loss = noise_loss(pass.y(), op_.noise_bc.begin(), count_, grad);
    return backward_pass(net_, pass, grad, parameters_.wanted, context_);
  }

  // The chain, both critics at its end, and back.
  Status climb_critics(double* q_loss) {
    DiffusionChain<T> chain(net_, chain_rules(op_, context_), rows_, context_);
    chain.run(op_.noise_policy.begin(), op_.observations.begin());
    if (context_.stopped()) return aborted();
    T* actions = op_.policy_action ? op_.policy_action.begin() : context_.scratch<T>(count_);
    T* grad = context_.scratch<T>(count_);
    chain.clip_end(actions);
    if (Status s = climb(op_, critics_, actions, q_loss, grad, context_); !s.ok()) return s;
    if (op_.eta == 0) return {};
    TimedGradients<T> share;
    share.trunk = no_gradients(net_.nets.trunk, context_);
    share.of_t = no_gradients(net_.nets.of_t, context_);
    const T* const* added = share_items(&share);
    return chain.backward(grad, share, [&] { add_to_sums(added); });
  }

  // Memory for the gradients of one pass, in the order of the parameters.
  const T* const* share_items(TimedGradients<T>* share) {
    const ParameterSet<T>& set = parameters_.set;
    const auto** items = context_.scratch<const T*>(set.count);
    int64_t next = 0;
    const auto take = [&] {
      T* memory = context_.scratch<T>(set.items[next].count);
      items[next++] = memory;
      return memory;
    };
    const auto fill = [&](LayerGrads<T>* layers, int64_t count) {
      for (int64_t i = 0; i < count; ++i) {
        layers[i].weight = take();
        layers[i].bias = take();
      }
    };
    fill(share->trunk, net_.nets.trunk.count);
    fill(share->of_t, net_.nets.of_t.count);
    return items;
  }

  void add_to_sums(const T* const* added) {
    const ParameterSet<T>& set = parameters_.set;
    for (int64_t k = 0; k < set.count; ++k) {
      T* sum = set.items[k].grad;
      const T* from = added[k];
      for (int64_t i = 0; i < set.items[k].count; ++i) sum[i] += from[i];
    }
  }

  const DiffusionQlTrainStep<T>& op_;
  const Critics<T>& critics_;
  CpuContext& context_;
  const int64_t rows_, count_;
  const TimedNetwork<T> net_;
  const PolicyParameters<T> parameters_;
};

template <class T>
Status step_critics(const DiffusionQlTrainStep<T>& op, Critics<T>* critics, CpuContext& context) {
  const CpuContext::ScratchScope scope(context);
  const ChainActions<T> actions(op, context);
  const auto next = math::NextChoice::least_of_largest;
  if (Status s = critics->differentiate(actions, next, 1); !s.ok()) return s;
  return critics->update();
}

template <class T>
Status diffusion_ql_train_step(const DiffusionQlTrainStep<T>& op, CpuContext& context) {
  if (Status s = check_timed(op.trunk.now.weight.count, op.tmlp.now.weight.count, 1, op.emb_dim);
      !s.ok()) {
    return s;
  }
  if (Status s = check_critics(op); !s.ok()) return s;
  Critics<T> critics(op, op.next_noise.dims[2], context);
  if (Status s = step_critics(op, &critics, context); !s.ok()) return s;
  return PolicyStep<T>(op, critics, context).run();
}

}  // namespace

template <>
Status run(const DiffusionQlTrainStep<float>& op, CpuContext& context) {
  return diffusion_ql_train_step(op, context);
}
template <>
Status run(const DiffusionQlTrainStep<double>& op, CpuContext& context) {
  return diffusion_ql_train_step(op, context);
}

}  // namespace belfry::cpu
