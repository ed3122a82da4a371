// CPUID leaves and bits: Intel SDM volume 2, CPUID; XCR0 bits: volume 1, 13.3.
#include "core/cpu_features.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace belfry::core {
namespace {

#if defined(__x86_64__)

struct Registers {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Registers cpuid(unsigned leaf, unsigned subleaf) {
  Registers r;
  // Leaves the zeros when the processor does not have the leaf.
  (void)__get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx);
  return r;
}

// Register state the operating system saves on a context switch. Needs OSXSAVE.
std::uint64_t enabled_state() {
  unsigned low = 0, high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (std::uint64_t{high} << 32) | low;
}

constexpr bool has_all(std::uint64_t value, std::uint64_t bits) { return (value & bits) == bits; }

constexpr std::uint64_t bit(int n) { return std::uint64_t{1} << n; }

CpuLevel detect() {
  constexpr std::uint64_t kLeaf1Ecx = bit(12) | bit(23) | bit(27) | bit(28) | bit(29);
  constexpr std::uint64_t kLeaf7EbxAvx2 = bit(3) | bit(5) | bit(8);                 // BMI AVX2 BMI2
  constexpr std::uint64_t kLeaf7EbxAvx512 = bit(16) | bit(17) | bit(30) | bit(31);  // F DQ BW VL
  constexpr std::uint64_t kLzcnt = bit(5);
  constexpr std::uint64_t kYmmState = bit(1) | bit(2);
  constexpr std::uint64_t kZmmState = kYmmState | bit(5) | bit(6) | bit(7);

  // FMA, POPCNT, OSXSAVE, AVX, F16C. OSXSAVE also makes xgetbv legal.
  if (!has_all(cpuid(1, 0).ecx, kLeaf1Ecx)) return CpuLevel::kBaseline;
  const std::uint64_t state = enabled_state();
  const std::uint64_t leaf7 = cpuid(7, 0).ebx;
  const bool lzcnt = has_all(cpuid(0x80000001u, 0).ecx, kLzcnt);
  if (!has_all(state, kYmmState) || !has_all(leaf7, kLeaf7EbxAvx2) || !lzcnt) {
    return CpuLevel::kBaseline;
  }
  const bool avx512 = has_all(state, kZmmState) && has_all(leaf7, kLeaf7EbxAvx512);
  return avx512 ? CpuLevel::kAvx512 : CpuLevel::kAvx2;
}

#elif defined(__aarch64__)

CpuLevel detect() { return CpuLevel::kNeon; }

#else

CpuLevel detect() { return CpuLevel::kBaseline; }

#endif

bool parse_level(const char* word, CpuLevel* level) {
  for (CpuLevel each : {CpuLevel::kBaseline, CpuLevel::kAvx2, CpuLevel::kAvx512, CpuLevel::kNeon}) {
    if (std::strcmp(word, cpu_level_name(each)) == 0) {
      *level = each;
      return true;
    }
  }
  return false;
}

}  // namespace

const char* cpu_level_name(CpuLevel level) {
  switch (level) {
    case CpuLevel::kAvx2: return "avx2";
    case CpuLevel::kAvx512: return "avx512";
    case CpuLevel::kNeon: return "neon";
    case CpuLevel::kBaseline: break;
  }
  return "baseline";
}

CpuFeatures apply_cpu_cap(CpuLevel detected, const char* cap) {
  CpuFeatures features{detected, detected, false, true};
  if (cap == nullptr || *cap == '\0') return features;
  CpuLevel limit = CpuLevel::kBaseline;
  features.cap_is_known = parse_level(cap, &limit);
  // A level of the other architecture is known but cannot lower this one's, except to baseline.
  const bool comparable =
      limit == CpuLevel::kBaseline || (limit != CpuLevel::kNeon) == (detected != CpuLevel::kNeon);
  if (features.cap_is_known && comparable && limit < detected) {
    features.level = limit;
    features.capped = true;
  }
  return features;
}

const CpuFeatures& cpu_features() {
  static const CpuFeatures features = apply_cpu_cap(detect(), std::getenv("BELFRY_CPU"));
  return features;
}

}  // namespace belfry::core
