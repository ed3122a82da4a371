// Threads and condition variables, as every part of the engine uses them.
#pragma once

#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

// libstdc++ 12 gave this function a new symbol version. The old one does the same and is found on
// systems with an older library.
#if defined(__linux__) && defined(__GLIBCXX__)
#define BELFRY_WAIT "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE"
#if defined(__x86_64__) || defined(__aarch64__)
__asm__(".symver " BELFRY_WAIT "," BELFRY_WAIT "@GLIBCXX_3.4.11");
#endif
#undef BELFRY_WAIT
#endif

namespace belfry::core {

// One thread more; false where the system grants none.
template <class Body>
bool start_thread(std::vector<std::thread>& threads, Body&& body) {
  try {
    threads.emplace_back(std::forward<Body>(body));
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

}  // namespace belfry::core
