import {
  checkFinite,
  checkFlags,
  checkIndices,
  checkLength,
  checkWithin,
  findEpisodeStarts,
  rowWidth,
} from '../dataset-checks.js';
import { argumentError, didYouMean, show } from '../errors.js';
import { TransitionDataset } from '../fitted-q/index.js';
import { NoiseSource } from '../flow/index.js';
import { rewardTuning } from '../generated/flow.js';
import { allocated } from '../memory.js';
import { checkOptions, checkRules, type OptionRule, rules, withDefaults } from '../options.js';
import type { Rollout } from './control-rollout.js';

/** Vectors, or indices of discrete actions. */
export type OfflineActions = Float32Array | Int32Array;

/** Transitions one behind the other, structure of arrays. */
export interface OfflineArrays<A extends OfflineActions = OfflineActions> {
  /** [N, observationSize] */
  observations: Float32Array;
  /** [N, actionSize], or [N] indices as an Int32Array. */
  actions: A;
  /** [N] */
  rewards: Float32Array;
  /** [N, observationSize] */
  nextObservations: Float32Array;
  /** [N] 1 = the task ended: nothing is bootstrapped. */
  terminated: Uint8Array;
  /** [N] 1 = cut, by a time limit or the end of the data. Default 0. */
  truncated?: Uint8Array;
}

export interface OfflineDatasetOptions {
  /** Actions there are, for indices. Default: the largest index plus 1. */
  numActions?: number;
  /** Vectors lie in [−limit, limit]. Default 1; Infinity: anything finite. */
  actionLimit?: number;
}

export type RewardTuning = 'normalize' | 'iqlAntmaze' | 'iqlLocomotion' | 'cqlAntmaze' | 'antmaze';

/** Mean and deviation of each number of an observation; plain numbers, so that JSON keeps them. */
export interface ObservationStatistics {
  mean: number[];
  /** Population deviation plus 0.001, as divisors. */
  std: number[];
}

export interface SplitOptions {
  /** Share of the episodes in the first part. Default 0.9. */
  fraction?: number;
  /** Default 0. */
  seed?: number;
}

export interface SampleOptions<A extends OfflineActions> {
  /** Begins the draws anew. Default: they go on from the call before; those of a new data set from 0. */
  seed?: number;
  /** Arrays to fill, those of an earlier sample. */
  out?: OfflineArrays<A> & { truncated: Uint8Array };
}

const tunings = ['normalize', 'iqlAntmaze', 'iqlLocomotion', 'cqlAntmaze', 'antmaze'];
const owner = 'OfflineDataset';

/**
 * A data set of transitions for offline learning. With vectors as actions it is what
 * `OneStepFlowQ.train` takes; with indices `toTransitionDataset()` makes what fitted-Q iteration
 * takes. The arrays are kept, not copied; methods that change something return a new data set.
 *
 * ```ts
 * const data = task.collect(behaviourPolicy('pendulum', 'medium'), { transitions: 100_000 });
 * const [train, held] = data.split({ fraction: 0.9 });
 * await learner.train(train.rewardTuning('normalize'), { steps: 1000 });
 * ```
 */
export class OfflineDataset<A extends OfflineActions = Float32Array> {
  readonly observations: Float32Array;
  readonly actions: A;
  readonly rewards: Float32Array;
  readonly nextObservations: Float32Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  /** [numEpisodes] first row of each episode; an episode ends where it terminated or was cut. */
  readonly episodeStarts: Int32Array;
  readonly observationSize: number;
  /** Numbers of an action; 0: actions are indices. */
  readonly actionSize: number;
  /** Actions there are; 0: actions are vectors. */
  readonly numActions: number;
  readonly actionLimit: number;
  #noise = new NoiseSource(0);

