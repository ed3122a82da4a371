// What belongs to one JavaScript environment (the main thread or a worker): never static.
#pragma once

#include <napi.h>

#include <map>
#include <memory>
#include <vector>

#include "core/backends.h"
#include "core/frame.h"

namespace belfry::binding {

class Task;
class DeviceBuffer;
struct Running;
class RememberedCalls;

// The numbers of a call travel in a Float64Array that TypeScript writes and we read: reading a
// number through Node-API costs more than most of the checks. Layout: reader.cc and call.ts.
struct Control {
  double* data;
  size_t size;
};

struct Instance {
  explicit Instance(Napi::Env environment);
  ~Instance();
  static Instance& of(napi_env env);

  Napi::Env env;
  Control control{nullptr, 0};
  Napi::Reference<Napi::Value> control_array;
  Napi::FunctionReference make_error;  // (code, op, argument, message, expected) -> BelfryError
  Napi::FunctionReference allocate;    // (dtype, length) -> typed array
  Napi::FunctionReference on_task;     // (id, kind, ...) -> void
  napi_threadsafe_function deliver = nullptr;
  std::shared_ptr<Running> running;

  std::unique_ptr<RememberedCalls> calls;  // synchronous ones
  double last_number = 0;                  // of the last of them that may be repeated
  Context* cpu_context = nullptr;
  const core::KernelTable* cpu_kernels = nullptr;
  std::map<int32_t, std::shared_ptr<core::Session>> sessions;  // by device number

  std::map<int32_t, std::shared_ptr<Task>> tasks;  // pending, by id
};

// A kernel's or a check's Status as a pending JavaScript exception of the class BelfryError.
napi_value throw_status(Instance& instance, const char* op, const Status& status);
napi_value make_error(Instance& instance, const char* op, const Status& status);

}  // namespace belfry::binding
