// The emulated device, its state, and the settings of the emulation.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "block.h"
#include "runtime_state.h"

namespace belfry::emulation {
namespace {

struct Settings {
  std::mutex mutex;
  std::optional<std::uint64_t> seed;
  std::optional<std::size_t> memory_limit;
  int calls_to_failure = 0;
  cudaError_t failure = cudaSuccess;
  cudaError_t sticky = cudaSuccess;
};

Settings& settings() {
  static Settings all;
  return all;
}

thread_local cudaError_t last_error = cudaSuccess;

bool is_sticky(cudaError_t code) {
  const bool in_kernel = code >= cudaErrorIllegalAddress && code <= cudaErrorLaunchFailure &&
                         code != cudaErrorLaunchOutOfResources;
  return in_kernel || code == cudaErrorECCUncorrectable;
}

// The failure that a test asked for, when its time has come.
cudaError_t injected_failure() {
  Settings& all = settings();
  const std::lock_guard lock(all.mutex);
  if (all.sticky != cudaSuccess) return all.sticky;
  if (all.calls_to_failure == 0 || --all.calls_to_failure > 0) return cudaSuccess;
  if (is_sticky(all.failure)) all.sticky = all.failure;
  return all.failure;
}

int device_count() { return environment_number("BELFRY_EMULATION_DEVICES", 1) > 0 ? 1 : 0; }

int driver_version() {
  return static_cast<int>(environment_number("BELFRY_EMULATION_DRIVER", CUDART_VERSION));
}

int attribute_of(const cudaDeviceProp& device, cudaDeviceAttr attribute) {
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock: return device.maxThreadsPerBlock;
    case cudaDevAttrMaxBlockDimX: return device.maxThreadsDim[0];
    case cudaDevAttrMaxGridDimX: return device.maxGridSize[0];
    case cudaDevAttrMaxGridDimY: return device.maxGridSize[1];
    case cudaDevAttrMaxSharedMemoryPerBlock: return static_cast<int>(device.sharedMemPerBlock);
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      return static_cast<int>(device.sharedMemPerBlockOptin);
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
      return static_cast<int>(device.sharedMemPerMultiprocessor);
    case cudaDevAttrWarpSize: return device.warpSize;
    case cudaDevAttrMultiProcessorCount: return device.multiProcessorCount;
    case cudaDevAttrL2CacheSize: return device.l2CacheSize;
    case cudaDevAttrMaxThreadsPerMultiProcessor: return device.maxThreadsPerMultiProcessor;
    case cudaDevAttrComputeCapabilityMajor: return device.major;
    case cudaDevAttrComputeCapabilityMinor: return device.minor;
    case cudaDevAttrCooperativeLaunch: return device.cooperativeLaunch;
    case cudaDevAttrMemoryPoolsSupported: return device.memoryPoolsSupported;
  }
  return -1;
}

cudaDeviceProp properties_of_device() {
  cudaDeviceProp device{};
  std::strcpy(device.name, "emulated CUDA device");
  device.totalGlobalMem = memory_limit();
  device.sharedMemPerBlock = kDefaultSharedBytes;
  device.sharedMemPerBlockOptin = kMaxSharedBytes;
  device.sharedMemPerMultiprocessor = kMaxSharedBytes + 1024;
  device.totalConstMem = 64 * 1024;
  device.regsPerBlock = 65536;
  device.warpSize = 32;
  device.maxThreadsPerBlock = kMaxThreadsPerBlock;
  device.maxThreadsDim[0] = 1024;
  device.maxThreadsDim[1] = 1024;
  device.maxThreadsDim[2] = 64;
  device.maxGridSize[0] = 0x7fffffff;
  device.maxGridSize[1] = 65535;
  device.maxGridSize[2] = 65535;
  device.major = 9;
  device.multiProcessorCount = 4;
  device.maxThreadsPerMultiProcessor = 2048;
  device.concurrentKernels = 1;
  device.asyncEngineCount = 1;
  device.unifiedAddressing = 1;
  device.memoryPoolsSupported = 1;
  device.memoryBusWidth = 64;
  device.l2CacheSize = 4 * 1024 * 1024;
  return device;
}

}  // namespace

thread_local bool in_host_function = false;

std::uint64_t environment_number(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

cudaError_t device_state() {
  if (Block::running != nullptr) Block::running->stop("a kernel called the runtime");
  if (in_host_function) return cudaErrorNotPermitted;
  if (driver_version() == 0) return cudaErrorInsufficientDriver;
  if (device_count() == 0) return cudaErrorNoDevice;
  return injected_failure();
}

cudaError_t note(cudaError_t status) {
  if (status != cudaSuccess) last_error = status;
  return status;
}

std::mutex& device_mutex() {
  static std::mutex mutex;
  return mutex;
}

int query_delay() {
  return static_cast<int>(environment_number("BELFRY_EMULATION_QUERY_DELAY", 0));
}

void set_seed(std::uint64_t value) {
  const std::lock_guard lock(settings().mutex);
  settings().seed = value;
}

std::uint64_t seed() {
  const std::lock_guard lock(settings().mutex);
  return settings().seed.value_or(environment_number("BELFRY_EMULATION_SEED", 1));
}

void set_memory_limit(std::size_t bytes) {
  const std::lock_guard lock(settings().mutex);
  settings().memory_limit = bytes;
}

std::size_t memory_limit() {
  constexpr std::size_t kDefault = std::size_t{8} << 30;
  const std::lock_guard lock(settings().mutex);
  return settings().memory_limit.value_or(
      environment_number("BELFRY_EMULATION_MEMORY_BYTES", kDefault));
}

void fail_call(int calls_from_now, cudaError_t status) {
  const std::lock_guard lock(settings().mutex);
  settings().calls_to_failure = calls_from_now;
  settings().failure = status;
}

void clear_failures() {
  const std::lock_guard lock(settings().mutex);
  settings().calls_to_failure = 0;
  settings().sticky = cudaSuccess;
  last_error = cudaSuccess;
}

}  // namespace belfry::emulation

using namespace belfry::emulation;

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 0;
  return runtime_call([&] {
    *count = device_count();
    return cudaSuccess;
  });
}

cudaError_t cudaSetDevice(int device) {
  return runtime_call([&] { return device == 0 ? cudaSuccess : cudaErrorInvalidDevice; });
}

cudaError_t cudaGetDevice(int* device) {
  return runtime_call([&] {
    *device = 0;
    return cudaSuccess;
  });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  return runtime_call([&] {
    if (device != 0) return cudaErrorInvalidDevice;
    *properties = properties_of_device();
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  return runtime_call([&] {
    if (device != 0) return cudaErrorInvalidDevice;
    *value = attribute_of(properties_of_device(), attribute);
    return *value < 0 ? cudaErrorInvalidValue : cudaSuccess;
  });
}

cudaError_t cudaDeviceGetPCIBusId(char* text, int size, int device) {
  return runtime_call([&] {
    if (device != 0) return cudaErrorInvalidDevice;
    std::snprintf(text, static_cast<std::size_t>(size), "0000:00:00.0");
    return cudaSuccess;
  });
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = driver_version();
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaGetLastError() {
  const cudaError_t status = last_error;
  if (!is_sticky(status)) last_error = cudaSuccess;
  return status;
}

cudaError_t cudaPeekAtLastError() { return last_error; }
