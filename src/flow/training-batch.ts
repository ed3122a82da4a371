/** Batches of transitions, drawn with replacement. */
import { alloc } from '../tensor.js';
import type { Transitions } from './flow-q-options.js';
import type { NoiseSource } from './noise.js';

interface Widths {
  readonly observationSize: number;
  readonly actionSize: number;
}

/** Of `rows` transitions, in memory that asynchronous calls use in place. */
export function emptyBatch(rows: number, { observationSize, actionSize }: Widths): Transitions {
  return {
    observations: alloc('float32', rows * observationSize),
    actions: alloc('float32', rows * actionSize),
    rewards: alloc('float32', rows),
    nextObservations: alloc('float32', rows * observationSize),
    terminated: alloc('uint8', rows),
  };
}

/** Fills `to` with transitions of `from`. */
export function drawBatch(
  noise: NoiseSource,
  from: Transitions,
  to: Transitions,
  { observationSize, actionSize }: Widths,
): void {
  const count = from.rewards.length;
  for (let row = 0; row < to.rewards.length; row++) {
    const source = noise.integer(count);
    copyRow(from.observations, source, to.observations, row, observationSize);
    copyRow(from.nextObservations, source, to.nextObservations, row, observationSize);
    copyRow(from.actions, source, to.actions, row, actionSize);
    to.rewards[row] = from.rewards[source] as number;
    to.terminated[row] = from.terminated[source] as number;
  }
}

function copyRow(
  from: Float32Array,
  source: number,
  to: Float32Array,
  row: number,
  width: number,
): void {
  for (let i = 0; i < width; i++) to[row * width + i] = from[source * width + i] as number;
}
