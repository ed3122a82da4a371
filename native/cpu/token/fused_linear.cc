// A chunk has as many rows as make 64 MiB of logits: enough for W to be read once for many rows.
// The softmax of a chunk and its gradient, in place, are token_logprob and token_logprob_backward.
#include "cpu/token/fused_linear.h"

#include <algorithm>
#include <cstring>

#include "cpu/linalg/products.h"
#include "cpu/run.h"
#include "math/half.h"
#include "math/softmax.h"
#include "ops/views.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kLogitBytes = 64 << 20;
constexpr int64_t kWeightBytes = 32 << 20;  // of half weights, widened
// Pieces of products: columns of logits, rows of W's gradient, tiles of hidden's.
constexpr int64_t kColumns = 512, kWeightRows = 64, kTileRows = 128, kTileColumns = 64;

bool is_half(DType dtype) { return dtype == DType::bf16 || dtype == DType::f16; }

template <class T>
void widen(const RawView& view, int64_t from, int64_t count, T* to) {
  if (!is_half(view.dtype)) {
    std::copy_n(static_cast<const T*>(view.data) + from, count, to);
    return;
  }
  const uint16_t* halves = static_cast<const uint16_t*>(view.data) + from;
  for (int64_t i = 0; i < count; ++i) {
    to[i] = static_cast<T>(view.dtype == DType::bf16 ? math::bf16_to_float(halves[i])
                                                     : math::f16_to_float(halves[i]));
  }
}

}  // namespace

template <class T>
FusedLinear<T>::FusedLinear(const FusedOperands<T>& operands, const LinearSoftmaxOptions& options,
                            CpuContext& context)
    : operands_(operands), options_(options), context_(context) {
  const int64_t rows = operands.hidden.dims[0];
  hidden_size_ = operands.hidden.dims[1];
  vocabulary_ = operands.weight.dims[0];
  rows_ = context.scratch<int64_t>(rows);
  for (int64_t row = 0; row < rows; ++row) {
    if (operands.labels[row] != options.ignore_index) rows_[count_++] = row;
  }
  const auto fitting = [](int64_t bytes, int64_t size, int64_t count) {
    const int64_t fit = bytes / std::max<int64_t>(1, size * int64_t{sizeof(T)});
    return std::max<int64_t>(1, std::min(fit, count));
  };
  chunk_ = fitting(kLogitBytes, vocabulary_, count_);
  const bool half = is_half(operands.weight.dtype);
  weight_chunk_ = half ? fitting(kWeightBytes, hidden_size_, vocabulary_) : vocabulary_;
  if (half) weight_ = context.scratch<T>(weight_chunk_ * hidden_size_);
  logits_ = context.scratch<T>(chunk_ * vocabulary_);
  hidden_ = context.scratch<T>(chunk_ * hidden_size_);
  labels_ = context.scratch<int32_t>(chunk_);
  log_prob_ = context.scratch<T>(4 * chunk_);
  entropy_ = log_prob_ + chunk_;
  upstream_ = entropy_ + chunk_;
  upstream_entropy_ = upstream_ + chunk_;
}

template <class T>
const T* FusedLinear<T>::weight_rows(int64_t first, int64_t count) {
  if (!weight_) return static_cast<const T*>(operands_.weight.data) + first * hidden_size_;
  context_.parallel(count, chunk_for(hidden_size_), [&](int64_t begin, int64_t end, int64_t) {
    widen(operands_.weight, (first + begin) * hidden_size_, (end - begin) * hidden_size_,
          weight_ + begin * hidden_size_);
  });
  return weight_;
}

template <class T>
void FusedLinear<T>::multiply_block(int64_t count, const T* weight, int64_t first,
                                    int64_t columns) {
  const bool few = are_few<T>(count);
  context_.parallel(columns, kColumns, [&](int64_t begin, int64_t end, int64_t) {
    Product<T> product;
    product.a = hidden_;
    product.a_stride = hidden_size_;
    product.b = weight + begin * hidden_size_;
    product.b_stride = hidden_size_;
    product.bias = operands_.bias ? operands_.bias + first + begin : nullptr;
    product.c = logits_ + first + begin;
    product.c_stride = vocabulary_;
    product.m = count;
    product.n = end - begin;
    product.k = hidden_size_;
    few ? multiply_few(product) : multiply(product);
  });
}

// The logits of these rows, at most a chunk of them.
template <class T>
void FusedLinear<T>::load(const int64_t* rows, int64_t count) {
  context_.parallel(count, chunk_for(hidden_size_), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) {
      widen(operands_.hidden, rows[i] * hidden_size_, hidden_size_, hidden_ + i * hidden_size_);
    }
  });
  for (int64_t first = 0; first < vocabulary_; first += weight_chunk_) {
    const int64_t columns = std::min(weight_chunk_, vocabulary_ - first);
    multiply_block(count, weight_rows(first, columns), first, columns);
  }
}