  /**
   * @throws BelfryError BELFRY_BAD_DTYPE for an array of another type, BELFRY_BAD_SHAPE for no
   *     transitions or arrays that do not fit each other, BELFRY_BAD_VALUE for numbers that are not
   *     finite, flags but 0 and 1 and actions out of range, with the array and the row
   */
  constructor(arrays: OfflineArrays<A>, options: OfflineDatasetOptions = {}) {
    checkOptions(owner, options, ['numActions', 'actionLimit']);
    checkTypes(arrays);
    checkRules(owner, withDefaults({}, options), optionRules);
    const { observations, actions, rewards, nextObservations, terminated } = arrays;
    const count = rewards.length;
    if (count === 0) {
      throw argumentError('BELFRY_BAD_SHAPE', owner, 'rewards', 'is empty', 'transitions');
    }
    this.observationSize = rowWidth(owner, 'observations', observations, count);
    const isDiscrete = actions instanceof Int32Array;
    const width = rowWidth(owner, 'actions', actions, count);
    this.actionSize = isDiscrete ? 0 : width;
    const truncated = arrays.truncated ?? new Uint8Array(count);
    checkLength(owner, 'nextObservations', nextObservations, count, this.observationSize);
    checkLength(owner, 'terminated', terminated, count, 1);
    checkLength(owner, 'truncated', truncated, count, 1);
    if (isDiscrete) checkLength(owner, 'actions', actions, count, 1);
    checkFlags(owner, 'terminated', terminated);
    checkFlags(owner, 'truncated', truncated);
    checkFinite(owner, 'observations', observations, this.observationSize);
    checkFinite(owner, 'nextObservations', nextObservations, this.observationSize);
    checkFinite(owner, 'rewards', rewards, 1);
    this.actionLimit = options.actionLimit ?? 1;
    this.numActions = isDiscrete ? (options.numActions ?? 1 + largest(actions)) : 0;
    if (isDiscrete) checkIndices(owner, 'actions', actions, this.numActions);
    else {
      checkFinite(owner, 'actions', actions, width);
      checkWithin(owner, 'actions', actions, width, this.actionLimit);
    }
    this.observations = observations;
    this.actions = actions;
    this.rewards = rewards;
    this.nextObservations = nextObservations;
    this.terminated = terminated;
    this.truncated = truncated;
    this.episodeStarts = findEpisodeStarts(terminated, truncated);
  }

  /** The first `length` transitions of a rollout; what its end cuts is marked truncated. */
  static fromRollout<A extends OfflineActions>(
    rollout: Rollout<A>,
    options: OfflineDatasetOptions & { length?: number } = {},
  ): OfflineDataset<A> {
    const { length = rollout.rewards.length, ...rest } = options;
    const { count, steps, terminated } = rollout;
    const truncated = rollout.truncated.slice(0, length);
    for (let row = 0; row < count; row++) {
      const last = Math.min((row + 1) * steps, length) - 1;
      if (last >= row * steps && !terminated[last]) truncated[last] = 1;
    }
    const take = <T extends OfflineActions | Uint8Array>(array: T): T =>
      array.subarray(0, (array.length / (count * steps)) * length) as T;
    const arrays = {
      observations: take(rollout.observations),
      actions: take(rollout.actions),
      rewards: take(rollout.rewards),
      nextObservations: take(rollout.nextObservations),
      terminated: take(terminated),
      truncated,
    };
    return new OfflineDataset(arrays, rest);
  }

  /** Transitions. */
  get length(): number {
    return this.rewards.length;
  }

  get numEpisodes(): number {
    return this.episodeStarts.length;
  }

  /** First row and the row behind the last of an episode. */
  episode(index: number): { begin: number; end: number } {
    const begin = this.episodeStarts[index];
    if (begin === undefined) {
      const expected = `an index in [0, ${this.numEpisodes})`;
      const where = `${owner}.episode`;
      throw argumentError('BELFRY_INVALID_ARGUMENT', where, 'index', `is ${index}`, expected);
    }
    return { begin, end: this.episodeStarts[index + 1] ?? this.length };
  }

  /** [numEpisodes] sum of the rewards of each episode. */
  returns(): Float64Array {
    const returns = new Float64Array(this.numEpisodes);
    for (let i = 0; i < returns.length; i++) {
      const { begin, end } = this.episode(i);
      for (let row = begin; row < end; row++) returns[i]! += this.rewards[row]!;
    }
    return returns;
  }

  /** The data set with rewards transformed by `rewardTuning`; episodes are those of this data set. */
  rewardTuning(kind: RewardTuning): OfflineDataset<A> {
    if (!tunings.includes(kind)) {
      const expected = `one of ${tunings.join(', ')}`;
      const where = `${owner}.rewardTuning`;
      const hint = didYouMean(String(kind), tunings);
      const found = `is ${show(kind)}`;
      throw argumentError('BELFRY_INVALID_ARGUMENT', where, 'kind', found, expected, hint);
    }
    const ends = this.terminated.map((ended, row) => ended | this.truncated[row]!);
    const tuned = rewardTuning<Float32Array>({
      rewards: this.rewards,
      terminated: ends,
      outputs: [kind],
    });
    return this.#with({ rewards: tuned[kind].data });
  }

  /** Mean and deviation of the observations. */
  statistics(): ObservationStatistics {
    const width = this.observationSize;
    const mean = new Array<number>(width).fill(0);
    const std = new Array<number>(width).fill(0);
    this.observations.forEach((x, i) => (mean[i % width]! += x / this.length));
    this.observations.forEach((x, i) => (std[i % width]! += (x - mean[i % width]!) ** 2));
    return { mean, std: std.map((sum) => Math.sqrt(sum / this.length) + 1e-3) };
  }

