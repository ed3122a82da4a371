// One call in the making: the op struct that a kernel will get, filled field by field, and the
// sizes its operands fix. Knows nothing of Node; the binding fills it, `check.h` checks it.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "belfry/backend.h"
#include "core/contract.h"

namespace belfry::core {

class Frame {
 public:
  // Ready for a call of `op`: all operands absent, all parameters at their defaults.
  void begin(const Op& op);

  const Op& op() const { return *op_; }
  void* memory() { return memory_.data(); }

  template <class T>
  T& at(size_t field) {
    return *reinterpret_cast<T*>(memory_.data() + op_->info.fields[field].offset);
  }
  // The arrays of one operand or output: one view, or the items of a list.
  RawView* views(size_t field) {
    return is_list(field) ? lists_[field].data() : &at<RawView>(field);
  }
  int64_t num_views(size_t field) const {
    return is_list(field) ? static_cast<int64_t>(lists_[field].size()) : 1;
  }
  void resize_list(size_t field, int64_t count);
  void set_words(size_t field, std::vector<int32_t> words);
  void set_numbers(size_t field, std::vector<double> numbers);
  // Whether the parameter that decides on `field` has the word it asks for.
  bool chosen(size_t field);
  bool given(size_t field);  // any array of the field is present

  DType dtype = DType::f64;  // element type of the call, once resolved

  // Symbols. -1 = not known yet.
  int64_t symbol(int16_t id) const { return symbols_[static_cast<size_t>(id)]; }
  int64_t* slot(const Factor& factor, int64_t item);  // null for a factor that is computed
  int64_t value(const Factor& factor, int64_t item);  // -1 = not known yet
  void bind_family(int16_t id, const List<int64_t>& sizes, int16_t field);
  void bind(int16_t id, int64_t value, int16_t field) {
    symbols_[static_cast<size_t>(id)] = value;
    origins_[static_cast<size_t>(id)] = field;
  }
  int16_t origin(int16_t id) const { return origins_[static_cast<size_t>(id)]; }
  void set_origin(int16_t id, int16_t field) { origins_[static_cast<size_t>(id)] = field; }

 private:
  bool is_list(size_t field) const { return op_->info.fields[field].arity == Arity::list; }

  const Op* op_ = nullptr;
  std::vector<char> memory_;
  std::vector<std::vector<RawView>> lists_;
  std::vector<std::vector<int32_t>> words_;
  std::vector<std::vector<double>> numbers_;
  std::vector<std::vector<int64_t>> integers_;
  std::vector<int64_t> symbols_;
  std::vector<std::vector<int64_t>> families_;  // sizes of numbered symbols
  std::vector<int16_t> origins_;                // field that fixed the symbol
};

// The op struct of a call that gives nothing.
std::vector<char> default_struct(const OpInfo& info);

// "grad_weight_#" item 2 -> "gradWeight2".
std::string public_name(const char* name, int64_t item = -1);

}  // namespace belfry::core
