// The count of NaN among what an op was given, for ops that work on tokens: an output that any op
// may declare and the backends fill, so that no kernel knows of it.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "ops/op.h"

namespace belfry {

struct CountsNan {
  Out<int32_t, 0> nan_count;
};

template <class Op>
void counts_nan(Declare<Op>& op) {
  using Member = Out<int32_t, 0> Op::*;
  const Member member = &CountsNan::nan_count;
  op.out("nan_count", member, "", "NaN in the operands at tokens that count, all of them together")
      .on_request();
}

// Where the views lie in an op's struct.
struct NanPlan {
  int64_t mask = 0, count = 0;
  std::vector<int64_t> operands;  // real numbers of each token
};

// Operands with the shape of `mask`, and those with a row for each of its tokens. Null: the op does
// not count.
inline const NanPlan* make_nan_plan(const OpInfo& info) {
  const Field* count = info.find("nan_count");
  if (!count) return nullptr;
  const Field& mask = *info.find("mask");
  auto* plan = new NanPlan{mask.offset, count->offset, {}};
  std::string rows = mask.dims;
  for (char& c : rows) c = c == ',' ? '*' : c;
  rows += ',';
  for (const Field& field : info.fields) {
    const bool real = field.element == Element::real || field.element == Element::mixed;
    if (field.kind != FieldKind::operand || !real) continue;
    const std::string dims = std::string(field.dims).substr(0, std::strcspn(field.dims, "|"));
    if (dims == mask.dims || dims.rfind(rows, 0) == 0) plan->operands.push_back(field.offset);
  }
  return plan;
}

// Set by a backend when it makes its table of ops, before any of them runs.
template <template <class> class Op>
inline const NanPlan* nan_plan_of = nullptr;

// One of the operands, and the numbers of a token in it; 0: it is not there, or has no tokens (an
// advantage for each sequence, say).
struct TokenNumbers {
  const RawView* view = nullptr;
  int64_t tokens = 0, width = 0;
};

inline TokenNumbers token_numbers(const void* op, int64_t offset, int64_t mask_offset) {
  const char* base = static_cast<const char*>(op);
  const auto& view = *reinterpret_cast<const RawView*>(base + offset);
  const auto& mask = *reinterpret_cast<const RawView*>(base + mask_offset);
  if (!view.present) return {};
  // Without a mask every number of a token-shaped operand counts.
  const int64_t tokens = mask.present ? mask.size() : view.size();
  if (tokens == 0 || view.size() % tokens != 0) return {};
  return {&view, tokens, view.size() / tokens};
}

}  // namespace belfry
