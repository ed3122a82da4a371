/** Models whose end is a set of states, for totals that are summed until then. */
import { type RealArray, Tensor } from '../tensor.js';
import { Mdp, type SparseOperands } from './mdp.js';

/** A model whose end is a set of states. */
export interface Ending<A extends RealArray> {
  operands: SparseOperands<A>;
  goal: readonly number[] | Int32Array;
  /** The model in which a goal ends the episode, where goals were given. */
  stopped?: Mdp<A>;
}

/** Missing mass leads to one more state, the goal; a state without an allowed action is one too. */
export function withEnd<A extends RealArray>(whole: Mdp<A>): Ending<A> {
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

export function withGoal<A extends RealArray>(mdp: Mdp<A>, goal: Ending<A>['goal']): Ending<A> {
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
