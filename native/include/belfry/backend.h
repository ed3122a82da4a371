// The interface between the add-on and a backend: a versioned table of C functions.
// The CPU backend is compiled into the add-on and fills the same table; the CUDA backend is a
// shared library that exports `belfry_backend_init` and nothing else.
//
// Strings are static. No exception crosses this boundary. Functions may be called from any thread;
// a context is used by one thread at a time.
#pragma once

#include "belfry/status.h"
#include "belfry/views.h"

#define BELFRY_BACKEND_ABI 2u
#define BELFRY_VERSION "0.1.0"

namespace belfry {

struct Context;  // one stream of work on one device; each backend derives its own

struct DeviceInfo {
  char name[128];
  int32_t capability_major, capability_minor;
  int32_t multiprocessors;
  int32_t driver_version, runtime_version;
  int64_t total_bytes, free_bytes;
};

// A caller's view of long work: `stopped` is polled between chunks, `report` after an iteration.
struct Monitor {
  void* self = nullptr;
  bool (*stopped)(void* self) = nullptr;
  void (*report)(void* self, int64_t iteration, int64_t total, double residual) = nullptr;
};

// Facts about an int32 array. Of an empty one: min > max, monotone.
struct IntFacts {
  int32_t min = 2147483647, max = -2147483647 - 1;
  int32_t first = 0, last = 0;
  bool monotone = true;  // never falls
};

// Device memory and the queue of one context. Null in the CPU backend's table.
struct MemoryTable {
  Status (*allocate)(Context*, int64_t bytes, void** out);
  void (*free)(Context*, void* data);
  Status (*upload)(Context*, void* device, const void* host, int64_t bytes);  // returns when copied
  Status (*download)(Context*, void* host, const void* device,
                     int64_t bytes);                                    // returns when copied
  Status (*copy)(Context*, void* to, const void* from, int64_t bytes);  // queued
  Status (*synchronize)(Context*);
  // What argument checks need to know of int32 data, found on the device; `*skip`, when not null,
  // is a value to leave out of `min` and `max`.
  Status (*scan_int32)(Context*, const void* device, int64_t count, const int32_t* skip,
                       IntFacts* out);
};

struct OpEntry {
  const char* family;
  const char* name;
  const char* form;
  uint64_t layout;  // hash of the field table; a plug-in built from other declarations is refused
  // By dtype of the call: [0] f32, [1] f64; null where the backend has no kernel.
  Status (*run[2])(Context*, const void* op, const Monitor*);
};

// What products of float32 matrices do with their operands: nothing, or round them to tf32 (11
// significant bits).
enum class MatmulPrecision : int32_t { float32, tf32 };

struct Backend {
  uint32_t abi;
  uint32_t struct_bytes;
  const char* version;
  const char* name;  // "cpu" or "cuda"
  Status (*devices)(DeviceInfo* out, int32_t capacity, int32_t* count);
  Status (*open)(int32_t device, Context** out);
  void (*close)(Context*);
  const MemoryTable* memory;
  const OpEntry* ops;
  int32_t num_ops;
  // For the ops that start from now on. Null in the CPU backend's table.
  void (*set_matmul_precision)(MatmulPrecision);
};

// Exported by a plug-in as `belfry_backend_init`; null when it does not speak `abi`.
using BackendInit = const Backend* (*)(uint32_t abi);

}  // namespace belfry
