// prioritized_sweeping: one full backup at a time, of the state whose Bellman error is largest.
//
// The errors lie in a binary heap that knows where each state is, so that an error that changes
// moves its entry and no stale ones pile up. Serial by nature. One backup of s costs the rows of s
// and of its predecessors, and log S for each that moves.
#include <cmath>
#include <vector>

#include "cpu/bellman/csr_model.h"
#include "cpu/bellman/row_masses.h"
#include "cpu/bellman/transpose.h"
#include "cpu/run.h"
#include "ops/bellman/policies.h"

namespace belfry::cpu {

namespace {

// The state with the largest priority on top; NaN above all, the lowest state among equals.
class PriorityHeap {
 public:
  PriorityHeap(const double* priority, int64_t n)
      : priority_(priority), heap_(static_cast<size_t>(n)), place_(static_cast<size_t>(n)) {
    for (size_t i = 0; i < heap_.size(); ++i) heap_[i] = place_[i] = static_cast<int32_t>(i);
    for (size_t i = heap_.size() / 2; i-- > 0;) sink(i);
  }
  bool empty() const { return heap_.empty(); }
  int32_t top() const { return heap_.front(); }
  // The priority of `state` has changed.
  void moved(int64_t state) {
    const auto at = static_cast<size_t>(place_[static_cast<size_t>(state)]);
    if (!rise(at)) sink(at);
  }

 private:
  bool before(int32_t a, int32_t b) const {
    const double x = priority_[a], y = priority_[b];
    const bool x_nan = std::isnan(x), y_nan = std::isnan(y);
    if (x_nan != y_nan) return x_nan;
    if (!x_nan && x != y) return x > y;
    return a < b;
  }
  void put(size_t at, int32_t state) {
    heap_[at] = state;
    place_[static_cast<size_t>(state)] = static_cast<int32_t>(at);
  }
  bool rise(size_t at) {
    const int32_t state = heap_[at];
    const size_t start = at;
    while (at > 0 && before(state, heap_[(at - 1) / 2])) {
      put(at, heap_[(at - 1) / 2]);
      at = (at - 1) / 2;
    }
    put(at, state);
    return at != start;
  }
  void sink(size_t at) {
    const int32_t state = heap_[at];
    for (;;) {
      size_t child = 2 * at + 1;
      if (child >= heap_.size()) break;
      if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
      if (!before(heap_[child], state)) break;
      put(at, heap_[child]);
      at = child;
    }
    put(at, state);
  }

  const double* priority_;
  std::vector<int32_t> heap_, place_;
};

template <class T>
class PrioritizedSweeps {
 public:
  PrioritizedSweeps(const PrioritizedSweeping<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        model_(csr_model(op, context)),
        n_(model_.num_states),
        values_(context.scratch<double>(n_)),
        backed_up_(context.scratch<double>(n_)),
        priority_(context.scratch<double>(n_)),
        incoming_(transpose(model_.rows, model_.num_rows(), n_, context)) {
    model_.minimise = op.mode == Mode::min;
    backup_ = model_.backup(op.gamma);
    backup_.values = values_;
    backup_.values_out = backed_up_;
    std::copy_n(op.values.begin(), n_, values_);
  }

  Status run() {
    if (Status s = require_probabilities(model_, context_); !s.ok()) return s;
    for (int64_t s = 0; s < n_; ++s) judge(s);
    PriorityHeap heap(priority_, n_);
    int64_t count = 0;
    while (count < op_.num_backups && !heap.empty()) {
      const int32_t s = heap.top();
      if (priority_[s] < op_.theta) break;
      if (op_.trace) op_.trace[count] = s;
      ++count;
      values_[s] = backed_up_[s];
      renew(s, heap);
      if (count % 1024 != 0) continue;
      if (context_.stopped()) return aborted();
      context_.report(count, op_.num_backups, priority_[heap.top()]);
    }
    if (op_.trace) op_.trace.set_rows(count);
    write_output(values_, op_.values_out);
    write_output(priority_, op_.priority);
    return {};
  }

 private:
  void judge(int64_t s) {
    backup_states(model_.rows, backup_, s, s + 1, static_cast<math::Change<double>*>(nullptr));
    priority_[s] = std::fabs(backed_up_[s] - values_[s]);
  }
  // The entries of one predecessor lie together, as its rows do.
  void renew(int64_t s, PriorityHeap& heap) {
    judge(s);
    heap.moved(s);
    int64_t last = s;
    for (int64_t e = incoming_.row_ptr[s]; e < incoming_.row_ptr[s + 1]; ++e) {
      const int64_t from = incoming_.col[e] / model_.num_actions;
      if (from == last || from == s) continue;
      last = from;
      judge(from);
      heap.moved(from);
    }
  }

  const PrioritizedSweeping<T>& op_;
  CpuContext& context_;
  CsrModel model_;
  const int64_t n_;
  double *values_, *backed_up_, *priority_;
  const SparseRows<double> incoming_;
  Backup<double> backup_;
};

}  // namespace

template <>
Status run(const PrioritizedSweeping<float>& op, CpuContext& context) {
  return PrioritizedSweeps<float>(op, context).run();
}
template <>
Status run(const PrioritizedSweeping<double>& op, CpuContext& context) {
  return PrioritizedSweeps<double>(op, context).run();
}

}  // namespace belfry::cpu
