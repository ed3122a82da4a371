// Every function of math-inl.h and activations-inl.h as a loop over an array.
#ifndef BELFRY_TEST_NATIVE_SIMD_MATH_TABLE_H_
#define BELFRY_TEST_NATIVE_SIMD_MATH_TABLE_H_

// clang-format off
#define BELFRY_TEST_FUNCTIONS(X) \
  X(exp) X(exp_no_overflow) X(exp_within) X(expm1) X(log) X(log1p) X(tanh) X(sigmoid) \
  X(softplus) X(log_sigmoid) X(sin) X(cos) X(erf) X(normal_cdf) X(relu) X(leaky_relu) X(elu) X(silu) \
  X(mish) X(gelu_tanh) X(gelu_erf) X(tanh_grad) X(sigmoid_grad) X(softplus_grad) \
  X(relu_grad) X(leaky_relu_grad) X(elu_grad) X(silu_grad) X(mish_grad) X(gelu_tanh_grad) \
  X(gelu_erf_grad) X(silu_shared) X(mish_shared) X(gelu_tanh_shared) X(gelu_erf_shared)
// clang-format on

namespace belfry::test {

// y[i] = f(x[i]) for i < n; n is a multiple of 16.
template <class T>
struct MathTable {
#define BELFRY_TEST_MEMBER(f) void (*f)(const T* x, T* y, int n);
  BELFRY_TEST_FUNCTIONS(BELFRY_TEST_MEMBER)
#undef BELFRY_TEST_MEMBER
};

}  // namespace belfry::test

#endif  // BELFRY_TEST_NATIVE_SIMD_MATH_TABLE_H_
