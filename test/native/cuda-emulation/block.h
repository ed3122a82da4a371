// Runs one block: its threads as fibers, its barriers and warp operations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fiber.h"
#include "include/emulation/launch.h"
#include "include/emulation/thread.h"
#include "random.h"
#include "symbols.h"

namespace belfry::emulation {

class Block {
 public:
  Block(const KernelLaunch& launch, std::uint64_t seed);

  /// Runs block `index`, the `number`-th of the grid.
  void run(uint3 index, std::uint64_t number);

  // Called by the running thread.
  int barrier(BarrierKind kind, int predicate, Site site);
  std::uint64_t collective(WarpOp op, unsigned mask, std::uint64_t value, unsigned source_lane,
                           Site site);
  void yield();
  void maybe_yield();
  void copy_async(void* to, const void* from, std::size_t bytes);
  void commit_copies();
  void wait_for_copies(int pending_groups);
  [[noreturn]] void stop(const std::string& reason) const;
  unsigned lane() const { return static_cast<unsigned>(current_ % 32); }
  void* shared_memory() const { return shared_memory_; }

  static thread_local Block* running;  // null outside kernels

 private:
  enum class State : std::uint8_t { kRunnable, kAtBarrier, kInWarpOp, kExited };

  struct Copy {
    void* to;
    const void* from;
    std::size_t bytes;
    int group;
  };

  struct Thread {
    Fiber fiber;
    uint3 index{};
    State state = State::kRunnable;
    BarrierKind barrier = BarrierKind::kSync;
    WarpOp op = WarpOp::kSync;
    Site site;  // of the barrier or warp operation it waits in
    unsigned mask = 0;
    unsigned source_lane = 0;
    std::uint64_t value = 0;
    std::uint64_t result = 0;
    std::vector<Copy> copies;  // begun and not yet done, oldest first
    int copy_group = 0;
  };

  struct Warp {
    Thread* threads = nullptr;
    std::size_t first = 0;  // number of threads[0] in the block
    unsigned alive = 0;     // lanes that have not exited
    unsigned waiting = 0;   // lanes in a warp operation
  };

  Thread& current() { return threads_[current_]; }
  Warp& current_warp() { return warps_[current_ / 32]; }
  void fill_shared_memory();
  void start_threads();
  void run_current_thread();
  [[noreturn]] void exit_current_thread();
  void wake(std::size_t thread);
  std::size_t take_next();
  void make_current(std::size_t thread);
  void suspend();
  void complete_barrier();
  void complete_collective(Warp& warp, unsigned mask);
  std::uint64_t collective_result(const Warp& warp, const Thread& thread, unsigned lanes) const;
  void finish_copies(Thread& thread, int last_group);
  std::string situation() const;

  KernelLaunch launch_;
  std::uint64_t seed_;
  Random random_;
  const std::vector<MemorySpan>& shared_variables_;
  std::vector<Thread> threads_;
  std::vector<Warp> warps_;
  std::vector<std::size_t> round_;  // who runs in this round, in this order, and who in the next
  std::vector<std::size_t> next_round_;
  std::size_t round_position_ = 0;
  Fiber launcher_;
  std::size_t current_ = 0;
  std::size_t num_exited_ = 0;
  std::size_t num_at_barrier_ = 0;
  std::uint64_t idle_yields_ = 0;
  void* shared_memory_ = nullptr;
};

}  // namespace belfry::emulation
