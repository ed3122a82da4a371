// Products of hidden states and words of one half type on tensor cores.
//
//   logits = hidden Wᵀ   of the halves as they are
//   dX = P W, dW = Pᵀ X  of P in two parts of bf16 (17 bits, and a float's range: an f16 would
//                        lose the small ones), and of X and W in bf16, an f16 being two parts
//
// So the logits are those of float32, and a gradient differs by less than 2^-17 of its terms. For
// f16, an infinite upstream gradient may give NaN where float32 gives an infinity.
#include "cuda/flow/tensor_products.cuh"
#include "cuda/token/tile_products.cuh"

namespace belfry::cuda {

namespace {

constexpr int kGradientParts = 2;
// Of an operand as it is stored, in a product with gradients.
template <class S>
constexpr int kBf16Parts = std::is_same_v<S, Bf16> ? 1 : 2;

// A loaded operand as S: the matrix where it lies, or a copy of some rows.
template <class S>
struct Loaded {
  Parts<S> parts;
  bool copied = true;
  SplitRows<S> copy;
};

template <class S>
class TensorProducts : public TileProducts<float> {
 public:
  TensorProducts(const RawView& hidden, const RawView& weight, const TileSizes& most, Work& work)
      : hidden_(hidden), weight_(weight), size_(hidden.dims[1]), most_(most), work_(work) {
    make_scratch(rows_, words_, 1);
  }

  void begin_gradients() override {
    if (differentiates_) return;
    differentiates_ = true;
    gradients_ = split_scratch<Bf16>(most_.rows, most_.words, kGradientParts, work_);
    if (kSplit) make_scratch(split_rows_, split_words_, kBf16Parts<S>);
  }

  void load_rows(const int32_t* rows, int64_t count) override {
    count_ = count;
    load_rows(rows, rows_);
    if (kSplit && differentiates_) load_rows(rows, split_rows_);
  }

  void load_words(const WordTile& tile) override {
    tile_ = tile;
    load_words(words_);
    if (kSplit && differentiates_) load_words(split_words_);
  }

  void make_logits(const float* bias, float* logits) override {
    Epilogue<float> end;
    end.add = bias;
    end.out = logits;
    multiply(ProductForm::nt, rows_.parts, words_.parts, {count_, tile_.count, size_}, end);
  }

  void load_gradients(const float* gradients) override {
    gradients_.stride = padded_width<Bf16>(tile_.count);
    split_rows(gradients, DType::f32, nullptr, 0, count_, tile_.count, gradients_, work_);
  }

  void of_hidden(bool add, float* out) override {
    multiply(ProductForm::nn, gradients_.parts(), as_bf16(words_, split_words_),
             {count_, size_, tile_.count}, added_to(out, add));
  }

  void add_to_weight(float* out) override {
    multiply(ProductForm::tn, gradients_.parts(), as_bf16(rows_, split_rows_),
             {tile_.count, size_, count_}, added_to(out, true));
  }

 private:
  struct Sizes {
    int64_t m, n, k;
  };
  static constexpr bool kSplit = kBf16Parts<S> > 1;

  static const Parts<Bf16>& as_bf16(const Loaded<S>& stored, const Loaded<Bf16>& split) {
    if constexpr (kSplit) {
      return split.parts;
    } else {
      return stored.parts;
    }
  }

  // Words are read where they lie if they can be.
  template <class P>
  void make_scratch(Loaded<P>& rows, Loaded<P>& words, int parts) {
    rows.copy = split_scratch<P>(most_.rows, size_, parts, work_);
    words.copied = parts > 1 || !is_padded<P>(weight_.data, size_);
    if (words.copied) words.copy = split_scratch<P>(most_.words, size_, parts, work_);
  }

  template <class P>
  void load_rows(const int32_t* rows, Loaded<P>& to) {
    split_rows(hidden_.data, hidden_.dtype, rows, 0, count_, size_, to.copy, work_);
    to.parts = to.copy.parts();
  }

  template <class P>
  void load_words(Loaded<P>& to) {
    if (!to.copied) {
      to.parts = {static_cast<const P*>(weight_.data) + tile_.first * size_, size_};
      return;
    }
    split_rows(weight_.data, weight_.dtype, nullptr, tile_.first, tile_.count, size_, to.copy,
               work_);
    to.parts = to.copy.parts();
  }

  static Epilogue<float> added_to(float* out, bool add) {
    Epilogue<float> end;
    end.out = out;
    if (add) end.add = out;
    end.add_group = 1;
    return end;
  }

  template <class P>
  void multiply(ProductForm form, const Parts<P>& a, const Parts<P>& b, const Sizes& sizes,
                const Epilogue<float>& end) {
    multiply_on_tensor_cores<P>(form, {a, b, sizes.m, sizes.n, sizes.k, end}, work_);
  }

  RawView hidden_, weight_;
  int64_t size_, count_ = 0;
  TileSizes most_;
  Work& work_;
  WordTile tile_{};
  bool differentiates_ = false;
  Loaded<S> rows_, words_;
  Loaded<Bf16> split_rows_, split_words_;  // of f16, for the gradients
  SplitRows<Bf16> gradients_;
};

}  // namespace

std::unique_ptr<TileProducts<float>> tensor_products(const RawView& hidden, const RawView& weight,
                                                     const TileSizes& most, Work& work) {
  if (weight.dtype == DType::f16) {
    return std::make_unique<TensorProducts<F16>>(hidden, weight, most, work);
  }
  return std::make_unique<TensorProducts<Bf16>>(hidden, weight, most, work);
}

}  // namespace belfry::cuda
