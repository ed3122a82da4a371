// Compiles one body once per instruction set level. No include guard: used once per body.
//
//   // native/cpu/token/ratio.cc
//   #include "cpu/token/ratio.h"       // every header the body needs, std ones too
//   #define BELFRY_TARGET_FILE "cpu/token/ratio-inl.h"
//   #include "cpu/simd/for_each_isa.h"
//   namespace belfry::cpu {
//   void ratio(const float* a, const float* b, float* out, int64_t n) {
//     BELFRY_DISPATCH(ratio_rows)(a, b, out, n);        // also BELFRY_DISPATCH(f<float>)(...)
//   }
//   }  // namespace belfry::cpu
//
//   // native/cpu/token/ratio-inl.h: no guard, no #include, one namespace
//   namespace belfry::cpu::BELFRY_ISA {
//   void ratio_rows(const float* a, const float* b, float* out, int64_t n) {
//     constexpr int kLanes = Vec<float>::kLanes;
//     int64_t i = 0;
//     for (; i + kLanes <= n; i += kLanes) store(out + i, exp(load(a + i) - load(b + i)));
//     const int rest = static_cast<int>(n - i);
//     if (rest > 0) store_n(out + i, exp(load_n(a + i, rest) - load_n(b + i, rest)), rest);
//   }
//   }  // namespace belfry::cpu::BELFRY_ISA
//
// Inside a body: vec-inl.h (types, memory, reductions), math-inl.h (exp, log, ...) and
// activations-inl.h are there. Define nothing outside the ISA namespace; give helpers
// BELFRY_INLINE, `static` or an unnamed namespace; instantiate no std:: template for the first time
// (functions of native/math are fine: they are compiled for the baseline and inlined).
// BELFRY_ISA_LEVEL is 0 (baseline), 1 (avx2), 2 (avx512) for the rare level-specific branch.

#include "cpu/simd/dispatch.h"

#ifndef BELFRY_TARGET_FILE
#error "define BELFRY_TARGET_FILE before including for_each_isa.h"
#endif

#define BELFRY_ISA baseline
#define BELFRY_ISA_LEVEL 0
#include "cpu/simd/isa_begin.h"
#include BELFRY_TARGET_FILE
#include "cpu/simd/isa_end.h"

#if defined(__x86_64__)

#define BELFRY_ISA avx2
#define BELFRY_ISA_LEVEL 1
#include "cpu/simd/isa_begin.h"
#include BELFRY_TARGET_FILE
#include "cpu/simd/isa_end.h"

#define BELFRY_ISA avx512
#define BELFRY_ISA_LEVEL 2
#include "cpu/simd/isa_begin.h"
#include BELFRY_TARGET_FILE
#include "cpu/simd/isa_end.h"

#endif

#undef BELFRY_TARGET_FILE
