// The one qualifier of native/math: its functions run in CPU and CUDA kernels alike.
#pragma once

#if defined(__CUDACC__)
#define BELFRY_HD __host__ __device__
#else
#define BELFRY_HD
#endif