template <class T>
void FusedLinear<T>::scatter(const int64_t* rows, int64_t count, const FusedResults<T>& results) {
  for (int64_t i = 0; i < count; ++i) {
    if (results.log_probs) results.log_probs[rows[i]] = log_prob_[i];
    if (results.entropy) results.entropy[rows[i]] = entropy_[i];
  }
}

// The row that such an error names is one of the chunk; the caller knows those of the batch. A row
// of nothing but −Infinity is still there: no gradient was written over it.
template <class T>
Status FusedLinear<T>::of_batch(Status status, const int64_t* rows, int64_t count) const {
  if (status.ok() || status.code == Code::aborted) return status;
  int64_t i = 0;
  const auto excluded = [](T x) { return x == math::kNegativeInfinity<T>; };
  while (i + 1 < count &&
         !(labels_[i] >= 0 &&
           std::all_of(logits_ + i * vocabulary_, logits_ + (i + 1) * vocabulary_, excluded))) {
    ++i;
  }
  return Status::error(Code::bad_value, "hidden", "row %lld gives logits that are all -Infinity",
                       static_cast<long long>(rows[i]));
}

// Loads the rows' logits, at most a chunk of them, and writes their results.
template <class T>
Status FusedLinear<T>::evaluate(const int64_t* rows, int64_t count,
                                const FusedResults<T>& results) {
  load(rows, count);
  for (int64_t i = 0; i < count; ++i) labels_[i] = operands_.labels[rows[i]];
  TokenLogprob<T> op{};
  show(op.logits, logits_, {count, vocabulary_});
  show(op.labels, labels_, {count});
  op.temperature = options_.temperature;
  op.ignore_index = -1;
  op.softcap = options_.softcap;
  show(op.log_probs, results.log_probs ? log_prob_ : nullptr, {count});
  show(op.entropy, results.entropy ? entropy_ : nullptr, {count});
  if (const Status status = of_batch(run(op, context_), rows, count); !status.ok()) return status;
  scatter(rows, count, results);
  return {};
}

template <class T>
Status FusedLinear<T>::forward(const FusedResults<T>& results) {
  for (int64_t first = 0; first < count_; first += chunk_) {
    const int64_t count = std::min(chunk_, count_ - first);
    if (const Status s = evaluate(rows_ + first, count, results); !s.ok()) return s;
  }
  loaded_ = count_ <= chunk_;
  return context_.stopped() ? aborted() : Status{};
}

// Labels and upstream gradients of a chunk. A row without gradient is to leave no trace, whatever
// its hidden state holds.
template <class T>
void FusedLinear<T>::gather(const int64_t* rows, int64_t count, const FusedUpstream<T>& upstream) {
  for (int64_t i = 0; i < count; ++i) {
    const int64_t row = rows[i];
    const bool active = !upstream.active || upstream.active[row];
    labels_[i] = active ? operands_.labels[row] : -1;
    upstream_[i] = upstream.log_probs ? upstream.log_probs[row] : T(0);
    upstream_entropy_[i] = upstream.entropy ? upstream.entropy[row] : T(0);
    if (!active) std::fill_n(hidden_ + i * hidden_size_, hidden_size_, T(0));
  }
}

template <class T>
void FusedLinear<T>::add_hidden(const int64_t* rows, int64_t count, T* gradient) {
  const int64_t across = (hidden_size_ + kTileColumns - 1) / kTileColumns;
  const int64_t down = (count + kTileRows - 1) / kTileRows;
  for (int64_t first = 0; first < vocabulary_; first += weight_chunk_) {
    const int64_t terms = std::min(weight_chunk_, vocabulary_ - first);
    const T* weight = weight_rows(first, terms);
    context_.parallel(across * down, 1, [&](int64_t tile, int64_t, int64_t) {
      const int64_t row = tile / across * kTileRows, column = tile % across * kTileColumns;
      StridedProduct<T> product;
      product.a = logits_ + row * vocabulary_ + first;
      product.a_stride = vocabulary_;
      product.b = weight + column;
      product.b_stride = hidden_size_;
      product.c = hidden_gradient_ + row * hidden_size_ + column;
      product.c_stride = hidden_size_;
      product.m = std::min(kTileRows, count - row);
      product.n = std::min(kTileColumns, hidden_size_ - column);
      product.k = terms;
      product.accumulate = first > 0;
      multiply_strided(product);
    });
  }
  for (int64_t i = 0; i < count; ++i) {
    std::copy_n(hidden_gradient_ + i * hidden_size_, hidden_size_,
                gradient + rows[i] * hidden_size_);
  }
}

