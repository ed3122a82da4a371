// Which tokens the covariance kinds of policy_loss single out (2505.22617):
//
//   cov_t = (A_t − mean A)(log π_t − mean log π) over the n valid tokens;
//   kl_cov: the max(1, ⌊ratio·n⌋) largest;
//   clip_cov: of the tokens that are not clipped and whose cov lies in (lower, upper), as many of
//   smallest priority.
//
// Equal keys go to the lower index. All in float64.
#include <algorithm>
#include <cmath>

#include "cpu/token/policy_tokens.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kPiece = 1 << 16;

struct Means {
  double advantage = 0, log_prob = 0, count = 0;
};

// What is kept first has the larger key, or the lower index.
struct Candidate {
  double key;
  int64_t index;
  bool operator<(const Candidate& other) const {
    return key != other.key ? key > other.key : index < other.index;
  }
};

template <class T>
double advantage_of(const PolicyTokens<T>& call, int64_t i) {
  return static_cast<double>(call.advantages[call.advantage_per_row ? call.layout.row_of(i) : i]);
}

template <class T>
Means valid_means(const PolicyTokens<T>& call, int64_t total, CpuContext& context) {
  const int64_t pieces = (total + kPiece - 1) / kPiece;
  auto* parts = context.scratch<Means>(pieces);
  std::fill_n(parts, std::max<int64_t>(pieces, 1), Means{});
  context.parallel(total, kPiece, [&](int64_t begin, int64_t end, int64_t piece) {
    for (int64_t i = begin; i < end; ++i) {
      if (!call.mask(i)) continue;
      parts[piece].advantage += advantage_of(call, i);
      parts[piece].log_prob += static_cast<double>(call.log_probs[i]);
      parts[piece].count += 1;
    }
  });
  Means sum;
  for (int64_t i = 0; i < pieces; ++i) {
    sum.advantage += parts[i].advantage;
    sum.log_prob += parts[i].log_prob;
    sum.count += parts[i].count;
  }
  if (sum.count == 0) return sum;
  return {sum.advantage / sum.count, sum.log_prob / sum.count, sum.count};
}

template <class T>
bool is_clipped(const PolicyTokens<T>& call, int64_t i) {
  const T advantage = static_cast<T>(advantage_of(call, i));
  return math::surrogate(call.log_probs[i], call.old_log_probs[i], advantage, call.settings)
      .clipped;
}

// NaN comes last.
double ordered(double key) { return std::isnan(key) ? -HUGE_VAL : key; }

}  // namespace

template <class T>
bool select_tokens(const PolicyLossOptions& options, const PolicyTokens<T>& call, uint8_t* selected,
                   CpuContext& context) {
  const int64_t total = call.layout.total;
  std::fill_n(selected, total, uint8_t{0});
  const Means mean = valid_means(call, total, context);
  const bool clip = options.kind == PolicyLossKind::clip_cov;
  auto* candidates = context.scratch<Candidate>(total);
  int64_t count = 0;
  for (int64_t i = 0; i < total; ++i) {
    if (i % kPiece == 0 && context.stopped()) return false;
    if (!call.mask(i)) continue;
    const double cov = (advantage_of(call, i) - mean.advantage) *
                       (static_cast<double>(call.log_probs[i]) - mean.log_prob);
    if (!clip) {
      candidates[count++] = {ordered(cov), i};
    } else if (cov > options.cov_lower && cov < options.cov_upper && !is_clipped(call, i)) {
      candidates[count++] = {ordered(-static_cast<double>(call.priority[i])), i};
    }
  }
  const double share = clip ? options.cov_ratio : options.kl_cov_ratio;
  const int64_t wanted = std::max<int64_t>(1, static_cast<int64_t>(share * mean.count));
  const int64_t taken = std::min(wanted, count);
  if (taken < count) std::nth_element(candidates, candidates + taken, candidates + count);
  for (int64_t i = 0; i < taken; ++i) selected[candidates[i].index] = 1;
  return true;
}

template bool select_tokens(const PolicyLossOptions&, const PolicyTokens<float>&, uint8_t*,
                            CpuContext&);
template bool select_tokens(const PolicyLossOptions&, const PolicyTokens<double>&, uint8_t*,
                            CpuContext&);

}  // namespace belfry::cpu
