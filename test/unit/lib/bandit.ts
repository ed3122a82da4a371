/** The bandit on which learners of actions are tested. */
import type { Transitions } from '../../../src/flow/index.js';
import { NoiseSource } from '../../../src/flow/noise.js';

export const good = [0.5, 0.5] as const;
export const usual = [-0.5, -0.5] as const;

/**
 * A bandit of two actions: four fifths of the data around the worse one, or, for critics to learn
 * from, a fifth of it anywhere.
 */
export function bandit(count: number, seed: number, anywhere = 0): Transitions {
  const noise = new NoiseSource(seed);
  const actions = new Float32Array(2 * count);
  const rewards = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const draw = noise.uniform();
    const mode = draw < 0.2 ? good : usual;
    let distance = 0;
    for (let k = 0; k < 2; k++) {
      const a =
        draw > 1 - anywhere ? 2 * noise.uniform() - 1 : (mode[k] as number) + 0.03 * noise.normal();
      actions[2 * i + k] = a;
      distance += (a - (good[k] as number)) ** 2;
    }
    rewards[i] = -distance - 0.2;
  }
  const observations = new Float32Array(count);
  const terminated = new Uint8Array(count).fill(1);
  return { observations, actions, rewards, nextObservations: observations, terminated };
}

/** Share of one-step actions within 0.15 of a mode. */
export function near(actions: Float32Array, mode: readonly number[]): number {
  let hits = 0;
  for (let i = 0; i < actions.length; i += 2) {
    const [x = 0, y = 0] = actions.subarray(i, i + 2);
    if (Math.hypot(x - (mode[0] as number), y - (mode[1] as number)) < 0.15) hits += 1;
  }
  return hits / (actions.length / 2);
}

/** Rows [i · 256, (i + 1) · 256). */
export function batchOf(data: Transitions, i: number): Transitions {
  const rows = <A extends Float32Array | Uint8Array>(array: A, width: number): A =>
    array.subarray(i * 256 * width, (i + 1) * 256 * width) as A;
  return {
    observations: rows(data.observations, 1),
    actions: rows(data.actions, 2),
    rewards: rows(data.rewards, 1),
    nextObservations: rows(data.nextObservations, 1),
    terminated: rows(data.terminated, 1),
  };
}
