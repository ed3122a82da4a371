// perceptual_reward: cutting a demonstration into steps, choosing features and rewarding frames by
// them, combining the rewards of the steps.
//
// split: cost(a, b) = mean over features of the standard deviation of frames a … b−1, by a running
// mean from every start (T² d / 2 updates, T² numbers kept); then the best way to cut what is left
// into j steps, from the back, so that of equal cuts the first in lexicographic order is kept.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "cpu/bellman/model.h"
#include "cpu/run.h"
#include "ops/bellman/diversity.h"

namespace belfry::cpu {

namespace {

template <class T>
class Splitter {
 public:
  Splitter(const PerceptualSplitSteps<T>& op, CpuContext& context)
      : op_(op), context_(context), length_(op.features.dims[0]) {}

  Status run() {
    if (op_.num_steps > length_ / op_.min_size) {
      return Status::error(Code::bad_value, "features",
                           "has %lld frames, too few for %lld steps of at least %lld",
                           static_cast<long long>(length_), static_cast<long long>(op_.num_steps),
                           static_cast<long long>(op_.min_size));
    }
    costs_ = context_.scratch<double>(length_ * (length_ + 1));
    for (int64_t start = 0; start < length_; ++start) {
      if (context_.stopped()) return aborted();
      measure_from(start);
    }
    best_ = context_.scratch<double>(op_.num_steps * (length_ + 1));
    for (int64_t start = 0; start < length_; ++start) best(1, start) = cost(start, length_);
    for (int64_t steps = 2; steps <= op_.num_steps; ++steps) {
      if (context_.stopped()) return aborted();
      for (int64_t start = 0; start < length_; ++start) {
        best(steps, start) = best_cut(steps, start).total;
      }
    }
    write();
    return {};
  }

 private:
  struct Cut {
    int64_t end = -1;
    double total = math::kInfinity<double>;
  };

  double& cost(int64_t start, int64_t end) { return costs_[start * (length_ + 1) + end]; }
  double& best(int64_t steps, int64_t start) { return best_[(steps - 1) * (length_ + 1) + start]; }

  void measure_from(int64_t start) {
    const int64_t dim = op_.features.dims[1];
    std::vector<double> means(static_cast<size_t>(dim), 0.0), squares(means);
    for (int64_t t = start; t < length_; ++t) {
      const auto count = static_cast<double>(t - start + 1);
      double sum = 0;
      for (int64_t j = 0; j < dim; ++j) {
        double& mean = means[static_cast<size_t>(j)];
        double& square = squares[static_cast<size_t>(j)];
        const double x = static_cast<double>(op_.features[t * dim + j]);
        const double apart = x - mean;
        mean += apart / count;
        square += apart * (x - mean);
        sum += std::sqrt(square / count);
      }
      const bool long_enough = t - start + 1 >= op_.min_size;
      const double mean_deviation = dim > 0 ? sum / static_cast<double>(dim) : 0;
      cost(start, t + 1) = long_enough ? mean_deviation : math::kInfinity<double>;
    }
  }

  // The first step of the best `steps` steps from `start` on.
  Cut best_cut(int64_t steps, int64_t start) {
    Cut cut;
    const int64_t last = length_ - (steps - 1) * op_.min_size;
    for (int64_t end = start + op_.min_size; end <= last; ++end) {
      const double total = cost(start, end) + best(steps - 1, end);
      if (cut.end < 0 || total < cut.total) cut = {end, total};
    }
    return cut;
  }

  void write() {
    const int64_t cuts = op_.num_steps - 1;
    if (op_.average_std) {
      op_.average_std[0] =
          static_cast<T>(best(op_.num_steps, 0) / static_cast<double>(op_.num_steps));
    }
    if (!op_.boundaries) return;
    int64_t start = 0;
    for (int64_t k = 0; k < cuts; ++k) {
      start = best_cut(op_.num_steps - k, start).end;
      op_.boundaries[k] = static_cast<int32_t>(start);
    }
    op_.boundaries.set_rows(cuts);
  }

