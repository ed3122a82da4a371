#include "binding/reader.h"

#include <cmath>

#include "binding/device_buffer.h"
#include "core/check.h"

namespace belfry::binding {

namespace {

// States of a field in the control block; src/call.ts writes the same numbers.
constexpr int kAbsent = 0, kHost = 1, kDevice = 3;
constexpr int kNumber = 1, kNull = 2, kWord = 3;
constexpr int kWanted = 1;
constexpr int kSharedBit = 16;

class Reader {
 public:
  Reader(Instance& instance, core::Frame& frame, const napi_value* arguments, size_t num_arguments,
         ReadCall& out)
      : instance_(instance),
        frame_(frame),
        arguments_(arguments),
        num_arguments_(num_arguments),
        out_(out) {}

  Status read() {
    const auto& fields = frame_.op().info.fields;
    out_.wanted.assign(fields.size(), false);
    for (size_t i = 0; i < fields.size(); ++i) {
      const Field& field = fields[i];
      Status status;
      if (field.kind == FieldKind::operand) {
        status = read_operand(i);
      } else if (field.kind == FieldKind::output) {
        status = read_output(i);
      } else {
        status = read_parameter(i);
      }
      if (!status.ok()) return status;
    }
    out_.num_words = at_;
    return {};
  }

 private:
  double next() { return at_ < instance_.control.size ? instance_.control.data[at_++] : 0; }
  int next_int() { return static_cast<int>(next()); }

  Status read_operand(size_t i) {
    const Field& field = frame_.op().info.fields[i];
    if (field.arity == Arity::one) return read_array(i, -1, frame_.at<RawView>(i));
    const int64_t count = static_cast<int64_t>(next());
    frame_.resize_list(i, count);
    for (int64_t k = 0; k < count; ++k) {
      if (Status s = read_array(i, k, frame_.views(i)[k]); !s.ok()) return s;
    }
    return {};
  }

  Status read_array(size_t field, int64_t item, RawView& view) {
    const int state = next_int();
    if (state == kAbsent) return {};
    Supplied ignored;
    if (Status s = read_given(field, item, state, view, ignored, false); !s.ok()) return s;
    if (ignored.device) {
      out_.device_operands.push_back(ignored.device);
    } else {
      out_.shared.emplace_back(&view, ignored.shared);
    }
    return {};
  }

  // state has been read; then half-type hint with the shared bit, rank (-1: bare array), dims.
  Status read_given(size_t field, int64_t item, int state, RawView& view, Supplied& about,
                    bool is_output) {
    const char* name = frame_.op().info.fields[field].name;
    const int hint = next_int();
    const int rank = next_int();
    about = Supplied{field, item, {}, rank < 0, hint >= kSharedBit, nullptr, nullptr};
    view.present = true;
    view.rank = rank < 0 ? 1 : rank;
    double dims[kMaxRank] = {};
    for (int d = 0; d < rank; ++d) dims[d] = next();
    if (used_ >= num_arguments_) return Status::error(Code::internal, name, "was not passed");
    about.value = arguments_[used_++];
    size_t length = 0;
    int type = -1;
    if (state == kDevice) {
      about.device = DeviceBuffer::unwrap(instance_.env, about.value);
      if (!about.device)
        return Status::error(Code::disposed, name, "is a tensor that was disposed");
      view.data = about.device->data();
      view.dtype = about.device->dtype();
      length = static_cast<size_t>(about.device->length());
    } else {
      const int half = hint % kSharedBit - 1;
      if (Status s =
              read_typed_array(instance_.env, about.value, half, name, item, view, &length, &type);
          !s.ok()) {
        return s;
      }
    }
    out_.arguments.push_back({field, item, is_output, type, length});
    return check_length(name, item, view, rank, dims, length);
  }

  static Status check_length(const char* name, int64_t item, RawView& view, int rank,
                             const double* dims, size_t length) {
    if (rank < 0) {
      view.dims[0] = static_cast<int64_t>(length);
      return {};
    }
    double product = 1;
    for (int d = 0; d < rank; ++d) {
      if (!(dims[d] >= 0 && dims[d] <= 9e15 && dims[d] == std::floor(dims[d]))) {
        return Status::error(Code::bad_shape, core::public_name(name, item).c_str(),
                             "has a dimension of %g, expected a non-negative integer", dims[d]);
      }
      view.dims[d] = static_cast<int64_t>(dims[d]);
      product *= dims[d];
    }
    if (product == static_cast<double>(length)) return {};
    return Status::error(Code::bad_shape, core::public_name(name, item).c_str(),
                         "has a shape of %.0f elements, but its data holds %zu", product, length);
  }

  Status read_output(size_t i) {
    out_.wanted[i] = next_int() == kWanted;
    const int supplied = next_int();
    for (int k = 0; k < supplied; ++k) {
      const int64_t item = static_cast<int64_t>(next());
      const int state = next_int();
      RawView view;
      Supplied about;
      if (Status s = read_given(i, item, state, view, about, true); !s.ok()) return s;
      about.view = view;
      out_.supplied.push_back(about);
    }
    return {};
  }

