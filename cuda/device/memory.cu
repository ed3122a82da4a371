#include "cuda/device/memory.cuh"

#include <algorithm>
#include <cstring>

#include "cuda/device/check.cuh"

namespace belfry::cuda {

CachingAllocator::~CachingAllocator() {
  for (auto& [data, block] : blocks_) cudaFree(data);
}

// Eighths of a power of two: at most 12.5 % is wasted, and sizes of a loop meet again.
int64_t CachingAllocator::size_class(int64_t bytes) {
  int64_t step = 64;
  while (step * 16 < bytes) step *= 2;
  return std::max<int64_t>(512, (bytes + step - 1) / step * step);
}

cudaError_t CachingAllocator::allocate(int64_t bytes, Use use, cudaStream_t stream, void** out) {
  const Block block{size_class(bytes), use};
  if (std::vector<void*>& free = cached(block); !free.empty()) {
    *out = free.back();
    free.pop_back();
    return cudaSuccess;
  }
  cudaError_t status = cudaMalloc(out, static_cast<size_t>(block.size));
  if (is_out_of_memory(status)) {
    // What lies in the cache may be in use by queued kernels.
    cudaGetLastError();
    if (status = cudaStreamSynchronize(stream); !ok(status)) return status;
    release_cached();
    status = cudaMalloc(out, static_cast<size_t>(block.size));
  }
  if (ok(status))
    blocks_[*out] = block;
  else
    cudaGetLastError();
  return status;
}

void CachingAllocator::free(void* data) {
  if (const auto found = blocks_.find(data); found != blocks_.end()) {
    cached(found->second).push_back(data);
  }
}

void CachingAllocator::release_cached() {
  for (auto& lists : cached_) {
    for (auto& [size, list] : lists) {
      for (void* data : list) {
        blocks_.erase(data);
        cudaFree(data);
      }
    }
    lists.clear();
  }
}

cudaError_t Staging::open() {
  cudaError_t status =
      in_order([&] { return cudaStreamCreateWithFlags(&download_stream_, cudaStreamNonBlocking); },
               [&] { return cudaEventCreateWithFlags(&produced_, cudaEventDisableTiming); });
  for (Half* half : {&up_[0], &up_[1], &down_[0], &down_[1]}) {
    if (!ok(status)) break;
    status =
        in_order([&] { return cudaMallocHost(&half->pinned, static_cast<size_t>(kPiece)); },
                 [&] { return cudaEventCreateWithFlags(&half->done, cudaEventDisableTiming); });
  }
  return status;
}

void Staging::close() {
  for (Half* half : {&up_[0], &up_[1], &down_[0], &down_[1]}) {
    if (half->done) cudaEventSynchronize(half->done);
    if (half->pinned) cudaFreeHost(half->pinned);
    if (half->done) cudaEventDestroy(half->done);
    *half = {};
  }
  if (produced_) cudaEventDestroy(produced_);
  if (download_stream_) cudaStreamDestroy(download_stream_);
  produced_ = nullptr;
  download_stream_ = nullptr;
}

cudaError_t Staging::wait(Half& half) { return cudaEventSynchronize(half.done); }

// The half that is full counts as travelling, the other must be done with that.
cudaError_t Staging::turn_over(cudaStream_t stream) {
  const cudaError_t status = in_order([&] { return cudaEventRecord(up_[filling_].done, stream); },
                                      [&] { return wait(up_[1 - filling_]); });
  if (!ok(status)) return status;
  filling_ = 1 - filling_;
  used_ = 0;
  return cudaSuccess;
}

cudaError_t Staging::upload(void* device, const void* host, int64_t bytes, cudaStream_t stream) {
  constexpr int64_t kAlignment = 256;
  auto* to = static_cast<char*>(device);
  const auto* from = static_cast<const char*>(host);
  for (int64_t at = 0; at < bytes;) {
    if (used_ == kPiece) {
      if (const cudaError_t status = turn_over(stream); !ok(status)) return status;
    }
    const int64_t size = std::min(kPiece - used_, bytes - at);
    char* pinned = static_cast<char*>(up_[filling_].pinned) + used_;
    std::memcpy(pinned, from + at, static_cast<size_t>(size));
    const cudaError_t status =
        cudaMemcpyAsync(to + at, pinned, static_cast<size_t>(size), cudaMemcpyHostToDevice, stream);
    if (!ok(status)) return status;
    used_ += (size + kAlignment - 1) / kAlignment * kAlignment;
    at += size;
  }
  return cudaSuccess;
}

cudaError_t Staging::download(void* host, const void* device, int64_t bytes, cudaStream_t after) {
  std::lock_guard lock(download_mutex_);
  const auto* from = static_cast<const char*>(device);
  auto* to = static_cast<char*>(host);
  cudaError_t status =
      in_order([&] { return cudaEventRecord(produced_, after); },
               [&] { return cudaStreamWaitEvent(download_stream_, produced_, 0); });
  const int64_t pieces = (bytes + kPiece - 1) / kPiece;
  const auto size_of = [&](int64_t piece) {
    return static_cast<size_t>(std::min(kPiece, bytes - piece * kPiece));
  };
  // Piece k travels while piece k - 1 is copied out.
  for (int64_t piece = 0; piece <= pieces && ok(status); ++piece) {
    if (piece < pieces) {
      Half& half = down_[piece % 2];
      status = in_order(
          [&] {
            return cudaMemcpyAsync(half.pinned, from + piece * kPiece, size_of(piece),
                                   cudaMemcpyDeviceToHost, download_stream_);
          },
          [&] { return cudaEventRecord(half.done, download_stream_); });
    }
    if (piece > 0 && ok(status)) {
      Half& half = down_[(piece - 1) % 2];
      status = wait(half);
      if (ok(status)) std::memcpy(to + (piece - 1) * kPiece, half.pinned, size_of(piece - 1));
    }
  }
  return status;
}

}  // namespace belfry::cuda
