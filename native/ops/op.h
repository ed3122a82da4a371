// The vocabulary in which an op is declared.
//
//   template <class T>
//   struct Gae {
//     In<T, 2> rewards, values;
//     Flags<2> mask;
//     double gamma;
//     Out<T, 2> advantages;
//
//     static OpInfo declare() {
//       return Declare<Gae>("token", "gae", Tier::data)
//           .summary("Generalised advantage estimation over padded sequences.")
//           .in("rewards", &Gae::rewards, "B,T", "reward received on leaving token t")
//           .flags("mask", &Gae::mask, "B,T", "1 = token counts").optional()
//           .number("gamma", &Gae::gamma, 1.0, Range::closed(0, 1), "discount per token")
//           .out("advantages", &Gae::advantages, "B,T", "advantage of each token");
//     }
//   };
//
// Public names are strings (some are C++ keywords). The type of the member says the rest: element
// type, rank, one array or a numbered family. Modifiers (`optional`, `index_below`, ...) change the
// field declared last.
#pragma once

#include <initializer_list>

#include "belfry/views.h"
#include "ops/field.h"

namespace belfry {

// The layers of a network as operands, and as outputs: weights [out, in] and biases.
template <class T>
struct Layers {
  List<In<T, 2>> weight;
  List<In<T, 1>> bias;
};
template <class T>
struct NewLayers {
  List<Out<T, 2>> weight;
  List<Out<T, 1>> bias;
};

// A parameter without default.
inline constexpr double kRequired = -1.7976931348623157e308;

// What every declaration does alike, out of line: a few hundred ops would each carry a copy.
class Declaration {
 public:
  operator OpInfo() const { return info_; }

 protected:
  Declaration(const char* family, const char* name, Tier tier, size_t struct_bytes);

  Field& last() { return info_.fields.back(); }
  void add_array(FieldKind kind, Element element, Arity arity, const char* name, int64_t offset,
                 int rank, const char* dims, const char* count, const char* doc);
  // Weights and biases; `alias` is the network whose memory outputs may share.
  struct LayersAt {
    FieldKind kind;
    Element element;
    int64_t weight, bias;  // offsets
  };
  void add_layers(const LayersAt& at, const char* name, const char* sizes, const char* alias,
                  const char* doc);
  void add_parameter(FieldKind kind, const char* name, int64_t offset, double fallback, Range range,
                     std::initializer_list<const char*> words, const char* doc);

  OpInfo info_;
};

template <class Op>
class Declare : public Declaration {
 public:
  Declare(const char* family, const char* name, Tier tier)
      : Declaration(family, name, tier, sizeof(Op)) {}

  Declare& form(const char* form_name, const char* pick = "") {
    info_.form = form_name;
    info_.pick = pick;
    return *this;
  }
  Declare& summary(const char* text) { return info_.summary = text, *this; }
  Declare& formula(const char* text) { return info_.formula = text, *this; }
  Declare& source(const char* text) { return info_.source = text, *this; }
  Declare& edge(const char* text) { return info_.edge = text, *this; }
  Declare& flops(const char* expression) { return info_.flops = expression, *this; }
  // Many launches on CUDA, which follow from shapes and parameters alone, and nothing is read back:
  // they are queued as one graph.
  Declare& one_graph() { return info_.one_graph = true, *this; }

  // Fields that several ops have in common, by a function of the declaration.
  template <class Part>
  Declare& with(const Part& part) {
    return part(*this), *this;
  }

  // A size fixed by others, checked like a shape: where("h[0]", "D+S").
  Declare& where(const char* size, const char* sum) {
    return info_.rules.push_back({size, sum}), *this;
  }

