// ngram_jaccard: |A ∩ B| / |A ∪ B| over the distinct n-grams of two token sequences.
//
// The grams of a sequence are sorted as positions into its tokens, so equality is exact and nothing
// is hashed; then both lists are merged. O(length · log length · n) comparisons a pair.
#include <algorithm>
#include <numeric>

#include "cpu/run.h"
#include "ops/token/rewards.h"

namespace belfry::cpu {

namespace {

struct Grams {
  const int32_t* tokens;
  int64_t n;

  // Below 0, 0 or above 0, as the gram at `a` is less than, equal to or greater than that at `b`.
  int compare(int64_t a, const Grams& other, int64_t b) const {
    for (int64_t i = 0; i < n; ++i) {
      const int32_t x = tokens[a + i], y = other.tokens[b + i];
      if (x != y) return x < y ? -1 : 1;
    }
    return 0;
  }
  // Distinct grams in [begin, end), sorted, into `places`; returns how many.
  int64_t list(int64_t begin, int64_t end, int64_t* places) const {
    const int64_t count = end - begin >= n ? end - begin - n + 1 : 0;
    std::iota(places, places + count, begin);
    std::sort(places, places + count,
              [this](int64_t a, int64_t b) { return compare(a, *this, b) < 0; });
    return std::unique(places, places + count,
                       [this](int64_t a, int64_t b) { return compare(a, *this, b) == 0; }) -
           places;
  }
};

int64_t count_common(const Grams& a, const int64_t* a_places, int64_t a_count, const Grams& b,
                     const int64_t* b_places, int64_t b_count) {
  int64_t common = 0;
  for (int64_t i = 0, j = 0; i < a_count && j < b_count;) {
    const int order = a.compare(a_places[i], b, b_places[j]);
    common += order == 0;
    i += order <= 0;
    j += order >= 0;
  }
  return common;
}

template <class T>
Status ngram_jaccard(const NgramJaccard<T>& op, CpuContext& context) {
  const int64_t pairs = op.a_offsets.dims[0] - 1;
  if (pairs <= 0 || !op.similarity) return {};
  const Grams a{op.a_tokens.begin(), op.n}, b{op.b_tokens.begin(), op.n};
  int64_t* a_places = context.scratch<int64_t>(op.a_tokens.dims[0]);
  int64_t* b_places = context.scratch<int64_t>(op.b_tokens.dims[0]);
  const int64_t work = 16 * ((op.a_tokens.dims[0] + op.b_tokens.dims[0]) / pairs + 1);
  context.parallel(pairs, chunk_for(work), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t* a_list = a_places + op.a_offsets[i];
      int64_t* b_list = b_places + op.b_offsets[i];
      const int64_t in_a = a.list(op.a_offsets[i], op.a_offsets[i + 1], a_list);
      const int64_t in_b = b.list(op.b_offsets[i], op.b_offsets[i + 1], b_list);
      const int64_t common = count_common(a, a_list, in_a, b, b_list, in_b);
      const double both = static_cast<double>(in_a + in_b - common);
      op.similarity[i] = static_cast<T>(both > 0 ? static_cast<double>(common) / both : 0);
    }
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const NgramJaccard<float>& op, CpuContext& context) {
  return ngram_jaccard(op, context);
}
template <>
Status run(const NgramJaccard<double>& op, CpuContext& context) {
  return ngram_jaccard(op, context);
}

}  // namespace belfry::cpu
