// The products of a fused linear layer: some rows of hidden states with a tile of the vocabulary.
#pragma once

#include <memory>

#include "cuda/flow/work.cuh"

namespace belfry::cuda {

// The words [first, first + count) of the vocabulary.
struct WordTile {
  int64_t first, count;
};

// Rows and tiles are as many as the constructor of an implementation is told, or fewer.
template <class T>
class TileProducts {
 public:
  virtual ~TileProducts() = default;

  // Before the first call of those that need gradients.
  virtual void begin_gradients() {}
  // From here on the hidden states are those of these rows of the batch.
  virtual void load_rows(const int32_t* rows, int64_t count) = 0;
  // From here on the words are those of the tile.
  virtual void load_words(const WordTile& tile) = 0;
  // logits[rows, words] = hidden Wᵀ + bias; null: no bias.
  virtual void make_logits(const T* bias, T* logits) = 0;
  // From here on the gradients are these, [rows, words].
  virtual void load_gradients(const T* gradients) = 0;
  // out[rows, H] = gradients W, or plus what it holds.
  virtual void of_hidden(bool add, T* out) = 0;
  // out[words, H] += gradientsᵀ hidden.
  virtual void add_to_weight(T* out) = 0;
};

struct TileSizes {
  int64_t rows, words;
};

// In T, from operands of any storage type: half ones are widened a tile at a time.
template <class T>
std::unique_ptr<TileProducts<T>> plain_products(const RawView& hidden, const RawView& weight,
                                                const TileSizes& most, Work& work);

// On tensor cores, of operands of one half type.
std::unique_ptr<TileProducts<float>> tensor_products(const RawView& hidden, const RawView& weight,
                                                     const TileSizes& most, Work& work);

template <class T>
std::unique_ptr<TileProducts<T>> tile_products(const RawView& hidden, const RawView& weight,
                                               const TileSizes& most, Work& work) {
  if constexpr (std::is_same_v<T, float>) {
    if (dtype_bytes(weight.dtype) == 2 && hidden.dtype == weight.dtype) {
      return tensor_products(hidden, weight, most, work);
    }
  }
  return plain_products<T>(hidden, weight, most, work);
}

}  // namespace belfry::cuda
