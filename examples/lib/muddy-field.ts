/**
 * A field with mud (~), holes (O) and a goal (G), where walks end. Features of a step: one, mud,
 * hole, goal; a reward is linear in them.
 */

import { Tensor } from 'belfry';
import { enumerateMdp, type SparseOperands, valueIteration } from 'belfry/bellman';

const field = ['..~..', '.~~..', '..~.O', '.O~..', '....G'].join('');
const width = 5;
/** Features of a step. */
export const F = 4;
/** Actions: right, down, left, up. */
export const A = 4;
const moves = [
  [0, 1],
  [1, 0],
  [0, -1],
  [-1, 0],
] as const;

function stepFrom(cell: number, action: number): { to: number; ends: boolean; phi: number[] } {
  const [down, right] = moves[action]!;
  const [row, column] = [Math.floor(cell / width) + down, (cell % width) + right];
  const outside = Math.min(row, column) < 0 || Math.max(row, column) >= width;
  const to = outside ? cell : row * width + column;
  const phi = [1, ...['~', 'O', 'G'].map((what) => Number(field[to] === what))];
  return { to, ends: 'OG'.includes(field[to]!), phi };
}

const { mdp, indexOf, states } = enumerateMdp<number>({
  start: [0],
  numActions: A,
  outcomes: (cell, action) => {
    const { to, ends } = stepFrom(cell, action);
    return [{ probability: 1, ...(ends ? {} : { next: to }) }];
  },
});
export const S: number = mdp.numStates;
/** Features of taking an action. */
export const phiOf = (state: number, action: number): number[] =>
  stepFrom(states[state]!, action).phi;
export const dot = (a: ArrayLike<number>, b: Float64Array): number =>
  b.reduce((sum, x, f) => sum + x * a[f]!, 0);

/** The state an action leads to; undefined where the walk ends. */
export function walk(state: number, action: number): number | undefined {
  const { to, ends } = stepFrom(states[state]!, action);
  return ends ? undefined : indexOf(to);
}

/** The operands of a solver, for a reward of these weights. */
export function problem(weights: Float64Array): SparseOperands<Float64Array> & { gamma: number } {
  const rewards = Float64Array.from({ length: S * A }, (_, i) =>
    dot(phiOf(Math.floor(i / A), i % A), weights),
  );
  return { ...mdp.operands(), rewards: new Tensor(rewards, [S, A]), gamma: 0.99 };
}

/** π(a|s) of the best policy for a reward of these weights. */
export function bestPolicy(weights: Float64Array): { data: Float64Array; shape: number[] } {
  const { policyStar } = valueIteration(problem(weights));
  const data = new Float64Array(S * A);
  policyStar.data.forEach((action, state) => {
    data[state * A + action] = 1;
  });
  return { data, shape: [S, A] };
}
