import { Engine, type EngineOptions } from '../engine.js';
import { argumentError, didYouMean, show } from '../errors.js';
import { NoiseSource } from '../flow/index.js';
import { allocated } from '../memory.js';
import { checkOptions } from '../options.js';
import type { ControlPolicy, PolicyContext } from './control-policy.js';
import { type Rollout, recordRollout } from './control-rollout.js';
import {
  type ActionsOf,
  type ControlSpec,
  type ControlTaskName,
  controlSpecs,
} from './control-specs.js';
import { ControlState } from './control-state.js';
import { OfflineDataset } from './dataset.js';

export interface ControlTaskOptions {
  /** Tasks that run side by side. Default 1. */
  count?: number;
  /** Seed of the first states, an integer of at least 0. Default 0. */
  seed?: number;
  /**
   * Begin a new episode in the step that ends one (Gymnasium's `AutoresetMode.SAME_STEP`): the
   * observations are then those of the new episode, `finalObservations` those the step led to.
   * Default false: rows that ended stand still, with reward 0 and the flags they ended with, until
   * `reset()`.
   */
  autoReset?: boolean;
  /**
   * Continuous actions are clipped to [−1, 1], 1 being the task's limit. Default true; false: they
   * are in the task's units (torque, force, velocity).
   */
  scaleActions?: boolean;
  /** Steps until an episode is cut. Default: that of the task. */
  maxSteps?: number;
  /** Where steps are computed. Default 'cpu'. */
  device?: EngineOptions['device'];
}

/** What a step gives; the arrays are the task's own and are written again by the next step. */
export interface ControlStepResult {
  /** [count, observationSize] what is seen now. */
  observations: Float32Array;
  /** [count] */
  rewards: Float64Array;
  /** [count] 1 = the task ended. */
  terminated: Uint8Array;
  /** [count] 1 = the time limit was reached; an episode may end both ways at once. */
  truncated: Uint8Array;
  /** [count, observationSize] what the step led to; differs from `observations` after a reset. */
  finalObservations: Float32Array;
}

export interface RolloutOptions {
  /** Steps of every row. */
  steps: number;
  /** Seed of the policy's random numbers. Default 0. */
  seed?: number;
}

export interface EvaluateOptions {
  /** Episodes to run. Default: one a row. */
  episodes?: number;
  /** Seed of the starts and of the policy's random numbers. Default 0. */
  seed?: number;
}

/** One entry an episode. */
export interface Evaluation {
  /** Sum of the rewards. */
  returns: Float64Array;
  /** Steps. */
  lengths: Int32Array;
  /** 1 = the task ended, 0 = cut by the time limit. */
  terminated: Uint8Array;
  meanReturn: number;
}

export interface CollectOptions {
  /** Transitions to collect. */
  transitions: number;
  /** Seed of the starts and of the policy's random numbers. Default 0. */
  seed?: number;
}

const optionNames = ['count', 'seed', 'autoReset', 'scaleActions', 'maxSteps', 'device'];

/**
 * A batch of control tasks with the published equations, stepped by one native call
 * (`controlStep`). The state, the equations and the constants are float64, observations float32, as
 * in Gymnasium, which rounds the state of MountainCarContinuous and the first one of Acrobot to
 * float32 as well. A step allocates nothing but where episodes begin.
 *
 * Episode e of row i starts at the same state for a seed, whatever `count` is.
 *
 * ```ts
 * const task = new ControlTask('pendulum', { count: 64, seed: 1 });
 * task.reset();
 * const { observations, rewards } = task.step(new Float32Array(64)); // no torque
 * const data = task.collect(behaviourPolicy('pendulum', 'medium'), { transitions: 10_000 });
 * ```
 */
export class ControlTask<N extends ControlTaskName = ControlTaskName> {
  readonly name: N;
  readonly count: number;
  readonly observationSize: number;
  readonly stateSize: number;
  /** Numbers of an action; 0: actions are indices. */
  readonly actionSize: number;
  /** Actions there are; 0: actions are vectors. */
  readonly numActions: number;
  readonly maxSteps: number;
  readonly #state: ControlState;
  readonly #options: ControlTaskOptions;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown task or option, or a bad number */
  constructor(name: N, options: ControlTaskOptions = {}) {
    const spec: ControlSpec | undefined = Object.hasOwn(controlSpecs, name)
      ? controlSpecs[name]
      : undefined;
    if (spec === undefined) {
      const known = Object.keys(controlSpecs);
      const hint = didYouMean(String(name), known);
      const found = `is ${show(name)}`;
      const expected = `one of ${known.join(', ')}`;
      throw argumentError('BELFRY_INVALID_ARGUMENT', 'ControlTask', 'name', found, expected, hint);
    }
    checkOptions('ControlTask', options, optionNames);
    const { count = 1, seed = 0, maxSteps = spec.maxSteps, scaleActions = true } = options;
    checkInteger('ControlTask', 'count', count, 1);
    checkInteger('ControlTask', 'seed', seed, 0);
    checkInteger('ControlTask', 'maxSteps', maxSteps, 1);
    this.name = name;
    this.count = count;
    this.observationSize = spec.observationSize;
    this.stateSize = spec.stateSize;
    this.actionSize = spec.actionSize;
    this.numActions = spec.numActions;
    this.maxSteps = maxSteps;
    this.#options = options;
    const { device = 'cpu' } = options;
    const engine = device === 'cpu' ? undefined : new Engine({ device });
    const own = { ...spec, maxSteps };
    const make = (): ControlState => new ControlState(name, own, count, seed, scaleActions, engine);
    this.#state = allocated('ControlTask', 'count', count, make);
  }

