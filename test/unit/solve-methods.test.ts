/** `solve` finds a method by a look at the model, and names what has no answer. */
import {
  type AnyMdp,
  CsrBuilder,
  cliffWalking,
  forest,
  garnet,
  gridWorld,
  Mdp,
  problem,
  riverSwim,
  type SolveMethod,
  solve,
  ValueIteration,
} from 'belfry/bellman';
import { describe, expect, test } from 'vitest';

import { twice } from '../property/lib/goal-models.js';

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] as number))), 0);
}

describe('the look at a model', () => {
  test('finds that a grid flows in order: two sweeps in place, certified and exact', async () => {
    const rows = 300;
    const mdp = Mdp.fromTables(gridWorld({ rows, cols: rows }));
    const answer = await solve(mdp, { discount: 0.99 });
    expect(answer.method).toBe('in-place value iteration');
    expect(answer.reason).toMatch(/flow in the order/);
    expect([answer.iterations, answer.converged]).toEqual([2, true]);
    const distance = (s: number): number => 2 * (rows - 1) - Math.floor(s / rows) - (s % rows);
    const want = Array.from(answer.values.data, (_, s) => -100 * (1 - 0.99 ** distance(s)));
    expect(furthest(answer.values.data, want)).toBeLessThan(1e-9);
    expect(answer.upper?.data[0]).toBeGreaterThanOrEqual(want[0] as number);
    // Down and right are the ways to the goal, down the first of them.
    expect(answer.policy?.data[0]).toBe(1);
  });

  test('goes on with the sweeps of a model that mixes fast', async () => {
    const mdp = Mdp.fromTables(garnet({ numStates: 2000, numActions: 3, branching: 6 }));
    const answer = await solve(mdp, { discount: 0.999 });
    expect(answer.method).toBe('value iteration');
    expect(answer.reason).toMatch(/first 10 sweeps foretell about \d+ more/);
    const alone = new ValueIteration(mdp, { discount: 0.999 }).solveSync();
    expect(answer.iterations).toBeLessThanOrEqual(alone.iterations + 2);
    expect(furthest(answer.values.data, alone.values.data)).toBeLessThan(2e-6);
  });

  test('takes policies for one that mixes slowly', async () => {
    const mdp = Mdp.fromTables(problem('grid(60,60,0.1)'));
    const answer = await solve(mdp, { discount: 0.9999 });
    expect(answer.method).toMatch(/inexact policy iteration/);
    expect(answer.converged).toBe(true);
    const sweeps = new ValueIteration(mdp, { discount: 0.9999 }).solveSync();
    expect(furthest(answer.values.data, sweeps.values.data)).toBeLessThan(2e-6);
  });

  const methods: SolveMethod[] = [
    'value_iteration',
    'in_place',
    'topological',
    'anderson',
    'elimination',
    'policy_iteration',
    'modified_policy_iteration',
    'inexact_policy_iteration',
  ];
  test.each(methods)('%s, asked for, is what solves', async (method) => {
    const mdp = Mdp.fromTables(forest());
    const answer = await solve(mdp, { discount: 0.9, method, tolerance: 1e-9 });
    expect(answer).toMatchObject({ converged: true, reason: 'asked for' });
    expect(furthest(answer.values.data, [26.244, 29.484, 33.484])).toBeLessThan(1e-8);
    expect(Array.from(answer.policy?.data ?? [])).toEqual([0, 0, 0]);
  });

  test('float32 models too', async () => {
    const mdp = Mdp.fromTables(gridWorld({ rows: 40, cols: 40 })).toFloat32();
    const answer = await solve(mdp, { discount: 0.9, tolerance: 1e-3 });
    expect(answer.values.data).toBeInstanceOf(Float32Array);
    expect(answer.converged).toBe(true);
  });

  test('refuses what it does not know', async () => {
    const mdp = Mdp.fromTables(forest());
    await expect(solve(mdp, { method: 'magic' as never })).rejects.toThrow(/method is "magic"/);
    const stop = 'optimistic_value_iteration';
    await expect(solve(mdp, { stop })).rejects.toThrow(/stop is 'optimistic_value_iteration'/);
    await expect(solve(mdp, { criterion: 'average', stop })).rejects.toThrow(/stop is/);
    await expect(solve(mdp, { horizon: 3, stop })).rejects.toThrow(/stop is/);
    await expect(solve(mdp, { criterion: 'reach', stop: 'magic' as never })).rejects.toThrow(
      /stop is "magic"/,
    );
    await expect(solve(mdp, { criterion: 'total', method: 'in_place' })).rejects.toThrow(
      /method is 'in_place'/,
    );
    expect(() => new ValueIteration(mdp, { discount: 0.9, variant: 'x' as never })).toThrow(
      /variant is "x"/,
    );
    expect(
      () => new ValueIteration(mdp, { discount: 0.9, variant: 'anderson', stop: 'sup' }),
    ).toThrow(/stop is "sup"/);
  });
});

