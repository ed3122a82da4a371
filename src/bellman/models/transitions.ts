import { argumentError } from '../../errors.js';
import { empiricalMdp } from '../../generated/bellman.js';
import type { RealArray } from '../../tensor.js';
import { type CsrTables, Mdp } from '../mdp.js';

/** Recorded transitions, one element each. */
export interface TransitionTables<A extends RealArray = RealArray> {
  /** [N] */
  states: Int32Array;
  /** [N] */
  actions: Int32Array;
  /** [N] */
  rewards: A;
  /** [N]; of no importance where the episode ended, but a state. */
  nextStates: Int32Array;
  /** [N] 1 = the episode ended; absent: never. */
  terminated?: Uint8Array;
  /** S. Default: one more than the largest state seen. */
  numStates?: number;
  /** A. Default: one more than the largest action seen. */
  numActions?: number;
  /**
   * What a pair that was never tried does: it is not allowed ('exclude', default), stays with reward
   * 0 ('self_loop'), or stays with the largest reward ('optimistic').
   */
  untried?: 'exclude' | 'self_loop' | 'optimistic';
  /** The reward of an untried pair when optimistic. Default: the largest seen. */
  rMax?: number;
}

/** `Mdp.fromTransitions`. */
export function fromTransitions<A extends RealArray>(transitions: TransitionTables<A>): Mdp<A> {
  const { states, nextStates, actions, untried = 'exclude', rMax } = transitions;
  const numStates = transitions.numStates ?? Math.max(largest(states), largest(nextStates)) + 1;
  const numActions = transitions.numActions ?? largest(actions) + 1;
  const found = empiricalMdp<A>({
    states,
    actions,
    rewards: transitions.rewards,
    nextStates,
    ...(transitions.terminated && { terminated: transitions.terminated }),
    numStates,
    numActions,
    gamma: 0,
    untried,
    ...(rMax !== undefined && { rMax }),
    outputs: ['count', 'rewards', 'rowPtr', 'col', 'prob'],
  });
  const tables: CsrTables<A> = {
    numStates,
    numActions,
    rowPtr: found.rowPtr.data,
    col: found.col.data.slice(),
    prob: found.prob.data.slice() as A,
    rewards: found.rewards.data,
  };
  const count = found.count.data;
  if (untried === 'exclude' && count.includes(0)) {
    tables.actionMask = Uint8Array.from(count, (n) => Number(n > 0));
  }
  return new Mdp(tables, { op: 'Mdp.fromTransitions' });
}

function largest(indices: Int32Array): number {
  let most = -1;
  for (const index of indices) {
    if (index > most) most = index;
  }
  if (most >= 2 ** 31 - 1) {
    const expected = 'indices below 2^31 − 1';
    throw argumentError('BELFRY_BAD_VALUE', 'Mdp.fromTransitions', '', `holds ${most}`, expected);
  }
  return most;
}
