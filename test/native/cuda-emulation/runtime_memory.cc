// Device and pinned memory: from malloc at the exact size, filled with garbage, counted.
#include <cstdlib>
#include <cstring>
#include <map>

#include "random.h"
#include "runtime_state.h"
#include "sanitizer.h"

namespace belfry::emulation {
namespace {

// Both maps go from the first byte to the size. Guarded by the device mutex.
struct Memory {
  std::map<std::byte*, std::size_t> device;
  std::map<std::byte*, std::size_t> pinned;
  std::size_t device_bytes = 0;
  std::uint64_t num_allocations = 0;
};

Memory& memory() {
  static Memory all;
  return all;
}

std::byte* new_garbage(std::size_t bytes) {
  constexpr std::size_t kAlignment = 256;  // what cudaMalloc promises
  void* fresh = nullptr;
  if (posix_memalign(&fresh, kAlignment, bytes) != 0) return nullptr;
  Random random(mix(seed()) ^ ++memory().num_allocations);
  fill_with_garbage(fresh, bytes, random);
  return static_cast<std::byte*>(fresh);
}

cudaError_t allocate(void** pointer, std::size_t bytes) {
  const std::lock_guard lock(device_mutex());
  *pointer = nullptr;
  if (bytes == 0) return cudaSuccess;
  Memory& all = memory();
  if (bytes > memory_limit() || all.device_bytes > memory_limit() - bytes) {
    return cudaErrorMemoryAllocation;
  }
  std::byte* fresh = new_garbage(bytes);
  if (fresh == nullptr) return cudaErrorMemoryAllocation;
  poison(fresh, bytes);
  all.device.emplace(fresh, bytes);
  all.device_bytes += bytes;
  *pointer = fresh;
  return cudaSuccess;
}

cudaError_t release(void* pointer) {
  if (pointer == nullptr) return cudaSuccess;
  const std::lock_guard lock(device_mutex());
  Memory& all = memory();
  const auto found = all.device.find(static_cast<std::byte*>(pointer));
  if (found == all.device.end()) return cudaErrorInvalidValue;
  all.device_bytes -= found->second;
  unpoison(found->first, found->second);
  std::free(found->first);
  all.device.erase(found);
  return cudaSuccess;
}

enum class Place { kHost, kDevice, kOutOfBounds };

// Where a range lies; out of bounds if it begins in device memory and ends beyond its allocation.
Place place_of(const void* pointer, std::size_t bytes) {
  const auto* first = static_cast<const std::byte*>(pointer);
  auto found = memory().device.upper_bound(const_cast<std::byte*>(first));
  if (found == memory().device.begin()) return Place::kHost;
  --found;
  const auto offset = static_cast<std::size_t>(first - found->first);
  if (offset >= found->second) return Place::kHost;
  return bytes <= found->second - offset ? Place::kDevice : Place::kOutOfBounds;
}

cudaError_t check_copy(const void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault) {
    return cudaErrorInvalidMemcpyDirection;
  }
  const Place target = place_of(to, bytes);
  const Place source = place_of(from, bytes);
  if (target == Place::kOutOfBounds || source == Place::kOutOfBounds) return cudaErrorInvalidValue;
  if (kind == cudaMemcpyDefault) return cudaSuccess;
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  const bool as_said =
      (target == Place::kDevice) == to_device && (source == Place::kDevice) == from_device;
  return as_said ? cudaSuccess : cudaErrorInvalidValue;
}

// Lets the host into a range for as long as this lives, if it is device memory.
class Opened {
 public:
  Opened(const void* pointer, std::size_t bytes)
      : pointer_(const_cast<void*>(pointer)),
        bytes_(bytes),
        is_device_(place_of(pointer, bytes) == Place::kDevice) {
    if (is_device_) unpoison(pointer_, bytes_);
  }
  ~Opened() {
    if (is_device_) poison(pointer_, bytes_);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

 private:
  void* pointer_;
  std::size_t bytes_;
  bool is_device_;
};

cudaError_t copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  if (bytes == 0) return cudaSuccess;
  const cudaError_t status = check_copy(to, from, bytes, kind);
  if (status != cudaSuccess) return status;
  const Opened target(to, bytes);
  const Opened source(from, bytes);
  std::memmove(to, from, bytes);
  return cudaSuccess;
}

cudaError_t fill(void* to, int value, std::size_t bytes) {
  if (bytes == 0) return cudaSuccess;
  if (place_of(to, bytes) != Place::kDevice) return cudaErrorInvalidValue;
  const Opened target(to, bytes);
  std::memset(to, value, bytes);
  return cudaSuccess;
}

// The one memory pool there is.
cudaMemPool_t default_pool() { return reinterpret_cast<cudaMemPool_t>(&memory()); }

template <class Body>
cudaError_t in_stream(cudaStream_t stream, Body body) {
  return runtime_call([&] {
    if (!wait_for_stream(stream)) return cudaErrorInvalidResourceHandle;
    const std::lock_guard lock(device_mutex());
    return body();
  });
}

}  // namespace

void open_device_memory() {
  for (const auto& [first, bytes] : memory().device) unpoison(first, bytes);
}

