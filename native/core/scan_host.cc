#include <algorithm>
#include <vector>

#include "core/check.h"
#include "core/thread_pool.h"

namespace belfry::core {

IntFacts scan_host(const int32_t* data, int64_t count, const int32_t* skip) {
  constexpr int64_t kChunk = 1 << 19;
  const auto scan = [data, count, skip](int64_t begin, int64_t end) {
    IntFacts facts;
    const int32_t skipped = skip ? *skip : 0;
    bool falls = false;
    for (int64_t i = begin; i < end; ++i) {
      const int32_t x = data[i];
      const bool counts = !skip || x != skipped;
      facts.min = counts && x < facts.min ? x : facts.min;
      facts.max = counts && x > facts.max ? x : facts.max;
    }
    for (int64_t i = begin; i + 1 < std::min(end + 1, count); ++i) falls |= data[i + 1] < data[i];
    facts.monotone = !falls;
    return facts;
  };
  const int64_t chunks = (count + kChunk - 1) / kChunk;
  std::vector<IntFacts> parts(static_cast<size_t>(std::max<int64_t>(chunks, 1)));
  ThreadPool::shared().run(chunks, [&](int64_t i) {
    parts[static_cast<size_t>(i)] = scan(i * kChunk, std::min(count, (i + 1) * kChunk));
  });
  IntFacts all;
  for (const IntFacts& part : parts) {
    all.min = std::min(all.min, part.min);
    all.max = std::max(all.max, part.max);
    all.monotone = all.monotone && part.monotone;
  }
  if (count > 0) {
    all.first = data[0];
    all.last = data[count - 1];
  }
  return all;
}

}  // namespace belfry::core
