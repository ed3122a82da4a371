// control_reset: one block of Philox a start (math/control_tasks.h). Starts go over the threads.
#include "cpu/run.h"
#include "math/control_tasks.h"

namespace belfry::cpu {

namespace {

template <class T, class Task>
void write_start(const ControlReset<T, Task>& op, int64_t row) {
  const uint64_t seed = static_cast<uint64_t>(op.seed);
  const uint64_t index = static_cast<uint64_t>(op.first_index) + static_cast<uint64_t>(row);
  const auto start = math::control_start(Task{}, math::philox4x32_10(index, 0, seed), seed, index);
  double seen[Task::kObservationSize];
  math::control_observe(Task{}, start.state, seen);
  for (int i = 0; i < Task::kStateSize && op.states; ++i) {
    op.states[row * Task::kStateSize + i] = static_cast<T>(start.state[i]);
  }
  for (int i = 0; i < Task::kObservationSize && op.observations; ++i) {
    op.observations[row * Task::kObservationSize + i] = static_cast<T>(seen[i]);
  }
}

template <class T, class Task>
Status control_reset(const ControlReset<T, Task>& op, CpuContext& context) {
  context.parallel(op.count, chunk_for(100), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin; row < end; ++row) write_start(op, row);
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

#define BELFRY_DEFINE_RESET(Task)                                         \
  template <>                                                             \
  Status run(const ControlReset<float, Task>& op, CpuContext& context) {  \
    return control_reset(op, context);                                    \
  }                                                                       \
  template <>                                                             \
  Status run(const ControlReset<double, Task>& op, CpuContext& context) { \
    return control_reset(op, context);                                    \
  }
BELFRY_FOR_CONTROL_TASKS(BELFRY_DEFINE_RESET)
#undef BELFRY_DEFINE_RESET

}  // namespace belfry::cpu
