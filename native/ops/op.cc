#include "ops/op.h"

#include <cstring>
#include <mutex>
#include <set>
#include <string>

namespace belfry {

namespace {

// Text that lives as long as the process, as the fields of a declaration expect it.
const char* lasting(const std::string& text) {
  static std::mutex mutex;
  static auto& kept = *new std::set<std::string>;
  const std::lock_guard<std::mutex> lock(mutex);
  return kept.insert(text).first->c_str();
}

}  // namespace

const Field* OpInfo::find(const char* field_name) const {
  for (const Field& field : fields) {
    if (std::strcmp(field.name, field_name) == 0) return &field;
  }
  return nullptr;
}

uint64_t OpInfo::layout_hash() const {
  uint64_t hash = 14695981039346656037ULL;  // FNV-1a
  const auto mix = [&hash](const void* data, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) {
      hash = (hash ^ static_cast<const unsigned char*>(data)[i]) * 1099511628211ULL;
    }
  };
  mix(&struct_bytes, sizeof struct_bytes);
  for (const Field& field : fields) {
    mix(field.name, std::strlen(field.name));
    mix(&field.kind, sizeof field.kind);
    mix(&field.element, sizeof field.element);
    mix(&field.offset, sizeof field.offset);
    for (const char* word : field.words) mix(word, std::strlen(word));
  }
  return hash;
}

Declaration::Declaration(const char* family, const char* name, Tier tier, size_t struct_bytes) {
  info_.family = family;
  info_.name = name;
  info_.tier = tier;
  info_.struct_bytes = static_cast<int64_t>(struct_bytes);
}

void Declaration::add_array(FieldKind kind, Element element, Arity arity, const char* name,
                            int64_t offset, int rank, const char* dims, const char* count,
                            const char* doc) {
  Field field;
  field.name = name;
  field.doc = doc;
  field.kind = kind;
  field.element = element;
  field.arity = arity;
  field.offset = offset;
  field.rank = rank;
  field.dims = dims;
  field.count = count;
  info_.fields.push_back(field);
}

void Declaration::add_layers(const LayersAt& at, const char* name, const char* sizes,
                             const char* alias, const char* doc) {
  const std::string n = sizes, outputs = n + "[#+1]";
  const char* const count = lasting("L" + n);
  const auto add = [&](const char* part, int64_t offset, int rank, const std::string& dims,
                       const char* text) {
    add_array(at.kind, at.element, Arity::list, lasting(std::string(name) + part), offset, rank,
              lasting(dims), count, text);
    if (*alias) last().may_alias = lasting(std::string(alias) + part);
  };
  add("_weight_#", at.weight, 2, outputs + "," + n + "[#]", doc);
  add("_bias_#", at.bias, 1, outputs, "its biases");
}

void Declaration::add_parameter(FieldKind kind, const char* name, int64_t offset, double fallback,
                                Range range, std::initializer_list<const char*> words,
                                const char* doc) {
  Field field;
  field.name = name;
  field.doc = doc;
  field.kind = kind;
  field.offset = offset;
  field.required = fallback == kRequired;
  field.fallback = field.required ? 0 : fallback;
  field.range = range;
  field.words = words;
  info_.fields.push_back(field);
}

}  // namespace belfry
