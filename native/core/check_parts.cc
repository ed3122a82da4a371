#include "core/check_parts.h"

#include <algorithm>

namespace belfry::core {

Status mismatch(Code code, const std::string& argument, const std::string& found,
                const char* format, ...) {
  Status status = Status::error(code, argument.c_str(), "%s", found.c_str());
  va_list args;
  va_start(args, format);
  std::vsnprintf(status.expected, sizeof status.expected, format, args);
  va_end(args);
  return status;
}

Status index_mismatch(const std::string& argument, int32_t found, const std::string& where,
                      int64_t below, bool or_none) {
  return mismatch(Code::bad_value, argument, "holds " + std::to_string(found) + where,
                  "indices in [0, %lld)%s", static_cast<long long>(below),
                  or_none ? ", or -1" : "");
}

const char* array_name(DType dtype) {
  switch (dtype) {
    case DType::f32: return "Float32Array";
    case DType::f64: return "Float64Array";
    case DType::bf16: return "Uint16Array with dtype 'bfloat16'";
    case DType::f16: return "Uint16Array with dtype 'float16'";
    case DType::i32: return "Int32Array";
    case DType::u8: return "Uint8Array";
  }
  return "?";
}

bool dtype_fits(const Field& field, DType got, DType call) {
  switch (field.element) {
    case Element::real: return got == call;
    case Element::mixed:
      return got == call || (call == DType::f32 && (got == DType::bf16 || got == DType::f16));
    case Element::flag: return got == DType::u8 || got == DType::i32;
    case Element::index: return got == DType::i32;
  }
  return false;
}

const char* dtype_expected(const Field& field, DType call) {
  switch (field.element) {
    case Element::real:
      return call == DType::f32 ? "Float32Array (all real operands of a call share a type)"
                                : "Float64Array (all real operands of a call share a type)";
    case Element::mixed:
      return call == DType::f32 ? "Float32Array, or Uint16Array with dtype 'bfloat16' or 'float16'"
                                : "Float64Array (all real operands of a call share a type)";
    case Element::flag: return "Uint8Array or Int32Array";
    case Element::index: return "Int32Array";
  }
  return "";
}

std::string shape_text(const RawView& view) {
  std::string text = "[";
  for (int i = 0; i < view.rank; ++i) {
    if (i) text += ",";
    text += std::to_string(view.dims[i]);
  }
  return text + "]";
}

int64_t capped_product(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kTooMany : std::min(product, kTooMany);
}

namespace {

// -1 while the exponent is not known.
int64_t raised(Frame& frame, const Factor& factor, int64_t value) {
  if (factor.power < 0) return value;
  const int64_t exponent = frame.symbol(factor.power);
  if (exponent < 0) return -1;
  int64_t power = 1;
  for (int64_t i = 0; i < exponent && value != 1 && power > 0 && power < kTooMany; ++i) {
    power = capped_product(power, value);
  }
  return power;
}

}  // namespace

int64_t evaluate(Frame& frame, const Dim& dim, int64_t item) {
  if (dim.is_symbol() && dim.factors[0].at == Factor::At::plain) {
    return frame.symbol(dim.factors[0].symbol);
  }
  int64_t product = dim.times;
  for (int i = 0; i < dim.num_factors; ++i) {
    const int64_t size = frame.value(dim.factors[i], item);
    if (size < 0) return -1;
    const int64_t value = raised(frame, dim.factors[i], size);
    if (value < 0) return -1;
    product = capped_product(product, value);
  }
  return dim.num_factors ? product + dim.add : dim.add;
}

std::string expected_shape(Frame& frame, const Field& field, const Shape& shape, int64_t item,
                           size_t self) {
  std::string values, origins;
  std::vector<int16_t> from;
  for (int i = 0; i < shape.rank; ++i) {
    const int64_t value = evaluate(frame, shape.dims[i], item);
    if (i) values += ",";
    values += value < 0 ? "?" : std::to_string(value);
    for (int k = 0; k < shape.dims[i].num_factors; ++k) {
      const int16_t origin = frame.origin(shape.dims[i].factors[k].symbol);
      if (origin < 0 || origin == static_cast<int16_t>(self)) continue;
      if (std::find(from.begin(), from.end(), origin) == from.end()) from.push_back(origin);
    }
  }
  std::string names = field.dims;
  names = names.substr(0, names.find('|'));
  for (const int16_t origin : from) {
    const Field& other = frame.op().info.fields[static_cast<size_t>(origin)];
    origins += origins.empty() ? " (sizes from " : ", ";
    origins += public_name(other.name);
  }
  if (!origins.empty()) origins += ")";
  return std::string("[").append(names).append("] = [").append(values).append("]").append(origins);
}

}  // namespace belfry::core
