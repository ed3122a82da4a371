// States of a deterministic model whose successors lie at fixed distances, as those of a board do.
#pragma once

#include <algorithm>
#include <cstdint>

namespace belfry::cpu {

template <class T>
struct DeterministicStates {
  const int32_t* next_states = nullptr;
  const T *rewards = nullptr, *values = nullptr;
  T gamma = 1;
  int64_t num_states = 0, num_actions = 0;
  int32_t terminal = -1;
  bool minimise = false;
  T* values_out = nullptr;  // null: not wanted
  int32_t* policy = nullptr;
};

// Backs up states from `begin` on, a vector of them at a time, while every action leads each of a
// vector's states as far as the first: V is then read in order and not gathered. Returns the first
// state that is left, at most `end`: there the pattern ends, an episode does, a successor is no
// state, or a Q is NaN.
template <class T>
int64_t stencil_states(const DeterministicStates<T>& model, int64_t begin, int64_t end);

// Largest change and value of a part of a sweep, which is all that a bound needs.
template <class T>
struct SweepExtremes {
  T change = 0, value = 0;
  bool nan = false;

  void add(T before, T after) {
    const T delta = after - before;
    merge({delta < 0 ? -delta : delta, after < 0 ? -after : after, delta != delta});
  }
  void merge(const SweepExtremes& other) {
    change = other.change > change ? other.change : change;
    value = other.value > value ? other.value : value;
    nan |= other.nan;
  }
};

// The same in place, each state with the values already written: positions [begin, end) of a sweep
// over all states, from the last state down if `backward`. Successors have been checked; of the
// model's arrays of values none is used. Returns the first position that is left.
template <class T>
int64_t stencil_sweep(const DeterministicStates<T>& model, T* values, int64_t begin, int64_t end,
                      bool backward, SweepExtremes<T>& extremes);

// [begin, end) by turns: stream(from) returns how far it got, singly(from, count) does what is left
// there, at most `most` states at a time. Where no pattern is found, it is looked for less often.
template <class Stream, class Singly>
void by_patterns(int64_t begin, int64_t end, int64_t most, const Stream& stream,
                 const Singly& singly) {
  constexpr int64_t kFewStates = 8;
  int64_t step = kFewStates;
  for (int64_t at = begin; at < end;) {
    const int64_t reached = stream(at);
    step = reached > at ? kFewStates : std::min(2 * step, most);
    const int64_t count = std::min(step, end - reached);
    if (count > 0) singly(reached, count);
    at = reached + count;
  }
}

}  // namespace belfry::cpu
