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

 private:
  void load(const int64_t* rows, int64_t count);
  const T* weight_rows(int64_t first, int64_t count);
  void multiply_block(int64_t count, const T* weight, int64_t first, int64_t columns);
  void gather(const int64_t* rows, int64_t count, const FusedUpstream<T>& upstream);
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
