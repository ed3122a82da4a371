// Horizontal sum, maximum, minimum of Vec<float> and Vec<double>. Part of vec-inl.h.
// The upper half is combined with the lower half until one lane is left.

namespace belfry::cpu::BELFRY_ISA {
namespace detail {

typedef float F32x4 __attribute__((vector_size(16)));
typedef double F64x2 __attribute__((vector_size(16)));
typedef float F32x8 __attribute__((vector_size(32)));
typedef double F64x4 __attribute__((vector_size(32)));

struct Add {
  template <class V>
  BELFRY_INLINE V operator()(V a, V b) const {
    return a + b;
  }
};
struct Greater {
  template <class V>
  BELFRY_INLINE V operator()(V a, V b) const {
    return a > b ? a : b;
  }
};
struct Less {
  template <class V>
  BELFRY_INLINE V operator()(V a, V b) const {
    return a < b ? a : b;
  }
};

template <class Op>
BELFRY_INLINE float fold(F32x4 v, Op op) {
  v = op(v, __builtin_shufflevector(v, v, 2, 3, 0, 1));
  v = op(v, __builtin_shufflevector(v, v, 1, 0, 3, 2));
  return v[0];
}
template <class Op>
BELFRY_INLINE double fold(F64x2 v, Op op) {
  v = op(v, __builtin_shufflevector(v, v, 1, 0));
  return v[0];
}
#if BELFRY_ISA_LEVEL > 0
template <class Op>
BELFRY_INLINE float fold(F32x8 v, Op op) {
  const F32x4 low = __builtin_shufflevector(v, v, 0, 1, 2, 3);
  const F32x4 high = __builtin_shufflevector(v, v, 4, 5, 6, 7);
  return fold(op(low, high), op);
}
template <class Op>
BELFRY_INLINE double fold(F64x4 v, Op op) {
  const F64x2 low = __builtin_shufflevector(v, v, 0, 1);
  const F64x2 high = __builtin_shufflevector(v, v, 2, 3);
  return fold(op(low, high), op);
}
#endif
#if BELFRY_ISA_LEVEL > 1
template <class Op>
BELFRY_INLINE float fold(raw::F32 v, Op op) {
  const F32x8 low = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7);
  const F32x8 high = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
  return fold(op(low, high), op);
}
template <class Op>
BELFRY_INLINE double fold(raw::F64 v, Op op) {
  const F64x4 low = __builtin_shufflevector(v, v, 0, 1, 2, 3);
  const F64x4 high = __builtin_shufflevector(v, v, 4, 5, 6, 7);
  return fold(op(low, high), op);
}
#endif

}  // namespace detail

template <class T>
BELFRY_INLINE T reduce_sum(Vec<T> v) {
  return detail::fold(v.raw, detail::Add{});
}
template <class T>
BELFRY_INLINE T reduce_max(Vec<T> v) {
  if (any(is_nan(v))) return std::numeric_limits<T>::quiet_NaN();
  return detail::fold(v.raw, detail::Greater{});
}
template <class T>
BELFRY_INLINE T reduce_min(Vec<T> v) {
  if (any(is_nan(v))) return std::numeric_limits<T>::quiet_NaN();
  return detail::fold(v.raw, detail::Less{});
}

}  // namespace belfry::cpu::BELFRY_ISA
