/**
 * Partial rewards for text-to-SQL (Reasoning-SQL, arXiv 2503.23157). The policy fills five places of a
 * query from twelve identifiers, and the database says nothing but whether the result is right, which
 * chance finds once in 248,832 tries. Marks for the right tables and columns (schema linking) and for
 * phrases in common with the gold query lead there.
 */
import { Tensor } from 'belfry';
import { Grpo, ngramJaccard, weightedRewardSum } from 'belfry/token';

import { seeded } from './lib/random.js';
import { mean, SoftmaxPolicy } from './lib/softmax-policy.js';

/** Places: SELECT _ FROM _ JOIN _ WHERE _ = _ */
const T = 5;
const V = 12;
const questions = 6;
const perQuestion = 16;
const B: number = questions * perQuestion;
const updates = 120;

/** The identifier that belongs at a place. */
const gold = (question: number, t: number): number => (5 * question + 7 * t + 2) % V;

/** The text of the queries: each place after its keyword, whose number is above the identifiers'. */
const written = (slots: Int32Array): Int32Array =>
  Int32Array.from({ length: 2 * slots.length }, (_, i) =>
    i % 2 === 0 ? V + ((i / 2) % T) : slots[(i - 1) / 2]!,
  );

/** Components of each query: it executes to the right result; schema; phrases of two words. */
export function components(queries: Int32Array, golds: Int32Array): Float64Array {
  const rows = queries.length / T;
  const bounds = (width: number): Int32Array =>
    Int32Array.from({ length: rows + 1 }, (_, i) => i * width);
  const similarity = (a: Int32Array, b: Int32Array, n: number): Float64Array => {
    const offsets = bounds(a.length / rows);
    return ngramJaccard<Float64Array>({
      ...{ aTokens: a, aOffsets: offsets, bTokens: b, bOffsets: offsets, n },
    }).similarity.data;
  };
  const schema = similarity(queries, golds, 1);
  const phrases = similarity(written(queries), written(golds), 2);
  return Float64Array.from({ length: rows * 3 }, (_, i) => {
    const row = Math.floor(i / 3);
    if (i % 3 === 1) return schema[row]!;
    if (i % 3 === 2) return phrases[row]!;
    const same = queries.subarray(row * T, row * T + T).every((x, t) => x === golds[row * T + t]);
    return Number(same);
  });
}

/** @returns share of the queries that execute to the right result, at the end */
function train(seed: number, weights: Float64Array): number {
  const random = seeded(seed);
  const policy = new SoftmaxPolicy(questions * T, V);
  const grpo = new Grpo({ klCoef: 0, aggregation: 'token-mean' });
  const groupIds = Int32Array.from({ length: B }, (_, i) => Math.floor(i / perQuestion));
  const contexts = Int32Array.from(
    { length: B * T },
    (_, i) => groupIds[Math.floor(i / T)]! * T + (i % T),
  );
  const golds = contexts.map((context) => gold(Math.floor(context / T), context % T));
  const executes: number[] = [];
  for (let update = 0; update < updates; update++) {
    const labels = contexts.map((context) => policy.sample(context, random));
    const parts = components(labels, golds);
    const table = new Tensor(parts, [B, 3]);
    const { rewards } = weightedRewardSum({ components: table, weights });
    executes.push(mean(parts.filter((_, i) => i % 3 === 0)));
    const { logProbs } = policy.score(contexts, labels, [B, T]);
    const batch = { logProbs, oldLogProbs: logProbs, rewards, groupIds };
    policy.descend(policy.gradient(contexts, labels, grpo.loss(batch).gradLogProbs), 40);
  }
  return mean(executes.slice(-20));
}

const seeds = [1, 2, 3];
/** The result outweighs the sum of what leads to it. */
export const partial: number = mean(seeds.map((seed) => train(seed, Float64Array.of(3, 1, 1))));
export const executionOnly: number = mean(seeds.map((s) => train(s, Float64Array.of(1, 0, 0))));
console.log(
  `right results: ${(100 * partial).toFixed(1)} % with partial rewards, ` +
    `${(100 * executionOnly).toFixed(1)} % with the result alone`,
);