  /** The data set with observations (x − mean)/std, by its own statistics or saved ones. */
  normalize(statistics: ObservationStatistics = this.statistics()): OfflineDataset<A> {
    return this.#with({
      observations: normalizeObservations(this.observations, statistics),
      nextObservations: normalizeObservations(this.nextObservations, statistics),
    });
  }

  /** Two data sets of whole episodes, drawn at random, in their order; neither is empty. */
  split(options: SplitOptions = {}): [OfflineDataset<A>, OfflineDataset<A>] {
    checkOptions(`${owner}.split`, options, ['fraction', 'seed']);
    const { fraction = 0.9, seed = 0 } = options;
    const where = `${owner}.split`;
    if (!(fraction > 0 && fraction < 1)) {
      const found = `is ${fraction}`;
      throw argumentError('BELFRY_INVALID_ARGUMENT', where, 'fraction', found, 'between 0 and 1');
    }
    if (this.numEpisodes < 2) {
      const found = `has ${this.numEpisodes} episode`;
      throw argumentError('BELFRY_BAD_SHAPE', where, 'the data set', found, 'at least 2');
    }
    const order = Int32Array.from({ length: this.numEpisodes }, (_, i) => i);
    const noise = new NoiseSource(seed);
    for (let i = order.length - 1; i > 0; i--) {
      const j = noise.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    const wanted = Math.round(fraction * this.numEpisodes);
    const first = Math.min(Math.max(1, wanted), this.numEpisodes - 1);
    return [this.#episodes(order.slice(0, first)), this.#episodes(order.slice(first))];
  }

  /** This data set and another behind it, which begins a new episode. */
  append(other: OfflineDataset<A>): OfflineDataset<A> {
    for (const size of ['observationSize', 'actionSize'] as const) {
      if (this[size] === other[size]) continue;
      const where = `${owner}.append`;
      const found = `has ${size} ${other[size]}`;
      throw argumentError('BELFRY_BAD_SHAPE', where, 'other', found, String(this[size]));
    }
    const joined = (name: keyof OfflineArrays): never => {
      const [a, b] = [this[name], other[name]] as [Float32Array, Float32Array];
      const both = new (a.constructor as Float32ArrayConstructor)(a.length + b.length);
      both.set(a);
      both.set(b, a.length);
      return both as never;
    };
    const truncated: Uint8Array = joined('truncated');
    // An open end would run on into the other's first episode.
    if (!this.terminated[this.length - 1]) truncated[this.length - 1] = 1;
    return new OfflineDataset<A>(
      {
        observations: joined('observations'),
        actions: joined('actions'),
        rewards: joined('rewards'),
        nextObservations: joined('nextObservations'),
        terminated: joined('terminated'),
        truncated,
      },
      {
        actionLimit: Math.max(this.actionLimit, other.actionLimit),
        ...(this.numActions > 0 ? { numActions: Math.max(this.numActions, other.numActions) } : {}),
      },
    );
  }

  /** `count` transitions drawn uniformly with replacement. */
  sample(
    count: number,
    options: SampleOptions<A> = {},
  ): OfflineArrays<A> & { truncated: Uint8Array } {
    checkOptions(`${owner}.sample`, options, ['seed', 'out']);
    if (!Number.isSafeInteger(count) || count < 0) {
      const found = `is ${show(count)}`;
      throw argumentError('BELFRY_INVALID_ARGUMENT', `${owner}.sample`, 'count', found, 'a count');
    }
    if (options.seed !== undefined) this.#noise = new NoiseSource(options.seed);
    const rows = allocated(`${owner}.sample`, 'count', count, () => new Int32Array(count));
    for (let i = 0; i < count; i++) rows[i] = this.#noise.integer(this.length);
    return this.#rows(rows, options.out);
  }

  /** The transitions as fitted-Q iteration takes them. @throws BelfryError for vectors as actions */
  toTransitionDataset(): TransitionDataset {
    const { observationSize, numActions, length } = this;
    if (numActions === 0) {
      const where = `${owner}.toTransitionDataset`;
      throw argumentError('BELFRY_BAD_DTYPE', where, 'actions', 'are vectors', 'indices');
    }
    const data = new TransitionDataset({
      stateSize: observationSize,
      numActions,
      capacity: length,
    });
    const { observations: states, nextObservations: nextStates, actions, rewards } = this;
    const { terminated, truncated } = this;
    data.append({ states, actions, rewards, nextStates, terminated, truncated });
    return data;
  }

  #options(): OfflineDatasetOptions {
    const { numActions, actionLimit } = this;
    return numActions > 0 ? { numActions, actionLimit } : { actionLimit };
  }

  #with(changes: Partial<OfflineArrays<A>>): OfflineDataset<A> {
    return new OfflineDataset<A>({ ...arraysOf(this), ...changes }, this.#options());
  }

  #episodes(chosen: Int32Array): OfflineDataset<A> {
    const rows: number[] = [];
    for (const index of chosen.sort()) {
      const { begin, end } = this.episode(index);
      for (let row = begin; row < end; row++) rows.push(row);
    }
    const arrays = this.#rows(Int32Array.from(rows));
    // The last episode may have an open end, which is now in the middle.
    const open = this.length - 1;
    rows.forEach((row, i) => {
      if (row === open && !this.terminated[row]) arrays.truncated[i] = 1;
    });
    return new OfflineDataset<A>(arrays, this.#options());
  }

  #rows(
    rows: Int32Array,
    out?: OfflineArrays<A> & { truncated: Uint8Array },
  ): OfflineArrays<A> & { truncated: Uint8Array } {
    const copied = {} as Record<string, unknown>;
    for (const name of arrayNames) {
      const from = this[name] as Float32Array;
      const width = from.length / this.length;
      const make = from.constructor as Float32ArrayConstructor;
      const to = (out?.[name] as Float32Array | undefined) ?? new make(rows.length * width);
      checkLength(`${owner}.sample`, `out.${name}`, to, rows.length, width);
      for (let i = 0; i < rows.length; i++) {
        const source = rows[i]! * width;
        for (let j = 0; j < width; j++) to[i * width + j] = from[source + j]!;
      }
      copied[name] = to;
    }
    return copied as unknown as OfflineArrays<A> & { truncated: Uint8Array };
  }
}

