// The path every op takes: plan (read, check, shape) → bind (memory, data) → run → hand back.
// Nothing here knows an op.
#pragma once

#include <exception>
#include <new>

#include "binding/device_buffer.h"
#include "binding/reader.h"

namespace belfry::binding {

// One output of a call, in the order results are handed back.
struct OutputSlot {
  enum class Kind { created, supplied, scalar, device };
  OutputSlot(size_t of_field, int64_t of_item) : field(of_field), item(of_item) {}
  size_t field;
  int64_t item;
  Kind kind = Kind::created;
  RawView view;
  napi_value value = nullptr;  // created (synchronous) or supplied array
  bool shared = false;         // supplied, SharedArrayBuffer-backed
  bool bare = false;           // supplied without a shape
  DeviceBuffer* device = nullptr;
  std::unique_ptr<DeviceBuffer> owned_device;
};

// Where outputs that the caller did not supply get their memory.
class OutputMemory {
 public:
  virtual ~OutputMemory() = default;
  virtual Status create(OutputSlot& slot) = 0;
};

struct Prepared {
  ReadCall read;
  std::vector<OutputSlot> outputs;
  std::vector<double> scalars;             // memory of scalar outputs on the host
  std::vector<int64_t> row_counts;         // of outputs whose length the data decide
  std::shared_ptr<core::Session> session;  // null: CPU
  const OpEntry* kernel = nullptr;

  // Ready for the next call, memory kept.
  void clear() {
    outputs.clear();
    scalars.clear();
    row_counts.clear();
    session.reset();
    kernel = nullptr;
  }
};

// What the words of a call and the types and lengths of its arrays decide: arguments, shapes,
// kernel.
Status plan(Instance& instance, core::Frame& frame, const napi_value* arguments,
            size_t num_arguments, Prepared& out);

// What is new where even the arrays are those of the last call: the data, and memory of outputs.
Status refresh(core::Frame& frame, OutputMemory& memory, Prepared& out);

// What is new in each call of a plan: the data, their addresses, memory of outputs. `frame` then
// holds a complete op struct.
Status bind(core::Frame& frame, OutputMemory& memory, Prepared& out);

// Writes shapes and scalars into the control block; returns the array of new arrays, or undefined.
napi_value hand_back(Instance& instance, std::vector<OutputSlot>& outputs);

// A new typed array of the given type from JavaScript's own heap, and its memory.
Status allocate_typed_array(Instance& instance, DType dtype, int64_t length, napi_value* value,
                            void** data);

// Runs a body of a Node-API callback; an exception becomes a BelfryError.
template <class Body>
napi_value guarded(Instance& instance, const Body& body) {
  Status status;
  try {
    return body();
  } catch (const std::bad_alloc&) {
    status = Status::error(Code::out_of_memory, "", "not enough memory for the call");
  } catch (const std::exception& error) {
    status = Status::error(Code::internal, "", "%s", error.what());
  }
  return throw_status(instance, "belfry", status);
}

// run(op index, ...arrays): the synchronous call. It leaves its number in the control block.
napi_value run_call(napi_env env, napi_callback_info info);

// repeat(op index, number): a call with the words and the arrays of the one of that number, none of
// them detached since; false where another call of the op came in between.
napi_value repeat_call(napi_env env, napi_callback_info info);

}  // namespace belfry::binding
