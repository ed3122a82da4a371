// Memory on a device, as a JavaScript object: freed by dispose or by the garbage collector.
#pragma once

#include "binding/instance.h"

namespace belfry::binding {

class DeviceBuffer {
 public:
  DeviceBuffer(std::shared_ptr<core::Session> session, std::shared_ptr<void> memory, DType dtype,
               int64_t length)
      : session_(std::move(session)), memory_(std::move(memory)), dtype_(dtype), length_(length) {}
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;

  static Status allocate(std::shared_ptr<core::Session> session, DType dtype, int64_t length,
                         std::unique_ptr<DeviceBuffer>* out);
  // Elements [at, at + length) of this buffer, whose memory lives as long as either does.
  std::unique_ptr<DeviceBuffer> slice(int64_t at, int64_t length) const;
  // The JavaScript object that owns the buffer.
  static napi_value wrap(Napi::Env env, std::unique_ptr<DeviceBuffer> buffer);
  // Null when `value` is something else or was disposed.
  static DeviceBuffer* unwrap(napi_env env, napi_value value);

  // Lets go of the memory; a pending call that uses it keeps it until it is done.
  void free() { memory_.reset(); }
  const std::shared_ptr<void>& memory() const { return memory_; }
  core::Session& session() const { return *session_; }
  const std::shared_ptr<core::Session>& shared_session() const { return session_; }
  void* data() const { return memory_.get(); }
  DType dtype() const { return dtype_; }
  int64_t length() const { return length_; }
  int64_t bytes() const { return length_ * dtype_bytes(dtype_); }

  // Facts of an int32 buffer, remembered until the buffer is written again.
  Status facts(const int32_t* skip, IntFacts* out);
  void written() { known_ = false; }
  // The buffer now holds what is in host memory at `view`, of its own type and length.
  Status write(const RawView& view);
  // The same of a buffer of its session.
  Status copy(const DeviceBuffer& from);

 private:
  static std::shared_ptr<void> own(std::shared_ptr<core::Session> session, void* data);

  std::shared_ptr<core::Session> session_;
  std::shared_ptr<void> memory_;
  DType dtype_;
  int64_t length_;
  bool known_ = false, known_skips_ = false;
  int32_t known_skip_ = 0;
  IntFacts known_facts_;
};

// Exports: deviceUpload, deviceWrite, deviceDownload, devices, ...
void export_device(Napi::Env env, Napi::Object exports);

}  // namespace belfry::binding
