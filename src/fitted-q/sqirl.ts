import { wholeRows } from '../dataset-checks.js';
import { argumentError } from '../errors.js';
import { OneAtATime } from '../one-at-a-time.js';
import { checkOptions, checkRules, rules, withDefaults } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import { Tensor } from '../tensor.js';
import { Pauses } from './batches.js';
import { RandomStream } from './random-stream.js';
import type { QRegressor } from './regressor.js';
import {
  type Act,
  type BatchSimulator,
  checkSimulator,
  type Episodes,
  playEpisodes,
} from './simulator.js';
import {
  JointLearner,
  SequentialLearner,
  type Sizes,
  type SqirlLearner,
  type SqirlNetworkOptions,
  type SqirlPolicy,
} from './sqirl-learner.js';
import { rolloutsOf } from './sqirl-replay.js';

interface SqirlSettings {
  /** Steps of an episode, all of which are planned. */
  horizon: number;
  /** k: the first regression evaluates random play, the k − 1 others back it up. Default 1. */
  depth?: number;
  /** Episodes played to plan one timestep. Default 100. */
  episodesPerTimestep?: number;
  /** Discount γ in [0, 1]. Default 1. */
  discount?: number;
  /** Of random play and of training. Default 0. */
  seed?: number;
}

export type SqirlOptions = SqirlSettings &
  (
    | {
        /** Default false: all depths are heads of one network, trained at once. */
        sequential?: false;
        network?: SqirlNetworkOptions;
      }
    | {
        /** Regressions one after the other, each from scratch, over the newest episodes. */
        sequential: true;
        /** Makes the regressor of one regression. */
        regressor: () => QRegressor;
      }
  );

export interface SqirlReport {
  /** Mean return of the episodes played for each timestep: random from that timestep on. */
  returns: number[];
  /** Steps taken in the simulator. */
  steps: number;
}

const optionRules = {
  horizon: rules.count,
  depth: rules.count,
  episodesPerTimestep: rules.count,
  discount: rules.share,
  seed: rules.countOrNone,
};

/** What `resume` needs, for structured clone. */
export interface SqirlCheckpoint extends SqirlReport {
  sizes: Sizes | undefined;
  policies: unknown[];
  learner: unknown;
  random: number;
}

/**
 * Shallow Q-iteration via reinforcement learning: for each timestep in turn, episodes that follow
 * the policies found so far and then play at random, and a few steps of fitted-Q iteration over
 * them. All depths are trained at once, as the authors' code does, or one after the other
 * (`sequential`), as their abstract says.
 *
 * ```ts
 * const planner = new Sqirl({ horizon: 10, depth: 2, network: { hidden: [64, 64] } });
 * await planner.train(simulator, { signal });
 * const actions = planner.act(0, states);
 * ```
 *
 * Source: Laidlaw, Zhu, Russell & Dragan, arXiv 2312.08369.
 */
export class Sqirl {
  readonly options: Readonly<Required<SqirlSettings> & { sequential: boolean }>;
  readonly #random: RandomStream;
  readonly #learner: SqirlLearner;
  readonly #training = new OneAtATime('Sqirl');
  readonly #planning = new OneAtATime('Sqirl');
  #policies: SqirlPolicy[] = [];
  #report: SqirlReport = { returns: [], steps: 0 };
  #sizes: Sizes | undefined;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an option that is unknown or out of range */
  constructor(options: SqirlOptions) {
    const settings = ['horizon', 'depth', 'episodesPerTimestep', 'discount', 'seed', 'sequential'];
    const { sequential = false, ...own } = options as { sequential?: boolean } & SqirlOptions;
    checkOptions('Sqirl', options, [...settings, sequential ? 'regressor' : 'network']);
    const { network, regressor, ...rest } = own as SqirlSettings & {
      network?: SqirlNetworkOptions;
      regressor?: () => QRegressor;
    };
    const defaults = { depth: 1, episodesPerTimestep: 100, discount: 1, seed: 0 };
    const all = withDefaults({ horizon: rest.horizon, ...defaults }, rest);
    this.options = { ...all, sequential };
    checkRules('Sqirl', all, optionRules);
    const { depth, discount, seed } = this.options;
    this.#random = new RandomStream(seed);
    if (!sequential) {
      this.#learner = new JointLearner(depth, discount, this.#random, network ?? {});
    } else if (regressor !== undefined) {
      this.#learner = new SequentialLearner(depth, discount, regressor);
    } else {
      throw invalid('BELFRY_MISSING_OPERAND', 'regressor', 'is missing', 'with sequential: true');
    }
  }

  /** Timesteps planned so far. */
  get planned(): number {
    return this.#policies.length;
  }

  /**
   * Plans the timesteps that are not planned yet; ends early when no episode comes that far.
   * @throws BelfryError BELFRY_BAD_VALUE when the training diverges; the signal's reason when
   * stopped. The timesteps planned so far stay. BELFRY_BUFFER_IN_USE while another `train` goes on
   */
  train(simulator: BatchSimulator, run: AsyncOptions = {}): Promise<SqirlReport> {
    return this.#training.run('train', () => this.#train(simulator, run));
  }

