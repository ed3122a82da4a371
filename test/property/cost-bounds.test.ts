/** Bounds of an expected cost against exact fractions and published answers. */
import { CsrBuilder, Mdp, problem, reachability, stochasticShortestPath } from 'belfry/bellman';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';
import { Fraction } from './lib/fraction.js';
import { exactCost, type GoalModel, goal, goalModels, twice } from './lib/goal-models.js';

const quantity = 'expected_cost';
const models = goalModels(0.05);
const stops = ['interval_iteration', 'optimistic_value_iteration'] as const;

interface Found {
  lower: { data: ArrayLike<number> };
  upper: { data: ArrayLike<number> };
}

/** Every bound on its side of the exact cost, and `eps` apart. */
function expectBounds(
  { lower, upper }: Found,
  want: (Fraction | undefined)[],
  eps: number,
  states = want.map((_, s) => s),
): void {
  states.forEach((s) => {
    const x = want[s];
    const [low, high] = [lower.data[s]!, upper.data[s]!];
    if (x === undefined) return expect([low, high]).toEqual([Infinity, Infinity]);
    expect(Fraction.of(low).atMost(x), `state ${s}: ${low} to ${x.toNumber()}`).toBe(true);
    expect(x.atMost(Fraction.of(high)), `state ${s}: ${high} to ${x.toNumber()}`).toBe(true);
    expect(high - low).toBeLessThanOrEqual(eps * Math.max(1, high));
  });
}

/** The cost of always taking a policy's actions, by the op itself on what is left. */
function costOf(model: GoalModel, policy: Int32Array): ArrayLike<number> {
  const mask = new Uint8Array(model.actionMask.data.length);
  policy.forEach((action, s) => {
    if (action >= 0) mask[s * 2 + action] = 1;
  });
  const only = { data: mask, shape: model.actionMask.shape };
  return reachability({ ...model, actionMask: only, goal: [goal], quantity }).value.data;
}

function withCost(name: string, cost: number) {
  const { rewards, ...rest } = Mdp.fromTables(problem(name)).operands();
  const data = new Float64Array(rewards.data.length).fill(cost);
  return { ...rest, rewards: { data, shape: rewards.shape } };
}

/** Plain sweeps until nothing moves: every cycle costs something. */
function longSweeps(model: ReturnType<typeof withCost>, goals: number[], mode: 'min' | 'max') {
  const { rowPtr, col, prob, rewards, actionMask } = model;
  const [count, actions] = rewards.shape as [number, number];
  const best = mode === 'min' ? Math.min : Math.max;
  const values = new Array<number>(count).fill(0);
  for (let sweep = 0; sweep < 20_000; sweep++)
    for (let s = 0; s < count; s++) {
      if (goals.includes(s)) continue;
      const costs: number[] = [];
      for (let row = s * actions; row < (s + 1) * actions; row++) {
        if (actionMask?.data[row] === 0) continue;
        let sum = rewards.data[row]!;
        for (let e = rowPtr.data[row]!; e < rowPtr.data[row + 1]!; e++)
          sum += prob.data[e]! * values[col.data[e]!]!;
        costs.push(sum);
      }
      values[s] = best(...costs);
    }
  return values;
}

