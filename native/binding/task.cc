#include "binding/task.h"

#include <cstring>

#include "core/runner.h"

namespace belfry::binding {

namespace {

enum class MessageKind : int32_t { done, progress };

struct Message {
  MessageKind kind;
  int32_t id;
  int64_t iteration = 0, total = 0;
  double residual = 0, elapsed_ms = 0;
};

constexpr auto kReportInterval = std::chrono::milliseconds(100);

bool overlaps(const RawView& a, const RawView& b) {
  const auto* p = static_cast<const char*>(a.data);
  const auto* q = static_cast<const char*>(b.data);
  return p && q && p < q + b.size() * dtype_bytes(b.dtype) &&
         q < p + a.size() * dtype_bytes(a.dtype);
}

}  // namespace

// Outputs not supplied, or supplied in a plain buffer, are written to memory of the task.
class Task::NativeMemory : public OutputMemory {
 public:
  explicit NativeMemory(Task& task) : task_(task) {}
  Status create(OutputSlot& slot) override {
    if (task_.call_.session) {
      slot.kind = OutputSlot::Kind::device;
      Status s = DeviceBuffer::allocate(task_.call_.session, slot.view.dtype, slot.view.size(),
                                        &slot.owned_device);
      if (s.ok()) slot.view.data = slot.owned_device->data();
      return s;
    }
    const auto bytes = static_cast<size_t>(slot.view.size() * dtype_bytes(slot.view.dtype));
    task_.memory_.emplace_back(new (std::nothrow) char[bytes + 1]);
    slot.view.data = task_.memory_.back().get();
    if (slot.view.data) return {};
    return Status::error(Code::out_of_memory, "", "needs %zu bytes", bytes);
  }

 private:
  Task& task_;
};

Status Task::prepare(Instance& instance, const core::Op& op, const napi_value* arguments,
                     size_t count) {
  frame_.begin(op);
  NativeMemory memory(*this);
  if (Status s = plan(instance, frame_, arguments, count, call_); !s.ok()) return s;
  if (Status s = bind(frame_, memory, call_); !s.ok()) return s;
  if (Status s = claim_shared_outputs(instance); !s.ok()) return s;
  for (auto& [view, shared] : call_.read.shared) {
    if (shared || view->size() == 0) continue;
    const auto bytes = static_cast<size_t>(view->size() * dtype_bytes(view->dtype));
    memory_.emplace_back(new (std::nothrow) char[bytes]);
    if (!memory_.back()) return Status::error(Code::out_of_memory, "", "needs %zu bytes", bytes);
    std::memcpy(memory_.back().get(), view->data, bytes);
    view->data = memory_.back().get();
  }
  for (OutputSlot& slot : call_.outputs) {
    if (slot.kind != OutputSlot::Kind::supplied) continue;
    napi_ref reference;
    napi_create_reference(instance.env, slot.value, 1, &reference);
    kept.push_back(reference);
    if (slot.shared || slot.device) continue;
    OutputSlot native(slot.field, slot.item);
    native.view = slot.view;
    if (Status s = memory.create(native); !s.ok()) return s;
    slot.view.data = native.view.data;
    frame_.views(slot.field)[std::max<int64_t>(slot.item, 0)].data = native.view.data;
  }
  for (DeviceBuffer* buffer : call_.read.device_operands)
    device_memory_.push_back(buffer->memory());
  for (const OutputSlot& slot : call_.outputs) {
    if (slot.device) device_memory_.push_back(slot.device->memory());
  }
  return {};
}

// Shared memory that another pending call writes may be neither read nor written.
Status Task::claim_shared_outputs(Instance& instance) {
  for (const auto& [id, other] : instance.tasks) {
    for (const OutputSlot& theirs : other->call_.outputs) {
      if (theirs.kind != OutputSlot::Kind::supplied || !theirs.shared) continue;
      const auto& fields = frame_.op().info.fields;
      for (size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].kind != FieldKind::operand && fields[i].kind != FieldKind::output) continue;
        for (int64_t k = 0; k < frame_.num_views(i); ++k) {
          const RawView& mine = frame_.views(i)[k];
          if (!mine.present || !overlaps(mine, theirs.view)) continue;
          return Status::error(Code::buffer_in_use, core::public_name(fields[i].name, k).c_str(),
                               "shares memory with an output of a call that is still running");
        }
      }
    }
  }
  return {};
}

void Task::prepare_download(DeviceBuffer& buffer) {
  download_ = true;
  download_session_ = buffer.shared_session();
  download_bytes_ = buffer.bytes();
  device_memory_.push_back(buffer.memory());
  OutputSlot slot(0, -1);
  slot.view.dtype = buffer.dtype();
  slot.view.rank = 1;
  slot.view.dims[0] = buffer.length();
  call_.outputs.push_back(std::move(slot));
}

