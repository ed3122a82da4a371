import { CsrBuilder, type MdpTables, requireInteger } from './csr-builder.js';

/**
 * Herman's self-stabilising ring of `size` processes, an odd number. A state is the bits of the
 * processes; a process whose bit equals its left neighbour's holds a token and flips a coin, any
 * other copies that neighbour. Every step costs 1; goal: one token.
 */
export function herman(size = 3): MdpTables {
  requireInteger('herman', 'size', size, 3, 19);
  if (size % 2 === 0) requireInteger('herman', 'size (odd)', Number.NaN, 3, 19);
  const numStates = 2 ** size;
  const builder = new CsrBuilder(numStates, 1);
  const goal: number[] = [];
  for (let state = 0; state < numStates; state++) {
    const left = rotate(state, size);
    const tokens = positions(~(state ^ left), size);
    const copied = left & (state ^ left);
    const outcomes = 2 ** tokens.length;
    for (let coins = 0; coins < outcomes; coins++) {
      const flipped = tokens.reduce((bits, at, i) => bits | (((coins >> i) & 1) << at), 0);
      builder.add(state, 0, copied | flipped, 1 / outcomes);
    }
    builder.addReward(state, 0, 1);
    if (tokens.length === 1) goal.push(state);
  }
  return { ...builder.build(), goal: Int32Array.from(goal) };
}

/**
 * The ring of Israeli and Jalfon: a state is the set of processes with a token (bits of state + 1);
 * the scheduler picks a token, action = its process, which moves left or right with probability
 * 1/2; tokens that meet merge. Goal: one token. Every move costs 1.
 */
export function israeliJalfon(size = 3): MdpTables {
  requireInteger('israeliJalfon', 'size', size, 3, 19);
  const numStates = 2 ** size - 1;
  const builder = new CsrBuilder(numStates, size);
  const goal: number[] = [];
  for (let state = 0; state < numStates; state++) {
    const set = state + 1;
    for (let process = 0; process < size; process++) {
      if (((set >> process) & 1) === 0) {
        builder.forbid(state, process);
        continue;
      }
      const rest = set & ~(1 << process);
      const [left, right] = [size - 1, 1].map((step) => rest | (1 << ((process + step) % size)));
      // Between two tokens it merges with either, which leaves the same set.
      const probability = left === right ? 1 : 0.5;
      for (const next of new Set([left!, right!])) {
        builder.add(state, process, next - 1, probability);
      }
      builder.addReward(state, process, 1);
    }
    if ((set & (set - 1)) === 0) goal.push(state);
  }
  return { ...builder.build(), goal: Int32Array.from(goal) };
}

/** Bit i of the result is bit i − 1 of `bits`, its left neighbour on the ring. */
function rotate(bits: number, size: number): number {
  return ((bits << 1) | (bits >> (size - 1))) & (2 ** size - 1);
}

function positions(bits: number, size: number): number[] {
  return Array.from({ length: size }, (_, i) => i).filter((i) => ((bits >> i) & 1) === 1);
}
