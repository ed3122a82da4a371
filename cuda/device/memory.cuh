// Device memory of one stream: a caching allocator, and copies through pinned host memory.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace belfry::cuda {

// Blocks that are freed go to a list of their size and come back from it: no call of the driver,
// and no synchronisation, once a loop has warmed up. All blocks belong to one stream, so a block
// may be handed out again while kernels that use it are still queued: its next user queues behind.
//
// The block freed last comes back first. An op frees its scratch blocks in the reverse order, and
// they have lists of their own: whatever happens to tensors, the next op that asks for the same
// sizes gets the same addresses, and a graph of its launches needs no new ones.
class CachingAllocator {
 public:
  enum class Use : std::int8_t { tensor, scratch };

  ~CachingAllocator();
  cudaError_t allocate(int64_t bytes, Use use, cudaStream_t stream, void** out);
  void free(void* data);
  void release_cached();

 private:
  struct Block {
    int64_t size;
    Use use;
  };
  static int64_t size_class(int64_t bytes);
  std::vector<void*>& cached(const Block& block) {
    return cached_[block.use == Use::scratch ? 1 : 0][block.size];
  }

  std::unordered_map<int64_t, std::vector<void*>> cached_[2];  // by size
  std::unordered_map<void*, Block> blocks_;                    // all there are
};

// Copies between pageable host memory and the device, in pieces through two pinned buffers so that
// one is filled while the other travels. Small uploads share a buffer: only when one is full must
// the other have travelled, so the few of a training step do not wait for the step before.
class Staging {
 public:
  cudaError_t open();
  void close();
  // Returns when `host` has been read and the copy is queued on `stream`.
  cudaError_t upload(void* device, const void* host, int64_t bytes, cudaStream_t stream);
  // Returns when the copy, behind all work queued on `after` so far, is done. Any thread may call.
  cudaError_t download(void* host, const void* device, int64_t bytes, cudaStream_t after);

 private:
  static constexpr int64_t kPiece = 4 << 20;
  struct Half {
    void* pinned = nullptr;
    cudaEvent_t done = nullptr;
  };
  cudaError_t wait(Half& half);

  cudaError_t turn_over(cudaStream_t stream);

  Half up_[2], down_[2];
  int filling_ = 0;   // of up_
  int64_t used_ = 0;  // bytes of it
  cudaStream_t download_stream_ = nullptr;
  cudaEvent_t produced_ = nullptr;
  std::mutex download_mutex_;
};

}  // namespace belfry::cuda
