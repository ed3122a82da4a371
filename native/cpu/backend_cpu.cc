// The CPU's function table: one entry per declared op.
#include <new>
#include <vector>

#include "core/backends.h"
#include "core/contract.h"
#include "cpu/nan_count.h"
#include "cpu/run.h"
#include "ops/all.h"

namespace belfry {

namespace cpu {

namespace {

// What is alike in every entry, compiled once.
Status run_guarded(Context* base, const void* op, const Monitor* monitor,
                   Status (*kernel)(const void*, CpuContext&)) {
  auto& context = *static_cast<CpuContext*>(base);
  context.set_monitor(monitor);
  Status status;
  try {
    status = kernel(op, context);
  } catch (const std::bad_alloc&) {
    status = Status::error(Code::out_of_memory, "", "not enough memory for the op's workspace");
  }
  context.release_scratch();
  context.set_monitor(nullptr);
  return status;
}

template <template <class> class Op, class T>
Status run_entry(Context* base, const void* op, const Monitor* monitor) {
  return run_guarded(base, op, monitor, [](const void* self, CpuContext& context) {
    if (const NanPlan* plan = nan_plan_of<Op>) count_nans(*plan, self, context);
    return run(*static_cast<const Op<T>*>(self), context);
  });
}

std::vector<OpEntry> make_entries() {
  std::vector<OpEntry> entries;
  for_each_op([&entries]<template <class> class Op>() {
    const core::Op& op = core::ops()[entries.size()];
    nan_plan_of<Op> = make_nan_plan(op.info);
    entries.push_back({op.info.family,
                       op.info.name,
                       op.info.form,
                       op.layout,
                       {run_entry<Op, float>, run_entry<Op, double>}});
  });
  return entries;
}

Status devices(DeviceInfo*, int32_t, int32_t* count) {
  *count = 1;
  return {};
}

Status open(int32_t, Context** out) {
  *out = new CpuContext;
  return {};
}

void close(Context* context) { delete static_cast<CpuContext*>(context); }

}  // namespace

}  // namespace cpu

namespace core {

const Backend& cpu_backend() {
  static const auto& entries = *new std::vector<OpEntry>(cpu::make_entries());
  static const Backend& backend =
      *new Backend{BELFRY_BACKEND_ABI, sizeof(Backend),
                   BELFRY_VERSION,     "cpu",
                   cpu::devices,       cpu::open,
                   cpu::close,         nullptr,
                   entries.data(),     static_cast<int32_t>(entries.size())};
  return backend;
}

}  // namespace core

}  // namespace belfry
