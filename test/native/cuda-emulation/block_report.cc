// What the emulator says before it stops the process because of a kernel's mistake.
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

#include "block.h"

namespace belfry::emulation {
namespace {

const char* name_of(BarrierKind kind) {
  switch (kind) {
    case BarrierKind::kSync: return "__syncthreads";
    case BarrierKind::kOr: return "__syncthreads_or";
    case BarrierKind::kAnd: return "__syncthreads_and";
    case BarrierKind::kCount: return "__syncthreads_count";
  }
  return "a barrier";
}

const char* name_of(WarpOp op) {
  switch (op) {
    case WarpOp::kSync: return "__syncwarp";
    case WarpOp::kShuffle: return "__shfl_sync";
    case WarpOp::kShuffleUp: return "__shfl_up_sync";
    case WarpOp::kShuffleDown: return "__shfl_down_sync";
    case WarpOp::kShuffleXor: return "__shfl_xor_sync";
    case WarpOp::kVote: return "a vote (__ballot_sync, __any_sync, __all_sync)";
    case WarpOp::kMatch: return "__match_any_sync";
  }
  return "a warp operation";
}

std::string at(const Site& site) {
  return std::string(" in ") + site.function + " (" + site.file + ":" + std::to_string(site.line) +
         ")";
}

std::string text(dim3 size) {
  return std::to_string(size.x) + "," + std::to_string(size.y) + "," + std::to_string(size.z);
}

}  // namespace

// One line for each group of threads in the same place.
std::string Block::situation() const {
  std::map<std::string, std::pair<int, uint3>> groups;
  for (const Thread& thread : threads_) {
    std::string where = "can run";
    if (thread.state == State::kExited) where = "exited";
    if (thread.state == State::kAtBarrier) {
      where = std::string("wait at ") + name_of(thread.barrier) + at(thread.site);
    }
    if (thread.state == State::kInWarpOp) {
      char mask[32];
      std::snprintf(mask, sizeof(mask), ", mask 0x%08x,", thread.mask);
      where = std::string("wait at ") + name_of(thread.op) + mask + at(thread.site);
    }
    ++groups.try_emplace(where, 0, thread.index).first->second.first;
  }
  std::string lines;
  for (const auto& [where, members] : groups) {
    lines += "  threads: " + std::to_string(members.first) + ", the first is (" +
             text(members.second) + "): " + where + "\n";
  }
  return lines;
}

void Block::stop(const std::string& reason) const {
  const std::string name = kernel_name(launch_.kernel);
  std::fprintf(stderr,
               "belfry emulation: %s\n  kernel %s\n  block (%s) of grid (%s), %s threads, thread "
               "(%s), seed %" PRIu64 "\n%s",
               reason.c_str(), name.c_str(), text(dim3(blockIdx)).c_str(),
               text(launch_.grid).c_str(), text(launch_.block).c_str(),
               text(dim3(threadIdx)).c_str(), seed_, situation().c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace belfry::emulation
