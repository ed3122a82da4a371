// The network of a one-step policy where t = 1 and r = 0: the time embeddings are constants and
// fold into the bias of layer 1, b' = b + W_e [e_t, e_r].
#pragma once

#include "cpu/flow/split_network.h"
#include "math/embedding.h"

namespace belfry::cpu {

constexpr double kTimePeriod = 10000;

// The sinusoidal embedding of one time.
template <class T>
void embed_one(double t, double scale, int64_t dim, T* out) {
  const int64_t half = dim / 2;
  for (int64_t k = 0; k < half; ++k) {
    const auto pair = math::embed_time(t, scale, math::embedding_frequency(k, half, kTimePeriod));
    out[k] = static_cast<T>(pair.sine);
    out[k + half] = static_cast<T>(pair.cosine);
  }
}

// A network over [x, e_t, (e_r,) s] and those of the times; of_r without layers: one time only.
template <class T>
struct VelocityNetworks {
  Network<T> trunk, of_t, of_r;
  double time_scale = 1;
};

template <class T>
struct FoldedTrunk {
  SplitNetwork<T> split;
  const T* times = nullptr;  // e_t, e_r
  int64_t num_times = 0;
};

template <class T>
FoldedTrunk<T> fold_trunk(const VelocityNetworks<T>& nets, int64_t dims, int64_t states,
                          CpuContext& context) {
  FoldedTrunk<T> folded;
  folded.num_times = nets.of_t.outputs() + (nets.of_r.count > 0 ? nets.of_r.outputs() : 0);
  T* times = context.scratch<T>(folded.num_times);
  folded.times = times;
  for (const auto* net : {&nets.of_t, &nets.of_r}) {
    if (net->count == 0) continue;
    T* embedding = context.scratch<T>(net->inputs());
    embed_one(net == &nets.of_t ? 1.0 : 0.0, nets.time_scale, net->inputs(), embedding);
    forward_rows(*net, 0, embedding, 1, times, context.scratch<T>(2 * net->widest()));
    times += net->outputs();
  }
  const Linear<T>& first = nets.trunk.layers[0].linear;
  Linear<T> of_times = columns_of(first, dims, folded.num_times);
  of_times.bias = first.bias;
  of_times.few = true;
  T* bias = context.scratch<T>(first.outputs);
  apply(of_times, folded.times, folded.num_times, 1, bias);
  folded.split = split_network(nets.trunk, dims + folded.num_times, states, 0, dims);
  folded.split.shared.bias = bias;
  return folded;
}

}  // namespace belfry::cpu