describe('total reward', () => {
  test('has the published values where the episode can end', async () => {
    const cliff = await solve(Mdp.fromTables(cliffWalking()), { discount: 1 });
    expect(cliff.converged).toBe(true);
    expect(cliff.values.data[36]).toBeCloseTo(-13, 9);
    expect(cliff.values.data.reduce((sum, v) => sum + v, 0)).toBeCloseTo(-357, 7);
    const lake = await solve(Mdp.fromTables(problem('frozenlake4x4')), { criterion: 'total' });
    expect(lake.converged).toBe(true);
    expect(lake.values.data[0]).toBeCloseTo(14 / 17, 9);
    const taxi = await solve(Mdp.fromTables(problem('taxi')), { criterion: 'total' });
    expect(taxi.converged).toBe(true);
    expect(taxi.values.data.reduce((sum, v) => sum + v, 0)).toBeCloseTo(5365, 7);
  });

  test('has bounds where rewards only cost, or only pay and every policy ends', async () => {
    const models = [
      {
        mdp: Mdp.fromTables(cliffWalking()),
        at: 36,
        want: -13,
        method: 'stochastic shortest path',
      },
      {
        mdp: Mdp.fromTables(problem('frozenlake4x4')),
        at: 0,
        want: 14 / 17,
        method: 'expected reward',
      },
    ];
    for (const { mdp, at, want, method } of models) {
      for (const stop of [undefined, 'optimistic_value_iteration'] as const) {
        for (const model of [mdp, mdp.toFloat32()]) {
          const tolerance = model === mdp ? 1e-9 : 1e-5;
          const options = { criterion: 'total', tolerance, ...(stop && { stop }) } as const;
          const { lower, upper, values, ...rest } = await solve(model as AnyMdp, options);
          expect(rest.converged).toBe(true);
          expect(rest.method.startsWith(method)).toBe(true);
          expect(rest.method.includes('optimistic')).toBe(stop !== undefined);
          // Thirds rounded to float32 are not quite thirds.
          const slack = model === mdp ? 0 : 1e-6;
          expect(lower!.data[at]!).toBeLessThanOrEqual(want + slack);
          expect(upper!.data[at]!).toBeGreaterThanOrEqual(want - slack);
          expect(values.data[at]!).toBeGreaterThanOrEqual(lower!.data[at]!);
          expect(values.data[at]!).toBeLessThanOrEqual(upper!.data[at]!);
          expect(upper!.data[at]! - lower!.data[at]!).toBeLessThan(2 * tolerance * 20);
        }
      }
    }
  });

  test('probabilities by either way of bounding them', async () => {
    const goal = [0];
    const { rowPtr, col, prob, rewards } = twice('haddad_monmege(6,0.7)');
    const chain = new Mdp({
      ...{ numStates: 13, numActions: 2, rowPtr: rowPtr.data, col: col.data },
      ...{ prob: prob.data, rewards: rewards.data },
    });
    const stop = 'optimistic_value_iteration';
    for (const way of ['interval_iteration', stop] as const) {
      const options = { criterion: 'reach', goal, tolerance: 1e-9, stop: way } as const;
      const { values, lower, upper, converged, method } = await solve(chain, options);
      expect(converged).toBe(true);
      expect(Math.abs(values.data[6]! - 0.7)).toBeLessThan(1e-9);
      expect(lower!.data[6]!).toBeLessThanOrEqual(0.7);
      expect(upper!.data[6]!).toBeGreaterThanOrEqual(0.7);
      expect(method === 'reachability by optimistic value iteration').toBe(way === stop);
    }
    const few = await solve(chain, { criterion: 'reach', goal, maxIterations: 3, stop });
    expect([few.converged, few.iterations]).toEqual([false, 3]);
  });

  test('averages with bounds of the gain', async () => {
    const howard = Mdp.fromTables(riverSwim());
    const { gain, gainLower, gainUpper } = await solve(howard, { criterion: 'average' });
    expect(gainLower!).toBeLessThanOrEqual(gain!);
    expect(gainUpper!).toBeGreaterThanOrEqual(gain!);
    expect(gainUpper! - gainLower!).toBeLessThan(2e-6);
  });

  test('names what is improper, and never loops', async () => {
    const river = Mdp.fromTables(riverSwim());
    const endless = await solve(river, { criterion: 'total' });
    expect(endless.converged).toBe(false);
    expect(endless.reason).toMatch(/improper: no policy ends for certain from 6 states/);
    const cliff = Mdp.fromTables(cliffWalking());
    const dearest = await solve(cliff, { criterion: 'total', mode: 'min' });
    expect(dearest.converged).toBe(false);
    expect(dearest.reason).toMatch(/improper: a policy that never ends is better/);
    const builder = new CsrBuilder(3, 1);
    builder.add(0, 0, 0, 1, -1); // for ever
    builder.add(1, 0, 2, 1, -2);
    builder.add(2, 0, 2, 1, 0, true);
    const split = await solve(Mdp.fromTables(builder.build()), { discount: 1 });
    expect(split.reason).toMatch(/improper: no policy ends for certain from 1 states/);
    expect(Array.from(split.values.data)).toEqual([Number.NEGATIVE_INFINITY, -2, 0]);
    expect(Array.from(split.policy?.data ?? [])).toEqual([-1, 0, 0]);
  });

  test('ends where nothing is ever paid again', async () => {
    const builder = new CsrBuilder(4, 2);
    builder.add(0, 0, 1, 0.5, -1); // tries until it gets on
    builder.add(0, 0, 0, 0.5, -1);
    builder.add(0, 1, 2, 1, -9);
    builder.add(1, 0, 3, 1, 2);
    builder.add(1, 1, 2, 1, 0);
    for (const a of [0, 1]) {
      builder.add(2, a, 3, 1, 0); // 2 and 3 lead to each other for ever
      builder.add(3, a, 2, 1, 0);
    }
    const mdp = Mdp.fromTables(builder.build());
    const paid = await solve(mdp, { criterion: 'total' });
    expect(paid).toMatchObject({ converged: true, method: "Howard's policy iteration" });
    expect(Array.from(paid.values.data)).toEqual([0, 2, 0, 0]);
    expect(Array.from(paid.policy?.data ?? [])).toEqual([0, 0, 0, 0]);
    const rewards = mdp.rewards.map((r) => Math.min(r, 0));
    const costs = await solve(new Mdp({ ...mdp.tables(), rewards }), { criterion: 'total' });
    expect(costs).toMatchObject({ converged: true, method: 'stochastic shortest path' });
    expect(costs.values.data[0]).toBeCloseTo(-2, 12);
    expect(Array.from(costs.values.data.subarray(1))).toEqual([0, 0, 0]);
  });

  test('until a goal', async () => {
    const river = Mdp.fromTables(riverSwim());
    const answer = await solve(river, { criterion: 'total', goal: [5], mode: 'min' });
    expect(answer).toMatchObject({ method: 'stochastic shortest path', converged: true });
    expect(answer.values.data[5]).toBe(0);
    const paid = await solve(river, { criterion: 'total', goal: [5] });
    expect(paid.converged).toBe(false);
    expect(paid.reason).toMatch(/improper/);
  });
});
