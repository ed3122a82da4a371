// The engine's own threads. One pool per process, started at the first job that wants it and
// joined by `shutdown` (the last environment's clean-up). Several callers may run jobs at once;
// each takes part in its own job, so a job finishes even when every worker is busy.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>

#include "core/threads.h"

namespace belfry::core {

class ThreadPool {
 public:
  static ThreadPool& shared();

  // Threads a job may use, the caller included.
  int limit() const { return limit_.load(std::memory_order_relaxed); }
  void set_limit(int threads);

  // Calls body(i) once for every i in [0, chunks), in any order, and returns when all are done. An
  // exception ends the job and is thrown here.
  template <class Body>
  void run(int64_t chunks, const Body& body) {
    if (chunks <= 1 || limit() <= 1) {
      for (int64_t i = 0; i < chunks; ++i) body(i);
      return;
    }
    run_job(
        chunks, [](const void* self, int64_t i) { (*static_cast<const Body*>(self))(i); }, &body);
  }

  void shutdown();

 private:
  struct Job {
    void (*call)(const void*, int64_t);
    const void* body;
    int64_t chunks;
    std::atomic<int64_t> next{0};
    std::exception_ptr error = nullptr;  // guarded by mutex_
    std::atomic<int> workers{0};         // changed under mutex_
  };

  ThreadPool();
  void run_job(int64_t chunks, void (*call)(const void*, int64_t), const void* body);
  void work();
  void drain(Job& job);

  std::atomic<int> limit_;
  std::atomic<uint64_t> posted_{0};  // counts jobs, so that idle workers can spin without the lock
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::vector<Job*> jobs_;
  std::vector<std::thread> workers_;
  bool stopping_ = false;
};

// What this process may use: its CPU affinity, or BELFRY_THREADS.
int default_threads();

}  // namespace belfry::core
