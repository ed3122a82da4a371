// Operations of vec-inl.h as loops over arrays, one lane group at a time.
#ifndef BELFRY_TEST_NATIVE_VEC_TABLE_H_
#define BELFRY_TEST_NATIVE_VEC_TABLE_H_

#include <cstdint>

namespace belfry::test {

constexpr int kMaxLanes = 16;

// Arrays hold kMaxLanes elements at least; an operation touches `lanes` of them unless it takes n.
template <class T>
struct VecTable {
  int lanes;
  void (*fma)(const T* a, const T* b, const T* c, T* out);  // out[0..3): fma, fnma, fms, by lanes
  void (*rounding)(const T* a, T* out);                     // floor, round, abs, sqrt, by lanes
  void (*ordering)(const T* a, const T* b, T* out);  // min, max, min_nan, max_nan, clamp(a, -1, 1)
  unsigned (*compare)(const T* a, const T* b, int which);  // 0 < 1 <= 2 == 3 > 4 >= 5 !=
  void (*blend)(const T* a, const T* b, T* out);           // a < b ? a : -b
  void (*copysign)(const T* a, const T* b, T* out);
  T (*sum)(const T* a);
  T (*max)(const T* a);
  T (*min)(const T* a);
  void (*load_n)(const T* a, int n, T fill, T* out);  // whole vector stored
  void (*store_n)(const T* a, int n, T* out);         // out[0..n)
  void (*stream)(const T* a, T* out);
  void (*gather)(const T* base, const std::int32_t* index, T* out);
  void (*gather_n)(const T* base, const std::int32_t* index, int n, T* out);
  // n = lanes: the whole form. Returns whether every index lay below `count`.
  bool (*checked_gather)(const T* base, const std::int32_t* index, int n, int count, T* out);
  unsigned (*first_n)(int n);
  int (*count_negative)(const T* a);
  bool (*any_negative)(const T* a);
  bool (*all_negative)(const T* a);
  void (*iota)(T* out);
};

struct ConvertTable {
  int lanes;  // of float
  void (*load_bf16)(const std::uint16_t* in, float* out);
  void (*load_f16)(const std::uint16_t* in, float* out);
  void (*load_bf16_n)(const std::uint16_t* in, int n, float* out);
  void (*load_f16_n)(const std::uint16_t* in, int n, float* out);
  void (*store_bf16)(const float* in, std::uint16_t* out);
  void (*store_f16)(const float* in, std::uint16_t* out);
  void (*store_bf16_n)(const float* in, int n, std::uint16_t* out);
  void (*store_f16_n)(const float* in, int n, std::uint16_t* out);
  void (*widen)(const float* in, double* out);                // lanes floats, both halves
  void (*load_widen)(const float* in, int n, double* out);    // n < 0: all
  void (*store_narrow)(const double* in, int n, float* out);  // n < 0: all
  void (*load_u8)(const std::uint8_t* in, std::int32_t* out);
  void (*int_float)(const float* in, std::int32_t* truncated, float* back);
  void (*integers)(const std::int32_t* a, const std::int32_t* b, std::int32_t* out);  // six results
};

}  // namespace belfry::test

#endif  // BELFRY_TEST_NATIVE_VEC_TABLE_H_
