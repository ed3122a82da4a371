// Atomic operations and fences, for exactly the operand types CUDA has, so that a kernel which
// compiles here finds its overload there. A point where the emulator may change threads.
#pragma once

#include <type_traits>

#include "thread.h"

namespace belfry::emulation {

template <class T, class Update>
T atomic_update(T* address, Update update) {
  preemption_point();
  const T old = *address;
  *address = update(old);
  return old;
}

template <class T>
T atomic_add(T* address, T value) {
  // Integers wrap around, so the sum is formed without a sign.
  if constexpr (std::is_integral_v<T>) {
    using U = std::make_unsigned_t<T>;
    return atomic_update(address, [=](T old) {
      return static_cast<T>(static_cast<U>(old) + static_cast<U>(value));
    });
  } else {
    return atomic_update(address, [=](T old) { return old + value; });
  }
}

template <class T>
T atomic_subtract(T* address, T value) {
  using U = std::make_unsigned_t<T>;
  return atomic_update(
      address, [=](T old) { return static_cast<T>(static_cast<U>(old) - static_cast<U>(value)); });
}

template <class T>
T atomic_max(T* address, T value) {
  return atomic_update(address, [=](T old) { return old < value ? value : old; });
}

template <class T>
T atomic_min(T* address, T value) {
  return atomic_update(address, [=](T old) { return value < old ? value : old; });
}

template <class T>
T atomic_exchange(T* address, T value) {
  return atomic_update(address, [=](T) { return value; });
}

template <class T>
T atomic_compare_exchange(T* address, T expected, T value) {
  return atomic_update(address, [=](T old) { return old == expected ? value : old; });
}

template <class T>
T atomic_or(T* address, T value) {
  return atomic_update(address, [=](T old) { return old | value; });
}

template <class T>
T atomic_and(T* address, T value) {
  return atomic_update(address, [=](T old) { return old & value; });
}

template <class T>
T atomic_xor(T* address, T value) {
  return atomic_update(address, [=](T old) { return old ^ value; });
}

}  // namespace belfry::emulation

inline int atomicAdd(int* at, int v) { return belfry::emulation::atomic_add(at, v); }
inline unsigned atomicAdd(unsigned* at, unsigned v) { return belfry::emulation::atomic_add(at, v); }
inline unsigned long long atomicAdd(unsigned long long* at, unsigned long long v) {
  return belfry::emulation::atomic_add(at, v);
}
inline float atomicAdd(float* at, float v) { return belfry::emulation::atomic_add(at, v); }
inline double atomicAdd(double* at, double v) { return belfry::emulation::atomic_add(at, v); }

inline int atomicSub(int* at, int v) { return belfry::emulation::atomic_subtract(at, v); }
inline unsigned atomicSub(unsigned* at, unsigned v) {
  return belfry::emulation::atomic_subtract(at, v);
}

inline int atomicMax(int* at, int v) { return belfry::emulation::atomic_max(at, v); }
inline unsigned atomicMax(unsigned* at, unsigned v) { return belfry::emulation::atomic_max(at, v); }
inline long long atomicMax(long long* at, long long v) {
  return belfry::emulation::atomic_max(at, v);
}
inline unsigned long long atomicMax(unsigned long long* at, unsigned long long v) {
  return belfry::emulation::atomic_max(at, v);
}

inline int atomicMin(int* at, int v) { return belfry::emulation::atomic_min(at, v); }
inline unsigned atomicMin(unsigned* at, unsigned v) { return belfry::emulation::atomic_min(at, v); }
inline long long atomicMin(long long* at, long long v) {
  return belfry::emulation::atomic_min(at, v);
}
inline unsigned long long atomicMin(unsigned long long* at, unsigned long long v) {
  return belfry::emulation::atomic_min(at, v);
}

inline int atomicExch(int* at, int v) { return belfry::emulation::atomic_exchange(at, v); }
inline unsigned atomicExch(unsigned* at, unsigned v) {
  return belfry::emulation::atomic_exchange(at, v);
}
inline unsigned long long atomicExch(unsigned long long* at, unsigned long long v) {
  return belfry::emulation::atomic_exchange(at, v);
}
inline float atomicExch(float* at, float v) { return belfry::emulation::atomic_exchange(at, v); }

inline int atomicCAS(int* at, int expected, int v) {
  return belfry::emulation::atomic_compare_exchange(at, expected, v);
}
inline unsigned atomicCAS(unsigned* at, unsigned expected, unsigned v) {
  return belfry::emulation::atomic_compare_exchange(at, expected, v);
}
inline unsigned long long atomicCAS(unsigned long long* at, unsigned long long expected,
                                    unsigned long long v) {
  return belfry::emulation::atomic_compare_exchange(at, expected, v);
}
inline unsigned short atomicCAS(unsigned short* at, unsigned short expected, unsigned short v) {
  return belfry::emulation::atomic_compare_exchange(at, expected, v);
}

inline int atomicOr(int* at, int v) { return belfry::emulation::atomic_or(at, v); }
inline unsigned atomicOr(unsigned* at, unsigned v) { return belfry::emulation::atomic_or(at, v); }
inline unsigned long long atomicOr(unsigned long long* at, unsigned long long v) {
  return belfry::emulation::atomic_or(at, v);
}

inline int atomicAnd(int* at, int v) { return belfry::emulation::atomic_and(at, v); }
inline unsigned atomicAnd(unsigned* at, unsigned v) { return belfry::emulation::atomic_and(at, v); }
inline unsigned long long atomicAnd(unsigned long long* at, unsigned long long v) {
  return belfry::emulation::atomic_and(at, v);
}

inline int atomicXor(int* at, int v) { return belfry::emulation::atomic_xor(at, v); }
inline unsigned atomicXor(unsigned* at, unsigned v) { return belfry::emulation::atomic_xor(at, v); }
inline unsigned long long atomicXor(unsigned long long* at, unsigned long long v) {
  return belfry::emulation::atomic_xor(at, v);
}

inline unsigned atomicInc(unsigned* at, unsigned last) {
  return belfry::emulation::atomic_update(at,
                                          [=](unsigned old) { return old >= last ? 0 : old + 1; });
}
inline unsigned atomicDec(unsigned* at, unsigned last) {
  return belfry::emulation::atomic_update(
      at, [=](unsigned old) { return old == 0 || old > last ? last : old - 1; });
}

// All threads share one processor here, so memory is always in order.
inline void __threadfence() {}
inline void __threadfence_block() {}
inline void __threadfence_system() {}
