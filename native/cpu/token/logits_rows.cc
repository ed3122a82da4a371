#include "cpu/token/logits_rows.h"

#include <cmath>
#include <cstring>

#include "math/half.h"

#define BELFRY_TARGET_FILE "cpu/token/logits_rows-inl.h"
#include "cpu/simd/for_each_isa.h"
#define BELFRY_TARGET_FILE "cpu/token/logits_rows_sums-inl.h"
#include "cpu/simd/for_each_isa.h"
#define BELFRY_TARGET_FILE "cpu/token/logits_rows_gradient-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

namespace {

double read_real(const char* at, DType dtype) {
  switch (dtype) {
    case DType::f64: return *reinterpret_cast<const double*>(at);
    case DType::bf16: return math::bf16_to_float(*reinterpret_cast<const uint16_t*>(at));
    case DType::f16: return math::f16_to_float(*reinterpret_cast<const uint16_t*>(at));
    default: return *reinterpret_cast<const float*>(at);
  }
}

void write_real(char* at, DType dtype, double value) {
  const float narrow = static_cast<float>(value);
  switch (dtype) {
    case DType::f64: *reinterpret_cast<double*>(at) = value; break;
    case DType::bf16: *reinterpret_cast<uint16_t*>(at) = math::float_to_bf16(narrow); break;
    case DType::f16: *reinterpret_cast<uint16_t*>(at) = math::float_to_f16(narrow); break;
    default: *reinterpret_cast<float*>(at) = narrow;
  }
}

}  // namespace

template <class C>
RowLogSumExp piece_sums(const LogitRows& rows, int64_t row, int64_t piece, RowSums want) {
  return BELFRY_DISPATCH(piece_sums_body<C>)(rows, row, piece, want);
}

template <class C>
RowLogSumExp row_sums(const LogitRows& rows, int64_t row, RowSums want) {
  const int64_t pieces = row_pieces(rows);
  RowLogSumExp sums;
  for (int64_t piece = 0; piece < pieces; ++piece) {
    sums = math::combine(sums, piece_sums<C>(rows, row, piece, want), rows.inverse_temperature);
  }
  return sums;
}

template <class C>
void piece_gradient(const LogitRows& rows, int64_t row, int64_t piece, const RowLogSumExp& sums,
                    math::SoftmaxGradient<double> gradient, const GradientRows& out) {
  BELFRY_DISPATCH(piece_gradient_body<C>)(rows, row, piece, sums, gradient, out);
}

template RowLogSumExp piece_sums<float>(const LogitRows&, int64_t, int64_t, RowSums);
template RowLogSumExp piece_sums<double>(const LogitRows&, int64_t, int64_t, RowSums);
template RowLogSumExp row_sums<float>(const LogitRows&, int64_t, RowSums);
template RowLogSumExp row_sums<double>(const LogitRows&, int64_t, RowSums);
template void piece_gradient<float>(const LogitRows&, int64_t, int64_t, const RowLogSumExp&,
                                    math::SoftmaxGradient<double>, const GradientRows&);
template void piece_gradient<double>(const LogitRows&, int64_t, int64_t, const RowLogSumExp&,
                                     math::SoftmaxGradient<double>, const GradientRows&);

double capped_logit(const LogitRows& rows, int64_t row, int64_t column) {
  const double x = read_real(rows.address(row, column), rows.dtype);
  return rows.softcap > 0 ? math::soft_cap(x, rows.softcap) : x;
}

void write_gradient(const LogitRows& rows, const GradientRows& out, int64_t row, int64_t column,
                    double value) {
  const int64_t index = row * rows.width + column;
  write_real(static_cast<char*>(out.data) + index * dtype_bytes(out.dtype), out.dtype, value);
}

void zero_gradient(const LogitRows& rows, const GradientRows& out, int64_t row) {
  const int64_t bytes = rows.width * dtype_bytes(out.dtype);
  if (bytes > 0)
    std::memset(static_cast<char*>(out.data) + row * bytes, 0, static_cast<size_t>(bytes));
}

Status ExcludedRow::status(const char* operand) const {
  const int64_t row = first_.load(std::memory_order_relaxed);
  if (row == std::numeric_limits<int64_t>::max()) return {};
  return Status::error(Code::bad_value, operand, "row %lld is all -Infinity",
                       static_cast<long long>(row));
}

}  // namespace belfry::cpu
