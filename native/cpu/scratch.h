// Workspace of the calls of one context. Memory fresh from the system costs a page fault every
// 4 KiB, so a little of it is kept from call to call.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace belfry::cpu {

class Scratch {
 public:
  // 64-byte aligned, not zeroed, until `release`. Throws std::bad_alloc.
  void* take(size_t bytes) {
    bytes = (bytes + 63) & ~size_t{63};
    for (size_t i = used_; i < blocks_.size(); ++i) {
      if (blocks_[i].bytes < bytes || blocks_[i].bytes / 4 > bytes) continue;
      std::swap(blocks_[i], blocks_[used_]);
      return blocks_[used_++].memory.get();
    }
    Block fresh{Memory(std::aligned_alloc(64, bytes)), bytes};
    if (!fresh.memory) throw std::bad_alloc();
    blocks_.push_back(std::move(fresh));
    std::swap(blocks_.back(), blocks_[used_]);
    return blocks_[used_++].memory.get();
  }

  // What was taken since `used()` had this value is free for what is taken next.
  size_t used() const { return used_; }
  void rewind(size_t used) { used_ = used; }

  // Ends the call: what was taken is free again, and all but kKept bytes go back to the system.
  void release() {
    used_ = 0;
    size_t kept = 0;
    std::erase_if(blocks_, [&kept](const Block& block) {
      if (kept + block.bytes > kKept) return true;
      kept += block.bytes;
      return false;
    });
  }

 private:
  static constexpr size_t kKept = size_t{16} << 20;  // a training step of common sizes

  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  using Memory = std::unique_ptr<void, Free>;
  struct Block {
    Memory memory;
    size_t bytes;
  };

  std::vector<Block> blocks_;  // the first `used_` are taken
  size_t used_ = 0;
};

}  // namespace belfry::cpu