Status Task::post(const std::shared_ptr<Task>& task) {
  {
    std::lock_guard lock(task->running_->mutex);
    ++task->running_->count;
  }
  const bool posted = core::Runner::shared().post([task] {
    task->execute();
    task->running_->leave();
  });
  if (posted) return {};
  task->running_->leave();
  return Status::error(Code::out_of_memory, "", "the system grants no thread for the call");
}

Status Task::run_op() {
  const Monitor monitor{
      this,
      [](void* self) { return static_cast<Task*>(self)->stop_.load(std::memory_order_relaxed); },
      [](void* self, int64_t iteration, int64_t total, double residual) {
        static_cast<Task*>(self)->report(iteration, total, residual);
      }};
  const auto run = call_.kernel->run[frame_.dtype == DType::f64];
  if (call_.session) {
    std::lock_guard lock(call_.session->mutex());
    return run(call_.session->context(), frame_.memory(), &monitor);
  }
  Context* context = nullptr;
  if (Status s = core::cpu_backend().open(0, &context); !s.ok()) return s;
  Status status = run(context, frame_.memory(), &monitor);
  core::cpu_backend().close(context);
  return status;
}

void Task::execute() {
  started_ = last_report_ = std::chrono::steady_clock::now();
  if (stop_) {
    status_ = Status::error(Code::aborted, "", "stopped by the caller");
  } else if (download_) {
    memory_.emplace_back(new (std::nothrow) char[static_cast<size_t>(download_bytes_) + 1]);
    void* data = call_.outputs[0].view.data = memory_.back().get();
    status_ = !data ? Status::error(Code::out_of_memory, "", "cannot hold the tensor")
              : download_bytes_ == 0
                  ? Status{}
                  : download_session_->memory().download(download_session_->context(), data,
                                                         device_memory_[0].get(), download_bytes_);
  } else {
    status_ = run_op();
    if (stop_) status_ = Status::error(Code::aborted, "", "stopped by the caller");
  }
  auto* message = new Message{MessageKind::done, id_};
  if (napi_call_threadsafe_function(deliver_, message, napi_tsfn_blocking) != napi_ok)
    delete message;
}

void Task::report(int64_t iteration, int64_t total, double residual) {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_report_ < kReportInterval) return;
  last_report_ = now;
  const double elapsed = std::chrono::duration<double, std::milli>(now - started_).count();
  auto* message = new Message{MessageKind::progress, id_, iteration, total, residual, elapsed};
  if (napi_call_threadsafe_function(deliver_, message, napi_tsfn_blocking) != napi_ok)
    delete message;
}

napi_value Task::finish(Instance& instance, Status& status) {
  status = status_;
  napi_env env = instance.env;
  size_t next_kept = 0;
  for (OutputSlot& slot : call_.outputs) {
    if (slot.device) slot.device->written();
    const auto bytes = static_cast<size_t>(slot.view.size() * dtype_bytes(slot.view.dtype));
    if (slot.kind == OutputSlot::Kind::supplied) {
      napi_value target;
      napi_get_reference_value(env, kept[next_kept++], &target);
      if (slot.shared || slot.device || !status.ok()) continue;
      size_t length = 0;
      void* data = nullptr;
      napi_get_typedarray_info(env, target, nullptr, &length, &data, nullptr, nullptr);
      if (static_cast<int64_t>(length) < slot.view.size()) {
        status = Status::error(Code::detached_buffer, "out",
                               "was transferred or shrunk while the call was running");
      } else if (bytes > 0) {
        std::memcpy(data, slot.view.data, bytes);
      }
    } else if (slot.kind == OutputSlot::Kind::created && status.ok()) {
      void* data = nullptr;
      Status made =
          allocate_typed_array(instance, slot.view.dtype, slot.view.size(), &slot.value, &data);
      if (!made.ok()) {
        status = made;
      } else if (bytes > 0) {
        std::memcpy(data, slot.view.data, bytes);
      }
    }
  }
  for (napi_ref reference : kept) napi_delete_reference(env, reference);
  kept.clear();
  return status.ok() ? hand_back(instance, call_.outputs) : nullptr;
}

