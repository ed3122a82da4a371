// The declared ops, compiled for calling: dims parsed once, symbols numbered.
#pragma once

#include <string>
#include <vector>

#include "ops/field.h"

namespace belfry::core {

// One factor of a dimension: a symbol ("B"), or a member of a numbered family of symbols
// ("n[0]", "n[#]", "n[#+1]", "n[L]" with # the number of the list item and L a count).
struct Factor {
  // chosen: by an integer parameter, "n[@parameter]"; sum: of a whole family, "n[+]"; powers:
  // d + d^2 + ... + d^m, "d[^m]"; chain: weights and biases of layers of these sizes, "n[*]";
  // hidden: the sum of all sizes but the first and the last, "n[-]".
  enum class At : int8_t {
    plain,
    fixed,
    item,
    after_item,
    last,
    chosen,
    sum,
    powers,
    chain,
    hidden
  };
  int16_t symbol = 0;
  At at = At::plain;
  // fixed: the number; last: the symbol that counts; chosen: field; powers: symbol m
  int16_t index = 0;
  int16_t power = -1;  // the symbol that is the exponent, outputs only: "S^J"
};

// Product of factors plus a constant: "S*A+1", "4", "B".
struct Dim {
  Factor factors[3];
  int8_t num_factors = 0;
  int64_t times = 1, add = 0;
  bool is_symbol() const {
    return num_factors == 1 && times == 1 && add == 0 && factors[0].power < 0;
  }
};

struct Shape {
  Dim dims[kMaxRank];
  int32_t rank = 0;
};

struct CompiledField {
  std::vector<Shape> shapes;  // alternatives, by rank
  int16_t count = -1;         // symbol
  int16_t size_of = -1;       // symbol
  int16_t index_below = -1;   // symbol
  int16_t offsets_to = -1;    // symbol
  int16_t index_or = -1;      // field
  int16_t may_alias = -1;     // field
  int16_t like = -1;          // field
  int16_t when = -1;          // field of the deciding parameter
  int32_t when_word = -1;
  std::vector<int16_t> needs;  // fields
};

// A size rule: `size` equals the sum of `terms`.
struct CompiledRule {
  Dim size;
  std::vector<Dim> terms;
};

struct Op {
  OpInfo info;
  uint64_t layout = 0;
  std::vector<CompiledField> fields;
  std::vector<size_t> operands, outputs;  // numbers of the fields that are arrays
  std::vector<size_t> lists;              // of those that are numbered
  std::vector<size_t> indices;            // of fields that hold indices or offsets
  std::vector<char> defaults;             // the op struct with nothing given
  std::vector<CompiledRule> rules;
  std::vector<std::string> symbols;
  std::vector<bool> family;  // symbol is numbered
};

// In declaration order; an op with forms has one entry per form.
const std::vector<Op>& ops();

// Everything the TypeScript side needs to know, as JSON.
std::string describe_ops();

}  // namespace belfry::core
