// An asynchronous call: checked on the JavaScript thread, run on the engine's threads, finished on
// the JavaScript thread again.
//
// Plain buffers are copied when the call is made, because JavaScript may transfer them meanwhile;
// SharedArrayBuffer-backed ones are used in place. No Node-API call happens off the JavaScript
// thread but napi_call_threadsafe_function.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>

#include "binding/call.h"
#include "core/threads.h"

namespace belfry::binding {

// Tasks of one environment that the engine's threads still hold; its clean-up waits for zero.
struct Running {
  std::mutex mutex;
  std::condition_variable changed;
  int count = 0;

  void leave() {
    std::lock_guard lock(mutex);
    --count;
    changed.notify_all();
  }
};

class Task {
 public:
  Task(int32_t id, napi_threadsafe_function deliver, std::shared_ptr<Running> running)
      : id_(id), deliver_(deliver), running_(std::move(running)) {}

  int32_t id() const { return id_; }
  void stop() { stop_.store(true, std::memory_order_relaxed); }

  // Reads and checks the call, copies what must be copied. On the JavaScript thread.
  Status prepare(Instance& instance, const core::Op& op, const napi_value* arguments, size_t count);
  // A read-back: the only work besides ops.
  void prepare_download(DeviceBuffer& buffer);

  static Status post(const std::shared_ptr<Task>& task);
  // The results, on the JavaScript thread.
  napi_value finish(Instance& instance, Status& status);

  std::vector<napi_ref> kept;  // supplied outputs and device operands, until the end

 private:
  class NativeMemory;
  void execute();
  Status run_op();
  void report(int64_t iteration, int64_t total, double residual);
  Status claim_shared_outputs(Instance& instance);

  const int32_t id_;
  const napi_threadsafe_function deliver_;
  const std::shared_ptr<Running> running_;
  std::atomic<bool> stop_{false};
  core::Frame frame_;
  Prepared call_;
  std::vector<std::unique_ptr<char[]>> memory_;
  std::vector<std::shared_ptr<void>> device_memory_;
  std::shared_ptr<core::Session> download_session_;
  int64_t download_bytes_ = 0;
  bool download_ = false;
  std::chrono::steady_clock::time_point started_, last_report_;
  Status status_;
};

void export_tasks(Napi::Env env, Napi::Object exports);
void start_delivery(Instance& instance);
void stop_delivery(Instance& instance);

}  // namespace belfry::binding
