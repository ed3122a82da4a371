#include <algorithm>

#include "core/check.h"
#include "core/check_parts.h"

namespace belfry::core {

bool output_possible(Frame& frame, size_t field, int64_t item) {
  const CompiledField& compiled = frame.op().fields[field];
  if (compiled.when >= 0) {
    if (!frame.chosen(field)) return false;
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
  const CompiledField& compiled = frame.op().fields[field];
  if (compiled.like >= 0) {
    const RawView& model = *frame.views(static_cast<size_t>(compiled.like));
    view.rank = model.rank;
    std::copy(model.dims, model.dims + model.rank, view.dims);
  } else {
    const Shape& shape = compiled.shapes.front();
    view.rank = shape.rank;
    for (int d = 0; d < shape.rank; ++d) {
      view.dims[d] = std::max<int64_t>(0, evaluate(frame, shape.dims[d], item));
    }
  }
  int64_t elements = 1;
  for (int d = 0; d < view.rank; ++d) elements = capped_product(elements, view.dims[d]);
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
                    std::string("is ") + array_name(supplied.dtype), "%s",
                    dtype_expected(declared, frame.dtype));
  }
  bool fits = any_shape ? supplied.size() == wanted.size() : supplied.rank == wanted.rank;
  for (int d = 0; d < wanted.rank && fits && !any_shape; ++d) {
    fits = supplied.dims[d] == wanted.dims[d];
  }
  if (fits) return {};
  return mismatch(
      Code::bad_shape, "out." + public_name(declared.name, item),
      "has shape " + shape_text(supplied), "%s",
      frame.op().fields[field].like >= 0
          ? shape_text(wanted).c_str()
          : expected_shape(frame, declared, frame.op().fields[field].shapes.front(), item, field)
                .c_str());
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

}  // namespace belfry::core
