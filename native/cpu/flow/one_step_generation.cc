// one_step_generation: a = clip(ε − u(ε, r = 0, t = 1, s), ±clip), candidates scored by two
// critics.
//
// The time embeddings are constants here, so they are folded into the bias of layer 1; W_s s + b'
// is computed once per state and W_x ε per candidate. Blocks of candidates run the velocity network
// and both critics while they are in cache. Per candidate 2 · (P_trunk + P_critics) flops.
// Gradients, where asked for, come from a pass over the whole input, which is not folded.
#include "cpu/flow/candidates.h"
#include "cpu/flow/folded_trunk.h"
#include "cpu/flow/generation_inputs.h"
#include "cpu/flow/network_backward.h"
#include "cpu/flow/workspaces.h"
#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
struct Generator {
  FoldedTrunk<T> trunk;
  SplitNetwork<T> critics[2];
  int num_critics = 0;
  T* actions = nullptr;  // all candidates; the op's output or scratch
  T* q_min = nullptr;
};

// Candidates of all states.
template <class T>
int64_t num_rows(const OneStepGeneration<T>& op) {
  return op.noise.dims[0] * op.noise.dims[1];
}

template <class T>
FoldedTrunk<T> make_trunk(const OneStepGeneration<T>& op, CpuContext& context) {
  const VelocityNetworks<T> nets{
      hidden_network(op.trunk_weight, op.trunk_bias, op.activation, num_rows(op), context),
      hidden_network(op.tmlp_weight, op.tmlp_bias, op.activation, 1, context),
      hidden_network(op.rmlp_weight, op.rmlp_bias, op.activation, 1, context), op.time_scale};
  return fold_trunk(nets, op.noise.dims[2], op.observations.dims[1], context);
}

template <class T>
void add_critic(const OneStepGeneration<T>& op, const List<In<T, 2>>& weight,
                const List<In<T, 1>>& bias, CpuContext& context, Generator<T>* out) {
  if (weight.count == 0) return;
  const int64_t states = op.observations.dims[1], dims = op.noise.dims[2];
  const bool actions_first =
      op.critic_input_order.count > 0 && op.critic_input_order[0] == CriticInput::actions;
  const Network<T> network = hidden_network(weight, bias, op.activation, num_rows(op), context);
  out->critics[out->num_critics++] =
      split_network(network, actions_first ? dims : 0, states, actions_first ? 0 : states, dims);
}

template <class T>
bool wants_scores(const OneStepGeneration<T>& op) {
  return op.q_min || op.best_index || op.best_action || op.softmax_selection_prob;
}

template <class T>
Generator<T> make_generator(const OneStepGeneration<T>& op, CpuContext& context) {
  Generator<T> generator;
  const int64_t rows = num_rows(op);
  generator.trunk = make_trunk(op, context);
  if (wants_scores(op) && op.critic1_weight.count > 0) {
    add_critic(op, op.critic1_weight, op.critic1_bias, context, &generator);
    add_critic(op, op.critic2_weight, op.critic2_bias, context, &generator);
  }
  if (generator.num_critics > 0) {
    generator.q_min = op.q_min ? op.q_min.begin() : context.scratch<T>(rows);
  }
  generator.actions = op.actions ? op.actions.begin() : context.scratch<T>(rows * op.noise.dims[2]);
  return generator;
}

// Candidates [row, row + count): actions, then scores.
template <class T>
void run_block(const OneStepGeneration<T>& op, const Generator<T>& g, int64_t row, int64_t count,
               T* work) {
  const int64_t dims = op.noise.dims[2], group = op.noise.dims[1], at = row * dims;
  const T* states = op.observations.begin();
  const T* noise = op.noise.begin() + at;
  T* actions = g.actions + at;
  const T limit = static_cast<T>(op.clip);
  evaluate(g.trunk.split, states, noise, row, count, group, actions, work);
  for (int64_t i = 0; i < count * dims; ++i) {
    const T raw = noise[i] - actions[i];
    if (op.action_raw) op.action_raw[at + i] = raw;
    actions[i] = raw < -limit ? -limit : raw > limit ? limit : raw;
  }
  T* scores = work;
  for (int k = 0; k < g.num_critics; ++k) {
    T* q = k == 0 ? g.q_min + row : scores;
    evaluate(g.critics[k], states, actions, row, count, group, q, scores + count);
    for (int64_t i = 0; k == 1 && i < count; ++i) {
      T& least = g.q_min[row + i];
      if (q[i] < least || q[i] != q[i]) least = q[i];
    }
  }
}

