// control_step: a thread for each task (math/control_tasks.h). Bytes per task (pendulum, f32): read
// 12, write 25.
#include "cuda/flow/work.cuh"
#include "math/control_tasks.h"

namespace belfry::cuda {

namespace {

template <class T, class Action>
struct ControlArrays {
  const T* states;
  const Action* actions;
  T scale;
  int64_t count;
  T *next_states, *observations, *rewards;  // null: not wanted
  uint8_t* terminated;
};

template <class T, class Task, class Action>
__global__ void step_tasks(ControlArrays<T, Action> call) {
  constexpr int kActions = Task::kActionSize == 0 ? 1 : Task::kActionSize;
#pragma unroll 1
  for (int64_t row : grid_stride(call.count)) {
    T state[Task::kStateSize], action[kActions], seen[Task::kObservationSize];
    for (int i = 0; i < Task::kStateSize; ++i) state[i] = call.states[row * Task::kStateSize + i];
    for (int i = 0; i < kActions; ++i) {
      action[i] = static_cast<T>(call.actions[row * kActions + i]) * call.scale;
    }
    const math::ControlResult<T> next = math::control_step(Task{}, state, action);
    math::control_observe(Task{}, next.state, seen);
    for (int i = 0; i < Task::kStateSize && call.next_states; ++i) {
      call.next_states[row * Task::kStateSize + i] = next.state[i];
    }
    for (int i = 0; i < Task::kObservationSize && call.observations; ++i) {
      call.observations[row * Task::kObservationSize + i] = seen[i];
    }
    if (call.rewards) call.rewards[row] = next.reward;
    if (call.terminated) call.terminated[row] = next.terminated;
  }
}

template <class T, class Task>
Status control_step(const ControlStep<T, Task>& op, CudaContext& context) {
  using Action = std::conditional_t<Task::kActionSize == 0, int32_t, T>;
  ControlArrays<T, Action> call{op.states.begin(),  op.actions.begin(),     T(1),
                                op.states.dims[0],  wanted(op.next_states), wanted(op.observations),
                                wanted(op.rewards), wanted(op.terminated)};
  if constexpr (Task::kActionSize > 0) call.scale = static_cast<T>(op.action_scale);
  Work work(context, "control_step");
  work.for_each(call.count, step_tasks<T, Task, Action>, call);
  return work.status();
}

}  // namespace

#define BELFRY_DEFINE_STEP(Task)                                          \
  template <>                                                             \
  Status run(const ControlStep<float, Task>& op, CudaContext& context) {  \
    return control_step(op, context);                                     \
  }                                                                       \
  template <>                                                             \
  Status run(const ControlStep<double, Task>& op, CudaContext& context) { \
    return control_step(op, context);                                     \
  }
BELFRY_FOR_CONTROL_TASKS(BELFRY_DEFINE_STEP)
#undef BELFRY_DEFINE_STEP

}  // namespace belfry::cuda
