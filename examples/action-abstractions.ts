/**
 * Reasoning as action abstractions (RA3, arXiv 2509.25810). Demonstrations in a grid world are made of
 * three recurring moves of three steps each. Mid-training finds them: a latent is drawn for each move,
 * rewarded by the log-likelihood of the steps under it less a KL to the prior (REINFORCE), and the
 * steps are then fitted to their latents (cross-entropy). Planning with what was found loses nothing
 * on the demonstrated tasks: 3 actions instead of 64, and fewer backups than single steps need.
 */
import { Tensor } from 'belfry';
import { bellmanBackupDeterministic } from 'belfry/bellman';
import {
  discountedReturns,
  groupAdvantage,
  klShapedRewards,
  policyLoss,
  tokenLogprob,
} from 'belfry/token';

import { argMax, integer, type Random, seeded } from './lib/random.js';
import { mean, SoftmaxPolicy } from './lib/softmax-policy.js';

/** Right, up, left, down. */
const steps = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;
const primitives = 4;
const span = 3;
const macros: number = primitives ** span;
/** What the demonstrations are made of: along, up, and a knight's move. */
const habits = [
  [0, 0, 0],
  [1, 1, 1],
  [0, 1, 0],
] as const;
const latents = 3;
const demonstrations = 96;
const movesEach = 4;
const samplesEach = 4;

const numberOf = (move: readonly number[]): number => move.reduce((n, a) => n * primitives + a, 0);
const stepsOf = (macro: number): number[] =>
  Array.from(
    { length: span },
    (_, i) => Math.floor(macro / primitives ** (span - 1 - i)) % primitives,
  );

function demonstrate(random: Random): number[][] {
  return Array.from({ length: demonstrations }, () =>
    Array.from({ length: movesEach }, () =>
      // One step in twenty is a slip.
      numberOf(habits[integer(random, 3)]!.map((a) => (random() < 0.05 ? integer(random, 4) : a))),
    ),
  );
}

export interface Found {
  /** The likeliest steps of each latent, as a macro. */
  macros: number[];
  /** Mean −log p of a step, with the latents and with one distribution for all. */
  crossEntropy: number;
  withoutLatents: number;
}

const B: number = demonstrations * samplesEach;
const shape = [B, movesEach];
const N: number = B * movesEach;
/** Samples of one move of one demonstration are a group. */
const groupIds = Int32Array.from({ length: N }, (_, i) => {
  return Math.floor(i / (movesEach * samplesEach)) * movesEach + (i % movesEach);
});

/** Expectation-maximisation: latents by REINFORCE, steps by cross-entropy. */
function discover(demos: readonly number[][], random: Random): Found {
  const encoder = new SoftmaxPolicy(macros, latents);
  const decoder = new SoftmaxPolicy(latents * span, primitives);
  // Equal latents would stay equal.
  decoder.logits.set(decoder.logits.map(() => 0.2 * (random() - 0.5)));
  const moves = Int32Array.from(
    groupIds,
    (id) => demos[Math.floor(id / movesEach)]![id % movesEach]!,
  );
  const taken = Int32Array.from([...moves].flatMap(stepsOf));
  let crossEntropy = 0;
  for (let iteration = 0; iteration < 100; iteration++) {
    const chosen = moves.map((move) => encoder.sample(move, random));
    const places = Int32Array.from(
      taken,
      (_, i) => chosen[Math.floor(i / span)]! * span + (i % span),
    );
    const likelihood = tokenLogprob({ logits: decoder.rows(places), labels: taken }).logProbs.data;
    crossEntropy = -mean(likelihood);
    chooseBetter(encoder, moves, chosen, likelihood);
    const gradLogProbs = new Tensor(
      likelihood.map(() => -1 / N),
      [places.length],
    );
    decoder.descend(decoder.gradient(places, taken, gradLogProbs), 2);
  }
  return { macros: macrosOf(decoder), crossEntropy, withoutLatents: marginalEntropy(taken) };
}

