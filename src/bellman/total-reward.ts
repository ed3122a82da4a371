/** Total rewards without a discount: what ends, what need not, and what can be said then. */
import { policyIterationAsync, stochasticShortestPathAsync } from '../generated/bellman.js';
import type { AsyncOptions } from '../tasks.js';
import { type RealArray, Tensor } from '../tensor.js';
import { Mdp, type SparseOperands } from './mdp.js';
import type { SolveAnswer } from './solve.js';
import { ValueIteration } from './value-iteration.js';

interface TotalOptions {
  goal?: readonly number[] | Int32Array;
  tolerance: number;
  mode: 'max' | 'min';
  run: AsyncOptions;
}

/** Sweeps of a problem that has no certified answer. */
const uncertifiedSweeps = 10_000;

/**
 * Best total reward until the episode ends (or a goal is reached), over the policies that end for
 * certain. Without goals an episode also ends where nothing is ever paid again. Costs are a shortest path: infinite where the graph shows that no policy ends for
 * certain. Otherwise Howard's iteration goes from one policy that ends to the next; where one that
 * never ends is better, or none ends, the answer is what a bounded number of sweeps came to,
 * `converged` is false and the reason says so.
 */
export async function totalReward<A extends RealArray>(
  mdp: Mdp<A>,
  options: TotalOptions,
): Promise<SolveAnswer<A>> {
  const { mode, run } = options;
  const ending = options.goal === undefined ? withEnd(mdp) : withGoal(mdp, options.goal);
  const costs = costsOf(mdp, ending, mode);
  const { rewards } = ending.operands;
  const path = await stochasticShortestPathAsync({
    ...ending.operands,
    rewards: new Tensor(costs ?? ones(rewards.data), rewards.shape),
    goal: ending.goal,
    ...run,
  });
  const count = mdp.numStates;
  const policy = path.policy.data.slice(0, count);
  const endless = Array.from(path.values.data.subarray(0, count)).filter(
    (v) => v === Number.POSITIVE_INFINITY,
  ).length;
  const never = `no policy ends for certain from ${endless} states`;
  if (costs !== undefined) {
    const sign = mode === 'max' ? -1 : 1;
    const data = path.values.data.subarray(0, count).map((v) => (v === 0 ? 0 : sign * v)) as A;
    return {
      values: new Tensor(data, [count]),
      policy: new Tensor(policy, [count]),
      converged: path.converged === 1,
      iterations: path.iterations,
      method: 'stochastic shortest path',
      reason:
        endless === 0
          ? 'no discount, rewards that only cost: every state can end for certain'
          : `no discount, improper: ${never}, whose total is infinite`,
    };
  }
  const model = ending.stopped ?? mdp;
  if (endless > 0) return uncertified(model, options, `improper: ${never}`);
  const answer = await policyIterationAsync({
    ...model.operands(),
    gamma: 1,
    mode,
    initialPolicy: policy.map((action) => Math.max(action, 0)),
    outputs: ['values', 'policy', 'converged', 'numIterations'],
    ...run,
  });
  if (answer.converged === 0) {
    return uncertified(
      model,
      options,
      'improper: a policy that never ends is better than all that do',
    );
  }
  return {
    values: answer.values,
    policy: answer.policy,
    converged: true,
    iterations: answer.numIterations,
    method: "Howard's policy iteration",
    reason: 'no discount: from a policy that ends for certain to the best of these',
  };
}

async function uncertified<A extends RealArray>(
  mdp: Mdp<A>,
  { tolerance, mode, run }: TotalOptions,
  reason: string,
): Promise<SolveAnswer<A>> {
  const options = { discount: 1, tolerance, mode, maxIterations: uncertifiedSweeps };
  const { values, policy, iterations } = await new ValueIteration(mdp, options).solve(run);
  return { values, policy, converged: false, iterations, method: 'value iteration', reason };
}

/** A model whose end is a set of states. */
interface Ending<A extends RealArray> {
  operands: SparseOperands<A>;
  goal: readonly number[] | Int32Array;
  /** The model in which a goal ends the episode, where goals were given. */
  stopped?: Mdp<A>;
}

/** Missing mass leads to one more state, the goal; a state without an allowed action is one too. */
function withEnd<A extends RealArray>(whole: Mdp<A>): Ending<A> {
  const still = stillStates(whole);
  const mdp = still.length > 0 ? stoppedAt(whole, still) : whole;
  const { numStates, numActions, rowPtr, col, prob } = mdp;
  const rows = numStates * numActions;
  const newPtr = new Int32Array(rows + numActions + 1);
  const newCol = new Int32Array(col.length + rows);
  const newProb = new (prob.constructor as new (length: number) => A)(newCol.length);
  let to = 0;
  for (let row = 0; row < rows; row++) {
    let mass = 0;
    for (let e = rowPtr[row] as number; e < (rowPtr[row + 1] as number); e++) {
      newCol[to] = col[e] as number;
      newProb[to++] = prob[e] as number;
      mass += prob[e] as number;
    }
    if (mass < 1 - 1e-6) {
      newCol[to] = numStates;
      newProb[to++] = 1 - mass;
    }
    newPtr[row + 1] = to;
  }
  newPtr.fill(to, rows + 1);
  const shape = [numStates + 1, numActions];
  const rewards = new (prob.constructor as new (length: number) => A)(rows + numActions);
  rewards.set(mdp.rewards);
  const operands: SparseOperands<A> = {
    rowPtr: new Tensor(newPtr),
    col: new Tensor(newCol.subarray(0, to)),
    prob: new Tensor(newProb.subarray(0, to) as A),
    rewards: new Tensor(rewards, shape),
    actionMask: new Tensor(endMask(mdp, rows + numActions), shape),
  };
  return { operands, goal: ends(mdp), ...(mdp !== whole && { stopped: mdp }) };
}

