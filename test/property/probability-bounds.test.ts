/** Bounds of a probability against exact fractions; optimistic value iteration throughout. */
import { CsrBuilder, Mdp, problem, reachability, reachabilityAsync } from 'belfry/bellman';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';
import { Fraction, fixedPoint } from './lib/fraction.js';

const stop = 'optimistic_value_iteration';
const numStates = 5;
const numActions = 2;
const goal = numStates - 1;

/** Rows of sixteenths, which float64 holds exactly: cycles, traps, missing mass, masked actions. */
const models = fc
  .record({ seed: fc.integer({ min: 1, max: 2 ** 30 }), mode: fc.constantFrom('max', 'min') })
  .map(({ seed, mode }) => {
    const random = randomSource(seed);
    const rowPtr = [0];
    const col: number[] = [];
    const prob: number[] = [];
    for (let row = 0; row < numStates * numActions; row++) {
      let left = random() < 0.2 ? 12 : 16;
      const count = 1 + Math.floor(random() * 3);
      for (let k = 0; k < count && left > 0; k++) {
        const share = k === count - 1 ? left : Math.ceil(random() * left);
        col.push(Math.floor(random() * numStates));
        prob.push(share / 16);
        left -= share;
      }
      rowPtr.push(col.length);
    }
    const mask = Uint8Array.from({ length: numStates * numActions }, () =>
      random() < 0.15 ? 0 : 1,
    );
    const shape = [numStates, numActions];
    return {
      mode: mode as 'max' | 'min',
      rowPtr: Int32Array.from(rowPtr),
      col: Int32Array.from(col),
      prob: Float64Array.from(prob),
      actionMask: { data: mask, shape },
    };
  });
type Model = typeof models extends fc.Arbitrary<infer M> ? M : never;

/** Probability of reaching the goal from every state under one policy; −1: no action. */
function underPolicy(model: Model, policy: readonly number[]): Fraction[] {
  const entries = (s: number): number[] => {
    if (s === goal || policy[s]! < 0) return [];
    const row = s * numActions + policy[s]!;
    const from = model.rowPtr[row]!;
    return Array.from({ length: model.rowPtr[row + 1]! - from }, (_, i) => from + i);
  };
  const states = policy.map((_, s) => s);
  const reaches = new Set([goal]);
  for (const _ of states)
    for (const s of states) if (entries(s).some((e) => reaches.has(model.col[e]!))) reaches.add(s);
  const open = states.filter((s) => s !== goal && reaches.has(s));
  const mass = (s: number, to: number): Fraction =>
    entries(s)
      .filter((e) => model.col[e] === to)
      .reduce((sum, e) => sum.plus(Fraction.of(model.prob[e]!)), new Fraction(0n));
  const x = fixedPoint(
    open.map((s) => open.map((to) => mass(s, to))),
    open.map((s) => mass(s, goal)),
  );
  return states.map((s) =>
    s === goal ? new Fraction(1n) : open.includes(s) ? x[open.indexOf(s)]! : new Fraction(0n),
  );
}

/** The best or worst of all policies without memory, one of which is optimal everywhere. */
function exact(model: Model): Fraction[] {
  const allowed = Array.from({ length: numStates }, (_, s) => {
    const actions = [0, 1].filter((a) => model.actionMask.data[s * numActions + a]);
    return s === goal || actions.length === 0 ? [-1] : actions;
  });
  const policies = allowed.reduce<number[][]>(
    (some, actions) => some.flatMap((policy) => actions.map((a) => [...policy, a])),
    [[]],
  );
  return policies
    .map((policy) => underPolicy(model, policy))
    .reduce((best, x) =>
      best.map((b, s) => (b.atMost(x[s]!) === (model.mode === 'max') ? x[s]! : b)),
    );
}

/** A chain with every row as two actions, so that it is swept, not eliminated. */
function twice(name: string) {
  const chain = problem(name);
  const model = new CsrBuilder(chain.numStates, 2);
  for (let s = 0; s < chain.numStates; s++)
    for (let e = chain.rowPtr[s]!; e < chain.rowPtr[s + 1]!; e++)
      for (const action of [0, 1]) model.add(s, action, chain.col[e]!, chain.prob[e]!);
  return Mdp.fromTables(model.build()).operands();
}

