// ddpm_policy: the loss and the chain of T steps, networks layer by layer over the whole batch with
// everything kept, and back through every step of the chain.
#include "cuda/flow/diffusion_chain.cuh"

namespace belfry::cuda {

namespace {

template <class T>
class Policy {
 public:
  Policy(const DdpmPolicy<T>& op, CudaContext& context)
      : op_(op),
        context_(context),
        work_(context, "ddpm_policy"),
        rows_(op.actions.dims[0]),
        count_(rows_ * op.actions.dims[1]) {}

  Status run() {
    net_.trunk = make_network<T>(op_.trunk_weight, op_.trunk_bias, op_.activation);
    net_.of_t = make_network<T>(op_.tmlp_weight, op_.tmlp_bias, op_.activation);
    net_.dims = op_.actions.dims[1];
    net_.states = op_.observations.dims[1];
    if (Status s = place_columns(op_.input_order, op_.emb_dim, &net_); !s.ok()) return s;
    if (op_.bc_loss.present || op_.grad_trunk_weight_0_of_bc.present ||
        op_.grad_tmlp_weight_0_of_bc.present) {
      if (Status s = behaviour_loss(); !s.ok()) return s;
    }
    if (op_.sampled_action.present || op_.grad_trunk_weight_0_of_action_sum.present) sample();
    return work_.status();
  }

 private:
  Status behaviour_loss() {
    T* const grad = work_.scratch<T>(count_);
    const TimedRows<T> batch = noisy_rows<T>(op_, work_);
    const TimedPass<T> pass = forward_pass(net_, batch, work_);
    if (!work_.ok()) return work_.status();
    const NoiseRows<T> loss{pass.y, op_.noise_bc.begin(), math::inverse_count(count_), grad};
    const Status status =
        sum_rows(loss, count_, RowsBy::thread, store_mean(op_.bc_loss, Out<int32_t, 0>{}, count_),
                 "ddpm_policy", context_);
    if (!status.ok()) return status;
    TimedGradients<T> wanted;
    wanted.trunk = first_weight(net_.trunk, wanted_of(op_.grad_trunk_weight_0_of_bc));
    wanted.of_t = first_weight(net_.of_t, wanted_of(op_.grad_tmlp_weight_0_of_bc));
    if (!wanted.trunk.empty() || !wanted.of_t.empty()) {
      backward_pass<T>(net_, pass, grad, wanted, work_);
    }
    return work_.status();
  }

  static T* wanted_of(const Out<T, 2>& out) { return out.present ? out.begin() : nullptr; }
  static std::vector<LayerGrads<T>> first_weight(const Network<T>& network, T* weight) {
    if (!weight) return {};
    std::vector<LayerGrads<T>> grads(network.layers.size());
    grads.front().weight = weight;
    return grads;
  }

  void sample() {
    DiffusionChain<T> chain(net_, rows_, work_);
    chain.run(op_, op_.noise_chain.begin(), op_.observations.begin(), {});
    if (T* const actions = wanted_of(op_.sampled_action)) chain.write_actions(actions);
    T* const out = wanted_of(op_.grad_trunk_weight_0_of_action_sum);
    if (!out) return;
    const int64_t size = op_.grad_trunk_weight_0_of_action_sum.size();
    T* const g = work_.scratch<T>(count_);
    T* const weight = work_.scratch<T>(size);
    TimedGradients<T> wanted;
    wanted.trunk = first_weight(net_.trunk, weight);
    work_.for_each(size, fill<T>, T(0), size, out);
    work_.for_each(count_, fill<T>, T(1), count_, g);
    chain.backward(g, wanted, [&] { work_.for_each(size, add_to<T>, weight, size, out); });
  }

  const DdpmPolicy<T>& op_;
  CudaContext& context_;
  Work work_;
  const int64_t rows_, count_;
  TimedNetwork<T> net_;
};

}  // namespace

template <>
Status run(const DdpmPolicy<float>& op, CudaContext& context) {
  return Policy<float>(op, context).run();
}
template <>
Status run(const DdpmPolicy<double>& op, CudaContext& context) {
  return Policy<double>(op, context).run();
}

}  // namespace belfry::cuda
