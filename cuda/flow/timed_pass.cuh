// A velocity or noise network over [x, e_t, (e_r,) s], in any order, trained through its networks
// of the times: forward with everything kept, along a path where asked for, and back.
#pragma once

#include "cuda/flow/network_backward.cuh"
#include "math/trunk_columns.h"

namespace belfry::cuda {

template <class T>
struct TimedNetwork {
  Network<T> trunk, of_t, of_r;  // of_r without layers: one time only
  math::TrunkColumns columns;
  int64_t dims = 0, states = 0;
  double time_scale = 1;

  bool two_times() const { return !of_r.layers.empty(); }
  int64_t emb_t() const { return of_t.outputs(); }
  int64_t emb_r() const { return two_times() ? of_r.outputs() : 0; }
};

// Layers there, an even embedding; then the columns by `input_order`.
template <class T>
Status place_columns(const List<TrunkInput>& order, int64_t emb_dim, TimedNetwork<T>* net);

// Row i reads row i / group % period.
struct RowMap {
  int64_t group = 1, period = kOneGroup;
};

// Columns [at, at + width) of gathered rows.
template <class T>
struct GatherPart {
  const T* from = nullptr;  // null: zeros
  int64_t at = 0, width = 0;
  RowMap map = {};
};

// Up to four arrays side by side, [rows, width].
template <class T>
T* gather_rows(std::initializer_list<GatherPart<T>> parts, int64_t rows, int64_t width, Work& work);

template <class T>
struct TimedRows {
  int64_t rows = 0;
  const T* x = nullptr;  // [rows, dims]
  const T* t = nullptr;
  const T* r = nullptr;             // not read where there is one time
  const T* observations = nullptr;  // [rows, states]
  const T* velocity = nullptr;      // ẋ, with ṫ = 1 and ṙ = 0; null: no derivative
  RowMap states = {};               // which observations belong to a row
};

template <class T>
struct TimedPass {
  std::vector<LayerTrace<T>> trunk, of_t, of_r;
  int64_t rows = 0;
  T* y = nullptr;          // [rows, dims]
  T* tangent_y = nullptr;  // where there is a velocity
};

template <class T>
TimedPass<T> forward_pass(const TimedNetwork<T>& net, const TimedRows<T>& batch, Work& work);

// Empty: not wanted.
template <class T>
struct TimedGradients {
  std::vector<LayerGrads<T>> trunk, of_t, of_r;
  T* x = nullptr;  // [rows, dims]
};

template <class T>
void backward_pass(const TimedNetwork<T>& net, const TimedPass<T>& pass, const T* grad_y,
                   const TimedGradients<T>& wanted, Work& work);

// Sinusoidal embeddings [count, dim] of times, unscaled.
template <class T>
T* embed_times_of(const T* times, int64_t count, int64_t dim, Work& work);

// Columns [at, at + width) of rows `stride` long, into an array of their own.
template <class T>
void take_columns(const T* from, int64_t rows, int64_t stride, int64_t at, int64_t width, T* to,
                  Work& work);

}  // namespace belfry::cuda
