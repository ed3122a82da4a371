import type { NoiseSource } from '../flow/index.js';
import type { ControlTask } from './control-task.js';

/** What a policy may look at besides the observations. */
export interface PolicyContext {
  readonly task: ControlTask;
  /** [count] steps of each row's episode before this one: 0 = it begins. */
  readonly steps: Int32Array;
  /** Seeded random numbers of the run. */
  readonly noise: NoiseSource;
}

/**
 * Chooses the actions of every row: written to `actions`, or returned in an array of its length.
 *
 * `observations` is [count, observationSize]; `actions` is [count, actionSize], in [−1, 1] where the
 * task scales actions (its default), or an Int32Array of [count] indices.
 */
export type ControlPolicy = (
  observations: Float32Array,
  actions: Float32Array | Int32Array,
  context: PolicyContext,
  // biome-ignore lint/suspicious/noConfusingVoidType: a policy that writes returns nothing
) => ArrayLike<number> | void;
