// The field tables as JSON: what the TypeScript side builds its calls, types and docs from.
#include <cmath>
#include <cstdio>

#include "core/contract.h"

namespace belfry::core {

namespace {

const char* const kKinds[] = {"operand",    "output",      "number",         "integer",
                              "boolean",    "choice",      "nullableNumber", "numberOrWord",
                              "numberList", "integerList", "choiceList",     "builtin"};
const char* const kElements[] = {"real", "mixed", "flag", "index"};
const char* const kTiers[] = {"data", "algorithm", "control"};

class Json {
 public:
  void raw(const char* text) { out_ += text; }
  void string(const char* text) {
    out_ += '"';
    for (; *text; ++text) {
      if (*text == '"' || *text == '\\') out_ += '\\';
      out_ += *text;
    }
    out_ += '"';
  }
  void key(const char* name) {
    if (out_.back() != '{') out_ += ',';
    string(name);
    out_ += ':';
  }
  void member(const char* name, const char* value) {
    if (!*value) return;
    key(name);
    string(value);
  }
  void member(const char* name, bool value) {
    if (!value) return;
    key(name);
    out_ += "true";
  }
  void member(const char* name, double value) {
    if (!std::isfinite(value)) return;
    char text[32];
    std::snprintf(text, sizeof text, "%.17g", value);
    key(name);
    out_ += text;
  }
  void member(const char* name, const std::vector<const char*>& values) {
    if (values.empty()) return;
    key(name);
    out_ += '[';
    for (size_t i = 0; i < values.size(); ++i) {
      if (i) out_ += ',';
      string(values[i]);
    }
    out_ += ']';
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

void describe_field(Json& json, const Field& field) {
  const bool array = field.kind == FieldKind::operand || field.kind == FieldKind::output;
  json.raw("{");
  json.member("name", field.name);
  json.member("doc", field.doc);
  json.member("kind", kKinds[static_cast<int>(field.kind)]);
  if (array) {
    json.member("element", kElements[static_cast<int>(field.element)]);
    json.member("rank", static_cast<double>(field.rank));
    json.key("dims");
    json.string(field.dims);
    json.member("list", field.arity == Arity::list);
    json.member("gaps", field.gaps);
    json.member("like", field.like);
    json.member("sizedByData", field.sized_by_data);
    json.member("indexBelow", field.index_below);
    json.member("indexOr", field.index_or);
    json.member("indexOrNone", field.index_or_none);
    json.member("offsetsTo", field.offsets_to);
    json.member("mayAlias", field.may_alias);
    json.member("onRequest", field.on_request);
    json.member("low", field.low);
    json.member("high", field.high);
  } else {
    if (!field.required && !field.optional) json.member("default", field.fallback);
    json.member("defaultText", field.fallback_text);
    json.member("nullDefault", field.fallback_null);
    json.member("nullWord", field.null_word);
    json.member("whole", field.whole);
    json.member("indexBelow", field.index_below);
    json.member("min", field.range.low);
    json.member("max", field.range.high);
    json.member("openMin", field.range.open_low);
    json.member("openMax", field.range.open_high);
    json.member("sizeOf", field.size_of);
    json.member("words", field.words);
  }
  json.member("count", field.count);
  json.member("required", field.required && !field.optional);
  json.member("optional", field.optional);
  json.member("needs", field.needs);
  json.member("whenParameter", field.needs_choice);
  json.member("whenWord", field.needs_word);
  json.raw("}");
}

}  // namespace

std::string describe_ops() {
  Json json;
  json.raw("[");
  bool first = true;
  for (const Op& op : ops()) {
    if (!first) json.raw(",");
    first = false;
    const OpInfo& info = op.info;
    json.raw("{");
    json.member("family", info.family);
    json.member("name", info.name);
    json.member("form", info.form);
    json.member("pick", info.pick);
    json.member("tier", kTiers[static_cast<int>(info.tier)]);
    json.member("summary", info.summary);
    json.member("formula", info.formula);
    json.member("source", info.source);
    json.member("edge", info.edge);
    json.member("flops", info.flops);
    if (!info.rules.empty()) {
      json.key("rules");
      json.raw("[");
      for (size_t i = 0; i < info.rules.size(); ++i) {
        if (i) json.raw(",");
        json.raw("{");
        json.member("size", info.rules[i].size);
        json.member("sum", info.rules[i].sum);
        json.raw("}");
      }
      json.raw("]");
    }
    json.key("fields");
    json.raw("[");
    for (size_t i = 0; i < info.fields.size(); ++i) {
      if (i) json.raw(",");
      describe_field(json, info.fields[i]);
    }
    json.raw("]}");
  }
  json.raw("]");
  return json.take();
}

}  // namespace belfry::core
