#include "cpu/flow/parameters.h"

#include <new>

#include "cpu/optim/parameter_step.h"

namespace belfry::cpu {

namespace {

template <class T>
const ParameterArray<T>* arrays_of(const ParameterSet<T>& set, CpuContext& context) {
  auto* const arrays = context.scratch<ParameterArray<T>>(set.count);
  const auto at = [](auto* array, int64_t i) { return array ? array + i : nullptr; };
  for (int64_t k = 0; k < set.count; ++k) {
    const Parameter<T>& p = set.items[k];
    const int64_t m = p.first, v = set.size + p.first;
    new (&arrays[k])
        ParameterArray<T>{p.value,    at(set.moments, m),      at(set.moments, v),      p.grad,
                          p.next,     at(set.next_moments, m), at(set.next_moments, v), p.count,
                          p.follower, p.next_follower};
  }
  return arrays;
}

}  // namespace

template <class T>
double gradient_squares(const ParameterSet<T>& set, CpuContext& context) {
  return gradient_squares(arrays_of(set, context), set.count, context);
}

template <class T>
void adam_step(const ParameterSet<T>& set, const AdamStep<T>& step, CpuContext& context) {
  step_arrays(arrays_of(set, context), set.count, step.rule, {step.scale, step.tau}, context);
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
