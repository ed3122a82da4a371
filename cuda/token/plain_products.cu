// Products of hidden states and words in the type that is computed in.
#include "cuda/device/half.cuh"
#include "cuda/flow/products.cuh"
#include "cuda/token/tile_products.cuh"

namespace belfry::cuda {

namespace {

// `rows` of a matrix of any storage type, one after the other; null: those from `first` on.
template <class T>
__global__ void widen_rows(const void* data, DType type, const int32_t* rows, int64_t first,
                           int64_t count, int64_t width, T* out) {
  for (int64_t i : grid_stride(count * width)) {
    const int64_t row = rows ? rows[i / width] : first + i / width;
    const int64_t at = row * width + i % width;
    if (type == DType::bf16)
      out[i] = to_real(static_cast<const Bf16*>(data)[at]);
    else if (type == DType::f16)
      out[i] = to_real(static_cast<const F16*>(data)[at]);
    else
      out[i] = static_cast<const T*>(data)[at];
  }
}

template <class T>
class PlainProducts : public TileProducts<T> {
 public:
  PlainProducts(const RawView& hidden, const RawView& weight, const TileSizes& most, Work& work)
      : hidden_view_(hidden), weight_view_(weight), size_(hidden.dims[1]), work_(work) {
    hidden_ = work.scratch<T>(most.rows * size_);
    if (dtype_bytes(weight.dtype) == 2) widened_ = work.scratch<T>(most.words * size_);
  }

  void load_rows(const int32_t* rows, int64_t count) override {
    count_ = count;
    work_.for_each(count * size_, widen_rows<T>, hidden_view_.data, hidden_view_.dtype, rows,
                   int64_t{0}, count, size_, hidden_);
  }

  void load_words(const WordTile& tile) override {
    tile_ = tile;
    if (!widened_) {
      weight_ = static_cast<const T*>(weight_view_.data) + tile.first * size_;
      return;
    }
    weight_ = widened_;
    work_.for_each(tile.count * size_, widen_rows<T>, weight_view_.data, weight_view_.dtype,
                   nullptr, tile.first, tile.count, size_, widened_);
  }

  void make_logits(const T* bias, T* logits) override {
    Product<T> product =
        make_product<T>(hidden_, size_, weight_, size_, count_, tile_.count, size_);
    product.end.add = bias;
    product.end.out = logits;
    multiply(ProductForm::nt, product, work_);
  }

  void load_gradients(const T* gradients) override { gradients_ = gradients; }

  void of_hidden(bool add, T* out) override {
    Product<T> product =
        make_product<T>(gradients_, tile_.count, weight_, size_, count_, size_, tile_.count);
    product.end.out = out;
    if (add) product.end.add = out;
    product.end.add_group = 1;
    multiply(ProductForm::nn, product, work_);
  }

  void add_to_weight(T* out) override {
    Product<T> product =
        make_product<T>(gradients_, tile_.count, hidden_, size_, tile_.count, size_, count_);
    product.end.add = product.end.out = out;
    product.end.add_group = 1;
    multiply(ProductForm::tn, product, work_);
  }

 private:
  RawView hidden_view_, weight_view_;
  int64_t size_, count_ = 0;
  Work& work_;
  WordTile tile_{};
  T *hidden_, *widened_ = nullptr;
  const T *weight_ = nullptr, *gradients_ = nullptr;
};

}  // namespace

template <class T>
std::unique_ptr<TileProducts<T>> plain_products(const RawView& hidden, const RawView& weight,
                                                const TileSizes& most, Work& work) {
  return std::make_unique<PlainProducts<T>>(hidden, weight, most, work);
}

template std::unique_ptr<TileProducts<float>> plain_products(const RawView&, const RawView&,
                                                             const TileSizes&, Work&);
template std::unique_ptr<TileProducts<double>> plain_products(const RawView&, const RawView&,
                                                              const TileSizes&, Work&);

}  // namespace belfry::cuda
