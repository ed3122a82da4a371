import { argumentError } from '../errors.js';
import { policyIteration, policyIterationAsync } from '../generated/bellman.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import { type RealArray, Tensor } from '../tensor.js';
import { type CheckpointOptions, checkCheckpointOptions, type SolverState } from './checkpoint.js';
import type { Mdp, SingleMdp } from './mdp.js';
import { requireKind, singleKinds } from './models/model.js';
import { narrowed, type Slice, solveInSlices, widenedModel } from './slices.js';
import { runOptions, type SolverRun } from './solver-progress.js';

export interface PolicyIterationOptions {
  /** Discount γ in [0, 1]. */
  discount: number;
  /**
   * 'howard' (default) evaluates each policy exactly; 'modified' by some sweeps; 'inexact' by a
   * Krylov method, as well as is needed.
   */
  variant?: 'howard' | 'modified' | 'inexact';
  /** 'modified': V is certified this close to V*; 'inexact': Bellman residual. Default 1e-8. */
  tolerance?: number;
  /** 'modified': sweeps of each policy. Default 20. */
  evalSweeps?: number;
  /** 'inexact': how a policy is evaluated. Default 'gmres'. */
  method?: 'vi' | 'mpi' | 'gmres' | 'bicgstab' | 'tfqmr';
  /** 'inexact': residual of an evaluation, as a part of the Bellman residual. Default 1e-4. */
  forcing?: number;
  /** Policies after which the solver gives up. Default 1000. */
  maxIterations?: number;
  /** Maximise reward (default) or minimise cost. */
  mode?: 'max' | 'min';
  /** Write checkpoints, and go on from one. */
  checkpoint?: CheckpointOptions;
}

type Settings = Omit<PolicyIterationOptions, 'checkpoint'>;

/** Options left out take these values. */
export const policyIterationDefaults: Readonly<Required<Omit<Settings, 'discount'>>> =
  Object.freeze({
    variant: 'howard',
    tolerance: 1e-8,
    evalSweeps: 20,
    method: 'gmres',
    forcing: 1e-4,
    maxIterations: 1000,
    mode: 'max',
  });

export interface PolicySolution<A extends RealArray> {
  /** [S] value of the policy; V* when `converged`. */
  values: Tensor<A>;
  /** [S] action, −1 where none is allowed. */
  policy: Tensor<Int32Array>;
  /** Whether the variant's stop rule was met. False: the answer so far. */
  converged: boolean;
  /** Policies evaluated. */
  iterations: number;
  elapsedMs: number;
}

/** Where policy iteration begins. */
export interface PolicyStart<A extends RealArray> {
  /** [S] a guess of the values; of Howard's method the start of its linear solves. */
  initialValues?: A;
  /** [S] the first policy, for Howard's method. Default: greedy in the rewards. */
  initialPolicy?: Int32Array;
}

/** What the three forms of the op have in common. */
interface Answer<A extends RealArray> {
  values: Tensor<A>;
  policy: Tensor<Int32Array>;
  converged: number;
  numIterations: number;
  /** 'howard'. */
  nextPolicy?: Tensor<Int32Array>;
  /** 'modified', 'inexact'. */
  residualInf?: number;
  /** 'inexact'. */
  stopState?: Tensor<A>;
  gaveUp?: number;
}

/**
 * Policy iteration: Howard's, modified or inexact. For discounts near one it needs far fewer passes
 * over the model than value iteration.
 *
 * ```ts
 * const { values, policy, converged } = await new PolicyIteration(mdp, { discount: 0.9999 }).solve();
 * ```
 *
 * Source: Puterman, Markov Decision Processes (1994), sections 6.4 and 6.5; arXiv 2404.06136.
 */
export class PolicyIteration<A extends RealArray> {
  readonly mdp: SingleMdp<A>;
  readonly options: Readonly<Required<Settings>>;
  readonly #checkpoint: CheckpointOptions | undefined;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option */
  constructor(mdp: SingleMdp<A>, options: PolicyIterationOptions) {
    requireKind('PolicyIteration', mdp, singleKinds);
    checkOptions('PolicyIteration', options, [
      'discount',
      'checkpoint',
      ...Object.keys(policyIterationDefaults),
    ]);
    const { checkpoint, ...rest } = options;
    this.mdp = mdp;
    this.options = { ...policyIterationDefaults, ...rest };
    this.#checkpoint = checkpoint && checkCheckpointOptions('PolicyIteration', checkpoint);
  }

