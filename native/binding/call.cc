#include "binding/call.h"

#include <algorithm>

#include "binding/remembered_call.h"
#include "core/check.h"
#include "cpu/int_facts.h"

namespace belfry::binding {

namespace {

Status scan(void*, const RawView& view, core::IntQuestion question, const int32_t* skip,
            IntFacts* out) {
  const auto* data = static_cast<const int32_t*>(view.data);
  *out = question == core::IntQuestion::order ? cpu::order_of(data, view.size())
                                              : cpu::range_of(data, view.size(), skip);
  return {};
}

// On a device the buffer remembers what it holds, so a loop of calls is checked once.
Status scan_device(void* self, const RawView& view, core::IntQuestion, const int32_t* skip,
                   IntFacts* out) {
  for (DeviceBuffer* buffer : static_cast<ReadCall*>(self)->device_operands) {
    if (buffer->data() == view.data) return buffer->facts(skip, out);
  }
  return Status::error(Code::internal, "", "a device operand was not found");
}

// The device of a call: that of its first operand that lies on one, else none.
std::shared_ptr<core::Session> session_of(const ReadCall& read) {
  return read.device_operands.empty() ? nullptr : read.device_operands.front()->shared_session();
}

// All arrays of a call live in one place: host memory, or one device.
Status check_places(const ReadCall& read, const std::shared_ptr<core::Session>& session) {
  for (DeviceBuffer* buffer : read.device_operands) {
    if (session.get() != &buffer->session()) {
      return Status::error(Code::device_mismatch, "", "operands lie on different devices");
    }
  }
  const bool host_operand = !read.shared.empty();
  if (session && host_operand) {
    return Status::error(Code::device_mismatch, "",
                         "some operands lie on the GPU and some in host memory; move all with "
                         "tensor.to('cuda')");
  }
  for (const Supplied& supplied : read.supplied) {
    const bool same = supplied.device ? session.get() == &supplied.device->session() : !session;
    if (!same) {
      return Status::error(Code::device_mismatch, "",
                           "an array in `out` does not lie where the operands lie");
    }
  }
  return {};
}

// One output: its shape, and where it will lie. False in `given`: nobody wants it.
Status plan_output(core::Frame& frame, size_t field, int64_t item, const Supplied* given,
                   Prepared& out) {
  const Field& declared = frame.op().info.fields[field];
  OutputSlot slot(field, item);
  if (!core::shape_output(frame, field, item, slot.view)) {
    return Status::error(Code::out_of_memory, core::public_name(declared.name, item).c_str(),
                         "has more elements than any memory holds");
  }
  if (given) {
    Status s = core::check_output(frame, field, item, given->view, given->any_shape);
    if (!s.ok()) return s;
    slot.kind = OutputSlot::Kind::supplied;
    slot.view.dtype = given->view.dtype;
    slot.view.data = given->view.data;
    slot.value = given->value;
    slot.shared = given->shared;
    slot.bare = given->any_shape;
    slot.device = given->device;
  } else if (slot.view.rank == 0 && !out.session) {
    slot.kind = OutputSlot::Kind::scalar;
  }
  slot.view.present = true;
  frame.views(field)[std::max<int64_t>(item, 0)] = slot.view;
  out.outputs.push_back(std::move(slot));
  return {};
}

const Supplied* find_supplied(const ReadCall& read, size_t field, int64_t item) {
  for (const Supplied& given : read.supplied) {
    if (given.field == field && given.item == item) return &given;
  }
  return nullptr;
}

Status plan_outputs(core::Frame& frame, Prepared& out) {
  const auto& fields = frame.op().info.fields;
  size_t supplied_used = 0;
  for (const size_t i : frame.op().outputs) {
    const int64_t count = core::output_count(frame, i);
    const bool list = fields[i].arity == Arity::list;
    if (list) frame.resize_list(i, count);
    for (int64_t k = 0; k < count; ++k) {
      const int64_t item = list ? k : -1;
      const Supplied* given = find_supplied(out.read, i, item);
      if (!core::output_possible(frame, i, k) || (!given && !out.read.wanted[i])) continue;
      supplied_used += given != nullptr;
      if (Status s = plan_output(frame, i, item, given, out); !s.ok()) return s;
    }
  }
  if (supplied_used == out.read.supplied.size()) return {};
  for (const Supplied& given : out.read.supplied) {
    const bool used = frame.num_views(given.field) > std::max<int64_t>(given.item, 0) &&
                      frame.views(given.field)[std::max<int64_t>(given.item, 0)].present;
    if (used) continue;
    return Status::error(Code::invalid_argument,
                         ("out." + core::public_name(fields[given.field].name, given.item)).c_str(),
                         "is not an output of this call (what it needs was not given)");
  }
  return {};
}

// Memory for an output that the caller did not supply.
Status make_output(const core::Frame& frame, OutputMemory& memory, OutputSlot& slot,
                   Prepared& out) {
  if (slot.kind == OutputSlot::Kind::supplied) return {};
  if (slot.kind == OutputSlot::Kind::scalar) {
    slot.view.data = &out.scalars.emplace_back(0.0);
    return {};
  }
  Status s = memory.create(slot);
  if (!s.ok() && !*s.argument) {
    std::snprintf(s.argument, sizeof s.argument, "%s",
                  core::public_name(frame.op().info.fields[slot.field].name, slot.item).c_str());
  }
  return s;
}

Status make_outputs(core::Frame& frame, OutputMemory& memory, Prepared& out) {
  out.scalars.clear();
  out.row_counts.clear();
  out.scalars.reserve(out.outputs.size());  // addresses must not move
  out.row_counts.reserve(out.outputs.size());
  for (OutputSlot& slot : out.outputs) {
    if (Status s = make_output(frame, memory, slot, out); !s.ok()) return s;
    RawView& view = frame.views(slot.field)[std::max<int64_t>(slot.item, 0)];
    view.data = slot.view.data;
    if (!frame.op().info.fields[slot.field].sized_by_data) continue;
    view.num_rows = slot.view.num_rows = &out.row_counts.emplace_back(slot.view.dims[0]);
  }
  return {};
}

class JsMemory : public OutputMemory {
 public:
  JsMemory(Instance& instance, Prepared& call) : instance_(instance), call_(call) {}
  Status create(OutputSlot& slot) override {
    if (!call_.session) {
      return allocate_typed_array(instance_, slot.view.dtype, slot.view.size(), &slot.value,
                                  &slot.view.data);
    }
    slot.kind = OutputSlot::Kind::device;
    Status s = DeviceBuffer::allocate(call_.session, slot.view.dtype, slot.view.size(),
                                      &slot.owned_device);
    if (s.ok()) slot.view.data = slot.owned_device->data();
    return s;
  }

