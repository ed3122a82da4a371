// A policy whose action has several parts: log-probability, entropy and their gradients, head by
// head. A masked choice is never read.
#pragma once

#include <cmath>

#include "belfry/status.h"
#include "math/bellman.h"
#include "math/flags.h"
#include "math/lanes.h"
#include "math/softmax.h"
#include "ops/bellman/losses.h"

namespace belfry::math {

struct JoinLogSumExp {
  BELFRY_HD LogSumExp<double> operator()(LogSumExp<double> a, LogSumExp<double> b) const {
    return combine(a, b, 1.0);
  }
};

template <class T>
struct FactoredRows {
  const T* logits;
  FlagReader available, head_used;
  const int32_t* actions;
  const int64_t* first;  // of each head's logits, and their number at the end
  int64_t num_heads, masked_head, width;
  T *log_probs, *entropies, *grad_log_probs, *grad_entropies;

  struct Head {
    int64_t at = 0;  // of its first logit
    int64_t size = 0;
    int64_t flags_at = -1;  // of its first availability flag; −1: not masked
    int64_t action = 0;
    LogSumExp<double> sums;
    double log_sum = 0, entropy = 0;
  };

  BELFRY_HD bool allowed(const Head& head, int64_t v) const {
    return head.flags_at < 0 || available(head.flags_at + v);
  }
  BELFRY_HD double logit(const Head& head, int64_t v) const {
    return static_cast<double>(logits[head.at + v]);
  }

  template <class Lanes>
  BELFRY_HD Head read_head(int64_t row, int64_t h, const Lanes& lanes) const {
    using std::log;
    Head head;
    head.size = first[h + 1] - first[h];
    head.at = row * width + first[h];
    if (h == masked_head && available.given()) head.flags_at = row * head.size;
    head.action = actions[row * num_heads + h];
    LogSumExp<double> part;
    for (int64_t v = lanes.first(); v < head.size; v += lanes.step()) {
      if (!allowed(head, v)) continue;
      const double x = logit(head, v);
      if (x != kNegativeInfinity<double>) part = combine(part, {x, 1, 0, 1}, 1.0);
    }
    head.sums = lanes.combine(part, JoinLogSumExp{});
    head.log_sum = log(head.sums.sum);
    head.entropy = head.sums.empty() ? kNaN<double> : entropy(head.sums, 1.0);
    return head;
  }

  BELFRY_HD double log_probability_of(const Head& head) const {
    const bool exists = head.action >= 0 && head.action < head.size;
    if (!exists || head.sums.empty()) return kNaN<double>;
    if (!allowed(head, head.action)) return kNegativeInfinity<double>;
    return log_probability(head.sums, logit(head, head.action), 1.0);
  }

  BELFRY_HD void write_gradients(const Head& head, int64_t v, bool counts) const {
    using std::exp;
    using std::expm1;
    double of_log_prob = 0, of_entropy = 0;
    if (counts && allowed(head, v)) {
      const double log_p = logit(head, v) - head.sums.max - head.log_sum;
      const double p = exp(log_p);
      of_log_prob = v == head.action ? -expm1(log_p) : -p;
      of_entropy = p == 0 ? 0 : -p * (log_p + head.entropy);
    }
    if (grad_log_probs) grad_log_probs[head.at + v] = static_cast<T>(of_log_prob);
    if (grad_entropies) grad_entropies[head.at + v] = static_cast<T>(of_entropy);
  }

  template <class Lanes>
  BELFRY_HD LossSums operator()(int64_t row, const Lanes& lanes) const {
    double log_prob = 0, entropy_sum = 0;
    for (int64_t h = 0; h < num_heads; ++h) {
      const bool counts = head_used(row * num_heads + h);
      Head head;
      if (counts) {
        head = read_head(row, h, lanes);
        log_prob += log_probability_of(head);
        entropy_sum += head.entropy;
      } else {
        head.at = row * width + first[h];
        head.size = first[h + 1] - first[h];
      }
      if (!grad_log_probs && !grad_entropies) continue;
      for (int64_t v = lanes.first(); v < head.size; v += lanes.step()) {
        write_gradients(head, v, counts);
      }
    }
    if (lanes.first() == 0) {
      if (log_probs) log_probs[row] = static_cast<T>(log_prob);
      if (entropies) entropies[row] = static_cast<T>(entropy_sum);
    }
    return {};
  }
};

// What the declaration cannot say where no mask is given.
template <class T>
Status check_factored_policy(const FactoredPolicyLogprob<T>& op) {
  if (op.masked_head >= op.head_sizes.count) {
    return Status::error(Code::invalid_argument, "maskedHead", "is %lld, but there are %lld heads",
                         static_cast<long long>(op.masked_head),
                         static_cast<long long>(op.head_sizes.count));
  }
  return {};
}

// `first` has room for one more entry than there are heads, on the host.
template <class T>
void head_offsets(const FactoredPolicyLogprob<T>& op, int64_t* first) {
  first[0] = 0;
  for (int64_t h = 0; h < op.head_sizes.count; ++h) first[h + 1] = first[h] + op.head_sizes[h];
}

template <class T>
FactoredRows<T> factored_rows(const FactoredPolicyLogprob<T>& op, const int64_t* first) {
  FactoredRows<T> rows{};
  rows.logits = op.logits.begin();
  rows.available = read_flags(op.available, true);
  rows.head_used = read_flags(op.head_used, true);
  rows.actions = op.actions.begin();
  rows.first = first;
  rows.num_heads = op.head_sizes.count;
  rows.masked_head = op.masked_head;
  rows.width = op.logits.dims[1];
  rows.log_probs = op.log_probs ? op.log_probs.begin() : nullptr;
  rows.entropies = op.entropy ? op.entropy.begin() : nullptr;
  rows.grad_log_probs = op.grad_log_probs_sum ? op.grad_log_probs_sum.begin() : nullptr;
  rows.grad_entropies = op.grad_entropy_sum ? op.grad_entropy_sum.begin() : nullptr;
  return rows;
}

}  // namespace belfry::math
