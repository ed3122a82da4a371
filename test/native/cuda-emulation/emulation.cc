// Launches, and the calls a kernel makes on behalf of its running thread.
#include "emulation.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "block.h"
#include "runtime_state.h"

namespace belfry::emulation {
namespace {

std::atomic<std::uint64_t> num_launches{0};
std::atomic<std::uint64_t> num_plain_launches{0};
std::atomic<std::uint64_t> num_blocks{0};

// Guarded by the device mutex.
std::map<const void*, std::size_t>& shared_limits() {
  static std::map<const void*, std::size_t> limits;
  return limits;
}

std::map<const void*, BindArguments>& known_kernels() {
  static std::map<const void*, BindArguments> kernels;
  return kernels;
}

// The caller holds the device mutex.
cudaError_t check(const KernelLaunch& what) {
  const dim3 grid = what.grid;
  const dim3 block = what.block;
  const bool empty =
      grid.x == 0 || grid.y == 0 || grid.z == 0 || block.x == 0 || block.y == 0 || block.z == 0;
  const bool grid_too_large = grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535;
  const bool block_too_large =
      block.x > 1024 || block.y > 1024 || block.z > 64 ||
      std::uint64_t{block.x} * block.y * block.z > std::uint64_t{kMaxThreadsPerBlock};
  if (empty || grid_too_large || block_too_large) return cudaErrorInvalidConfiguration;
  const auto limit = shared_limits().find(what.kernel);
  const std::size_t allowed = limit == shared_limits().end() ? kDefaultSharedBytes : limit->second;
  return what.shared_bytes > allowed ? cudaErrorInvalidValue : cudaSuccess;
}

std::vector<std::uint64_t> block_order(std::uint64_t count) {
  std::vector<std::uint64_t> order(count);
  for (std::uint64_t i = 0; i < count; ++i) order[i] = i;
  Random random(seed());
  if (seed() != 0) random.shuffle(order);
  return order;
}

void run_blocks(const KernelLaunch& what) {
  const dim3 grid = what.grid;
  blockDim = what.block;
  gridDim = grid;
  Block block(what, seed());
  for (const std::uint64_t number : block_order(std::uint64_t{grid.x} * grid.y * grid.z)) {
    const std::uint64_t row = number / grid.x;
    block.run({static_cast<unsigned>(number % grid.x), static_cast<unsigned>(row % grid.y),
               static_cast<unsigned>(row / grid.y)},
              number);
    ++num_blocks;
  }
  ++num_launches;
}

Block& running_block() {
  if (Block::running == nullptr) {
    std::fputs("belfry emulation: a device function was called outside a kernel\n", stderr);
    std::abort();
  }
  return *Block::running;
}

}  // namespace

void make_known(const void* kernel, BindArguments bind) {
  const std::lock_guard lock(device_mutex());
  known_kernels()[kernel] = bind;
}

cudaError_t make_kernel_work(const cudaKernelNodeParams& params, std::function<void()>* work) {
  KernelLaunch what{params.gridDim, params.blockDim, params.sharedMemBytes, params.func, {}};
  const std::lock_guard lock(device_mutex());
  const auto known = known_kernels().find(what.kernel);
  if (known == known_kernels().end()) return cudaErrorInvalidDeviceFunction;
  if (params.kernelParams == nullptr || params.extra != nullptr) return cudaErrorInvalidValue;
  if (const cudaError_t status = check(what); status != cudaSuccess) return status;
  what.call = known->second(what.kernel, params.kernelParams);
  *work = [what] {
    const std::lock_guard running(device_mutex());
    open_device_memory();
    run_blocks(what);
    close_device_memory();
  };
  return cudaSuccess;
}

cudaError_t launch_kernel(const void* kernel, dim3 grid, dim3 block, std::size_t shared_bytes,
                          cudaStream_t stream, void* const* arguments) {
  const cudaKernelNodeParams params{
      const_cast<void*>(kernel),     grid,   block, static_cast<unsigned>(shared_bytes),
      const_cast<void**>(arguments), nullptr};
  return call_while_recording([&] {
    std::function<void()> work;
    if (const cudaError_t s = make_kernel_work(params, &work); s != cudaSuccess) return s;
    if (record(stream, work)) return cudaSuccess;
    if (!wait_for_stream(stream)) return cudaErrorInvalidResourceHandle;
    work();
    ++num_plain_launches;
    return cudaSuccess;
  });
}

void fill_with_garbage(void* memory, std::size_t bytes, Random& random) {
  constexpr int kPatterns[] = {0xff, 0x7f, 0xa5};
  if (bytes > 0) std::memset(memory, kPatterns[random.below(3)], bytes);
}

Counters counters() {
  Counters all;
  all.launches = num_launches;
  all.plain_launches = num_plain_launches;
  all.blocks = num_blocks;
  count_memory(all);
  count_streams(all);
  count_graphs(all);
  return all;
}

int block_barrier(BarrierKind kind, int predicate, Site site) {
  return running_block().barrier(kind, predicate, site);
}

std::uint64_t warp_collective(WarpOp op, unsigned mask, std::uint64_t value, unsigned source_lane,
                              Site site) {
  return running_block().collective(op, mask, value, source_lane, site);
}

void yield_thread() { running_block().yield(); }
void preemption_point() { running_block().maybe_yield(); }
void* dynamic_shared_memory() { return running_block().shared_memory(); }
void copy_async(void* to, const void* from, std::size_t bytes) {
  running_block().copy_async(to, from, bytes);
}
void copy_async_commit() { running_block().commit_copies(); }
void copy_async_wait(int pending_groups) { running_block().wait_for_copies(pending_groups); }
void stop_in_kernel(const char* reason) { running_block().stop(reason); }
unsigned lane_of_this_thread() { return running_block().lane(); }

}  // namespace belfry::emulation

cudaError_t cudaFuncSetAttribute(const void* kernel, cudaFuncAttribute attribute, int value) {
  using namespace belfry::emulation;
  return call_while_recording([&] {
    if (kernel == nullptr) return cudaErrorInvalidDeviceFunction;
    if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout) return cudaSuccess;
    const bool known = attribute == cudaFuncAttributeMaxDynamicSharedMemorySize;
    if (!known || value < 0 || static_cast<std::size_t>(value) > kMaxSharedBytes) {
      return cudaErrorInvalidValue;
    }
    const std::lock_guard lock(device_mutex());
    shared_limits()[kernel] = static_cast<std::size_t>(value);
    return cudaSuccess;
  });
}
