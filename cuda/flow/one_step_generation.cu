// one_step_generation: a = clip(ε − u(ε, r = 0, t = 1, s), ±clip), candidates scored by two
// critics.
//
// The time embeddings are constants here, so they are folded into the bias of layer 1; W_s s + b'
// is computed once per state and W_x ε per candidate, for the critics likewise. Small networks run
// in one kernel each, both critics in the same. 2 (P_trunk + P_critics) flops per candidate.
#include "cuda/flow/columns.cuh"
#include "cuda/flow/generation.cuh"
#include "cuda/flow/network_backward.cuh"

namespace belfry::cuda {

namespace {

template <class T>
class Generation {
 public:
  Generation(const OneStepGeneration<T>& op, CudaContext& context)
      : op_(op),
        work_(context, "one_step_generation"),
        batch_(op.noise.dims[0]),
        candidates_(op.noise.dims[1]),
        dims_(op.noise.dims[2]),
        states_(op.observations.dims[1]),
        rows_(batch_ * candidates_) {}

  Status run() {
    has_critics_ = op_.critic1_weight.count > 0 &&
                   (op_.q_min.present || op_.best_index.present || op_.best_action.present ||
                    op_.softmax_selection_prob.present);
    if (Status status = check(); !status.ok()) return status;
    const bool has_gradients =
        op_.grad_action_unclipped.present &&
        (op_.grad_trunk_weight_0.present || op_.grad_trunk_last_bias.present);
    const bool has_actions = op_.action_raw.present || op_.actions.present || has_critics_;
    if (!has_gradients && !has_actions) return {};
    fold_times();
    if (!work_.ok()) return work_.status();
    std::vector<LayerTrace<T>> traces;
    T* const velocity = has_actions ? work_.scratch<T>(rows_ * dims_) : nullptr;
    if (has_gradients) {
      Evaluation<T> call;
      call.x = op_.noise.begin();
      call.rows = rows_;
      call.y = velocity;
      traces = forward_keeping(trunk_, call, work_);
    } else {
      forward(trunk_, op_.noise.begin(), rows_, velocity, work_);
    }
    if (has_actions) write_actions(velocity);
    if (has_critics_) choose();
    if (has_gradients) write_gradients(traces);
    return work_.status();
  }

 private:
  Status check() const {
    if (op_.emb_dim % 2 != 0 || op_.emb_dim < 4) {
      return Status::error(Code::invalid_argument, "emb_dim",
                           "is %lld, expected an even number >= 4",
                           static_cast<long long>(op_.emb_dim));
    }
    if (op_.trunk_weight.count == 0) return no_layers("trunk_weight_#");
    if (op_.tmlp_weight.count == 0) return no_layers("tmlp_weight_#");
    if (op_.rmlp_weight.count == 0) return no_layers("rmlp_weight_#");
    const auto& order = op_.critic_input_order;
    if (has_critics_ && order.count != 0 && (order.count != 2 || order[0] == order[1])) {
      return Status::error(Code::invalid_argument, "critic_input_order",
                           "must hold each of observations and actions once");
    }
    if (has_critics_ && candidates_ == 0 && batch_ > 0) {
      return Status::error(Code::bad_shape, "noise", "has no candidates to choose from");
    }
    return {};
  }

  // Layer 1 over its own columns, with W_s s + `bias` for each state.
  void split(Network<T>& network, int64_t own_at, int64_t states_at, const T* bias) {
    Layer<T>& first = network.layers.front();
    const T* const shared = shared_part(columns_of(first, states_at, states_), bias,
                                        op_.observations.begin(), batch_, work_);
    first = columns_of(first, own_at, dims_);
    first.add = shared;
    first.add_group = candidates_ > 0 ? candidates_ : 1;
  }

  // e_t and e_r, the bias b' = b + W_e [e_t, e_r] and the trunk split with it.
  void fold_times() {
    const Network<T> of_t = make_network<T>(op_.tmlp_weight, op_.tmlp_bias, op_.activation);
    const Network<T> of_r = make_network<T>(op_.rmlp_weight, op_.rmlp_bias, op_.activation);
    num_times_ = of_t.outputs() + of_r.outputs();
    T* const embeddings = work_.scratch<T>(2 * op_.emb_dim);
    T* const times = work_.scratch<T>(num_times_);
    if (!work_.ok()) return;
    work_.for_each(op_.emb_dim, embed_end_points<T>, op_.emb_dim / 2, op_.time_scale, embeddings);
    forward_both<T>(of_t, of_r, embeddings, embeddings + op_.emb_dim, 1, times,
                    times + of_t.outputs(), work_);
    times_ = times;
    trunk_ = make_network<T>(op_.trunk_weight, op_.trunk_bias, op_.activation);
    const Layer<T>& first = trunk_.layers.front();
    const T* const bias =
        shared_part(columns_of(first, dims_, num_times_), first.add, times_, 1, work_);
    split(trunk_, 0, dims_ + num_times_, bias);
  }

