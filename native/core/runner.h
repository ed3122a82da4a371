// Threads for asynchronous calls: a few, of the process, started at the first such call. Each call
// then spreads its work over the pool. libuv's threads are left to files and sockets.
#pragma once

#include <deque>
#include <functional>

#include "core/threads.h"

namespace belfry::core {

class Runner {
 public:
  static Runner& shared();
  // False where the system grants no thread; the task is then not run.
  bool post(std::function<void()> task);
  void shutdown();  // when nothing is pending

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::thread> threads_;
  int idle_ = 0;
  bool stopping_ = false;
};

}  // namespace belfry::core
