// The backends of this process: the CPU's, compiled in, and a CUDA plug-in once one was loaded.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "belfry/backend.h"
#include "core/contract.h"

namespace belfry::core {

const Backend& cpu_backend();  // defined by native/cpu/backend_cpu.cc

// Why a plug-in cannot be used, or "" when it can. The words are those of `engine.diagnostics()`.
struct PluginState {
  const Backend* backend = nullptr;
  std::string reason;  // "load-failed", "abi-mismatch", ...; "" when usable
  std::string detail;
  std::string path;
};

// Opens the plug-in at `path` unless one is open already; never closes it.
const PluginState& load_plugin(const std::string& path);
const PluginState& plugin();

// Of the plug-in, whether it is open by now or opened later; at first that of BELFRY_MATMUL.
void set_matmul_precision(MatmulPrecision precision);
MatmulPrecision matmul_precision();

// The kernels of a backend in the order of ops(); null: no such kernel, or other declarations.
using KernelTable = std::vector<const OpEntry*>;
const KernelTable& kernel_table(const Backend& backend);

// One open context of a backend, shared by the tensors that live there.
class Session {
 public:
  Session(const Backend& backend, int32_t device, Context* context)
      : backend_(backend), device_(device), context_(context) {}
  ~Session() { backend_.close(context_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Backend& backend() const { return backend_; }
  const MemoryTable& memory() const { return *backend_.memory; }
  Context* context() const { return context_; }
  int32_t device() const { return device_; }
  std::mutex& mutex() { return mutex_; }  // held while an op is being queued

 private:
  const Backend& backend_;
  int32_t device_;
  Context* context_;
  std::mutex mutex_;
};

Status open_session(const Backend& backend, int32_t device, std::shared_ptr<Session>* out);

}  // namespace belfry::core
