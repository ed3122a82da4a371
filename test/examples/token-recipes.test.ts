/** Each recipe learns the toy: a half of the sums is even at the start. */
import {
  Copo,
  CritiqueGrpo,
  D3s,
  Dapo,
  Dler,
  Grpo,
  GuideGrpo,
  LitePpo,
  Loop,
  NegativeAwareFineTuning,
  Ppo,
  PromptCurriculum,
  ReinforcePlusPlus,
  Rloo,
} from 'belfry/token';
import { expect, test } from 'vitest';

import { trainParity } from '../../examples/token-recipes/parity.js';

const grpo = () => new Grpo({ aggregation: 'token-mean', klCoef: 0.001 });

test('the policy starts at one half', () => {
  expect(trainParity(grpo(), { updates: 20, step: 0 }).success).toBeCloseTo(0.5, 1);
});

test.each([1, 2, 3])('R1: GRPO with a verifiable reward (seed %i)', (seed) => {
  expect(trainParity(grpo(), { seed }).success).toBeGreaterThan(0.95);
});

test('R2: PPO with a value model and a KL reward', () => {
  const ppo = new Ppo({ rewardScale: 1, beta: 0.001 });
  expect(trainParity(ppo).success).toBeGreaterThan(0.95);
});

test('R3: DLER, where a first token above 23 is a sample that does not end', () => {
  const truncated = (tokens: readonly number[]) => tokens[0]! > 23;
  const result = trainParity(new Dler(), { truncated });
  expect(result.success).toBeGreaterThan(0.95);
  expect(result.truncated).toBeLessThan(0.05);
});

test('R4: Lite PPO', () => {
  expect(trainParity(new LitePpo()).success).toBeGreaterThan(0.95);
});

test('R5: leave-one-out advantages, one ratio for each sample', () => {
  expect(trainParity(new Loop({ level: 'sequence' }), { step: 20 }).success).toBeGreaterThan(0.95);
});

test('R8: GRPO on the samples and tokens that D3S chooses', () => {
  expect(trainParity(new D3s()).success).toBeGreaterThan(0.95);
});

test.each([
  ['RLOO', new Rloo({ beta: 0 }), 20],
  ['REINFORCE++', new ReinforcePlusPlus({ beta: 0.001 }), 40],
  ['DAPO', new Dapo(), 40],
  ['NFT', new NegativeAwareFineTuning(), 80],
  ['COPO', new Copo(), 40],
  ['Guide-GRPO, no hints', new GuideGrpo(), 40],
  ['Critique-GRPO, no refinements', new CritiqueGrpo(), 0.6],
  ['PCL, the policy stage', new PromptCurriculum(), 80],
] as const)('%s', (_, algorithm, step) => {
  expect(trainParity(algorithm, { step }).success).toBeGreaterThan(0.95);
});
