// One step of the elimination, once per instruction set: subtracts multiples of row k from the rows
// below it and leaves the multipliers in column k. 2(n − k)² flops.

namespace belfry::cpu::BELFRY_ISA {

void eliminate_column(double* matrix, int64_t n, int64_t k) {
  constexpr int kLanes = Vec<double>::kLanes;
  const double* top = matrix + k * n;
  for (int64_t i = k + 1; i < n; ++i) {
    double* row = matrix + i * n;
    const double factor = row[k] / top[k];
    row[k] = factor;
    if (factor == 0) continue;
    int64_t j = k + 1;
    for (; j + kLanes <= n; j += kLanes) {
      store(row + j, fnma(Vec<double>(factor), load(top + j), load(row + j)));
    }
    for (; j < n; ++j) row[j] -= factor * top[j];
  }
}

}  // namespace belfry::cpu::BELFRY_ISA
