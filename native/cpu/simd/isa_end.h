// Closes the target region opened by isa_begin.h.

#if BELFRY_ISA_LEVEL > 0
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

#undef BELFRY_VEC_BYTES
#undef BELFRY_ISA_LEVEL
#undef BELFRY_ISA
