// A chunk of rows meets the vocabulary tile by tile. A tile of logits stays in L2 (16 MiB in
// float32): the product writes it, and one kernel joins its softmax sums to the rows' or turns it
// into gradients in place, which two more products take back to hidden states and weights. Rows
// that are left out are listed away first; their number is read back once for each pass.
//
// 2NHV flops forward and 6NHV back, with float32 sums (float64 in float64) along H. On tensor cores
// P counts twice, as two parts: 2NHV and 10NHV for bf16, 2NHV and 14NHV for f16. The bytes of W are
// read once for each kRows rows: 1024 flops for each byte of bf16, where an H100 wants about 300
// (990 Tflop/s, 3.35 TB/s). Of 2H flops to a logit, reading it back from L2 is 8 bytes.
#include "cuda/token/fused_linear.cuh"

#include "cuda/device/scan.cuh"
#include "cuda/token/row_gradient.cuh"

namespace belfry::cuda {

namespace {

constexpr int64_t kRows = 1024, kColumns = 4096;
constexpr int kListThreads = 1024;

// One block: the rows that count, in order.
__global__ void list_labelled(const int32_t* labels, int64_t ignore_index, const uint8_t* active,
                              int64_t total, int32_t* rows, int64_t* count) {
  __shared__ int64_t shared[kListThreads / kWarpSize];
  int64_t before = 0;
  for (int64_t tile = 0; tile < total; tile += blockDim.x) {
    const int64_t row = tile + threadIdx.x;
    const bool counts = row < total && labels[row] != ignore_index && (!active || active[row]);
    const Scan<int64_t> scan = block_scan_forward(int64_t{counts}, Add{}, int64_t{0}, shared);
    if (counts) rows[before + scan.inclusive - 1] = static_cast<int32_t>(row);
    before += scan.total;
  }
  if (threadIdx.x == 0) *count = before;
}

template <class T>
struct TileRows {
  T* logits;
  int64_t width, first;  // columns, and their first in the vocabulary
  const int32_t *rows, *labels;
  int64_t count;
  SoftmaxSettings<T> settings;
  FusedRow* kept;
};

// Joins the sums of a tile to those of its rows.
template <class T>
__global__ void join_tile(TileRows<T> call) {
  for (int64_t i : block_stride(call.count)) {
    const T* logits = call.logits + i * call.width;
    const RowLayout<T> layout(logits, call.width);
    const math::LogSumExp<double> sums = row_sums(layout, call.settings, nullptr, 0);
    if (threadIdx.x != 0) continue;
    const int32_t row = call.rows[i];
    FusedRow& kept = call.kept[row];
    FusedRow so_far = call.first == 0 ? FusedRow{} : kept;
    so_far.sums = math::combine(so_far.sums, sums, call.settings.inverse_temperature);
    const int64_t label = call.labels[row] - call.first;
    if (label >= 0 && label < call.width) {
      so_far.label_logit = static_cast<double>(call.settings.capped(logits[label]));
    }
    kept = so_far;
  }
}

struct RowTerms {
  double log_prob, entropy, wrong;

