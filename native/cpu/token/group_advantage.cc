// group_advantage: the outcome reward of each sample against those of its group.
//
// Every run of equal ids is first taken for a group, in one pass over threads. When the ids of the
// runs rose or fell all the way, or a hash of them finds no id twice, that was right and the work
// is done. Otherwise samples are brought together by group, in the order of the batch, treated in
// the same way, and the advantages put back. Sums never depend on the thread count: a run is summed
// by one thread, the batch statistics are merged in the order of the chunks.
#include <algorithm>
#include <cmath>
#include <limits>

#include "cpu/run.h"
#include "cpu/token/group_advantage_runs.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kChunk = 32768;

int64_t num_chunks(int64_t size) { return (size + kChunk - 1) / kChunk; }

template <class T>
GroupReport all_runs(const GroupRuns<T>& runs, CpuContext& context) {
  GroupReport* reports = context.scratch<GroupReport>(num_chunks(runs.size));
  std::fill_n(reports, num_chunks(runs.size), GroupReport{});
  context.parallel(runs.size, kChunk, [&](int64_t begin, int64_t end, int64_t chunk) {
    group_runs(runs, begin, end, reports[chunk]);
  });
  GroupReport total;
  for (int64_t i = 0; i < num_chunks(runs.size); ++i) {
    total.centred = math::merge(total.centred, reports[i].centred);
    total.rises = total.rises || reports[i].rises;
    total.falls = total.falls || reports[i].falls;
  }
  return total;
}

// Samples by group, as small numbers from 0 in place of the ids.
struct Numbers {
  int32_t* of_sample;
  int64_t limit;  // all are below
};

// Ids within a range not much larger than the batch number the groups themselves.
bool number_by_range(const int32_t* ids, int64_t size, Numbers& numbers) {
  const auto [low, high] = std::minmax_element(ids, ids + size);
  const int64_t first = *low, range = *high - first + 1;
  if (range > std::min<int64_t>(4 * size, std::numeric_limits<int32_t>::max())) return false;
  for (int64_t i = 0; i < size; ++i) numbers.of_sample[i] = static_cast<int32_t>(ids[i] - first);
  numbers.limit = range;
  return true;
}

// Others are numbered in the order in which they first appear, by a hash table without chains.
void number_by_hash(const int32_t* ids, int64_t size, int64_t num_runs, Numbers& numbers,
                    CpuContext& context) {
  struct Slot {
    int32_t id, number;
  };
  uint64_t slots = 16;
  while (slots < 2 * static_cast<uint64_t>(num_runs)) slots *= 2;
  Slot* table = context.scratch<Slot>(static_cast<int64_t>(slots));
  std::fill_n(table, slots, Slot{0, -1});
  int32_t count = 0;
  for (int64_t i = 0; i < size; ++i) {
    if (i > 0 && ids[i] == ids[i - 1]) {
      numbers.of_sample[i] = numbers.of_sample[i - 1];
      continue;
    }
    uint64_t at = (static_cast<uint32_t>(ids[i]) * 0x9E3779B97F4A7C15u) >> 20;
    while (table[at & (slots - 1)].number >= 0 && table[at & (slots - 1)].id != ids[i]) ++at;
    Slot& slot = table[at & (slots - 1)];
    if (slot.number < 0) slot = {ids[i], count++};
    numbers.of_sample[i] = slot.number;
  }
  numbers.limit = count;
}

// The samples by group, each group in the order of the batch; null when every run is a group
// already.
const int32_t* grouped_order(const int32_t* ids, int64_t size, CpuContext& context) {
  int64_t num_runs = 0;
  for (int64_t i = 0; i < size; ++i) num_runs += i == 0 || ids[i] != ids[i - 1];
  Numbers numbers{context.scratch<int32_t>(size), 0};
  if (!number_by_range(ids, size, numbers)) number_by_hash(ids, size, num_runs, numbers, context);
  int32_t* starts = context.scratch<int32_t>(numbers.limit + 1);
  std::fill_n(starts, numbers.limit + 1, 0);
  for (int64_t i = 0; i < size; ++i) ++starts[numbers.of_sample[i] + 1];
  if (std::count(starts, starts + numbers.limit + 1, 0) == numbers.limit + 1 - num_runs) {
    return nullptr;
  }
  for (int64_t g = 0; g < numbers.limit; ++g) starts[g + 1] += starts[g];
  int32_t* order = context.scratch<int32_t>(size);
  for (int64_t i = 0; i < size; ++i) {
    order[starts[numbers.of_sample[i]]++] = static_cast<int32_t>(i);
  }
  return order;
}

template <class T>
const T* reordered(const T* values, const int32_t* order, int64_t size, CpuContext& context) {
  if (!values) return nullptr;
  T* result = context.scratch<T>(size);
  context.parallel(size, kChunk, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) result[i] = values[order[i]];
  });
  return result;
}