/** E step: a latent is worth the likelihood of its move less β·KL to the prior. */
function chooseBetter(
  encoder: SoftmaxPolicy,
  moves: Int32Array,
  chosen: Int32Array,
  likelihood: Float64Array,
): void {
  const { logProbs } = encoder.score(moves, chosen, shape);
  const refLogProbs = new Tensor(new Float64Array(N).fill(-Math.log(latents)), shape);
  const scores = new Float64Array(B);
  const { rewards } = klShapedRewards({ scores, logProbs, refLogProbs, beta: 0.05 });
  likelihood.forEach((x, i) => {
    rewards.data[Math.floor(i / span)]! += x;
  });
  // γ = 0: the likelihood of a move depends on its own latent alone.
  const { returns } = discountedReturns({ rewards, gamma: 0 });
  const centred = groupAdvantage({ rewards: returns.data, groupIds, estimator: 'rloo' });
  const advantages = new Tensor(centred.advantages.data, shape);
  const { gradLogProbs } = policyLoss({
    ...{ logProbs, oldLogProbs: logProbs, advantages, kind: 'reinforce' },
  });
  encoder.descend(encoder.gradient(moves, chosen, gradLogProbs), 20);
}

const macrosOf = (decoder: SoftmaxPolicy): number[] =>
  Array.from({ length: latents }, (_, z) =>
    numberOf(Array.from({ length: span }, (_, i) => argMax(decoder.probabilities(z * span + i)))),
  );

/** Mean −log p of a step under the best distributions, one for each place, that know no latent. */
function marginalEntropy(taken: Int32Array): number {
  const share = new Float64Array(span * primitives);
  taken.forEach((a, i) => {
    share[(i % span) * primitives + a]! += 1 / N;
  });
  return share.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0) / span;
}

const side = 13;
const discount = 0.97;

export interface Plan {
  /** Value of the start, one for each goal. */
  values: number[];
  /** Backups until nothing changes, at most. */
  sweeps: number;
}

/** Plans from the corner to each goal with the actions that are given, each a list of steps. */
function plan(goals: readonly number[], actions: readonly number[][]): Plan {
  const result: Plan = { values: [], sweeps: 0 };
  const gamma = discount ** actions[0]!.length;
  const model = [side * side, actions.length];
  for (const goal of goals) {
    const nextStates = Int32Array.from({ length: side * side * actions.length }, (_, i) => {
      const next = walk(Math.floor(i / actions.length), actions[i % actions.length]!);
      return next === goal ? -1 : next;
    });
    const rewards = Float64Array.from(nextStates, (next) => Number(next === -1));
    let values = new Float64Array(side * side);
    for (let sweep = 0; ; sweep++) {
      const backup = bellmanBackupDeterministic({
        ...{ nextStates: new Tensor(nextStates, model), rewards: new Tensor(rewards, model) },
        ...{ values, gamma },
      });
      const moved = backup.values.data.some((x, i) => x !== values[i]);
      values = backup.values.data;
      if (moved) continue;
      result.sweeps = Math.max(result.sweeps, sweep);
      break;
    }
    result.values.push(values[0]!);
  }
  return result;
}

/** Where the steps lead; walls stop them. */
function walk(from: number, taken: readonly number[]): number {
  let [x, y] = [from % side, Math.floor(from / side)];
  for (const a of taken) {
    x = Math.min(Math.max(x + steps[a]![0], 0), side - 1);
    y = Math.min(Math.max(y + steps[a]![1], 0), side - 1);
  }
  return y * side + x;
}

const random = seeded(1);
const demos: number[][] = demonstrate(random);
export const found: Found = discover(demos, random);
export const wanted: number[] = habits.map(numberOf);
/** Where demonstrations without a slip end. */
const goals: number[] = [
  ...new Set(
    demos
      .filter((moves) => moves.every((move) => wanted.includes(move)))
      .map((moves) => walk(0, moves.flatMap(stepsOf))),
  ),
];
const everyMacro = Array.from({ length: macros }, (_, macro) => stepsOf(macro));
export const complete: Plan = plan(goals, everyMacro);
export const pruned: Plan = plan(goals, found.macros.map(stepsOf));
export const primitive: Plan = plan(goals, [[0], [1], [2], [3]]);
/** The largest loss of value on any goal from planning with fewer actions. */
export const gap: number = Math.max(...complete.values.map((v, i) => v - pruned.values[i]!));
console.log(
  `−log p of a step: ${found.crossEntropy.toFixed(3)} with latents, ${found.withoutLatents.toFixed(3)} without`,
);
console.log(`moves found: ${found.macros.join(', ')}; demonstrated: ${wanted.join(', ')}`);
console.log(
  `${goals.length} goals: value gap ${gap.toFixed(6)} with ${latents} actions for ${macros}, ` +
    `${pruned.sweeps} backups for ${primitive.sweeps}`,
);
