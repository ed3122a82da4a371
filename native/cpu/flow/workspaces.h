// Working memory for the pieces of a parallel loop: as many buffers as threads may be at work, each
// lent to one piece at a time, so that it stays in the cache of a core.
#pragma once

#include <atomic>
#include <new>
#include <thread>

#include "cpu/context.h"

namespace belfry::cpu {

template <class T>
class Workspaces {
 public:
  // `elements` for each of at most `pieces` buffers.
  Workspaces(CpuContext& context, int64_t pieces, int64_t elements) {
    constexpr int64_t kLine = 64 / static_cast<int64_t>(sizeof(T));
    stride_ = (elements + kLine - 1) / kLine * kLine;
    count_ = std::max<int64_t>(1, std::min<int64_t>(pieces, core::ThreadPool::shared().limit()));
    data_ = context.scratch<T>(count_ * stride_);
    if (pieces <= 1) return;
    taken_ = context.scratch<std::atomic<bool>>(count_);
    for (int64_t i = 0; i < count_; ++i) new (&taken_[i]) std::atomic<bool>(false);
  }

  class Lease {
   public:
    Lease(T* data, std::atomic<bool>* taken) : data_(data), taken_(taken) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() {
      if (taken_) taken_->store(false, std::memory_order_release);
    }
    T* data() const { return data_; }

   private:
    T* data_;
    std::atomic<bool>* taken_;
  };

  Lease borrow() const {
    if (!taken_) return {data_, nullptr};
    // There is a free one, unless the pool has grown since: then one comes back soon.
    for (int64_t i = 0;; i = i + 1 == count_ ? 0 : i + 1) {
      if (!taken_[i].load(std::memory_order_relaxed) &&
          !taken_[i].exchange(true, std::memory_order_acquire)) {
        return {data_ + i * stride_, &taken_[i]};
      }
      if (i + 1 == count_) std::this_thread::yield();
    }
  }

 private:
  T* data_ = nullptr;
  std::atomic<bool>* taken_ = nullptr;
  int64_t stride_ = 0, count_ = 1;
};

}  // namespace belfry::cpu
