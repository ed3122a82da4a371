// Memory bound: w, m, v, gradient and follower are read once and all but the gradient written, 36
// bytes a float32 parameter. Pieces are cut from the parameters laid end to end.
#include "cpu/flow/parameters.h"

#include <new>

namespace belfry::cpu {

// A run of one parameter; null: zeros, or not wanted.
template <class T>
struct AdamSlice {
  const T *value, *grad, *m, *v, *follower;
  T *next, *next_m, *next_v, *next_follower;
  int64_t count;
};

}  // namespace belfry::cpu

#define BELFRY_TARGET_FILE "cpu/flow/parameters-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kPiece = 16384;  // elements

// body(item, first, count) for the runs of items that make up elements [begin, end) of the set.
template <class T, class Body>
void for_each_run(const ParameterSet<T>& set, int64_t begin, int64_t end, const Body& body) {
  for (int64_t k = 0; k < set.count; ++k) {
    const Parameter<T>& item = set.items[k];
    const int64_t from = std::max(begin, item.first);
    const int64_t to = std::min(end, item.first + item.count);
    if (from < to) body(item, from - item.first, to - from);
  }
}

}  // namespace

template <class T>
double gradient_squares(const ParameterSet<T>& set, CpuContext& context) {
  const int64_t pieces = (set.size + kPiece - 1) / kPiece;
  double* partial = context.scratch<double>(pieces);
  context.parallel(set.size, kPiece, [&](int64_t begin, int64_t end, int64_t piece) {
    double sum = 0;
    for_each_run(set, begin, end, [&](const Parameter<T>& item, int64_t first, int64_t count) {
      sum += BELFRY_DISPATCH(squares_body<T>)(item.grad + first, count);
    });
    partial[piece] = sum;
  });
  if (context.stopped()) return 0;
  double total = 0;
  for (int64_t i = 0; i < pieces; ++i) total += partial[i];
  return total;
}

template <class T>
void adam_step(const ParameterSet<T>& set, const AdamStep<T>& step, CpuContext& context) {
  const auto at = [](auto* array, int64_t i) { return array ? array + i : nullptr; };
  context.parallel(set.size, kPiece, [&](int64_t begin, int64_t end, int64_t) {
    for_each_run(set, begin, end, [&](const Parameter<T>& p, int64_t first, int64_t count) {
      const int64_t m = p.first + first, v = set.size + m;
      const AdamSlice<T> slice{p.value + first,
                               p.grad + first,
                               at(set.moments, m),
                               at(set.moments, v),
                               at(p.follower, first),
                               at(p.next, first),
                               at(set.next_moments, m),
                               at(set.next_moments, v),
                               at(p.next_follower, first),
                               count};
      BELFRY_DISPATCH(adam_body<T>)(slice, step);
    });
  });
}

template <class T>
T* add_parameter(Parameter<T> parameter, bool kept, ParameterSet<T>* set, CpuContext& context) {
  parameter.grad = context.scratch<T>(parameter.count);
  if (!parameter.next && kept) parameter.next = context.scratch<T>(parameter.count);
  set->add(parameter);
  return parameter.grad;
}

template <class T>
void add_parameters(const NetworkParameters<T>& lists, LayerGrads<T>* grads, bool kept,
                    ParameterSet<T>* set, CpuContext& context) {
  const auto add = [&](const auto& values, const auto& nexts, const auto& followers,
                       const auto& next_followers, int64_t i) {
    Parameter<T> p;
    p.value = values[i].begin();
    p.count = values[i].size();
    if (i < nexts.count) p.next = math::data_of(nexts[i]);
    if (i < followers.count) p.follower = followers[i].begin();
    if (i < next_followers.count) p.next_follower = math::data_of(next_followers[i]);
    return add_parameter(p, kept, set, context);
  };
  for (int64_t i = 0; i < lists.weight.count; ++i) {
    grads[i].weight =
        add(lists.weight, lists.new_weight, lists.follower_weight, lists.new_follower_weight, i);
    grads[i].bias =
        add(lists.bias, lists.new_bias, lists.follower_bias, lists.new_follower_bias, i);
  }
}

template <class T>
Network<T> with_next(const Network<T>& network, const ParameterSet<T>& set, int64_t first,
                     CpuContext& context) {
  Network<T> next = network;
  next.layers = context.scratch<Layer<T>>(network.count);
  for (int64_t i = 0; i < network.count; ++i) {
    Layer<T>& layer = *new (&next.layers[i]) Layer<T>(network.layers[i]);
    layer.linear.weight = set.items[first + 2 * i].next;
    layer.linear.bias = set.items[first + 2 * i + 1].next;
  }
  return next;
}

#define BELFRY_INSTANTIATE(T)                                                       \
  template double gradient_squares(const ParameterSet<T>&, CpuContext&);            \
  template void adam_step(const ParameterSet<T>&, const AdamStep<T>&, CpuContext&); \
  template T* add_parameter(Parameter<T>, bool, ParameterSet<T>*, CpuContext&);     \
  template void add_parameters(const NetworkParameters<T>&, LayerGrads<T>*, bool,   \
                               ParameterSet<T>*, CpuContext&);                      \
  template Network<T> with_next(const Network<T>&, const ParameterSet<T>&, int64_t, CpuContext&);
BELFRY_INSTANTIATE(float)
BELFRY_INSTANTIATE(double)
#undef BELFRY_INSTANTIATE

}  // namespace belfry::cpu