template <class T>
GroupRuns<T> reordered(const GroupRuns<T>& runs, const int32_t* order, CpuContext& context) {
  GroupRuns<T> sorted = runs;
  sorted.rewards = reordered(runs.rewards, order, runs.size, context);
  sorted.ids = reordered(runs.ids, order, runs.size, context);
  sorted.lengths = reordered(runs.lengths, order, runs.size, context);
  if (runs.advantages) sorted.advantages = context.scratch<T>(runs.size);
  return sorted;
}

struct RewardFacts {
  math::Moments moments;
  double nonzero = 0;
};

// Statistics of the whole batch over its scorable rewards.
template <class T>
RewardFacts reward_facts(const GroupRuns<T>& runs, CpuContext& context) {
  RewardFacts* parts = context.scratch<RewardFacts>(num_chunks(runs.size));
  std::fill_n(parts, num_chunks(runs.size), RewardFacts{});
  context.parallel(runs.size, kChunk, [&](int64_t begin, int64_t end, int64_t chunk) {
    double shift = 0, count = 0, sum = 0, squares = 0, nonzero = 0;
    for (int64_t i = begin; i < end; ++i) {
      const double r = static_cast<double>(runs.rewards[i]);
      if (!std::isfinite(r)) continue;
      if (count == 0) shift = r;
      count += 1;
      sum += r - shift;
      nonzero += r != 0;
    }
    const double mean = count > 0 ? sum / count : 0;
    for (int64_t i = begin; i < end; ++i) {
      const double r = static_cast<double>(runs.rewards[i]);
      if (std::isfinite(r)) squares += (r - shift - mean) * (r - shift - mean);
    }
    parts[chunk] = {{count, shift + mean, squares}, nonzero};
  });
  RewardFacts total;
  for (int64_t i = 0; i < num_chunks(runs.size); ++i) {
    total.moments = math::merge(total.moments, parts[i].moments);
    total.nonzero += parts[i].nonzero;
  }
  return total;
}

template <class T>
void set_batch_scale(GroupRuns<T>& runs, CpuContext& context) {
  auto& rule = runs.rule;
  if (rule.estimator != GroupEstimator::gpg && rule.estimator != GroupEstimator::lite_ppo) return;
  const RewardFacts facts = reward_facts(runs, context);
  const math::Moments& m = facts.moments;
  const double variance = m.m2 * math::inverse_freedom(m.weight, rule.ddof);
  rule.batch_scale = rule.estimator == GroupEstimator::gpg
                         ? m.weight / std::max(1.0, facts.nonzero)
                         : math::inverse_spread(m.weight, variance, rule.eps);
}

// First negative length, or -1.
int64_t negative_length(const int32_t* lengths, int64_t size) {
  int32_t smallest = 0;
  for (int64_t i = 0; i < size; ++i) smallest = std::min(smallest, lengths[i]);
  if (smallest == 0) return -1;
  return std::find_if(lengths, lengths + size, [](int32_t l) { return l < 0; }) - lengths;
}

template <class T>
GroupRuns<T> runs_of(const GroupAdvantage<T>& op) {
  GroupRuns<T> runs;
  runs.rewards = op.rewards.begin();
  runs.ids = op.group_ids.begin();
  if (op.lengths && math::uses_lengths(op.estimator)) runs.lengths = op.lengths.begin();
  runs.advantages = op.advantages.begin();
  runs.size = op.rewards.dims[0];
  runs.rule = math::group_rule(op);
  return runs;
}

template <class T>
Status group_advantage(const GroupAdvantage<T>& op, CpuContext& context) {
  GroupRuns<T> runs = runs_of(op);
  if (runs.size == 0 || !op.advantages) return {};
  if (runs.size > std::numeric_limits<int32_t>::max()) {
    return Status::error(Code::bad_shape, "rewards", "has %lld elements, expected below 2^31",
                         static_cast<long long>(runs.size));
  }
  if (runs.lengths) {
    const int64_t row = negative_length(runs.lengths, runs.size);
    if (row >= 0) {
      return Status::error(Code::bad_value, "lengths", "lengths[%lld] is %d, expected at least 0",
                           static_cast<long long>(row), runs.lengths[row]);
    }
  }
  set_batch_scale(runs, context);

  const bool whitens = op.estimator == GroupEstimator::reinforce_pp_baseline;
  if (whitens) runs.advantages = nullptr;
  GroupReport report = all_runs(runs, context);
  const int32_t* order = nullptr;
  if (report.rises && report.falls) order = grouped_order(runs.ids, runs.size, context);
  if (order) {
    runs = reordered(runs, order, context);
    report = all_runs(runs, context);
  }
  if (whitens) {
    math::set_whitening(runs.rule, report.centred);
    runs.advantages = order ? context.scratch<T>(runs.size) : op.advantages.begin();
    all_runs(runs, context);
  }
  if (order) {
    context.parallel(runs.size, kChunk, [&](int64_t begin, int64_t end, int64_t) {
      for (int64_t i = begin; i < end; ++i) op.advantages[order[i]] = runs.advantages[i];
    });
  }
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const GroupAdvantage<float>& op, CpuContext& context) {
  return group_advantage(op, context);
}
template <>
Status run(const GroupAdvantage<double>& op, CpuContext& context) {
  return group_advantage(op, context);
}

}  // namespace belfry::cpu
