// Declarations are read once, when the add-on loads: small code rather than fast.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("Os")
#endif

#include "core/contract.h"

#include <cctype>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "core/frame.h"
#include "ops/all.h"

namespace belfry {

namespace core {

namespace {

// A declaration that contradicts itself is a bug of this package, found when it loads.
[[noreturn]] void bad_declaration(const OpInfo& info, const char* field, const char* what) {
  throw std::logic_error(std::string(info.name) + "." + field + ": " + what);
}

class Compiler {
 public:
  explicit Compiler(Op& op) : op_(op) {}

  void compile() {
    for (const Field& field : op_.info.fields) {
      CompiledField out;
      out.count = symbol(field.count);
      out.size_of = size_symbol(field);
      out.index_below = symbol(field.index_below);
      out.offsets_to = symbol(field.offsets_to);
      out.index_or = reference(field, field.index_or);
      out.may_alias = reference(field, field.may_alias);
      out.like = reference(field, field.like);
      out.when = reference(field, field.needs_choice);
      if (out.when >= 0) out.when_word = word_index(field);
      for (const char* needed : field.needs) out.needs.push_back(reference(field, needed));
      const bool array = field.kind == FieldKind::operand || field.kind == FieldKind::output;
      if (array) parse_shapes(field, out);
      if (array && field.arity == Arity::list) op_.lists.push_back(op_.fields.size());
      if (out.index_below >= 0 || out.offsets_to >= 0) op_.indices.push_back(op_.fields.size());
      if (field.kind == FieldKind::operand) op_.operands.push_back(op_.fields.size());
      if (field.kind == FieldKind::output) op_.outputs.push_back(op_.fields.size());
      op_.fields.push_back(std::move(out));
    }
    for (const SizeRule& rule : op_.info.rules) parse_rule(rule);
  }

 private:
  int16_t symbol(const std::string& name, bool numbered = false) {
    if (name.empty()) return -1;
    for (size_t i = 0; i < op_.symbols.size(); ++i) {
      if (op_.symbols[i] == name) return static_cast<int16_t>(i);
    }
    op_.symbols.push_back(name);
    op_.family.push_back(numbered);
    return static_cast<int16_t>(op_.symbols.size() - 1);
  }

  // An integer names one size, a list of integers a family: "n[#]".
  int16_t size_symbol(const Field& field) {
    const std::string name = field.size_of;
    const bool family = field.kind == FieldKind::integer_list && !name.empty();
    if (family != (name.find("[#]") != std::string::npos)) {
      bad_declaration(op_.info, field.name, "names sizes in the wrong way");
    }
    return symbol(name.substr(0, name.find('[')), family);
  }

  int16_t reference(const Field& field, const char* name) {
    if (!*name) return -1;
    for (size_t i = 0; i < op_.info.fields.size(); ++i) {
      const Field& other = op_.info.fields[i];
      if (other.kind != FieldKind::output && std::strcmp(other.name, name) == 0) {
        return static_cast<int16_t>(i);
      }
    }
    bad_declaration(op_.info, field.name, "refers to a field that is not declared");
  }

  int32_t word_index(const Field& field) {
    const Field& decider = *op_.info.find(field.needs_choice);
    if (decider.kind == FieldKind::boolean) return std::strcmp(field.needs_word, "true") == 0;
    for (size_t i = 0; i < decider.words.size(); ++i) {
      if (std::strcmp(decider.words[i], field.needs_word) == 0) return static_cast<int32_t>(i);
    }
    bad_declaration(op_.info, field.name, "depends on a word that is not declared");
  }

  void parse_shapes(const Field& field, CompiledField& out) {
    std::string text = field.dims;
    if (text == "*" || *field.like) return;
    for (size_t begin = 0; begin <= text.size();) {
      const size_t end = std::min(text.find('|', begin), text.size());
      out.shapes.push_back(parse_shape(field, text.substr(begin, end - begin)));
      begin = end + 1;
    }
  }

