// The levels this machine can run, each with the table of functions a test wants from it.
#ifndef BELFRY_TEST_NATIVE_SIMD_LEVELS_H_
#define BELFRY_TEST_NATIVE_SIMD_LEVELS_H_

#include <vector>

#include "core/cpu_features.h"

namespace belfry::test {

template <class Table>
struct Level {
  const char* name;
  Table table;
};

// Takes functions and not their results: calling the one of a level the processor lacks is illegal.
#if defined(__x86_64__)
template <class Table>
std::vector<Level<Table>> usable_levels(Table (*baseline)(), Table (*avx2)(), Table (*avx512)()) {
  const core::CpuLevel detected = core::cpu_features().detected;
  std::vector<Level<Table>> levels{{"baseline", baseline()}};
  if (detected >= core::CpuLevel::kAvx2) levels.push_back({"avx2", avx2()});
  if (detected >= core::CpuLevel::kAvx512) levels.push_back({"avx512", avx512()});
  return levels;
}
// fn() of every namespace belfry::cpu::<level>.
#define BELFRY_TEST_LEVELS(fn)                                                          \
  ::belfry::test::usable_levels(&::belfry::cpu::baseline::fn, &::belfry::cpu::avx2::fn, \
                                &::belfry::cpu::avx512::fn)
#else
template <class Table>
std::vector<Level<Table>> usable_levels(Table (*baseline)()) {
  return {{"baseline", baseline()}};
}
#define BELFRY_TEST_LEVELS(fn) ::belfry::test::usable_levels(&::belfry::cpu::baseline::fn)
#endif

}  // namespace belfry::test

#endif  // BELFRY_TEST_NATIVE_SIMD_LEVELS_H_
