// Logits of hidden states, x = hidden·Wᵀ + b, in tiles of rows by vocabulary: log-probabilities and
// entropies by an online softmax over the tiles, and gradients back to hidden, W and b from tiles
// that are made again. Memory beyond operands and results: one tile, and O(N). [N,V] is never held.
// Operands of one half type are multiplied on tensor cores, others in plain float32 or float64.
#pragma once

#include "cuda/token/logits_rows.cuh"
#include "cuda/token/tile_products.cuh"
#include "ops/token/logits.h"

namespace belfry::cuda {

template <class T>
struct FusedOperands {
  RawView hidden, weight;  // [N,H], [V,H]
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

// What the forward pass leaves of a row, for the gradient.
struct FusedRow {
  math::LogSumExp<double> sums;
  double label_logit;
};

template <class T>
class FusedLinear {
 public:
  FusedLinear(const FusedOperands<T>& operands, const LinearSoftmaxOptions& options,
              const char* name, CudaContext& context);

  // Writes the results of every row, 0 where the label is ignore_index.
  Status forward(const FusedResults<T>& results);
  // After `forward`. Writes all of the gradients, 0 where there is none.
  Status backward(const FusedUpstream<T>& upstream, const FusedGradients<T>& gradients);

 private:
  Status list_rows(const uint8_t* active);
  void make_logits(const WordTile& tile);
  void add_gradients(const WordTile& tile, int64_t count, const FusedGradients<T>& gradients);

  FusedOperands<T> operands_;
  LinearSoftmaxOptions options_;
  SoftmaxSettings<T> settings_;
  CudaContext& context_;
  Work work_;
  int64_t total_, hidden_size_, vocabulary_, chunk_, width_, count_ = 0;
  int32_t* rows_;   // the rows that are worked on, `count_` of them
  FusedRow* kept_;  // by row of the batch
  T *logits_, *hidden_gradient_ = nullptr;
  double* bias_gradient_ = nullptr;
  std::unique_ptr<TileProducts<T>> products_;
};

}  // namespace belfry::cuda
