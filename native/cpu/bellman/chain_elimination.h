// Sums of a Markov chain that ends by elimination without subtractions (Grassmann, Taksar and
// Heyman 1985): sums, products and quotients of non-negative numbers alone, so that every answer is
// exact to a few digits less than the type's, however long the chain takes to end. A factorisation
// of I − P loses all digits once it takes 10¹⁶ steps. Cost: n³/3 flops.
#pragma once

#include <cstdint>

namespace belfry::cpu {

// Of n states: the probabilities of moving between them, [n, n], and of leaving, and what a step
// pays, all overwritten. What is left out of a row stays where it is.
struct EndingChain {
  double* moves;
  double* leaves;
  double* pays;
  int64_t n;
};

// `x` is the expected sum of what is paid from each state on. False: some state never ends.
bool eliminate(const EndingChain& chain, double* x);

// Relative error of every entry of `x`, from data that are off by no more than rounding, `leaves`
// by no more than rounding next to one where it is a difference; `smallest`: the smallest of these.
double elimination_error(int64_t n, double smallest);

}  // namespace belfry::cpu
