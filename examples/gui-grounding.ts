/**
 * Visual grounding in a user interface (GUI-G1, arXiv 2505.15810): for each element of a screen the
 * policy writes a box, four tokens of eight values. A hit alone teaches where to point and leaves the
 * box as it is; overlap and the box-size term shape it. Small elements are hard: they get more weight,
 * and are learnt sooner with the same small step; with a large one both ways learn them at once.
 */
import { Tensor } from 'belfry';
import { boxRewards, Grpo } from 'belfry/token';

import { seeded } from './lib/random.js';
import { mean, SoftmaxPolicy } from './lib/softmax-policy.js';

const screen = 128;
const V = 8;
const T = 4;
const perElement = 24;

/** x1, y1, x2, y2 of a list entry, an icon, a button, a panel, a field, a small icon. */
const elements = [
  [8, 40, 72, 56],
  [100, 4, 116, 20],
  [20, 90, 60, 114],
  [64, 56, 124, 124],
  [10, 8, 90, 20],
  [104, 34, 114, 44],
] as const;
/** Elements under this size, in pixels, count as small. */
const smallSide = 20;
const isSmall = ([x1, , x2]: readonly [number, number, number, number]): boolean =>
  x2 - x1 < smallSide;

/** Tokens to pixels: centre in steps of sixteen, sides in steps of eight. */
function boxOf(tokens: ArrayLike<number>): [number, number, number, number] {
  const [cx, cy] = [16 * tokens[0]! + 8, 16 * tokens[1]! + 8];
  const [w, h] = [8 * tokens[2]! + 8, 8 * tokens[3]! + 8];
  const inside = (x: number): number => Math.min(Math.max(x, 0), screen);
  return [inside(cx - w / 2), inside(cy - h / 2), inside(cx + w / 2), inside(cy + h / 2)];
}

export interface Grounding {
  hit: number;
  iou: number;
  /** Hits on the small elements. */
  smallHits: number;
}

interface Options {
  /** Weights of overlap and of the box-size term. */
  alpha: number;
  beta: number;
  /** Weigh samples by the difficulty of their element. */
  weighted: boolean;
  updates: number;
  /** Step on the logits. */
  rate: number;
}

const B: number = elements.length * perElement;
const groupIds = Int32Array.from({ length: B }, (_, i) => Math.floor(i / perElement));
const contexts = Int32Array.from(
  { length: B * T },
  (_, i) => groupIds[Math.floor(i / T)]! * T + (i % T),
);
const target = new Tensor(targets(), [B, 4]);

function targets(): Float64Array {
  return Float64Array.from({ length: B * 4 }, (_, i) => elements[groupIds[i >> 2]!]![i & 3]!);
}

/** Relative size of each sample's element, inverted; the weights average one. */
function difficulty(): Float64Array {
  const raw = elements.map(([x1, y1, x2, y2]) => 1 / Math.sqrt((x2 - x1) * (y2 - y1)));
  return Float64Array.from(groupIds, (id) => raw[id]! / mean(raw));
}

function rollouts(policy: SoftmaxPolicy, random: () => number) {
  const labels = contexts.map((context) => policy.sample(context, random));
  const predicted = new Float64Array(B * 4);
  for (let i = 0; i < B; i++) predicted.set(boxOf(labels.subarray(i * T, i * T + T)), 4 * i);
  return { labels, predicted: new Tensor(predicted, [B, 4]) };
}

function train(seed: number, { alpha, beta, weighted, updates, rate }: Options): Grounding {
  const random = seeded(seed);
  const policy = new SoftmaxPolicy(elements.length * T, V);
  // No std (difficulty bias), and a fixed divisor (length bias).
  const grpo = new Grpo({ estimator: 'dr_grpo', aggregation: 'fixed-length', norm: T, klCoef: 0 });
  const size = { imageWidth: screen, imageHeight: screen };
  for (let update = 0; update < updates; update++) {
    const { labels, predicted } = rollouts(policy, random);
    const rewards = boxRewards({ predicted, target, ...size, alpha, beta }).total;
    const { logProbs } = policy.score(contexts, labels, [B, T]);
    const batch = { logProbs, oldLogProbs: logProbs, rewards, groupIds };
    const weights = weighted ? { sequenceWeights: difficulty() } : {};
    const { gradLogProbs } = grpo.loss({ ...batch, ...weights });
    policy.descend(policy.gradient(contexts, labels, gradLogProbs), rate);
  }
  const { predicted } = rollouts(policy, random);
  const { hit, iou } = boxRewards({ predicted, target, ...size });
  const small = hit.data.filter((_, i) => isSmall(elements[groupIds[i]!]!));
  return { hit: mean(hit.data), iou: mean(iou.data), smallHits: mean(small) };
}

const seeds = [1, 2, 3];
function average(options: Options): Grounding {
  const runs = seeds.map((seed) => train(seed, options));
  const of = (key: keyof Grounding): number => mean(runs.map((run) => run[key]));
  return { hit: of('hit'), iou: of('iou'), smallHits: of('smallHits') };
}

const full = { updates: 200, rate: 160, weighted: false };
export const hitOnly: Grounding = average({ alpha: 0, beta: 0, ...full });
export const shaped: Grounding = average({ alpha: 0.25, beta: 0.125, ...full });
const early = { alpha: 0.25, beta: 0.125, updates: 30, rate: 40 };
export const evenly: Grounding = average({ ...early, weighted: false });
export const byDifficulty: Grounding = average({ ...early, weighted: true });
const show = ({ hit, iou }: Grounding): string =>
  `${(100 * hit).toFixed(1)} % hits, overlap ${iou.toFixed(2)}`;
console.log(`reward of a hit: ${show(hitOnly)}; with overlap and box size: ${show(shaped)}`);
console.log(
  `small elements after ${early.updates} updates: ${(100 * byDifficulty.smallHits).toFixed(1)} % hits ` +
    `weighted by difficulty, ${(100 * evenly.smallHits).toFixed(1)} % evenly`,
);
