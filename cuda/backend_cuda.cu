// The CUDA backend's function table; `belfry_backend_init` is the only symbol the plug-in exports.
#include <atomic>
#include <cstring>
#include <new>
#include <unordered_map>
#include <vector>

#include "cuda/device/check.cuh"
#include "cuda/device/context.cuh"
#include "cuda/device/int_facts.cuh"
#include "cuda/device/launch_graph.cuh"
#include "cuda/device/loop.cuh"
#include "cuda/device/memory.cuh"
#include "cuda/device/nan_count.cuh"
#include "ops/all.h"

namespace belfry {

namespace cuda {

namespace {

std::atomic<MatmulPrecision> matmul_precision{MatmulPrecision::float32};

// The side of a context that kernels do not see.
class OwnedContext : public CudaContext {
 public:
  cudaError_t open(int device) {
    device_ = device;
    cudaError_t status = in_order(
        [&] { return cudaSetDevice(device); },
        [&] { return cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking); },
        [&] {
          return cudaDeviceGetAttribute(&multiprocessors_, cudaDevAttrMultiProcessorCount, device);
        },
        [&] {
          return cudaDeviceGetAttribute(&generation_, cudaDevAttrComputeCapabilityMajor, device);
        },
        [&] { return cudaHostAlloc(&loop_state_, sizeof(LoopState), cudaHostAllocMapped); },
        [&] { return staging.open(); });
    return status;
  }
  ~OwnedContext() {
    cudaSetDevice(device_);
    if (stream_) cudaStreamSynchronize(stream_);
    staging.close();
    if (loop_state_) cudaFreeHost(loop_state_);
    if (stream_) cudaStreamDestroy(stream_);
  }

  void begin(const Monitor* monitor) {
    monitor_ = monitor;
    failure_ = {};
    // Tensor cores of earlier generations know halves only.
    takes_tf32_ = generation_ >= 8 && matmul_precision.load() == MatmulPrecision::tf32;
  }
  void end() {
    for (; !scratch_.empty(); scratch_.pop_back()) allocator.free(scratch_.back());
    monitor_ = nullptr;
  }
  Status take(int64_t bytes, CachingAllocator::Use use, void** out) {
    const cudaError_t error = allocator.allocate(bytes, use, stream_, out);
    return device_status(error, "allocation");
  }
  void* take_scratch(int64_t bytes) {
    void* data = nullptr;
    failure_ = take(bytes < 1 ? 1 : bytes, CachingAllocator::Use::scratch, &data);
    if (data) scratch_.push_back(data);
    return data;
  }

  // Queues the launches of `work` together. `op` is the address of something of the op's alone.
  template <class Work>
  Status as_one_graph(const void* op, const char* name, const Work& work) {
    const RecordingScope scope(&recording_, stream_);
    if (Status s = work(); !s.ok()) return s;
    return device_status(graphs_[op].queue(recording_, stream_), name);
  }

  CachingAllocator allocator;
  Staging staging;

