// A velocity or noise network over [x, e_t, (e_r,) s], in any order, trained through its networks
// of the times: forward with everything kept, derivative along a path, and back.
#pragma once

#include <limits>

#include "cpu/flow/folded_trunk.h"
#include "cpu/flow/network_backward.h"
#include "math/trunk_columns.h"

namespace belfry::cpu {

template <class T>
struct TimedNetwork {
  VelocityNetworks<T> nets;  // of_r without layers: one time only
  math::TrunkColumns columns;
  int64_t dims = 0, states = 0;

  int64_t emb_t() const { return nets.of_t.outputs(); }
  int64_t emb_r() const { return nets.of_r.count > 0 ? nets.of_r.outputs() : 0; }
};

// Columns by the op's `input_order`, once the networks and the sizes are set.
template <class T>
Status place_columns(const List<TrunkInput>& order, TimedNetwork<T>* net);

// Networks have layers, and embeddings an even size.
Status check_timed(int64_t trunk, int64_t of_t, int64_t of_r, int64_t emb_dim);

// What one batch is evaluated at.
template <class T>
struct TimedRows {
  int64_t rows = 0;
  const T* x = nullptr;  // [rows, dims]
  const T* t = nullptr;
  const T* r = nullptr;             // not read where there is one time
  const T* observations = nullptr;  // [rows, states]
  // How many times are there; the rows past them share the last, which is evaluated once.
  int64_t times = std::numeric_limits<int64_t>::max();

  int64_t num_times() const { return std::min(rows, times); }
};

template <class T>
struct TimedPass {
  KeptPass<T> of_t, of_r, trunk;

  const T* y() const { return trunk.task.y; }
};

template <class T>
TimedPass<T> forward_pass(const TimedNetwork<T>& net, const TimedRows<T>& batch,
                          CpuContext& context);

// dy/dt of the listed rows, which have times of their own, along ẋ = velocity, ṫ = 1, ṙ = 0; into
// [count, dims].
template <class T>
void derivative_pass(const TimedNetwork<T>& net, const TimedRows<T>& batch,
                     const TimedPass<T>& pass, const int32_t* rows, int64_t count,
                     const T* velocity, T* derivative, CpuContext& context);

// Null: not wanted.
template <class T>
struct TimedGradients {
  LayerGrads<T>*trunk = nullptr, *of_t = nullptr, *of_r = nullptr;
  T* x = nullptr;  // [rows, dims]
};

template <class T>
Status backward_pass(const TimedNetwork<T>& net, TimedPass<T>& pass, const T* grad_y,
                     const TimedGradients<T>& wanted, CpuContext& context);

}  // namespace belfry::cpu
