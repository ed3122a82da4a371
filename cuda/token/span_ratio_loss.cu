// span_ratio_loss: a block per row lists the valid tokens by span, sorting them only where turns
// are interleaved, and counts the spans; one block adds up the counts; then a warp per span makes
// its ratio, loss and gradient, in float64. Bytes per token: read 12 + mask (+ 4 for turn ids),
// write 4, and 12 for the lists.
#include "cuda/device/scan.cuh"
#include "cuda/flow/work.cuh"
#include "cuda/token/valid_tokens.cuh"
#include "math/token_losses.h"
#include "ops/token/losses.h"

namespace belfry::cuda {

namespace {

constexpr int kWarps = kTokenThreads / kWarpSize;

// A token of a row by turn, then by place.
using Place = uint64_t;
constexpr Place kNowhere = ~Place{0};

__device__ Place place_of(int32_t turn, int64_t t) {
  const auto biased = static_cast<uint32_t>(turn) ^ 0x80000000u;
  return static_cast<Place>(biased) << 32 | static_cast<uint32_t>(t);
}
__device__ uint32_t turn_of(Place place) { return static_cast<uint32_t>(place >> 32); }
__device__ int64_t token_of(Place place) { return static_cast<int64_t>(place & 0xffffffffu); }

template <class T>
struct SpanRows {
  const T *log_probs, *old_log_probs, *advantages;
  const int32_t* turn_ids;  // null: a row is one span
  math::FlagReader mask;
  int64_t rows, length;
  int64_t capacity;         // a power of two, at least `length`
  Place* places;            // [rows, capacity]
  int32_t* starts;          // [rows, length]: where in `places` spans begin
  int64_t *counts, *spans;  // of each row: valid tokens, spans
  T* grad;                  // null: not wanted
};

// The valid tokens of the row, in order; returns how many. Their gradients are written later.
template <class T>
__device__ int64_t list_tokens(const SpanRows<T>& call, int64_t row, int64_t* shared) {
  const int64_t first = row * call.length;
  Place* places = call.places + row * call.capacity;
  int64_t count = 0;
  for (int64_t tile = 0; tile < call.length; tile += kTokenThreads) {
    const int64_t t = tile + threadIdx.x;
    const bool valid = t < call.length && call.mask(first + t);
    const Scan<int64_t> scan = block_scan_forward(int64_t{valid}, Add{}, int64_t{0}, shared);
    if (valid) {
      const int32_t turn = call.turn_ids ? call.turn_ids[first + t] : 0;
      places[count + scan.inclusive - 1] = place_of(turn, t);
    } else if (t < call.length && call.grad) {
      call.grad[first + t] = T(0);
    }
    count += scan.total;
  }
  __syncthreads();
  return count;
}

__device__ bool is_sorted(const Place* places, int64_t count, int64_t* shared) {
  int64_t wrong = 0;
  for (int64_t i : thread_stride(count - 1)) wrong += places[i] > places[i + 1];
  return block_reduce(wrong, Add{}, int64_t{0}, shared) == 0;
}

// Bitonic, over the next power of two.
__device__ void sort_places(Place* places, int64_t count) {
  int64_t size = 1;
  while (size < count) size *= 2;
  for (int64_t i : thread_stride(size)) {
    if (i >= count) places[i] = kNowhere;
  }
  for (int64_t run = 2; run <= size; run *= 2) {
    for (int64_t apart = run / 2; apart > 0; apart /= 2) {
      __syncthreads();
      for (int64_t i : thread_stride(size)) {
        const int64_t j = i ^ apart;
        if (j < i) continue;
        const Place a = places[i], b = places[j];
        if ((a > b) != ((i & run) == 0)) continue;
        places[i] = b;
        places[j] = a;
      }
    }
  }
  __syncthreads();
}

template <class T>
__global__ void list_spans(SpanRows<T> call) {
  __shared__ int64_t shared[kWarps];
  for (int64_t row : block_stride(call.rows)) {
    Place* places = call.places + row * call.capacity;
    const int64_t count = list_tokens(call, row, shared);
    if (!is_sorted(places, count, shared)) sort_places(places, count);
    int64_t spans = 0;
    for (int64_t tile = 0; tile < count; tile += kTokenThreads) {
      const int64_t i = tile + threadIdx.x;
      const bool begins = i < count && (i == 0 || turn_of(places[i]) != turn_of(places[i - 1]));
      const Scan<int64_t> scan = block_scan_forward(int64_t{begins}, Add{}, int64_t{0}, shared);
      if (begins) {
        call.starts[row * call.length + spans + scan.inclusive - 1] = static_cast<int32_t>(i);
      }
      spans += scan.total;
    }
    if (threadIdx.x == 0) {
      call.counts[row] = count;
      call.spans[row] = spans;
    }
    __syncthreads();
  }
}

// One block: 1 over the number of spans, 0 without any.
__global__ void share_of_span(const int64_t* spans, int64_t rows, double* share) {
  __shared__ int64_t shared[kWarps];
  int64_t total = 0;
  for (int64_t row : thread_stride(rows)) total += spans[row];
  total = block_reduce(total, Add{}, int64_t{0}, shared);
  if (threadIdx.x == 0) *share = total > 0 ? 1 / static_cast<double>(total) : 0;
}

// One warp: the loss of a span; writes its gradient.
template <class T>
__device__ double span_loss(const SpanRows<T>& call, int64_t row, const Place* places,
                            int64_t begin, int64_t end, double share,
                            const math::SurrogateSettings<double>& settings) {
  const int64_t first = row * call.length;
  double log_ratio = 0;
  for (int64_t i = begin + lane_id(); i < end; i += kWarpSize) {
    const int64_t at = first + token_of(places[i]);
    log_ratio +=
        static_cast<double>(call.log_probs[at]) - static_cast<double>(call.old_log_probs[at]);
  }
  log_ratio = warp_reduce(log_ratio, Add{});
  const double advantage = static_cast<double>(call.advantages[first + token_of(places[begin])]);
  const auto term = math::surrogate(log_ratio, 0.0, advantage, settings);
  const T slope = static_cast<T>(term.grad * share);
  for (int64_t i = begin + lane_id(); call.grad && i < end; i += kWarpSize) {
    call.grad[first + token_of(places[i])] = slope;
  }
  return term.loss;
}

// Σ ℓ_u of each row.
template <class T>
__global__ void span_losses(SpanRows<T> call, math::SurrogateSettings<double> settings,
                            const double* share, double* losses) {
  __shared__ double shared[kWarps];
  for (int64_t row : block_stride(call.rows)) {
    const Place* places = call.places + row * call.capacity;
    const int32_t* starts = call.starts + row * call.length;
    const int64_t count = call.counts[row], spans = call.spans[row];
    double loss = 0;
    for (int64_t span = warp_id(); span < spans; span += kWarps) {
      const int64_t end = span + 1 < spans ? starts[span + 1] : count;
      const double own = span_loss(call, row, places, starts[span], end, *share, settings);
      loss += lane_id() == 0 ? own : 0;
    }
    loss = block_reduce(loss, Add{}, 0.0, shared);
    if (threadIdx.x == 0) losses[row] = loss;
  }
}

// One block.
template <class T>
__global__ void mean_of_spans(const double* losses, int64_t rows, const double* share, T* out) {
  __shared__ double shared[kWarps];
  double sum = 0;
  for (int64_t row : thread_stride(rows)) sum += losses[row];
  sum = block_reduce(sum, Add{}, 0.0, shared);
  if (threadIdx.x == 0) put(out, sum * *share);
}

__global__ void set_share(double* share, double value) { *share = value; }

template <class T>
Status span_ratio_loss(const SpanRatioLoss<T>& op, CudaContext& context) {
  const int64_t rows = op.log_probs.dims[0], length = op.log_probs.dims[1];
  if (length > std::numeric_limits<int32_t>::max()) {
    return Status::error(Code::bad_shape, "log_probs", "has rows of 2^31 tokens or more");
  }
  Work work(context, "span_ratio_loss");
  int64_t capacity = 1;
  while (capacity < length) capacity *= 2;
  const SpanRows<T> call{op.log_probs.begin(),
                         op.old_log_probs.begin(),
                         op.advantages.begin(),
                         op.level == SpanLevel::turn ? op.turn_ids.begin() : nullptr,
                         math::read_flags(op.mask, true),
                         rows,
                         length,
                         capacity,
                         work.scratch<Place>(rows * capacity),
                         work.scratch<int32_t>(rows * length),
                         work.scratch<int64_t>(rows),
                         work.scratch<int64_t>(rows),
                         pointer(op.grad_log_probs)};
  auto* losses = work.scratch<double>(rows);
  auto* share = work.scratch<double>(1);
  const LaunchShape wide{dim3(blocks_for(rows, 1)), dim3(kTokenThreads)};
  const LaunchShape single{dim3(1), dim3(kTokenThreads)};
  work.launch(list_spans<T>, wide, call);
  if (op.num_spans.present) {
    work.launch(set_share, {dim3(1), dim3(1)}, share, 1 / op.num_spans.value);
  } else {
    work.launch(share_of_span, single, call.spans, rows, share);
  }
  const auto settings = math::clip_settings<double>(op.clip_low, op.clip_high, {}, op.ratio_clamp);
  work.launch(span_losses<T>, wide, call, settings, share, losses);
  work.launch(mean_of_spans<T>, single, losses, rows, share, pointer(op.loss));
  return work.status();
}

}  // namespace

template <>
Status run(const SpanRatioLoss<float>& op, CudaContext& context) {
  return span_ratio_loss(op, context);
}
template <>
Status run(const SpanRatioLoss<double>& op, CudaContext& context) {
  return span_ratio_loss(op, context);
}

}  // namespace belfry::cuda
