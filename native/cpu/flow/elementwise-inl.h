// Body of elementwise.h, once per instruction set. 10 to 20 operations per element; the arrays of a
// block of rows are in L1 or L2 when they come here.

namespace belfry::cpu::BELFRY_ISA {
namespace {

// −∞·0 is kept out: e^−1000 is 0 in both types.
template <class T>
BELFRY_INLINE Vec<T> not_below_far(Vec<T> x) {
  return max(Vec<T>(T(-1000)), x);
}

#define BELFRY_ACTIVATION(Name, bounded, f, ...)                \
  struct Name {                                                 \
    template <class T>                                          \
    BELFRY_INLINE static Vec<T> value(Vec<T> x) {               \
      return f(bounded __VA_OPT__(, ) __VA_ARGS__);             \
    }                                                           \
    template <class T>                                          \
    BELFRY_INLINE static ValueGrad<T> value_grad(Vec<T> x) {    \
      return f##_with_grad(bounded __VA_OPT__(, ) __VA_ARGS__); \
    }                                                           \
  };

struct Identity {
  template <class T>
  BELFRY_INLINE static Vec<T> value(Vec<T> x) {
    return x;
  }
  template <class T>
  BELFRY_INLINE static ValueGrad<T> value_grad(Vec<T> x) {
    return {x, Vec<T>(T(1))};
  }
};
BELFRY_ACTIVATION(Relu, x, relu)
BELFRY_ACTIVATION(LeakyRelu, x, leaky_relu, static_cast<T>(math::kLeakySlope))
BELFRY_ACTIVATION(Tanh, x, tanh)
BELFRY_ACTIVATION(Sigmoid, x, sigmoid)
BELFRY_ACTIVATION(Softplus, x, softplus)
BELFRY_ACTIVATION(Elu, x, elu)
BELFRY_ACTIVATION(Silu, not_below_far(x), silu)
BELFRY_ACTIVATION(Mish, not_below_far(x), mish)
BELFRY_ACTIVATION(GeluTanh, not_below_far(x), gelu_tanh)
BELFRY_ACTIVATION(GeluErf, not_below_far(x), gelu_erf)
#undef BELFRY_ACTIVATION

template <class Body>
BELFRY_INLINE void with_activation(Activation kind, Body body) {
  switch (kind) {
    case Activation::identity: return body(Identity{});
    case Activation::relu: return body(Relu{});
    case Activation::leaky_relu: return body(LeakyRelu{});
    case Activation::tanh: return body(Tanh{});
    case Activation::sigmoid: return body(Sigmoid{});
    case Activation::softplus: return body(Softplus{});
    case Activation::elu: return body(Elu{});
    case Activation::silu: return body(Silu{});
    case Activation::mish: return body(Mish{});
    case Activation::gelu_tanh: return body(GeluTanh{});
    case Activation::gelu_erf: return body(GeluErf{});
  }
}

// The rest of an array goes through a padded copy, so that each formula is there once.
template <class T>
struct Rest {
  T values[Vec<T>::kLanes] = {};
  int64_t count;

