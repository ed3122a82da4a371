// Generalised advantage estimation over many sequences; padded and packed batches share it, so
// that both give the same bits.
#pragma once

#include "cpu/context.h"
#include "math/flags.h"

namespace belfry::cpu {

template <class T>
struct GaeSequence {
  const T* rewards = nullptr;
  const T* values = nullptr;
  const T* gammas = nullptr;   // per token, or null: `gamma`
  const T* lambdas = nullptr;  // per token, or null: `lambda`
  T* advantages = nullptr;     // null: not wanted
  T* returns = nullptr;        // null: not wanted
  int64_t length = 0;
  int64_t first = 0;  // index of the first token in the mask
  double bootstrap = 0, gamma = 1, lambda = 1;
};

// Sequences that walk time together, to hide the latency of the recurrence.
constexpr int kGaeGroup = 4;

// Runs `count` <= kGaeGroup sequences.
template <class T>
void gae_sequences(const GaeSequence<T>* sequences, int count, const math::FlagReader& mask);

}  // namespace belfry::cpu
