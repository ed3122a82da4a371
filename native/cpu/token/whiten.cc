// Pieces of fixed size over the threads; their moments are merged in order. A piece is passed over
// twice while it is in cache: sums of x − shift, the shift being its first valid number, then
// squares about the mean. Eight lanes of sums hide the latency of the additions.
#include "cpu/token/whiten.h"

#include <algorithm>

namespace belfry::cpu {

namespace {

constexpr int64_t kPiece = 1 << 14;
constexpr int kLanes = 8;

template <class Add>
void lane_by_lane(int64_t begin, int64_t end, const Add& add) {
  int64_t i = begin;
  for (; i + kLanes <= end; i += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) add(i + lane, lane);
  }
  for (int lane = 0; i < end; ++i, ++lane) add(i, lane);
}

double sum_of(const double* lanes) {
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
         ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

template <class T>
math::Moments piece_moments(const T* values, int64_t begin, int64_t end,
                            const math::FlagReader& mask) {
  int64_t first = begin;
  while (first < end && !mask(first)) ++first;
  if (first == end) return {};
  const double shift = static_cast<double>(values[first]);
  double sums[kLanes] = {}, counts[kLanes] = {}, squares[kLanes] = {};
  lane_by_lane(first, end, [&](int64_t i, int lane) {
    const bool valid = mask(i);
    sums[lane] += valid ? static_cast<double>(values[i]) - shift : 0;
    counts[lane] += valid ? 1 : 0;
  });
  const double count = sum_of(counts), mean = sum_of(sums) / count;
  lane_by_lane(first, end, [&](int64_t i, int lane) {
    const double d = mask(i) ? static_cast<double>(values[i]) - shift - mean : 0;
    squares[lane] += d * d;
  });
  return {count, shift + mean, sum_of(squares)};
}

}  // namespace

template <class T>
math::Moments valid_moments(const T* values, int64_t size, const math::FlagReader& mask,
                            CpuContext& context) {
  const int64_t pieces = (size + kPiece - 1) / kPiece;
  auto* parts = context.scratch<math::Moments>(pieces);
  std::fill_n(parts, pieces, math::Moments{});
  context.parallel(size, kPiece, [&](int64_t begin, int64_t end, int64_t piece) {
    parts[piece] = piece_moments(values, begin, end, mask);
  });
  math::Moments total;
  for (int64_t i = 0; i < pieces; ++i) total = math::merge(total, parts[i]);
  return total;
}

template <class T>
void apply_line(const T* values, int64_t size, const math::FlagReader& mask,
                const math::WhitenLine& line, T* out, CpuContext& context) {
  context.parallel(size, kPiece, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) {
      const double y = line(static_cast<double>(values[i]));
      out[i] = mask(i) ? static_cast<T>(y) : T(0);
    }
  });
}

template math::Moments valid_moments(const float*, int64_t, const math::FlagReader&, CpuContext&);
template math::Moments valid_moments(const double*, int64_t, const math::FlagReader&, CpuContext&);
template void apply_line(const float*, int64_t, const math::FlagReader&, const math::WhitenLine&,
                         float*, CpuContext&);
template void apply_line(const double*, int64_t, const math::FlagReader&, const math::WhitenLine&,
                         double*, CpuContext&);

}  // namespace belfry::cpu
