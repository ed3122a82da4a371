// span_ratio_loss: one ratio for each turn or trajectory (LOOP, arXiv 2502.01600). A pass lists the
// valid tokens of every row by span and counts the spans; a second makes losses and gradients, in
// float64. Bytes per token: read 12 + mask (+ 4 for turn ids), write 4, and 8 for the list.
#include <algorithm>
#include <limits>

#include "cpu/run.h"
#include "cpu/token/token_losses.h"

namespace belfry::cpu {

namespace {

struct Spans {
  int64_t length = 0;
  int32_t* tokens;  // of each row: its valid tokens, by span, each span in order
  int64_t* counts;  // how many
  int64_t* spans;   // of each row
};

template <class T>
bool by_turn(const SpanRatioLoss<T>& op) {
  return op.level == SpanLevel::turn;
}

template <class T>
void list_row(const SpanRatioLoss<T>& op, const math::FlagReader& mask, int64_t row,
              const Spans& lists) {
  int32_t* tokens = lists.tokens + row * lists.length;
  int64_t count = 0, spans = 0;
  for (int64_t t = 0; t < lists.length; ++t) {
    if (mask(row * lists.length + t)) tokens[count++] = static_cast<int32_t>(t);
  }
  if (by_turn(op)) {
    const int32_t* ids = op.turn_ids.begin() + row * lists.length;
    const auto before = [ids](int32_t a, int32_t b) {
      return ids[a] != ids[b] ? ids[a] < ids[b] : a < b;
    };
    if (!std::is_sorted(tokens, tokens + count, before)) std::sort(tokens, tokens + count, before);
    for (int64_t i = 0; i < count; ++i) spans += i == 0 || ids[tokens[i]] != ids[tokens[i - 1]];
  } else {
    spans = count > 0;
  }
  lists.counts[row] = count;
  lists.spans[row] = spans;
}

// Σ ℓ_u of the row; writes its gradient.
template <class T>
double row_loss(const SpanRatioLoss<T>& op, int64_t row, const Spans& lists, double share,
                const math::SurrogateSettings<double>& settings) {
  const int64_t first = row * lists.length, count = lists.counts[row];
  const int32_t* tokens = lists.tokens + first;
  T* grad = data_of(op.grad_log_probs);
  if (grad) std::fill_n(grad + first, lists.length, T(0));
  double total = 0;
  for (int64_t begin = 0, end; begin < count; begin = end) {
    double log_ratio = 0;
    for (end = begin; end < count; ++end) {
      const int64_t i = first + tokens[end];
      if (by_turn(op) && op.turn_ids[i] != op.turn_ids[first + tokens[begin]]) break;
      log_ratio += static_cast<double>(op.log_probs[i]) - static_cast<double>(op.old_log_probs[i]);
    }
    const double advantage = static_cast<double>(op.advantages[first + tokens[begin]]);
    const auto term = math::surrogate(log_ratio, 0.0, advantage, settings);
    total += term.loss;
    const T slope = static_cast<T>(term.grad * share);
    for (int64_t i = begin; grad && i < end; ++i) grad[first + tokens[i]] = slope;
  }
  return total;
}

template <class T>
Status span_ratio_loss(const SpanRatioLoss<T>& op, CpuContext& context) {
  const int64_t rows = op.log_probs.dims[0], length = op.log_probs.dims[1];
  if (length > std::numeric_limits<int32_t>::max()) {
    return Status::error(Code::bad_shape, "log_probs", "has rows of 2^31 tokens or more");
  }
  const math::FlagReader mask = math::read_flags(op.mask, true);
  const Spans lists{length, context.scratch<int32_t>(rows * length), context.scratch<int64_t>(rows),
                    context.scratch<int64_t>(rows)};
  double* losses = context.scratch<double>(rows);
  const int64_t chunk = chunk_for(8 * length);
  context.parallel(rows, chunk, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin; row < end; ++row) list_row(op, mask, row, lists);
  });
  if (context.stopped()) return aborted();
  double spans = 0;
  for (int64_t row = 0; row < rows; ++row) spans += static_cast<double>(lists.spans[row]);
  if (op.num_spans.present) spans = op.num_spans.value;
  const double share = spans > 0 ? 1 / spans : 0;
  const auto settings = math::clip_settings<double>(op.clip_low, op.clip_high, {}, op.ratio_clamp);
  context.parallel(rows, chunk, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin; row < end; ++row) {
      losses[row] = row_loss(op, row, lists, share, settings);
    }
  });
  if (context.stopped()) return aborted();
  double total = 0;
  for (int64_t row = 0; row < rows; ++row) total += losses[row];
  put(op.loss, total * share);
  return {};
}

}  // namespace

template <>
Status run(const SpanRatioLoss<float>& op, CpuContext& context) {
  return span_ratio_loss(op, context);
}
template <>
Status run(const SpanRatioLoss<double>& op, CpuContext& context) {
  return span_ratio_loss(op, context);
}

}  // namespace belfry::cpu
