// What the symbol table of the module that holds a kernel tells about it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace belfry::emulation {

/// The demangled name, or module+offset if the symbols were stripped.
std::string kernel_name(const void* kernel);

struct MemorySpan {
  void* data;
  std::size_t bytes;
};

/// All __shared__ variables of the kernel's module (none if the symbols were stripped). Not
/// thread-safe: the caller holds the device mutex.
const std::vector<MemorySpan>& shared_variables(const void* kernel);

}  // namespace belfry::emulation