namespace {

void deliver_message(napi_env env, napi_value, void*, void* data) {
  std::unique_ptr<Message> message(static_cast<Message*>(data));
  if (!env) return;  // the environment is closing
  Instance& instance = Instance::of(env);
  const auto found = instance.tasks.find(message->id);
  if (found == instance.tasks.end()) return;
  napi_value arguments[6], undefined, callback = instance.on_task.Value();
  napi_get_undefined(env, &undefined);
  napi_create_int32(env, message->id, &arguments[0]);
  if (message->kind == MessageKind::progress) {
    napi_create_string_utf8(env, "progress", NAPI_AUTO_LENGTH, &arguments[1]);
    napi_create_double(env, static_cast<double>(message->iteration), &arguments[2]);
    napi_create_double(env, static_cast<double>(message->total), &arguments[3]);
    napi_create_double(env, message->residual, &arguments[4]);
    napi_create_double(env, message->elapsed_ms, &arguments[5]);
    napi_call_function(env, undefined, callback, 6, arguments, nullptr);
    return;
  }
  const std::shared_ptr<Task> task = found->second;
  instance.tasks.erase(found);
  if (instance.tasks.empty()) napi_unref_threadsafe_function(env, instance.deliver);
  Status status;
  napi_value result = task->finish(instance, status);
  napi_create_string_utf8(env, status.ok() ? "done" : "error", NAPI_AUTO_LENGTH, &arguments[1]);
  arguments[2] = status.ok() ? result : make_error(instance, "", status);
  napi_call_function(env, undefined, callback, 3, arguments, nullptr);
}

Status post_task(Instance& instance, const std::shared_ptr<Task>& task) {
  if (instance.tasks.empty()) napi_ref_threadsafe_function(instance.env, instance.deliver);
  instance.tasks.emplace(task->id(), task);
  Status status = Task::post(task);
  if (status.ok()) return status;
  instance.tasks.erase(task->id());
  if (instance.tasks.empty()) napi_unref_threadsafe_function(instance.env, instance.deliver);
  return status;
}

napi_value start_checked(Instance& instance, napi_callback_info info) {
  napi_env env = instance.env;
  size_t count = 0;
  napi_get_cb_info(env, info, &count, nullptr, nullptr, nullptr);
  std::vector<napi_value> arguments(count);
  napi_get_cb_info(env, info, &count, arguments.data(), nullptr, nullptr);
  int32_t id = 0, index = 0;
  napi_get_value_int32(env, arguments[0], &id);
  napi_get_value_int32(env, arguments[1], &index);
  const core::Op& op = core::ops()[static_cast<size_t>(index)];
  auto task = std::make_shared<Task>(id, instance.deliver, instance.running);
  Status status = task->prepare(instance, op, arguments.data() + 2, count - 2);
  if (status.ok()) status = post_task(instance, task);
  if (!status.ok()) {
    for (napi_ref reference : task->kept) napi_delete_reference(env, reference);
    return throw_status(instance, op.info.name, status);
  }
  return nullptr;
}

// start(id, op index, ...arrays); throws when an argument is wrong.
napi_value start(napi_env env, napi_callback_info info) {
  Instance& instance = Instance::of(env);
  return guarded(instance, [&] { return start_checked(instance, info); });
}

Napi::Value start_download(const Napi::CallbackInfo& info) {
  Instance& instance = Instance::of(info.Env());
  DeviceBuffer* buffer = DeviceBuffer::unwrap(info.Env(), info[1]);
  if (!buffer) {
    throw_status(instance, "Tensor.read", Status::error(Code::disposed, "", "was disposed"));
    return info.Env().Undefined();
  }
  auto task =
      std::make_shared<Task>(info[0].ToNumber().Int32Value(), instance.deliver, instance.running);
  task->prepare_download(*buffer);
  if (Status s = post_task(instance, task); !s.ok()) throw_status(instance, "Tensor.read", s);
  return info.Env().Undefined();
}

Napi::Value cancel(const Napi::CallbackInfo& info) {
  Instance& instance = Instance::of(info.Env());
  const auto found = instance.tasks.find(info[0].ToNumber().Int32Value());
  if (found != instance.tasks.end()) found->second->stop();
  return info.Env().Undefined();
}

}  // namespace

void export_tasks(Napi::Env env, Napi::Object exports) {
  napi_value function;
  napi_create_function(env, "start", NAPI_AUTO_LENGTH, start, nullptr, &function);
  napi_set_named_property(env, exports, "start", function);
  exports.Set("startDownload", Napi::Function::New(env, start_download));
  exports.Set("cancel", Napi::Function::New(env, cancel));
}

void start_delivery(Instance& instance) {
  napi_env env = instance.env;
  instance.running = std::make_shared<Running>();
  napi_value name;
  napi_create_string_utf8(env, "belfry", NAPI_AUTO_LENGTH, &name);
  napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr,
                                  deliver_message, &instance.deliver);
  napi_unref_threadsafe_function(env, instance.deliver);
}

void stop_delivery(Instance& instance) {
  for (auto& [id, task] : instance.tasks) task->stop();
  std::unique_lock lock(instance.running->mutex);
  instance.running->changed.wait(lock, [&] { return instance.running->count == 0; });
  lock.unlock();
  instance.tasks.clear();
  napi_release_threadsafe_function(instance.deliver, napi_tsfn_abort);
}

}  // namespace belfry::binding
