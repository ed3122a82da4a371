// Error codes and the status every kernel returns. Codes are stable; src/errors.ts carries the
// same list under its BELFRY_ names, docs/errors.md explains them.
#pragma once

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace belfry {

enum class Code : int32_t {
  ok = 0,
  invalid_argument,  // a parameter or an option is not what the op takes
  missing_operand,   // a required operand is absent
  bad_dtype,         // element type
  bad_shape,         // rank or dimensions
  bad_value,         // offsets, indices or data that the op cannot take
  aliased,           // an output overlaps an operand or another output
  buffer_in_use,     // memory that a pending asynchronous call writes
  detached_buffer,   //
  resizable_buffer,  //
  disposed,          // a closed tensor
  not_implemented,   // no kernel for this device, dtype or choice
  cuda_unavailable,  // no driver, no device, no plug-in
  device_mismatch,   // operands on different devices
  device_error,      // the driver reported an error
  out_of_memory,     //
  aborted,           // stopped by the caller
  bad_file,          // a file that cannot be read
  internal,
};

struct [[nodiscard]] Status {
  Code code = Code::ok;
  char argument[64];   // public name of the operand or parameter at fault, or ""
  char message[320];   // free text, or what was found when `expected` is set
  char expected[192];  // "" when the message says it all

  // Every step of a call returns one of these: an ok status sets and copies its terminators only.
  Status() { clear_text(); }
  Status(const Status& other) { *this = other; }
  // Returns nothing: nvcc would call every assignment a dropped [[nodiscard]] value.
  void operator=(const Status& other) {
    code = other.code;
    clear_text();
    if (ok()) return;
    std::memcpy(argument, other.argument, sizeof argument);
    std::memcpy(message, other.message, sizeof message);
    std::memcpy(expected, other.expected, sizeof expected);
  }

  bool ok() const { return code == Code::ok; }

  // The message continues "op: argument ": say "row 3 is all -Infinity", not a whole sentence.
  [[gnu::format(printf, 3, 4)]] static Status error(Code code, const char* argument,
                                                    const char* format, ...) {
    Status status;
    status.code = code;
    std::snprintf(status.argument, sizeof status.argument, "%s", argument);
    va_list args;
    va_start(args, format);
    std::vsnprintf(status.message, sizeof status.message, format, args);
    va_end(args);
    return status;
  }

 private:
  void clear_text() { argument[0] = message[0] = expected[0] = '\0'; }
};

}  // namespace belfry
