#include "cpu/fitted-q/forest.h"

#include <algorithm>
#include <atomic>

#include "cpu/fitted-q/forest_means.h"
#include "cpu/flow/workspaces.h"

namespace belfry::cpu {

template <class T>
Forest<T>::Forest(const T* x, int64_t num_rows, int64_t num_features,
                  const ForestSettings& settings, CpuContext& context)
    : context_(context), settings_(settings) {
  const int64_t stride = growth_stride(num_rows);
  data_ = {nullptr, num_rows, num_features, stride, settings.n_min, settings.k, settings.weighted};
  columns_ = context.scratch<T>(data_.num_columns() * stride);
  data_.columns = columns_;
  for (int64_t a = 0; a < num_features; ++a) {
    for (int64_t i = 0; i < num_rows; ++i) columns_[a * stride + i] = x[i * num_features + a];
  }
  begin_ = context.scratch<int64_t>(settings.num_trees);
  size_ = context.scratch<int64_t>(settings.num_trees);
}

template <class T>
void Forest<T>::set_weights(const T* weights) {
  weights_ = columns_ + (data_.num_features + 1) * data_.stride;
  std::copy_n(weights, data_.num_rows, weights_);
}

template <class T>
TreeNodes<T> Forest<T>::nodes_of(int64_t tree) const {
  const int64_t at = tree * room();
  const auto from = [at](auto* array) { return array ? array + at : nullptr; };
  double* const decrease = decreases_ ? decreases_ + tree * data_.num_features : nullptr;
  return {from(nodes_.feature), from(nodes_.threshold), from(nodes_.left), from(nodes_.right),
          from(nodes_.value),   from(nodes_.count),     decrease};
}

template <class T>
int64_t Forest<T>::grow(int64_t tree, uint64_t round, double* memory, bool& exhausted,
                        int64_t& used) const {
  SplitDraws<T> draws;
  if (uniforms_) draws.given = uniforms_ + tree * num_uniforms_;
  draws.num_given = num_uniforms_;
  draws.seed = settings_.seed;
  draws.tree = round * static_cast<uint64_t>(settings_.num_trees) + static_cast<uint64_t>(tree);
  const GrowthMonitor monitor{
      [](const void* self) { return static_cast<const CpuContext*>(self)->stopped(); }, &context_};
  const int64_t count =
      grow_tree(data_, GrowthSpace<T>(data_, memory), draws, nodes_of(tree), monitor);
  exhausted = draws.exhausted;
  used = draws.used;
  return count;
}

template <class T>
Status Forest<T>::fit(const T* y, uint64_t round) {
  const int64_t most = settings_.num_trees * room();
  if (!nodes_.feature) nodes_.feature = context_.scratch<int32_t>(most);
  if (!nodes_.threshold) nodes_.threshold = context_.scratch<T>(most);
  if (!nodes_.right) nodes_.right = context_.scratch<int32_t>(most);
  if (!nodes_.value) nodes_.value = context_.scratch<T>(most);
  if (decreases_) std::fill_n(decreases_, settings_.num_trees * data_.num_features, 0.0);
  std::copy_n(y, data_.num_rows, columns_ + data_.num_features * data_.stride);
  const CpuContext::ScratchScope scope(context_);
  const Workspaces<double> spaces(context_, settings_.num_trees, GrowthSpace<T>::size(data_));
  std::atomic<int64_t> too_short{-1}, used{0};
  context_.parallel(settings_.num_trees, 1, [&](int64_t tree, int64_t, int64_t) {
    const auto lease = spaces.borrow();
    bool exhausted = false;
    int64_t drawn = 0;
    begin_[tree] = tree * room();
    size_[tree] = grow(tree, round, lease.data(), exhausted, drawn);
    if (exhausted) too_short = tree;
    if (tree == 0) used = drawn;
  });
  if (context_.stopped()) return aborted();
  if (too_short >= 0) {
    return Status::error(Code::bad_value, "uniforms", "holds %lld numbers, too few for tree %lld",
                         static_cast<long long>(num_uniforms_),
                         static_cast<long long>(too_short.load()));
  }
  num_used_ = used;
  view_ = {nodes_.feature, nodes_.threshold,    nodes_.right,      nodes_.value, begin_,
           size_,          settings_.num_trees, data_.num_features};
  return {};
}

template <class T>
void Forest<T>::set_leaf_means(const int32_t* leaves, const T* y) {
  set_means<T>(view_, {y, weights_, data_.num_rows, leaves}, nodes_.value, decreases_, context_);
}

template <class T>
void Forest<T>::keep_decreases() {
  decreases_ = context_.scratch<double>(settings_.num_trees * data_.num_features);
}

template <class T>
void Forest<T>::write_importance(const Out<T, 1>& importance) const {
  cpu::write_importance(decreases_, settings_.num_trees, importance);
}

template class Forest<float>;
template class Forest<double>;

}  // namespace belfry::cpu