const optionRules: Readonly<Record<string, OptionRule>> = {
  numActions: rules.count,
  actionLimit: [(x) => typeof x === 'number' && x > 0, 'a number above 0'],
};

/** The types that each array may have. */
const arrayTypes = {
  observations: [Float32Array],
  actions: [Float32Array, Int32Array],
  rewards: [Float32Array],
  nextObservations: [Float32Array],
  terminated: [Uint8Array],
  truncated: [Uint8Array],
};

function checkTypes(arrays: OfflineArrays): void {
  for (const [name, types] of Object.entries(arrayTypes)) {
    const array = arrays?.[name as keyof OfflineArrays];
    if (array === undefined && name === 'truncated') continue;
    if (types.some((type) => array instanceof type)) continue;
    const expected = types.map((type) => type.name).join(' or ');
    throw argumentError('BELFRY_BAD_DTYPE', owner, name, `is ${show(array)}`, expected);
  }
}

const arrayNames = [
  'observations',
  'actions',
  'rewards',
  'nextObservations',
  'terminated',
  'truncated',
] as const;

function arraysOf<A extends OfflineActions>(data: OfflineDataset<A>): OfflineArrays<A> {
  return Object.fromEntries(
    arrayNames.map((name) => [name, data[name]]),
  ) as unknown as OfflineArrays<A>;
}

function largest(values: Int32Array): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}

/**
 * (x − mean)/std of each observation, into a new array or `out`: what a policy that was trained on a
 * normalised data set must see.
 * @throws BelfryError BELFRY_BAD_SHAPE where the statistics or `out` are of another size,
 *     BELFRY_BAD_VALUE for statistics that are not finite or a deviation that is not above 0
 */
export function normalizeObservations(
  observations: Float32Array,
  { mean = [], std = [] }: ObservationStatistics,
  out: Float32Array = new Float32Array(observations.length),
): Float32Array {
  const where = 'normalizeObservations';
  const width = mean.length;
  if (std.length !== width || width === 0 || observations.length % width !== 0) {
    const found = `are of ${width} and ${std.length} numbers`;
    throw argumentError('BELFRY_BAD_SHAPE', where, 'statistics', found, 'one of each a column');
  }
  checkLength(where, 'out', out, observations.length, 1);
  checkFinite(where, 'mean', mean, width);
  const bad = std.findIndex(
    (deviation) => !(deviation > 0 && deviation < Number.POSITIVE_INFINITY),
  );
  if (bad >= 0) {
    const found = `holds ${std[bad]} at ${bad}`;
    throw argumentError('BELFRY_BAD_VALUE', where, 'std', found, 'a number above 0');
  }
  for (let i = 0; i < observations.length; i++) {
    out[i] = (observations[i]! - mean[i % width]!) / std[i % width]!;
  }
  return out;
}
