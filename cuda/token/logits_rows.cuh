// A row of logits and the block that works on it: reading any storage type 16 bytes at a time from
// any address, and the softmax sums of the row. Shared by token_logprob and its gradient.
#pragma once

#include "cuda/device/context.cuh"
#include "cuda/device/half.cuh"
#include "cuda/device/reduce.cuh"
#include "math/softmax.h"

namespace belfry::cuda {

// 16 bytes of storage type S.
template <class S>
struct Pack {
  static constexpr int kCount = static_cast<int>(16 / sizeof(S));
  S items[kCount];
};

template <class S>
__device__ Pack<S> load_pack(const void* address) {
  const uint4 raw = *static_cast<const uint4*>(address);
  Pack<S> pack;
  memcpy(&pack, &raw, sizeof pack);
  return pack;
}

// A row as elements before the first 16-byte boundary, whole packs, and the rest.
template <class S>
struct RowLayout {
  static constexpr int kPack = Pack<S>::kCount;
  const S* row;
  int64_t width, head, packs;

  __device__ RowLayout(const S* data, int64_t count) : row(data), width(count) {
    const auto past = reinterpret_cast<uintptr_t>(data) % 16;
    head = past == 0 ? 0 : static_cast<int64_t>((16 - past) / sizeof(S));
    if (head > width) head = width;
    packs = (width - head) / kPack;
  }
  __device__ const S* pack(int64_t i) const { return row + head + i * kPack; }
  // The elements outside the packs, numbered from 0.
  __device__ int64_t loose() const { return width - packs * kPack; }
  __device__ int64_t loose_column(int64_t i) const { return i < head ? i : i + packs * kPack; }
};

// In float64 a call: its tanh, written out for every logit of a pack, would be most of the kernel.
BELFRY_NOINLINE __device__ inline double soft_cap_of(double x, double cap) {
  return math::soft_cap(x, cap);
}
__device__ inline float soft_cap_of(float x, float cap) { return math::soft_cap(x, cap); }

// What all rows share. C is the type computed in: double for f64 logits, float for the others.
template <class C>
struct SoftmaxSettings {
  double inverse_temperature;
  C scale;    // e^(d/τ) = 2^(scale d)
  C low;      // where that is 0; finite, so that d e is 0 there and not NaN
  C softcap;  // 0: none

  __device__ C exponential(C d) const { return exp2(scale * d); }
  __device__ C bounded(C d) const { return d < low ? low : d; }
  __device__ C capped(C x) const { return softcap > 0 ? soft_cap_of(x, softcap) : x; }
};

template <class C, class Op>
SoftmaxSettings<C> softmax_settings(const Op& op) {
  const double most = static_cast<double>(std::numeric_limits<C>::max());
  const double wanted = 1.4426950408889634 / op.temperature;
  const C scale = static_cast<C>(wanted < most ? wanted : most);
  const C underflow = sizeof(C) == 4 ? C(-200) : C(-1100);
  return {1 / op.temperature, scale, underflow / scale,
          static_cast<C>(op.softcap.present ? op.softcap.value : 0)};
}

// The sums of one thread; see math::LogSumExp. Each call adds a few values in type C, then goes on
// in float64.
template <class C>
struct ThreadSums {
  C max = math::kNegativeInfinity<C>;
  double sum = 0, weighted = 0, squares = 0;

  template <int kCount>
  __device__ void add(const C (&x)[kCount], const SoftmaxSettings<C>& settings) {
    C top = max;
    for (int k = 0; k < kCount; ++k) top = x[k] > top ? x[k] : top;
    if (top > max) raise(top, settings);
    const C reference = max == math::kNegativeInfinity<C> ? C(0) : max;
    C s = 0, u = 0, q = 0;
    for (int k = 0; k < kCount; ++k) {
      const C d = settings.bounded(x[k] - reference);
      const C e = settings.exponential(d);
      s += e;
      u = fma(e, d, u);
      q = fma(e, e, q);
    }
    sum += static_cast<double>(s);
    weighted += static_cast<double>(u);
    squares += static_cast<double>(q);
  }