/** The new state, and those in which nothing can be done. */
function ends({ numStates, numActions, actionMask }: Mdp): number[] {
  const found = [numStates];
  for (let s = 0; actionMask !== undefined && s < numStates; s++) {
    const first = s * numActions;
    if (!actionMask.subarray(first, first + numActions).includes(1)) found.push(s);
  }
  return found;
}

function endMask(mdp: Mdp, length: number): Uint8Array {
  const mask = new Uint8Array(length).fill(1);
  if (mdp.actionMask !== undefined) mask.set(mdp.actionMask);
  return mask;
}

function withGoal<A extends RealArray>(mdp: Mdp<A>, goal: Ending<A>['goal']): Ending<A> {
  return { operands: mdp.operands(), goal, stopped: stoppedAt(mdp, goal) };
}

/** The model in which nothing happens any more in some states. */
function stoppedAt<A extends RealArray>(mdp: Mdp<A>, states: Ending<A>['goal']): Mdp<A> {
  const prob = mdp.prob.slice() as A;
  const rewards = mdp.rewards.slice() as A;
  for (const state of new Set(states)) {
    const first = state * mdp.numActions;
    prob.fill(0, mdp.rowPtr[first], mdp.rowPtr[first + mdp.numActions]);
    rewards.fill(0, first, first + mdp.numActions);
  }
  return new Mdp({ ...mdp.tables(), prob, rewards });
}

/** States from which nothing is ever paid, whatever is done, such as a sink. */
function stillStates(mdp: Mdp): number[] {
  const { numStates, numActions, rewards, actionMask } = mdp;
  const pays = new Uint8Array(numStates);
  const reached: number[] = [];
  for (let row = 0; row < rewards.length; row++) {
    const state = Math.floor(row / numActions);
    if (rewards[row] === 0 || actionMask?.[row] === 0 || pays[state] === 1) continue;
    pays[state] = 1;
    reached.push(state);
  }
  if (reached.length === numStates) return [];
  const { first, states } = predecessors(mdp);
  for (let state = reached.pop(); state !== undefined; state = reached.pop()) {
    const last = first[state + 1] as number;
    for (let i = first[state] as number; i < last; i++) {
      const before = states[i] as number;
      if (pays[before] === 1) continue;
      pays[before] = 1;
      reached.push(before);
    }
  }
  return Array.from(pays.keys()).filter((state) => pays[state] === 0);
}

/** From where each state can be reached by one allowed action. */
function predecessors(mdp: Mdp): { first: Int32Array; states: Int32Array } {
  const { numStates, numActions, rowPtr, col, prob, rewards, actionMask } = mdp;
  const each = (visit: (from: number, to: number) => void): void => {
    for (let row = 0; row < rewards.length; row++) {
      if (actionMask?.[row] === 0) continue;
      const end = rowPtr[row + 1] as number;
      for (let e = rowPtr[row] as number; e < end; e++) {
        if (prob[e] !== 0) visit(Math.floor(row / numActions), col[e] as number);
      }
    }
  };
  const first = new Int32Array(numStates + 1);
  each((_, to) => {
    first[to + 1] = (first[to + 1] as number) + 1;
  });
  for (let s = 0; s < numStates; s++)
    first[s + 1] = (first[s + 1] as number) + (first[s] as number);
  const states = new Int32Array(first[numStates] as number);
  const next = first.slice();
  each((from, to) => {
    const at = next[to] as number;
    states[at] = from;
    next[to] = at + 1;
  });
  return { first, states };
}

function ones<A extends RealArray>(like: A): A {
  return like.slice().fill(1) as A;
}

/** Rewards that only cost, as costs; nothing where some reward pays. */
function costsOf<A extends RealArray>(
  mdp: Mdp<A>,
  { operands }: Ending<A>,
  mode: 'max' | 'min',
): A | undefined {
  const pays = mdp.rewards.some((reward: number, row: number) => {
    const allowed = mdp.actionMask === undefined || mdp.actionMask[row] !== 0;
    return allowed && (mode === 'max' ? reward > 0 : reward < 0);
  });
  return pays ? undefined : (operands.rewards.data.map(Math.abs) as A);
}
