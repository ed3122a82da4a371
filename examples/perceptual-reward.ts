/**
 * A reward from a film of the task (arXiv 1612.06699): the demonstration is cut into steps, the
 * features that tell the steps apart are found, and progress is rewarded.
 */
import { perceptualReward } from 'belfry/bellman';

import { normal, seeded } from './lib/random.js';

const cuts = [0, 12, 21, 30];
const d = 6; // features 0 to 2 mark the steps, the others are noise
const random = seeded(59);
const film = (noise: number): Float64Array =>
  Float64Array.from({ length: 30 * d }, (_, i) => {
    const frame = Math.floor(i / d);
    const step = cuts.filter((cut) => cut <= frame).length - 1;
    return (i % d === step ? 3 : 0) + noise * normal(random);
  });
const demonstration = film(0.4);

const { boundaries } = perceptualReward({
  op: 'split',
  features: { data: demonstration, shape: [30, d] },
  numSteps: 3,
  minSize: 3,
});
export const found: number[] = [0, ...boundaries.data, 30];

// Reward of each frame of another film, by what marks each step.
const query = { data: film(0.4), shape: [30, d] };
const steps = [0, 1, 2].map((step) => {
  const inside = (_: number, i: number): boolean =>
    Math.floor(i / d) >= found[step]! && Math.floor(i / d) < found[step + 1]!;
  const positive = demonstration.filter(inside);
  const negative = demonstration.filter((x, i) => !inside(x, i));
  return perceptualReward({
    op: 'select_reward',
    positive: { data: positive, shape: [positive.length / d, d] },
    negative: { data: negative, shape: [negative.length / d, d] },
    query,
    numFeatures: 2,
  });
});
/** Feature that marks each step best. */
export const best: number[] = steps.map(({ selected }) => selected.data[0]!);

const { total } = perceptualReward({
  op: 'combine',
  stepReward: {
    data: Float64Array.from(
      { length: 90 },
      (_, i) => steps[i % 3]!.stepReward.data[Math.floor(i / 3)]!,
    ),
    shape: [30, 3],
  },
});
/** Mean reward of the frames of each step: the first step earns nothing of its own. */
export const progress: number[] = [0, 1, 2].map((step) => {
  const frames = total.data.slice(cuts[step], cuts[step + 1]);
  return frames.reduce((sum, x) => sum + x, 0) / frames.length;
});
console.log(
  `steps begin at ${found.slice(0, 3).join(', ')}; mean reward ${progress.map((x) => x.toFixed(1)).join(', ')}`,
);
