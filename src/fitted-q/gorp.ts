import { argumentError } from '../errors.js';
import { sqirl } from '../generated/fitted-q.js';
import { OneAtATime } from '../one-at-a-time.js';
import { checkOptions, checkRules, rules, withDefaults } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import { Tensor } from '../tensor.js';
import { Pauses } from './batches.js';
import { RandomStream } from './random-stream.js';
import {
  type BatchSimulator,
  checkSimulator,
  type Episodes,
  playEpisodes,
  returnsToGo,
} from './simulator.js';

export interface GorpOptions {
  /** Steps of an episode, all of which are planned. */
  horizon: number;
  /** k: actions tried together before random play goes on. Default 1. */
  depth?: number;
  /** m: episodes of each of the A^k action sequences. Default 1. */
  episodesPerSequence?: number;
  /** Discount γ in [0, 1]. Default 1. */
  discount?: number;
  /** Most action sequences A^k of a timestep. Default 65 536. */
  maxSequences?: number;
  /** Of random play. Default 0. */
  seed?: number;
}

export interface GorpReport {
  /** The actions planned, from the first timestep on. */
  actions: number[];
  /** For each of them the mean return from there on of the sequence it begins. */
  returns: number[];
  /** Steps taken in the simulator. */
  steps: number;
}

/** What `resume` needs, for structured clone. */
export interface GorpCheckpoint extends GorpReport {
  random: number;
}

const defaults = {
  depth: 1,
  episodesPerSequence: 1,
  discount: 1,
  maxSequences: 65_536,
  seed: 0,
};

const optionRules = {
  horizon: rules.count,
  depth: rules.count,
  episodesPerSequence: rules.count,
  discount: rules.share,
  maxSequences: rules.count,
  seed: rules.countOrNone,
};

/**
 * Greedy over random policy, for deterministic environments: at each timestep every sequence of k
 * actions is tried after the actions found so far, random play goes on from there, and the first
 * action of the best sequence is kept. With k = horizon it is an exhaustive search.
 *
 * ```ts
 * const planner = new Gorp({ horizon: 10, depth: 2, episodesPerSequence: 50 });
 * const { actions } = await planner.train(simulator, { signal });
 * ```
 *
 * Source: Laidlaw, Russell & Dragan, Bridging RL Theory and Practice with the Effective Horizon,
 * arXiv 2304.09853.
 */
export class Gorp {
  readonly options: Readonly<Required<GorpOptions>>;
  readonly #random: RandomStream;
  readonly #training = new OneAtATime('Gorp');
  readonly #planning = new OneAtATime('Gorp');
  #plan: GorpReport = { actions: [], returns: [], steps: 0 };

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an option that is unknown or out of range */
  constructor(options: GorpOptions) {
    checkOptions('Gorp', options, ['horizon', ...Object.keys(defaults)]);
    this.options = withDefaults({ horizon: options.horizon, ...defaults }, options);
    checkRules('Gorp', this.options, optionRules);
    this.#random = new RandomStream(this.options.seed);
  }

  /** Timesteps planned so far. */
  get planned(): number {
    return this.#plan.actions.length;
  }

  /**
   * Plans the timesteps that are not planned yet, until the episode ends.
   * @throws BelfryError BELFRY_INVALID_ARGUMENT when A^k is more than `maxSequences`,
   * BELFRY_BAD_VALUE when episodes begin in different states or the same actions lead to different
   * ones; the signal's reason when stopped. The timesteps planned so far stay.
   * BELFRY_BUFFER_IN_USE while another `train` goes on
   */
  train(simulator: BatchSimulator, run: AsyncOptions = {}): Promise<GorpReport> {
    return this.#training.run('train', () => this.#train(simulator, run));
  }

  async #train(simulator: BatchSimulator, run: AsyncOptions): Promise<GorpReport> {
    const { horizon } = this.options;
    checkSimulator('Gorp', simulator);
    const sequences = this.#numSequences(simulator.numActions);
    const pauses = new Pauses(run);
    while (this.planned < horizon) {
      const at = this.#random.state;
      try {
        const plan = (): Promise<boolean> => this.#planNext(simulator, sequences, pauses);
        const goesOn = await this.#planning.run('a timestep of train', plan);
        if (!goesOn) break;
      } catch (error) {
        this.#random.state = at;
        throw error;
      }
      pauses.report(this.planned, horizon, this.#plan.returns.at(-1) as number);
    }
    return structuredClone(this.#plan);
  }

  #numSequences(numActions: number): number {
    const { depth, maxSequences } = this.options;
    const count = numActions ** depth;
    if (count <= maxSequences) return count;
    const received = `is ${depth}, which makes ${numActions}^${depth} = ${count} action sequences`;
    throw invalid('depth', received, `at most maxSequences = ${maxSequences} of them`);
  }

