#include "core/backends.h"

#include <cstdlib>
#include <cstring>
#include <map>

#if defined(_WIN32)
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace belfry::core {

namespace {

#if defined(_WIN32)
void* open_library(const std::string& path, std::string& why) {
  const UINT mode = SetErrorMode(SEM_FAILCRITICALERRORS);
  void* library = LoadLibraryExA(path.c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
  if (!library) why = "LoadLibrary error " + std::to_string(GetLastError());
  SetErrorMode(mode);
  return library;
}
void* find_symbol(void* library, const char* name) {
  return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(library), name));
}
#else
void* open_library(const std::string& path, std::string& why) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) why = dlerror();
  return library;
}
void* find_symbol(void* library, const char* name) { return dlsym(library, name); }
#endif

std::mutex plugin_mutex;
PluginState& plugin_state() {
  static PluginState* state = new PluginState{nullptr, "not-shipped", "", ""};
  return *state;
}

// A word that names no precision is ignored, as those of other variables are.
MatmulPrecision precision_of_environment() {
  const char* word = std::getenv("BELFRY_MATMUL");
  return word && std::strcmp(word, "tf32") == 0 ? MatmulPrecision::tf32 : MatmulPrecision::float32;
}

// Guarded by plugin_mutex.
MatmulPrecision& chosen_precision() {
  static MatmulPrecision precision = precision_of_environment();
  return precision;
}

PluginState try_plugin(const std::string& path) {
  PluginState state;
  state.path = path;
  void* library = open_library(path, state.detail);
  if (!library) {
    state.reason = "load-failed";
    return state;
  }
  const auto init = reinterpret_cast<BackendInit>(find_symbol(library, "belfry_backend_init"));
  const Backend* backend = init ? init(BELFRY_BACKEND_ABI) : nullptr;
  if (!backend || backend->abi != BELFRY_BACKEND_ABI || backend->struct_bytes != sizeof(Backend) ||
      std::strcmp(backend->version, BELFRY_VERSION) != 0) {
    state.reason = "abi-mismatch";
    state.detail = "the plug-in was built for another version of belfry than " BELFRY_VERSION;
    return state;
  }
  DeviceInfo device;
  int32_t count = 0;
  const Status status = backend->devices(&device, 1, &count);
  if (!status.ok()) {
    // The backend's message is "reason: detail".
    const std::string text = status.message;
    const size_t colon = text.find(": ");
    state.reason = colon == std::string::npos ? "no-device" : text.substr(0, colon);
    state.detail = colon == std::string::npos ? text : text.substr(colon + 2);
    return state;
  }
  if (count == 0) {
    state.reason = "no-device";
    return state;
  }
  state.backend = backend;
  return state;
}

}  // namespace

const PluginState& load_plugin(const std::string& path) {
  std::lock_guard lock(plugin_mutex);
  PluginState& state = plugin_state();
  if (state.backend) return state;
  state = try_plugin(path);
  if (state.backend) state.backend->set_matmul_precision(chosen_precision());
  return state;
}

const PluginState& plugin() { return plugin_state(); }

void set_matmul_precision(MatmulPrecision precision) {
  std::lock_guard lock(plugin_mutex);
  chosen_precision() = precision;
  if (const Backend* backend = plugin_state().backend) backend->set_matmul_precision(precision);
}

MatmulPrecision matmul_precision() {
  std::lock_guard lock(plugin_mutex);
  return chosen_precision();
}

const KernelTable& kernel_table(const Backend& backend) {
  static std::mutex mutex;
  static auto& tables = *new std::map<const Backend*, KernelTable>;
  std::lock_guard lock(mutex);
  auto& table = tables[&backend];
  if (!table.empty()) return table;
  for (const Op& op : ops()) {
    const OpEntry* found = nullptr;
    for (int32_t i = 0; i < backend.num_ops; ++i) {
      const OpEntry& entry = backend.ops[i];
      const bool same = std::strcmp(entry.family, op.info.family) == 0 &&
                        std::strcmp(entry.name, op.info.name) == 0 &&
                        std::strcmp(entry.form, op.info.form) == 0;
      if (same && entry.layout == op.layout) found = &entry;
    }
    table.push_back(found);
  }
  return table;
}

Status open_session(const Backend& backend, int32_t device, std::shared_ptr<Session>* out) {
  Context* context = nullptr;
  if (Status s = backend.open(device, &context); !s.ok()) return s;
  *out = std::make_shared<Session>(backend, device, context);
  return {};
}

}  // namespace belfry::core