template <class T>
void select_candidates(const OneStepGeneration<T>& op, const Generator<T>& g, CpuContext& context) {
  const int64_t group = op.noise.dims[1], dims = op.noise.dims[2];
  context.parallel(
      op.noise.dims[0], chunk_for(50 * group), [&](int64_t begin, int64_t end, int64_t) {
        for (int64_t state = begin; state < end; ++state) {
          const T* q = g.q_min + state * group;
          const int32_t best = index_of_best(q, group);
          if (op.best_index) op.best_index[state] = best;
          if (op.softmax_selection_prob) {
            softmax(q, group, q[best], op.softmax_selection_prob.begin() + state * group);
          }
          for (int64_t i = 0; op.best_action && i < dims; ++i) {
            op.best_action[state * dims + i] = g.actions[(state * group + best) * dims + i];
          }
        }
      });
}

// ∂L/∂u = −∂L/∂action_raw, carried back through the trunk.
template <class T>
Status gradients(const OneStepGeneration<T>& op, const Generator<T>& g, CpuContext& context) {
  const int64_t rows = num_rows(op), dims = op.noise.dims[2];
  const Network<T>& trunk = g.trunk.split.network;
  T* grad_u = context.scratch<T>(rows * dims);
  for (int64_t i = 0; i < rows * dims; ++i) grad_u[i] = -op.grad_action_unclipped[i];
  BackwardRows<T> task;
  task.x = unfolded_inputs(op, g.trunk.times, g.trunk.num_times, context);
  task.grad_y = grad_u;
  task.rows = rows;
  task.layers = context.scratch<LayerGrads<T>>(trunk.count);
  for (int64_t i = 0; i < trunk.count; ++i) task.layers[i] = LayerGrads<T>{};
  if (op.grad_trunk_weight_0) task.layers[0].weight = op.grad_trunk_weight_0.begin();
  if (op.grad_trunk_last_bias) task.layers[trunk.count - 1].bias = op.grad_trunk_last_bias.begin();
  return backward(trunk, task, context);
}

template <class T>
Status one_step_generation(const OneStepGeneration<T>& op, CpuContext& context) {
  if (Status status = check_generation(op, wants_scores(op)); !status.ok()) return status;
  const Generator<T> g = make_generator(op, context);
  const int64_t rows = num_rows(op);
  int64_t per_row = g.trunk.split.work_per_row(), parameters = g.trunk.split.network.parameters();
  for (int i = 0; i < g.num_critics; ++i) {
    per_row = std::max(per_row, g.critics[i].work_per_row() + 1);
    parameters += g.critics[i].network.parameters();
  }
  const RowBlocks blocks = row_blocks(rows, g.trunk.split.network.widest(), 2 * parameters);
  const Workspaces<T> workspaces(context, blocks.pieces(), blocks.block * per_row);
  if (op.action_raw || op.actions || g.num_critics > 0) {
    for_each_block(blocks, context, [&](int64_t row, int64_t count, int64_t) {
      run_block(op, g, row, count, workspaces.borrow().data());
    });
    if (context.stopped()) return aborted();
  }
  if (g.num_critics > 0) select_candidates(op, g, context);
  const bool back = op.grad_action_unclipped && (op.grad_trunk_weight_0 || op.grad_trunk_last_bias);
  if (back && !context.stopped()) return gradients(op, g, context);
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const OneStepGeneration<float>& op, CpuContext& context) {
  return one_step_generation(op, context);
}
template <>
Status run(const OneStepGeneration<double>& op, CpuContext& context) {
  return one_step_generation(op, context);
}

}  // namespace belfry::cpu