  /** False when the episode has ended before. */
  async #planNext(simulator: BatchSimulator, sequences: number, pauses: Pauses): Promise<boolean> {
    const { episodesPerSequence, horizon } = this.options;
    const { numActions } = simulator;
    const returns = new Float64Array(sequences * episodesPerSequence);
    let steps = 0;
    let fork: Float32Array | undefined;
    for (let begin = 0; begin < returns.length; begin += simulator.count) {
      const count = Math.min(simulator.count, returns.length - begin);
      const act = (t: number): Int32Array => this.#actions(numActions, begin, simulator.count, t);
      const played = playEpisodes('Gorp', simulator, count, horizon, act);
      steps += played.steps;
      fork = this.#sameFork(played, simulator.observationSize, fork);
      if (fork === undefined) return false;
      const [first] = returnsToGo(played, this.options.discount, this.planned);
      returns.set(first as Float64Array, begin);
      await pauses.pause(this.planned, horizon, Number.NaN);
    }
    const { meanReturn, bestSequence, firstAction } = sqirl({
      op: 'gorp',
      returns: new Tensor(returns, [sequences, episodesPerSequence]),
      k: this.options.depth,
      numActions,
    });
    this.#plan.actions.push(firstAction);
    this.#plan.returns.push(meanReturn.data[bestSequence] as number);
    this.#plan.steps += steps;
    return true;
  }

  /** Of episodes [begin, begin + count), those of a sequence side by side. */
  #actions(numActions: number, begin: number, count: number, timestep: number): Int32Array {
    const { depth, episodesPerSequence } = this.options;
    const known = this.#plan.actions[timestep];
    if (known !== undefined) return new Int32Array(count).fill(known);
    const digit = timestep - this.planned;
    if (digit >= depth)
      return Int32Array.from({ length: count }, () => this.#random.integer(numActions));
    const place = numActions ** (depth - 1 - digit);
    return Int32Array.from({ length: count }, (_, i) => {
      const sequence = Math.floor((begin + i) / episodesPerSequence);
      return Math.floor(sequence / place) % numActions;
    });
  }

  /** The state after the actions found so far, which all episodes share; undefined after an end. */
  #sameFork(
    played: Episodes,
    width: number,
    fork: Float32Array | undefined,
  ): Float32Array | undefined {
    const at = this.planned;
    const { lengths, count, states } = played;
    const ended = lengths.filter((length) => length < at + 1).length;
    if (ended === count) return undefined;
    const here = (states[at] as Float32Array).subarray(0, count * width);
    const first = fork ?? here.slice(0, width);
    if (ended === 0 && here.every((value, i) => Object.is(value, first[i % width]))) return first;
    const what =
      at === 0
        ? 'begins its episodes in different states'
        : `came to different states by the same ${at} actions`;
    const hint = 'Sqirl plans in stochastic environments.';
    throw argumentError('BELFRY_BAD_VALUE', 'Gorp', 'simulator', what, 'a deterministic one', hint);
  }

  /** Action at a timestep; timesteps that are not planned take action 0. */
  act(timestep: number): number {
    return this.#plan.actions[timestep] ?? 0;
  }

  /** @throws BelfryError BELFRY_BUFFER_IN_USE within a timestep of `train` */
  checkpoint(): GorpCheckpoint {
    this.#planning.check('checkpoint');
    return { ...structuredClone(this.#plan), random: this.#random.state };
  }

  /** The next `train` goes on from there, to the same plan. */
  resume(checkpoint: GorpCheckpoint): void {
    this.#training.check('resume');
    const { random, actions, returns, steps } = structuredClone(checkpoint);
    if (
      !Array.isArray(actions) ||
      actions.length !== returns?.length ||
      !Number.isInteger(random)
    ) {
      throw invalid('checkpoint', 'is not whole', 'what checkpoint() gave');
    }
    this.#plan = { actions, returns, steps };
    this.#random.state = random;
  }
}

function invalid(name: string, received: string, expected: string) {
  return argumentError('BELFRY_INVALID_ARGUMENT', 'Gorp', name, received, expected);
}