  __device__ void raise(C top, const SoftmaxSettings<C>& settings) {
    // Before the first finite logit the sums are 0, or a NaN, which stays.
    if (max != math::kNegativeInfinity<C>) {
      const C step = max - top;
      const double factor = static_cast<double>(settings.exponential(step));
      weighted = (weighted + sum * static_cast<double>(step)) * factor;
      sum *= factor;
      squares *= factor * factor;
    }
    max = top;
  }
};

struct SumsOf3 {
  double sum, weighted, squares;
};
struct AddSums {
  __device__ SumsOf3 operator()(SumsOf3 a, SumsOf3 b) const {
    return {a.sum + b.sum, a.weighted + b.weighted, a.squares + b.squares};
  }
};

// All threads of the block get the sums of the row. First the maximum, so that every thread moves
// its own sums to it once and the rest is additions.
template <class C>
__device__ math::LogSumExp<double> block_sums(const ThreadSums<C>& own,
                                              const SoftmaxSettings<C>& settings) {
  __shared__ C maxima[32];
  __shared__ SumsOf3 partial[32];
  const C top = block_reduce(own.max, Max{}, math::kNegativeInfinity<C>, maxima);
  math::LogSumExp<double> part;
  part.max = static_cast<double>(own.max);
  part.sum = own.sum;
  part.weighted = own.weighted;
  part.squares = own.squares;
  part = math::relative_to(part, static_cast<double>(top), settings.inverse_temperature);
  const SumsOf3 sums = block_reduce(SumsOf3{part.sum, part.weighted, part.squares}, AddSums{},
                                    SumsOf3{0, 0, 0}, partial);
  math::LogSumExp<double> row;
  row.max = static_cast<double>(top);
  row.sum = sums.sum;
  row.weighted = sums.weighted;
  row.squares = sums.squares;
  return row;
}

// Packs that a thread reads before it computes, to keep enough loads under way.
template <class S>
constexpr int kPacksAtOnce = sizeof(S) == 2 ? 2 : 4;

// The sums of a row, read once. The first `kept` packs are left in shared memory as they lie.
template <class C, class S>
__device__ math::LogSumExp<double> row_sums(const RowLayout<S>& layout,
                                            const SoftmaxSettings<C>& settings, uint4* cache,
                                            int64_t kept) {
  constexpr int kPacks = kPacksAtOnce<S>, kPack = Pack<S>::kCount;
  const int64_t threads = blockDim.x;
  ThreadSums<C> sums;
#pragma unroll 1
  for (int64_t first = threadIdx.x; first < layout.packs; first += threads * kPacks) {
    Pack<S> packs[kPacks];
#pragma unroll
    for (int k = 0; k < kPacks; ++k) {
      const int64_t i = first + k * threads;
      if (i < layout.packs) packs[k] = load_pack<S>(layout.pack(i));
    }
    C x[kPacks * kPack];
#pragma unroll
    for (int k = 0; k < kPacks; ++k) {
      const int64_t i = first + k * threads;
      if (i < kept) memcpy(&cache[i], &packs[k], sizeof(uint4));
#pragma unroll
      for (int j = 0; j < kPack; ++j) {
        x[k * kPack + j] = i < layout.packs ? settings.capped(to_real(packs[k].items[j]))
                                            : math::kNegativeInfinity<C>;
      }
    }
    sums.add(x, settings);
  }
#pragma unroll 1
  for (int64_t i : thread_stride(layout.loose())) {
    const C x[1] = {settings.capped(to_real(layout.row[layout.loose_column(i)]))};
    sums.add(x, settings);
  }
  return block_sums(sums, settings);
}

// NaN for a row of nothing but −Infinity: the device has no way to name it without waiting.
__device__ inline double not_a_number_if(bool empty) { return empty ? nan("") : 0; }

// Threads for a row: about one group of packs each.
template <class S>
unsigned threads_for_row(int64_t width, int most) {
  const int64_t each = kPacksAtOnce<S> * Pack<S>::kCount;
  return threads_for((width + each - 1) / each, most);
}

template <class S>
const S* stored(const RawView& view) {
  return static_cast<const S*>(view.data);
}

// Calls body(S{}) with the storage type of logits in a call whose real type is T.
template <class T, class Body>
Status with_storage(DType dtype, const Body& body) {
  if constexpr (sizeof(T) == 8) {
    return body(double{});
  } else {
    if (dtype == DType::bf16) return body(Bf16{});
    if (dtype == DType::f16) return body(F16{});
    return body(float{});
  }
}

}  // namespace belfry::cuda
