// Body of group_runs, once per instruction set: short groups of finite rewards, many at a time.
//
// Statistics are taken in float64 on d = r − shift while the runs are in L1, and map each d to
// A = (d − center) · scale. Sums are taken in one pass: d is 0 for one member, so that Σ d² is at
// most (count + 1) times the sum of squares about the mean and little is lost.
// A reward that is not finite is told by the sums, and sends its batch the slow way.
// Bytes per sample: read 8 (12 with lengths), write 4 for float.

namespace belfry::cpu::BELFRY_ISA {
namespace {

// Runs that go through each step together, so that the latency of one run's sums, square root and
// division is hidden behind the others.
constexpr int kWindow = 64;
constexpr int kRuns = kWindow + 16;

struct GroupIds {
  const int32_t* data;
  int64_t size;
};

struct Bounds {
  int64_t at[kRuns + 1];  // run i is [at[i], at[i + 1])
  bool rises = false, falls = false;
};

// Groups mostly have one size: finds how many runs of `size`, in whole blocks, begin at `first`.
BELFRY_INLINE int repeated_runs(const GroupIds& ids, int64_t first, int64_t end, int64_t size,
                                Bounds& bounds) {
  constexpr int kLanes = Vec<int32_t>::kLanes;
  if (size == 0 || size % kLanes != 0) return 0;
  const int64_t room = (end - first + size - 1) / size;
  const int count = static_cast<int>(room < kRuns ? room : kRuns) / kWide * kWide;
  if (first + count * size >= ids.size) return 0;
  Vec<int32_t> differs = zero<int32_t>();
  bool rises = false, falls = false, same = false;
  int64_t at = first;
  for (int run = 0; run < count; ++run) {
    const int32_t id = ids.data[at], next = ids.data[at + size];
    for (int64_t i = 0; i < size; i += kLanes) {
      differs = differs | (load(ids.data + at + i) ^ Vec<int32_t>(id));
    }
    rises |= id < next;
    falls |= next < id;
    same |= next == id;
    bounds.at[run] = at;
    at += size;
  }
  if (same || any(differs != zero<int32_t>())) return 0;
  bounds.at[count] = at;
  bounds.rises = bounds.rises || rises;
  bounds.falls = bounds.falls || falls;
  return count;
}

struct Steps {
  uint64_t up = 0, down = 0;  // bit i: ids[i] is above, below ids[i - 1]
};

BELFRY_INLINE Steps compare_window(const int32_t* ids) {
  constexpr int kLanes = Vec<int32_t>::kLanes;
  Steps steps;
  for (int i = 0; i < kWindow; i += kLanes) {
    const Vec<int32_t> id = load(ids + i), before = load(ids + i - 1);
    steps.up |= static_cast<uint64_t>(mask_bits(before < id)) << i;
    steps.down |= static_cast<uint64_t>(mask_bits(id < before)) << i;
  }
  return steps;
}

// Bounds of the runs that begin in [first, end), as many as there is room for; `first` begins one.
BELFRY_INLINE int any_runs(const GroupIds& ids, int64_t first, int64_t end, Bounds& bounds) {
  Steps seen;
  int count = 0;
  bounds.at[count++] = first;
  int64_t i = first + 1;
  for (; i + kWindow <= ids.size && bounds.at[count - 1] < end; i += kWindow) {
    if (count + kWindow > kRuns + 1) break;
    const Steps steps = compare_window(ids.data + i);
    seen = {seen.up | steps.up, seen.down | steps.down};
    for (uint64_t bits = steps.up | steps.down; bits != 0; bits &= bits - 1) {
      bounds.at[count++] = i + __builtin_ctzll(bits);
    }
  }
  if (i + kWindow > ids.size) {
    for (; i <= ids.size && bounds.at[count - 1] < end && count <= kRuns; ++i) {
      if (i < ids.size) {
        if (ids.data[i] == ids.data[i - 1]) continue;
        (ids.data[i] > ids.data[i - 1] ? seen.up : seen.down) = 1;
      }
      bounds.at[count++] = i;
    }
  }
  bounds.rises = bounds.rises || seen.up != 0;
  bounds.falls = bounds.falls || seen.down != 0;
  int runs = count - 1;
  while (runs > 0 && bounds.at[runs - 1] >= end) --runs;
  return runs;
}

// Adds what is left of two vectors after `low` and after `high` pick lanes from both.
#define BELFRY_FOLD(a, b, low, high)                                        \
  Vec<double>(__builtin_shufflevector((a).raw, (b).raw, BELFRY_LANES low) + \
              __builtin_shufflevector((a).raw, (b).raw, BELFRY_LANES high))
#define BELFRY_LANES(...) __VA_ARGS__

// Lane i of the result is the sum of the lanes of v[i], for one vector per lane. Pairs of vectors
// are folded into one until one is left: fewer shuffles than a sum for each.
BELFRY_INLINE Vec<double> sum_each(const Vec<double>* v) {
#if BELFRY_ISA_LEVEL == 2
  Vec<double> w[4];
  for (int i = 0; i < 4; ++i) {
    w[i] = BELFRY_FOLD(v[2 * i], v[2 * i + 1], (0, 8, 2, 10, 4, 12, 6, 14),
                       (1, 9, 3, 11, 5, 13, 7, 15));
  }
  for (int i = 0; i < 2; ++i) {
    w[i] = BELFRY_FOLD(w[2 * i], w[2 * i + 1], (0, 1, 8, 9, 4, 5, 12, 13),
                       (2, 3, 10, 11, 6, 7, 14, 15));
  }
  return BELFRY_FOLD(w[0], w[1], (0, 1, 2, 3, 8, 9, 10, 11), (4, 5, 6, 7, 12, 13, 14, 15));
#elif BELFRY_ISA_LEVEL == 1
  const Vec<double> low = BELFRY_FOLD(v[0], v[1], (0, 4, 2, 6), (1, 5, 3, 7));
  const Vec<double> high = BELFRY_FOLD(v[2], v[3], (0, 4, 2, 6), (1, 5, 3, 7));
  return BELFRY_FOLD(low, high, (0, 1, 4, 5), (2, 3, 6, 7));
#else
  return BELFRY_FOLD(v[0], v[1], (0, 2), (1, 3));
#endif
}
#undef BELFRY_FOLD
#undef BELFRY_LANES

template <class T>
struct Batch {
  Bounds bounds;
  int size;
  bool uniform;  // whole blocks of runs of one size, a multiple of the lanes
  double sum[kRuns], squares[kRuns], sizes[kRuns];
  double count[kRuns], shift[kRuns], mean[kRuns], variance[kRuns];
  double factor[kRuns], center[kRuns], scale[kRuns];
  double inverse_count[kRuns], inverse_freedom[kRuns];
  T line_shift[kRuns], line_center[kRuns], line_scale[kRuns];

