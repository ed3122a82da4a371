// Left-looking by blocks of columns: every row first loses the products with the finished columns,
// then the block itself is solved. Rows are independent, so they go over the threads.
#include "cpu/fitted-q/cholesky.h"

#include <cmath>

#include "cpu/fitted-q/linear_rows.h"
#include "math/fqi.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kColumns = 64;

}  // namespace

void Cholesky::subtract_before(int64_t i, int64_t begin, int64_t end) const {
  double products[kColumns];
  linear_dots(row(begin), size_, end - begin, begin, row(i), products);
  for (int64_t j = begin; j < end; ++j) row(i)[j] -= products[j - begin];
}

// Columns [begin, end) of a row below their diagonal.
void Cholesky::finish_row(int64_t i, int64_t begin, int64_t end) const {
  for (int64_t j = begin; j < end; ++j) {
    double product = 0;
    linear_dots(row(j) + begin, size_, 1, j - begin, row(i) + begin, &product);
    row(i)[j] = (row(i)[j] - product) / row(j)[j];
  }
}

bool Cholesky::finish_diagonal(int64_t begin, int64_t end, const double* diagonal) {
  for (int64_t i = begin; i < end; ++i) {
    finish_row(i, begin, i);
    double product = 0;
    linear_dots(row(i) + begin, size_, 1, i - begin, row(i) + begin, &product);
    const double pivot = row(i)[i] - product;
    if (math::fqi_pivot_vanishes(pivot, diagonal[i], size_)) {
      bad_index_ = i;
      bad_pivot_ = pivot;
      return false;
    }
    row(i)[i] = std::sqrt(pivot);
  }
  return true;
}

bool Cholesky::factorise(CpuContext& context) {
  double* diagonal = context.scratch<double>(size_);
  for (int64_t i = 0; i < size_; ++i) diagonal[i] = row(i)[i];
  for (int64_t begin = 0; begin < size_; begin += kColumns) {
    const int64_t end = std::min(size_, begin + kColumns);
    if (begin > 0) {
      context.parallel(size_ - begin, chunk_for(kColumns * begin),
                       [&](int64_t first, int64_t last, int64_t) {
                         for (int64_t i = begin + first; i < begin + last; ++i) {
                           subtract_before(i, begin, std::min(end, i + 1));
                         }
                       });
    }
    if (context.stopped() || !finish_diagonal(begin, end, diagonal)) return false;
    context.parallel(size_ - end, chunk_for(kColumns * kColumns),
                     [&](int64_t first, int64_t last, int64_t) {
                       for (int64_t i = end + first; i < end + last; ++i) {
                         finish_row(i, begin, end);
                       }
                     });
  }
  return !context.stopped();
}

void Cholesky::solve(double* b) const {
  for (int64_t i = 0; i < size_; ++i) {
    double product = 0;
    linear_dots(row(i), size_, 1, i, b, &product);
    b[i] = (b[i] - product) / row(i)[i];
  }
  for (int64_t i = size_ - 1; i >= 0; --i) {
    b[i] /= row(i)[i];
    const double factor = -b[i];
    linear_add(row(i), size_, 1, i, &factor, b);
  }
}

}  // namespace belfry::cpu
