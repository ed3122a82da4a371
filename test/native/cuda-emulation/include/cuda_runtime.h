// Stands in for the CUDA runtime header, so that a .cu file compiles as plain C++20 and its kernels
// run on the CPU. See ../README.md for what is emulated and what is not.
#pragma once

#ifndef BELFRY_CUDA_EMULATION
#error \
    "this is the emulation's cuda_runtime.h: define BELFRY_CUDA_EMULATION, or do not put it first"
#endif

#define __global__
#define __device__
#define __host__
#define __constant__
#define __grid_constant__
#define __launch_bounds__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __forceinline__ inline

// One block runs at a time, so a static variable is the block's. The tag marks its symbol: the
// emulator finds all shared variables by it and fills them with garbage before every block.
#define __shared__ static __attribute__((abi_tag("belfry_shared")))

#include "emulation/atomics.h"
#include "emulation/intrinsics.h"
#include "emulation/launch.h"
#include "emulation/runtime_api.h"
#include "emulation/thread.h"
#include "emulation/vector_types.h"