  // Operands.
  template <class T, int R>
  Declare& in(const char* name, In<T, R> Op::*member, const char* dims, const char* doc) {
    return array(FieldKind::operand, element_of<T>(), Arity::one, name, member, R, dims, "", doc);
  }
  template <int R>
  Declare& in(const char* name, MixedIn<R> Op::*member, const char* dims, const char* doc) {
    return array(FieldKind::operand, Element::mixed, Arity::one, name, member, R, dims, "", doc);
  }
  template <int R>
  Declare& flags(const char* name, Flags<R> Op::*member, const char* dims, const char* doc) {
    return array(FieldKind::operand, Element::flag, Arity::one, name, member, R, dims, "", doc);
  }
  // `name` ends in '#': "weight_#" takes weight_0, weight_1, ...; `count` names how many. "q_k#1"
  // counts from 1.
  template <class T, int R>
  Declare& in_list(const char* name, List<In<T, R>> Op::*member, const char* dims,
                   const char* count, const char* doc) {
    return array(FieldKind::operand, element_of<T>(), Arity::list, name, member, R, dims, count,
                 doc);
  }
  template <int R>
  Declare& in_list(const char* name, List<MixedIn<R>> Op::*member, const char* dims,
                   const char* count, const char* doc) {
    return array(FieldKind::operand, Element::mixed, Arity::list, name, member, R, dims, count,
                 doc);
  }

  // Outputs.
  template <class T, int R>
  Declare& out(const char* name, Out<T, R> Op::*member, const char* dims, const char* doc) {
    return array(FieldKind::output, element_of<T>(), Arity::one, name, member, R, dims, "", doc);
  }
  template <int R>
  Declare& out(const char* name, MixedOut<R> Op::*member, const char* dims, const char* doc) {
    return array(FieldKind::output, Element::mixed, Arity::one, name, member, R, dims, "", doc);
  }
  template <class T, int R>
  Declare& out_list(const char* name, List<Out<T, R>> Op::*member, const char* dims,
                    const char* count, const char* doc) {
    return array(FieldKind::output, element_of<T>(), Arity::list, name, member, R, dims, count,
                 doc);
  }

  // A network of the sizes h[0] ... h[Lh] for sizes "h": the lists "<name>_weight_#" and
  // "<name>_bias_#", in the part `layers` of a member.
  template <class N, class T>
  Declare& network(const char* name, N Op::*member, Layers<T> N::*layers, const char* sizes,
                   const char* doc) {
    add_layers(layers_at<T>(FieldKind::operand, member, layers), name, sizes, "", doc);
    return *this;
  }
  // The same as outputs, which may be the memory of the network `alias`.
  template <class N, class T>
  Declare& new_network(const char* name, N Op::*member, NewLayers<T> N::*layers, const char* sizes,
                       const char* alias, const char* doc) {
    add_layers(layers_at<T>(FieldKind::output, member, layers), name, sizes, alias, doc);
    return *this;
  }

  // Parameters.
  Declare& number(const char* name, double Op::*member, double fallback, Range range,
                  const char* doc) {
    return parameter(FieldKind::number, name, member, fallback, range, {}, doc);
  }
  Declare& integer(const char* name, int64_t Op::*member, double fallback, Range range,
                   const char* doc) {
    return parameter(FieldKind::integer, name, member, fallback, range, {}, doc);
  }
  Declare& boolean(const char* name, bool Op::*member, bool fallback, const char* doc) {
    return parameter(FieldKind::boolean, name, member, fallback ? 1 : 0, Range::any(), {}, doc);
  }
  template <class Word>
  Declare& choice(const char* name, Word Op::*member, std::initializer_list<const char*> words,
                  double fallback, const char* doc) {
    return parameter(FieldKind::choice, name, member, fallback, Range::any(), words, doc);
  }
  // Default null unless a number is given.
  Declare& nullable(const char* name, NullableNumber Op::*member, double fallback, Range range,
                    const char* doc) {
    return parameter(FieldKind::nullable_number, name, member, fallback, range, {}, doc);
  }
  // Choices: null ("none") is legal too; the member is then -1.
  Declare& or_null() { return last().null_word = true, *this; }
  Declare& null_default() { return last().fallback_null = true, last().required = false, *this; }
  template <class Word>
  Declare& number_or(const char* name, NumberOr<Word> Op::*member,
                     std::initializer_list<const char*> words, double fallback, Range range,
                     const char* doc) {
    return parameter(FieldKind::number_or_word, name, member, fallback, range, words, doc);
  }
  Declare& numbers(const char* name, List<double> Op::*member, Range range, const char* count,
                   const char* doc) {
    parameter(FieldKind::number_list, name, member, kRequired, range, {}, doc);
    last().count = count;
    return *this;
  }
  Declare& integers(const char* name, List<int64_t> Op::*member, Range range, const char* count,
                    const char* doc) {
    parameter(FieldKind::integer_list, name, member, kRequired, range, {}, doc);
    last().count = count;
    return *this;
  }
  // A built-in problem, "taxi" or "riverswim(6)", whose arrays stand for operands not given.
  Declare& builtin(const char* name, const char* doc) {
    add_parameter(FieldKind::builtin, name, -1, 0, Range::any(), {}, doc);
    return *this;
  }
  template <class Word>
  Declare& choices(const char* name, List<Word> Op::*member,
                   std::initializer_list<const char*> words, const char* count, const char* doc) {
    parameter(FieldKind::choice_list, name, member, kRequired, Range::any(), words, doc);
    last().count = count;
    return *this;
  }

