#include "binding/remembered_call.h"

#include <algorithm>
#include <cstring>

namespace belfry::binding {

Status RememberedCall::recall(Instance& instance, const napi_value* arguments,
                              size_t num_arguments) {
  number = 0;
  if (rebind(instance, arguments, num_arguments)) return {};
  valid_ = false;
  frame.begin(op_);
  call.clear();
  Status status = plan(instance, frame, arguments, num_arguments, call);
  if (status.ok()) remember(instance);
  return status;
}

bool RememberedCall::rebind(const Instance& instance, const napi_value* arguments,
                            size_t num_arguments) {
  const auto& known = call.read.arguments;
  if (!valid_ || known.size() != num_arguments ||
      std::memcmp(words_.data(), instance.control.data, words_.size() * sizeof(double)) != 0) {
    return false;
  }
  for (size_t i = 0; i < num_arguments; ++i) {
    int type = 0;
    size_t length = 0;
    void* data = nullptr;
    if (!typed_array_info(instance.env, arguments[i], &type, &length, &data)) return false;
    if (type != known[i].type || length != known[i].length) return false;
    frame.views(known[i].field)[std::max<int64_t>(known[i].item, 0)].data = data;
    if (slots_[i]) slots_[i]->data = data;
  }
  return true;
}

// A call on a device is planned anew: its buffers come and go with their tensors.
void RememberedCall::remember(const Instance& instance) {
  const size_t num_words = call.read.num_words;
  if (call.session || num_words > instance.control.size) return;
  words_.assign(instance.control.data, instance.control.data + num_words);
  slots_.assign(call.read.arguments.size(), nullptr);
  for (size_t i = 0; i < slots_.size(); ++i) {
    const Argument& argument = call.read.arguments[i];
    if (!argument.is_output) continue;
    for (OutputSlot& slot : call.outputs) {
      if (slot.field == argument.field && slot.item == argument.item) slots_[i] = &slot.view;
    }
  }
  valid_ = true;
}

RememberedCall& RememberedCalls::of(size_t op) {
  if (calls_.size() <= op) calls_.resize(core::ops().size());
  if (!calls_[op]) calls_[op] = std::make_unique<RememberedCall>(core::ops()[op]);
  return *calls_[op];
}

}  // namespace belfry::binding
