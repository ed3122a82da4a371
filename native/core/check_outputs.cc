#include <algorithm>
#include <vector>

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

namespace {

// The memory of one array of a call.
struct Extent {
  const char *begin, *end;
  size_t field;
  int64_t item;
  bool overlaps(const Extent& other) const { return begin < other.end && other.begin < end; }
};

void add_extents(Frame& frame, size_t field, std::vector<Extent>& extents) {
  for (int64_t k = 0; k < frame.num_views(field); ++k) {
    const RawView& view = frame.views(field)[k];
    if (!view.present || !view.data) continue;
    const auto* begin = static_cast<const char*>(view.data);
    extents.push_back({begin, begin + view.size() * dtype_bytes(view.dtype), field, k});
  }
}

bool in_place(Frame& frame, const Extent& out, const Extent& other) {
  const int16_t allowed = frame.op().fields[out.field].may_alias;
  return allowed == static_cast<int16_t>(other.field) && out.begin == other.begin &&
         frame.views(out.field)[out.item].dtype == frame.views(other.field)[other.item].dtype;
}

}  // namespace

Status check_aliases(Frame& frame) {
  const Op& op = frame.op();
  thread_local std::vector<Extent> extents;
  extents.clear();
  for (const size_t i : op.operands) add_extents(frame, i, extents);
  const size_t num_operands = extents.size();
  for (const size_t i : op.outputs) add_extents(frame, i, extents);
  for (size_t i = num_operands; i < extents.size(); ++i) {
    const Extent& out = extents[i];
    for (size_t j = 0; j < i; ++j) {
      const Extent& other = extents[j];
      if (!out.overlaps(other) || in_place(frame, out, other)) continue;
      return Status::error(Code::aliased,
                           ("out." + public_name(op.info.fields[out.field].name, out.item)).c_str(),
                           "shares memory with %s; an output must have memory of its own",
                           public_name(op.info.fields[other.field].name, other.item).c_str());
    }
  }
  return {};
}

}  // namespace belfry::core
