// The one qualifier of native/math: its functions run in CPU and CUDA kernels alike. And a mark for
// loops whose body is large: nvcc would write most of them out four times.
#pragma once

#if defined(__CUDACC__)
#define BELFRY_HD __host__ __device__
#define BELFRY_ROLLED _Pragma("unroll 1")
#else
#define BELFRY_HD
#define BELFRY_ROLLED
#endif
