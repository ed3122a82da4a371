// What an op struct is made of: typed views of operands and outputs, and the kinds of parameter.
//
// Every view has the layout of RawView, whatever its element type, so one generic path can fill
// any op struct from the field table, and Op<float> and Op<double> have the same layout.
// A view owns nothing. `present` is false for an optional operand that was not given and for an
// output that was not asked for; the data of an empty array may be null.
#pragma once

#include <cstdint>

namespace belfry {

enum class DType : int32_t { f32 = 0, f64 = 1, bf16 = 2, f16 = 3, i32 = 4, u8 = 5 };

constexpr int kMaxRank = 4;

constexpr int64_t dtype_bytes(DType dtype) {
  switch (dtype) {
    case DType::f64: return 8;
    case DType::f32:
    case DType::i32: return 4;
    case DType::bf16:
    case DType::f16: return 2;
    case DType::u8: return 1;
  }
  return 0;
}

struct RawView {
  void* data = nullptr;
  int64_t dims[kMaxRank] = {1, 1, 1, 1};
  DType dtype = DType::f32;
  int32_t rank = 0;
  bool present = false;
  int64_t* num_rows = nullptr;  // outputs whose length the data decide: dims[0] is the most

  constexpr int64_t size() const {
    int64_t n = 1;
    for (int i = 0; i < rank; ++i) n *= dims[i];
    return n;
  }
  constexpr explicit operator bool() const { return present; }
};

// Row-major array of T with R dimensions; the element type is checked before an op runs.
template <class T, int R>
struct View : RawView {
  static constexpr int kRank = R;
  using Element = T;
  T* begin() const { return static_cast<T*>(data); }
  T& operator[](int64_t i) const { return static_cast<T*>(data)[i]; }
};

template <class T, int R>
struct In : View<const T, R> {};
template <class T, int R>
struct Out : View<T, R> {
  // How many rows were written, where the data decide it.
  void set_rows(int64_t count) const { *this->num_rows = count; }
};

// 0 or non-zero, as uint8 or int32.
template <int R>
struct Flags : RawView {
  static constexpr int kRank = R;
};

// A real operand that may also be half precision (`dtype` tells): logits, hidden states, weights.
template <int R>
struct MixedIn : RawView {
  static constexpr int kRank = R;
};
template <int R>
struct MixedOut : RawView {
  static constexpr int kRank = R;
};

// `weight_0, weight_1, ...` or a parameter that is a list.
template <class T>
struct List {
  T* items = nullptr;
  int64_t count = 0;
  T& operator[](int64_t i) const { return items[i]; }
};

// A number that may be `null` ("off").
struct NullableNumber {
  double value = 0;
  bool present = false;
};

// A number or one of a few words; `word` is -1 when a number was given.
template <class Word>
struct NumberOr {
  double value = 0;
  Word word = static_cast<Word>(-1);
  constexpr bool is(Word w) const { return word == w; }
};

}  // namespace belfry