 private:
  int generation_ = 0;  // the capability's major number
  std::vector<void*> scratch_;
  Recording recording_;
  std::unordered_map<const void*, LaunchGraphs> graphs_;
};

OwnedContext& owned(Context* context) { return *static_cast<OwnedContext*>(context); }

// The device is a setting of the calling thread.
OwnedContext& current(Context* context) {
  OwnedContext& own = owned(context);
  cudaSetDevice(own.device());
  return own;
}

// The name of an op that says one_graph(), else null.
template <template <class> class Op>
static const char* one_graph_of = nullptr;

template <template <class> class Op, class T>
Status run_op(const Op<T>& op, OwnedContext& context) {
  static constexpr char kKey = 0;
  const auto run_now = [&] { return run(op, static_cast<CudaContext&>(context)); };
  const bool together = one_graph_of<Op> && graphs_wanted();
  return together ? context.as_one_graph(&kKey, one_graph_of<Op>, run_now) : run_now();
}

template <template <class> class Op, class T>
Status run_entry(Context* base, const void* op, const Monitor* monitor) {
  OwnedContext& context = current(base);
  context.begin(monitor);
  Status status;
  try {
    if (const NanPlan* plan = nan_plan_of<Op>) status = count_nans(*plan, op, context);
    if (status.ok()) status = run_op<Op, T>(*static_cast<const Op<T>*>(op), context);
  } catch (const std::bad_alloc&) {
    status = Status::error(Code::out_of_memory, "", "not enough host memory for the op");
  }
  context.end();
  return status;
}

const std::vector<OpEntry>& entries() {
  static const auto& all = *[] {
    auto* list = new std::vector<OpEntry>;
    for_each_data_op([list]<template <class> class Op>() {
      const OpInfo info = Op<float>::declare();
      nan_plan_of<Op> = make_nan_plan(info);
      one_graph_of<Op> = info.one_graph ? info.name : nullptr;
      list->push_back({info.family,
                       info.name,
                       info.form,
                       info.layout_hash(),
                       {run_entry<Op, float>, run_entry<Op, double>}});
    });
    return list;
  }();
  return all;
}

// "reason: detail", the reasons being those of engine.diagnostics().
Status count_devices(int* count) {
  int driver = 0;
  // Without a driver the count fails with "driver version is insufficient", which misleads.
  if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0) {
    return Status::error(Code::cuda_unavailable, "", "no-driver: no NVIDIA driver is installed");
  }
  const cudaError_t error = cudaGetDeviceCount(count);
  if (error == cudaErrorInsufficientDriver) {
    return Status::error(Code::cuda_unavailable, "",
                         "driver-too-old: the driver supports CUDA %d.%d, the plug-in needs %d.%d",
                         driver / 1000, driver % 1000 / 10, CUDART_VERSION / 1000,
                         CUDART_VERSION % 1000 / 10);
  }
  if (error == cudaErrorNoDevice || (error == cudaSuccess && *count == 0)) {
    return Status::error(Code::cuda_unavailable, "", "no-device: the driver finds no GPU");
  }
  return device_status(error, "device query");
}

Status devices(DeviceInfo* out, int32_t capacity, int32_t* count) {
  *count = 0;
  int found = 0;
  if (Status s = count_devices(&found); !s.ok()) return s;
  for (int i = 0; i < found && i < capacity; ++i) {
    cudaDeviceProp facts;
    if (const cudaError_t error = cudaGetDeviceProperties(&facts, i); error != cudaSuccess) {
      return device_status(error, "device query");
    }
    if (facts.major * 10 + facts.minor < 75) {
      return Status::error(Code::cuda_unavailable, "", "unsupported-gpu: %s has capability %d.%d",
                           facts.name, facts.major, facts.minor);
    }
    DeviceInfo& info = out[i];
    info = {};
    std::snprintf(info.name, sizeof info.name, "%.127s", facts.name);
    info.capability_major = facts.major;
    info.capability_minor = facts.minor;
    info.multiprocessors = facts.multiProcessorCount;
    info.total_bytes = static_cast<int64_t>(facts.totalGlobalMem);
    cudaDriverGetVersion(&info.driver_version);
    cudaRuntimeGetVersion(&info.runtime_version);
    size_t free_bytes = 0, total_bytes = 0;
    if (cudaSetDevice(i) == cudaSuccess &&
        cudaMemGetInfo(&free_bytes, &total_bytes) == cudaSuccess) {
      info.free_bytes = static_cast<int64_t>(free_bytes);
    }
  }
  *count = found;
  return {};
}

Status open(int32_t device, Context** out) {
  int count = 0;
  if (Status s = count_devices(&count); !s.ok()) return s;
  if (device < 0 || device >= count) {
    return Status::error(Code::cuda_unavailable, "index", "is %d, but there are %d GPUs", device,
                         count);
  }
  auto* context = new (std::nothrow) OwnedContext;
  if (!context) return Status::error(Code::out_of_memory, "", "cannot open a CUDA context");
  if (const cudaError_t error = context->open(device); error != cudaSuccess) {
    delete context;
    return device_status(error, "opening the device");
  }
  *out = context;
  return {};
}

void close(Context* context) { delete &owned(context); }

Status allocate(Context* context, int64_t bytes, void** out) {
  return current(context).take(bytes, CachingAllocator::Use::tensor, out);
}

void free_memory(Context* context, void* data) { owned(context).allocator.free(data); }

Status upload(Context* context, void* device, const void* host, int64_t bytes) {
  OwnedContext& own = current(context);
  return device_status(own.staging.upload(device, host, bytes, own.stream()), "upload");
}

Status download(Context* context, void* host, const void* device, int64_t bytes) {
  OwnedContext& own = current(context);
  return device_status(own.staging.download(host, device, bytes, own.stream()), "read-back");
}

Status copy(Context* context, void* to, const void* from, int64_t bytes) {
  OwnedContext& own = current(context);
  return device_status(
      cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), cudaMemcpyDeviceToDevice, own.stream()),
      "copy");
}

Status synchronize(Context* context) {
  return device_status(cudaStreamSynchronize(current(context).stream()), "synchronisation");
}

Status scan(Context* base, const void* data, int64_t count, const int32_t* skip, IntFacts* out) {
  OwnedContext& context = current(base);
  context.begin(nullptr);
  Status status = scan_int32(context, static_cast<const int32_t*>(data), count, skip, out);
  context.end();
  return status;
}

void set_matmul_precision(MatmulPrecision precision) { matmul_precision.store(precision); }

const MemoryTable kMemory{allocate, free_memory, upload, download, copy, synchronize, scan};

}  // namespace

Status device_status(cudaError_t error, const char* step) {
  if (error == cudaSuccess) return {};
  const Code code = is_out_of_memory(error) ? Code::out_of_memory : Code::device_error;
  return Status::error(code, "", "%s failed on the GPU: %s (%s)", step, cudaGetErrorString(error),
                       cudaGetErrorName(error));
}

void* CudaContext::scratch_bytes(int64_t bytes) {
  return static_cast<OwnedContext*>(this)->take_scratch(bytes);
}

Status CudaContext::read_back(void* host, const void* device, int64_t bytes) {
  auto& own = *static_cast<OwnedContext*>(this);
  const cudaError_t error =
      in_order([] { return stop_recording(); },
               [&] { return own.staging.download(host, device, bytes, stream_); });
  return device_status(error, "read-back");
}

}  // namespace cuda

}  // namespace belfry

#if defined(_WIN32)
#define BELFRY_EXPORT __declspec(dllexport)
#else
#define BELFRY_EXPORT __attribute__((visibility("default")))
#endif

extern "C" BELFRY_EXPORT const belfry::Backend* belfry_backend_init(uint32_t abi) {
  using namespace belfry;
  if (abi != BELFRY_BACKEND_ABI) return nullptr;
  static const Backend backend{BELFRY_BACKEND_ABI,
                               sizeof(Backend),
                               BELFRY_VERSION,
                               "cuda",
                               cuda::devices,
                               cuda::open,
                               cuda::close,
                               &cuda::kMemory,
                               cuda::entries().data(),
                               static_cast<int32_t>(cuda::entries().size()),
                               cuda::set_matmul_precision};
  return &backend;
}