  Status read_parameter(size_t i) {
    const Field& field = frame_.op().info.fields[i];
    const int state = next_int();
    if (field.kind == FieldKind::builtin) return {};
    if (field.kind == FieldKind::choice_list) return read_words(i, state);
    if (field.kind == FieldKind::number_list || field.kind == FieldKind::integer_list) {
      return read_numbers(i, state);
    }
    if (state == kAbsent) {
      if (!field.required) return {};
      return Status::error(Code::invalid_argument, field.name, "is required");
    }
    if (state == kNull && field.kind == FieldKind::choice) {
      frame_.at<int32_t>(i) = -1;
      return {};
    }
    const double value = state == kNull ? 0 : next();
    switch (field.kind) {
      case FieldKind::boolean: frame_.at<bool>(i) = value != 0; return {};
      case FieldKind::choice: return read_word(field, value, frame_.at<int32_t>(i));
      case FieldKind::number_or_word:
        if (state == kWord) return read_word(field, value, frame_.at<NumberOr<int32_t>>(i).word);
        frame_.at<NumberOr<int32_t>>(i).value = value;
        break;
      case FieldKind::nullable_number:
        frame_.at<NullableNumber>(i) = {value, state != kNull};
        if (state == kNull) return {};
        break;
      case FieldKind::integer: frame_.at<int64_t>(i) = static_cast<int64_t>(value); break;
      default: frame_.at<double>(i) = value; break;
    }
    return core::check_number(frame_.op(), i, value);
  }

  static Status read_word(const Field& field, double number, int32_t& word) {
    if (!(number >= 0 && number < static_cast<double>(field.words.size()))) {
      return Status::error(Code::internal, field.name, "is a word that is not declared");
    }
    word = static_cast<int32_t>(number);
    return {};
  }

  Status absent_list(const Field& field) {
    if (field.optional) return {};
    return Status::error(Code::invalid_argument, field.name, "is required");
  }

  Status read_numbers(size_t i, int state) {
    if (state == kAbsent) return absent_list(frame_.op().info.fields[i]);
    std::vector<double> numbers(static_cast<size_t>(next_int()));
    for (double& number : numbers) {
      number = next();
      if (Status s = core::check_number(frame_.op(), i, number); !s.ok()) return s;
    }
    frame_.set_numbers(i, std::move(numbers));
    return {};
  }

  Status read_words(size_t i, int state) {
    const Field& field = frame_.op().info.fields[i];
    if (state == kAbsent) return absent_list(field);
    std::vector<int32_t> words(static_cast<size_t>(next_int()));
    for (int32_t& word : words) {
      if (Status s = read_word(field, next(), word); !s.ok()) return s;
    }
    frame_.set_words(i, std::move(words));
    return {};
  }

  Instance& instance_;
  core::Frame& frame_;
  const napi_value* arguments_;
  size_t num_arguments_;
  ReadCall& out_;
  size_t at_ = 0, used_ = 0;
};

const char* typed_array_name(napi_typedarray_type type) {
  static const char* const kNames[] = {"Int8Array",     "Uint8Array",     "Uint8ClampedArray",
                                       "Int16Array",    "Uint16Array",    "Int32Array",
                                       "Uint32Array",   "Float32Array",   "Float64Array",
                                       "BigInt64Array", "BigUint64Array", "Float16Array"};
  const auto index = static_cast<size_t>(type);
  return index < sizeof kNames / sizeof *kNames ? kNames[index] : "a typed array";
}

}  // namespace

void ReadCall::clear() {
  arguments.clear();
  num_words = 0;
  supplied.clear();
  shared.clear();
  device_operands.clear();
}

bool typed_array_info(napi_env env, napi_value value, int* type, size_t* length, void** data) {
  napi_typedarray_type found;
  if (napi_get_typedarray_info(env, value, &found, length, data, nullptr, nullptr) != napi_ok)
    return false;
  *type = static_cast<int>(found);
  return true;
}

Status read_typed_array(napi_env env, napi_value value, int half, const char* name, int64_t item,
                        RawView& view, size_t* length, int* type) {
  if (!typed_array_info(env, value, type, length, &view.data)) {
    return Status::error(Code::bad_dtype, core::public_name(name, item).c_str(),
                         "is no typed array");
  }
  const int code = *type;
  constexpr int kFloat16 = 11;  // Float16Array, newer than this Node-API version
  if (code == napi_float32_array) {
    view.dtype = DType::f32;
  } else if (code == napi_float64_array) {
    view.dtype = DType::f64;
  } else if (code == napi_int32_array) {
    view.dtype = DType::i32;
  } else if (code == napi_uint8_array || code == napi_uint8_clamped_array) {
    view.dtype = DType::u8;
  } else if (code == kFloat16) {
    view.dtype = DType::f16;
  } else if (code == napi_uint16_array && half >= 0) {
    view.dtype = static_cast<DType>(half);
  } else {
    const char* hint = code == napi_uint16_array
                           ? "; half precision needs dtype: 'bfloat16' or 'float16' beside the data"
                           : "";
    return Status::error(Code::bad_dtype, core::public_name(name, item).c_str(),
                         "is %s, which no operand takes%s",
                         typed_array_name(static_cast<napi_typedarray_type>(code)), hint);
  }
  return {};
}

Status read_call(Instance& instance, core::Frame& frame, const napi_value* arguments,
                 size_t num_arguments, ReadCall& out) {
  out.clear();
  return Reader(instance, frame, arguments, num_arguments, out).read();
}

}  // namespace belfry::binding
