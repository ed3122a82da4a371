// Body of control_step, once per instruction set: a vector of tasks at a time. Rows are short, so
// they are turned into columns on the stack; lanes without a task hold zeros.

namespace belfry::cpu::BELFRY_ISA {
namespace {

template <class V>
using MaskOf = Mask<typename V::Scalar>;
template <class V>
using ScalarOf = typename V::Scalar;

#define BELFRY_FORMULA BELFRY_INLINE
#include "math/control_tasks-inl.h"
#undef BELFRY_FORMULA

// Rows [first, first + count) of an array of `kWidth` columns, as one vector a column.
template <int kWidth, class T, class From>
BELFRY_INLINE void load_columns(const From* rows, int64_t first, int count, Vec<T>* columns) {
  constexpr int kLanes = Vec<T>::kLanes;
  T turned[kWidth][kLanes] = {};
  for (int lane = 0; lane < count; ++lane) {
    for (int i = 0; i < kWidth; ++i) {
      turned[i][lane] = static_cast<T>(rows[(first + lane) * kWidth + i]);
    }
  }
  for (int i = 0; i < kWidth; ++i) columns[i] = load(turned[i]);
}

// Null: nobody asked for it.
template <int kWidth, class T>
BELFRY_INLINE void store_columns(const Vec<T>* columns, int64_t first, int count, T* rows) {
  if (!rows) return;
  constexpr int kLanes = Vec<T>::kLanes;
  T turned[kWidth][kLanes];
  for (int i = 0; i < kWidth; ++i) store(turned[i], columns[i]);
  for (int lane = 0; lane < count; ++lane) {
    for (int i = 0; i < kWidth; ++i) rows[(first + lane) * kWidth + i] = turned[i][lane];
  }
}

template <class T, class Task>
BELFRY_INLINE void load_actions(const ControlStep<T, Task>& op, int64_t first, int count,
                                Vec<T>* actions) {
  if constexpr (Task::kActionSize == 0) {
    load_columns<1, T>(op.actions.begin(), first, count, actions);
  } else {
    load_columns<Task::kActionSize, T>(op.actions.begin(), first, count, actions);
    const Vec<T> scale(static_cast<T>(op.action_scale));
    for (int i = 0; i < Task::kActionSize; ++i) actions[i] *= scale;
  }
}

}  // namespace

template <class T, class Task>
void control_step_rows(const ControlStep<T, Task>& op, int64_t begin, int64_t end) {
  constexpr int kLanes = Vec<T>::kLanes;
  for (int64_t first = begin; first < end; first += kLanes) {
    const int count = static_cast<int>(end - first < kLanes ? end - first : kLanes);
    Vec<T> state[4], actions[2], seen[6];
    load_columns<Task::kStateSize, T>(op.states.begin(), first, count, state);
    load_actions(op, first, count, actions);
    const ControlResult<Vec<T>> next = control_step(Task{}, state, actions);
    control_observe(Task{}, next.state, seen);
    store_columns<Task::kStateSize>(next.state, first, count, math::data_of(op.next_states));
    store_columns<Task::kObservationSize>(seen, first, count, math::data_of(op.observations));
    store_columns<1>(&next.reward, first, count, math::data_of(op.rewards));
    if (!op.terminated) continue;
    const unsigned ended = mask_bits(next.terminated);
    for (int lane = 0; lane < count; ++lane) op.terminated[first + lane] = (ended >> lane) & 1;
  }
}

#define BELFRY_INSTANTIATE(Task)                                                      \
  template void control_step_rows(const ControlStep<float, Task>&, int64_t, int64_t); \
  template void control_step_rows(const ControlStep<double, Task>&, int64_t, int64_t);
BELFRY_FOR_CONTROL_TASKS(BELFRY_INSTANTIATE)
#undef BELFRY_INSTANTIATE

}  // namespace belfry::cpu::BELFRY_ISA
