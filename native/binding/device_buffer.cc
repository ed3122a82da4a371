#include "binding/device_buffer.h"

#include "binding/call.h"
#include "cpu/int_facts.h"

namespace belfry::binding {

namespace {

const napi_type_tag kDeviceTag = {0x62656c6672794442ULL, 0x5f64657669636531ULL};

void finalize(napi_env env, void* data, void*) {
  auto* buffer = static_cast<DeviceBuffer*>(data);
  int64_t total;
  napi_adjust_external_memory(env, -buffer->bytes(), &total);
  delete buffer;
}

Status session_of(Instance& instance, int32_t device, std::shared_ptr<core::Session>* out) {
  auto& session = instance.sessions[device];
  if (!session) {
    const Backend* backend = core::plugin().backend;
    if (!backend) {
      return Status::error(Code::cuda_unavailable, "", "%s", core::plugin().reason.c_str());
    }
    if (Status s = core::open_session(*backend, device, &session); !s.ok()) return s;
  }
  *out = session;
  return {};
}

Napi::Value throw_napi(Instance& instance, const char* op, const Status& status) {
  throw_status(instance, op, status);
  return instance.env.Undefined();
}

// deviceUpload(device, typed array, half dtype or -1) -> buffer
Napi::Value upload(const Napi::CallbackInfo& info) {
  Instance& instance = Instance::of(info.Env());
  RawView view;
  size_t length = 0;
  int type = 0;
  Status status = read_typed_array(info.Env(), info[1], info[2].ToNumber().Int32Value(), "data", -1,
                                   view, &length, &type);
  std::shared_ptr<core::Session> session;
  if (status.ok()) status = session_of(instance, info[0].ToNumber().Int32Value(), &session);
  std::unique_ptr<DeviceBuffer> buffer;
  if (status.ok()) {
    status = DeviceBuffer::allocate(session, view.dtype, static_cast<int64_t>(length), &buffer);
  }
  if (status.ok()) status = buffer->write(view);
  if (!status.ok()) return throw_napi(instance, "Tensor.to", status);
  return {info.Env(), DeviceBuffer::wrap(info.Env(), std::move(buffer))};
}

Status disposed(const char* argument = "") {
  return Status::error(Code::disposed, argument, "was disposed");
}

// deviceWrite(buffer, typed array, half dtype or -1)
Napi::Value write(const Napi::CallbackInfo& info) {
  Instance& instance = Instance::of(info.Env());
  DeviceBuffer* buffer = DeviceBuffer::unwrap(info.Env(), info[0]);
  if (!buffer) return throw_napi(instance, "Tensor.write", disposed());
  RawView view;
  size_t length = 0;
  int type = 0;
  Status status = read_typed_array(info.Env(), info[1], info[2].ToNumber().Int32Value(), "data", -1,
                                   view, &length, &type);
  if (status.ok() &&
      (view.dtype != buffer->dtype() || static_cast<int64_t>(length) != buffer->length())) {
    status = Status::error(Code::bad_shape, "data", "does not fit the tensor");
  }
  if (status.ok()) status = buffer->write(view);
  if (!status.ok()) return throw_napi(instance, "Tensor.write", status);
  return info.Env().Undefined();
}

// deviceCopy(buffer, from): queued.
Napi::Value copy(const Napi::CallbackInfo& info) {
  Instance& instance = Instance::of(info.Env());
  DeviceBuffer* to = DeviceBuffer::unwrap(info.Env(), info[0]);
  DeviceBuffer* from = DeviceBuffer::unwrap(info.Env(), info[1]);
  Status status = !to ? disposed() : !from ? disposed("other") : to->copy(*from);
  if (!status.ok()) return throw_napi(instance, "Tensor.copyFrom", status);
  return info.Env().Undefined();
}

// deviceSlice(buffer, at, length) -> buffer over the same memory
Napi::Value slice(const Napi::CallbackInfo& info) {
  Instance& instance = Instance::of(info.Env());
  DeviceBuffer* buffer = DeviceBuffer::unwrap(info.Env(), info[0]);
  if (!buffer) return throw_napi(instance, "Tensor.slice", disposed());
  const int64_t at = info[1].ToNumber().Int64Value(), length = info[2].ToNumber().Int64Value();
  if (at < 0 || length < 0 || at > buffer->length() || length > buffer->length() - at) {
    return throw_napi(instance, "Tensor.slice",
                      Status::error(Code::bad_shape, "", "ends beyond the tensor"));
  }
  return {info.Env(), DeviceBuffer::wrap(info.Env(), buffer->slice(at, length))};
}

// deviceDownload(buffer) -> typed array; waits for the work queued before it.
Napi::Value download(const Napi::CallbackInfo& info) {
  Instance& instance = Instance::of(info.Env());
  DeviceBuffer* buffer = DeviceBuffer::unwrap(info.Env(), info[0]);
  if (!buffer) return throw_napi(instance, "Tensor.read", disposed());
  napi_value value = nullptr;
  void* data = nullptr;
  Status status = allocate_typed_array(instance, buffer->dtype(), buffer->length(), &value, &data);
  if (status.ok() && buffer->length() > 0) {
    core::Session& session = buffer->session();
    status = session.memory().download(session.context(), data, buffer->data(), buffer->bytes());
  }
  if (!status.ok()) return throw_napi(instance, "Tensor.read", status);
  return {info.Env(), value};
}

Napi::Value dispose(const Napi::CallbackInfo& info) {
  if (DeviceBuffer* buffer = DeviceBuffer::unwrap(info.Env(), info[0])) buffer->free();
  return info.Env().Undefined();
}

// loadPlugin(path) -> { usable, reason, detail, path }
Napi::Value load(const Napi::CallbackInfo& info) {
  const core::PluginState& state = core::load_plugin(info[0].ToString().Utf8Value());
  Napi::Object out = Napi::Object::New(info.Env());
  out.Set("usable", state.backend != nullptr);
  out.Set("reason", state.reason);
  out.Set("detail", state.detail);
  out.Set("path", state.path);
  return out;
}

// devices() -> facts of each CUDA device; empty without a usable plug-in.
Napi::Value devices(const Napi::CallbackInfo& info) {
  Napi::Array out = Napi::Array::New(info.Env());
  const Backend* backend = core::plugin().backend;
  if (!backend) return out;
  DeviceInfo facts[16];
  int32_t count = 0;
  if (!backend->devices(facts, 16, &count).ok()) return out;
  for (int32_t i = 0; i < count && i < 16; ++i) {
    Napi::Object device = Napi::Object::New(info.Env());
    device.Set("name", facts[i].name);
    device.Set("capability", std::to_string(facts[i].capability_major) + "." +
                                 std::to_string(facts[i].capability_minor));
    device.Set("multiprocessors", facts[i].multiprocessors);
    device.Set("driverVersion", facts[i].driver_version);
    device.Set("runtimeVersion", facts[i].runtime_version);
    device.Set("totalBytes", static_cast<double>(facts[i].total_bytes));
    device.Set("freeBytes", static_cast<double>(facts[i].free_bytes));
    out.Set(static_cast<uint32_t>(i), device);
  }
  return out;
}

}  // namespace

Status DeviceBuffer::allocate(std::shared_ptr<core::Session> session, DType dtype, int64_t length,
                              std::unique_ptr<DeviceBuffer>* out) {
  void* data = nullptr;
  const int64_t bytes = length * dtype_bytes(dtype);
  if (bytes > 0) {
    std::lock_guard lock(session->mutex());
    if (Status s = session->memory().allocate(session->context(), bytes, &data); !s.ok()) return s;
  }
  auto memory = own(session, data);
  *out = std::make_unique<DeviceBuffer>(std::move(session), std::move(memory), dtype, length);
  return {};
}

std::unique_ptr<DeviceBuffer> DeviceBuffer::slice(int64_t at, int64_t length) const {
  auto* first = static_cast<char*>(data()) + at * dtype_bytes(dtype_);
  return std::make_unique<DeviceBuffer>(session_, std::shared_ptr<void>(memory_, first), dtype_,
                                        length);
}

Status DeviceBuffer::write(const RawView& view) {
  written();
  if (length_ == 0) return {};
  std::lock_guard lock(session_->mutex());
  Status s = session_->memory().upload(session_->context(), data(), view.data, bytes());
  if (!s.ok() || dtype_ != DType::i32) return s;
  // Found here, the facts cost no look at the device in the call that comes next.
  const auto* values = static_cast<const int32_t*>(view.data);
  const IntFacts range = cpu::range_of(values, length_, nullptr);
  known_facts_ = cpu::order_of(values, length_);
  known_facts_.min = range.min;
  known_facts_.max = range.max;
  known_ = true;
  known_skips_ = false;
  return {};
}

Status DeviceBuffer::copy(const DeviceBuffer& from) {
  if (session_ != from.session_) {
    return Status::error(Code::device_mismatch, "other", "lies on another device");
  }
  if (dtype_ != from.dtype_ || length_ != from.length_) {
    return Status::error(Code::bad_shape, "other", "does not fit the tensor");
  }
  written();
  if (length_ == 0) return {};
  std::lock_guard lock(session_->mutex());
  return session_->memory().copy(session_->context(), data(), from.data(), bytes());
}

napi_value DeviceBuffer::wrap(Napi::Env env, std::unique_ptr<DeviceBuffer> buffer) {
  napi_value object;
  napi_create_object(env, &object);
  DeviceBuffer* raw = buffer.release();
  napi_wrap(env, object, raw, finalize, nullptr, nullptr);
  napi_type_tag_object(env, object, &kDeviceTag);
  int64_t total;
  napi_adjust_external_memory(env, raw->bytes(), &total);
  return object;
}

DeviceBuffer* DeviceBuffer::unwrap(napi_env env, napi_value value) {
  bool tagged = false;
  if (napi_check_object_type_tag(env, value, &kDeviceTag, &tagged) != napi_ok || !tagged) {
    return nullptr;
  }
  void* data = nullptr;
  if (napi_unwrap(env, value, &data) != napi_ok) return nullptr;
  auto* buffer = static_cast<DeviceBuffer*>(data);
  return buffer->memory_ || buffer->length_ == 0 ? buffer : nullptr;
}

std::shared_ptr<void> DeviceBuffer::own(std::shared_ptr<core::Session> session, void* data) {
  if (!data) return nullptr;
  return {data, [session](void* memory) {
            std::lock_guard lock(session->mutex());
            session->memory().free(session->context(), memory);
          }};
}

Status DeviceBuffer::facts(const int32_t* skip, IntFacts* out) {
  const bool same = known_ && known_skips_ == (skip != nullptr) && (!skip || *skip == known_skip_);
  if (!same) {
    std::lock_guard lock(session_->mutex());
    Status s =
        session_->memory().scan_int32(session_->context(), data(), length_, skip, &known_facts_);
    if (!s.ok()) return s;
    known_ = true;
    known_skips_ = skip != nullptr;
    known_skip_ = skip ? *skip : 0;
  }
  *out = known_facts_;
  return {};
}

void export_device(Napi::Env env, Napi::Object exports) {
  exports.Set("deviceUpload", Napi::Function::New(env, upload));
  exports.Set("deviceWrite", Napi::Function::New(env, write));
  exports.Set("deviceCopy", Napi::Function::New(env, copy));
  exports.Set("deviceSlice", Napi::Function::New(env, slice));
  exports.Set("deviceDownload", Napi::Function::New(env, download));
  exports.Set("deviceDispose", Napi::Function::New(env, dispose));
  exports.Set("loadPlugin", Napi::Function::New(env, load));
  exports.Set("devices", Napi::Function::New(env, devices));
}

}  // namespace belfry::binding
