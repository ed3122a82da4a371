// Logits of hidden states in chunks of rows: x = hidden·Wᵀ + b, their log-probabilities and
// entropies, and gradients back to hidden, W and b. [N,V] is never held.
#pragma once

#include "cpu/context.h"
#include "ops/token/logits.h"

namespace belfry::cpu {

template <class T>
struct FusedOperands {
  RawView hidden, weight;  // [N,H], [V,H]; half types are widened a block at a time
  const T* bias = nullptr;
  const int32_t* labels = nullptr;
};

// By row of the batch; null: 0, or not wanted.
template <class T>
struct FusedUpstream {
  const T *log_probs = nullptr, *entropy = nullptr;
  const uint8_t* active = nullptr;  // rows that have a gradient; null: all
};
template <class T>
struct FusedResults {
  T *log_probs = nullptr, *entropy = nullptr;
};
template <class T>
struct FusedGradients {
  T *hidden = nullptr, *weight = nullptr, *bias = nullptr;
  bool wanted() const { return hidden || weight || bias; }
};

template <class T>
class FusedLinear {
 public:
  FusedLinear(const FusedOperands<T>& operands, const LinearSoftmaxOptions& options,
              CpuContext& context);

  // The rows whose label is not ignore_index, in order.
  const int64_t* rows() const { return rows_; }
  int64_t count() const { return count_; }

  // Results of those rows; the others are left alone.
  Status forward(const FusedResults<T>& results);
  // Writes all of the gradients, 0 where there is none; results as above, of active rows at least.
  Status backward(const FusedUpstream<T>& upstream, const FusedGradients<T>& gradients,
                  const FusedResults<T>& results);

  // How many rows are worked on at once.
  int64_t chunk() const { return chunk_; }
  // Both in one pass: the rows() from bounds[i] up to bounds[i + 1], at most a chunk, for each
  // piece i. When a piece has its results, `body(first, last)` makes the upstream gradients of its
  // rows, first … last − 1 of the batch.
  template <class Body>
  Status stream(const int64_t* bounds, int64_t pieces, const FusedResults<T>& results,
                const FusedUpstream<T>& upstream, const FusedGradients<T>& gradients,
                const Body& body) {
    begin_gradients(gradients, count_ > 0);
    for (int64_t i = 0; i < pieces; ++i) {
      const int64_t *rows = rows_ + bounds[i], count = bounds[i + 1] - bounds[i];
      if (Status s = evaluate(rows, count, results); !s.ok()) return s;
      body(rows[0], rows[count - 1] + 1);
      if (!gradients.wanted()) continue;
      if (Status s = differentiate(rows, count, i == 0, upstream, gradients, {}); !s.ok()) return s;
    }
    end_gradients(gradients);
    return context_.stopped() ? aborted() : Status{};
  }

 private:
  void load(const int64_t* rows, int64_t count);
  Status evaluate(const int64_t* rows, int64_t count, const FusedResults<T>& results);
  Status differentiate(const int64_t* rows, int64_t count, bool first,
                       const FusedUpstream<T>& upstream, const FusedGradients<T>& gradients,
                       const FusedResults<T>& results);
  void begin_gradients(const FusedGradients<T>& gradients, bool any);
  void end_gradients(const FusedGradients<T>& gradients) const;
  const T* weight_rows(int64_t first, int64_t count);
  void multiply_block(int64_t count, const T* weight, int64_t first, int64_t columns);
  void gather(const int64_t* rows, int64_t count, const FusedUpstream<T>& upstream);
  Status of_batch(Status status, const int64_t* rows, int64_t count) const;
  void scatter(const int64_t* rows, int64_t count, const FusedResults<T>& results);
  void add_hidden(const int64_t* rows, int64_t count, T* gradient);
  void add_weight(int64_t count, T* gradient, bool first);
  void add_bias(int64_t count);

  FusedOperands<T> operands_;
  LinearSoftmaxOptions options_;
  CpuContext& context_;
  int64_t hidden_size_, vocabulary_, chunk_, weight_chunk_, count_ = 0;
  int64_t* rows_;
  bool loaded_ = false;  // the logits of all the rows are there
  T *logits_, *hidden_, *hidden_gradient_, *weight_ = nullptr;
  double* bias_gradient_ = nullptr;
  int32_t* labels_;
  T *log_prob_, *entropy_, *upstream_, *upstream_entropy_;  // of the chunk
};

}  // namespace belfry::cpu
