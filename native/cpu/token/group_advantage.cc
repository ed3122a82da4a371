// group_advantage: the outcome reward of each sample against those of its group.
//
// Every run of equal ids is first taken for a group, in one pass over threads. When the ids of the
// runs rose or fell all the way, or a hash of them finds no id twice, that was right and the work
// is done. Otherwise samples are brought together by group, in the order of the batch, treated in
// the same way, and the advantages put back. Sums never depend on the thread count: a run is summed
// by one thread, the batch statistics are merged in the order of the chunks.
#include <algorithm>
#include <cmath>

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

// Numbers the distinct ids in the order in which they first appear; open addressing.
class IdTable {
 public:
  IdTable(int64_t capacity, CpuContext& context) {
    while (size_ < 2 * capacity) size_ *= 2;
    slots_ = context.scratch<Slot>(size_);
    std::fill_n(slots_, size_, Slot{});
  }
  int64_t number(int32_t id) {
    uint64_t at = (static_cast<uint32_t>(id) * 0x9E3779B97F4A7C15ull) >> 20;
    for (;; ++at) {
      Slot& slot = slots_[at & static_cast<uint64_t>(size_ - 1)];
      if (slot.number < 0) slot = {id, static_cast<int32_t>(count_++)};
      if (slot.id == id) return slot.number;
    }
  }
  int64_t count() const { return count_; }

 private:
  struct Slot {
    int32_t id = 0, number = -1;
  };
  Slot* slots_ = nullptr;
  int64_t size_ = 16, count_ = 0;
};

// The samples by group; null when every run is a group already.
const int64_t* grouped_order(const int32_t* ids, int64_t size, CpuContext& context) {
  int64_t num_runs = 0;
  for (int64_t i = 0; i < size; ++i) num_runs += i == 0 || ids[i] != ids[i - 1];
  IdTable table(num_runs, context);
  int64_t* group_of = context.scratch<int64_t>(size);
  for (int64_t i = 0; i < size; ++i) {
    group_of[i] = i > 0 && ids[i] == ids[i - 1] ? group_of[i - 1] : table.number(ids[i]);
  }
  if (table.count() == num_runs) return nullptr;
  int64_t* starts = context.scratch<int64_t>(table.count() + 1);
  std::fill_n(starts, table.count() + 1, int64_t{0});
  for (int64_t i = 0; i < size; ++i) ++starts[group_of[i] + 1];
  for (int64_t g = 0; g < table.count(); ++g) starts[g + 1] += starts[g];
  int64_t* order = context.scratch<int64_t>(size);
  for (int64_t i = 0; i < size; ++i) order[starts[group_of[i]]++] = i;
  return order;
}

template <class T>
const T* reordered(const T* values, const int64_t* order, int64_t size, CpuContext& context) {
  if (!values) return nullptr;
  T* result = context.scratch<T>(size);
  context.parallel(size, kChunk, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) result[i] = values[order[i]];
  });
  return result;
}

template <class T>
GroupRuns<T> reordered(const GroupRuns<T>& runs, const int64_t* order, CpuContext& context) {
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
  const int64_t* order = nullptr;
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