  __device__ RowTerms(const FusedRow& row, double scale)
      : wrong(not_a_number_if(row.sums.empty())) {
    log_prob = math::log_probability(row.sums, row.label_logit, scale) + wrong;
    entropy = math::entropy(row.sums, scale) + wrong;
  }
};

template <class T>
__global__ void write_results(const int32_t* rows, int64_t count, const FusedRow* kept,
                              double scale, FusedResults<T> results) {
  for (int64_t i : grid_stride(count)) {
    const RowTerms terms(kept[rows[i]], scale);
    if (results.log_probs) results.log_probs[rows[i]] = static_cast<T>(terms.log_prob);
    if (results.entropy) results.entropy[rows[i]] = static_cast<T>(terms.entropy);
  }
}

// Logits of a tile become their gradients.
template <class T>
__global__ void differentiate_tile(TileRows<T> call, FusedUpstream<T> upstream) {
  for (int64_t i : block_stride(call.count)) {
    const int32_t row = call.rows[i];
    const FusedRow kept = call.kept[row];
    const RowTerms terms(kept, call.settings.inverse_temperature);
    const double g = upstream.log_probs ? static_cast<double>(upstream.log_probs[row]) : 0;
    const double h = upstream.entropy ? static_cast<double>(upstream.entropy[row]) : 0;
    const RowGradient<T> gradient =
        row_gradient(call.settings, kept.sums, terms.wrong, g, h, call.labels[row] - call.first,
                     terms.log_prob, terms.entropy);
    T* logits = call.logits + i * call.width;
    for (int64_t v : thread_stride(call.width)) logits[v] = gradient(logits[v], v);
  }
}

template <class T>
__global__ void scatter_rows(const T* from, const int32_t* rows, int64_t count, int64_t width,
                             T* to) {
  for (int64_t i : grid_stride(count * width)) to[rows[i / width] * width + i % width] = from[i];
}

// A thread per column walks the rows.
template <class T>
__global__ void add_columns(const T* tile, int64_t count, int64_t width, double* sums) {
  for (int64_t v : grid_stride(width)) {
    double sum = sums[v];
    for (int64_t i = 0; i < count; ++i) sum += static_cast<double>(tile[i * width + v]);
    sums[v] = sum;
  }
}

template <class T>
__global__ void narrow(const double* from, int64_t count, T* to) {
  for (int64_t i : grid_stride(count)) to[i] = static_cast<T>(from[i]);
}

template <class T>
__global__ void clear(T* data, int64_t count) {
  for (int64_t i : grid_stride(count)) data[i] = T(0);
}

template <class T>
SoftmaxSettings<T> settings_of(const LinearSoftmaxOptions& options) {
  return softmax_settings<T>(options);
}

WordTile tile_at(int64_t first, int64_t vocabulary, int64_t width) {
  const int64_t left = vocabulary - first;
  return {first, left < width ? left : width};
}

int64_t at_most(int64_t most, int64_t count) { return count < 1 ? 1 : count < most ? count : most; }

}  // namespace

template <class T>
FusedLinear<T>::FusedLinear(const FusedOperands<T>& operands, const LinearSoftmaxOptions& options,
                            const char* name, CudaContext& context)
    : operands_(operands),
      options_(options),
      settings_(settings_of<T>(options)),
      context_(context),
      work_(context, name),
      total_(operands.hidden.dims[0]),
      hidden_size_(operands.hidden.dims[1]),
      vocabulary_(operands.weight.dims[0]) {
  chunk_ = at_most(kRows, total_);
  width_ = at_most(kColumns, vocabulary_);
  rows_ = work_.scratch<int32_t>(total_);
  kept_ = work_.scratch<FusedRow>(total_);
  logits_ = work_.scratch<T>(chunk_ * width_);
  products_ = tile_products<T>(operands.hidden, operands.weight, {chunk_, width_}, work_);
}

template <class T>
Status FusedLinear<T>::list_rows(const uint8_t* active) {
  auto* count = work_.scratch<int64_t>(1);
  work_.launch(list_labelled, {dim3(1), dim3(kListThreads)}, operands_.labels,
               options_.ignore_index, active, total_, rows_, count);
  if (!work_.ok()) return work_.status();
  return context_.read_back(&count_, count, sizeof count_);
}

template <class T>
void FusedLinear<T>::make_logits(const WordTile& tile) {
  products_->load_words(tile);
  products_->make_logits(operands_.bias ? operands_.bias + tile.first : nullptr, logits_);
}

template <class T>
Status FusedLinear<T>::forward(const FusedResults<T>& results) {
  if (const Status listed = list_rows(nullptr); !listed.ok()) return listed;
  if (results.log_probs) work_.for_each(total_, clear<T>, results.log_probs, total_);
  if (results.entropy) work_.for_each(total_, clear<T>, results.entropy, total_);
  for (int64_t first = 0; first < count_; first += chunk_) {
    const int64_t count = count_ - first < chunk_ ? count_ - first : chunk_;
    products_->load_rows(rows_ + first, count);
    for (int64_t v = 0; v < vocabulary_; v += width_) {
      const WordTile tile = tile_at(v, vocabulary_, width_);
      make_logits(tile);
      const TileRows<T> call{logits_,          tile.count, v,         rows_ + first,
                             operands_.labels, count,      settings_, kept_};
      const LaunchShape shape{dim3(blocks_for(count, 1)),
                              dim3(threads_for_row<T>(tile.count, 256))};
      work_.launch(join_tile<T>, shape, call);
    }
    if (context_.stopped()) return Status::error(Code::aborted, "", "stopped by the caller");
  }
  work_.for_each(count_, write_results<T>, rows_, count_, kept_, settings_.inverse_temperature,
                 results);
  return work_.status();
}

// `logits_` holds the gradients of a tile.
template <class T>
void FusedLinear<T>::add_gradients(const WordTile& tile, int64_t count,
                                   const FusedGradients<T>& gradients) {
  products_->load_gradients(logits_);
  if (gradients.hidden) products_->of_hidden(tile.first > 0, hidden_gradient_);
  if (gradients.weight) products_->add_to_weight(gradients.weight + tile.first * hidden_size_);
  if (gradients.bias) {
    work_.for_each(tile.count, add_columns<T>, logits_, count, tile.count,
                   bias_gradient_ + tile.first);
  }
}

template <class T>
Status FusedLinear<T>::backward(const FusedUpstream<T>& upstream,
                                const FusedGradients<T>& gradients) {
  if (upstream.active) {
    if (const Status listed = list_rows(upstream.active); !listed.ok()) return listed;
  }
  products_->begin_gradients();
  if (gradients.hidden) {
    work_.for_each(total_ * hidden_size_, clear<T>, gradients.hidden, total_ * hidden_size_);
    hidden_gradient_ = work_.scratch<T>(chunk_ * hidden_size_);
  }
  if (gradients.weight) {
    work_.for_each(vocabulary_ * hidden_size_, clear<T>, gradients.weight,
                   vocabulary_ * hidden_size_);
  }
  if (gradients.bias) {
    bias_gradient_ = work_.scratch<double>(vocabulary_);
    work_.for_each(vocabulary_, clear<double>, bias_gradient_, vocabulary_);
  }
  for (int64_t first = 0; first < count_; first += chunk_) {
    const int64_t count = count_ - first < chunk_ ? count_ - first : chunk_;
    products_->load_rows(rows_ + first, count);
    for (int64_t v = 0; v < vocabulary_; v += width_) {
      const WordTile tile = tile_at(v, vocabulary_, width_);
      make_logits(tile);
      const TileRows<T> call{logits_,          tile.count, v,         rows_ + first,
                             operands_.labels, count,      settings_, kept_};
      work_.launch(differentiate_tile<T>, {dim3(blocks_for(count, 1)), dim3(256)}, call, upstream);
      add_gradients(tile, count, gradients);
    }
    if (gradients.hidden) {
      work_.for_each(count * hidden_size_, scatter_rows<T>, hidden_gradient_, rows_ + first, count,
                     hidden_size_, gradients.hidden);
    }
    if (context_.stopped()) return Status::error(Code::aborted, "", "stopped by the caller");
  }
  if (gradients.bias) {
    work_.for_each(vocabulary_, narrow<T>, bias_gradient_, vocabulary_, gradients.bias);
  }
  return work_.status();
}

template class FusedLinear<float>;
template class FusedLinear<double>;

}  // namespace belfry::cuda
