/** Small models with a goal, whose answers exact fractions give. */
import { CsrBuilder, Mdp, problem } from 'belfry/bellman';
import fc from 'fast-check';

import { randomSource } from '../../../src/tools/random-arguments.js';
import { Fraction, fixedPoint } from './fraction.js';

export const numStates = 5;
export const numActions = 2;
export const goal: number = numStates - 1;

export interface GoalModel {
  mode: 'max' | 'min';
  rowPtr: Int32Array;
  col: Int32Array;
  prob: Float64Array;
  rewards: { data: Float64Array; shape: number[] };
  actionMask: { data: Uint8Array; shape: number[] };
}

/**
 * Rows of sixteenths, which float64 holds exactly: cycles, traps, missing mass in a part `leaky` of
 * them, masked actions; costs of eighths, many of them 0.
 */
export function goalModels(leaky: number): fc.Arbitrary<GoalModel> {
  return fc
    .record({ seed: fc.integer({ min: 1, max: 2 ** 30 }), mode: fc.constantFrom('max', 'min') })
    .map(({ seed, mode }) => goalModel(seed, mode as 'max' | 'min', leaky));
}

function goalModel(seed: number, mode: 'max' | 'min', leaky: number): GoalModel {
  const random = randomSource(seed);
  const rowPtr = [0];
  const col: number[] = [];
  const prob: number[] = [];
  for (let row = 0; row < numStates * numActions; row++) {
    let left = random() < leaky ? 12 : 16;
    const count = 1 + Math.floor(random() * 3);
    for (let k = 0; k < count && left > 0; k++) {
      const share = k === count - 1 ? left : Math.ceil(random() * left);
      col.push(Math.floor(random() * numStates));
      prob.push(share / 16);
      left -= share;
    }
    rowPtr.push(col.length);
  }
  const rows = Array.from({ length: numStates * numActions });
  const mask = Uint8Array.from(rows, () => (random() < 0.15 ? 0 : 1));
  const costs = Float64Array.from(rows, () => Math.max(0, Math.floor(random() * 12 - 4)) / 8);
  const shape = [numStates, numActions];
  return {
    mode,
    rowPtr: Int32Array.from(rowPtr),
    col: Int32Array.from(col),
    prob: Float64Array.from(prob),
    rewards: { data: costs, shape },
    actionMask: { data: mask, shape },
  };
}

const states = Array.from({ length: numStates }, (_, s) => s);
const zero = new Fraction(0n);

function entries(model: GoalModel, policy: readonly number[], s: number): number[] {
  if (s === goal || policy[s]! < 0) return [];
  const row = s * numActions + policy[s]!;
  const from = model.rowPtr[row]!;
  return Array.from({ length: model.rowPtr[row + 1]! - from }, (_, i) => from + i);
}

/** x = P x + b over some states, 0 elsewhere. */
function solved(
  model: GoalModel,
  policy: readonly number[],
  open: number[],
  b: (s: number) => Fraction,
): Fraction[] {
  const x = fixedPoint(
    open.map((s) => open.map((to) => mass(model, policy, s, to))),
    open.map(b),
  );
  return states.map((s) => (open.includes(s) ? x[open.indexOf(s)]! : zero));
}

function mass(model: GoalModel, policy: readonly number[], s: number, to: number): Fraction {
  return entries(model, policy, s)
    .filter((e) => model.col[e] === to)
    .reduce((sum, e) => sum.plus(Fraction.of(model.prob[e]!)), zero);
}

/** Probability of reaching the goal from every state under one policy; −1: no action. */
function probability(model: GoalModel, policy: readonly number[]): Fraction[] {
  const reaches = new Set([goal]);
  for (const _ of states)
    for (const s of states)
      if (entries(model, policy, s).some((e) => reaches.has(model.col[e]!))) reaches.add(s);
  const open = states.filter((s) => s !== goal && reaches.has(s));
  const x = solved(model, policy, open, (s) => mass(model, policy, s, goal));
  return x.map((p, s) => (s === goal ? new Fraction(1n) : p));
}

/** Expected cost until the goal; nothing where it is missed with some probability. */
function cost(model: GoalModel, policy: readonly number[]): (Fraction | undefined)[] {
  const one = new Fraction(1n);
  const surely = probability(model, policy).map((p) => p.minus(one).isZero());
  const open = states.filter((s) => s !== goal && surely[s]);
  const paid = (s: number): Fraction =>
    Fraction.of(model.rewards.data[s * numActions + policy[s]!]!);
  const x = solved(model, policy, open, paid);
  return x.map((c, s) => (surely[s] ? c : undefined));
}

/** All policies without memory, one of which is optimal everywhere. */
function policies(model: GoalModel): number[][] {
  const allowed = states.map((s) => {
    const actions = [0, 1].filter((a) => model.actionMask.data[s * numActions + a]);
    return s === goal || actions.length === 0 ? [-1] : actions;
  });
  return allowed.reduce<number[][]>(
    (some, actions) => some.flatMap((policy) => actions.map((a) => [...policy, a])),
    [[]],
  );
}

export function exactProbability(model: GoalModel): Fraction[] {
  return policies(model)
    .map((policy) => probability(model, policy))
    .reduce((best, x) =>
      best.map((b, s) => (b.atMost(x[s]!) === (model.mode === 'max') ? x[s]! : b)),
    );
}

/** Nothing where the cost is infinite; 'proper': the greatest of policies that surely arrive. */
export function exactCost(
  model: GoalModel,
  of: 'min' | 'max' | 'proper' = model.mode,
): (Fraction | undefined)[] {
  const greatest = of !== 'min';
  return policies(model)
    .map((policy) => cost(model, policy))
    .reduce((best, x) =>
      best.map((b, s) => {
        const other = x[s];
        if (b === undefined || other === undefined) return of === 'max' ? undefined : (b ?? other);
        return b.atMost(other) === greatest ? other : b;
      }),
    );
}

/** A chain with every row as two actions, so that it is solved or swept, not eliminated. */
export function twice(name: string, cost = 0): ReturnType<Mdp<Float64Array>['operands']> {
  const chain = problem(name);
  const model = new CsrBuilder(chain.numStates, 2);
  for (let s = 0; s < chain.numStates; s++)
    for (let e = chain.rowPtr[s]!; e < chain.rowPtr[s + 1]!; e++)
      for (const action of [0, 1]) model.add(s, action, chain.col[e]!, chain.prob[e]!, cost);
  return Mdp.fromTables(model.build()).operands();
}
