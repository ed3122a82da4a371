// What a CPU kernel may use besides its op: the thread pool, scratch memory and the caller's
// monitor. One context serves one call at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <new>

#include "belfry/backend.h"
#include "core/thread_pool.h"
#include "cpu/scratch.h"

namespace belfry {

struct Context {};

namespace cpu {

class CpuContext : public Context {
 public:
  // Splits [0, count) into pieces of `chunk` (the last may be shorter), a partition that depends
  // on the sizes only, and calls body(begin, end, index) for each, on several threads when there
  // is more than one. A chunk should be 10 µs to 1 ms of work. Pieces not yet begun are left out
  // when the caller stops the call.
  template <class Body>
  void parallel(int64_t count, int64_t chunk, const Body& body) {
    chunk = std::max<int64_t>(1, chunk);
    const int64_t pieces = (count + chunk - 1) / chunk;
    core::ThreadPool::shared().run(pieces, [&](int64_t i) {
      if (!stopped()) body(i * chunk, std::min(count, (i + 1) * chunk), i);
    });
  }

  // 64-byte aligned memory that lives until the op returns; not zeroed. Not to be called inside
  // `parallel`. Throws std::bad_alloc, which the run wrapper turns into out_of_memory.
  template <class T>
  T* scratch(int64_t count) {
    if (count > (int64_t{1} << 56)) throw std::bad_alloc();
    return static_cast<T*>(
        scratch_.take(static_cast<size_t>(std::max<int64_t>(count, 1)) * sizeof(T)));
  }
  void release_scratch() { scratch_.release(); }

  // Gives back, at its end, the scratch taken while it lived: for the rounds of a loop.
  class ScratchScope {
   public:
    explicit ScratchScope(CpuContext& context)
        : context_(context), before_(context.scratch_.used()) {}
    ~ScratchScope() { context_.scratch_.rewind(before_); }
    ScratchScope(const ScratchScope&) = delete;
    ScratchScope& operator=(const ScratchScope&) = delete;

   private:
    CpuContext& context_;
    size_t before_;
  };

  bool stopped() const {
    return monitor_ && monitor_->stopped && monitor_->stopped(monitor_->self);
  }
  void report(int64_t iteration, int64_t total, double residual) const {
    if (monitor_ && monitor_->report) monitor_->report(monitor_->self, iteration, total, residual);
  }
  void set_monitor(const Monitor* monitor) { monitor_ = monitor; }

 private:
  const Monitor* monitor_ = nullptr;
  Scratch scratch_;
};

inline Status aborted() { return Status::error(Code::aborted, "", "stopped by the caller"); }

// A chunk length that gives each piece about `work` operations when one item costs `item_work`.
inline int64_t chunk_for(int64_t item_work, int64_t work = 200'000) {
  return std::max<int64_t>(1, work / std::max<int64_t>(1, item_work));
}

}  // namespace cpu
}  // namespace belfry