  void write_actions(const T* velocity) {
    ActionCall<T> call{op_.noise.begin(),      velocity,
                       rows_ * dims_,          static_cast<T>(op_.clip),
                       wanted(op_.action_raw), wanted(op_.actions)};
    if (has_critics_ && !call.actions) call.actions = work_.scratch<T>(rows_ * dims_);
    actions_ = call.actions;
    work_.for_each(call.count, make_actions<T>, call);
  }

  Network<T> critic(const List<In<T, 2>>& weight, const List<In<T, 1>>& bias) {
    Network<T> network = make_network<T>(weight, bias, op_.activation);
    const bool actions_first =
        op_.critic_input_order.count > 0 && op_.critic_input_order[0] == CriticInput::actions;
    split(network, actions_first ? 0 : states_, actions_first ? dims_ : 0,
          network.layers.front().add);
    return network;
  }

  void choose() {
    const bool both = op_.critic2_weight.count > 0;
    T* const q1 = work_.scratch<T>(rows_);
    T* const q2 = both ? work_.scratch<T>(rows_) : nullptr;
    const Network<T> first = critic(op_.critic1_weight, op_.critic1_bias);
    if (both) {
      const Network<T> second = critic(op_.critic2_weight, op_.critic2_bias);
      forward_both<T>(first, second, actions_, actions_, rows_, q1, q2, work_);
    } else {
      forward<T>(first, actions_, rows_, q1, work_);
    }
    const SelectionCall<T> call{q1,
                                q2,
                                actions_,
                                batch_,
                                candidates_,
                                dims_,
                                wanted(op_.q_min),
                                wanted(op_.best_index),
                                wanted(op_.best_action),
                                wanted(op_.softmax_selection_prob)};
    work_.for_each_row(batch_, select_candidates<T>, call);
  }

  // ∂L/∂u = −∂L/∂action_raw, carried back through the trunk.
  void write_gradients(const std::vector<LayerTrace<T>>& traces) {
    T* const grad_u = work_.scratch<T>(rows_ * dims_);
    work_.for_each(rows_ * dims_, negate<T>, op_.grad_action_unclipped.begin(), rows_ * dims_,
                   grad_u);
    std::vector<LayerGrads<T>> grads(trunk_.layers.size());
    grads.back().bias = wanted(op_.grad_trunk_last_bias);
    const size_t lowest = op_.grad_trunk_weight_0.present ? 0 : grads.size() - 1;
    const T* const grad_z =
        backward<T>(trunk_, traces, grad_u, rows_, grads, lowest, nullptr, work_);
    if (lowest == 0 && work_.ok() && op_.grad_trunk_weight_0.present) write_first_weight(grad_z);
  }

  // Column by column of the input [ε, e_t, e_r, s]: e is the same for all rows, s for all
  // candidates of a state.
  void write_first_weight(const T* grad_z) {
    const int64_t hidden = op_.grad_trunk_weight_0.dims[0];
    const int64_t stride = op_.grad_trunk_weight_0.dims[1];
    T* const out = op_.grad_trunk_weight_0.begin();
    if (hidden == 0 || stride == 0) return;
    Product<T> of_noise =
        make_product<T>(grad_z, hidden, op_.noise.begin(), dims_, hidden, dims_, rows_);
    of_noise.end.out = out;
    of_noise.end.out_stride = stride;
    multiply_over_rows(of_noise, work_);

    T* const sums = work_.scratch<T>(hidden);
    column_sums(ColumnTerm<T>{grad_z}, rows_, hidden, sums, work_);
    work_.for_each(hidden * num_times_, outer_product<T>, sums, times_, hidden, num_times_, stride,
                   out + dims_);

    T* const of_states = work_.scratch<T>(batch_ * hidden);
    work_.for_each(batch_ * hidden, sum_groups<T>, grad_z, batch_, candidates_, hidden, of_states);
    Product<T> product = make_product<T>(of_states, hidden, op_.observations.begin(), states_,
                                         hidden, states_, batch_);
    product.end.out = out + dims_ + num_times_;
    product.end.out_stride = stride;
    multiply_over_rows(product, work_);
  }

  const OneStepGeneration<T>& op_;
  Work work_;
  const int64_t batch_, candidates_, dims_, states_, rows_;
  bool has_critics_ = false;
  int64_t num_times_ = 0;
  const T* times_ = nullptr;
  Network<T> trunk_;
  const T* actions_ = nullptr;
};

}  // namespace

template <>
Status run(const OneStepGeneration<float>& op, CudaContext& context) {
  return Generation<float>(op, context).run();
}
template <>
Status run(const OneStepGeneration<double>& op, CudaContext& context) {
  return Generation<double>(op, context).run();
}

}  // namespace belfry::cuda
