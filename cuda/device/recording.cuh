// Launches kept in a list instead of being queued, so that all of an op's can go in one call of the
// driver (launch_graph.cuh). launch() asks here whether the calling thread records its stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "cuda/device/kernel_call.cuh"

namespace belfry::cuda {

/// Kernels, shapes and the bytes of the arguments, in order. Its memory is kept when it is cleared:
/// a recording like an earlier one allocates nothing.
class Recording {
 public:
  std::size_t size() const { return launches_.size(); }
  void clear() {
    launches_.clear();
    arguments_.clear();
    bytes_.clear();
  }

  void add(const KernelCall& call, const std::size_t* sizes, std::size_t count) {
    Launch launch{call.kernel, call.shape, arguments_.size(), count, bytes_.size(), 0};
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = bytes_.size();
      arguments_.push_back(at);
      bytes_.resize(at + (sizes[i] + kAlignment - 1) / kAlignment * kAlignment);
      std::memcpy(bytes_.data() + at, call.arguments[i], sizes[i]);
    }
    launch.end_byte = bytes_.size();
    launches_.push_back(launch);
  }

  /// Valid until the next call of this function.
  KernelCall call(std::size_t i) {
    const Launch& launch = launches_[i];
    pointers_.clear();
    for (std::size_t k = 0; k < launch.num_arguments; ++k) {
      pointers_.push_back(bytes_.data() + arguments_[launch.first_argument + k]);
    }
    pointers_.push_back(nullptr);
    return {launch.kernel, launch.shape, pointers_.data()};
  }

  /// The same kernels with the same shapes, whatever their arguments.
  bool is_like(const Recording& other) const {
    bool same = size() == other.size();
    for (std::size_t i = 0; same && i < size(); ++i) {
      same = is_like(launches_[i], other.launches_[i]);
    }
    return same;
  }

  /// Whether launch i has the arguments that it has in `other`, which is like this one.
  bool has_arguments_of(const Recording& other, std::size_t i) const {
    const Launch& own = launches_[i];
    return std::memcmp(bytes_.data() + own.first_byte, other.bytes_.data() + own.first_byte,
                       own.end_byte - own.first_byte) == 0;
  }

  /// Queues the launches one by one, up to the first that fails.
  cudaError_t queue(cudaStream_t stream) {
    cudaError_t status = cudaSuccess;
    for (std::size_t i = 0; i < size() && ok(status); ++i) status = start(call(i), stream);
    return status;
  }

 private:
  static constexpr std::size_t kAlignment = alignof(std::max_align_t);

  struct Launch {
    const void* kernel;
    LaunchShape shape;
    std::size_t first_argument, num_arguments;
    std::size_t first_byte, end_byte;
  };

  static bool same(const dim3& a, const dim3& b) { return a.x == b.x && a.y == b.y && a.z == b.z; }
  static bool is_like(const Launch& a, const Launch& b) {
    return a.kernel == b.kernel && same(a.shape.grid, b.shape.grid) &&
           same(a.shape.block, b.shape.block) && a.shape.shared_bytes == b.shape.shared_bytes;
  }

  std::vector<Launch> launches_;
  std::vector<std::size_t> arguments_;  // where each begins in `bytes_`
  std::vector<std::byte> bytes_;        // gaps are 0
  std::vector<void*> pointers_;
};

/// What the calling thread records: the launches of one stream, which is that of one context.
struct ActiveRecording {
  Recording* list = nullptr;
  cudaStream_t stream = nullptr;
};
inline thread_local ActiveRecording active_recording;

/// Records while it lives, or until stop_recording().
class RecordingScope {
 public:
  RecordingScope(Recording* list, cudaStream_t stream) {
    list->clear();
    active_recording = {list, stream};
  }
  ~RecordingScope() { active_recording = {}; }
  RecordingScope(const RecordingScope&) = delete;
  RecordingScope& operator=(const RecordingScope&) = delete;
};

/// Before anything but a launch goes to the stream: queues what was recorded so far, and records no
/// more in this op.
inline cudaError_t stop_recording() {
  const ActiveRecording active = active_recording;
  active_recording = {};
  if (!active.list) return cudaSuccess;
  const cudaError_t status = active.list->queue(active.stream);
  active.list->clear();
  return status;
}

}  // namespace belfry::cuda
