// Streams and events. Their work is done when it is given, but for graphs and host functions, which
// run on a thread of their own; whatever follows one in its stream waits for it.
#include <atomic>
#include <chrono>
#include <set>
#include <thread>
#include <utility>

#include "runtime_state.h"

using namespace belfry::emulation;

struct CUstream_st {
  std::mutex mutex;
  std::thread thread;
  std::atomic<bool> is_running{false};
  std::atomic<int> polls_left{0};

  ~CUstream_st() { wait(); }

  void wait() {
    const std::lock_guard lock(mutex);
    if (thread.joinable()) thread.join();
  }
};

struct CUevent_st {
  unsigned flags = 0;
  bool is_recorded = false;
  std::chrono::steady_clock::time_point time;
  std::atomic<int> polls_left{0};
};

namespace belfry::emulation {
namespace {

struct Handles {
  std::mutex mutex;
  std::set<cudaStream_t> streams;
  std::set<cudaEvent_t> events;
  CUstream_st default_stream;
};

Handles& handles() {
  static Handles all;
  return all;
}

CUstream_st* find_stream(cudaStream_t stream) {
  Handles& all = handles();
  if (stream == nullptr || stream == cudaStreamLegacy || stream == cudaStreamPerThread) {
    return &all.default_stream;
  }
  const std::lock_guard lock(all.mutex);
  return all.streams.contains(stream) ? stream : nullptr;
}

bool is_event(cudaEvent_t event) {
  const std::lock_guard lock(handles().mutex);
  return handles().events.contains(event);
}

// True once the poll that `left` counts down has been answered "not ready" often enough.
bool is_ready(std::atomic<int>& left) { return left <= 0 || --left < 0; }

template <class Body>
cudaError_t with_event(cudaEvent_t event, Body body) {
  return runtime_call([&] { return is_event(event) ? body() : cudaErrorInvalidResourceHandle; });
}

}  // namespace

bool wait_for_stream(cudaStream_t stream) {
  CUstream_st* found = find_stream(stream);
  if (found == nullptr) return false;
  found->wait();
  found->polls_left = query_delay();
  return true;
}

bool run_later(cudaStream_t stream, std::function<void()> work) {
  if (!wait_for_stream(stream)) return false;
  CUstream_st* found = find_stream(stream);
  const std::lock_guard lock(found->mutex);
  found->is_running = true;
  found->thread = std::thread([found, work = std::move(work)] {
    work();
    found->is_running = false;
  });
  return true;
}

void count_streams(Counters& counters) {
  const std::lock_guard lock(handles().mutex);
  counters.streams = handles().streams.size();
  counters.events = handles().events.size();
}

}  // namespace belfry::emulation

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  return runtime_call([&] {
    if (flags > cudaStreamNonBlocking) return cudaErrorInvalidValue;
    *stream = new CUstream_st;
    const std::lock_guard lock(handles().mutex);
    handles().streams.insert(*stream);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return runtime_call([&] {
    {
      const std::lock_guard lock(handles().mutex);
      if (handles().streams.erase(stream) == 0) return cudaErrorInvalidResourceHandle;
    }
    delete stream;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return runtime_call([&] {
    CUstream_st* found = find_stream(stream);
    if (found == nullptr) return cudaErrorInvalidResourceHandle;
    found->wait();
    found->polls_left = 0;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return runtime_call([&] {
    CUstream_st* found = find_stream(stream);
    if (found == nullptr) return cudaErrorInvalidResourceHandle;
    return is_ready(found->polls_left) && !found->is_running ? cudaSuccess : cudaErrorNotReady;
  });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags) {
  return with_event(event, [&] {
    if (flags != 0) return cudaErrorInvalidValue;
    return wait_for_stream(stream) ? cudaSuccess : cudaErrorInvalidResourceHandle;
  });
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* user_data) {
  return runtime_call([&] {
    if (function == nullptr) return cudaErrorInvalidValue;
    const auto work = [=] {
      in_host_function = true;
      function(user_data);
    };
    return run_later(stream, work) ? cudaSuccess : cudaErrorInvalidResourceHandle;
  });
}

cudaError_t cudaDeviceSynchronize() {
  return runtime_call([&] {
    std::set<cudaStream_t> streams;
    {
      const std::lock_guard lock(handles().mutex);
      streams = handles().streams;
    }
    for (cudaStream_t stream : streams) stream->wait();
    handles().default_stream.wait();
    return cudaSuccess;
  });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  return runtime_call([&] {
    if (flags > (cudaEventBlockingSync | cudaEventDisableTiming)) return cudaErrorInvalidValue;
    *event = new CUevent_st;
    (*event)->flags = flags;
    const std::lock_guard lock(handles().mutex);
    handles().events.insert(*event);
    return cudaSuccess;
  });
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return with_event(event, [&] {
    if (!wait_for_stream(stream)) return cudaErrorInvalidResourceHandle;
    event->is_recorded = true;
    event->time = std::chrono::steady_clock::now();
    event->polls_left = query_delay();
    return cudaSuccess;
  });
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  return with_event(event,
                    [&] { return is_ready(event->polls_left) ? cudaSuccess : cudaErrorNotReady; });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return with_event(event, [&] {
    event->polls_left = 0;
    return cudaSuccess;
  });
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  return runtime_call([&] {
    for (cudaEvent_t event : {start, end}) {
      const bool usable =
          is_event(event) && event->is_recorded && (event->flags & cudaEventDisableTiming) == 0;
      if (!usable) return cudaErrorInvalidResourceHandle;
      if (event->polls_left > 0) return cudaErrorNotReady;
    }
    const std::chrono::duration<float, std::milli> elapsed = end->time - start->time;
    *milliseconds = elapsed.count();
    return cudaSuccess;
  });
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return runtime_call([&] {
    {
      const std::lock_guard lock(handles().mutex);
      if (handles().events.erase(event) == 0) return cudaErrorInvalidResourceHandle;
    }
    delete event;
    return cudaSuccess;
  });
}
