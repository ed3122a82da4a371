// The one entry a CPU kernel offers: `run(op, context)`. Each op's file specialises it for float
// and double; backend_cpu.cc collects them by the list of declared ops, so that a declared op
// without a kernel does not link.
#pragma once

#include "cpu/context.h"

namespace belfry::cpu {

template <class Op>
Status run(const Op& op, CpuContext& context);

}  // namespace belfry::cpu
