import { argumentError } from '../errors.js';
import { fqiTarget, sqirl } from '../generated/fitted-q.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import { Tensor } from '../tensor.js';
import type { QRegressor } from './regressor.js';
import { type TransitionChunk, TransitionDataset } from './transitions.js';

/** An environment that can only be played, from its start. */
export interface EpisodeSimulator {
  /** Numbers of a state. */
  stateSize: number;
  numActions: number;
  /** Begins an episode; [stateSize] its first state. */
  reset(): ArrayLike<number>;
  step(action: number): { state: ArrayLike<number>; reward: number; terminated: boolean };
}

export interface SqirlOptions {
  /** Steps of an episode, all of which are planned. */
  horizon: number;
  /** k: the first regression evaluates random play, the k − 1 others back it up. Default 1. */
  depth?: number;
  /** Episodes played to plan one timestep. Default 100. */
  episodesPerTimestep?: number;
  /** Discount γ in [0, 1]. Default 1. */
  discount?: number;
  /** Makes the regressor of one regression. */
  regressor: () => QRegressor;
  /** Uniform numbers in [0, 1) of random play. Default Math.random. */
  random?: () => number;
}

export interface SqirlReport {
  /** Mean return of the episodes played for each timestep: random from that timestep on. */
  returns: number[];
  /** Steps taken in the simulator. */
  steps: number;
}

/**
 * Shallow Q-iteration via reinforcement learning: for each timestep in turn, episodes that follow
 * the policies found so far and then play at random, and a few regressions over them. Regressions
 * are made one after the other, each from scratch.
 *
 * ```ts
 * const planner = new Sqirl({ horizon: 10, depth: 2, regressor: () => new TreeRegressor() });
 * await planner.train(simulator, { signal });
 * const action = planner.act(0, state);
 * ```
 *
 * Source: Laidlaw, Zhu, Russell & Dragan, arXiv 2312.08369, algorithm 1.
 */
export class Sqirl {
  readonly options: Readonly<Required<SqirlOptions>>;
  readonly #policies: QRegressor[] = [];

  constructor(options: SqirlOptions) {
    const known = ['horizon', 'depth', 'episodesPerTimestep', 'discount', 'regressor', 'random'];
    checkOptions('Sqirl', options, known);
    this.options = {
      depth: 1,
      episodesPerTimestep: 100,
      discount: 1,
      random: Math.random,
      ...options,
    };
    for (const name of ['horizon', 'depth', 'episodesPerTimestep'] as const) {
      const value = this.options[name];
      if (Number.isSafeInteger(value) && value > 0) continue;
      const expected = 'an integer of at least 1';
      throw argumentError('BELFRY_INVALID_ARGUMENT', 'Sqirl', name, `is ${value}`, expected);
    }
  }

  /** Timesteps planned so far. */
  get planned(): number {
    return this.#policies.length;
  }

  /**
   * Plans every timestep, anew.
   * @throws the signal's reason when stopped; the timesteps planned so far stay
   */
  async train(simulator: EpisodeSimulator, run: AsyncOptions = {}): Promise<SqirlReport> {
    const { horizon } = this.options;
    const started = performance.now();
    this.#policies.length = 0;
    const report: SqirlReport = { returns: [], steps: 0 };
    for (let timestep = 0; timestep < horizon; timestep++) {
      run.signal?.throwIfAborted();
      const played = this.#play(simulator, timestep);
      report.returns.push(played.meanReturn);
      report.steps += played.steps;
      // No episode came this far: nothing to plan, any action will do.
      const last = played.data.length === 0 ? undefined : await this.#regress(played, run);
      if (last === undefined) break;
      this.#policies.push(last);
      run.onProgress?.({
        iteration: timestep + 1,
        total: horizon,
        residual: played.meanReturn,
        elapsedMs: performance.now() - started,
      });
    }
    return report;
  }

  /** Action at a timestep; timesteps that were never reached take action 0. */
  act(timestep: number, state: ArrayLike<number>): number {
    const policy = this.#policies[timestep];
    if (policy === undefined) return 0;
    const { data } = policy.predict(new Tensor(Float32Array.from(state), [1, state.length]));
    return data.reduce((best, q, a) => (q > (data[best] as number) ? a : best), 0);
  }

  #play(simulator: EpisodeSimulator, timestep: number): Rollouts {
    const { episodesPerTimestep, horizon, discount } = this.options;
    const { stateSize, numActions } = simulator;
    const capacity = episodesPerTimestep * (horizon - timestep);
    const data = new TransitionDataset({ stateSize, numActions, capacity });
    const returnToGo = new Float32Array(capacity);
    const rollouts: Rollouts = { data, returnToGo, meanReturn: 0, steps: 0 };
    for (let i = 0; i < episodesPerTimestep; i++) {
      const { chunk, rewards } = this.#episode(simulator, timestep);
      const kept = sqirl({ op: 'returns', rewards, gamma: discount, currentTimestep: timestep });
      returnToGo.set(kept.returnToGo.data, data.length);
      data.append(chunk);
      rollouts.steps += rewards.length;
      rollouts.meanReturn += rewards.reduce((sum, r) => sum + r, 0) / episodesPerTimestep;
    }
    return rollouts;
  }

  /** Rewards of all steps, and the transitions from `timestep` on. */
  #episode(
    simulator: EpisodeSimulator,
    timestep: number,
  ): { chunk: TransitionChunk; rewards: Float32Array } {
    const { horizon, random } = this.options;
    const chunk = {
      states: [] as number[],
      actions: [] as number[],
      rewards: [] as number[],
      nextStates: [] as number[],
      terminated: [] as number[],
    };
    const rewards: number[] = [];
    let state: ArrayLike<number> = Array.from(simulator.reset());
    for (let t = 0; t < horizon; t++) {
      const action =
        t < timestep ? this.act(t, state) : Math.floor(random() * simulator.numActions);
      const { state: next, reward, terminated } = simulator.step(action);
      rewards.push(reward);
      if (t >= timestep) {
        chunk.states.push(...Array.from(state));
        chunk.actions.push(action);
        chunk.rewards.push(reward);
        chunk.nextStates.push(...Array.from(next));
        // Nothing follows the last step.
        chunk.terminated.push(terminated || t + 1 === horizon ? 1 : 0);
      }
      if (terminated) break;
      state = Array.from(next);
    }
    return { chunk, rewards: Float32Array.from(rewards) };
  }

  async #regress({ data, returnToGo }: Rollouts, run: AsyncOptions): Promise<QRegressor> {
    const { depth, discount, regressor } = this.options;
    const own = run.signal === undefined ? {} : { signal: run.signal };
    let last = regressor();
    await last.fit(data, returnToGo.subarray(0, data.length), own);
    for (let k = 1; k < depth; k++) {
      const { target } = fqiTarget<Float32Array>({
        nextQValues: last.predict(data.nextStates),
        rewards: data.rewards,
        terminated: data.terminated,
        gamma: discount,
      });
      last = regressor();
      await last.fit(data, target.data, own);
    }
    return last;
  }
}

interface Rollouts {
  data: TransitionDataset;
  /** As long as the data set's capacity. */
  returnToGo: Float32Array;
  meanReturn: number;
  steps: number;
}
