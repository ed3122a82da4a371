#include "core/check.h"

#include <algorithm>
#include <cmath>

namespace belfry::core {

namespace {

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

bool is_array(const Field& field) {
  return field.kind == FieldKind::operand || field.kind == FieldKind::output;
}

[[gnu::format(printf, 5, 6)]] Status mismatch(Code code, const std::string& argument,
                                              const std::string& found, int, const char* format,
                                              ...) {
  Status status = Status::error(code, argument.c_str(), "%s", found.c_str());
  va_list args;
  va_start(args, format);
  std::vsnprintf(status.expected, sizeof status.expected, format, args);
  va_end(args);
  return status;
}

std::string shape_text(const RawView& view) {
  std::string text = "[";
  for (int i = 0; i < view.rank; ++i) {
    if (i) text += ",";
    text += std::to_string(view.dims[i]);
  }
  return text + "]";
}

// More elements than any memory holds; products of sizes stop here instead of overflowing.
constexpr int64_t kTooMany = int64_t{1} << 60;

int64_t capped_product(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kTooMany : std::min(product, kTooMany);
}

// Value of a dimension, or -1 while a factor is unknown.
int64_t evaluate(Frame& frame, const Dim& dim, int64_t item) {
  if (dim.is_symbol() && dim.factors[0].at == Factor::At::plain) {
    return frame.symbol(dim.factors[0].symbol);
  }
  int64_t product = 1;
  for (int i = 0; i < dim.num_factors; ++i) {
    const int64_t* slot = frame.slot(dim.factors[i], item);
    if (!slot || *slot < 0) return -1;
    product = capped_product(product, *slot);
  }
  return dim.num_factors ? product + dim.add : dim.add;
}

// Solves a dimension with exactly one unknown factor for it. False: does not divide.
bool solve(Frame& frame, const Dim& dim, int64_t item, int64_t value, int16_t field) {
  int64_t known = 1;
  int unknown = -1;
  for (int i = 0; i < dim.num_factors; ++i) {
    const int64_t* slot = frame.slot(dim.factors[i], item);
    if (slot && *slot >= 0) {
      known = capped_product(known, *slot);
    } else if (unknown >= 0) {
      return true;
    } else {
      unknown = i;
    }
  }
  if (unknown < 0) return true;
  int64_t* slot = frame.slot(dim.factors[unknown], item);
  const int64_t rest = value - dim.add;
  if (!slot || known == 0) return true;
  if (rest < 0 || rest % known != 0) return false;
  *slot = rest / known;
  frame.set_origin(dim.factors[unknown].symbol, field);
  return true;
}

const Shape* shape_for(const CompiledField& compiled, int rank) {
  for (const Shape& shape : compiled.shapes) {
    if (shape.rank == rank) return &shape;
  }
  return nullptr;
}

// "[B,T] = [4,8] (B, T from rewards)".
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

Status bad_shape(Frame& frame, size_t field, int64_t item, const RawView& view) {
  const Field& declared = frame.op().info.fields[field];
  const CompiledField& compiled = frame.op().fields[field];
  const std::string name = public_name(declared.name, item);
  const Shape* shape = shape_for(compiled, view.rank);
  if (!shape) shape = &compiled.shapes.front();
  return mismatch(Code::bad_shape, name, "has shape " + shape_text(view), 0, "%s",
                  expected_shape(frame, declared, *shape, item, field).c_str());
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

// The call's type: that of the first real operand, else of a mixed one, else float64.
Status resolve_dtype(Frame& frame) {
  bool found = false;
  for (const Element wanted : {Element::real, Element::mixed}) {
    for (const size_t i : frame.op().operands) {
      if (found) break;
      const Field& field = frame.op().info.fields[i];
      if (field.element != wanted) continue;
      for (int64_t k = 0; k < frame.num_views(i) && !found; ++k) {
        const RawView& view = frame.views(i)[k];
        if (!view.present) continue;
        const bool f64 = view.dtype == DType::f64;
        const bool half = view.dtype == DType::bf16 || view.dtype == DType::f16;
        if (!f64 && view.dtype != DType::f32 && !(half && wanted == Element::mixed)) {
          return mismatch(Code::bad_dtype, public_name(field.name, k),
                          std::string("is ") + array_name(view.dtype), 0,
                          wanted == Element::mixed
                              ? "Float32Array, Float64Array, or Uint16Array with a half dtype"
                              : "Float32Array or Float64Array");
        }
        frame.dtype = f64 ? DType::f64 : DType::f32;
        found = true;
      }
    }
  }
  return {};
}

Status check_presence(Frame& frame, size_t i) {
  const Field& field = frame.op().info.fields[i];
  const CompiledField& compiled = frame.op().fields[i];
  if (frame.given(i)) return {};
  if (field.optional && compiled.when >= 0) {
    const auto decider = static_cast<size_t>(compiled.when);
    if (frame.at<int32_t>(decider) != compiled.when_word) return {};
    return Status::error(Code::missing_operand, field.name, "is required when %s is '%s'",
                         public_name(field.needs_choice).c_str(), field.needs_word);
  }
  if (field.optional) return {};
  return Status::error(Code::missing_operand, field.name, "is required");
}

Status check_list_count(Frame& frame, size_t i) {
  const Field& field = frame.op().info.fields[i];
  const int16_t symbol = frame.op().fields[i].count;
  if (field.arity != Arity::list || symbol < 0 || !frame.given(i)) return {};
  const int64_t count = frame.num_views(i);
  const int64_t known = frame.symbol(symbol);
  if (known < 0) {
    frame.bind(symbol, count, static_cast<int16_t>(i));
    return {};
  }
  if (field.gaps ? count <= known : count == known) return {};
  return mismatch(
      Code::bad_shape, public_name(field.name), "comes " + std::to_string(count) + " times", 0,
      "%lld arrays, as many as %s", static_cast<long long>(known),
      frame.origin(symbol) < 0
          ? "asked for"
          : public_name(frame.op().info.fields[static_cast<size_t>(frame.origin(symbol))].name)
                .c_str());
}

// A size that a parameter names: 0 is "from the shapes" where that is the default.
Status check_size_parameter(Frame& frame, size_t i) {
  const Field& field = frame.op().info.fields[i];
  const int16_t symbol = frame.op().fields[i].size_of;
  if (symbol < 0) return {};
  const int64_t value = frame.at<int64_t>(i);
  if (!field.required && value == 0) return {};
  const int64_t known = frame.symbol(symbol);
  if (known < 0) {
    frame.bind(symbol, value, static_cast<int16_t>(i));
    return {};
  }
  if (known == value) return {};
  const int16_t origin = frame.origin(symbol);
  return mismatch(
      Code::bad_shape, public_name(field.name), "is " + std::to_string(value), 0, "%lld%s%s",
      static_cast<long long>(known), origin < 0 ? "" : ", the size of ",
      origin < 0 ? ""
                 : public_name(frame.op().info.fields[static_cast<size_t>(origin)].name).c_str());
}

Status check_word_list(Frame& frame, size_t i) {
  const Field& field = frame.op().info.fields[i];
  const int16_t symbol = frame.op().fields[i].count;
  if (field.kind != FieldKind::choice_list) return {};
  const int64_t count = frame.at<List<int32_t>>(i).count;
  if (symbol < 0 || (field.optional && count == 0) || frame.symbol(symbol) == count) return {};
  return mismatch(Code::bad_shape, public_name(field.name),
                  "has " + std::to_string(count) + " entries", 0, "%lld, one for each",
                  static_cast<long long>(frame.symbol(symbol)));
}

// Compares sizes with what is known and takes those that are not. A dimension with more than one
// unknown factor waits for other operands: `open`, null in the last pass.
Status check_dims(Frame& frame, size_t i, bool* open) {
  const Op& op = frame.op();
  for (int64_t k = 0; k < frame.num_views(i); ++k) {
    RawView& view = frame.views(i)[k];
    if (!view.present) continue;
    const Shape* shape = shape_for(op.fields[i], view.rank);
    if (!shape) return bad_shape(frame, i, k, view);
    for (int d = 0; d < shape->rank; ++d) {
      const int64_t value = evaluate(frame, shape->dims[d], k);
      if (value == view.dims[d]) continue;
      if (value >= 0 || !solve(frame, shape->dims[d], k, view.dims[d], static_cast<int16_t>(i))) {
        return bad_shape(frame, i, k, view);
      }
      if (evaluate(frame, shape->dims[d], k) == view.dims[d]) continue;
      if (!open) return bad_shape(frame, i, k, view);
      *open = true;
    }
  }
  return {};
}

// Sizes that follow from others; a rule about operands that were not given says nothing.
Status check_rules(Frame& frame) {
  const Op& op = frame.op();
  for (size_t i = 0; i < op.rules.size(); ++i) {
    const int64_t size = evaluate(frame, op.rules[i].size, 0);
    int64_t sum = 0;
    for (const Dim& term : op.rules[i].terms) {
      const int64_t value = evaluate(frame, term, 0);
      sum = value < 0 || sum < 0 ? -1 : sum + value;
    }
    if (size < 0 || sum < 0 || size == sum) continue;
    const int16_t origin = frame.origin(op.rules[i].size.factors[0].symbol);
    const std::string name =
        origin < 0 ? "" : public_name(op.info.fields[static_cast<size_t>(origin)].name, 0);
    return mismatch(Code::bad_shape, name,
                    std::string("has ") + op.info.rules[i].size + " = " + std::to_string(size), 0,
                    "%s = %lld", op.info.rules[i].sum, static_cast<long long>(sum));
  }
  return {};
}

}  // namespace

Status check_operands(Frame& frame) {
  const Op& op = frame.op();
  if (Status s = resolve_dtype(frame); !s.ok()) return s;
  for (const size_t i : op.operands) {
    const Field& field = op.info.fields[i];
    if (Status s = check_presence(frame, i); !s.ok()) return s;
    for (int64_t k = 0; k < frame.num_views(i); ++k) {
      const RawView& view = frame.views(i)[k];
      if (view.present && !dtype_fits(field, view.dtype, frame.dtype)) {
        return mismatch(Code::bad_dtype, public_name(field.name, k),
                        std::string("is ") + array_name(view.dtype), 0, "%s",
                        dtype_expected(field, frame.dtype));
      }
    }
    if (Status s = check_list_count(frame, i); !s.ok()) return s;
  }
  bool open = false;
  for (const size_t i : op.operands) {
    if (Status s = check_dims(frame, i, &open); !s.ok()) return s;
  }
  for (size_t i = 0; i < op.fields.size(); ++i) {
    if (Status s = check_size_parameter(frame, i); !s.ok()) return s;
  }
  for (size_t k = 0; open && k < op.operands.size(); ++k) {
    if (Status s = check_dims(frame, op.operands[k], nullptr); !s.ok()) return s;
  }
  for (size_t i = 0; i < op.fields.size(); ++i) {
    if (Status s = check_word_list(frame, i); !s.ok()) return s;
  }
  return check_rules(frame);
}

Status check_data(Frame& frame, const IntScanner& scanner) {
  const Op& op = frame.op();
  for (size_t i = 0; i < op.info.fields.size(); ++i) {
    const Field& field = op.info.fields[i];
    const CompiledField& compiled = op.fields[i];
    if (compiled.index_below < 0 && compiled.offsets_to < 0) continue;
    if (frame.num_views(i) == 0) continue;
    const RawView& view = *frame.views(i);
    if (!view.present || view.size() == 0) continue;
    int32_t skip = 0;
    const bool skips = compiled.index_or >= 0;
    if (skips)
      skip = static_cast<int32_t>(frame.at<int64_t>(static_cast<size_t>(compiled.index_or)));
    IntFacts facts;
    if (Status s = scanner.scan(scanner.self, view, skips ? &skip : nullptr, &facts); !s.ok()) {
      return s;
    }
    const std::string name = public_name(field.name);
    if (compiled.index_below >= 0 && facts.min <= facts.max) {
      const int64_t below = frame.symbol(compiled.index_below);
      if (facts.min >= 0 && facts.max < below) continue;
      const int32_t bad = facts.min < 0 ? facts.min : facts.max;
      return mismatch(Code::bad_value, name, "holds " + std::to_string(bad), 0,
                      "indices in [0, %lld)", static_cast<long long>(below));
    }
    if (compiled.offsets_to >= 0) {
      const int64_t end = frame.symbol(compiled.offsets_to);
      if (facts.monotone && facts.first == 0 && facts.last == end) continue;
      const std::string found = !facts.monotone ? "falls somewhere"
                                                : "runs from " + std::to_string(facts.first) +
                                                      " to " + std::to_string(facts.last);
      return mismatch(Code::bad_value, name, found, 0, "offsets that never fall, from 0 to %lld",
                      static_cast<long long>(end));
    }
  }
  return {};
}

bool output_possible(Frame& frame, size_t field, int64_t item) {
  const CompiledField& compiled = frame.op().fields[field];
  if (compiled.when >= 0 && frame.op().info.fields[field].kind == FieldKind::output) {
    const auto decider = static_cast<size_t>(compiled.when);
    const bool number_or = frame.op().info.fields[decider].kind == FieldKind::number_or_word;
    const int32_t word = number_or ? static_cast<int32_t>(frame.at<NumberOr<int32_t>>(decider).word)
                                   : frame.at<int32_t>(decider);
    if (word != compiled.when_word) return false;
  }
  for (const int16_t needed : compiled.needs) {
    const auto operand = static_cast<size_t>(needed);
    const bool per_item = frame.op().info.fields[operand].arity == Arity::list &&
                          frame.op().info.fields[field].arity == Arity::list;
    if (!per_item && !frame.given(operand)) return false;
    if (per_item && (item >= frame.num_views(operand) || !frame.views(operand)[item].present)) {
      return false;
    }
  }
  return true;
}

int64_t output_count(Frame& frame, size_t field) {
  if (frame.op().info.fields[field].arity != Arity::list) return 1;
  return std::max<int64_t>(0, frame.symbol(frame.op().fields[field].count));
}

bool shape_output(Frame& frame, size_t field, int64_t item, RawView& view) {
  const Shape& shape = frame.op().fields[field].shapes.front();
  view.rank = shape.rank;
  int64_t elements = 1;
  for (int d = 0; d < shape.rank; ++d) {
    view.dims[d] = std::max<int64_t>(0, evaluate(frame, shape.dims[d], item));
    elements = capped_product(elements, view.dims[d]);
  }
  switch (frame.op().info.fields[field].element) {
    case Element::real:
    case Element::mixed: view.dtype = frame.dtype; break;
    case Element::flag: view.dtype = DType::u8; break;
    case Element::index: view.dtype = DType::i32; break;
  }
  return elements < kTooMany;
}

Status check_output(Frame& frame, size_t field, int64_t item, const RawView& supplied,
                    bool any_shape) {
  const Field& declared = frame.op().info.fields[field];
  RawView wanted;
  static_cast<void>(shape_output(frame, field, item, wanted));
  if (!dtype_fits(declared, supplied.dtype, frame.dtype)) {
    return mismatch(Code::bad_dtype, "out." + public_name(declared.name, item),
                    std::string("is ") + array_name(supplied.dtype), 0, "%s",
                    dtype_expected(declared, frame.dtype));
  }
  bool fits = any_shape ? supplied.size() == wanted.size() : supplied.rank == wanted.rank;
  for (int d = 0; d < wanted.rank && fits && !any_shape; ++d) {
    fits = supplied.dims[d] == wanted.dims[d];
  }
  if (fits) return {};
  const Shape& shape = frame.op().fields[field].shapes.front();
  return mismatch(Code::bad_shape, "out." + public_name(declared.name, item),
                  "has shape " + shape_text(supplied), 0, "%s",
                  expected_shape(frame, declared, shape, item, field).c_str());
}

Status check_aliases(Frame& frame) {
  const Op& op = frame.op();
  const auto overlap = [](const RawView& a, const RawView& b) {
    const auto* p = static_cast<const char*>(a.data);
    const auto* q = static_cast<const char*>(b.data);
    if (!p || !q) return false;
    return p < q + b.size() * dtype_bytes(b.dtype) && q < p + a.size() * dtype_bytes(a.dtype);
  };
  for (const size_t i : op.outputs) {
    for (int64_t k = 0; k < frame.num_views(i); ++k) {
      const RawView& out = frame.views(i)[k];
      if (!out.present || out.rank == 0) continue;
      for (size_t j = 0; j < op.info.fields.size(); ++j) {
        if (!is_array(op.info.fields[j])) continue;
        for (int64_t m = 0; m < frame.num_views(j); ++m) {
          const RawView& other = frame.views(j)[m];
          if (!other.present || &other == &out || !overlap(out, other)) continue;
          const bool in_place = op.fields[i].may_alias == static_cast<int16_t>(j) &&
                                out.data == other.data && out.dtype == other.dtype;
          if (in_place) continue;
          return Status::error(Code::aliased,
                               ("out." + public_name(op.info.fields[i].name, k)).c_str(),
                               "shares memory with %s; an output must have memory of its own",
                               public_name(op.info.fields[j].name, m).c_str());
        }
      }
    }
  }
  return {};
}

Status check_number(const Op& op, size_t field, double value) {
  const Field& declared = op.info.fields[field];
  const bool integer = declared.kind == FieldKind::integer;
  const Range& range = declared.range;
  if (range.contains(value) &&
      (!integer || (value == std::floor(value) && std::fabs(value) <= 9e15))) {
    return {};
  }
  char found[64];
  std::snprintf(found, sizeof found, "is %.10g", value);
  const char* noun = integer ? "an integer" : "a number";
  const bool low = std::isfinite(range.low), high = std::isfinite(range.high);
  char bounds[96] = "";
  if (low && high) {
    std::snprintf(bounds, sizeof bounds, " in %c%g, %g%c", range.open_low ? '(' : '[', range.low,
                  range.high, range.open_high ? ')' : ']');
  } else if (low) {
    std::snprintf(bounds, sizeof bounds, " %s %g", range.open_low ? "above" : "of at least",
                  range.low);
  }
  return mismatch(Code::invalid_argument, public_name(declared.name), found, 0, "%s%s", noun,
                  bounds);
}

}  // namespace belfry::core
