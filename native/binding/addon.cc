// The door: what JavaScript sees of the engine. No code here belongs to one op.
#include <napi.h>

#include <atomic>
#include <mutex>

#include "binding/remembered_call.h"
#include "binding/task.h"
#include "core/cpu_features.h"
#include "core/limits.h"
#include "core/runner.h"
#include "core/thread_pool.h"

namespace belfry::binding {

Instance::Instance(Napi::Env environment) : env(environment), calls(new RememberedCalls) {}
Instance::~Instance() = default;

Instance& Instance::of(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return *static_cast<Instance*>(data);
}

napi_value make_error(Instance& instance, const char* op, const Status& status) {
  napi_env env = instance.env;
  napi_value arguments[5], undefined, error;
  napi_get_undefined(env, &undefined);
  napi_create_int32(env, static_cast<int32_t>(status.code), &arguments[0]);
  napi_create_string_utf8(env, op, NAPI_AUTO_LENGTH, &arguments[1]);
  napi_create_string_utf8(env, status.argument, NAPI_AUTO_LENGTH, &arguments[2]);
  napi_create_string_utf8(env, status.message, NAPI_AUTO_LENGTH, &arguments[3]);
  napi_create_string_utf8(env, status.expected, NAPI_AUTO_LENGTH, &arguments[4]);
  if (napi_call_function(env, undefined, instance.make_error.Value(), 5, arguments, &error) !=
      napi_ok) {
    return undefined;  // JavaScript cannot run any more: a terminating worker
  }
  return error;
}

napi_value throw_status(Instance& instance, const char* op, const Status& status) {
  napi_throw(instance.env, make_error(instance, op, status));
  return nullptr;
}

namespace {

// Environments alive; the last one to go joins the engine's threads.
std::mutex instances_mutex;
int num_instances = 0;

void clean_up(void* data) {
  auto* instance = static_cast<Instance*>(data);
  stop_delivery(*instance);
  instance->calls.reset();
  instance->sessions.clear();
  core::cpu_backend().close(instance->cpu_context);
  instance->cpu_context = nullptr;
  std::lock_guard lock(instances_mutex);
  if (--num_instances > 0) return;
  core::Runner::shared().shutdown();
  core::ThreadPool::shared().shutdown();
}

// initialize(control, makeError, allocate, onTask)
Napi::Value initialize(const Napi::CallbackInfo& info) {
  Instance& instance = Instance::of(info.Env());
  auto control = info[0].As<Napi::Float64Array>();
  instance.control_array = Napi::Persistent(info[0]);
  instance.control = Control{control.Data(), control.ElementLength()};
  instance.make_error = Napi::Persistent(info[1].As<Napi::Function>());
  instance.allocate = Napi::Persistent(info[2].As<Napi::Function>());
  instance.on_task = Napi::Persistent(info[3].As<Napi::Function>());
  return info.Env().Undefined();
}

Napi::Value describe(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), core::describe_ops());
}

Napi::Value set_threads(const Napi::CallbackInfo& info) {
  core::ThreadPool::shared().set_limit(info[0].ToNumber().Int32Value());
  return info.Env().Undefined();
}

// setMatmulPrecision(whether operands are rounded to tf32)
Napi::Value set_matmul_precision(const Napi::CallbackInfo& info) {
  const bool tf32 = info[0].ToBoolean();
  core::set_matmul_precision(tf32 ? MatmulPrecision::tf32 : MatmulPrecision::float32);
  return info.Env().Undefined();
}

Napi::Value facts(const Napi::CallbackInfo& info) {
  Napi::Object out = Napi::Object::New(info.Env());
  out.Set("version", BELFRY_VERSION);
  out.Set("abi", BELFRY_BACKEND_ABI);
  out.Set("threads", core::ThreadPool::shared().limit());
  out.Set("availableThreads", core::default_threads());
  out.Set("tf32", core::matmul_precision() == MatmulPrecision::tf32);
  out.Set("cpuLevel", core::cpu_level_name(core::cpu_level()));
  out.Set("compiler", __VERSION__);
  return out;
}

Napi::Value measure_limits(const Napi::CallbackInfo& info) {
  const core::MachineLimits limits = core::measure_limits();
  Napi::Object out = Napi::Object::New(info.Env());
  out.Set("copyBytesPerSecond", limits.copy_bytes_per_second);
  out.Set("readBytesPerSecond", limits.read_bytes_per_second);
  out.Set("coldBytesPerSecond", limits.cold_bytes_per_second);
  out.Set("sharedCacheCopyBytesPerSecond", limits.shared_cache_copy_bytes_per_second);
  out.Set("coreCacheCopyBytesPerSecond", limits.core_cache_copy_bytes_per_second);
  out.Set("gathersPerSecond", limits.gathers_per_second);
  out.Set("gathersF32PerSecond", limits.gathers_f32_per_second);
  out.Set("fmaF32PerSecond", limits.fma_f32_per_second);
  out.Set("fmaF64PerSecond", limits.fma_f64_per_second);
  return out;
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  auto* instance = new Instance(env);
  env.SetInstanceData(instance);
  if (!core::cpu_backend().open(0, &instance->cpu_context).ok()) throw Napi::Error::New(env);
  instance->cpu_kernels = &core::kernel_table(core::cpu_backend());
  {
    std::lock_guard lock(instances_mutex);
    ++num_instances;
  }
  // The threadsafe function first: hooks run last-in first-out, and ours must find it alive.
  start_delivery(*instance);
  napi_add_env_cleanup_hook(env, clean_up, instance);

  napi_value function;
  napi_create_function(env, "run", NAPI_AUTO_LENGTH, run_call, nullptr, &function);
  napi_set_named_property(env, exports, "run", function);
  napi_create_function(env, "repeat", NAPI_AUTO_LENGTH, repeat_call, nullptr, &function);
  napi_set_named_property(env, exports, "repeat", function);
  exports.Set("initialize", Napi::Function::New(env, initialize));
  exports.Set("describe", Napi::Function::New(env, describe));
  exports.Set("setThreads", Napi::Function::New(env, set_threads));
  exports.Set("setMatmulPrecision", Napi::Function::New(env, set_matmul_precision));
  exports.Set("facts", Napi::Function::New(env, facts));
  exports.Set("measureLimits", Napi::Function::New(env, measure_limits));
  export_tasks(env, exports);
  export_device(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(belfry, init)

}  // namespace belfry::binding