describe.each(stops)('%s', (stop) => {
  test('bounds the exact cost, and its policy has it', () => {
    let finite = 0;
    fc.assert(
      fc.property(models, (model) => {
        const want = exactCost(model);
        const got = reachability({ ...model, goal: [goal], quantity, eps: 1e-9, stop });
        expect(got.converged).toBe(1);
        expectBounds(got, want, 1e-9);
        const own = costOf(model, got.policy.data);
        want.forEach((x, s) => {
          const value = got.value.data[s]!;
          expect(value).toBeGreaterThanOrEqual(got.lower.data[s]!);
          expect(value).toBeLessThanOrEqual(got.upper.data[s]!);
          if (x === undefined) return;
          finite += 1;
          if (s === goal) return;
          expect(Math.abs(own[s]! - x.toNumber())).toBeLessThan(1e-8 * Math.max(1, value));
        });
      }),
      { numRuns: 300 },
    );
    expect(finite).toBeGreaterThan(400);
  });

  test('float32 rounds its bounds outwards', () => {
    fc.assert(
      fc.property(models, (model) => {
        const single = {
          ...model,
          prob: Float32Array.from(model.prob),
          rewards: { ...model.rewards, data: Float32Array.from(model.rewards.data) },
        };
        const got = reachability({ ...single, goal: [goal], quantity, eps: 1e-5, stop });
        expect(got.converged).toBe(1);
        expectBounds(got, exactCost(model), 2e-5);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    [3, 4 / 3],
    [5, 3.2],
    [7, 48 / 7],
  ])('Herman, %d processes', (size, steps) => {
    const ring = reachability({ builtin: `herman(${size})`, quantity, stop });
    expect(ring.converged).toBe(1);
    expect(ring.maxValue).toBeCloseTo(steps, 8);
    const top = ring.value.data.indexOf(ring.maxValue);
    expect(ring.lower.data[top]!).toBeLessThanOrEqual(steps);
    expect(ring.upper.data[top]!).toBeGreaterThanOrEqual(steps);
  });

  test.each([
    [2, 75, 48],
    [4, 243, 192],
    [8, 867, 768],
  ])('consensus of 2, bound %d', (bound, most, least) => {
    const answer = reachability({ builtin: `consensus(2,${bound})`, eps: 1e-8, stop });
    expect(answer.converged).toBe(1);
    expect(Math.abs(answer.stepsMax - most)).toBeLessThan(1e-8 * most);
    expect(Math.abs(answer.stepsMin - least)).toBeLessThan(1e-8 * least);
  });

  test.each(['min', 'max'] as const)('steps of the ring of Israeli and Jalfon, %s', (mode) => {
    const ring = withCost('israeli_jalfon(5)', 1);
    const goals = [...problem('israeli_jalfon(5)').goal!];
    const found = reachability({ ...ring, goal: goals, quantity, mode, eps: 1e-10, stop });
    expect(found.converged).toBe(1);
    const want = longSweeps(ring, goals, mode);
    want.forEach((x, s) => {
      expect(found.lower.data[s]!).toBeLessThanOrEqual(x + 1e-9);
      expect(found.upper.data[s]!).toBeGreaterThanOrEqual(x - 1e-9);
      expect(Math.abs(found.value.data[s]! - x)).toBeLessThan(1e-8);
    });
  });

  // 2¹² steps to an end: a sweep changes little long before the answer, 3·(2¹² − 1) − … steps.
  test('is not taken in by a slow chain', () => {
    const chain = { ...twice('haddad_monmege(12,0.5)', 1), goal: [0, 24] };
    const exact = reachability({
      ...withCost('haddad_monmege(12,0.5)', 1),
      goal: [0, 24],
      quantity,
    });
    for (const mode of ['min', 'max'] as const) {
      const found = reachability({ ...chain, quantity, mode, eps: 1e-4, stop });
      expect(found.converged).toBe(1);
      const [low, high] = [found.lower.data[12]!, found.upper.data[12]!];
      expect(low).toBeLessThanOrEqual(exact.value.data[12]!);
      expect(high).toBeGreaterThanOrEqual(exact.value.data[12]!);
      expect(high - low).toBeLessThanOrEqual(1e-4 * high);
    }
  });

  test('free cycles are no free ride, and dear ones no end', () => {
    const builder = new CsrBuilder(4, 3);
    builder.add(0, 0, 1, 1, 0); // 0 and 1: for ever, for nothing
    builder.add(1, 0, 0, 1, 0);
    builder.add(0, 1, 3, 1, 5);
    builder.add(1, 1, 3, 1, 3);
    builder.add(1, 2, 2, 1, 0.5); // 2: costs a quarter a step, and never has to end
    builder.add(2, 0, 2, 1, 0.25);
    builder.add(2, 1, 3, 0.5, 1);
    builder.add(2, 1, 0, 0.5, 1);
    for (const [s, a] of [
      [0, 2],
      [2, 2],
    ] as const)
      builder.forbid(s, a);
    const model = { ...Mdp.fromTables(builder.build()).operands(), goal: [3] };
    const least = stochasticShortestPath({ ...model, eps: 1e-10, stop });
    expect(least.converged).toBe(1);
    expect(Array.from(least.values.data)).toEqual([3, 3, 2.5, 0].map((x) => expect.closeTo(x, 9)));
    expectBounds(least, [3, 3, 2.5, 0].map(Fraction.of), 1e-10);
    expect(Array.from(least.policy.data)).toEqual([0, 1, 1, -1]);
    const greatest = reachability({ ...model, quantity, mode: 'max', stop });
    expect(Array.from(greatest.upper.data)).toEqual([Infinity, Infinity, Infinity, 0]);
  });

  test('the greatest cost of the policies that surely arrive', () => {
    let only = 0;
    fc.assert(
      fc.property(models, (model) => {
        const question = {
          ...model,
          goal: [goal],
          quantity,
          mode: 'max',
          eps: 1e-9,
          stop,
        } as const;
        const all = reachability(question);
        const proper = reachability({ ...question, policies: 'proper' });
        expect(proper.converged).toBe(1);
        const want = exactCost(model, 'proper');
        proper.value.data.forEach((value, s) => {
          // Policies without memory may have a greatest cost where others have none.
          if (value === Infinity) return;
          expectBounds(proper, want, 1e-9, [s]);
          if (all.value.data[s] === Infinity) only += 1;
        });
      }),
      { numRuns: 300 },
    );
    expect(only).toBeGreaterThan(20);
    const builder = new CsrBuilder(3, 2);
    builder.add(0, 0, 0, 1, 0.5); // can be put off for ever, for a price
    builder.add(0, 1, 2, 1, 1);
    builder.add(1, 0, 1, 1, 0); // or for nothing
    builder.add(1, 1, 2, 1, 4);
    builder.forbid(2, 0);
    builder.forbid(2, 1);
    const two = { ...Mdp.fromTables(builder.build()).operands(), goal: [2], quantity } as const;
    const { value, policy } = reachability({ ...two, mode: 'max', policies: 'proper', stop });
    expect(Array.from(value.data)).toEqual([Infinity, expect.closeTo(4, 7), 0]);
    expect(Array.from(policy.data)).toEqual([-1, 1, -1]);
  });

  test('a model too large to be solved densely', () => {
    const mdp = Mdp.fromTables(problem('grid(30,30,0.2)'));
    const costs = mdp.rewards.map((reward) => Math.abs(reward));
    const { rewards, ...rest } = mdp.operands();
    const model = { ...rest, rewards: { data: costs, shape: rewards.shape }, goal: [899] };
    const found = stochasticShortestPath({ ...model, stop });
    expect(found.converged).toBe(1);
    const other = stops.find((name) => name !== stop)!;
    const again = stochasticShortestPath({ ...model, stop: other });
    for (let s = 0; s < 900; s++) {
      expect(found.lower.data[s]!).toBeLessThanOrEqual(again.upper.data[s]!);
      expect(again.lower.data[s]!).toBeLessThanOrEqual(found.upper.data[s]!);
    }
  });

  test('goes on from where it paused to the same bits', () => {
    const grid = withCost('grid(26,26,0.3)', 1);
    for (const model of [twice('haddad_monmege(9,0.5)', 1), grid]) {
      const last = model.rewards.shape[0]! - 1;
      const question = {
        ...model,
        goal: [0, last],
        quantity,
        mode: 'min',
        eps: 1e-7,
        stop,
      } as const;
      const whole = reachability(question);
      let part = reachability({ ...question, pauseAfter: 3 });
      let parts = 1;
      for (; part.paused === 1; parts++) {
        expect(part.converged).toBe(0);
        const { stopState, iterates, iteratePolicy } = part;
        const pauseAfter = 1 + ((7 * parts) % 40);
        part = reachability({ ...question, stopState, iterates, iteratePolicy, pauseAfter });
      }
      // The chain is small: its first policy is the only one, solved and proved in one call.
      if (model === grid || stop === stops[1]) expect(parts).toBeGreaterThan(1);
      expect(part).toEqual(whole);
    }
  });
});

describe('what is not proved is not claimed', () => {
  test('a chain of 2⁴⁵ steps', () => {
    const slow = { ...twice('haddad_monmege(45,0.5)', 1), goal: [0, 90], quantity } as const;
    const exact = reachability({
      ...withCost('haddad_monmege(45,0.5)', 1),
      goal: [0, 90],
      quantity,
    });
    expect(exact.converged).toBe(1); // eliminated
    for (const stop of stops) {
      const found = reachability({ ...slow, mode: 'min', maxSweeps: 2000, stop });
      expect(found.converged).toBe(0);
      expect(found.lower.data[45]!).toBeLessThanOrEqual(exact.value.data[45]!);
      expect(found.upper.data[45]!).toBeGreaterThanOrEqual(exact.value.data[45]!);
    }
  });

  test('a solve that gave up has bounds that hold', () => {
    const random = randomSource(11);
    const count = 40;
    const builder = new CsrBuilder(count, 3);
    for (let s = 0; s < count; s++)
      for (let a = 0; a < 3; a++) {
        const cost = 1 + random();
        builder.add(s, a, Math.floor(random() * count), 0.7, cost);
        builder.add(s, a, count - 1, 0.3, cost);
      }
    const model = { ...Mdp.fromTables(builder.build()).operands(), goal: [count - 1] };
    const best = stochasticShortestPath({ ...model, eps: 1e-12 });
    expect(best.converged).toBe(1);
    const early = stochasticShortestPath({ ...model, maxIterations: 1 });
    expect([early.converged, early.iterations]).toEqual([0, 1]);
    const late = stochasticShortestPath({
      ...model,
      stop: 'optimistic_value_iteration',
      maxSweeps: 3,
    });
    expect([late.converged, late.iterations]).toEqual([0, 3]);
    for (const some of [early, late])
      for (let s = 0; s < count; s++) {
        expect(some.lower.data[s]!).toBeLessThanOrEqual(best.upper.data[s]!);
        expect(some.upper.data[s]!).toBeGreaterThanOrEqual(best.lower.data[s]!);
      }
  });

  test('a state that goes on from nonsense answers, and crashes nothing', () => {
    const model = { ...twice('haddad_monmege(5,0.5)', 1), goal: [0, 10], quantity } as const;
    const states = model.rewards.shape[0]!;
    for (const junk of [Number.NaN, -7, 1e300, 3, 4, 5, Infinity]) {
      const found = reachability({
        ...model,
        maxSweeps: 50,
        maxIterations: 5,
        stopState: new Float64Array(8).fill(junk),
        iterates: { data: new Float64Array(4 * states).fill(junk), shape: [4, states] },
        iteratePolicy: new Int32Array(states).fill(2 ** 30),
      });
      expect(found.value.data).toHaveLength(states);
    }
  });

  test('all states goals, or none', () => {
    const model = { ...twice('knuth_yao', 1), quantity } as const;
    const all = Array.from({ length: 13 }, (_, s) => s);
    for (const stop of stops) {
      const done = reachability({ ...model, goal: all, stop });
      expect([done.converged, Math.max(...done.upper.data)]).toEqual([1, 0]);
      const none = reachability({ ...model, goal: [], stop });
      expect([none.converged, Math.min(...none.lower.data)]).toEqual([1, Infinity]);
    }
  });
});
