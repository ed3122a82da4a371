/** Total rewards without a discount: what ends, what need not, and what can be said then. */
import {
  type ReachabilityExpectedCostResult,
  reachabilityAsync,
  stochasticShortestPathAsync,
} from '../generated/bellman.js';
import type { AsyncOptions } from '../tasks.js';
import { type RealArray, Tensor } from '../tensor.js';
import { type CheckpointOptions, checkpointSolver } from './checkpoint.js';
import { type Ending, withEnd, withGoal } from './ending.js';
import {
  byMethod,
  type GoalMethod,
  goalsDigest,
  narrowedAnswer,
  solveGoal,
} from './goal-solves.js';
import type { Mdp } from './mdp.js';
import { PolicyIteration } from './policy-iteration.js';
import { shared, widenedModel } from './slices.js';
import type { SolveAnswer } from './solve.js';
import { ValueIteration } from './value-iteration.js';

interface TotalOptions {
  goal?: readonly number[] | Int32Array;
  tolerance: number;
  mode: 'max' | 'min';
  stop: GoalMethod;
  maxIterations?: number;
  checkpoint?: CheckpointOptions;
  run: AsyncOptions;
}

/** Sweeps of a problem that has no certified answer. */
const uncertifiedSweeps = 10_000;
const improper = 'improper: a policy that never ends is better than all that do';

/**
 * Best total reward until the episode ends (or a goal is reached), over the policies that end for
 * certain. Without goals an episode also ends where nothing is ever paid again. Costs are a shortest
 * path: infinite where the graph shows that no policy ends for certain. Rewards that only pay are
 * bounded likewise where nothing is paid for ever. Otherwise Howard's iteration goes from one policy that
 * ends to the next; where one that never ends is better, or none ends, the answer is what a bounded
 * number of sweeps came to, `converged` is false and the reason says so.
 *
 * Computed in float64 whatever the model is.
 */
export async function totalReward<A extends RealArray>(
  mdp: Mdp<A>,
  options: TotalOptions,
): Promise<SolveAnswer<A>> {
  const model = widenedModel(mdp);
  const answer = await new TotalSolve(model, mdp, options).solve();
  return narrowedAnswer(answer, mdp);
}

type Answer = SolveAnswer<Float64Array>;

class TotalSolve {
  readonly #mdp: Mdp<Float64Array>;
  readonly #asked: Mdp;
  readonly #options: TotalOptions;
  readonly #ending: Ending<Float64Array>;
  /** Only the stage that a checkpoint belongs to goes on from it. */
  #resume: boolean;

  constructor(mdp: Mdp<Float64Array>, asked: Mdp, options: TotalOptions) {
    this.#mdp = mdp;
    this.#asked = asked;
    this.#options = options;
    this.#ending = options.goal === undefined ? withEnd(mdp) : withGoal(mdp, options.goal);
    this.#resume = options.checkpoint?.resume ?? false;
  }

  async solve(): Promise<Answer> {
    const { mode, checkpoint } = this.#options;
    const { rewards, actionMask } = this.#mdp;
    const begun = this.#resume ? await checkpointSolver(checkpoint?.file as string) : undefined;
    if (begun === 'PolicyIteration howard') return this.#byPolicies();
    const signs = new Set(
      Array.from(rewards, (r, row) => (actionMask?.[row] === 0 ? 0 : Math.sign(r))),
    );
    const [best, worst] = mode === 'max' ? [1, -1] : [-1, 1];
    if (!signs.has(best)) return this.#leastCost();
    if (!signs.has(worst) && begun !== 'ValueIteration synchronous') {
      const answer = await this.#greatestReward();
      if (answer !== undefined) return answer;
    }
    const { policy, endless } = await this.#certainEnd();
    if (endless > 0) return this.#uncertified(`improper: ${never(endless)}`);
    if (begun === 'ValueIteration synchronous') return this.#uncertified(improper);
    return this.#byPolicies(policy);
  }

  async #leastCost(): Promise<Answer> {
    const found = await this.#bounded('least');
    const { endless, ...answer } = found;
    const reason =
      endless === 0
        ? 'no discount, rewards that only cost: every state can end for certain'
        : `no discount, improper: ${never(endless)}, whose total is infinite`;
    const method = byMethod(this.#options.stop, 'stochastic shortest path', '');
    return { ...answer, method, reason };
  }

  /** Nothing where no policy ends for certain, or one can go on for ever and be paid. */
  async #greatestReward(): Promise<Answer | undefined> {
    const { endless, ...answer } = await this.#bounded('greatest');
    if (endless > 0) return undefined;
    const reason = 'no discount, rewards that only pay: going on for ever pays nothing';
    const method = byMethod(this.#options.stop, 'expected reward', ' by bounds from both sides');
    return { ...answer, method, reason };
  }

