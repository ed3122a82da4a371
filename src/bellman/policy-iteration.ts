import { policyIteration, policyIterationAsync } from '../generated/bellman.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import type { RealArray, Tensor } from '../tensor.js';
import type { SingleMdp } from './mdp.js';
import { requireKind, singleKinds } from './models/model.js';

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
}

/** Options left out take these values. */
export const policyIterationDefaults: Readonly<Required<Omit<PolicyIterationOptions, 'discount'>>> =
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

/** What the three forms of the op have in common. */
interface Answer<A extends RealArray> {
  values: Tensor<A>;
  policy: Tensor<Int32Array>;
  converged: number;
  numIterations: number;
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
  readonly options: Readonly<Required<PolicyIterationOptions>>;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option */
  constructor(mdp: SingleMdp<A>, options: PolicyIterationOptions) {
    requireKind('PolicyIteration', mdp, singleKinds);
    checkOptions('PolicyIteration', options, ['discount', ...Object.keys(policyIterationDefaults)]);
    this.mdp = mdp;
    this.options = { ...policyIterationDefaults, ...options };
  }

  /** Solves on the engine's own threads; `signal` stops it, `onProgress` follows the policies. */
  async solve(run: AsyncOptions = {}): Promise<PolicySolution<A>> {
    const started = performance.now();
    const args = { ...this.#arguments(), ...run } as Parameters<typeof policyIterationAsync<A>>[0];
    return solution((await policyIterationAsync(args)) as Answer<A>, started);
  }

  /** Solves on this thread. */
  solveSync(): PolicySolution<A> {
    const started = performance.now();
    const args = this.#arguments() as Parameters<typeof policyIteration<A>>[0];
    return solution(policyIteration(args) as Answer<A>, started);
  }

  #arguments(): object {
    const { discount, variant, tolerance, evalSweeps, method, forcing, maxIterations, mode } =
      this.options;
    const common = {
      ...this.mdp.toSparse().operands(),
      gamma: discount,
      mode,
      outputs: ['values', 'policy', 'converged', 'numIterations'],
    };
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

function solution<A extends RealArray>(answer: Answer<A>, started: number): PolicySolution<A> {
  return {
    values: answer.values,
    policy: answer.policy,
    converged: answer.converged === 1,
    iterations: answer.numIterations,
    elapsedMs: performance.now() - started,
  };
}
