#include "cpu/nan_count.h"

#include <algorithm>

#include "math/flags.h"
#include "math/half.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kPiece = 1 << 15;

int64_t count_operand(const TokenNumbers& numbers, const math::FlagReader& mask,
                      CpuContext& context) {
  const int64_t width = numbers.width, chunk = chunk_for(width, kPiece);
  const int64_t pieces = (numbers.tokens + chunk - 1) / chunk;
  int64_t* counts = context.scratch<int64_t>(pieces);
  std::fill_n(counts, pieces, 0);
  context.parallel(numbers.tokens, chunk, [&](int64_t begin, int64_t end, int64_t piece) {
    int64_t count = 0;
    for (int64_t token = begin; token < end; ++token) {
      if (!mask(token)) continue;
      for (int64_t i = token * width; i < (token + 1) * width; ++i) {
        count += math::is_nan_at(numbers.view->data, numbers.view->dtype, i);
      }
    }
    counts[piece] = count;
  });
  int64_t sum = 0;
  for (int64_t piece = 0; piece < pieces; ++piece) sum += counts[piece];
  return sum;
}

}  // namespace

void count_nans(const NanPlan& plan, const void* op, CpuContext& context) {
  const char* base = static_cast<const char*>(op);
  const auto& out = *reinterpret_cast<const Out<int32_t, 0>*>(base + plan.count);
  if (!out) return;
  const auto& flags = *reinterpret_cast<const Flags<1>*>(base + plan.mask);
  int64_t count = 0;
  for (const int64_t offset : plan.operands) {
    const TokenNumbers numbers = token_numbers(op, offset, plan.mask);
    if (numbers.view) count += count_operand(numbers, math::read_flags(flags, true), context);
  }
  out[0] = static_cast<int32_t>(std::min<int64_t>(count, INT32_MAX));
}

}  // namespace belfry::cpu
