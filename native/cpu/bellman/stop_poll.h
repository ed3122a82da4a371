// Stopping in the middle of what has no sweeps to count: graph searches, the building of models.
#pragma once

#include "cpu/context.h"

namespace belfry::cpu {

// Thrown by StopPoll and caught by `stoppable`: it never leaves an op.
struct StoppedByCaller {};

// Called once for each small step of a pass, on the calling thread only.
class StopPoll {
 public:
  explicit StopPoll(const CpuContext& context) : context_(context) {}
  void operator()() {
    if ((++steps_ & 4095) == 0 && context_.stopped()) throw StoppedByCaller();
  }

 private:
  const CpuContext& context_;
  uint32_t steps_ = 0;
};

template <class Body>
Status stoppable(const Body& body) {
  try {
    return body();
  } catch (const StoppedByCaller&) {
    return aborted();
  }
}

}  // namespace belfry::cpu
