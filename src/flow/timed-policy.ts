/** Networks of the learners whose policy is a trunk over action, embedded times and observation. */
import { argumentError } from '../errors.js';
import { type Parameters, widthsOf } from '../network-files.js';
import { alloc, Tensor } from '../tensor.js';
import type { LearnerNetworks, Sizes } from './flow-learner.js';
import type { AverageOptions, NetworkOptions } from './flow-q-options.js';

const critics = ['critic1', 'critic2'];

/** The policy's networks and two critics; an optimiser each, targets, and an average if wanted. */
export function timedNetworks(policy: readonly string[], averaged: boolean): LearnerNetworks {
  const averages = averaged ? policy.map((name) => `ema_${name}`) : [];
  return {
    optimisers: { policyMoments: policy, criticMoments: critics },
    followers: {
      ...Object.fromEntries(averages.map((name, i) => [name, policy[i] as string])),
      ...Object.fromEntries(critics.map((name) => [`target_${name}`, name])),
    },
    averages,
    policy: [...policy, ...critics],
  };
}

/** Widths of new networks; `times` names the small network of each time. */
export function timedWidths(
  { observationSize, actionSize }: Sizes,
  { hidden, embeddingSize, timeWidths }: Required<NetworkOptions>,
  times: readonly string[],
): Record<string, readonly number[]> {
  const time = times.length * (timeWidths.at(-1) ?? embeddingSize);
  const critic = [observationSize + actionSize, ...hidden, 1];
  return {
    trunk: [actionSize + time + observationSize, ...hidden, actionSize],
    ...Object.fromEntries(times.map((name) => [name, [embeddingSize, ...timeWidths]])),
    critic1: critic,
    critic2: critic,
  };
}

/** Sizes that follow from the widths of the networks. */
export function timedSizes(parameters: Parameters, times: readonly string[], owner: string): Sizes {
  const last = (prefix: string): number => widthsOf(parameters, prefix).at(-1) as number;
  const actionSize = last('trunk');
  const inputs = widthsOf(parameters, 'trunk')[0] as number;
  const observationSize = times.reduce((rest, name) => rest - last(name), inputs - actionSize);
  if (observationSize >= 0) return { observationSize, actionSize };
  const expected = 'action, time embeddings and observation';
  const found = `takes ${inputs} inputs`;
  throw argumentError('BELFRY_BAD_FILE', owner, 'trunk.0.weight', found, expected);
}

export function averagesFollow({
  emaStart,
  emaEvery,
}: Required<AverageOptions>): (step: number) => boolean {
  return (step) => step >= emaStart && step % emaEvery === 0;
}

/** Zeros that asynchronous calls use in place. */
export function shaped(...shape: number[]): Tensor<Float32Array> {
  const count = shape.reduce((a, b) => a * b, 1);
  return new Tensor(alloc('float32', count), shape);
}
