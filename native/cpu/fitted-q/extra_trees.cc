// extra_trees: a tree, a forest, and fitted-Q iteration with forests. Trees over the threads;
// growing visits every row once a level for each attribute, predicting one node a level for each
// tree. Both stay in the cache but for the largest nodes (see tree_growth.h and tree_walk.h).
#include <algorithm>
#include <numeric>

#include "cpu/fitted-q/row_weights.h"
#include "cpu/fitted-q/training_rows.h"
#include "cpu/run.h"
#include "math/fqi.h"
#include "ops/fitted_q.h"

namespace belfry::cpu {

namespace {

template <class Op>
ForestSettings settings_of(const Op& op, int64_t num_trees, uint64_t seed) {
  const int64_t k =
      op.k.is(TriedAttributes::all) || op.k.value < 1 ? 0 : static_cast<int64_t>(op.k.value);
  return {num_trees, op.n_min, k, seed};
}

template <class V>
auto* wanted(const V& view) {
  return view ? view.begin() : nullptr;
}

template <class Op>
void write_nodes_of(const Op& op, int64_t count) {
  const auto end = [count](const auto& array) {
    if (array) array.set_rows(count);
  };
  end(op.feature);
  end(op.threshold);
  end(op.left);
  end(op.right);
  end(op.value);
  end(op.count);
}

template <class T, class Op>
TreeNodes<T> outputs_of(const Op& op) {
  return {wanted(op.feature), wanted(op.threshold), wanted(op.left),
          wanted(op.right),   wanted(op.value),     wanted(op.count)};
}

template <class View>
void clear(const View& view) {
  if (view) std::fill_n(view.begin(), view.size(), 0);
}

// No rows: no nodes.
template <class T, class Op>
void write_no_nodes(const Op& op) {
  write_nodes_of(op, 0);
  clear(op.feature_importance);
  if (op.prediction) std::fill_n(op.prediction.begin(), op.prediction.size(), math::kNaN<T>);
}

template <class T>
Status extra_trees(const ExtraTree<T>& op, CpuContext& context) {
  if (op.num_uniforms_used) op.num_uniforms_used[0] = 0;
  if (Status s = check_weights(op.weight); !s.ok()) return s;
  const TrainingRows<T> rows(op.x, op.weight, context);
  if (rows.count() == 0) return write_no_nodes<T>(op), Status{};
  Forest<T> forest = rows.forest(settings_of(op, 1, 0), context);
  forest.set_nodes(outputs_of<T>(op));
  const T nothing = 0;
  forest.set_uniforms(op.uniforms.size() > 0 ? op.uniforms.begin() : &nothing, op.uniforms.size());
  if (op.feature_importance) forest.keep_decreases();
  if (Status s = forest.fit(rows.outputs(op.y.begin()), 0); !s.ok()) return s;
  if (op.feature_importance) forest.write_importance(op.feature_importance);
  if (op.prediction) {
    predict(forest.view(), op.x_query.begin(), op.x_query.dims[0], op.prediction.begin(), context);
  }
  write_nodes_of(op, forest.view().size[0]);
  if (op.num_uniforms_used) {
    op.num_uniforms_used[0] = static_cast<int32_t>(forest.num_uniforms_used());
  }
  return context.stopped() ? aborted() : Status{};
}

// Closes the gaps between the trees.
template <class T, class Op>
Status gather_nodes(const Op& op, const ForestView<T>& forest) {
  const int64_t total = std::accumulate(forest.size, forest.size + forest.num_trees, int64_t{0});
  if (total > 2'147'483'647) {
    return Status::error(Code::bad_value, "num_trees", "make more than 2^31 nodes together");
  }
  int64_t to = 0;
  for (int64_t m = 0; m < forest.num_trees; ++m) {
    const auto move = [&](const auto& array) {
      if (array) std::copy_n(array.begin() + forest.begin[m], forest.size[m], array.begin() + to);
    };
    move(op.feature);
    move(op.threshold);
    move(op.left);
    move(op.right);
    move(op.value);
    move(op.count);
    if (op.tree_offsets) op.tree_offsets[m] = static_cast<int32_t>(to);
    to += forest.size[m];
  }
  if (op.tree_offsets) op.tree_offsets[forest.num_trees] = static_cast<int32_t>(to);
  write_nodes_of(op, to);
  return {};
}

template <class T>
Status extra_trees(const ExtraTreesForest<T>& op, CpuContext& context) {
  if (Status s = check_weights(op.weight); !s.ok()) return s;
  const TrainingRows<T> rows(op.x, op.weight, context);
  if (rows.count() == 0) {
    if (op.tree_offsets) std::fill_n(op.tree_offsets.begin(), op.num_trees + 1, 0);
    write_no_nodes<T>(op);
    return {};
  }
  Forest<T> forest =
      rows.forest(settings_of(op, op.num_trees, static_cast<uint64_t>(op.seed)), context);
  forest.set_nodes(outputs_of<T>(op));
  if (op.feature_importance) forest.keep_decreases();
  if (Status s = forest.fit(rows.outputs(op.y.begin()), 0); !s.ok()) return s;
  if (op.feature_importance) forest.write_importance(op.feature_importance);
  if (op.prediction) {
    predict(forest.view(), op.x_query.begin(), op.x_query.dims[0], op.prediction.begin(), context);
  }
  if (context.stopped()) return aborted();
  return gather_nodes(op, forest.view());
}

template <class T>
class TreeIteration {
 public:
  TreeIteration(const TreeFqi<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        num_rows_(op.x.dims[0]),
        num_actions_(op.num_actions),
        width_(op.x.dims[1]),
        terminated_(math::read_flags(op.terminated, false)),
        rows_(op.x, op.weight, context),
        forest_(
            rows_.forest(settings_of(op, op.num_trees, static_cast<uint64_t>(op.seed)), context)),
        targets_(context.scratch<T>(num_rows_)),
        next_q_(context.scratch<T>(num_rows_ * num_actions_)) {
    if (op.uniforms) forest_.set_uniforms(op.uniforms.begin(), op.uniforms.dims[1]);
    if (op.feature_importance) forest_.keep_decreases();
  }

  Status run() {
    if (op_.action_column >= width_) {
      return Status::error(
          Code::invalid_argument, "action_column", "is %lld, but x has %lld columns",
          static_cast<long long>(op_.action_column), static_cast<long long>(width_));
    }
    std::copy_n(op_.rewards.begin(), num_rows_, targets_);
    make_queries();
    for (int64_t i = 0; i < op_.num_iterations; ++i) {
      if (i > 0) refresh_targets();
      if (Status s = fit(i); !s.ok()) return s;
      context_.report(i + 1, op_.num_iterations, change_);
    }
    write_outputs();
    return {};
  }

 private:
  void write_outputs() {
    if (op_.target_last) std::copy_n(targets_, num_rows_, op_.target_last.begin());
    if (op_.next_q_last) {
      std::copy_n(next_q_, num_rows_ * num_actions_, op_.next_q_last.begin());
    }
    if (rows_.count() == 0) return clear(op_.feature_importance);
    if (op_.feature_importance) forest_.write_importance(op_.feature_importance);
  }

  // Every next state with every action.
  void make_queries() {
    queries_ = context_.scratch<T>(num_rows_ * num_actions_ * width_);
    context_.parallel(num_rows_, chunk_for(num_actions_ * width_),
                      [&](int64_t begin, int64_t end, int64_t) {
                        T* to = queries_ + begin * num_actions_ * width_;
                        for (int64_t n = begin; n < end; ++n) {
                          for (int64_t a = 0; a < num_actions_; ++a, to += width_) {
                            const T* from = op_.next_x_state.begin() + n * (width_ - 1);
                            for (int64_t j = 0; j < width_; ++j) {
                              to[j] = j == op_.action_column ? static_cast<T>(a) : *from++;
                            }
                          }
                        }
                      });
  }

  void refresh_targets() {
    change_ = 0;
    for (int64_t n = 0; n < num_rows_; ++n) {
      math::GreedyChoice<T> best;
      for (int64_t a = 0; a < num_actions_; ++a) {
        best.offer(static_cast<int32_t>(a), next_q_[n * num_actions_ + a]);
      }
      const double reward = static_cast<double>(op_.rewards[n]);
      const auto target = static_cast<T>(
          math::fqi_bootstrap(reward, op_.gamma, static_cast<double>(best.key), terminated_(n)));
      change_ = std::max(change_, static_cast<double>(std::abs(target - targets_[n])));
      targets_[n] = target;
    }
  }

  Status fit(int64_t iteration) {
    if (context_.stopped()) return aborted();
    if (rows_.count() == 0) {
      std::fill_n(next_q_, num_rows_ * num_actions_, math::kNaN<T>);
      return {};
    }
    const T* const outputs = rows_.outputs(targets_);
    if (op_.freeze_structure && iteration > 0) {
      forest_.set_leaf_means(leaves_, outputs);
      average_leaves();
      return context_.stopped() ? aborted() : Status{};
    }
    if (Status s = forest_.fit(outputs, static_cast<uint64_t>(iteration)); !s.ok()) return s;
    const int64_t num_queries = num_rows_ * num_actions_;
    predict(forest_.view(), queries_, num_queries, next_q_, context_);
    if (op_.freeze_structure) {
      leaves_ = context_.scratch<int32_t>(op_.num_trees * rows_.count());
      next_leaves_ = context_.scratch<int32_t>(op_.num_trees * num_queries);
      find_leaves(forest_.view(), rows_.x(), rows_.count(), leaves_, context_);
      find_leaves(forest_.view(), queries_, num_queries, next_leaves_, context_);
    }
    return context_.stopped() ? aborted() : Status{};
  }

  // The trees stay, so every query stays in its leaves.
  void average_leaves() {
    const ForestView<T>& forest = forest_.view();
    const int64_t count = num_rows_ * num_actions_;
    context_.parallel(
        count, chunk_for(4 * forest.num_trees), [&](int64_t begin, int64_t end, int64_t) {
          for (int64_t i = begin; i < end; ++i) {
            double sum = 0;
            for (int64_t m = 0; m < forest.num_trees; ++m) {
              sum +=
                  static_cast<double>(forest.value[forest.begin[m] + next_leaves_[m * count + i]]);
            }
            next_q_[i] = static_cast<T>(sum / static_cast<double>(forest.num_trees));
          }
        });
  }

  const TreeFqi<T>& op_;
  CpuContext& context_;
  const int64_t num_rows_, num_actions_, width_;
  const math::FlagReader terminated_;
  const TrainingRows<T> rows_;
  Forest<T> forest_;
  T *targets_, *next_q_, *queries_ = nullptr;
  int32_t *leaves_ = nullptr, *next_leaves_ = nullptr;
  double change_ = 0;
};

template <class T>
Status extra_trees(const TreeFqi<T>& op, CpuContext& context) {
  if (Status s = check_weights(op.weight); !s.ok()) return s;
  if (op.x.dims[0] == 0) return clear(op.feature_importance), Status{};
  return TreeIteration<T>(op, context).run();
}

}  // namespace

#define BELFRY_RUN(Op)                            \
  template <>                                     \
  Status run(const Op& op, CpuContext& context) { \
    return extra_trees(op, context);              \
  }
BELFRY_RUN(TreeFqi<float>)
BELFRY_RUN(TreeFqi<double>)
BELFRY_RUN(ExtraTree<float>)
BELFRY_RUN(ExtraTree<double>)
BELFRY_RUN(ExtraTreesForest<float>)
BELFRY_RUN(ExtraTreesForest<double>)
#undef BELFRY_RUN

}  // namespace belfry::cpu
