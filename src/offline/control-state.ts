import type { Engine } from '../engine.js';
import { argumentError } from '../errors.js';
import { controlReset, controlStep } from '../generated/offline.js';
import { Tensor } from '../tensor.js';
import type { ControlSpec, ControlTaskName } from './control-specs.js';
import type { ControlStepResult } from './control-task.js';

/** Starts are numbered episode · 2³² + row, so that they do not depend on the number of rows. */
const rowsPerEpisode = 2 ** 32;

/** The arrays behind a batch of tasks: states, what was seen of them, and how far episodes are. */
export class ControlState {
  /** [count, stateSize] */
  readonly states: Float64Array;
  /** [count] steps of the row's episode. */
  readonly steps: Int32Array;
  /** [count, actionSize] or [count] the actions of the last step, as they were taken. */
  readonly actions: Float64Array | Int32Array;
  /** What the last step gave, written again by the next. */
  readonly result: ControlStepResult;
  readonly #name: ControlTaskName;
  readonly #spec: ControlSpec;
  readonly #count: number;
  readonly #next: Float64Array;
  readonly #observations: Float64Array;
  readonly #rewards: Float64Array;
  readonly #terminated: Uint8Array;
  /** [count] number of the row's episode. */
  readonly #episodes: Float64Array;
  readonly #clips: boolean;
  readonly #call: Parameters<typeof controlStep>[0];
  /** [count] 1 = the row's episode is over. */
  readonly #ended: Uint8Array;
  #numEnded = 0;
  #seed: number;
  #isStarted = false;

  constructor(
    name: ControlTaskName,
    spec: ControlSpec,
    count: number,
    seed: number,
    scaleActions: boolean,
    engine: Engine | undefined,
  ) {
    this.#name = name;
    this.#spec = spec;
    this.#count = count;
    this.#seed = seed;
    this.states = new Float64Array(count * spec.stateSize);
    this.steps = new Int32Array(count);
    this.#next = new Float64Array(count * spec.stateSize);
    this.#observations = new Float64Array(count * spec.observationSize);
    this.#rewards = new Float64Array(count);
    this.#terminated = new Uint8Array(count);
    this.#episodes = new Float64Array(count);
    this.#ended = new Uint8Array(count);
    const isDiscrete = spec.actionSize === 0;
    this.#clips = scaleActions && !isDiscrete;
    this.actions = isDiscrete ? new Int32Array(count) : new Float64Array(count * spec.actionSize);
    this.result = {
      observations: new Float32Array(count * spec.observationSize),
      rewards: new Float64Array(count),
      terminated: new Uint8Array(count),
      truncated: new Uint8Array(count),
      finalObservations: new Float32Array(count * spec.observationSize),
    };
    this.#call = this.#stepCall(scaleActions, engine);
  }

