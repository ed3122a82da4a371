// Random operands and calls of ops, for the tests of kernels.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cpu/run.h"

namespace belfry::test {

class Random {
 public:
  explicit Random(uint32_t seed) : state_(seed) {}
  uint32_t bits() {
    uint32_t h = state_ += 0x9E3779B9u;
    h = (h ^ (h >> 16)) * 0x85EBCA6Bu;
    h = (h ^ (h >> 13)) * 0xC2B2AE35u;
    return h ^ (h >> 16);
  }
  double uniform() { return bits() / 4294967296.0; }
  template <class T>
  std::vector<T> numbers(int64_t count, double low, double high) {
    std::vector<T> all(static_cast<size_t>(count));
    for (T& x : all) x = static_cast<T>(low + (high - low) * uniform());
    return all;
  }
  std::vector<uint8_t> flags(int64_t count, uint32_t one_in) {
    std::vector<uint8_t> all(static_cast<size_t>(count));
    for (uint8_t& x : all) x = bits() % one_in == 0;
    return all;
  }

 private:
  uint32_t state_;
};

template <class T>
constexpr DType kType = sizeof(T) == 8   ? DType::f64
                        : sizeof(T) == 4 ? DType::f32
                                         : DType::u8;
template <>
constexpr DType kType<int32_t> = DType::i32;

template <class T>
void give(RawView& view, std::vector<T>& data, std::vector<int64_t> dims) {
  view.data = data.data();
  view.dtype = kType<T>;
  view.rank = static_cast<int32_t>(dims.size());
  std::copy(dims.begin(), dims.end(), view.dims);
  view.present = true;
}

template <class Op>
Status run_op(const Op& op, const Monitor* monitor = nullptr) {
  cpu::CpuContext context;
  context.set_monitor(monitor);
  return cpu::run(op, context);
}

}  // namespace belfry::test