  /** Least or greatest sum of the amounts that are paid, and what it says of the rewards. */
  async #bounded(
    variant: 'least' | 'greatest',
  ): Promise<Omit<Answer, 'method' | 'reason'> & { endless: number }> {
    const { mode, tolerance, stop, goal, maxIterations, run } = this.#options;
    const { operands } = this.#ending;
    const { rewards } = operands;
    const result = await solveGoal<ReachabilityExpectedCostResult<Float64Array>>({
      mdp: this.#asked,
      solver: {
        class: 'TotalReward',
        variant,
        ...{ stop, mode, tolerance },
        ...(goal && { goal: goalsDigest(goal) }),
      },
      call: reachabilityAsync,
      args: {
        ...inSharedMemory(operands),
        rewards: new Tensor(shared(rewards.data.map(Math.abs)), rewards.shape),
        goal: this.#ending.goal,
        quantity: 'expected_cost',
        mode: variant === 'least' ? 'min' : 'max',
        policies: 'proper',
        stop,
        eps: tolerance,
        ...(maxIterations !== undefined && { maxIterations, maxSweeps: maxIterations }),
      },
      outputs: ['value', 'lower', 'upper', 'policy', 'converged', 'iterations'],
      ...this.#stage(),
      run,
    });
    const positive = (mode === 'max') === (variant === 'greatest');
    const { value, lower, upper } = result;
    const of = ({ data }: Tensor<Float64Array>): Tensor<Float64Array> =>
      this.#signed(data, positive);
    return {
      values: of(value),
      lower: of(positive ? lower : upper),
      upper: of(positive ? upper : lower),
      policy: new Tensor(result.policy.data.slice(0, this.#mdp.numStates)),
      converged: result.converged === 1,
      iterations: result.iterations,
      endless: this.#endless(value.data),
    };
  }

  #signed(data: Float64Array, positive: boolean): Tensor<Float64Array> {
    const own = data.subarray(0, this.#mdp.numStates);
    return new Tensor(own.map((v) => (v === 0 || positive ? v : -v)));
  }

  #endless(values: Float64Array): number {
    const own = values.subarray(0, this.#mdp.numStates);
    return own.reduce((count, v) => count + (v === Number.POSITIVE_INFINITY ? 1 : 0), 0);
  }

  /** A policy that ends for certain, and the number of states from which none does. */
  async #certainEnd(): Promise<{ policy: Int32Array; endless: number }> {
    const { operands, goal } = this.#ending;
    const { rewards } = operands;
    const { values, policy } = await stochasticShortestPathAsync({
      ...operands,
      rewards: new Tensor(rewards.data.slice().fill(1), rewards.shape),
      goal,
      outputs: ['values', 'policy'],
      ...this.#options.run,
    });
    const endless = this.#endless(values.data);
    return { policy: policy.data.slice(0, this.#mdp.numStates), endless };
  }

  async #byPolicies(initialPolicy?: Int32Array): Promise<Answer> {
    const { mode, maxIterations, run } = this.#options;
    const model = this.#ending.stopped ?? this.#mdp;
    const most = maxIterations !== undefined && { maxIterations };
    const options = { discount: 1, mode, ...most, ...this.#stage() };
    const start = initialPolicy && { initialPolicy };
    const answer = await new PolicyIteration(model, options).solve({ ...run, ...start });
    const { values, policy, converged, iterations } = answer;
    if (!converged) return this.#uncertified(improper);
    const reason = 'no discount: from a policy that ends for certain to the best of these';
    return { values, policy, converged, iterations, method: "Howard's policy iteration", reason };
  }

  async #uncertified(reason: string): Promise<Answer> {
    const { mode, tolerance, maxIterations = uncertifiedSweeps, run } = this.#options;
    const model = this.#ending.stopped ?? this.#mdp;
    const options = { discount: 1, tolerance, mode, maxIterations, ...this.#stage() };
    const { values, policy, iterations } = await new ValueIteration(model, options).solve(run);
    return { values, policy, converged: false, iterations, method: 'value iteration', reason };
  }

  #stage(): { checkpoint?: CheckpointOptions } {
    const { checkpoint } = this.#options;
    if (checkpoint === undefined) return {};
    const resume = this.#resume;
    this.#resume = false;
    return { checkpoint: { ...checkpoint, resume } };
  }
}

function inSharedMemory(operands: Ending<Float64Array>['operands']): object {
  return Object.fromEntries(
    Object.entries(operands).map(([name, { data, shape }]) => [
      name,
      new Tensor(shared(data as Float64Array), shape),
    ]),
  );
}

function never(endless: number): string {
  return `no policy ends for certain from ${endless} states`;
}
