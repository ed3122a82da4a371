/** Bounds of a probability against exact fractions; optimistic value iteration throughout. */
import { reachability, reachabilityAsync } from 'belfry/bellman';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Fraction } from './lib/fraction.js';
import {
  exactProbability,
  goal,
  goalModels,
  numActions,
  numStates,
  twice,
} from './lib/goal-models.js';

const stop = 'optimistic_value_iteration';
const models = goalModels(0.2);

describe('bounds of a probability', () => {
  test.each(['interval_iteration', stop] as const)('%s bounds the exact probability', (stop) => {
    fc.assert(
      fc.property(models, (model) => {
        const want = exactProbability(model);
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
        const { rewards: _, ...rest } = model;
        const single = { ...rest, prob: Float32Array.from(model.prob), goal: [goal], numActions };
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
