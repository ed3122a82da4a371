// Body of group_runs, once per instruction set: short groups of finite rewards, many at a time.
//
// Statistics are taken in float64 on d = r − shift while the runs are in L1, and map each d to
// A = (d − center) · scale. Sums are taken in one pass: d is 0 for one member, so that Σ d² is at
// most (count + 1) times the sum of squares about the mean and little is lost.
// A reward that is not finite is told by the sums, and sends its batch the slow way.
// Bytes per sample: read 8 (12 with lengths), write 4 for float.

namespace belfry::cpu::BELFRY_ISA {
namespace {

// Room for the bounds of runs, found ahead of the work on them.
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

// Groups mostly have one size and rising ids: finds how many such runs of `size`, in whole blocks,
// begin at `first`.
BELFRY_INLINE int repeated_runs(const GroupIds& ids, int64_t first, int64_t end, int64_t size,
                                Bounds& bounds) {
  constexpr int kLanes = Vec<int32_t>::kLanes;
  if (size == 0 || size % kLanes != 0) return 0;
  const int64_t room = (end - first + size - 1) / size;
  const int count = static_cast<int>(room < kRuns ? room : kRuns) / kWide * kWide;
  if (count == 0 || first + count * size >= ids.size) return 0;
  Vec<int32_t> differs = zero<int32_t>();
  bool rises = true;
  const int32_t* run = ids.data + first;
  for (int i = 0; i < count; ++i) {
    for (int64_t j = 0; j < size; j += kLanes) {
      differs = differs | (load(run + j) ^ Vec<int32_t>(*run));
    }
    rises &= run[0] < run[size];
    bounds.at[i] = first + i * size;
    run += size;
  }
  bounds.at[count] = first + count * size;
  if (!rises || any(differs != zero<int32_t>())) return 0;
  bounds.rises = true;
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

// One run per lane.
template <class T>
struct Block {
  double sum[kWide], squares[kWide], sizes[kWide];
  double count[kWide], inverse_count[kWide], inverse_freedom[kWide];
  double shift[kWide], mean[kWide], variance[kWide];
  double factor[kWide], center[kWide], scale[kWide];
  T line_center[kWide], line_scale[kWide];
  bool finite;

  math::GroupStats stats(int i) const {
    // The square of a difference of doubles may underflow, that of floats does not.
    const double apart = sizeof(T) == 4 ? squares[i] : sizes[i];
    return {count[i], shift[i], mean[i], variance[i], apart, 0};
  }
};

// Longer runs take two passes.
constexpr int64_t kOnePass = 64;

// Past `runs` the last run is summed again, and not looked at.
template <bool kUniform, class T>
BELFRY_INLINE void sum_block(const T* rewards, const int64_t* at, int runs, Block<T>& block) {
  Vec<double> sum[kWide], squares[kWide], sizes[kWide];
  const int64_t first_size = at[1] - at[0];
  const T* next = rewards + at[0];
#pragma GCC unroll 8
  for (int i = 0; i < kWide; ++i) {
    int64_t size = first_size;
    if constexpr (!kUniform) {
      const int run = i < runs ? i : runs - 1;
      next = rewards + at[run];
      size = at[run + 1] - at[run];
      block.count[i] = static_cast<double>(size);
    }
    const double shift = static_cast<double>(*next);
    block.shift[i] = shift;
    shifted_sums<kUniform>(next, size, shift, sum[i], squares[i], sizes[i]);
    next += size;
  }
  const Vec<double> sums = sum_each(sum);
  store(block.sum, sums);
  store(block.squares, sum_each(squares));
  if constexpr (sizeof(T) == 8) store(block.sizes, sum_each(sizes));
  block.finite = all(sums - sums == zero<double>());
}

// Loops without branches, each simple enough to be vectorised; unrolled first they would not be.
template <GroupEstimator kEstimator, class T>
BELFRY_INLINE void make_lines(const math::GroupRule<GroupEstimator>& call_rule, Block<T>& block) {
  auto rule = call_rule;
  rule.estimator = kEstimator;
#pragma GCC unroll 1
  for (int i = 0; i < kWide; ++i) {
    const double mean = block.sum[i] * block.inverse_count[i];
    const double m2 = block.squares[i] - block.sum[i] * mean;
    block.mean[i] = mean;
    block.variance[i] = (m2 > 0 ? m2 : 0) * block.inverse_freedom[i];
  }
#pragma GCC unroll 1
  for (int i = 0; i < kWide; ++i) block.factor[i] = math::group_factor(rule, block.stats(i));
#pragma GCC unroll 1
  for (int i = 0; i < kWide; ++i) {
    const math::GroupStats stats = block.stats(i);
    block.center[i] = math::group_center(rule, stats);
    block.scale[i] = math::group_spread(rule, stats) != 0 ? block.factor[i] : 0;
  }
#pragma GCC unroll 1
  for (int i = 0; i < kWide; ++i) {
    block.line_center[i] = static_cast<T>(block.center[i]);
    block.line_scale[i] = static_cast<T>(block.scale[i]);
  }
}

template <bool kUniform, class T>
BELFRY_INLINE void write_lines(const GroupRuns<T>& runs, const int64_t* at, int count,
                               const Block<T>& block) {
  constexpr int kLanes = Vec<T>::kLanes;
  const T* rewards = runs.rewards + at[0];
  T* advantages = runs.advantages + at[0];
  const int64_t first_size = at[1] - at[0];
  for (int run = 0; run < count; ++run) {
    const Vec<T> shift = *rewards;
    const Vec<T> center = block.line_center[run], scale = block.line_scale[run];
    const int64_t size = kUniform ? first_size : at[run + 1] - at[run];
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

template <class T>
void treat_alone(const GroupRuns<T>& runs, const int64_t* at, int count, GroupReport& report) {
  for (int i = 0; i < count; ++i) {
    treat_run(Run<T>{runs.rewards + at[i], runs.lengths ? runs.lengths + at[i] : nullptr,
                     runs.advantages ? runs.advantages + at[i] : nullptr, at[i + 1] - at[i]},
              runs.rule, report);
  }
}

BELFRY_INLINE bool all_short(const int64_t* at, int count) {
  bool is_short = true;
  for (int i = 0; i < count; ++i) is_short &= at[i + 1] - at[i] <= kOnePass;
  return is_short;
}

template <bool kUniform, class T>
BELFRY_INLINE void measure_block(const GroupRuns<T>& runs, const int64_t* at, int count,
                                 Block<T>& block) {
  block.finite = false;
  if (!kUniform && !all_short(at, count)) return;
  sum_block<kUniform>(runs.rewards, at, count, block);
  const double ddof = runs.rule.ddof;
  if constexpr (kUniform) {
    const double size = static_cast<double>(at[1] - at[0]);
    const double inverse_freedom = math::inverse_freedom(size, ddof);
    for (int i = 0; i < kWide; ++i) {
      block.count[i] = size;
      block.inverse_count[i] = 1 / size;
      block.inverse_freedom[i] = inverse_freedom;
    }
  } else {
#pragma GCC unroll 1
    for (int i = 0; i < kWide; ++i) block.inverse_count[i] = 1 / block.count[i];
#pragma GCC unroll 1
    for (int i = 0; i < kWide; ++i) {
      block.inverse_freedom[i] = math::inverse_freedom(block.count[i], ddof);
    }
  }
}

// While the square roots and divisions of one block of runs are under way, the next is summed and
// the one before is written. `kUniform`: whole blocks of runs of one size, a multiple of the lanes.
template <bool kUniform, GroupEstimator kEstimator, class T>
void treat_together(const GroupRuns<T>& runs, const Bounds& bounds, int count,
                    GroupReport& report) {
  Block<T> block[kRuns / kWide];
  const int blocks = (count + kWide - 1) / kWide;
  for (int step = 0; step < blocks + 2; ++step) {
    const int left = count - step * kWide;
    if (left > 0) {
      const int here = kUniform || left > kWide ? kWide : left;
      measure_block<kUniform>(runs, bounds.at + step * kWide, here, block[step]);
    }
    if (step >= 1 && step <= blocks && block[step - 1].finite) {
      make_lines<kEstimator>(runs.rule, block[step - 1]);
    }
    if (step < 2) continue;
    const int64_t* at = bounds.at + (step - 2) * kWide;
    const int done = left + 2 * kWide < kWide ? left + 2 * kWide : kWide;
    if (block[step - 2].finite) {
      write_lines<kUniform>(runs, at, done, block[step - 2]);
    } else {
      treat_alone(runs, at, done, report);
    }
  }
}

template <GroupEstimator kEstimator, class T>
void treat_plain(const GroupRuns<T>& runs, int64_t begin, int64_t end, Bounds& bounds,
                 GroupReport& report) {
  const GroupIds ids{runs.ids, runs.size};
  int64_t guess = 0;
  while (begin < end) {
    int count = guess <= kOnePass ? repeated_runs(ids, begin, end, guess, bounds) : 0;
    if (count > 0) {
      treat_together<true, kEstimator>(runs, bounds, count, report);
    } else {
      count = any_runs(ids, begin, end, bounds);
      treat_together<false, kEstimator>(runs, bounds, count, report);
    }
    begin = bounds.at[count];
    guess = begin - bounds.at[count - 1];
  }
}

template <class T>
void treat_special(const GroupRuns<T>& runs, int64_t begin, int64_t end, Bounds& bounds,
                   GroupReport& report) {
  const GroupIds ids{runs.ids, runs.size};
  while (begin < end) {
    const int count = any_runs(ids, begin, end, bounds);
    treat_alone(runs, bounds.at, count, report);
    begin = bounds.at[count];
  }
}

}  // namespace

template <class T>
void group_runs_in(const GroupRuns<T>& runs, int64_t begin, int64_t end, GroupReport& report) {
  using E = GroupEstimator;
  while (begin > 0 && begin < end && runs.ids[begin] == runs.ids[begin - 1]) ++begin;
  Bounds bounds;
  switch (runs.advantages ? runs.rule.estimator : E::reinforce_pp_baseline) {
    case E::grpo: treat_plain<E::grpo>(runs, begin, end, bounds, report); break;
    case E::dr_grpo: treat_plain<E::dr_grpo>(runs, begin, end, bounds, report); break;
    case E::rloo: treat_plain<E::rloo>(runs, begin, end, bounds, report); break;
    case E::lite_ppo:
    case E::gpg: treat_plain<E::gpg>(runs, begin, end, bounds, report); break;
    default: treat_special(runs, begin, end, bounds, report); break;
  }
  report.rises = report.rises || bounds.rises;
  report.falls = report.falls || bounds.falls;
}

template void group_runs_in(const GroupRuns<float>&, int64_t, int64_t, GroupReport&);
template void group_runs_in(const GroupRuns<double>&, int64_t, int64_t, GroupReport&);

}  // namespace belfry::cpu::BELFRY_ISA