  Shape parse_shape(const Field& field, const std::string& text) {
    Shape shape;
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find(',', begin), text.size());
      if (shape.rank == kMaxRank) bad_declaration(op_.info, field.name, "has too many dimensions");
      shape.dims[shape.rank++] = parse_dim(field, text.substr(begin, end - begin));
      begin = end + 1;
    }
    if (shape.rank > field.rank) bad_declaration(op_.info, field.name, "rank and dims differ");
    return shape;
  }

  void parse_rule(const SizeRule& rule) {
    CompiledRule out;
    const Field nameless;
    out.size = parse_dim(nameless, rule.size);
    const std::string text = rule.sum;
    // A '+' inside brackets belongs to an index.
    size_t begin = 0;
    int depth = 0;
    for (size_t i = 0; i <= text.size(); ++i) {
      if (i < text.size() && text[i] == '[') ++depth;
      if (i < text.size() && text[i] == ']') --depth;
      if (i < text.size() && (text[i] != '+' || depth > 0)) continue;
      out.terms.push_back(parse_dim(nameless, text.substr(begin, i - begin)));
      begin = i + 1;
    }
    op_.rules.push_back(std::move(out));
  }

  Dim parse_dim(const Field& field, const std::string& text) {
    Dim dim;
    size_t at = 0;
    while (at < text.size()) {
      if (text[at] == '*' || text[at] == '+') ++at;
      if (std::isdigit(static_cast<unsigned char>(text[at]))) {
        const int64_t number = std::atoi(text.c_str() + at);
        while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]))) ++at;
        if (at < text.size() && text[at] == '*')
          dim.times *= number;
        else
          dim.add += number;
        continue;
      }
      if (dim.num_factors == 3) bad_declaration(op_.info, field.name, "dim has too many factors");
      dim.factors[dim.num_factors++] = parse_factor(field, text, at);
    }
    return dim;
  }

  Factor parse_factor(const Field& field, const std::string& text, size_t& at) {
    const size_t begin = at;
    while (at < text.size() && std::isalnum(static_cast<unsigned char>(text[at]))) ++at;
    const std::string name = text.substr(begin, at - begin);
    Factor factor;
    if (at >= text.size() || text[at] != '[') {
      factor.symbol = symbol(name);
      if (at < text.size() && text[at] == '^')
        factor.power = parse_factor(field, text, ++at).symbol;
      return factor;
    }
    const size_t close = text.find(']', at);
    const std::string inside = text.substr(at + 1, close - at - 1);
    at = close + 1;
    if (inside[0] == '^') {
      factor.symbol = symbol(name);
      factor.at = Factor::At::powers;
      factor.index = symbol(inside.substr(1));
      return factor;
    }
    factor.symbol = symbol(name, true);
    if (inside[0] == '@') {
      factor.at = Factor::At::chosen;
      factor.index = reference(field, inside.c_str() + 1);
    } else if (inside == "+") {
      factor.at = Factor::At::sum;
    } else if (inside == "*") {
      factor.at = Factor::At::chain;
    } else if (inside == "-") {
      factor.at = Factor::At::hidden;
    } else if (inside == "#") {
      factor.at = Factor::At::item;
    } else if (inside == "#+1") {
      factor.at = Factor::At::after_item;
    } else if (std::isdigit(static_cast<unsigned char>(inside[0]))) {
      factor.at = Factor::At::fixed;
      factor.index = static_cast<int16_t>(std::atoi(inside.c_str()));
    } else {
      factor.at = Factor::At::last;
      factor.index = symbol(inside);
    }
    return factor;
  }

  Op& op_;
};

std::vector<Op> compile_all() {
  std::vector<Op> all;
  for_each_op([&all]<template <class> class Declared>() {
    static_assert(sizeof(Declared<float>) == sizeof(Declared<double>));
    Op op;
    op.info = Declared<float>::declare();
    op.layout = op.info.layout_hash();
    Compiler(op).compile();
    op.defaults = default_struct(op.info);
    all.push_back(std::move(op));
  });
  return all;
}

}  // namespace

const std::vector<Op>& ops() {
  static const std::vector<Op>& all = *new std::vector<Op>(compile_all());
  return all;
}

}  // namespace core
}  // namespace belfry
