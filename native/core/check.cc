#include "core/check.h"

#include <algorithm>
#include <cmath>

#include "core/check_parts.h"

namespace belfry::core {

namespace {

bool is_list_parameter(FieldKind kind) {
  return kind == FieldKind::number_list || kind == FieldKind::integer_list ||
         kind == FieldKind::choice_list;
}

// Solves a dimension with exactly one unknown factor for it. False: does not divide.
bool solve(Frame& frame, const Dim& dim, int64_t item, int64_t value, int16_t field) {
  int64_t known = dim.times;
  int unknown = -1;
  for (int i = 0; i < dim.num_factors; ++i) {
    if (dim.factors[i].power >= 0) return true;
    const int64_t size = frame.value(dim.factors[i], item);
    if (size >= 0) {
      known = capped_product(known, size);
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

Status bad_shape(Frame& frame, size_t field, int64_t item, const RawView& view) {
  const Field& declared = frame.op().info.fields[field];
  const CompiledField& compiled = frame.op().fields[field];
  const std::string name = public_name(declared.name, item);
  const Shape* shape = shape_for(compiled, view.rank);
  if (!shape) shape = &compiled.shapes.front();
  return mismatch(Code::bad_shape, name, "has shape " + shape_text(view), "%s",
                  expected_shape(frame, declared, *shape, item, field).c_str());
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
                          std::string("is ") + array_name(view.dtype),
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
    if (!frame.chosen(i)) return {};
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
      Code::bad_shape, public_name(field.name), "comes " + std::to_string(count) + " times",
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
  if (symbol < 0 || field.kind == FieldKind::integer_list) return {};
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
      Code::bad_shape, public_name(field.name), "is " + std::to_string(value), "%lld%s%s",
      static_cast<long long>(known), origin < 0 ? "" : ", the size of ",
      origin < 0 ? ""
                 : public_name(frame.op().info.fields[static_cast<size_t>(origin)].name).c_str());
}

Status check_list_parameter(Frame& frame, size_t i) {
  const Field& field = frame.op().info.fields[i];
  const int16_t symbol = frame.op().fields[i].count;
  if (!is_list_parameter(field.kind)) return {};
  const int64_t count = frame.at<List<int32_t>>(i).count;
  if (symbol < 0 || (field.optional && count == 0) || frame.symbol(symbol) == count) return {};
  if (frame.symbol(symbol) < 0) {
    frame.bind(symbol, count, static_cast<int16_t>(i));
    return {};
  }
  return mismatch(Code::bad_shape, public_name(field.name),
                  "has " + std::to_string(count) + " entries", "%lld, one for each",
                  static_cast<long long>(frame.symbol(symbol)));
}

// Compares sizes with what is known and takes those that are not. A dimension with more than one
// unknown factor waits for other operands: `open`, null in the last pass.
Status check_dims(Frame& frame, size_t i, bool* open) {
  const Op& op = frame.op();
  for (int64_t k = 0; k < frame.num_views(i); ++k) {
    RawView& view = frame.views(i)[k];
    if (!view.present || op.fields[i].shapes.empty()) continue;
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

// Sizes that lists of integers give, before any shape is looked at.
void bind_listed_sizes(Frame& frame) {
  const Op& op = frame.op();
  for (size_t i = 0; i < op.fields.size(); ++i) {
    const CompiledField& compiled = op.fields[i];
    if (compiled.size_of < 0 || op.info.fields[i].kind != FieldKind::integer_list) continue;
    const auto field = static_cast<int16_t>(i);
    const auto& sizes = frame.at<List<int64_t>>(i);
    frame.bind_family(compiled.size_of, sizes, field);
    if (compiled.count >= 0) frame.bind(compiled.count, sizes.count, field);
  }
}

bool same_shape(const RawView& a, const RawView& b) {
  return a.rank == b.rank && std::equal(a.dims, a.dims + a.rank, b.dims);
}

Status check_like(Frame& frame, size_t i) {
  const int16_t like = frame.op().fields[i].like;
  if (like < 0) return {};
  const RawView& model = *frame.views(static_cast<size_t>(like));
  for (int64_t k = 0; k < frame.num_views(i); ++k) {
    const RawView& view = frame.views(i)[k];
    if (!view.present || same_shape(view, model)) continue;
    return mismatch(Code::bad_shape, public_name(frame.op().info.fields[i].name, k),
                    "has shape " + shape_text(view), "the shape of %s, %s",
                    public_name(frame.op().info.fields[i].like).c_str(), shape_text(model).c_str());
  }
  return {};
}

// Sizes that follow from others; a rule about operands that were not given says nothing. A size of
// outputs alone is what the rule says.
Status check_rules(Frame& frame) {
  const Op& op = frame.op();
  for (size_t i = 0; i < op.rules.size(); ++i) {
    const int64_t size = evaluate(frame, op.rules[i].size, 0);
    int64_t sum = 0;
    const Dim* unknown = nullptr;
    int num_unknown = 0;
    for (const Dim& term : op.rules[i].terms) {
      const int64_t value = evaluate(frame, term, 0);
      if (value < 0) unknown = &term, ++num_unknown;
      sum += std::max<int64_t>(value, 0);
    }
    // One term that nothing else tells is what the others leave of the size.
    if (size >= sum && num_unknown == 1 && unknown->is_symbol()) {
      static_cast<void>(solve(frame, *unknown, 0, size - sum, -1));
    }
    const Dim& rule = op.rules[i].size;
    if (size < 0 && num_unknown == 0 && rule.is_symbol() &&
        rule.factors[0].at == Factor::At::plain) {
      static_cast<void>(solve(frame, rule, 0, sum, -1));
    }
    if (size < 0 || (num_unknown > 0 ? size >= sum : size == sum)) continue;
    const int16_t origin = frame.origin(op.rules[i].size.factors[0].symbol);
    const std::string name =
        origin < 0 ? "" : public_name(op.info.fields[static_cast<size_t>(origin)].name, 0);
    return mismatch(Code::bad_shape, name,
                    std::string("has ") + op.info.rules[i].size + " = " + std::to_string(size),
                    "%s = %lld", op.info.rules[i].sum, static_cast<long long>(sum));
  }
  return {};
}

}  // namespace

Status check_operands(Frame& frame) {
  const Op& op = frame.op();
  if (Status s = resolve_dtype(frame); !s.ok()) return s;
  bind_listed_sizes(frame);
  for (const size_t i : op.operands) {
    const Field& field = op.info.fields[i];
    if (Status s = check_presence(frame, i); !s.ok()) return s;
    for (int64_t k = 0; k < frame.num_views(i); ++k) {
      const RawView& view = frame.views(i)[k];
      if (view.present && !dtype_fits(field, view.dtype, frame.dtype)) {
        return mismatch(Code::bad_dtype, public_name(field.name, k),
                        std::string("is ") + array_name(view.dtype), "%s",
                        dtype_expected(field, frame.dtype));
      }
    }
    if (Status s = check_list_count(frame, i); !s.ok()) return s;
  }
  bool open = false;
  for (const size_t i : op.operands) {
    if (Status s = check_dims(frame, i, &open); !s.ok()) return s;
    if (Status s = check_like(frame, i); !s.ok()) return s;
  }
  for (size_t i = 0; i < op.fields.size(); ++i) {
    if (Status s = check_size_parameter(frame, i); !s.ok()) return s;
  }
  for (size_t k = 0; open && k < op.operands.size(); ++k) {
    if (Status s = check_dims(frame, op.operands[k], nullptr); !s.ok()) return s;
  }
  for (size_t i = 0; i < op.fields.size(); ++i) {
    if (Status s = check_list_parameter(frame, i); !s.ok()) return s;
  }
  return check_rules(frame);
}

Status check_index_list(Frame& frame, size_t i) {
  const int64_t below = frame.symbol(frame.op().fields[i].index_below);
  const auto& list = frame.at<List<int64_t>>(i);
  for (int64_t k = 0; k < list.count; ++k) {
    if (list[k] >= 0 && list[k] < below) continue;
    return mismatch(Code::bad_value, public_name(frame.op().info.fields[i].name),
                    "holds " + std::to_string(list[k]), "indices in [0, %lld)",
                    static_cast<long long>(below));
  }
  return {};
}

// An integer parameter that is an index: `ref_state` below S.
Status check_index_parameter(Frame& frame, size_t i) {
  const int64_t below = frame.symbol(frame.op().fields[i].index_below);
  const auto value = frame.at<int64_t>(i);
  if (value >= 0 && value < below) return {};
  return mismatch(Code::bad_value, public_name(frame.op().info.fields[i].name),
                  "is " + std::to_string(value), "an index in [0, %lld)",
                  static_cast<long long>(below));
}

// " at index i", of the first element with which the ones up to it do not fit any more, whose facts
// become `facts`; `unknown` where parts cannot be asked about. Only errors ask.
template <class Fits>
std::string first_misfit(const IntScanner& scanner, const RawView& view, IntQuestion question,
                         const int32_t* skip, const Fits& fits, const char* unknown,
                         IntFacts& facts) {
  if (!scanner.on_host) return unknown;
  int64_t good = 0, bad = view.size();  // numbers of elements
  RawView part = view;
  part.rank = 1;
  while (bad - good > 1) {
    part.dims[0] = good + (bad - good) / 2;
    IntFacts found;
    if (!scanner.scan(scanner.self, part, question, skip, &found).ok()) break;
    if (fits(found)) {
      good = part.dims[0];
    } else {
      bad = part.dims[0];
      facts = found;
    }
  }
  return " at index " + std::to_string(bad - 1);
}

Status check_data(Frame& frame, const IntScanner& scanner) {
  const Op& op = frame.op();
  for (const size_t i : op.indices) {
    const Field& field = op.info.fields[i];
    const CompiledField& compiled = op.fields[i];
    if (field.index_in_pass && scanner.on_host) continue;
    if (field.kind == FieldKind::integer_list) {
      if (Status s = check_index_list(frame, i); !s.ok()) return s;
      continue;
    }
    if (field.kind == FieldKind::integer) {
      if (Status s = check_index_parameter(frame, i); !s.ok()) return s;
      continue;
    }
    if (frame.num_views(i) == 0) continue;
    const RawView& view = *frame.views(i);
    if (!view.present || view.size() == 0) continue;
    int32_t skip = -1;
    const bool skips = compiled.index_or >= 0 || field.index_or_none;
    if (compiled.index_or >= 0)
      skip = static_cast<int32_t>(frame.at<int64_t>(static_cast<size_t>(compiled.index_or)));
    IntFacts facts;
    const IntQuestion question = compiled.offsets_to >= 0 ? IntQuestion::order : IntQuestion::range;
    if (Status s = scanner.scan(scanner.self, view, question, skips ? &skip : nullptr, &facts);
        !s.ok()) {
      return s;
    }
    const std::string name = public_name(field.name);
    if (compiled.index_below >= 0 && facts.min <= facts.max) {
      const int64_t below = frame.symbol(compiled.index_below);
      const auto fits = [below](const IntFacts& f) { return f.min >= 0 && f.max < below; };
      if (fits(facts)) continue;
      const std::string at =
          first_misfit(scanner, view, question, skips ? &skip : nullptr, fits, "", facts);
      const int32_t bad = facts.min < 0 ? facts.min : facts.max;
      return index_mismatch(name, bad, at, below, field.index_or_none);
    }
    if (compiled.offsets_to >= 0) {
      const int64_t end = frame.symbol(compiled.offsets_to);
      if (facts.monotone && facts.first == 0 && facts.last == end) continue;
      const auto rises = [](const IntFacts& f) { return f.monotone; };
      const std::string found =
          facts.monotone
              ? "runs from " + std::to_string(facts.first) + " to " + std::to_string(facts.last)
              : "falls" +
                    first_misfit(scanner, view, question, nullptr, rises, " somewhere", facts);
      return mismatch(Code::bad_value, name, found, "offsets that never fall, from 0 to %lld",
                      static_cast<long long>(end));
    }
  }
  return {};
}

Status check_number(const Op& op, size_t field, double value) {
  const Field& declared = op.info.fields[field];
  const bool integer = declared.kind == FieldKind::integer ||
                       declared.kind == FieldKind::integer_list || declared.whole;
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
  return mismatch(Code::invalid_argument, public_name(declared.name), found, "%s%s", noun, bounds);
}

}  // namespace belfry::core
