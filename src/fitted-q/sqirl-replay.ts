import { Tensor } from '../tensor.js';
import { gatherRows } from './batches.js';
import type { RandomStream } from './random-stream.js';
import { type Episodes, returnsToGo } from './simulator.js';
import { type TransitionChunk, TransitionDataset } from './transitions.js';

/** The transitions kept of the episodes that planned one timestep, and their returns-to-go. */
export interface Rollouts {
  data: TransitionDataset;
  /** [N] */
  returnToGo: Float32Array;
}

/** The transitions from `timestep` on; the last of each episode is terminal. */
export function rolloutsOf(
  rounds: readonly Episodes[],
  sizes: { stateSize: number; numActions: number },
  timestep: number,
  discount: number,
): Rollouts {
  const kept = (length: number): number => Math.max(0, length - timestep);
  const total = rounds.reduce(
    (sum, { lengths }) => lengths.reduce((own, length) => own + kept(length), sum),
    0,
  );
  const data = new TransitionDataset({ ...sizes, capacity: Math.max(1, total) });
  const returnToGo = new Float32Array(total);
  for (const played of rounds) {
    returnsToGo(played, discount, timestep).forEach((after, k) => {
      const rows = openRows(played.lengths, timestep + k);
      returnToGo.set(picked(after, rows), data.length);
      data.append(transitionsOf(played, timestep + k, rows, sizes.stateSize));
    });
  }
  return { data, returnToGo };
}

function transitionsOf(
  { states, actions, rewards, lengths }: Episodes,
  timestep: number,
  rows: Int32Array,
  stateSize: number,
): TransitionChunk {
  const statesAt = (time: number): Float32Array => {
    const own = new Float32Array(rows.length * stateSize);
    gatherRows(states[time] as Float32Array, stateSize, rows, own);
    return own;
  };
  return {
    states: statesAt(timestep),
    actions: picked(actions[timestep] as Int32Array, rows),
    rewards: picked(rewards[timestep] as Float32Array, rows),
    nextStates: statesAt(timestep + 1),
    terminated: Uint8Array.from(rows, (row) => (lengths[row] === timestep + 1 ? 1 : 0)),
  };
}

function picked(values: ArrayLike<number>, rows: Int32Array): Float32Array {
  return Float32Array.from(rows, (row) => values[row] as number);
}

/** The episodes that still run at a timestep. */
function openRows(lengths: Int32Array, timestep: number): Int32Array {
  const rows: number[] = [];
  lengths.forEach((length, i) => {
    if (length > timestep) rows.push(i);
  });
  return Int32Array.from(rows);
}

/** What a training step reads. */
export interface ReplayBatch {
  x: Tensor<Float32Array>;
  nextX: Tensor<Float32Array>;
  actions: Int32Array;
  rewards: Float32Array;
  returnToGo: Float32Array;
  terminated: Uint8Array;
}

/**
 * The rollouts of all timesteps planned. A transition is drawn in proportion to its priority:
 * `factor` to the power of the timesteps planned since.
 */
export class Replay {
  readonly #rollouts: Rollouts[] = [];

  constructor(
    readonly factor: number,
    readonly size: number,
  ) {}

  get rollouts(): readonly Rollouts[] {
    return this.#rollouts;
  }

  /** Adds the newest; the oldest beyond the size, or without priority, are forgotten. */
  add(rollouts: Rollouts): void {
    this.#rollouts.push(rollouts);
    const total = (): number => this.#rollouts.reduce((sum, { data }) => sum + data.length, 0);
    while (this.#rollouts.length > 1 && (this.factor === 0 || total() > this.size)) {
      this.#rollouts.shift();
    }
  }

  /** All there is becomes these. */
  restore(rollouts: readonly Rollouts[]): void {
    this.#rollouts.splice(0, this.#rollouts.length, ...rollouts);
  }

  emptyBatch(size: number): ReplayBatch {
    const { stateSize } = (this.#rollouts[0] as Rollouts).data;
    const states = (): Tensor<Float32Array> =>
      new Tensor(new Float32Array(size * stateSize), [size, stateSize]);
    return {
      x: states(),
      nextX: states(),
      actions: new Int32Array(size),
      rewards: new Float32Array(size),
      returnToGo: new Float32Array(size),
      terminated: new Uint8Array(size),
    };
  }

  /** Draws every row of the batch, with replacement. */
  fill(batch: ReplayBatch, random: RandomStream): void {
    const newest = this.#rollouts.length - 1;
    const ends: number[] = [];
    this.#rollouts.forEach(({ data }, i) => {
      ends.push((ends.at(-1) ?? 0) + data.length * this.factor ** (newest - i));
    });
    const total = ends.at(-1) as number;
    for (let i = 0; i < batch.actions.length; i++) {
      const at = random.next() * total;
      const from = Math.min(
        newest,
        Math.max(
          0,
          ends.findIndex((end) => at < end),
        ),
      );
      const { data, returnToGo } = this.#rollouts[from] as Rollouts;
      const row = random.integer(data.length);
      const states = (all: Tensor<Float32Array>): Float32Array =>
        all.data.subarray(row * data.stateSize, (row + 1) * data.stateSize);
      batch.x.data.set(states(data.states), i * data.stateSize);
      batch.nextX.data.set(states(data.nextStates), i * data.stateSize);
      batch.actions[i] = data.actions[row] as number;
      batch.rewards[i] = data.rewards[row] as number;
      batch.terminated[i] = data.terminated[row] as number;
      batch.returnToGo[i] = returnToGo[row] as number;
    }
  }
}
