// Pieces of fixed size over the threads; their moments are merged in order.
#include "cpu/token/whiten.h"

#include <algorithm>

#define BELFRY_TARGET_FILE "cpu/token/whiten-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kPiece = 1 << 14;

}  // namespace

template <class T>
math::Moments valid_moments(const T* values, int64_t size, const math::FlagReader& mask,
                            CpuContext& context) {
  const int64_t pieces = (size + kPiece - 1) / kPiece;
  auto* parts = context.scratch<math::Moments>(pieces);
  std::fill_n(parts, pieces, math::Moments{});
  context.parallel(size, kPiece, [&](int64_t begin, int64_t end, int64_t piece) {
    parts[piece] = BELFRY_DISPATCH(piece_moments<T>)(values, begin, end, mask);
  });
  math::Moments total;
  for (int64_t i = 0; i < pieces; ++i) total = math::merge(total, parts[i]);
  return total;
}

template <class T>
void apply_line(const T* values, int64_t size, const math::FlagReader& mask,
                const math::WhitenLine& line, T* out, CpuContext& context) {
  context.parallel(size, kPiece, [&](int64_t begin, int64_t end, int64_t) {
    BELFRY_DISPATCH(piece_line<T>)(values, begin, end, mask, line, out);
  });
}

template math::Moments valid_moments(const float*, int64_t, const math::FlagReader&, CpuContext&);
template math::Moments valid_moments(const double*, int64_t, const math::FlagReader&, CpuContext&);
template void apply_line(const float*, int64_t, const math::FlagReader&, const math::WhitenLine&,
                         float*, CpuContext&);
template void apply_line(const double*, int64_t, const math::FlagReader&, const math::WhitenLine&,
                         double*, CpuContext&);

}  // namespace belfry::cpu
