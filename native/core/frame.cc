#include "core/frame.h"

#include <algorithm>
#include <cctype>

#include "core/check_parts.h"

namespace belfry::core {

namespace {

// A list as it lies in an op struct.
struct RawList {
  void* items;
  int64_t count;
};
static_assert(sizeof(In<float, 2>) == sizeof(RawView) && sizeof(MixedOut<4>) == sizeof(RawView));
static_assert(sizeof(List<In<float, 2>>) == sizeof(RawList));

// Numbers of a family of operands or sizes run from 0 to this; src/call.ts parses four digits.
constexpr int64_t kMaxNumber = 10000;

struct RawNumberOr {
  double value;
  int32_t word;
};

}  // namespace

std::vector<char> default_struct(const OpInfo& info) {
  std::vector<char> memory(static_cast<size_t>(info.struct_bytes), 0);
  for (const Field& field : info.fields) {
    const auto put = [&](const auto& value) {
      std::memcpy(memory.data() + field.offset, &value, sizeof value);
    };
    switch (field.kind) {
      case FieldKind::operand:
      case FieldKind::output:
        if (field.arity == Arity::one) put(RawView{});
        break;
      case FieldKind::number: put(field.fallback); break;
      case FieldKind::integer: put(static_cast<int64_t>(field.fallback)); break;
      case FieldKind::boolean: put(field.fallback != 0); break;
      case FieldKind::choice: put(static_cast<int32_t>(field.fallback)); break;
      case FieldKind::nullable_number:
        put(NullableNumber{field.fallback, !field.fallback_null});
        break;
      case FieldKind::number_or_word: put(RawNumberOr{field.fallback, -1}); break;
      case FieldKind::number_list:
      case FieldKind::integer_list:
      case FieldKind::choice_list: put(RawList{nullptr, 0}); break;
      case FieldKind::builtin: break;
    }
  }
  return memory;
}

void Frame::begin(const Op& op) {
  op_ = &op;
  dtype = DType::f64;
  memory_.assign(op.defaults.begin(), op.defaults.end());
  const size_t num_fields = op.fields.size();
  if (lists_.size() < num_fields) {
    lists_.resize(num_fields);
    words_.resize(num_fields);
    numbers_.resize(num_fields);
    integers_.resize(num_fields);
  }
  for (const size_t i : op.lists) lists_[i].clear();
  symbols_.assign(op.symbols.size(), -1);
  origins_.assign(op.symbols.size(), -1);
  if (families_.size() < op.symbols.size()) families_.resize(op.symbols.size());
  if (!op.lists.empty()) {
    for (auto& family : families_) family.clear();
  }
}

void Frame::resize_list(size_t field, int64_t count) {
  lists_[field].assign(static_cast<size_t>(count), RawView{});
  at<RawList>(field) = {lists_[field].data(), count};
}

void Frame::set_words(size_t field, std::vector<int32_t> words) {
  words_[field] = std::move(words);
  at<RawList>(field) = {words_[field].data(), static_cast<int64_t>(words_[field].size())};
}

void Frame::set_numbers(size_t field, std::vector<double> numbers) {
  const auto count = static_cast<int64_t>(numbers.size());
  if (op_->info.fields[field].kind == FieldKind::integer_list) {
    integers_[field].assign(numbers.begin(), numbers.end());
    at<RawList>(field) = {integers_[field].data(), count};
  } else {
    numbers_[field] = std::move(numbers);
    at<RawList>(field) = {numbers_[field].data(), count};
  }
}

bool Frame::chosen(size_t field) {
  const CompiledField& compiled = op_->fields[field];
  const auto decider = static_cast<size_t>(compiled.when);
  switch (op_->info.fields[decider].kind) {
    case FieldKind::boolean: return at<bool>(decider) == (compiled.when_word != 0);
    case FieldKind::number_or_word: return at<RawNumberOr>(decider).word == compiled.when_word;
    default: return at<int32_t>(decider) == compiled.when_word;
  }
}

bool Frame::given(size_t field) {
  const RawView* all = views(field);
  for (int64_t i = 0; i < num_views(field); ++i) {
    if (all[i].present) return true;
  }
  return false;
}

int64_t* Frame::slot(const Factor& factor, int64_t item) {
  const auto id = static_cast<size_t>(factor.symbol);
  int64_t index = 0;
  switch (factor.at) {
    case Factor::At::plain: return &symbols_[id];
    case Factor::At::fixed: index = factor.index; break;
    case Factor::At::item: index = item; break;
    case Factor::At::after_item: index = item + 1; break;
    case Factor::At::last: index = symbols_[static_cast<size_t>(factor.index)]; break;
    case Factor::At::chosen:
      index = at<int64_t>(static_cast<size_t>(factor.index));
      if (index >= static_cast<int64_t>(families_[id].size())) return nullptr;
      break;
    case Factor::At::sum:
    case Factor::At::chain:
    case Factor::At::hidden:
    case Factor::At::powers: return nullptr;
  }
  if (index < 0 || index > kMaxNumber) return nullptr;
  std::vector<int64_t>& family = families_[id];
  if (static_cast<int64_t>(family.size()) <= index)
    family.resize(static_cast<size_t>(index) + 1, -1);
  return &family[static_cast<size_t>(index)];
}

int64_t Frame::value(const Factor& factor, int64_t item) {
  int64_t total = 0;
  if (factor.at == Factor::At::sum) {
    for (const int64_t size : families_[static_cast<size_t>(factor.symbol)]) {
      if (size < 0) return -1;
      total = std::min(total + size, kTooMany);
    }
    return total;
  }
  if (factor.at == Factor::At::chain) {
    const auto& sizes = families_[static_cast<size_t>(factor.symbol)];
    for (size_t i = 0; i + 1 < sizes.size(); ++i) {
      if (sizes[i] < 0 || sizes[i + 1] < 0) return -1;
      total = std::min(total + capped_product(sizes[i] + 1, sizes[i + 1]), kTooMany);
    }
    return sizes.size() > 1 ? total : -1;
  }
  if (factor.at == Factor::At::hidden) {
    const auto& sizes = families_[static_cast<size_t>(factor.symbol)];
    for (size_t i = 1; i + 1 < sizes.size(); ++i) {
      if (sizes[i] < 0) return -1;
      total = std::min(total + sizes[i], kTooMany);
    }
    return sizes.size() > 1 ? total : -1;
  }
  if (factor.at == Factor::At::powers) {
    const int64_t base = symbol(factor.symbol), depth = symbol(factor.index);
    if (base < 0 || depth < 0) return -1;
    int64_t power = 1;
    for (int64_t k = 0; k < depth && total < kTooMany && power > 0; ++k) {
      power = capped_product(power, base);
      total = std::min(total + power, kTooMany);
    }
    return total;
  }
  const int64_t* known = slot(factor, item);
  return known ? *known : -1;
}

void Frame::bind_family(int16_t id, const List<int64_t>& sizes, int16_t field) {
  families_[static_cast<size_t>(id)].assign(sizes.items, sizes.items + sizes.count);
  set_origin(id, field);
}

std::string public_name(const char* name, int64_t item) {
  std::string out;
  bool upper = false;
  for (; *name; ++name) {
    if (*name == '_') {
      upper = true;
    } else if (*name == '#') {
      int64_t first = 0;
      while (std::isdigit(static_cast<unsigned char>(name[1]))) first = 10 * first + *++name - '0';
      out += item < 0 ? std::string("#") : std::to_string(first + item);
      upper = false;
    } else {
      out += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(*name))) : *name;
      upper = false;
    }
  }
  return out;
}

}  // namespace belfry::core
