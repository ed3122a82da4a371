#include "fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "sanitizer.h"

namespace belfry::emulation {
namespace {

// Sanitized frames are several times their usual size, and error reports run on these stacks too.
constexpr std::size_t kStackBytes = 256 * 1024;

// Who gave up the processor last: the sanitizer wants to know when the next one wakes up.
Fiber* previous = nullptr;

void before_switch(void** fake_stack, const Fiber& to) {
#if defined(BELFRY_ASAN)
  __sanitizer_start_switch_fiber(fake_stack, to.stack.base, to.stack.bytes);
#else
  (void)fake_stack;
  (void)to;
#endif
}

void after_switch(void* fake_stack) {
#if defined(BELFRY_ASAN)
  const void* base = nullptr;
  std::size_t bytes = 0;
  __sanitizer_finish_switch_fiber(fake_stack, &base, &bytes);
  previous->stack = {const_cast<void*>(base), bytes};
#else
  (void)fake_stack;
#endif
}

Stack map_stack() {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* memory = mmap(nullptr, kStackBytes + page, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    std::fputs("belfry emulation: no memory for the stack of a thread\n", stderr);
    std::abort();
  }
  mprotect(memory, page, PROT_NONE);  // the stack grows down into it, and stops
  return {static_cast<std::byte*>(memory) + page, kStackBytes};
}

}  // namespace

Stack pooled_stack(std::size_t index) {
  static std::vector<Stack> pool;
  while (pool.size() <= index) pool.push_back(map_stack());
  return pool[index];
}

void entered_fiber() { after_switch(nullptr); }

#if defined(BELFRY_SWITCH_BY_HAND)

// Saves the registers a callee must preserve and the stack pointer, and takes up the other ones.
extern "C" void belfry_emulation_switch(void** save, void* load);
asm(R"(
.text
.p2align 4
.type belfry_emulation_switch,@function
belfry_emulation_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size belfry_emulation_switch,.-belfry_emulation_switch
)");

BELFRY_NO_ASAN void prepare_fiber(Fiber& fiber, Stack stack, void (*entry)()) {
  constexpr std::size_t kSaved = 6;
  auto* top = reinterpret_cast<std::uintptr_t*>(static_cast<std::byte*>(stack.base) + stack.bytes);
  // What the last user left in its outermost frames must not alarm the next one.
  unpoison(static_cast<std::byte*>(stack.base) + stack.bytes - 4096, 4096);
  *--top = 0;  // entry's return address: it has none, and its frame is aligned by this slot
  *--top = reinterpret_cast<std::uintptr_t>(entry);
  for (std::size_t i = 0; i < kSaved; ++i) *--top = 0;
  fiber.stack_pointer = top;
  fiber.stack = stack;
  fiber.fake_stack = nullptr;
}

BELFRY_NO_ASAN void switch_fiber(Fiber& from, Fiber& to) {
  previous = &from;
  before_switch(&from.fake_stack, to);
  belfry_emulation_switch(&from.stack_pointer, to.stack_pointer);
  after_switch(from.fake_stack);
}

BELFRY_NO_ASAN void leave_fiber(Fiber& from, Fiber& to) {
  previous = &from;
  before_switch(nullptr, to);
  belfry_emulation_switch(&from.stack_pointer, to.stack_pointer);
  std::abort();
}

#else

void prepare_fiber(Fiber& fiber, Stack stack, void (*entry)()) {
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = stack.base;
  fiber.context.uc_stack.ss_size = stack.bytes;
  fiber.context.uc_link = nullptr;
  makecontext(&fiber.context, entry, 0);
  fiber.stack = stack;
  fiber.fake_stack = nullptr;
}

void switch_fiber(Fiber& from, Fiber& to) {
  previous = &from;
  before_switch(&from.fake_stack, to);
  swapcontext(&from.context, &to.context);
  after_switch(from.fake_stack);
}

void leave_fiber(Fiber& from, Fiber& to) {
  previous = &from;
  before_switch(nullptr, to);
  setcontext(&to.context);
  std::abort();
}

#endif

}  // namespace belfry::emulation
