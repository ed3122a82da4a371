#include "cpu/bellman/chain_elimination.h"

#include <limits>

namespace belfry::cpu {

// State k, the last one, is replaced by what it leads to: P_st += P_sk P_kt / (what leaves k).
bool eliminate(const EndingChain& chain, double* x) {
  const int64_t n = chain.n;
  for (int64_t k = n - 1; k >= 0; --k) {
    const double* from = chain.moves + k * n;
    double leaving = chain.leaves[k];
    for (int64_t t = 0; t < k; ++t) leaving += from[t];
    if (!(leaving > 0)) return false;
    for (int64_t s = 0; s < k; ++s) {
      double* row = chain.moves + s * n;
      if (row[k] == 0) continue;
      const double share = row[k] / leaving;
      for (int64_t t = 0; t < k; ++t) row[t] += share * from[t];
      chain.leaves[s] += share * chain.leaves[k];
      chain.pays[s] += share * chain.pays[k];
    }
    x[k] = leaving;
  }
  for (int64_t k = 0; k < n; ++k) {
    const double* from = chain.moves + k * n;
    double sum = chain.pays[k];
    for (int64_t t = 0; t < k; ++t) sum += from[t] * x[t];
    x[k] = sum / x[k];
  }
  return true;
}

// O'Cinneide (1993) bounds the entrywise error of the elimination by a multiple of n³ ε; relative
// changes of the data by δ change an answer by no more than 2 n δ.
double elimination_error(int64_t n, double smallest) {
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  const auto states = static_cast<double>(n);
  return epsilon * (4 * states * states * states + 32 + 16 * states / smallest);
}

}  // namespace belfry::cpu
