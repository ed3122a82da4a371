// Absorption of a Markov chain by elimination without subtractions (Grassmann, Taksar and Heyman
// 1985): sums, products and quotients of non-negative numbers alone, so that every answer is exact
// to a few digits less than the type's, however long the chain takes to end. A factorisation of
// I − P loses all digits once it takes 10¹⁶ steps. Cost: n³/3 flops.
#pragma once

#include <cstdint>

namespace belfry::cpu {

// Of n states: the probabilities of moving between them, [n, n], of stepping into the goal and of
// leaving otherwise, all overwritten. What is left out of a row stays where it is.
struct AbsorbingChain {
  double* moves;
  double* into_goal;
  double* away;
  int64_t n;
};

// `x` is the probability of ending in the goal from each state. False: some state never ends.
bool eliminate(const AbsorbingChain& chain, double* x);

// Relative error of every entry of `x`, from data that are off by no more than rounding, `away` by
// no more than rounding next to one. `smallest_away`: of those that are not 0.
double elimination_error(int64_t n, double smallest_away);

}  // namespace belfry::cpu
