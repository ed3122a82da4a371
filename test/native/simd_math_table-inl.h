namespace belfry::cpu::BELFRY_ISA {
namespace {

namespace wrapped {
#define BELFRY_TEST_WRAP(name, expression) \
  template <class T>                       \
  BELFRY_INLINE Vec<T> name(Vec<T> x) {    \
    return expression;                     \
  }
BELFRY_TEST_WRAP(sin, sincos(x).sin)
BELFRY_TEST_WRAP(cos, sincos(x).cos)
BELFRY_TEST_WRAP(normal_cdf, normal_parts(x).cdf)
BELFRY_TEST_WRAP(leaky_relu, BELFRY_ISA::leaky_relu(x, T(0.01)))
BELFRY_TEST_WRAP(tanh_grad, tanh_with_grad(x).grad)
BELFRY_TEST_WRAP(sigmoid_grad, sigmoid_with_grad(x).grad)
BELFRY_TEST_WRAP(softplus_grad, softplus_with_grad(x).grad)
BELFRY_TEST_WRAP(relu_grad, relu_with_grad(x).grad)
BELFRY_TEST_WRAP(leaky_relu_grad, leaky_relu_with_grad(x, T(0.01)).grad)
BELFRY_TEST_WRAP(elu_grad, elu_with_grad(x).grad)
BELFRY_TEST_WRAP(silu_grad, silu_with_grad(x).grad)
BELFRY_TEST_WRAP(mish_grad, mish_with_grad(x).grad)
BELFRY_TEST_WRAP(gelu_tanh_grad, gelu_tanh_with_grad(x).grad)
BELFRY_TEST_WRAP(gelu_erf_grad, gelu_erf_with_grad(x).grad)
BELFRY_TEST_WRAP(silu_shared, silu_with_grad(x).value)
BELFRY_TEST_WRAP(mish_shared, mish_with_grad(x).value)
BELFRY_TEST_WRAP(gelu_tanh_shared, gelu_tanh_with_grad(x).value)
BELFRY_TEST_WRAP(gelu_erf_shared, gelu_erf_with_grad(x).value)
#undef BELFRY_TEST_WRAP

// Found by their names among the loops below, whatever the namespace they come from.
using BELFRY_ISA::elu;
using BELFRY_ISA::erf;
using BELFRY_ISA::exp;
using BELFRY_ISA::exp_no_overflow;
using BELFRY_ISA::exp_within;
using BELFRY_ISA::expm1;
using BELFRY_ISA::gelu_erf;
using BELFRY_ISA::gelu_tanh;
using BELFRY_ISA::log;
using BELFRY_ISA::log1p;
using BELFRY_ISA::log_sigmoid;
using BELFRY_ISA::mish;
using BELFRY_ISA::relu;
using BELFRY_ISA::sigmoid;
using BELFRY_ISA::silu;
using BELFRY_ISA::softplus;
using BELFRY_ISA::tanh;
}  // namespace wrapped

#define BELFRY_TEST_LOOP(f)                                                            \
  template <class T>                                                                   \
  void loop_##f(const T* x, T* y, int n) {                                             \
    for (int i = 0; i < n; i += Vec<T>::kLanes) store(y + i, wrapped::f(load(x + i))); \
  }
BELFRY_TEST_FUNCTIONS(BELFRY_TEST_LOOP)
#undef BELFRY_TEST_LOOP

}  // namespace

test::MathTable<float> float_math() {
#define BELFRY_TEST_ENTRY(f) loop_##f<float>,
  return {BELFRY_TEST_FUNCTIONS(BELFRY_TEST_ENTRY)};
#undef BELFRY_TEST_ENTRY
}

test::MathTable<double> double_math() {
#define BELFRY_TEST_ENTRY(f) loop_##f<double>,
  return {BELFRY_TEST_FUNCTIONS(BELFRY_TEST_ENTRY)};
#undef BELFRY_TEST_ENTRY
}

}  // namespace belfry::cpu::BELFRY_ISA
