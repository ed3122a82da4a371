// Optimistic value iteration (Hartmanns and Kaminski 2020): bounds of a sum that ends, by sweeps
// alone. Sweeps from below come near the answer, a guess a little above them is swept too, and the
// sweep that raises it nowhere proves it.
#pragma once

#include <vector>

#include "cpu/bellman/csr_model.h"

namespace belfry::cpu {

struct OptimisticOptions {
  double eps = 1e-8;  // width of the bounds to stop at
  double most = 1;    // no value is larger
  int64_t max_sweeps = 1000000;
};

struct BothBounds {
  double *lower, *upper;
};

class OptimisticBounds {
 public:
  // Sweeps the states of `order`, near the ends first, in place; the others keep their bounds.
  // `terms` [S A]: how many terms a row's backup is a sum of, its reward's own included. `bounds`
  // [S] are true and become better ones. Probabilities and rewards are not negative.
  OptimisticBounds(const CsrModel& model, const std::vector<int32_t>& order, const int32_t* terms,
                   const OptimisticOptions& options, const BothBounds& bounds, CpuContext& context);

  // False: stopped by the caller.
  bool run();
  int64_t sweeps() const { return sweeps_; }

 private:
  // What a sweep did to the states of `order`.
  struct Moves {
    double change = 0;                                   // the furthest that a lower bound rose
    bool rises = false, falls = false, crossed = false;  // of the guess
  };

  bool sweep(bool with_guess, Moves& moves);
  bool approach(double near, Moves& moves);
  bool verify(double ahead, bool& proved);
  bool more() const { return sweeps_ < options_.max_sweeps; }
  double rounded_backup(int64_t state, const double* values, double direction) const;

  const CsrModel& model_;
  const std::vector<int32_t>& order_;
  const int32_t* terms_;
  const OptimisticOptions options_;
  double *lower_, *upper_, *guess_;
  CpuContext& context_;
  int64_t sweeps_ = 0;
};

}  // namespace belfry::cpu
