// The reverse recurrence of advantages and returns over many sequences. Padded and packed batches
// share it, so that both give the same bits. Without values it gives discounted returns.
#pragma once

#include "cpu/context.h"
#include "math/flags.h"

namespace belfry::cpu {

template <class T>
struct GaeSequence {
  const T* rewards = nullptr;
  const T* values = nullptr;   // null: 0
  const T* gammas = nullptr;   // per token, or null: `gamma`
  const T* lambdas = nullptr;  // per token, or null: `lambda`
  T* advantages = nullptr;     // null: not wanted
  T* returns = nullptr;        // null: not wanted
  int64_t length = 0;
  int64_t first = 0;  // index of the first token in the mask
  double bootstrap = 0, gamma = 1, lambda = 1;
  double baseline = 0;        // subtracted from the advantages alone
  bool reset_masked = false;  // a masked token ends what comes before it
};

// Sequences that walk time together, to hide the latency of the recurrence.
constexpr int kGaeGroup = 4;

// Runs `count` <= kGaeGroup sequences.
template <class T>
void gae_sequences(const GaeSequence<T>* sequences, int count, const math::FlagReader& mask);

// The rows of a padded batch over the threads; `row_sequence(row)` describes one.
template <class RowSequence>
void gae_padded_rows(int64_t rows, int64_t length, const math::FlagReader& mask,
                     CpuContext& context, const RowSequence& row_sequence) {
  const int64_t groups = (rows + kGaeGroup - 1) / kGaeGroup;
  context.parallel(groups, chunk_for(8 * kGaeGroup * length),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t group = begin; group < end; ++group) {
                       decltype(row_sequence(int64_t{0})) sequences[kGaeGroup];
                       int count = 0;
                       for (int64_t row = group * kGaeGroup; row < rows && count < kGaeGroup; ++row)
                         sequences[count++] = row_sequence(row);
                       gae_sequences(sequences, count, mask);
                     }
                   });
}

// Row `row` of rewards alone: the recurrence of discounted returns.
template <class T>
GaeSequence<T> return_sequence(const In<T, 2>& rewards, int64_t row, double gamma) {
  GaeSequence<T> sequence;
  sequence.length = rewards.dims[1];
  sequence.first = row * sequence.length;
  sequence.rewards = rewards.begin() + sequence.first;
  sequence.gamma = gamma;
  return sequence;
}

}  // namespace belfry::cpu
