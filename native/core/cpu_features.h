// Which instruction set level the CPU kernels use. Chosen once per process, never changes after.
#ifndef BELFRY_CORE_CPU_FEATURES_H_
#define BELFRY_CORE_CPU_FEATURES_H_

namespace belfry::core {

// On x86-64 each level contains the ones before it. kNeon is the only level above baseline on
// arm64, where NEON is always present and baseline code already uses it.
enum class CpuLevel { kBaseline = 0, kAvx2 = 1, kAvx512 = 2, kNeon = 3 };

struct CpuFeatures {
  CpuLevel detected;  // what the processor and the operating system allow
  CpuLevel level;     // detected, capped by BELFRY_CPU
  bool capped;        // BELFRY_CPU lowered the level
  bool cap_is_known;  // false: BELFRY_CPU is set to a word that names no level; it is ignored
};

// Thread-safe; reads CPUID and the environment on the first call only.
const CpuFeatures& cpu_features();

inline CpuLevel cpu_level() { return cpu_features().level; }

// "baseline", "avx2", "avx512" or "neon".
const char* cpu_level_name(CpuLevel level);

// The rule behind cpu_features(), without the environment. cap may be null (no cap).
CpuFeatures apply_cpu_cap(CpuLevel detected, const char* cap);

}  // namespace belfry::core

#endif  // BELFRY_CORE_CPU_FEATURES_H_
