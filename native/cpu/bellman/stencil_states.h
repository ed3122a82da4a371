// States of a deterministic model whose successors lie at fixed distances, as those of a board do.
#pragma once

#include <cstdint>

namespace belfry::cpu {

template <class T>
struct DeterministicStates {
  const int32_t* next_states = nullptr;  // checked: in [0, S), or `terminal`
  const T *rewards = nullptr, *values = nullptr;
  T gamma = 1;
  int64_t num_actions = 0;
  int32_t terminal = -1;
  bool minimise = false;
  T* values_out = nullptr;  // null: not wanted
  int32_t* policy = nullptr;
};

// Backs up states from `begin` on, a vector of them at a time, while every action leads each of a
// vector's states as far as the first: V is then read in order and not gathered. Returns the first
// state that is left, at most `end`: there the pattern ends, an episode does, or a Q is NaN.
template <class T>
int64_t stencil_states(const DeterministicStates<T>& model, int64_t begin, int64_t end);

}  // namespace belfry::cpu