  /** The arguments of every step: the same object, so that the call is known again. */
  #stepCall(scaleActions: boolean, engine: Engine | undefined): Parameters<typeof controlStep>[0] {
    const { stateSize, observationSize, actionSize, actionLimit } = this.#spec;
    const rows = (data: Float64Array, width: number): Tensor<Float64Array> =>
      new Tensor(data, [this.#count, width]);
    const isDiscrete = actionSize === 0;
    return {
      task: this.#name,
      states: rows(this.states, stateSize),
      actions: isDiscrete ? this.actions : rows(this.actions as Float64Array, actionSize),
      ...(isDiscrete ? {} : { actionScale: scaleActions ? actionLimit : 1 }),
      ...(engine === undefined ? {} : { engine }),
      out: {
        nextStates: rows(this.#next, stateSize),
        observations: rows(this.#observations, observationSize),
        rewards: this.#rewards,
        terminated: this.#terminated,
      },
    } as unknown as Parameters<typeof controlStep>[0];
  }

  /** Resets what was never reset. */
  start(): void {
    if (!this.#isStarted) this.reset();
  }

  reset(seed?: number): Float32Array {
    if (seed !== undefined) this.#seed = seed;
    const isFresh = seed !== undefined || !this.#isStarted;
    for (let row = 0; row < this.#count; row++) {
      this.#episodes[row] = isFresh ? 0 : this.#episodes[row]! + 1;
    }
    this.#isStarted = true;
    this.#ended.fill(0);
    this.#numEnded = 0;
    this.#begin(() => true);
    const { result } = this;
    result.finalObservations.set(result.observations);
    for (const array of [result.rewards, result.terminated, result.truncated]) array.fill(0);
    return result.observations;
  }

  /** Begins the episodes of the rows that want it; neighbours of one number come in one call. */
  #begin(wants: (row: number) => boolean): void {
    for (let row = 0; row < this.#count; ) {
      if (!wants(row)) {
        row += 1;
        continue;
      }
      const first = row;
      const episode = this.#episodes[first]!;
      while (row < this.#count && wants(row) && this.#episodes[row] === episode) row += 1;
      this.#place(first, row, episode);
    }
  }

  #place(first: number, end: number, episode: number): void {
    const { stateSize, observationSize } = this.#spec;
    const { states, observations } = controlReset<Float64Array>({
      task: this.#name as 'pendulum',
      count: end - first,
      seed: this.#seed,
      firstIndex: episode * rowsPerEpisode + first,
    });
    this.states.set(states.data, first * stateSize);
    this.result.observations.set(observations.data, first * observationSize);
    this.steps.fill(0, first, end);
  }

  step(actions: ArrayLike<number>, autoReset: boolean): ControlStepResult {
    this.start();
    this.#take(actions);
    controlStep(this.#call as never);
    for (let row = 0; row < this.#count && this.#numEnded > 0; row++) {
      if (this.#ended[row]) this.#hold(row);
    }
    const { result } = this;
    this.states.set(this.#next);
    result.finalObservations.set(this.#observations);
    result.rewards.set(this.#rewards);
    result.terminated.set(this.#terminated);
    this.#countStep();
    result.observations.set(result.finalObservations);
    if (autoReset && this.#numEnded > 0) this.#beginEnded();
    return result;
  }

  /** Actions into the array that the op reads; NaN stays what it is. */
  #take(actions: ArrayLike<number>): void {
    const own = this.actions;
    if (actions?.length !== own.length) {
      const found = `has length ${actions?.length}`;
      throw argumentError(
        'BELFRY_BAD_SHAPE',
        'ControlTask.step',
        'actions',
        found,
        `${own.length}`,
      );
    }
    if (own instanceof Int32Array && !(actions instanceof Int32Array)) {
      this.#checkWhole(actions);
    }
    own.set(actions);
    if (!this.#clips) return;
    for (let i = 0; i < own.length; i++) {
      if (own[i]! > 1) own[i] = 1;
      else if (own[i]! < -1) own[i] = -1;
    }
  }

  #checkWhole(actions: ArrayLike<number>): void {
    for (let row = 0; row < actions.length; row++) {
      if (Number.isInteger(actions[row])) continue;
      const found = `holds ${actions[row]} at ${row}`;
      const expected = `an integer in [0, ${this.#spec.numActions})`;
      throw argumentError('BELFRY_BAD_VALUE', 'ControlTask.step', 'actions', found, expected);
    }
  }

  /** A row whose episode is over stays as it is. */
  #hold(row: number): void {
    const { stateSize, observationSize } = this.#spec;
    for (let i = row * stateSize; i < (row + 1) * stateSize; i++) this.#next[i] = this.states[i]!;
    for (let i = row * observationSize; i < (row + 1) * observationSize; i++) {
      this.#observations[i] = this.result.finalObservations[i]!;
    }
    this.#rewards[row] = 0;
    this.#terminated[row] = this.result.terminated[row]!;
  }

  /** Counts the step, and finds what it ended. */
  #countStep(): void {
    const { terminated, truncated } = this.result;
    this.#numEnded = 0;
    for (let row = 0; row < this.#count; row++) {
      if (!this.#ended[row]) {
        this.steps[row]! += 1;
        truncated[row] = Number(this.steps[row]! >= this.#spec.maxSteps);
        this.#ended[row] = terminated[row]! | truncated[row]!;
      }
      this.#numEnded += this.#ended[row]!;
    }
  }

  #beginEnded(): void {
    for (let row = 0; row < this.#count; row++) this.#episodes[row]! += this.#ended[row]!;
    this.#begin((row) => this.#ended[row] === 1);
    this.#ended.fill(0);
    this.#numEnded = 0;
  }
}
