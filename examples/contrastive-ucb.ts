/**
 * The pieces of Contrastive UCB (arXiv 2207.14800) on a two-state chain: a density ratio learned
 * from real and random successors, a bonus that falls with the visits, and one planning step.
 */
import { contrastiveRatioLoss, ellipticalBonus, lsviUcbStep, matrixGame } from 'belfry/bellman';

// Each of two (state, action) pairs has ten real successors and ten drawn uniformly from two.
const often = [9, 3]; // real successors in state 0, of ten
const samples = often.flatMap((count, pair) =>
  Array.from({ length: 20 }, (_, i) => ({
    pair,
    next: i < 10 ? Number(i >= count) : i % 2,
    real: i < 10 ? 1 : 0,
  })),
);
const pairs = 2;
const phi = new Float64Array(samples.length * pairs);
samples.forEach(({ pair }, i) => {
  phi[i * pairs + pair] = 1;
});

// ψ(s')[pair] = exp(u), so that the ratio stays positive; the gradient goes to u.
let u = new Float64Array(4);
for (let step = 0; step < 2000; step++) {
  const f = u.map(Math.exp);
  const slope = new Float64Array(4);
  const { gradPsi } = contrastiveRatioLoss({
    phi: { data: phi, shape: [samples.length, pairs] },
    psi: {
      data: Float64Array.from(samples.flatMap(({ next }) => [f[2 * next]!, f[2 * next + 1]!])),
      shape: [samples.length, pairs],
    },
    labels: Uint8Array.from(samples, ({ real }) => real),
  });
  samples.forEach(({ pair, next }, i) => {
    const at = 2 * next + pair;
    slope[at]! += gradPsi.data[i * pairs + pair]! * f[at]!;
  });
  u = u.map((x, at) => x - 5 * slope[at]!);
}
/** p(s'|s,a)/q(s') of pair 0 and pair 1 at state 0, then at state 1. */
export const ratios: number[] = Array.from(u, Math.exp);

// A pair seen three times, and one seen once.
const visited = { data: Float64Array.of(1, 0, 1, 0, 1, 0, 0, 1), shape: [4, 2] };
const bonus = ellipticalBonus({ phi: visited, lambda: 1, beta: 1 });
export const bonuses: number[] = Array.from(bonus.bonusSequential.data);

const identity = { data: Float64Array.of(1, 0, 0, 1), shape: [2, 2] };
const plan = lsviUcbStep({
  phi: visited,
  nextPhi: {
    data: Float64Array.from({ length: 16 }, (_, i) => (i % 4 === 0 || i % 4 === 3 ? 1 : 0)),
    shape: [4, 2, 2],
  },
  rewards: Float64Array.of(1, 1, 1, 0),
  nextW: Float64Array.of(0.5, 0),
  nextGram: identity,
  beta: 0.25,
  qMax: 2,
});
/** Weights: (3 · 1.75)/(3 + 1) for the first pair, 0.75/2 for the second. */
export const weights: number[] = Array.from(plan.w.data);

// With an opponent the value of the next state is that of a game: between the optimistic Q of the
// one and the pessimistic Q of the other lies what both can secure. Matching pennies, with a bonus.
const pennies = [1, -1, -1, 1];
const gameValue = (sign: number): number =>
  matrixGame({
    payoff: {
      data: Float64Array.from(pennies, (q, i) => q + sign * 0.25 * bonuses[i]!),
      shape: [2, 2],
    },
  }).value;
export const securable: { least: number; most: number } = {
  least: gameValue(-1),
  most: gameValue(1),
};
console.log(
  `ratios ${ratios.map((x) => x.toFixed(3)).join(', ')}; bonuses ` +
    `${bonuses.map((x) => x.toFixed(3)).join(', ')}; weights ${weights.join(', ')}; ` +
    `the game is worth ${securable.least.toFixed(3)} to ${securable.most.toFixed(3)}`,
);
