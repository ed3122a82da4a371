#include "symbols.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>

#include "sanitizer.h"

namespace belfry::emulation {
namespace {

using File = std::vector<char>;

File read_file(const char* path) {
  std::ifstream stream(path, std::ios::binary | std::ios::ate);
  if (!stream) return {};
  File bytes(static_cast<std::size_t>(stream.tellg()));
  stream.seekg(0);
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

template <class T>
T read_at(const File& file, std::size_t offset) {
  T value{};
  if (offset + sizeof(T) <= file.size()) std::memcpy(&value, file.data() + offset, sizeof(T));
  return value;
}

// Calls visit(symbol, name, address) for each symbol of one table.
template <class Visit>
void visit_table(const File& file, const Elf64_Shdr& table, const Elf64_Shdr& names,
                 std::uintptr_t base, Visit visit) {
  for (std::size_t at = 0; at < table.sh_size; at += sizeof(Elf64_Sym)) {
    const auto symbol = read_at<Elf64_Sym>(file, table.sh_offset + at);
    const std::size_t name = names.sh_offset + symbol.st_name;
    if (symbol.st_value == 0 || name >= file.size()) continue;
    visit(symbol, file.data() + name, base + symbol.st_value);
  }
}

template <class Visit>
void visit_symbols(const Dl_info& module, Visit visit) {
  File file = read_file(module.dli_fname);
  // The main program's name is what it was started by, which need not be a path.
  if (file.empty()) file = read_file("/proc/self/exe");
  const auto header = read_at<Elf64_Ehdr>(file, 0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return;
  const bool is_relocated = header.e_type == ET_DYN;
  const auto base = is_relocated ? reinterpret_cast<std::uintptr_t>(module.dli_fbase) : 0;
  const auto section = [&](std::size_t index) {
    return read_at<Elf64_Shdr>(file, header.e_shoff + index * sizeof(Elf64_Shdr));
  };
  for (std::size_t i = 0; i < header.e_shnum; ++i) {
    const Elf64_Shdr table = section(i);
    if (table.sh_type == SHT_SYMTAB) visit_table(file, table, section(table.sh_link), base, visit);
  }
}

std::string demangled(const std::string& name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), &std::free);
  return text ? text.get() : name;
}

}  // namespace

std::string kernel_name(const void* kernel) {
  Dl_info module{};
  if (dladdr(kernel, &module) == 0) return "(unknown)";
  const auto wanted = reinterpret_cast<std::uintptr_t>(kernel);
  std::string found;
  visit_symbols(module, [&](const Elf64_Sym& symbol, const char* name, std::uintptr_t address) {
    if (address == wanted && ELF64_ST_TYPE(symbol.st_info) == STT_FUNC) found = name;
  });
  if (!found.empty()) return demangled(found);
  char offset[32];
  const auto base = reinterpret_cast<std::uintptr_t>(module.dli_fbase);
  std::snprintf(offset, sizeof(offset), "+0x%zx", static_cast<std::size_t>(wanted - base));
  return std::string(module.dli_fname) + offset;
}

const std::vector<MemorySpan>& shared_variables(const void* kernel) {
  static const std::vector<MemorySpan> none;
  static std::map<const void*, std::vector<MemorySpan>> known;  // by module
  Dl_info module{};
  if (dladdr(kernel, &module) == 0) return none;
  const auto [entry, is_new] = known.try_emplace(module.dli_fbase);
  std::vector<MemorySpan>& found = entry->second;
  if (!is_new) return found;
  visit_symbols(module, [&](const Elf64_Sym& symbol, const char* name, std::uintptr_t address) {
    // The tag that the macro __shared__ puts on a variable is a part of its mangled name.
    const bool is_shared = ELF64_ST_TYPE(symbol.st_info) == STT_OBJECT &&
                           std::strncmp(name, "_ZZ", 3) == 0 &&
                           std::strstr(name, "B13belfry_shared") != nullptr;
    auto* data = reinterpret_cast<void*>(address);
    if (is_shared) found.push_back({data, usable_bytes(data, symbol.st_size)});
  });
  return found;
}

}  // namespace belfry::emulation