  /** [count, stateSize] the states, as `controlStep` has them. Writing here moves the tasks. */
  get states(): Float64Array {
    return this.#state.states;
  }

  /** [count, observationSize] what is seen now. */
  get observations(): Float32Array {
    return this.#state.result.observations;
  }

  /** An array for the actions of a step: Float32Array [count, actionSize] or Int32Array [count]. */
  emptyActions(): ActionsOf<N> {
    const empty = this.actionSize > 0 ? Float32Array : Int32Array;
    return new empty(this.count * Math.max(1, this.actionSize)) as ActionsOf<N>;
  }

  /**
   * Begins an episode in every row and returns the observations [count, observationSize]. With a
   * seed the starts are those of a new task of that seed; without, the next ones.
   */
  reset(seed?: number): Float32Array {
    if (seed !== undefined) checkInteger('ControlTask.reset', 'seed', seed, 0);
    return this.#state.reset(seed);
  }

  /**
   * One step of every row. The first step resets what was never reset.
   * @param actions [count, actionSize] or [count] indices
   * @throws BelfryError BELFRY_BAD_SHAPE for another length, BELFRY_BAD_VALUE for an index that is
   *     none; nothing has changed then
   */
  step(actions: ArrayLike<number>): ControlStepResult {
    return this.#state.step(actions, this.#options.autoReset ?? false);
  }

  /**
   * Runs a policy for some steps from where the rows are, with a new episode wherever one ends.
   * @throws BelfryError BELFRY_INVALID_ARGUMENT, and what `step` throws
   */
  rollout(policy: ControlPolicy, options: RolloutOptions): Rollout<ActionsOf<N>> {
    checkOptions('ControlTask.rollout', options, ['steps', 'seed']);
    const { steps, seed = 0 } = options;
    checkInteger('ControlTask.rollout', 'steps', steps, 1);
    checkInteger('ControlTask.rollout', 'seed', seed, 0);
    const state = this.#state;
    return recordRollout(this, policy, steps, this.#context(seed), state.actions, (actions) =>
      state.step(actions, true),
    );
  }

  /**
   * Whole episodes under a policy: episode j is number ⌊j/count⌋ of row j mod count, so that short
   * episodes are not preferred. The tasks stand reset afterwards.
   * @throws BelfryError BELFRY_INVALID_ARGUMENT, and what `step` throws
   */
  evaluate(policy: ControlPolicy, options: EvaluateOptions = {}): Evaluation {
    checkOptions('ControlTask.evaluate', options, ['episodes', 'seed']);
    const { episodes = this.count, seed = 0 } = options;
    checkInteger('ControlTask.evaluate', 'episodes', episodes, 1);
    this.reset(seed);
    const returns = new Float64Array(episodes);
    const lengths = new Int32Array(episodes);
    const terminated = new Uint8Array(episodes);
    const context = this.#context(seed);
    const actions = this.emptyActions();
    const current = Int32Array.from({ length: this.count }, (_, row) => row);
    for (let left = episodes; left > 0; ) {
      const chosen = policy(this.observations, actions, context) ?? actions;
      const step = this.#state.step(chosen, true);
      for (let row = 0; row < this.count; row++) {
        const episode = current[row]!;
        if (episode >= episodes) continue;
        returns[episode]! += step.rewards[row]!;
        lengths[episode]! += 1;
        if (!step.terminated[row] && !step.truncated[row]) continue;
        terminated[episode] = step.terminated[row]!;
        current[row] = episode + this.count;
        left -= 1;
      }
    }
    this.reset(seed);
    return { returns, lengths, terminated, meanReturn: returns.reduce((a, b) => a + b) / episodes };
  }

  /**
   * A data set of a policy's transitions from a reset of all rows, row by row and in order; what the
   * end of collecting cuts is marked truncated.
   * @throws BelfryError BELFRY_INVALID_ARGUMENT, and what `step` throws
   */
  collect(policy: ControlPolicy, options: CollectOptions): OfflineDataset<ActionsOf<N>> {
    checkOptions('ControlTask.collect', options, ['transitions', 'seed']);
    const { transitions, seed = 0 } = options;
    checkInteger('ControlTask.collect', 'transitions', transitions, 1);
    this.reset(seed);
    const rollout = this.rollout(policy, { steps: Math.ceil(transitions / this.count), seed });
    const scaled = this.#options.scaleActions ?? true;
    return OfflineDataset.fromRollout(rollout, {
      length: transitions,
      ...(this.numActions > 0 ? { numActions: this.numActions } : {}),
      actionLimit: scaled ? 1 : Number.POSITIVE_INFINITY,
    });
  }

  #context(seed: number): PolicyContext {
    this.#state.start();
    return { task: this, steps: this.#state.steps, noise: new NoiseSource(seed) };
  }
}

function checkInteger(op: string, argument: string, value: unknown, least: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return;
  const expected = `an integer of at least ${least}`;
  throw argumentError('BELFRY_INVALID_ARGUMENT', op, argument, `is ${show(value)}`, expected);
}
