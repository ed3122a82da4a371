// Operands and outputs of an op that another op's kernel calls.
#pragma once

#include <initializer_list>
#include <type_traits>

#include "belfry/views.h"

namespace belfry {

template <class T>
constexpr DType dtype_of() {
  if constexpr (sizeof(T) == 8) return DType::f64;
  if constexpr (sizeof(T) == 1) return DType::u8;
  return std::is_integral_v<T> ? DType::i32 : DType::f32;
}

// A null pointer leaves the view absent.
template <class T>
void show(RawView& view, const T* data, std::initializer_list<int64_t> dims) {
  view.data = const_cast<T*>(data);
  view.dtype = dtype_of<T>();
  view.rank = static_cast<int32_t>(dims.size());
  view.present = data != nullptr;
  int64_t* to = view.dims;
  for (const int64_t dim : dims) *to++ = dim;
}

}  // namespace belfry