  math::GroupStats stats(int i) const {
    // The square of a difference of doubles may underflow, that of floats does not.
    const double apart = sizeof(T) == 4 ? squares[i] : sizes[i];
    return {count[i], shift[i], mean[i], variance[i], apart, 0};
  }
};

// Longer runs take two passes.
constexpr int64_t kOnePass = 64;

template <class T>
int64_t longest_run(const Batch<T>& batch) {
  int64_t longest = 0;
  for (int i = 0; i < batch.size; ++i) {
    const int64_t size = batch.bounds.at[i + 1] - batch.bounds.at[i];
    longest = size > longest ? size : longest;
  }
  return longest;
}

// False when a reward is not finite.
template <bool kUniform, class T>
bool sum_batch(const T* rewards, Batch<T>& batch) {
  const int64_t first_size = batch.bounds.at[1] - batch.bounds.at[0];
  const T* next = rewards + batch.bounds.at[0];
  Vec<double> finite = zero<double>();
  for (int first = 0; first < batch.size; first += kWide) {
    Vec<double> sum[kWide], squares[kWide], sizes[kWide];
#pragma GCC unroll 8
    for (int i = 0; i < kWide; ++i) {
      int at = first + i;
      int64_t size = first_size;
      if constexpr (!kUniform) {
        // Past the last run the last one is summed again, and not looked at.
        at = at < batch.size ? at : batch.size - 1;
        next = rewards + batch.bounds.at[at];
        size = batch.bounds.at[at + 1] - batch.bounds.at[at];
      }
      batch.line_shift[at] = *next;
      shifted_sums<kUniform>(next, size, static_cast<double>(*next), sum[i], squares[i], sizes[i]);
      next += size;
    }
    const Vec<double> sums = sum_each(sum);
    finite += sums - sums;
    store(batch.sum + first, sums);
    store(batch.squares + first, sum_each(squares));
    if constexpr (sizeof(T) == 8) store(batch.sizes + first, sum_each(sizes));
  }
  return all(finite == zero<double>());
}

template <class T>
void count_members(double ddof, Batch<T>& batch) {
  const int size = batch.size;
  for (int i = 0; i < size; ++i) {
    batch.count[i] = static_cast<double>(batch.bounds.at[i + 1] - batch.bounds.at[i]);
  }
  if (batch.uniform) {
    const double inverse_count = 1 / batch.count[0];
    const double inverse_freedom = math::inverse_freedom(batch.count[0], ddof);
    for (int i = 0; i < size; ++i) batch.inverse_count[i] = inverse_count;
    for (int i = 0; i < size; ++i) batch.inverse_freedom[i] = inverse_freedom;
    return;
  }
  for (int i = 0; i < size; ++i) batch.inverse_count[i] = 1 / batch.count[i];
  for (int i = 0; i < size; ++i) {
    batch.inverse_freedom[i] = math::inverse_freedom(batch.count[i], ddof);
  }
}

// Loops without branches, each simple enough to be vectorised.
template <GroupEstimator kEstimator, class T>
void make_lines(const math::GroupRule<GroupEstimator>& call_rule, Batch<T>& batch) {
  auto rule = call_rule;
  rule.estimator = kEstimator;
  const int size = batch.size;
  count_members(rule.ddof, batch);
  for (int i = 0; i < size; ++i) {
    batch.shift[i] = static_cast<double>(batch.line_shift[i]);
    const double mean = batch.sum[i] * batch.inverse_count[i];
    const double m2 = batch.squares[i] - batch.sum[i] * mean;
    batch.mean[i] = mean;
    batch.variance[i] = (m2 > 0 ? m2 : 0) * batch.inverse_freedom[i];
  }
  for (int i = 0; i < size; ++i) batch.factor[i] = math::group_factor(rule, batch.stats(i));
  for (int i = 0; i < size; ++i) {
    const math::GroupStats stats = batch.stats(i);
    batch.center[i] = math::group_center(rule, stats);
    batch.scale[i] = math::group_spread(rule, stats) != 0 ? batch.factor[i] : 0;
  }
  for (int i = 0; i < size; ++i) {
    batch.line_center[i] = static_cast<T>(batch.center[i]);
    batch.line_scale[i] = static_cast<T>(batch.scale[i]);
  }
}

template <class T>
void make_lines(const math::GroupRule<GroupEstimator>& rule, Batch<T>& batch) {
  switch (rule.estimator) {
    case GroupEstimator::grpo: return make_lines<GroupEstimator::grpo>(rule, batch);
    case GroupEstimator::rloo: return make_lines<GroupEstimator::rloo>(rule, batch);
    case GroupEstimator::lite_ppo: return make_lines<GroupEstimator::lite_ppo>(rule, batch);
    case GroupEstimator::gpg: return make_lines<GroupEstimator::gpg>(rule, batch);
    default: return make_lines<GroupEstimator::dr_grpo>(rule, batch);
  }
}

template <bool kUniform, class T>
void write_lines(const GroupRuns<T>& runs, const Batch<T>& batch) {
  constexpr int kLanes = Vec<T>::kLanes;
  const T* rewards = runs.rewards + batch.bounds.at[0];
  T* advantages = runs.advantages + batch.bounds.at[0];
  const int64_t first_size = batch.bounds.at[1] - batch.bounds.at[0];
  for (int run = 0; run < batch.size; ++run) {
    const Vec<T> shift = batch.line_shift[run];
    const Vec<T> center = batch.line_center[run], scale = batch.line_scale[run];
    const int64_t size = kUniform ? first_size : batch.bounds.at[run + 1] - batch.bounds.at[run];
    int64_t i = 0;
    for (; i + kLanes <= size; i += kLanes) {
      store(advantages + i, (load(rewards + i) - shift - center) * scale);
    }
    const int rest = kUniform ? 0 : static_cast<int>(size - i);
    if (rest > 0) {
      store_n(advantages + i, (load_n(rewards + i, rest) - shift - center) * scale, rest);
    }
    rewards += size;
    advantages += size;
  }
}

template <bool kUniform, class T>
bool treat_together(const GroupRuns<T>& runs, Batch<T>& batch) {
  if (!sum_batch<kUniform>(runs.rewards, batch)) return false;
  make_lines(runs.rule, batch);
  write_lines<kUniform>(runs, batch);
  return true;
}

template <class T>
void treat_batch(const GroupRuns<T>& runs, bool plain, Batch<T>& batch, GroupReport& report) {
  if (plain && longest_run(batch) <= kOnePass) {
    if (batch.uniform ? treat_together<true>(runs, batch) : treat_together<false>(runs, batch)) {
      return;
    }
  }
  for (int i = 0; i < batch.size; ++i) {
    const int64_t first = batch.bounds.at[i];
    treat_run(Run<T>{runs.rewards + first, runs.lengths ? runs.lengths + first : nullptr,
                     runs.advantages ? runs.advantages + first : nullptr,
                     batch.bounds.at[i + 1] - first},
              runs.rule, report);
  }
}

}  // namespace

template <class T>
void group_runs_in(const GroupRuns<T>& runs, int64_t begin, int64_t end, GroupReport& report) {
  const GroupIds ids{runs.ids, runs.size};
  const bool plain = runs.advantages && !math::uses_lengths(runs.rule.estimator) &&
                     !math::takes_step(runs.rule.estimator);
  int64_t i = begin, guess = 0;
  while (i > 0 && i < end && ids.data[i] == ids.data[i - 1]) ++i;
  Batch<T> batch;
  while (i < end) {
    batch.size = repeated_runs(ids, i, end, guess, batch.bounds);
    batch.uniform = batch.size > 0;
    if (!batch.uniform) batch.size = any_runs(ids, i, end, batch.bounds);
    treat_batch(runs, plain, batch, report);
    i = batch.bounds.at[batch.size];
    guess = i - batch.bounds.at[batch.size - 1];
  }
  report.rises = report.rises || batch.bounds.rises;
  report.falls = report.falls || batch.bounds.falls;
}

template void group_runs_in(const GroupRuns<float>&, int64_t, int64_t, GroupReport&);
template void group_runs_in(const GroupRuns<double>&, int64_t, int64_t, GroupReport&);

}  // namespace belfry::cpu::BELFRY_ISA