  async #train(simulator: BatchSimulator, run: AsyncOptions): Promise<SqirlReport> {
    const { horizon } = this.options;
    const pauses = new Pauses(run);
    checkSimulator('Sqirl', simulator);
    const { observationSize: stateSize, numActions } = simulator;
    this.#checkSizes({ stateSize, numActions });
    while (this.planned < horizon) {
      run.signal?.throwIfAborted();
      const at = this.#random.state;
      try {
        const plan = (): Promise<boolean> => this.#planNext(simulator, run);
        const goesOn = await this.#planning.run('a timestep of train', plan);
        if (!goesOn) break;
      } catch (error) {
        this.#random.state = at;
        throw error;
      }
      pauses.report(this.planned, horizon, this.#report.returns.at(-1) as number);
    }
    return structuredClone(this.#report);
  }

  #checkSizes(sizes: Sizes): void {
    this.#sizes ??= sizes;
    const known = this.#sizes;
    for (const name of ['stateSize', 'numActions'] as const) {
      if (sizes[name] === known[name]) continue;
      const argument = `${name} of the simulator`;
      throw invalid('BELFRY_BAD_SHAPE', argument, `is ${sizes[name]}`, `${known[name]}, as before`);
    }
  }

  /** False when no episode came to the timestep: nothing to plan, any action will do. */
  async #planNext(simulator: BatchSimulator, run: AsyncOptions): Promise<boolean> {
    const timestep = this.planned;
    const rounds = this.#play(simulator);
    const steps = rounds.reduce((sum, played) => sum + played.steps, 0);
    const { discount } = this.options;
    const rollouts = rolloutsOf(rounds, this.#sizes as Sizes, timestep, discount);
    const goesOn = rollouts.data.length > 0;
    if (goesOn) {
      const own = run.signal === undefined ? {} : { signal: run.signal };
      this.#policies.push(await this.#learner.learn(timestep, rollouts, steps, own));
    }
    this.#report.returns.push(meanReturn(rounds));
    this.#report.steps += steps;
    return goesOn;
  }

  /** As many episodes at once as the simulator has environments. */
  #play(simulator: BatchSimulator): Episodes[] {
    const { episodesPerTimestep, horizon } = this.options;
    const act: Act = (t, states) => this.#actIn(t, states);
    const rounds: Episodes[] = [];
    for (let left = episodesPerTimestep; left > 0; left -= simulator.count) {
      const count = Math.min(left, simulator.count);
      rounds.push(playEpisodes('Sqirl', simulator, count, horizon, act));
    }
    return rounds;
  }

  /** The policies as far as they go, then random play. */
  #actIn(timestep: number, states: Tensor<Float32Array>): Int32Array {
    const policy = this.#policies[timestep];
    if (policy !== undefined) return policy.act(states);
    const { numActions } = this.#sizes as Sizes;
    return Int32Array.from({ length: states.shape[0] as number }, () =>
      this.#random.integer(numActions),
    );
  }

  /**
   * [M] actions at a timestep, of states [M, stateSize] one after the other; timesteps that were
   * never reached take action 0.
   */
  act(timestep: number, states: ArrayLike<number>): Int32Array {
    const { stateSize } = this.#sizes ?? { stateSize: states.length };
    const count = stateSize === 0 ? 0 : wholeRows('Sqirl.act', 'states', states, stateSize);
    const policy = this.#policies[timestep];
    if (policy === undefined) return new Int32Array(count);
    return policy.act(new Tensor(Float32Array.from(states), [count, stateSize]));
  }

  /** @throws BelfryError BELFRY_BUFFER_IN_USE within a timestep of `train` */
  checkpoint(): SqirlCheckpoint {
    this.#planning.check('checkpoint');
    return {
      ...structuredClone(this.#report),
      sizes: this.#sizes,
      policies: this.#policies.map((policy) => policy.save()),
      learner: this.#learner.save(),
      random: this.#random.state,
    };
  }

  /** The next `train` goes on from there; to the same bits where the simulator does. */
  resume(checkpoint: SqirlCheckpoint): void {
    this.#training.check('resume');
    const { sizes, policies, learner, random, returns, steps } = checkpoint;
    if (sizes !== undefined) {
      this.#learner.restore(learner, sizes);
      for (const policy of this.#policies) policy.dispose();
      this.#policies = policies.map((policy) => this.#learner.load(policy, sizes));
    }
    this.#report = { returns: [...returns], steps };
    this.#sizes = sizes;
    this.#random.state = random;
  }

  /**
   * Gives back the memory of a GPU, and forgets the plan. Without a call the garbage collector does
   * it eventually. On the CPU there is nothing to give back.
   */
  dispose(): void {
    for (const policy of this.#policies) policy.dispose();
    this.#policies = [];
    this.#report = { returns: [], steps: 0 };
    this.#learner.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function meanReturn(rounds: readonly Episodes[]): number {
  const sum = (values: Float32Array): number => values.reduce((all, value) => all + value, 0);
  let [total, count] = [0, 0];
  for (const played of rounds) {
    count += played.count;
    for (const rewards of played.rewards) total += sum(rewards);
  }
  return total / count;
}

function invalid(
  code: 'BELFRY_INVALID_ARGUMENT' | 'BELFRY_MISSING_OPERAND' | 'BELFRY_BAD_SHAPE',
  argument: string,
  received: string,
  expected: string,
) {
  return argumentError(code, 'Sqirl', argument, received, expected);
}
