#include "cpu/int_facts.h"

#include <algorithm>
#include <vector>

#include "core/thread_pool.h"

#define BELFRY_TARGET_FILE "cpu/int_facts-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kChunk = 1 << 18;

// Facts of each chunk, merged in any order: minimum, maximum and "and" do not mind.
template <class Body>
IntFacts over_chunks(int64_t count, const Body& body) {
  const int64_t chunks = (count + kChunk - 1) / kChunk;
  std::vector<IntFacts> parts(static_cast<size_t>(chunks));
  core::ThreadPool::shared().run(chunks, [&](int64_t i) {
    body(i * kChunk, std::min(count, (i + 1) * kChunk), parts[static_cast<size_t>(i)]);
  });
  IntFacts all;
  for (const IntFacts& part : parts) {
    all.min = std::min(all.min, part.min);
    all.max = std::max(all.max, part.max);
    all.monotone = all.monotone && part.monotone;
  }
  return all;
}

}  // namespace

IntFacts range_of(const int32_t* data, int64_t count, const int32_t* skip) {
  const auto widen = BELFRY_DISPATCH(widen_range);
  IntFacts facts;
  if (count <= kChunk) {
    widen(data, count, skip, &facts);
    return facts;
  }
  return over_chunks(count, [&](int64_t begin, int64_t end, IntFacts& part) {
    widen(data + begin, end - begin, skip, &part);
  });
}

IntFacts order_of(const int32_t* data, int64_t count) {
  const auto check = BELFRY_DISPATCH(never_falls);
  IntFacts facts = over_chunks(count, [&](int64_t begin, int64_t end, IntFacts& part) {
    part.monotone = check(data + begin, std::min(end + 1, count) - begin);
  });
  if (count > 0) {
    facts.first = data[0];
    facts.last = data[count - 1];
  }
  return facts;
}

}  // namespace belfry::cpu
