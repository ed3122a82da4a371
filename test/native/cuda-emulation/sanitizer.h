// The parts of AddressSanitizer's interface the emulator uses; they do nothing in other builds.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define BELFRY_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BELFRY_ASAN 1
#endif
#endif

#if defined(BELFRY_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define BELFRY_NO_ASAN __attribute__((no_sanitize_address))
#else
#define BELFRY_NO_ASAN
#endif

namespace belfry::emulation {

inline void poison([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#if defined(BELFRY_ASAN)
  __asan_poison_memory_region(memory, bytes);
#endif
}

/// How much of `bytes` may be used. Clang counts the red zone of a variable into its symbol's size.
inline std::size_t usable_bytes([[maybe_unused]] void* memory, std::size_t bytes) {
#if defined(BELFRY_ASAN)
  void* bad = __asan_region_is_poisoned(memory, bytes);
  if (bad != nullptr)
    return static_cast<std::size_t>(static_cast<char*>(bad) - static_cast<char*>(memory));
#endif
  return bytes;
}

inline void unpoison([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#if defined(BELFRY_ASAN)
  __asan_unpoison_memory_region(memory, bytes);
#endif
}

}  // namespace belfry::emulation
