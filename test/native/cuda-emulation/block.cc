#include "block.h"

#include <cstdlib>
#include <cstring>

uint3 threadIdx{};
uint3 blockIdx{};
dim3 blockDim;
dim3 gridDim;

namespace belfry::emulation {
namespace {

// Threads that take so many turns while nobody gets anywhere spin forever.
constexpr std::uint64_t kMaxIdleYields = std::uint64_t{1} << 22;

// What a shuffle yields from a lane that takes no part: neither a plausible number nor index.
constexpr std::uint64_t kNoValue = 0xfff5a5a5fff5a5a5u;

constexpr unsigned kWarpSize = 32;

bool has(unsigned lanes, unsigned lane) { return (lanes >> lane & 1u) != 0; }

}  // namespace

thread_local Block* Block::running = nullptr;

Block::Block(const KernelLaunch& launch, std::uint64_t seed)
    : launch_(launch), seed_(seed), shared_variables_(shared_variables(launch.kernel)) {
  const dim3 size = launch.block;
  threads_.resize(std::size_t{size.x} * size.y * size.z);
  warps_.resize((threads_.size() + kWarpSize - 1) / kWarpSize);
  for (unsigned i = 0; i < threads_.size(); ++i) {
    threads_[i].index = {i % size.x, i / size.x % size.y, i / size.x / size.y};
  }
}

void Block::run(uint3 index, std::uint64_t number) {
  blockIdx = index;
  random_ = Random(mix(seed_) ^ number);
  fill_shared_memory();
  start_threads();
  running = this;
  make_current(take_next());
  switch_fiber(launcher_, current().fiber);
  running = nullptr;
  std::free(shared_memory_);
}

void Block::fill_shared_memory() {
  // From malloc at its exact size, so that AddressSanitizer sees an access beyond it.
  constexpr std::size_t kAlignment = 128;
  if (posix_memalign(&shared_memory_, kAlignment, launch_.shared_bytes) != 0) {
    stop("no host memory for dynamic shared memory");
  }
  fill_with_garbage(shared_memory_, launch_.shared_bytes, random_);
  for (const MemorySpan& variable : shared_variables_) {
    fill_with_garbage(variable.data, variable.bytes, random_);
  }
}

void Block::start_threads() {
  num_exited_ = 0;
  num_at_barrier_ = 0;
  idle_yields_ = 0;
  round_.clear();
  round_position_ = 0;
  for (std::size_t i = 0; i < warps_.size(); ++i) {
    warps_[i] = {&threads_[i * kWarpSize], i * kWarpSize};
  }
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    threads_[i].copy_group = 0;
    warps_[i / kWarpSize].alive |= 1u << i % kWarpSize;
    prepare_fiber(threads_[i].fiber, pooled_stack(i), [] {
      entered_fiber();
      running->run_current_thread();
    });
    wake(i);
  }
}

void Block::run_current_thread() {
  launch_.call();
  exit_current_thread();
}

void Block::exit_current_thread() {
  Thread& thread = current();
  finish_copies(thread, thread.copy_group);
  thread.state = State::kExited;
  ++num_exited_;
  idle_yields_ = 0;
  Warp& warp = current_warp();
  warp.alive &= ~(1u << lane());
  // Those who waited for this lane only can go on without it.
  for (unsigned i = 0; i < kWarpSize; ++i) {
    if (has(warp.waiting, i)) complete_collective(warp, warp.threads[i].mask);
  }
  if (num_exited_ == threads_.size()) leave_fiber(thread.fiber, launcher_);
  make_current(take_next());
  leave_fiber(thread.fiber, current().fiber);
}

void Block::wake(std::size_t thread) {
  threads_[thread].state = State::kRunnable;
  next_round_.push_back(thread);
}

std::size_t Block::take_next() {
  if (round_position_ == round_.size()) {
    if (next_round_.empty()) {
      stop(num_exited_ > 0 ? "threads have exited that others of the block wait for"
                           : "the threads of the block wait for each other");
    }
    round_.swap(next_round_);
    next_round_.clear();
    round_position_ = 0;
    if (seed_ != 0) random_.shuffle(round_);
  }
  return round_[round_position_++];
}

void Block::make_current(std::size_t thread) {
  current_ = thread;
  threadIdx = current().index;
}

void Block::suspend() {
  Thread& self = current();
  make_current(take_next());
  if (&current() != &self) switch_fiber(self.fiber, current().fiber);
}

void Block::yield() {
  if (++idle_yields_ > kMaxIdleYields) stop("threads spin without end");
  wake(current_);
  suspend();
}

