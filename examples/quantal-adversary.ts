/**
 * An adversary of bounded rationality (arXiv 2311.01642): the hotter it is, the less it harms. As
 * it cools, the equilibrium becomes the robust one of the zero-sum game.
 */
import {
  matrixGame,
  QuantalResponse,
  shapleyValueIteration,
  temperatureCurriculum,
} from 'belfry/bellman';

// The first row is bold, the second careful; the adversary's second column hurts.
const payoff = { data: Float64Array.of(4, 0, 1.5, 1), shape: [2, 2] };
export const robust: number = matrixGame({ payoff }).value;
export const temperatures: number[] = [100, 10, 1, 0.1];
const equilibria = new QuantalResponse({ payoff }).cool({ alpha: 0.001, betas: temperatures });
/** What the protagonist earns against each adversary, from hot to cold. */
export const payoffs: number[] = equilibria.map(({ expectedPayoff }) => expectedPayoff);
export const converged: boolean = equilibria.every((equilibrium) => equilibrium.converged === 1);

// The same in a Markov game of two states: a wrong guess moves to the bad state.
const guess = [1, 0, 0, 1];
const game = {
  prob: {
    data: Float64Array.from({ length: 16 }, (_, i) =>
      guess[(i >> 1) & 3] === 1 - (i & 1) ? 1 : 0,
    ),
    shape: [2, 2, 2, 2],
  },
  rewards: {
    data: Float64Array.from({ length: 8 }, (_, i) => guess[i & 3]! - (i < 4 ? 0 : 0.5)),
    shape: [2, 2, 2],
  },
  gamma: 0.8,
};
export const shapley: number[] = Array.from(shapleyValueIteration(game).vStar.data);
export const cold: number[] = Array.from(
  new QuantalResponse(game).solveSync({ alpha: 1e-3, beta: 1e-3 }).vStar.data,
);

// The curriculum: from Gamma(8, 1) towards the cold Gamma(2, 4), each step close to the last.
let [conc, rate] = [8, 1];
let [concOld, rateOld] = [conc, rate];
let [furthest, left] = [0, 0];
for (let round = 0; round < 400; round++) {
  const { klTarget, klOld, gradKlTarget } = temperatureCurriculum({
    temperature: Float64Array.of(1, 2, 4),
    value: Float64Array.of(1, 2, 3),
    concOld,
    rateOld,
    conc,
    rate,
    concTarget: 2,
    rateTarget: 4,
  });
  furthest = Math.max(furthest, klOld);
  left = klTarget;
  [concOld, rateOld] = [conc, rate];
  const size = Math.hypot(gradKlTarget.data[0]!, gradKlTarget.data[1]!);
  const step = Math.min(1, 0.1 / size);
  conc -= step * gradKlTarget.data[0]!;
  rate -= step * gradKlTarget.data[1]!;
}
/** Divergence from the target at the end, and the largest of one step. */
export const divergence: number = left;
export const largestStep: number = furthest;
export const reached: number[] = [conc, rate];
console.log(
  `robust value ${robust.toFixed(4)}; against adversaries of temperature ${temperatures.join(', ')}: ` +
    `${payoffs.map((x) => x.toFixed(4)).join(', ')}; curriculum ends at Gamma(${conc.toFixed(2)}, ${rate.toFixed(2)})`,
);
