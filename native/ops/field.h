// The field table: what one operand, parameter or output of an op is, as data.
// Everything generic (argument checks, TypeScript signatures, docs, property tests, benches) reads
// these tables; kernels never do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "belfry/views.h"

namespace belfry {

enum class FieldKind : int32_t {
  operand,
  output,
  number,
  integer,
  boolean,
  choice,
  nullable_number,
  number_or_word,
  number_list,
  integer_list,
  choice_list,
  builtin,  // the name of a built-in problem; TypeScript puts its arrays in its place
};

enum class Element : int32_t { real, mixed, flag, index };

// How many of one numbered family a field holds: one array, or `name_0, name_1, ...`.
enum class Arity : int32_t { one, list };

struct Range {
  double low = -1.0 / 0.0, high = 1.0 / 0.0;
  bool open_low = false, open_high = false;

  static constexpr Range any() { return {}; }
  static constexpr Range closed(double lo, double hi) { return {lo, hi, false, false}; }
  static constexpr Range at_least(double lo) { return {lo, 1.0 / 0.0, false, false}; }
  static constexpr Range above(double lo) { return {lo, 1.0 / 0.0, true, false}; }
  constexpr bool contains(double x) const {
    return (open_low ? x > low : x >= low) && (open_high ? x < high : x <= high);
  }
};

struct Field {
  const char* name = "";
  const char* doc = "";
  FieldKind kind = FieldKind::operand;
  Element element = Element::real;
  Arity arity = Arity::one;
  int64_t offset = 0;  // in the op struct
  int32_t rank = 0;

  // Arrays. `dims` is "B,T", alternatives of another rank after '|': "B,T|B"; "*" is any shape.
  // A dimension is a product of sizes plus a number, "2*S*A+1"; outputs may have powers, "S^J". A
  // factor may be of a family, "n[#]" (that of the item), that of the number an integer parameter
  // gives, "n[@parameter]", or the sum, "n[+]"; "d[^m]" is d + d^2 + ... + d^m, and
  // "n[*]" how many weights and biases layers of the sizes n have, "n[-]" how many hidden units.
  const char* dims = "";
  const char* like = "";       // has the shape of this operand
  bool sized_by_data = false;  // outputs: dims[0] is the most rows there can be
  const char* count = "";      // lists: the symbol that names how many
  bool optional = false;
  bool gaps = false;               // lists: some numbers may be missing (`ln_gamma_#`)
  const char* index_below = "";    // index operands: values lie in [0, symbol)
  const char* index_or = "";       // ... or equal this integer parameter
  bool index_or_none = false;      // ... or are -1, which stands for "none"
  bool index_in_pass = false;      // ... which the CPU kernel checks as it reads them
  const char* offsets_to = "";     // index operands: 0 = first <= ... <= last = this symbol
  bool on_request = false;         // outputs: made only when named in `outputs` or `out`
  const char* may_alias = "";      // outputs: may be the same memory as this operand
  std::vector<const char*> needs;  // outputs: present only when these operands are
  const char* needs_choice = "";   // ... or operands: required when parameter `needs_choice`
  const char* needs_word = "";     //     has this word (for outputs: present only then)
  double low = -2, high = 2;       // typical values, for generated tests and benches

  // Parameters.
  bool required = false;
  double fallback = 0;  // default; for choices the index of the word, for booleans 0 or 1
  const char* fallback_text = "";  // in words, where the default depends on others
  bool fallback_null = false;
  bool null_word = false;  // choices: null is a word too, and reads as -1
  bool whole = false;      // numbers of every kind: integers only
  Range range;
  const char* size_of = "";  // integers: the symbol that this parameter names; lists: "n[#]"
  std::vector<const char*> words;
};

// Where the work grows: with the data (SIMD, threads, CUDA), irregularly, or hardly at all.
enum class Tier : int32_t { data, algorithm, control };

// A size that follows from others: "h[0]" = "D+p[L]+S".
struct SizeRule {
  const char* size;
  const char* sum;
};

struct OpInfo {
  const char* family = "";
  const char* name = "";
  const char* form = "";  // "" for an op with one form
  const char* pick = "";  // form chosen by `parameter=word`, or by `parameter` being given; "" = by
                          // its required operands
  Tier tier = Tier::data;
  bool one_graph = false;  // on CUDA: its launches are queued as one graph
  const char* summary = "";
  const char* formula = "";
  const char* source = "";
  const char* edge = "";   // edge cases a user should know
  const char* flops = "";  // per call, in the symbols of the dims
  int64_t struct_bytes = 0;
  std::vector<Field> fields;
  std::vector<SizeRule> rules;

  const Field* find(const char* field_name) const;
  uint64_t layout_hash() const;
};

}  // namespace belfry