  BELFRY_INLINE Rest(const T* from, int64_t n) : count(n) {
    for (int64_t i = 0; i < n; ++i) values[i] = from[i];
  }
  BELFRY_INLINE void copy_to(T* to) const {
    for (int64_t i = 0; i < count; ++i) to[i] = values[i];
  }
};

template <class F, class T>
__attribute__((noinline)) void value_loop(const T* x, T* y, int64_t n) {
  constexpr int kLanes = Vec<T>::kLanes;
  const int64_t whole = n - n % kLanes;
  for (int64_t i = 0; i < whole; i += kLanes) store(y + i, F::value(load(x + i)));
  if (whole == n) return;
  Rest<T> rest(x + whole, n - whole);
  value_loop<F, T>(rest.values, rest.values, kLanes);
  rest.copy_to(y + whole);
}

// What is not given stands still on one vector: a branch would have the compiler copy the loop.
template <class F, class T>
__attribute__((noinline)) void chain_loop(const T* x, const T* in, T* out, T* y, int64_t n) {
  constexpr int kLanes = Vec<T>::kLanes;
  const int64_t whole = n - n % kLanes;
  T ones[kLanes], unused[kLanes];
  store(ones, Vec<T>(T(1)));
  const int64_t in_step = in ? kLanes : 0, y_step = y ? kLanes : 0;
  const T* in_at = in ? in : ones;
  T* y_at = y ? y : unused;
  for (int64_t i = 0; i < whole; i += kLanes, in_at += in_step, y_at += y_step) {
    const ValueGrad<T> f = F::value_grad(load(x + i));
    store(out + i, f.grad * load(in_at));
    store(y_at, f.value);
  }
  if (whole == n) return;
  Rest<T> rest(x + whole, n - whole), factor(in_at, in ? n - whole : 0);
  chain_loop<F, T>(rest.values, in ? factor.values : nullptr, factor.values, rest.values, kLanes);
  factor.count = n - whole;
  factor.copy_to(out + whole);
  if (y) rest.copy_to(y_at);
}

BELFRY_INLINE void add_widened(const float* x, double* sums, int count) {
  store_n(sums, load_n(sums, count) + load_widen_n(x, count), count);
}
BELFRY_INLINE void add_widened(const double* x, double* sums, int count) {
  store_n(sums, load_n(sums, count) + load_n(x, count), count);
}
BELFRY_INLINE Vec<double> widened(const float* x) { return load_widen(x); }
BELFRY_INLINE Vec<double> widened(const double* x) { return load(x); }

}  // namespace

template <class T>
void activate_body(Activation kind, const T* x, T* y, int64_t n) {
  with_activation(kind, [=](auto f) { value_loop<decltype(f)>(x, y, n); });
}

template <class T>
void chain_body(Activation kind, const T* x, const T* in, T* out, T* y, int64_t n) {
  with_activation(kind, [=](auto f) { chain_loop<decltype(f)>(x, in, out, y, n); });
}

template <class T>
void scaled_body(const T* a, const T* b, T s, T* out, int64_t n) {
  constexpr int kLanes = Vec<T>::kLanes;
  for (int64_t i = 0; i < n; i += kLanes) {
    const int count = static_cast<int>(n - i < kLanes ? n - i : kLanes);
    store_n(out + i, fma(load_n(b + i, count), s, load_n(a + i, count)), count);
  }
}

// K vectors of columns, whose additions do not wait for each other.
template <int K, class T>
BELFRY_INLINE void add_columns(const T* x, int64_t rows, int64_t width, double* sums) {
  constexpr int kLanes = Vec<double>::kLanes;
  Vec<double> sum[K];
  for (int k = 0; k < K; ++k) sum[k] = load(sums + k * kLanes);
  for (int64_t row = 0; row < rows; ++row, x += width) {
    for (int k = 0; k < K; ++k) sum[k] += widened(x + k * kLanes);
  }
  for (int k = 0; k < K; ++k) store(sums + k * kLanes, sum[k]);
}

template <class T>
void column_sums_body(const T* x, int64_t rows, int64_t width, double* sums) {
  constexpr int kLanes = Vec<double>::kLanes, kGroup = 8;
  int64_t i = 0;
  for (; i + kGroup * kLanes <= width; i += kGroup * kLanes) {
    add_columns<kGroup>(x + i, rows, width, sums + i);
  }
  for (; i + kLanes <= width; i += kLanes) add_columns<1>(x + i, rows, width, sums + i);
  if (i < width) {
    const int count = static_cast<int>(width - i);
    for (int64_t row = 0; row < rows; ++row) add_widened(x + row * width + i, sums + i, count);
  }
}

template void activate_body(Activation, const float*, float*, int64_t);
template void activate_body(Activation, const double*, double*, int64_t);
template void chain_body(Activation, const float*, const float*, float*, float*, int64_t);
template void chain_body(Activation, const double*, const double*, double*, double*, int64_t);
template void scaled_body(const float*, const float*, float, float*, int64_t);
template void scaled_body(const double*, const double*, double, double*, int64_t);
template void column_sums_body(const float*, int64_t, int64_t, double*);
template void column_sums_body(const double*, int64_t, int64_t, double*);

}  // namespace belfry::cpu::BELFRY_ISA