template <class T>
void FusedLinear<T>::add_weight(int64_t count, T* gradient, bool first) {
  context_.parallel(vocabulary_, kWeightRows, [&](int64_t begin, int64_t end, int64_t) {
    StridedProduct<T> product;
    product.a = logits_ + begin;
    product.a_stride = 1;
    product.a_step = vocabulary_;
    product.b = hidden_;
    product.b_stride = hidden_size_;
    product.c = gradient + begin * hidden_size_;
    product.c_stride = hidden_size_;
    product.m = end - begin;
    product.n = hidden_size_;
    product.k = count;
    product.accumulate = !first;
    multiply_strided(product);
  });
}

template <class T>
void FusedLinear<T>::add_bias(int64_t count) {
  context_.parallel(vocabulary_, chunk_for(count), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = 0; row < count; ++row) {
      const T* from = logits_ + row * vocabulary_;
      for (int64_t v = begin; v < end; ++v) bias_gradient_[v] += static_cast<double>(from[v]);
    }
  });
}

// Gradients of rows whose logits are loaded, which become their own gradients.
template <class T>
Status FusedLinear<T>::differentiate(const int64_t* rows, int64_t count, bool first,
                                     const FusedUpstream<T>& upstream,
                                     const FusedGradients<T>& gradients,
                                     const FusedResults<T>& results) {
  gather(rows, count, upstream);
  TokenLogprobBackward<T> op{};
  show(op.logits, logits_, {count, vocabulary_});
  show(op.labels, labels_, {count});
  show(op.grad_log_probs, upstream_, {count});
  if (upstream.entropy) show(op.grad_entropy, upstream_entropy_, {count});
  op.temperature = options_.temperature;
  op.ignore_index = -1;
  op.softcap = options_.softcap;
  show(op.grad_logits, logits_, {count, vocabulary_});
  show(op.log_probs, results.log_probs ? log_prob_ : nullptr, {count});
  show(op.entropy, results.entropy ? entropy_ : nullptr, {count});
  if (const Status status = of_batch(run(op, context_), rows, count); !status.ok()) return status;
  scatter(rows, count, results);
  if (gradients.hidden) add_hidden(rows, count, gradients.hidden);
  if (gradients.weight) add_weight(count, gradients.weight, first);
  if (gradients.bias) add_bias(count);
  return context_.stopped() ? aborted() : Status{};
}

// `any`: there is a row, whose gradient of W is written, not added.
template <class T>
void FusedLinear<T>::begin_gradients(const FusedGradients<T>& gradients, bool any) {
  if (gradients.hidden) {
    std::fill_n(gradients.hidden, operands_.hidden.dims[0] * hidden_size_, T(0));
    hidden_gradient_ = context_.scratch<T>(chunk_ * hidden_size_);
  }
  if (gradients.weight && !any) std::fill_n(gradients.weight, vocabulary_ * hidden_size_, T(0));
  if (!gradients.bias) return;
  bias_gradient_ = context_.scratch<double>(vocabulary_);
  std::fill_n(bias_gradient_, vocabulary_, 0.0);
}

template <class T>
void FusedLinear<T>::end_gradients(const FusedGradients<T>& gradients) const {
  for (int64_t v = 0; gradients.bias && v < vocabulary_; ++v) {
    gradients.bias[v] = static_cast<T>(bias_gradient_[v]);
  }
}

template <class T>
Status FusedLinear<T>::backward(const FusedUpstream<T>& upstream,
                                const FusedGradients<T>& gradients,
                                const FusedResults<T>& results) {
  // Logits that are there are used as they are; else rows without gradient are left out.
  const int64_t* rows = rows_;
  int64_t total = count_;
  if (!loaded_ && upstream.active) {
    int64_t* active = context_.scratch<int64_t>(count_);
    total = std::copy_if(rows_, rows_ + count_, active,
                         [&](int64_t row) { return upstream.active[row] != 0; }) -
            active;
    rows = active;
  }
  begin_gradients(gradients, total > 0);
  for (int64_t first = 0; first < total; first += chunk_) {
    const int64_t count = std::min(chunk_, total - first);
    if (!loaded_) load(rows + first, count);
    if (const Status s =
            differentiate(rows + first, count, first == 0, upstream, gradients, results);
        !s.ok()) {
      return s;
    }
  }
  loaded_ = false;
  end_gradients(gradients);
  return {};
}

template class FusedLinear<float>;
template class FusedLinear<double>;

}  // namespace belfry::cpu
