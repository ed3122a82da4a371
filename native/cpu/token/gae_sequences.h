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

template <class T>
void gae_sequence(const GaeSequence<T>& sequence, const math::FlagReader& mask);

// The rows of a padded batch over the threads; `row_sequence(row)` describes one.
template <class RowSequence>
void gae_padded_rows(int64_t rows, int64_t length, const math::FlagReader& mask,
                     CpuContext& context, const RowSequence& row_sequence) {
  context.parallel(rows, chunk_for(8 * length), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin; row < end; ++row) gae_sequence(row_sequence(row), mask);
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