  // Modifiers of the field declared last.
  Declare& optional() { return last().optional = true, last().required = false, *this; }
  Declare& gaps() { return last().gaps = last().optional = true, *this; }
  Declare& index_below(const char* symbol) { return last().index_below = symbol, *this; }
  Declare& or_equal(const char* parameter) { return last().index_or = parameter, *this; }
  // -1 stands for "none": no successor, no choice.
  Declare& or_none() { return last().index_or_none = true, *this; }
  // For an op that reads its indices once: a scan of its own would cost a seventh of its time.
  Declare& checked_in_pass() { return last().index_in_pass = true, *this; }
  Declare& offsets_to(const char* symbol) { return last().offsets_to = symbol, *this; }
  Declare& like(const char* operand) { return last().like = operand, *this; }
  Declare& sized_by_data() { return last().sized_by_data = true, *this; }
  Declare& on_request() { return last().on_request = true, *this; }
  Declare& default_text(const char* text) { return last().fallback_text = text, *this; }
  Declare& whole() { return last().whole = true, *this; }
  Declare& may_alias(const char* operand) { return last().may_alias = operand, *this; }
  Declare& needs(const char* operand) { return last().needs.push_back(operand), *this; }
  Declare& when(const char* parameter, const char* word) {
    last().needs_choice = parameter;
    last().needs_word = word;
    return *this;
  }
  Declare& size_of(const char* symbol) { return last().size_of = symbol, *this; }
  Declare& typical(double low, double high) {
    last().low = low;
    last().high = high;
    return *this;
  }

 private:
  template <class T>
  static constexpr Element element_of() {
    if constexpr (sizeof(T) == 1) return Element::flag;
    if constexpr (static_cast<T>(0.5) != T(0)) return Element::real;
    return Element::index;
  }
  template <class Member>
  static int64_t offset_of(Member Op::*member) {
    static const Op probe{};
    return reinterpret_cast<const char*>(&(probe.*member)) - reinterpret_cast<const char*>(&probe);
  }

  template <class T, class N, class Lists>
  static LayersAt layers_at(FieldKind kind, N Op::*member, Lists N::*layers) {
    static const N probe{};
    const auto at = [&](const auto& list) {
      return offset_of(member) +
             (reinterpret_cast<const char*>(&list) - reinterpret_cast<const char*>(&probe));
    };
    return {kind, element_of<T>(), at((probe.*layers).weight), at((probe.*layers).bias)};
  }

  template <class Member>
  Declare& array(FieldKind kind, Element element, Arity arity, const char* name, Member Op::*member,
                 int rank, const char* dims, const char* count, const char* doc) {
    add_array(kind, element, arity, name, offset_of(member), rank, dims, count, doc);
    return *this;
  }
  template <class Member>
  Declare& parameter(FieldKind kind, const char* name, Member Op::*member, double fallback,
                     Range range, std::initializer_list<const char*> words, const char* doc) {
    add_parameter(kind, name, offset_of(member), fallback, range, words, doc);
    return *this;
  }
};

// A member of a base of the op's as one of its own: what several ops declare alike.
template <class Op, class Member>
using MemberOf = Member Op::*;
template <class Op, class Base, class Member>
constexpr MemberOf<Op, Member> of(Member Base::*member) {
  return member;
}

// The ops of one family, in lists that the backends and the contract expand: data ops, which every
// backend has, and algorithm and control ops, which run on the host.
template <template <class> class... Ops>
struct OpList {
  static constexpr int kCount = sizeof...(Ops);
};

}  // namespace belfry
