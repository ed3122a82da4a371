// JavaScript arguments -> Frame. The only code that looks inside typed arrays.
#pragma once

#include <vector>

#include "binding/instance.h"

namespace belfry::binding {

// An output array the caller supplied.
struct Supplied {
  size_t field;
  int64_t item;
  RawView view;
  bool any_shape;        // a bare typed array: only its length counts
  bool shared;           // SharedArrayBuffer-backed
  napi_value value;      // the typed array itself
  DeviceBuffer* device;  // or a device tensor's memory
};

// One array of a call, in the order of the arguments.
struct Argument {
  size_t field;
  int64_t item;
  bool is_output;
  int type;  // napi_typedarray_type; -1: a device tensor
  size_t length;
};

struct ReadCall {
  std::vector<Argument> arguments;
  size_t num_words = 0;      // of the control block that were read
  std::vector<bool> wanted;  // by field: is this output to be computed?
  std::vector<Supplied> supplied;
  std::vector<std::pair<RawView*, bool>> shared;  // operands and whether their memory is shared
  std::vector<DeviceBuffer*> device_operands;
  void clear();
};

// Reads operands and parameters of `frame.op()` from the control block and `arguments`.
Status read_call(Instance& instance, core::Frame& frame, const napi_value* arguments,
                 size_t num_arguments, ReadCall& out);

// Type code, length and memory of a typed array. False: it is none.
bool typed_array_info(napi_env env, napi_value value, int* type, size_t* length, void** data);

// The same into a view, with `half` (a DType) for Uint16Array or -1.
Status read_typed_array(napi_env env, napi_value value, int half, const char* name, int64_t item,
                        RawView& view, size_t* length, int* type);

}  // namespace belfry::binding