describe('bounds of a probability', () => {
  test.each(['interval_iteration', stop] as const)('%s bounds the exact probability', (stop) => {
    fc.assert(
      fc.property(models, (model) => {
        const want = exact(model);
        const got = reachability({ ...model, goal: [goal], numActions, eps: 1e-9, stop });
        expect(got.converged).toBe(1);
        want.forEach((x, s) => {
          const [low, high] = [got.lower.data[s]!, got.upper.data[s]!];
          expect(Fraction.of(low).atMost(x), `state ${s}: ${low} to ${x.toNumber()}`).toBe(true);
          expect(x.atMost(Fraction.of(high)), `state ${s}: ${high} to ${x.toNumber()}`).toBe(true);
          expect(high - low).toBeLessThanOrEqual(1e-9);
        });
      }),
      { numRuns: 200 },
    );
  });

  test('optimistic value iteration agrees with interval iteration in float32, its bounds rounded outwards', () => {
    fc.assert(
      fc.property(models, (model) => {
        const single = { ...model, prob: Float32Array.from(model.prob), goal: [goal], numActions };
        const other = reachability({ ...single, eps: 1e-6 });
        const got = reachability({ ...single, eps: 1e-6, stop });
        expect(got.converged).toBe(1);
        expect([...got.zeroStates.data]).toEqual([...other.zeroStates.data]);
        for (let s = 0; s < numStates; s++) {
          expect(Math.abs(got.prob.data[s]! - other.prob.data[s]!)).toBeLessThan(2e-6);
          expect(got.lower.data[s]!).toBeLessThanOrEqual(other.upper.data[s]!);
          expect(got.upper.data[s]!).toBeGreaterThanOrEqual(other.lower.data[s]!);
        }
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    [2, 49 / 128, 13 / 120],
    [4, 1793 / 4096, 251 / 4080],
  ])('has the published answers of consensus, bound %d', (bound, least, greatest) => {
    const answer = reachability({ builtin: `consensus(2,${bound})`, eps: 1e-8, stop });
    expect(answer.converged).toBe(1);
    expect(Math.abs(answer.c2Pmin - least)).toBeLessThan(1e-8);
    expect(Math.abs(answer.disagreePmax - greatest)).toBeLessThan(1e-8);
  });

  test('has the published answers of the die and of the ring', () => {
    for (const face of [7, 8, 9, 10, 11, 12]) {
      const { prob } = reachability({ ...twice('knuth_yao'), goal: [face], stop });
      expect(Math.abs(prob.data[0]! - 1 / 6)).toBeLessThan(1e-8);
    }
    for (const mode of ['max', 'min'] as const) {
      const { lower, converged } = reachability({ builtin: 'israeli_jalfon(6)', mode, stop });
      expect(converged).toBe(1);
      expect(Math.min(...lower.data)).toBeGreaterThan(1 - 1e-8);
    }
  });

  // Small changes of a sweep stop long before the answer: 2¹² steps to the end, 10⁻⁴ a guess.
  test('is not taken in by the chain of Haddad and Monmege', () => {
    for (const p of [0.7, 0.5, 0.1]) {
      const chain = { ...twice(`haddad_monmege(12,${p})`), goal: [0] };
      const { prob, converged, iterations } = reachability({ ...chain, eps: 1e-4, stop });
      expect(converged).toBe(1);
      expect(iterations).toBeGreaterThan(1000);
      expect(Math.abs(prob.data[12]! - p)).toBeLessThan(1e-4);
    }
  });

  test('says so where sweeps run out, and its bounds hold', () => {
    const chain = { ...twice('haddad_monmege(45,0.7)'), goal: [0] };
    for (const maxIterations of [1, 2, 17, 3000]) {
      const { lower, upper, converged, iterations } = reachability({
        ...chain,
        eps: 1e-6,
        maxIterations,
        stop,
      });
      expect([converged, iterations]).toEqual([0, maxIterations]);
      expect(lower.data[45]!).toBeLessThanOrEqual(0.7);
      expect(upper.data[45]!).toBeGreaterThanOrEqual(0.7);
    }
  });

  test('finds the narrowest bounds that rounding lets it prove', () => {
    const model = { ...twice('knuth_yao'), goal: [7], eps: 1e-18, stop } as const;
    const { lower, upper, converged, iterations } = reachability(model);
    expect(converged).toBe(0);
    expect(iterations).toBeLessThan(5000);
    expect(lower.data[0]!).toBeLessThanOrEqual(1 / 6);
    expect(upper.data[0]!).toBeGreaterThanOrEqual(1 / 6);
    expect(upper.data[0]! - lower.data[0]!).toBeLessThan(1e-13);
  });

  test('stops when it is told to', async () => {
    const chain = { ...twice('haddad_monmege(30,0.7)'), goal: [0], eps: 1e-12, stop } as const;
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    const call = reachabilityAsync({ ...chain, maxIterations: 2e9, signal: controller.signal });
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('knows the empty questions: no goal, every state a goal', () => {
    const model = { ...twice('knuth_yao'), stop } as const;
    expect(Math.max(...reachability({ ...model, goal: [] }).upper.data)).toBe(0);
    const all = Array.from({ length: 13 }, (_, s) => s);
    const { lower, converged, iterations } = reachability({ ...model, goal: all });
    expect([Math.min(...lower.data), converged, iterations]).toEqual([1, 1, 0]);
  });
});
