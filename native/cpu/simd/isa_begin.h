// Opens the target region of one level and provides the vector layer in it. Needs BELFRY_ISA and
// BELFRY_ISA_LEVEL; isa_end.h closes the region. The feature lists match core/cpu_features.cc.
// Vector kernels of the wide levels are optimised further (-O3) than the rest of the add-on, where
// that would cost a third of its size and gain nothing.

#if BELFRY_ISA_LEVEL == 0
#define BELFRY_VEC_BYTES 16
#elif BELFRY_ISA_LEVEL == 1
#define BELFRY_VEC_BYTES 32
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#if !defined(__SANITIZE_ADDRESS__)  // there it would only take long to compile
#pragma GCC optimize("O3")
#endif
#pragma GCC target("avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt")
#endif
#else
#define BELFRY_VEC_BYTES 64
#if defined(__clang__)
#pragma clang attribute push(                                                               \
    __attribute__((                                                                         \
        target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt"))), \
    apply_to = function)
#else
#pragma GCC push_options
#if !defined(__SANITIZE_ADDRESS__)  // there it would only take long to compile
#pragma GCC optimize("O3")
#endif
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt")
#endif
#endif

// A source file may hold several bodies; the vector layer is defined once per level.
#if (BELFRY_ISA_LEVEL == 0 && !defined(BELFRY_SIMD_SEEN_0)) || \
    (BELFRY_ISA_LEVEL == 1 && !defined(BELFRY_SIMD_SEEN_1)) || \
    (BELFRY_ISA_LEVEL == 2 && !defined(BELFRY_SIMD_SEEN_2))
#if BELFRY_ISA_LEVEL == 0
#define BELFRY_SIMD_SEEN_0
#elif BELFRY_ISA_LEVEL == 1
#define BELFRY_SIMD_SEEN_1
#else
#define BELFRY_SIMD_SEEN_2
#endif
// Each builds on the one before.
// clang-format off
#include "cpu/simd/vec-inl.h"
#include "cpu/simd/math-inl.h"
#include "cpu/simd/activations-inl.h"
// clang-format on
#endif
