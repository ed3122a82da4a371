// What the checks of operands and of outputs share: sizes in numbers, and words for messages.
#pragma once

#include <string>

#include "core/frame.h"

namespace belfry::core {

// More elements than any memory holds; products of sizes stop here instead of overflowing.
inline constexpr int64_t kTooMany = int64_t{1} << 60;
int64_t capped_product(int64_t a, int64_t b);

// Value of a dimension, or -1 while a factor is unknown.
int64_t evaluate(Frame& frame, const Dim& dim, int64_t item);

// An error that says what was found and, as a printf format, what was expected.
[[gnu::format(printf, 4, 5)]] Status mismatch(Code code, const std::string& argument,
                                              const std::string& found, const char* format, ...);

// An operand whose elements are no indices in [0, below).
Status index_mismatch(const std::string& argument, int32_t found, const std::string& where,
                      int64_t below, bool or_none = false);

inline bool is_array(const Field& field) {
  return field.kind == FieldKind::operand || field.kind == FieldKind::output;
}
const char* array_name(DType dtype);
bool dtype_fits(const Field& field, DType got, DType call);
const char* dtype_expected(const Field& field, DType call);

// "[4,8]".
std::string shape_text(const RawView& view);
// "[B,T] = [4,8] (sizes from rewards)".
std::string expected_shape(Frame& frame, const Field& field, const Shape& shape, int64_t item,
                           size_t self);

}  // namespace belfry::core