void Block::maybe_yield() {
  constexpr std::uint64_t kOneIn = 8;
  if (random_.below(kOneIn) == 0) yield();
}

int Block::barrier(BarrierKind kind, int predicate, Site site) {
  Thread& self = current();
  self.state = State::kAtBarrier;
  self.site = site;
  self.barrier = kind;
  self.value = predicate != 0 ? 1 : 0;
  if (++num_at_barrier_ == threads_.size()) complete_barrier();
  suspend();
  return static_cast<int>(self.result);
}

void Block::complete_barrier() {
  const Thread& first = threads_.front();
  std::uint64_t count = 0;
  for (const Thread& thread : threads_) {
    const bool same = thread.barrier == first.barrier && thread.site.line == first.site.line &&
                      std::strcmp(thread.site.file, first.site.file) == 0;
    if (!same) stop("the threads of the block are at different barriers");
    count += thread.value;
  }
  std::uint64_t result = count;
  if (first.barrier == BarrierKind::kOr) result = count > 0 ? 1 : 0;
  if (first.barrier == BarrierKind::kAnd) result = count == threads_.size() ? 1 : 0;
  num_at_barrier_ = 0;
  idle_yields_ = 0;
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    threads_[i].result = result;
    wake(i);
  }
}

std::uint64_t Block::collective(WarpOp op, unsigned mask, std::uint64_t value, unsigned source_lane,
                                Site site) {
  Thread& self = current();
  self.state = State::kInWarpOp;
  self.site = site;
  self.op = op;
  self.mask = mask;
  self.value = value;
  self.source_lane = source_lane;
  current_warp().waiting |= 1u << lane();
  if (!has(mask, lane())) stop("a lane is not in the mask of its own warp operation");
  complete_collective(current_warp(), mask);
  suspend();
  return self.result;
}

// Does nothing while a lane is missing.
void Block::complete_collective(Warp& warp, unsigned mask) {
  const unsigned lanes = mask & warp.alive;
  if ((warp.waiting & lanes) != lanes) return;
  const Thread* first = nullptr;
  for (unsigned i = 0; i < kWarpSize; ++i) {
    if (!has(lanes, i)) continue;
    Thread& thread = warp.threads[i];
    if (first == nullptr) first = &thread;
    if (thread.op != first->op || thread.mask != first->mask) {
      stop("the lanes of a warp are in different operations, or name different masks");
    }
    thread.result = collective_result(warp, thread, lanes);
  }
  warp.waiting &= ~lanes;
  idle_yields_ = 0;
  for (unsigned i = 0; i < kWarpSize; ++i) {
    if (has(lanes, i)) wake(warp.first + i);
  }
}

std::uint64_t Block::collective_result(const Warp& warp, const Thread& thread,
                                       unsigned lanes) const {
  if (thread.op == WarpOp::kSync) return 0;
  if (thread.op != WarpOp::kVote && thread.op != WarpOp::kMatch) {
    const unsigned source = thread.source_lane;
    return has(lanes, source) ? warp.threads[source].value : kNoValue;
  }
  unsigned found = 0;
  for (unsigned i = 0; i < kWarpSize; ++i) {
    if (!has(lanes, i)) continue;
    const std::uint64_t value = warp.threads[i].value;
    const bool counts = thread.op == WarpOp::kVote ? value != 0 : value == thread.value;
    if (counts) found |= 1u << i;
  }
  return found;
}

void Block::copy_async(void* to, const void* from, std::size_t bytes) {
  for (const void* address : {static_cast<const void*>(to), from}) {
    const bool aligned = reinterpret_cast<std::uintptr_t>(address) % bytes == 0;
    if (!aligned) stop("copy_async: an address is not aligned to the size of the copy");
  }
  if (seed_ != 0 && random_.below(2) == 0) {
    std::memcpy(to, from, bytes);
  } else {
    current().copies.push_back({to, from, bytes, current().copy_group});
  }
}

void Block::commit_copies() { ++current().copy_group; }

void Block::wait_for_copies(int pending_groups) {
  finish_copies(current(), current().copy_group - 1 - pending_groups);
}

void Block::finish_copies(Thread& thread, int last_group) {
  auto copy = thread.copies.begin();
  for (; copy != thread.copies.end() && copy->group <= last_group; ++copy) {
    std::memcpy(copy->to, copy->from, copy->bytes);
  }
  thread.copies.erase(thread.copies.begin(), copy);
}

}  // namespace belfry::emulation
