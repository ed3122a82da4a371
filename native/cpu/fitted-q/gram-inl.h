// A block of ΦᵀΦ by register tiles, once per instruction set: kGramRows rows of the result by two
// vectors of columns, summed over the rows of a buffer. The buffer holds rows of Φ, widened and
// followed by zeros, so that no tile has a ragged edge. kGramRows + 2 loads feed 2 kGramRows fma.

namespace belfry::cpu::BELFRY_ISA {
namespace {

#if BELFRY_ISA_LEVEL == 2
constexpr int kGramRows = 12;
#elif BELFRY_ISA_LEVEL == 1
constexpr int kGramRows = 6;
#else
constexpr int kGramRows = 4;
#endif

template <class T>
void fill_buffer(const GramBlock<T>& job, int64_t first, int64_t count) {
  for (int64_t n = 0; n < count; ++n) {
    const T* from = job.phi + (first + n) * job.size;
    double* to = job.buffer + n * job.stride;
    for (int64_t j = 0; j < job.end_column; ++j) to[j] = static_cast<double>(from[j]);
    for (int64_t j = job.end_column; j < job.stride; ++j) to[j] = 0;
  }
}

// out[i + r, j + c] += Σ_n buffer[n, i + r] buffer[n, j + c], or = in the first block of rows.
template <class T>
void gram_tile(const GramBlock<T>& job, int64_t count, int64_t i, int64_t j, bool first) {
  constexpr int kLanes = Vec<double>::kLanes;
  Vec<double> sums[kGramRows][2];
  for (auto& row : sums) row[0] = row[1] = zero<double>();
  const double* at = job.buffer;
  for (int64_t n = 0; n < count; ++n) {
    const Vec<double> right0 = load(at + j), right1 = load(at + j + kLanes);
#pragma GCC unroll 12
    for (int r = 0; r < kGramRows; ++r) {
      sums[r][0] = fma(right0, at[i + r], sums[r][0]);
      sums[r][1] = fma(right1, at[i + r], sums[r][1]);
    }
    at += job.stride;
  }
  for (int r = 0; r < kGramRows && i + r < job.end_column; ++r) {
    for (int v = 0; v < 2; ++v) {
      const int64_t left = job.end_column - j - v * kLanes;
      const int columns = static_cast<int>(left < 0 ? 0 : left < kLanes ? left : kLanes);
      double* to = job.out + (i + r) * job.size + j + v * kLanes;
      if (columns > 0) store_n(to, first ? sums[r][v] : load_n(to, columns) + sums[r][v], columns);
    }
  }
}

}  // namespace

template <class T>
void gram_block(const GramBlock<T>& job) {
  constexpr int64_t kColumns = 2 * Vec<double>::kLanes;
  for (int64_t row = job.begin; row == job.begin || row < job.end; row += job.block_rows) {
    const int64_t left = job.end - row;
    const int64_t count = left < job.block_rows ? left : job.block_rows;
    fill_buffer(job, row, count);
    for (int64_t j = job.first_column; j < job.end_column; j += kColumns) {
      for (int64_t i = 0; i < j + kColumns && i < job.end_column; i += kGramRows) {
        gram_tile(job, count, i, j, row == job.begin);
      }
    }
  }
}

template void gram_block(const GramBlock<float>&);
template void gram_block(const GramBlock<double>&);

}  // namespace belfry::cpu::BELFRY_ISA
