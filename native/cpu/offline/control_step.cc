// control_step: the equations of a task (math/control_tasks-inl.h) for a vector of rows at a time,
// chunks of rows over the threads. Bytes per task (pendulum, f32): read 12, write 25; 60 flops.
#include "cpu/run.h"
#include "math/host_device.h"
#include "math/outputs.h"
#include "ops/offline/control_tasks.h"

#define BELFRY_TARGET_FILE "cpu/offline/control_step-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

namespace {

// A multiple of every vector length, so that pieces and whole batches share their vectors.
constexpr int64_t kLongestVector = 16;

template <class T, class Task>
Status control_step(const ControlStep<T, Task>& op, CpuContext& context) {
  const int64_t vectors = chunk_for(Task::kWork * kLongestVector);
  context.parallel(op.states.dims[0], vectors * kLongestVector,
                   [&](int64_t begin, int64_t end, int64_t) {
                     BELFRY_DISPATCH(control_step_rows<T, Task>)(op, begin, end);
                   });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

#define BELFRY_DEFINE_STEP(Task)                                         \
  template <>                                                            \
  Status run(const ControlStep<float, Task>& op, CpuContext& context) {  \
    return control_step(op, context);                                    \
  }                                                                      \
  template <>                                                            \
  Status run(const ControlStep<double, Task>& op, CpuContext& context) { \
    return control_step(op, context);                                    \
  }
BELFRY_FOR_CONTROL_TASKS(BELFRY_DEFINE_STEP)
#undef BELFRY_DEFINE_STEP

}  // namespace belfry::cpu
