#include "core/thread_pool.h"

#include <algorithm>
#include <cstdlib>

#if defined(__linux__)
#include <sched.h>
#endif

namespace belfry::core {

namespace {

// An idle worker looks for work this long before it sleeps: longer than the gap between two
// sweeps of a solver, far shorter than a scheduler tick on a machine others use too.
constexpr int kSpins = 4000;

void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Gives way now and then: what it waits for may be due on this very processor.
template <class Condition>
bool spin_until(const Condition& met) {
  for (int spin = 1; spin <= kSpins; ++spin) {
    if (met()) return true;
    pause_briefly();
    if (spin % 64 == 0) std::this_thread::yield();
  }
  return false;
}

}  // namespace

int default_threads() {
  if (const char* text = std::getenv("BELFRY_THREADS")) {
    const int threads = std::atoi(text);
    if (threads >= 1) return std::min(threads, 1024);
  }
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

ThreadPool& ThreadPool::shared() {
  // Never destroyed: a worker_thread may unload the add-on while static destructors run.
  static ThreadPool* pool = new ThreadPool;
  return *pool;
}

ThreadPool::ThreadPool() : limit_(default_threads()) {}

void ThreadPool::set_limit(int threads) { limit_.store(std::max(1, threads)); }

void ThreadPool::drain(Job& job) {
  try {
    for (;;) {
      const int64_t i = job.next.fetch_add(1, std::memory_order_relaxed);
      if (i >= job.chunks) return;
      job.call(job.body, i);
    }
  } catch (...) {
    job.next.store(job.chunks, std::memory_order_relaxed);
    std::lock_guard lock(mutex_);
    job.error = std::current_exception();
  }
}

void ThreadPool::run_job(int64_t chunks, void (*call)(const void*, int64_t), const void* body) {
  Job job{call, body, chunks};
  const int helpers = static_cast<int>(std::min<int64_t>(limit() - 1, chunks - 1));
  {
    std::lock_guard lock(mutex_);
    // Where the system grants no more threads, those there are do all the work.
    while (static_cast<int>(workers_.size()) < helpers &&
           start_thread(workers_, [this] { work(); })) {
    }
    jobs_.push_back(&job);
  }
  posted_.fetch_add(1, std::memory_order_release);
  for (int i = 0; i < helpers; ++i) wake_.notify_one();
  drain(job);
  wait_for_workers(job);
  if (job.error) std::rethrow_exception(job.error);
}

// The last pieces take microseconds, as being woken does: most jobs end before the caller sleeps.
// Who sleeps may be woken on a worker's processor, and waits there until that one stops looking.
void ThreadPool::wait_for_workers(const Job& job) {
  {
    std::lock_guard lock(mutex_);
    jobs_.erase(std::find(jobs_.begin(), jobs_.end(), &job));  // nobody joins from here on
  }
  const auto finished = [&] { return job.workers.load(std::memory_order_acquire) == 0; };
  if (spin_until(finished)) return;
  std::unique_lock lock(mutex_);
  done_.wait(lock, finished);
}

void ThreadPool::work() {
  uint64_t seen = 0;
  for (;;) {
    spin_until([&] { return posted_.load(std::memory_order_acquire) != seen; });
    std::unique_lock lock(mutex_);
    Job* job = nullptr;
    wake_.wait(lock, [&] {
      seen = posted_.load(std::memory_order_relaxed);
      for (Job* candidate : jobs_) {
        const bool open = candidate->next.load(std::memory_order_relaxed) < candidate->chunks;
        if (open && candidate->workers + 1 < limit()) {
          job = candidate;
          return true;
        }
      }
      return stopping_;
    });
    if (!job) return;
    job->workers.fetch_add(1, std::memory_order_relaxed);
    lock.unlock();
    drain(*job);
    lock.lock();
    // The job may be gone from here on.
    if (job->workers.fetch_sub(1, std::memory_order_release) == 1) done_.notify_all();
  }
}

void ThreadPool::shutdown() {
  std::vector<std::thread> workers;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    workers.swap(workers_);
  }
  wake_.notify_all();
  for (std::thread& worker : workers) worker.join();
  std::lock_guard lock(mutex_);
  stopping_ = false;
}

}  // namespace belfry::core