void close_device_memory() {
  for (const auto& [first, bytes] : memory().device) poison(first, bytes);
}

void count_memory(Counters& counters) {
  const std::lock_guard lock(device_mutex());
  counters.device_allocations = memory().device.size();
  counters.device_bytes = memory().device_bytes;
  counters.pinned_allocations = memory().pinned.size();
}

cudaError_t copy_to_symbol(void* symbol, std::size_t symbol_bytes, const void* from,
                           std::size_t bytes, std::size_t offset, cudaMemcpyKind kind) {
  return in_stream(nullptr, [&] {
    if (offset > symbol_bytes || bytes > symbol_bytes - offset) return cudaErrorInvalidValue;
    if (kind != cudaMemcpyHostToDevice && kind != cudaMemcpyDeviceToDevice &&
        kind != cudaMemcpyDefault) {
      return cudaErrorInvalidMemcpyDirection;
    }
    return copy(static_cast<std::byte*>(symbol) + offset, from, bytes, cudaMemcpyDefault);
  });
}

}  // namespace belfry::emulation

using namespace belfry::emulation;

cudaError_t cudaMalloc(void** pointer, std::size_t bytes) {
  return runtime_call([&] { return allocate(pointer, bytes); });
}

cudaError_t cudaFree(void* pointer) {
  return runtime_call([&] { return release(pointer); });
}

cudaError_t cudaMallocAsync(void** pointer, std::size_t bytes, cudaStream_t stream) {
  return runtime_call([&] {
    return wait_for_stream(stream) ? allocate(pointer, bytes) : cudaErrorInvalidResourceHandle;
  });
}

cudaError_t cudaFreeAsync(void* pointer, cudaStream_t stream) {
  return runtime_call(
      [&] { return wait_for_stream(stream) ? release(pointer) : cudaErrorInvalidResourceHandle; });
}

cudaError_t cudaHostAlloc(void** pointer, std::size_t bytes, unsigned) {
  return runtime_call([&] {
    const std::lock_guard lock(device_mutex());
    *pointer = nullptr;
    if (bytes == 0) return cudaSuccess;
    std::byte* fresh = new_garbage(bytes);
    if (fresh == nullptr) return cudaErrorMemoryAllocation;
    memory().pinned.emplace(fresh, bytes);
    *pointer = fresh;
    return cudaSuccess;
  });
}

cudaError_t cudaMallocHost(void** pointer, std::size_t bytes, unsigned flags) {
  return cudaHostAlloc(pointer, bytes, flags);
}

cudaError_t cudaFreeHost(void* pointer) {
  return runtime_call([&] {
    if (pointer == nullptr) return cudaSuccess;
    const std::lock_guard lock(device_mutex());
    if (memory().pinned.erase(static_cast<std::byte*>(pointer)) == 0) return cudaErrorInvalidValue;
    std::free(pointer);
    return cudaSuccess;
  });
}

cudaError_t cudaMemGetInfo(std::size_t* free_bytes, std::size_t* total_bytes) {
  return runtime_call([&] {
    const std::lock_guard lock(device_mutex());
    *total_bytes = memory_limit();
    const std::size_t used = memory().device_bytes;
    *free_bytes = used < *total_bytes ? *total_bytes - used : 0;
    return cudaSuccess;
  });
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return in_stream(stream, [&] { return copy(to, from, bytes, kind); });
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  return cudaMemcpyAsync(to, from, bytes, kind, nullptr);
}

cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from,
                              std::size_t from_pitch, std::size_t width, std::size_t height,
                              cudaMemcpyKind kind, cudaStream_t stream) {
  return in_stream(stream, [&] {
    if (width > to_pitch || width > from_pitch) return cudaErrorInvalidPitchValue;
    for (std::size_t row = 0; row < height; ++row) {
      const cudaError_t status =
          copy(static_cast<std::byte*>(to) + row * to_pitch,
               static_cast<const std::byte*>(from) + row * from_pitch, width, kind);
      if (status != cudaSuccess) return status;
    }
    return cudaSuccess;
  });
}

cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  return in_stream(stream, [&] { return fill(to, value, bytes); });
}

cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  return cudaMemsetAsync(to, value, bytes, nullptr);
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int device) {
  return runtime_call([&] {
    if (device != 0) return cudaErrorInvalidDevice;
    *pool = default_pool();
    return cudaSuccess;
  });
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void*) {
  return runtime_call([&] {
    const bool known = pool == default_pool() && attribute == cudaMemPoolAttrReleaseThreshold;
    return known ? cudaSuccess : cudaErrorInvalidValue;
  });
}

cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value) {
  return runtime_call([&] {
    if (pool != default_pool()) return cudaErrorInvalidValue;
    const std::lock_guard lock(device_mutex());
    const bool is_size = attribute != cudaMemPoolAttrReleaseThreshold;
    *static_cast<std::uint64_t*>(value) = is_size ? memory().device_bytes : 0;
    return cudaSuccess;
  });
}

cudaError_t cudaMemPoolTrimTo(cudaMemPool_t pool, std::size_t) {
  return runtime_call([&] { return pool == default_pool() ? cudaSuccess : cudaErrorInvalidValue; });
}
