// Argument checks, read off the declaration. Run once before an op; kernels trust the result.
#pragma once

#include "core/frame.h"

namespace belfry::core {

// What a check asks of int32 data: the range of indices, or the order and the ends of offsets.
enum class IntQuestion { range, order };

// How it learns: on the host by a scan, on a device by the backend.
struct IntScanner {
  void* self = nullptr;
  Status (*scan)(void* self, const RawView& view, IntQuestion question, const int32_t* skip,
                 IntFacts* out) = nullptr;
  // Parts of an array can be asked about, and kernels check what the declaration leaves to them; a
  // device knows the whole alone.
  bool on_host = true;
};

// Element types, presence, shapes and parameters that name sizes; fills in the call's dtype and
// every symbol.
Status check_operands(Frame& frame);

// Offsets and indices.
Status check_data(Frame& frame, const IntScanner& scanner);

// Whether output `field` (item of a list) is to be computed, by what it needs.
bool output_possible(Frame& frame, size_t field, int64_t item);

// How many arrays output `field` has.
int64_t output_count(Frame& frame, size_t field);

// Shape and element type of an output, into `view`. False: more elements than any memory holds.
bool shape_output(Frame& frame, size_t field, int64_t item, RawView& view);

// A supplied output against what shape_output says. `any_shape`: a bare array, only its length
// counts.
Status check_output(Frame& frame, size_t field, int64_t item, const RawView& supplied,
                    bool any_shape);

// No output overlaps an operand (unless declared so) or another output.
Status check_aliases(Frame& frame);

Status check_number(const Op& op, size_t field, double value);

}  // namespace belfry::core
