// What a kernel sees of its thread, warp and block: indices, barriers, shuffles, votes.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "vector_types.h"

namespace belfry::emulation {

// Where a barrier or a warp operation stands. Not std::source_location, which Clang 14 lacks.
struct Site {
  const char* function = "";
  const char* file = "";
  int line = 0;

  static constexpr Site current(const char* function = __builtin_FUNCTION(),
                                const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {function, file, line};
  }
};

enum class BarrierKind : std::uint8_t { kSync, kOr, kAnd, kCount };
enum class WarpOp : std::uint8_t {
  kSync,
  kShuffle,
  kShuffleUp,
  kShuffleDown,
  kShuffleXor,
  kVote,
  kMatch,
};

/// Waits until every thread of the block is here; returns the combined predicate.
int block_barrier(BarrierKind kind, int predicate, Site site);

/// Waits for the other lanes of `mask`. A shuffle returns the value of `source_lane`, a vote the
/// lanes whose value is not zero, a match the lanes with the same value.
std::uint64_t warp_collective(WarpOp op, unsigned mask, std::uint64_t value, unsigned source_lane,
                              Site site);

/// Lets other threads of the block run: always, or (an atomic operation) now and then.
void yield_thread();
void preemption_point();

/// The dynamic shared memory of the running block.
void* dynamic_shared_memory();

/// cp.async: the copy happens at once or as late as the matching wait, by the seed's choice.
void copy_async(void* to, const void* from, std::size_t bytes);
void copy_async_commit();
void copy_async_wait(int pending_groups);

/// Stops the process with a message that names the kernel and the block.
[[noreturn]] void stop_in_kernel(const char* reason);

unsigned lane_of_this_thread();

template <class T>
std::uint64_t to_bits(T value) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  if constexpr (sizeof(T) == 4) {
    return std::bit_cast<std::uint32_t>(value);
  } else {
    return std::bit_cast<std::uint64_t>(value);
  }
}

template <class T>
T from_bits(std::uint64_t bits) {
  if constexpr (sizeof(T) == 4) {
    return std::bit_cast<T>(static_cast<std::uint32_t>(bits));
  } else {
    return std::bit_cast<T>(bits);
  }
}

template <class T>
concept Number = std::is_arithmetic_v<T> && sizeof(T) <= 8;

// bool and the small integers become int, as they do in a call of CUDA's overloads.
template <class T>
using Promoted = decltype(+T{});

template <Number T>
Promoted<T> shuffle_lanes(WarpOp op, unsigned mask, T value, unsigned source_lane, Site site) {
  const Promoted<T> promoted = value;
  return from_bits<Promoted<T>>(warp_collective(op, mask, to_bits(promoted), source_lane, site));
}

}  // namespace belfry::emulation

extern uint3 threadIdx;
extern uint3 blockIdx;
extern dim3 blockDim;
extern dim3 gridDim;
inline constexpr int warpSize = 32;

inline void __syncthreads(belfry::emulation::Site site = belfry::emulation::Site::current()) {
  block_barrier(belfry::emulation::BarrierKind::kSync, 0, site);
}

inline int __syncthreads_or(int predicate,
                            belfry::emulation::Site site = belfry::emulation::Site::current()) {
  return block_barrier(belfry::emulation::BarrierKind::kOr, predicate, site);
}

inline int __syncthreads_and(int predicate,
                             belfry::emulation::Site site = belfry::emulation::Site::current()) {
  return block_barrier(belfry::emulation::BarrierKind::kAnd, predicate, site);
}

inline int __syncthreads_count(int predicate,
                               belfry::emulation::Site site = belfry::emulation::Site::current()) {
  return block_barrier(belfry::emulation::BarrierKind::kCount, predicate, site);
}

inline void __syncwarp(unsigned mask = 0xffffffffu,
                       belfry::emulation::Site site = belfry::emulation::Site::current()) {
  warp_collective(belfry::emulation::WarpOp::kSync, mask, 0, 0, site);
}

template <belfry::emulation::Number T>
auto __shfl_sync(unsigned mask, T value, int source, int width = 32,
                 belfry::emulation::Site site = belfry::emulation::Site::current()) {
  const auto size = static_cast<unsigned>(width);
  const unsigned first = belfry::emulation::lane_of_this_thread() & ~(size - 1);
  const unsigned from = first | (static_cast<unsigned>(source) & (size - 1));
  return shuffle_lanes(belfry::emulation::WarpOp::kShuffle, mask, value, from, site);
}

template <belfry::emulation::Number T>
auto __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32,
                    belfry::emulation::Site site = belfry::emulation::Site::current()) {
  const unsigned lane = belfry::emulation::lane_of_this_thread();
  const unsigned place = lane & (static_cast<unsigned>(width) - 1);
  const unsigned from = delta > place ? lane : lane - delta;
  return shuffle_lanes(belfry::emulation::WarpOp::kShuffleUp, mask, value, from, site);
}

template <belfry::emulation::Number T>
auto __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32,
                      belfry::emulation::Site site = belfry::emulation::Site::current()) {
  const unsigned lane = belfry::emulation::lane_of_this_thread();
  const unsigned place = lane & (static_cast<unsigned>(width) - 1);
  const unsigned from = place + delta >= static_cast<unsigned>(width) ? lane : lane + delta;
  return shuffle_lanes(belfry::emulation::WarpOp::kShuffleDown, mask, value, from, site);
}

template <belfry::emulation::Number T>
auto __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = 32,
                     belfry::emulation::Site site = belfry::emulation::Site::current()) {
  const unsigned lane = belfry::emulation::lane_of_this_thread();
  const unsigned last = lane | (static_cast<unsigned>(width) - 1);
  const unsigned target = (lane ^ static_cast<unsigned>(lane_mask)) & 31u;
  const unsigned from = target > last ? lane : target;
  return shuffle_lanes(belfry::emulation::WarpOp::kShuffleXor, mask, value, from, site);
}

inline unsigned __ballot_sync(unsigned mask, int predicate,
                              belfry::emulation::Site site = belfry::emulation::Site::current()) {
  const std::uint64_t lanes =
      warp_collective(belfry::emulation::WarpOp::kVote, mask, predicate != 0 ? 1u : 0u, 0, site);
  return static_cast<unsigned>(lanes);
}

inline int __any_sync(unsigned mask, int predicate,
                      belfry::emulation::Site site = belfry::emulation::Site::current()) {
  return __ballot_sync(mask, predicate, site) != 0;
}

inline int __all_sync(unsigned mask, int predicate,
                      belfry::emulation::Site site = belfry::emulation::Site::current()) {
  return __ballot_sync(mask, predicate == 0, site) == 0;
}

template <belfry::emulation::Number T>
unsigned __match_any_sync(unsigned mask, T value,
                          belfry::emulation::Site site = belfry::emulation::Site::current()) {
  const belfry::emulation::Promoted<T> promoted = value;
  const std::uint64_t bits = belfry::emulation::to_bits(promoted);
  return static_cast<unsigned>(
      warp_collective(belfry::emulation::WarpOp::kMatch, mask, bits, 0, site));
}

/// Only the caller: CUDA promises no more, and code that counts on more is wrong.
inline unsigned __activemask() { return 1u << belfry::emulation::lane_of_this_thread(); }

inline void __nanosleep(unsigned) { belfry::emulation::yield_thread(); }

[[noreturn]] inline void __trap() { belfry::emulation::stop_in_kernel("__trap"); }
