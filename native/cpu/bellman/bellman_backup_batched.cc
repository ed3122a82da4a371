// bellman_backup_batched, two forms.
//
// ragged: many MDPs one after the other, each with its own γ. States are split by work, not by
// MDP; a piece that spans several MDPs backs up its share of each. The bits of a row depend on the
// row alone, so an MDP gives the same values in any batch.
// shared_P: many reward and value functions over one model. V is laid out as [state][function], so
// that an entry of the model is read once and multiplies a contiguous vector (SpMM).
#include "cpu/bellman/model.h"
#include "cpu/run.h"
#include "ops/bellman/core.h"

namespace belfry::cpu {

namespace {

// Calls body(mdp, first, last) for the part of states [begin, end) that lies in each MDP.
template <class Body>
void for_each_mdp(const int32_t* offsets, int64_t num_mdps, int64_t begin, int64_t end,
                  const Body& body) {
  int64_t mdp = std::upper_bound(offsets, offsets + num_mdps + 1, begin) - offsets - 1;
  for (int64_t first = begin; first < end; ++mdp) {
    const int64_t last = std::min<int64_t>(end, offsets[mdp + 1]);
    if (first < last) body(mdp, first, last);
    first = std::max(first, last);
  }
}

// The first entry whose column lies outside its own MDP; −1: none.
template <class T>
int64_t first_foreign_column(const BellmanBackupRagged<T>& op, const StatePieces& pieces,
                             int64_t num_mdps, CpuContext& context) {
  const int64_t num_actions = op.rewards.dims[1];
  int64_t* found = context.scratch<int64_t>(pieces.count());
  std::fill_n(found, pieces.count(), -1);
  const auto check = [&](int64_t mdp, int64_t first, int64_t last) -> int64_t {
    const auto size = op.state_offsets[mdp + 1] - op.state_offsets[mdp];
    const int64_t begin = op.row_ptr[first * num_actions], end = op.row_ptr[last * num_actions];
    int32_t largest = -1;
    for (int64_t e = begin; e < end; ++e) largest = std::max(largest, op.col[e]);
    if (largest < size) return -1;
    int64_t e = begin;
    while (op.col[e] < size) ++e;
    return e;
  };
  pieces.run(context, [&](int64_t begin, int64_t end, int64_t piece) {
    for_each_mdp(op.state_offsets.begin(), num_mdps, begin, end,
                 [&](int64_t mdp, int64_t first, int64_t last) {
                   if (found[piece] < 0) found[piece] = check(mdp, first, last);
                 });
  });
  for (int64_t i = 0; i < pieces.count(); ++i) {
    if (found[i] >= 0) return found[i];
  }
  return -1;
}

template <class T>
Status foreign_column(const BellmanBackupRagged<T>& op, int64_t entry, int64_t num_mdps) {
  const int64_t num_actions = op.rewards.dims[1];
  const int32_t* bounds = op.row_ptr.begin();
  const int64_t num_rows = op.rewards.size();
  const int64_t row = std::upper_bound(bounds, bounds + num_rows + 1, entry) - bounds - 1;
  const int32_t* offsets = op.state_offsets.begin();
  const int64_t state = row / num_actions;
  const int64_t mdp = std::upper_bound(offsets, offsets + num_mdps + 1, state) - offsets - 1;
  return Status::error(
      Code::bad_value, "col",
      "entry %lld is %d, but MDP %lld has %d states (columns count inside the MDP)",
      static_cast<long long>(entry), op.col[entry], static_cast<long long>(mdp),
      offsets[mdp + 1] - offsets[mdp]);
}

template <class T>
Status backup_ragged(const BellmanBackupRagged<T>& op, CpuContext& context) {
  const int64_t num_states = op.rewards.dims[0], num_mdps = op.gamma.dims[0];
  auto backup = optimality_backup<T>(op);
  backup.values_out = wanted(op.values_out);
  backup.policy = wanted(op.policy);
  const StatePieces pieces(op.row_ptr.begin(), num_states, backup.num_actions);
  const int64_t foreign = first_foreign_column(op, pieces, num_mdps, context);
  if (foreign >= 0) return foreign_column(op, foreign, num_mdps);
  pieces.run(context, [&](int64_t begin, int64_t end, int64_t) {
    for_each_mdp(op.state_offsets.begin(), num_mdps, begin, end,
                 [&](int64_t mdp, int64_t first, int64_t last) {
                   Backup<T> own = backup;
                   own.values = op.values.begin() + op.state_offsets[mdp];
                   own.gamma = op.gamma[mdp];
                   backup_states(sparse_rows(op), own, first, last,
                                 static_cast<math::Change<T>*>(nullptr));
                 });
  });
  return finished(context);
}

// V of `count` functions as [state][lane], the lanes padded with 0.
template <class T>
BatchValues<T> values_by_state(const In<T, 2>& values, int64_t num_states, CpuContext& context) {
  const int64_t count = values.dims[0];
  const int64_t lanes = kBatchLanes<T>;
  const int64_t stride = (count + lanes - 1) / lanes * lanes;
  T* by_state = context.scratch<T>(num_states * stride);
  context.parallel(num_states, chunk_for(4 * stride), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t s = begin; s < end; ++s) {
      T* lane = by_state + s * stride;
      for (int64_t b = 0; b < count; ++b) lane[b] = values[b * num_states + s];
      std::fill(lane + count, lane + stride, T(0));
    }
  });
  return {by_state, stride, count};
}

template <class T>
Status backup_shared(const BellmanBackupShared<T>& op, CpuContext& context) {
  const int64_t num_states = op.values.dims[1];
  auto backup = optimality_backup<T>(op);
  backup.gamma = static_cast<T>(op.gamma);
  backup.values_out = wanted(op.values_out);
  backup.policy = wanted(op.policy);
  const auto values = values_by_state(op.values, num_states, context);
  const StatePieces pieces(op.row_ptr.begin(), num_states, backup.num_actions);
  pieces.run(context, [&](int64_t begin, int64_t end, int64_t) {
    backup_states_batch(sparse_rows(op), values, backup, num_states, begin, end);
  });
  return finished(context);
}

}  // namespace

template <>
Status run(const BellmanBackupRagged<float>& op, CpuContext& context) {
  return backup_ragged(op, context);
}
template <>
Status run(const BellmanBackupRagged<double>& op, CpuContext& context) {
  return backup_ragged(op, context);
}
template <>
Status run(const BellmanBackupShared<float>& op, CpuContext& context) {
  return backup_shared(op, context);
}
template <>
Status run(const BellmanBackupShared<double>& op, CpuContext& context) {
  return backup_shared(op, context);
}

}  // namespace belfry::cpu
