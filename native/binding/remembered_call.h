// The last synchronous call of each op. A loop calls an op with the same words and with arrays of
// the same lengths: what was decided then still holds, and only addresses and data are new.
#pragma once

#include <memory>
#include <vector>

#include "binding/call.h"

namespace belfry::binding {

class RememberedCall {
 public:
  explicit RememberedCall(const core::Op& op) : op_(op) {}

  // The plan of this call, the last one's where nothing that it rests on has changed.
  Status recall(Instance& instance, const napi_value* arguments, size_t num_arguments);

  core::Frame frame;
  Prepared call;
  double number = 0;  // of the call whose arrays `frame` points to; 0: it cannot be repeated

  // Gives the call, whose arrays were found in order, a number of its own.
  void name(Instance& instance) {
    if (valid_) number = ++instance.last_number;
  }

 private:
  bool rebind(const Instance& instance, const napi_value* arguments, size_t num_arguments);
  void remember(const Instance& instance);

  const core::Op& op_;
  bool valid_ = false;
  std::vector<double> words_;
  std::vector<RawView*> slots_;  // by argument: the view of its output slot, or null
};

class RememberedCalls {
 public:
  RememberedCall& of(size_t op);

 private:
  std::vector<std::unique_ptr<RememberedCall>> calls_;
};

}  // namespace belfry::binding