  const PerceptualSplitSteps<T>& op_;
  CpuContext& context_;
  const int64_t length_;
  double *costs_ = nullptr, *best_ = nullptr;
};

template <class T>
Status split_steps(const PerceptualSplitSteps<T>& op, CpuContext& context) {
  return Splitter<T>(op, context).run();
}

struct Spread {
  double mean = 0, deviation = 0;
};

// Of one column; NaN without rows.
template <class T>
Spread spread_of(const In<T, 2>& rows, int64_t column) {
  const int64_t count = rows.dims[0], dim = rows.dims[1];
  double sum = 0, square = 0;
  for (int64_t i = 0; i < count; ++i) sum += static_cast<double>(rows[i * dim + column]);
  const double mean = sum / static_cast<double>(count);
  for (int64_t i = 0; i < count; ++i) {
    const double apart = static_cast<double>(rows[i * dim + column]) - mean;
    square += apart * apart;
  }
  return {mean, std::sqrt(square / static_cast<double>(count))};
}

template <class T>
double quadratic_reward(const T* frame, const std::vector<Spread>& spreads,
                        const std::vector<int64_t>& selected) {
  double sum = 0;
  for (const int64_t j : selected) {
    const Spread& spread = spreads[static_cast<size_t>(j)];
    const double divisor = spread.deviation < 1e-8 ? 1e-8 : spread.deviation;
    const double scaled = (static_cast<double>(frame[j]) - spread.mean) / divisor;
    sum += scaled * scaled;
  }
  return selected.empty() ? 0 : -sum / static_cast<double>(selected.size());
}

template <class T>
Status select_reward(const PerceptualSelectReward<T>& op, CpuContext&) {
  const int64_t dim = op.positive.dims[1];
  std::vector<Spread> spreads;
  std::vector<double> scores;
  for (int64_t j = 0; j < dim; ++j) {
    const Spread yes = spread_of(op.positive, j), no = spread_of(op.negative, j);
    spreads.push_back(yes);
    scores.push_back(op.alpha * std::fabs(yes.mean - no.mean) - (yes.deviation + no.deviation));
    if (op.z_score) op.z_score[j] = static_cast<T>(scores.back());
  }
  std::vector<int64_t> selected(static_cast<size_t>(dim));
  std::iota(selected.begin(), selected.end(), int64_t{0});
  std::stable_sort(selected.begin(), selected.end(), [&](int64_t a, int64_t b) {
    const double x = scores[static_cast<size_t>(a)], y = scores[static_cast<size_t>(b)];
    return x > y || (x == x && y != y);  // NaN last
  });
  selected.resize(static_cast<size_t>(std::min(dim, op.num_features)));
  if (op.selected) {
    std::transform(selected.begin(), selected.end(), op.selected.begin(),
                   [](int64_t j) { return static_cast<int32_t>(j); });
    op.selected.set_rows(static_cast<int64_t>(selected.size()));
  }
  for (int64_t i = 0; op.step_reward && i < op.query.dims[0]; ++i) {
    op.step_reward[i] =
        static_cast<T>(quadratic_reward(op.query.begin() + i * dim, spreads, selected));
  }
  return {};
}

template <class T>
Status combine_steps(const PerceptualCombineSteps<T>& op, CpuContext&) {
  if (!op.total) return {};
  const int64_t steps = op.step_reward.dims[1];
  for (int64_t i = 0; i < op.step_reward.dims[0]; ++i) {
    double sum = 0;
    for (int64_t k = 1; k < steps; ++k) {
      sum += std::ldexp(static_cast<double>(op.step_reward[i * steps + k]), static_cast<int>(k));
    }
    op.total[i] = static_cast<T>(sum);
  }
  return {};
}

}  // namespace

template <>
Status run(const PerceptualSplitSteps<float>& op, CpuContext& context) {
  return split_steps(op, context);
}
template <>
Status run(const PerceptualSplitSteps<double>& op, CpuContext& context) {
  return split_steps(op, context);
}

template <>
Status run(const PerceptualSelectReward<float>& op, CpuContext& context) {
  return select_reward(op, context);
}
template <>
Status run(const PerceptualSelectReward<double>& op, CpuContext& context) {
  return select_reward(op, context);
}

template <>
Status run(const PerceptualCombineSteps<float>& op, CpuContext& context) {
  return combine_steps(op, context);
}
template <>
Status run(const PerceptualCombineSteps<double>& op, CpuContext& context) {
  return combine_steps(op, context);
}

}  // namespace belfry::cpu