  /**
   * Solves on the engine's own threads.
   * @param run `initialValues` or `initialPolicy` [S] start warm; `signal` stops; `onProgress`
   * follows the policies
   */
  async solve(run: SolverRun & PolicyStart<A> = {}): Promise<PolicySolution<A>> {
    const started = performance.now();
    const start = startOf(run);
    const { discount, variant } = this.options;
    // Howard's method reports whether the policy changed, which bounds nothing.
    const bounded = variant !== 'howard' && discount < 1;
    const options = runOptions(run, bounded ? 1 / (1 - discount) : Number.NaN);
    if (this.#checkpoint !== undefined) {
      return this.#inSlices(this.#checkpoint, options, start, started);
    }
    const args = { ...this.#arguments(this.mdp.toSparse()), ...start, ...options };
    return solution((await policyIterationAsync(args as never)) as unknown as Answer<A>, started);
  }

  /**
   * Solves on this thread.
   * @throws BelfryError BELFRY_INVALID_ARGUMENT with a checkpoint, which is written between slices
   */
  solveSync(start: PolicyStart<A> = {}): PolicySolution<A> {
    const started = performance.now();
    if (this.#checkpoint !== undefined) {
      throw argumentError(
        'BELFRY_INVALID_ARGUMENT',
        'PolicyIteration.solveSync',
        'checkpoint',
        'is given',
        'none',
        'Checkpoints need solve().',
      );
    }
    const args = { ...this.#arguments(this.mdp.toSparse()), ...startOf(start) };
    return solution(policyIteration(args as never) as unknown as Answer<A>, started);
  }

  async #inSlices(
    checkpoint: CheckpointOptions,
    run: AsyncOptions,
    { initialValues, ...policy }: PolicyStart<A>,
    started: number,
  ): Promise<PolicySolution<A>> {
    const begin = {
      ...policy,
      ...(initialValues && { initialValues: Float64Array.from(initialValues) }),
    };
    const { maxIterations, tolerance, variant, ...shape } = this.options;
    const mdp = this.mdp.toSparse();
    const model = widenedModel(mdp);
    const { result, iterations } = await solveInSlices<Answer<Float64Array>>({
      op: 'PolicyIteration',
      mdp,
      solver: { class: 'PolicyIteration', variant, ...shape },
      maxIterations,
      multiple: 1,
      checkpoint,
      run,
      slice: (state, length, options) =>
        this.#slice(model, state === undefined ? begin : resumed(state), length, options),
    });
    const values = new Tensor(narrowed(result.values.data, mdp), result.values.shape);
    return solution({ ...result, values, numIterations: iterations } as Answer<A>, started);
  }

  async #slice(
    model: Mdp<Float64Array>,
    start: object,
    length: number,
    run: AsyncOptions,
  ): Promise<Slice<Answer<Float64Array>>> {
    const { variant } = this.options;
    const args = this.#arguments(model, length, variant);
    const result = (await policyIterationAsync({
      ...args,
      ...start,
      ...run,
    } as never)) as unknown as Answer<Float64Array>;
    const { values, policy, nextPolicy, stopState, numIterations } = result;
    return {
      result,
      iterations: numIterations,
      ended: hasEnded(result, length),
      arrays: {
        values: values.data,
        policy: policy.data,
        ...(nextPolicy && { next_policy: nextPolicy.data }),
        ...(stopState && { stop_state: stopState.data }),
      },
    };
  }

  /** `slice`: outputs too that a solve goes on from. */
  #arguments(
    mdp: Mdp<RealArray>,
    maxIterations = this.options.maxIterations,
    slice?: Settings['variant'],
  ): object {
    const { discount, variant, tolerance, evalSweeps, method, forcing, mode } = this.options;
    const outputs = ['values', 'policy', 'converged', 'numIterations'];
    if (slice === 'howard') outputs.push('nextPolicy');
    if (slice === 'modified') outputs.push('residualInf');
    if (slice === 'inexact') outputs.push('stopState', 'gaveUp');
    const common = { ...mdp.operands(), gamma: discount, mode, outputs };
    if (variant === 'modified') {
      const algorithm = 'modified_policy_iteration';
      return { ...common, algorithm, tolerance, evalSweeps, numOuter: maxIterations };
    }
    if (variant === 'inexact') {
      const algorithm = 'inexact_policy_iteration';
      return { ...common, algorithm, atol: tolerance, method, forcing, maxIterations };
    }
    if (variant !== 'howard') return { ...common, algorithm: variant };
    return { ...common, maxIterations };
  }
}

/** Operands of a warm start. An action that is not allowed is chosen anew, as −1 is. */
function startOf<A extends RealArray>({ initialValues, initialPolicy }: PolicyStart<A>) {
  return {
    ...(initialValues && { initialValues }),
    ...(initialPolicy && { initialPolicy: chosen(initialPolicy) }),
  };
}

function chosen(policy: Int32Array): Int32Array {
  return policy.map((action) => Math.max(action, 0));
}

/** Operands of a solve that goes on. */
function resumed({ arrays }: SolverState): object {
  const nextPolicy = arrays['next_policy'] as Int32Array | undefined;
  return {
    initialValues: arrays['values'],
    ...(nextPolicy && { initialPolicy: chosen(nextPolicy) }),
    ...(arrays['stop_state'] && { stopState: arrays['stop_state'] }),
  };
}

/** Whether a slice ended by itself, not by the length it was given. */
function hasEnded(result: Answer<Float64Array>, length: number): boolean {
  const { converged, numIterations, nextPolicy, policy, residualInf, gaveUp } = result;
  if (converged === 1 || numIterations < length || gaveUp === 1) return true;
  if (residualInf !== undefined && Number.isNaN(residualInf)) return true;
  return nextPolicy?.data.every((action, s) => action === policy.data[s]) ?? false;
}

function solution<A extends RealArray>(answer: Answer<A>, started: number): PolicySolution<A> {
  return {
    values: answer.values,
    policy: answer.policy,
    converged: answer.converged === 1,
    iterations: answer.numIterations,
    elapsedMs: performance.now() - started,
  };
}