 private:
  Instance& instance_;
  Prepared& call_;
};

double scalar_value(const RawView& view) {
  switch (view.dtype) {
    case DType::f32: return static_cast<double>(*static_cast<const float*>(view.data));
    case DType::f64: return *static_cast<const double*>(view.data);
    case DType::i32: return *static_cast<const int32_t*>(view.data);
    default: return *static_cast<const uint8_t*>(view.data);
  }
}

}  // namespace

Status allocate_typed_array(Instance& instance, DType dtype, int64_t length, napi_value* value,
                            void** data) {
  napi_env env = instance.env;
  napi_value arguments[2];
  napi_create_int32(env, static_cast<int32_t>(dtype), &arguments[0]);
  napi_create_double(env, static_cast<double>(length), &arguments[1]);
  napi_value allocate = instance.allocate.Value(), undefined;
  napi_get_undefined(env, &undefined);
  if (napi_call_function(env, undefined, allocate, 2, arguments, value) != napi_ok) {
    napi_value ignored;
    napi_get_and_clear_last_exception(env, &ignored);
    return Status::error(Code::out_of_memory, "",
                         "needs %lld elements, more than JavaScript allows",
                         static_cast<long long>(length));
  }
  size_t got = 0;
  napi_get_typedarray_info(env, *value, nullptr, &got, data, nullptr, nullptr);
  return {};
}

Status plan(Instance& instance, core::Frame& frame, const napi_value* arguments,
            size_t num_arguments, Prepared& out) {
  if (Status s = read_call(instance, frame, arguments, num_arguments, out.read); !s.ok()) return s;
  if (Status s = core::check_operands(frame); !s.ok()) return s;
  out.session = session_of(out.read);
  const auto index = static_cast<size_t>(&frame.op() - core::ops().data());
  const core::KernelTable& kernels =
      out.session ? core::kernel_table(out.session->backend()) : *instance.cpu_kernels;
  out.kernel = kernels[index];
  if (!out.kernel || !out.kernel->run[frame.dtype == DType::f64]) {
    return Status::error(Code::not_implemented, "", "has no kernel for this device");
  }
  if (Status s = check_places(out.read, out.session); !s.ok()) return s;
  return plan_outputs(frame, out);
}

Status refresh(core::Frame& frame, OutputMemory& memory, Prepared& out) {
  const bool on_host = !out.session;  // a device remembers what it found
  const core::IntScanner scanner{&out.read, on_host ? scan : scan_device, on_host};
  if (Status s = core::check_data(frame, scanner); !s.ok()) return s;
  return make_outputs(frame, memory, out);
}

Status bind(core::Frame& frame, OutputMemory& memory, Prepared& out) {
  if (Status s = refresh(frame, memory, out); !s.ok()) return s;
  return core::check_aliases(frame);
}

napi_value hand_back(Instance& instance, std::vector<OutputSlot>& outputs) {
  napi_env env = instance.env;
  double* control = instance.control.data;
  napi_value arrays = nullptr;
  uint32_t num_arrays = 0;
  size_t at = 2;
  double entries = 0;
  for (OutputSlot& slot : outputs) {
    const bool resized = slot.view.num_rows != nullptr;
    if (slot.kind == OutputSlot::Kind::supplied && !slot.bare && !resized) continue;
    if (at + 4 + kMaxRank > instance.control.size) break;
    ++entries;
    control[at++] = static_cast<double>(slot.field);
    control[at++] = static_cast<double>(slot.item);
    if (slot.kind == OutputSlot::Kind::scalar) {
      control[at++] = -1;
      control[at++] = scalar_value(slot.view);
      continue;
    }
    control[at++] = slot.view.rank;
    control[at++] = static_cast<double>(slot.view.dtype);
    for (int d = 0; d < slot.view.rank; ++d) {
      const int64_t size = slot.view.dims[d];
      const bool counted = resized && d == 0;  // the view itself stays as planned
      control[at++] =
          static_cast<double>(counted ? std::clamp<int64_t>(*slot.view.num_rows, 0, size) : size);
    }
    if (slot.owned_device) {
      slot.value = DeviceBuffer::wrap(instance.env, std::move(slot.owned_device));
    }
    if (slot.kind == OutputSlot::Kind::supplied) continue;  // only its shape is news
    if (!arrays) napi_create_array(env, &arrays);
    napi_set_element(env, arrays, num_arrays++, slot.value);
  }
  control[0] = entries;
  control[1] = 0;
  if (!arrays) napi_get_undefined(env, &arrays);
  return arrays;
}

namespace {

RememberedCall& remembered_call(Instance& instance, napi_value op) {
  int32_t index = 0;
  napi_get_value_int32(instance.env, op, &index);
  return instance.calls->of(static_cast<size_t>(index));
}

Status run_on_device(core::Frame& frame, Prepared& call) {
  std::lock_guard lock(call.session->mutex());
  const auto run = call.kernel->run[frame.dtype == DType::f64];
  Status status = run(call.session->context(), frame.memory(), nullptr);
  for (OutputSlot& slot : call.outputs) {
    if (slot.device) slot.device->written();
  }
  return status;
}

// Runs a call unless its checks found an error.
napi_value run_bound(Instance& instance, RememberedCall& remembered, Status status) {
  core::Frame& frame = remembered.frame;
  Prepared& call = remembered.call;
  if (status.ok()) {
    status = call.session ? run_on_device(frame, call)
                          : call.kernel->run[frame.dtype == DType::f64](instance.cpu_context,
                                                                        frame.memory(), nullptr);
  }
  call.session.reset();
  if (!status.ok()) return throw_status(instance, frame.op().info.name, status);
  const napi_value arrays = hand_back(instance, call.outputs);
  instance.control.data[1] = remembered.number;
  return arrays;
}

napi_value run_checked(Instance& instance, napi_callback_info info) {
  napi_env env = instance.env;
  constexpr size_t kInline = 64;
  napi_value inline_arguments[kInline];
  std::vector<napi_value> more;
  napi_value* arguments = inline_arguments;
  size_t count = kInline;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (count > kInline) {
    more.resize(count);
    arguments = more.data();
    napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  }
  RememberedCall& remembered = remembered_call(instance, arguments[0]);
  core::Frame& frame = remembered.frame;
  Prepared& call = remembered.call;
  Status status = remembered.recall(instance, arguments + 1, count - 1);
  if (status.ok()) {
    JsMemory memory(instance, call);
    status = bind(frame, memory, call);
  }
  if (status.ok()) remembered.name(instance);
  return run_bound(instance, remembered, status);
}

napi_value repeat_checked(Instance& instance, napi_callback_info info) {
  napi_value arguments[2], refused;
  size_t count = 2;
  double number = 0;
  napi_get_cb_info(instance.env, info, &count, arguments, nullptr, nullptr);
  napi_get_value_double(instance.env, arguments[1], &number);
  RememberedCall& remembered = remembered_call(instance, arguments[0]);
  if (number <= 0 || remembered.number != number) {
    napi_get_boolean(instance.env, false, &refused);
    return refused;
  }
  JsMemory memory(instance, remembered.call);
  return run_bound(instance, remembered, refresh(remembered.frame, memory, remembered.call));
}

}  // namespace

// No exception may cross into JavaScript's C frames.
napi_value run_call(napi_env env, napi_callback_info info) {
  Instance& instance = Instance::of(env);
  return guarded(instance, [&] { return run_checked(instance, info); });
}

napi_value repeat_call(napi_env env, napi_callback_info info) {
  Instance& instance = Instance::of(env);
  return guarded(instance, [&] { return repeat_checked(instance, info); });
}

}  // namespace belfry::binding
