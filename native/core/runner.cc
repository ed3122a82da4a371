#include "core/runner.h"

namespace belfry::core {

namespace {

// Calls in flight at once; more wait their turn. Their arithmetic shares the one pool anyway.
constexpr size_t kThreads = 4;

}  // namespace

Runner& Runner::shared() {
  static Runner* runner = new Runner;  // see ThreadPool::shared
  return *runner;
}

bool Runner::post(std::function<void()> task) {
  {
    std::lock_guard lock(mutex_);
    const bool busy = static_cast<size_t>(idle_) <= tasks_.size();
    if (busy && threads_.size() < kThreads && !start_thread(threads_, [this] { work(); }) &&
        threads_.empty()) {
      return false;
    }
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

void Runner::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    --idle_;
    if (tasks_.empty()) return;
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what it holds is let go outside the lock
    lock.lock();
  }
}

void Runner::shutdown() {
  std::vector<std::thread> threads;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
  }
  wake_.notify_all();
  for (std::thread& thread : threads) thread.join();
  std::lock_guard lock(mutex_);
  stopping_ = false;
}

}  // namespace belfry::core
