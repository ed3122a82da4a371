import { argumentError, show } from '../errors.js';
import { finiteHorizon, finiteHorizonAsync } from '../generated/bellman.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions, Progress } from '../tasks.js';
import { type RealArray, Tensor } from '../tensor.js';
import { type BackupAnswer, backupCall } from './bellman-backup.js';
import { type Calls, callOf, runCalls, runCallsAsync, step } from './calls.js';
import type { SingleMdp } from './mdp.js';
import { requireKind, singleKinds } from './models/model.js';
import type { TimedMdp } from './models/timed.js';

export interface BackwardInductionOptions<A extends RealArray = RealArray> {
  /** Steps H; needed where the model is the same in all of them. */
  horizon?: number;
  /** Discount γ in [0, 1]. Default 1. */
  discount?: number;
  /** [S] what the last state is worth. Default 0. */
  terminalValues?: A;
  /** Maximise reward (default) or minimise cost. */
  mode?: 'max' | 'min';
}

export interface HorizonSolution<A extends RealArray> {
  /** [H + 1, S] the value of every state with the steps from t on ahead; row H: the last. */
  values: Tensor<A>;
  /** [H, S] best action, −1 where none is allowed. */
  policy: Tensor<Int32Array>;
  elapsedMs: number;
}

/**
 * The optimum over a fixed number of steps, exact, backwards from the last.
 *
 * ```ts
 * const { values, policy } = await new BackwardInduction(mdp, { horizon: 100 }).solve();
 * ```
 *
 * A time-dependent model brings its horizon. Dense steps are solved by one call of `finiteHorizon`,
 * other steps by a backup each. Source: Puterman, Markov Decision Processes (1994), section 4.5.
 */
export class BackwardInduction<A extends RealArray> {
  readonly mdp: SingleMdp<A> | TimedMdp<A>;
  readonly options: Readonly<BackwardInductionOptions<A> & { horizon: number }>;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option or a horizon that is none */
  constructor(mdp: TimedMdp<A>, options?: BackwardInductionOptions<A>);
  constructor(mdp: SingleMdp<A>, options: BackwardInductionOptions<A> & { horizon: number });
  constructor(mdp: SingleMdp<A> | TimedMdp<A>, options?: BackwardInductionOptions<A>);
  constructor(mdp: SingleMdp<A> | TimedMdp<A>, options: BackwardInductionOptions<A> = {}) {
    const op = 'BackwardInduction';
    requireKind(op, mdp, [...singleKinds, 'timed']);
    checkOptions(op, options, ['horizon', 'discount', 'terminalValues', 'mode']);
    const horizon = options.horizon ?? (mdp.kind === 'timed' ? mdp.horizon : undefined);
    const fits = mdp.kind !== 'timed' || horizon === mdp.horizon;
    if (horizon === undefined || !Number.isInteger(horizon) || horizon < 0 || !fits) {
      const expected = mdp.kind === 'timed' ? `${mdp.horizon}, or none` : 'a number of steps';
      const received = `is ${show(horizon)}`;
      throw argumentError('BELFRY_INVALID_ARGUMENT', op, 'horizon', received, expected);
    }
    this.mdp = mdp;
    this.options = { ...options, horizon };
  }

  /** Solves on the engine's own threads; `signal` stops it, `onProgress` follows the steps. */
  solve(run: AsyncOptions = {}): Promise<HorizonSolution<A>> {
    return runCallsAsync(this.#calls(run.onProgress), run.signal);
  }

  /** Solves on this thread. */
  solveSync(): HorizonSolution<A> {
    return runCalls(this.#calls());
  }

  *#calls(onProgress?: (progress: Progress) => void): Calls<HorizonSolution<A>> {
    const started = performance.now();
    const { mdp } = this;
    const found =
      mdp.kind === 'timed' && !mdp.isDense
        ? yield* this.#stepByStep(mdp, started, onProgress)
        : yield* this.#atOnce();
    return { ...found, elapsedMs: performance.now() - started };
  }

  *#atOnce(): Calls<Omit<HorizonSolution<A>, 'elapsedMs'>> {
    const { mdp } = this;
    const { horizon, discount = 1, mode = 'max', terminalValues } = this.options;
    const args = {
      ...(mdp.kind === 'timed' ? mdp : mdp.toSparse()).operands(),
      horizon,
      gamma: discount,
      mode,
      outputs: ['values', 'policy'],
      ...(terminalValues && { terminalValues }),
      ...(mdp.engine && { engine: mdp.engine }),
    };
    const { values, policy }: BackupAnswer<A> = yield* step(
      callOf<BackupAnswer<A>>(finiteHorizon, finiteHorizonAsync, args),
    );
    return { values, policy };
  }

  *#stepByStep(
    mdp: TimedMdp<A>,
    started: number,
    onProgress?: (progress: Progress) => void,
  ): Calls<Omit<HorizonSolution<A>, 'elapsedMs'>> {
    const { horizon, numStates } = mdp;
    const { discount = 1, mode = 'max', terminalValues } = this.options;
    const values = new (mdp.rewards.constructor as new (length: number) => A)(
      (horizon + 1) * numStates,
    );
    const policy = new Int32Array(horizon * numStates);
    if (terminalValues !== undefined) values.set(terminalValues, horizon * numStates);
    for (let t = horizon - 1; t >= 0; t--) {
      const next = values.subarray((t + 1) * numStates, (t + 2) * numStates) as A;
      const model = mdp.steps[t] as SingleMdp<A>;
      const call = backupCall(model, { values: next, discount, mode });
      const found: BackupAnswer<A> = yield* step(call);
      values.set(found.values.data, t * numStates);
      policy.set(found.policy.data, t * numStates);
      const elapsedMs = performance.now() - started;
      onProgress?.({ iteration: horizon - t, total: horizon, elapsedMs });
    }
    return {
      values: new Tensor(values, [horizon + 1, numStates]),
      policy: new Tensor(policy, [horizon, numStates]),
    };
  }
}
