// Bodies of int_facts, once per instruction set.

namespace belfry::cpu::BELFRY_ISA {

void widen_range(const std::int32_t* data, int64_t count, const std::int32_t* skip,
                 IntFacts* facts) {
  using V = Vec<std::int32_t>;
  constexpr int kLanes = V::kLanes;
  V low(facts->min), high(facts->max);
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    V x = load(data + i);
    // What is left out takes a value that changes nothing.
    if (skip) x = select(x == V(*skip), low, x);
    low = min(low, x);
    if (skip) x = select(load(data + i) == V(*skip), high, x);
    high = max(high, x);
  }
  std::int32_t lows[kLanes], highs[kLanes];
  store(lows, low);
  store(highs, high);
  const auto take = [facts](std::int32_t a, std::int32_t b) {
    facts->min = a < facts->min ? a : facts->min;
    facts->max = b > facts->max ? b : facts->max;
  };
  for (int lane = 0; lane < kLanes; ++lane) take(lows[lane], highs[lane]);
  for (; i < count; ++i) {
    if (!skip || data[i] != *skip) take(data[i], data[i]);
  }
}

bool never_falls(const std::int32_t* data, int64_t count) {
  using V = Vec<std::int32_t>;
  constexpr int kLanes = V::kLanes;
  Mask<std::int32_t> falls = V(0) < V(0);
  int64_t i = 0;
  for (; i + kLanes < count; i += kLanes) falls = falls | (load(data + i + 1) < load(data + i));
  bool fell = any(falls);
  for (; i + 1 < count; ++i) fell |= data[i + 1] < data[i];
  return !fell;
}

}  // namespace belfry::cpu::BELFRY_ISA
