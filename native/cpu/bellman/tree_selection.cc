// tree_selection: PUCT = Q + c P √(ΣN)/(1+N) and UCB1 = Q + c √(ln ΣN / N) with their first maxima,
// a node a row. Bytes per child: 4 + 2·sizeof(T) read, 2·sizeof(T) written; two divisions and a
// square root.
#include "math/tree_search.h"

#include "cpu/run.h"
#include "math/flags.h"
#include "ops/bellman/search.h"

namespace belfry::cpu {

namespace {

template <class T>
class NodeScores {
 public:
  explicit NodeScores(const TreeSelection<T>& op)
      : op_(op),
        width_(op.visits.dims[1]),
        mask_(math::read_flags(op.action_mask, true)),
        wants_puct_(op.puct || op.puct_action),
        wants_ucb_(op.ucb || op.ucb_action) {}

  void row(int64_t b) const {
    const int64_t first = b * width_;
    int64_t total = 0;
    for (int64_t i = first; i < first + width_; ++i) total += op_.visits[i] + pending(i);
    const math::NodeStats<T> node(total);
    math::GreedyChoice<T> by_puct, by_ucb;
    for (int64_t a = 0; a < width_; ++a) {
      const int64_t i = first + a;
      const auto action = static_cast<int32_t>(a);
      const bool allowed = mask_(i);
      const math::ChildStats<T> child(op_.visits[i], op_.value_sum[i], pending(i),
                                      static_cast<T>(op_.virtual_loss));
      if (wants_puct_) {
        const T score = math::puct_score(child, node, op_.prior[i], static_cast<T>(op_.c_puct));
        if (op_.puct) op_.puct[i] = allowed ? score : math::masked_q<T>(false);
        if (allowed) by_puct.offer(action, score);
      }
      if (wants_ucb_) {
        const T score = math::ucb1_score(child, node, static_cast<T>(op_.c_ucb));
        if (op_.ucb) op_.ucb[i] = allowed ? score : math::masked_q<T>(false);
        if (allowed) by_ucb.offer(action, score);
      }
    }
    if (op_.puct_action) op_.puct_action[b] = by_puct.action;
    if (op_.ucb_action) op_.ucb_action[b] = by_ucb.action;
  }

 private:
  int32_t pending(int64_t i) const { return op_.pending ? op_.pending[i] : 0; }

  const TreeSelection<T>& op_;
  const int64_t width_;
  const math::FlagReader mask_;
  const bool wants_puct_, wants_ucb_;
};

template <class T>
Status tree_selection(const TreeSelection<T>& op, CpuContext& context) {
  const NodeScores<T> scores(op);
  const int64_t chunk = chunk_for(30 * op.visits.dims[1]);
  context.parallel(op.visits.dims[0], chunk, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t b = begin; b < end; ++b) scores.row(b);
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const TreeSelection<float>& op, CpuContext& context) {
  return tree_selection(op, context);
}
template <>
Status run(const TreeSelection<double>& op, CpuContext& context) {
  return tree_selection(op, context);
}

}  // namespace belfry::cpu
