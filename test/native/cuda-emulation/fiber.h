// Stackful coroutines for the threads of a block, all on one OS thread. Known to AddressSanitizer.
#pragma once

#include <cstddef>

// Switching by hand costs a few nanoseconds, by ucontext a system call.
#if defined(__x86_64__) && !defined(BELFRY_EMULATION_UCONTEXT)
#define BELFRY_SWITCH_BY_HAND 1
#else
#include <ucontext.h>
#endif

namespace belfry::emulation {

struct Stack {
  void* base = nullptr;  // lowest address
  std::size_t bytes = 0;
};

struct Fiber {
#if defined(BELFRY_SWITCH_BY_HAND)
  void* stack_pointer = nullptr;
#else
  ucontext_t context;
#endif
  Stack stack;  // of the launching thread: learnt when it is left for the first time
  void* fake_stack = nullptr;
};

/// The n-th stack of a pool that grows and is never returned.
Stack pooled_stack(std::size_t index);

/// Lets the next switch to `fiber` call `entry`, which must begin with entered_fiber(), end with
/// leave_fiber() and never return.
void prepare_fiber(Fiber& fiber, Stack stack, void (*entry)());
void entered_fiber();

void switch_fiber(Fiber& from, Fiber& to);
[[noreturn]] void leave_fiber(Fiber& from, Fiber& to);

}  // namespace belfry::emulation
