/** `solve` and its classes take every kind of model with every feature that makes sense for it. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AnyMdp,
  actionElimination,
  andersonValueIteration,
  cliffWalking,
  estimateSolveBytes,
  forest,
  garnet,
  gridWorld,
  inPlaceValueIteration,
  Mdp,
  PolicyIteration,
  riverSwim,
  type SingleMdp,
  type SolveOptions,
  solve,
  solveMethods,
  topologicalValueIteration,
  ValueIteration,
  type ValueIterationVariant,
  valueIteration,
  valueIterationDense,
  valueIterationDeterministic,
} from 'belfry/bellman';
import { afterAll, describe, expect, test } from 'vitest';
import { randomSource } from '../../src/tools/random-arguments.js';

type RealArrays = Float64Array | Float32Array;

const folder = mkdtempSync(join(tmpdir(), 'belfry-kinds-'));
afterAll(() => rmSync(folder, { recursive: true }));

const cliff = Mdp.fromTables(cliffWalking());
const river = Mdp.fromTables(riverSwim());
const kinds: [string, SingleMdp<Float64Array>][] = [
  ['dense', cliff.toDense()],
  ['deterministic', cliff.toDeterministic()],
];

describe.each(kinds)('a model of kind %s', (kind, mdp) => {
  test.each([
    'synchronous',
    'in_place',
    'topological',
    'anderson',
    'elimination',
  ] as ValueIterationVariant[])(
    'ValueIteration %s, with a checkpoint, as the sparse',
    async (variant) => {
      const options = { discount: 0.99, variant };
      const want = new ValueIteration(cliff, options).solveSync();
      const got = new ValueIteration(mdp, options).solveSync();
      expect(got.values.data).toEqual(want.values.data);
      const file = join(folder, `${kind}-${variant}`);
      const checkpoint = { file, everySeconds: 0, resume: true };
      await new ValueIteration(mdp, { ...options, checkpoint, maxIterations: 5 }).solve();
      // The checkpoint of one kind is that of the same process in another.
      const resumed = await new ValueIteration(cliff, { ...options, checkpoint }).solve();
      expect(resumed.values.data).toEqual(want.values.data);
      expect(resumed.iterations).toBe(want.iterations);
    },
  );

  test.each(['howard', 'modified', 'inexact'] as const)('PolicyIteration %s', async (variant) => {
    const options = { discount: 0.99, variant };
    const want = new PolicyIteration(cliff, options).solveSync();
    const checkpoint = { file: join(folder, `${kind}-${variant}`), everySeconds: 0 };
    const got = await new PolicyIteration(mdp, { ...options, checkpoint }).solve();
    expect(got.values.data).toEqual(want.values.data);
    expect(got.policy.data).toEqual(want.policy.data);
  });

  test('solve by every method and criterion, as the sparse', async () => {
    const questions: SolveOptions[] = [
      ...solveMethods
        .filter((method) => method !== 'backward_induction' && method !== 'deterministic')
        .map((method) => ({ method, discount: 0.9, tolerance: 1e-9 })),
      { criterion: 'total' },
      { criterion: 'reach', goal: [47] },
      { horizon: 20, method: 'backward_induction' },
      { horizon: 20, criterion: 'total' },
    ];
    for (const question of questions) {
      const want = await solve(cliff, question);
      const got = await solve(mdp, question);
      expect(got.values.data, JSON.stringify(question)).toEqual(want.values.data);
      expect([got.method, got.reason]).toEqual([want.method, want.reason]);
      expect(got.converged).toBe(true);
    }
  });

  test('average reward', async () => {
    const model = kind === 'dense' ? river.toDense() : ring();
    const answer = await solve<Float64Array>(model, { criterion: 'average' });
    const want = await solve(model.toSparse(), { criterion: 'average' });
    expect(answer.gain).toBe(want.gain);
    expect(answer.reason).toMatch(/average reward/);
  });
});

/** Three states one after the other, a reward of 3 in the last. */
function ring() {
  return Mdp.deterministic({
    numStates: 3,
    numActions: 1,
    nextStates: Int32Array.of(1, 2, 0),
    rewards: Float64Array.of(0, 0, 3),
  });
}

describe('solve', () => {
  test('sweeps a deterministic board in place by itself', async () => {
    const grid = Mdp.fromTables(gridWorld({ rows: 100, cols: 100 })).toDeterministic();
    const answer = await solve<Float64Array>(grid, { discount: 0.99 });
    const method = 'in-place value iteration of the table of successors';
    expect(answer).toMatchObject({ method, iterations: 2, converged: true });
    expect(answer.reason).toMatch(/flow in the order/);
    const want = new ValueIteration(grid, { discount: 0.99 }).solveSync();
    answer.values.data.forEach((v, s) => {
      expect(Math.abs(v - (want.values.data[s] as number))).toBeLessThan(2e-6);
    });
  });

  /** A walk along 600 states that is paid at both ends: a few more sweeps than the look has. */
  function walk() {
    const numStates = 600;
    const random = randomSource(5);
    const order = Int32Array.from({ length: numStates }, (_, i) => i);
    // Ten states out of their order, so that each sweep carries a value over one of them.
    for (let i = 30; i < 600; i += 60) {
      [order[i], order[i - 15]] = [order[i - 15] as number, order[i] as number];
    }
    const nextStates = new Int32Array(2 * numStates);
    for (let i = 0; i < numStates; i++) {
      const s = order[i] as number;
      nextStates[2 * s] = i > 0 ? (order[i - 1] as number) : -1;
      nextStates[2 * s + 1] = i < numStates - 1 ? (order[i + 1] as number) : -1;
    }
    const rewards = Float64Array.from({ length: 2 * numStates }, () => -random());
    return Mdp.deterministic({ numStates, numActions: 2, nextStates, rewards });
  }

  /** Random moves: under a discount near one, sweeps do not end soon. */
  function graph() {
    const random = randomSource(3);
    const numStates = 2000;
    const nextStates = Int32Array.from({ length: 2 * numStates }, () =>
      Math.floor(random() * numStates),
    );
    const rewards = Float64Array.from({ length: 2 * numStates }, random);
    return Mdp.deterministic({ numStates, numActions: 2, nextStates, rewards });
  }

  test('writes checkpoints of a deterministic model and goes on from them, bit by bit', async () => {
    const mdp = walk();
    const options = { discount: 0.8, tolerance: 1e-9, method: 'deterministic' } as const;
    const want = await solve<Float64Array>(mdp, options);
    expect(want).toMatchObject({ converged: true, reason: 'asked for' });
    expect(want.iterations).toBeGreaterThan(3);
    const exact = await solve<Float64Array>(mdp.toSparse(), { ...options, method: 'in_place' });
    want.values.data.forEach((v, s) => {
      expect(Math.abs(v - (exact.values.data[s] as number))).toBeLessThan(2e-9);
      expect(want.lower?.data[s]).toBeLessThanOrEqual(v);
      expect(want.upper?.data[s]).toBeGreaterThanOrEqual(v);
    });
    const checkpoint = { file: join(folder, 'table'), everySeconds: 0, resume: true };
    for (const maxIterations of [2, 3]) {
      const part = await solve(mdp, { ...options, checkpoint, maxIterations });
      expect(part.converged).toBe(false);
    }
    // The method of the checkpoint is that which goes on.
    const { method: _, ...auto } = options;
    const resumed = await solve<Float64Array>(mdp, { ...auto, checkpoint });
    expect(resumed.reason).toBe('the checkpoint goes on with it');
    expect(resumed.values.data).toEqual(want.values.data);
    expect(resumed.policy?.data).toEqual(want.policy?.data);
    expect(resumed.iterations).toBe(want.iterations);
    const other = solve(mdp, { ...auto, discount: 0.7, checkpoint });
    await expect(other).rejects.toMatchObject({ code: 'BELFRY_BAD_FILE' });
  });

  test('stops a deterministic model, and tells how far it is', async () => {
    const stop = new AbortController();
    const bounds: (number | undefined)[] = [];
    const stopped = solve(graph(), {
      discount: 0.999999,
      method: 'deterministic',
      signal: stop.signal,
      onProgress: ({ bound }) => {
        bounds.push(bound);
        stop.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(bounds[0]).toBeGreaterThan(1e-6);
  });

  test('takes the table of a deterministic model only where that suits', async () => {
    const mdp = walk();
    const single = await solve(mdp.toFloat32(), { discount: 0.9 });
    expect(single.method).not.toMatch(/table/);
    expect((await solve(ring(), { discount: 0.9 })).method).toMatch(/policy iteration/);
    const asked = solve(mdp.toSparse(), { method: 'deterministic' });
    await expect(asked).rejects.toThrow(/method is 'deterministic', expected a model of kind/);
    const answer = await solve(graph(), { discount: 0.9999 });
    expect(answer.method).not.toMatch(/table/);
    expect(answer.converged).toBe(true);
  });

  test('gives bounds, method and reason for batches and steps', async () => {
    const batch = Mdp.batch([river, river]);
    const answer = await solve(batch, { discount: [0.9, 0.95], method: 'value_iteration' });
    expect(answer.reason).toMatch(/2 models/);
    expect(answer.lower?.data[11]).toBeLessThanOrEqual(answer.values.data[11] as number);
    const few = await solve(batch, { discount: 0.99, maxIterations: 2 });
    expect(few.converged).toBe(false);
    const week = Mdp.timeDependent([river, river.toDense()]);
    const timed = await solve(week, { criterion: 'total' });
    expect(timed).toMatchObject({ method: 'backward induction', iterations: 2 });
    expect(timed.reason).toMatch(/2 steps/);
  });

  test('refuses what a kind has no answer to, before it begins', async () => {
    const batch = Mdp.batch([river, river]);
    const checkpoint = { file: join(folder, 'refused') };
    const refused: [AnyMdp, SolveOptions, RegExp][] = [
      [batch, { checkpoint }, /checkpoint is given, expected none of models of kind 'batch'/],
      [batch, { method: 'in_place' }, /method is 'in_place', expected value_iteration/],
      [batch, { criterion: 'total' }, /criterion is 'total', expected discounted/],
      [river, { horizon: 3, checkpoint }, /checkpoint is given/],
      [river, { horizon: 3, method: 'anderson' }, /expected backward_induction/],
      [river, { horizon: 3, goal: [1] }, /goal is given/],
      [river, { horizon: 3, maxIterations: 3 }, /maxIterations is 3/],
      [river, { horizon: Number.NaN }, /horizon is NaN/],
      [river, { method: 'backward_induction' }, /expected a horizon too/],
      [river, { discount: [0.9] }, /discount is a list/],
      [river, { criterion: 'magic' as never }, /criterion is "magic"/],
      [river, { horizon: 1e12 }, /solve: needs .* GB, expected at most/],
    ];
    for (const [mdp, options, message] of refused) {
      await expect(solve(mdp, options)).rejects.toThrow(message);
    }
    expect(existsSync(checkpoint.file)).toBe(false);
  });

  test('the memory of every method is foretold', () => {
    const model = Mdp.fromTables(garnet({ numStates: 700, numActions: 3, branching: 4 }));
    for (const method of solveMethods) {
      const { workspace, results, total } = estimateSolveBytes(model, { method, horizon: 4 });
      expect(results, method).toBeGreaterThan(0);
      expect(total).toBe(model.bytes * 2 + workspace + results);
    }
    const { results } = estimateSolveBytes(model, { horizon: 4 });
    expect(results).toBe(8 * 5 * 700 + 4 * 4 * 700);
  });
});

describe('a state without an allowed action is worth exactly 0', () => {
  const { numStates, numActions, rewards } = Mdp.fromTables(forest());
  const mask = new Uint8Array(numStates * numActions).fill(1, 0, numActions);
  mask.fill(1, 2 * numActions);
  const mdp = new Mdp({ ...Mdp.fromTables(forest()).tables(), rewards, actionMask: mask });

  test('value_iteration_dense, value_iteration_deterministic', () => {
    const dense = mdp.toDense();
    const batch = valueIterationDense({
      prob: { data: dense.prob, shape: [1, 3, 2, 3] },
      rewards: { data: dense.rewards, shape: [1, 3, 2] },
      actionMask: { data: mask, shape: [1, 3, 2] },
      gamma: 0.9,
    });
    const table = Mdp.deterministic({
      numStates: 3,
      numActions: 2,
      nextStates: Int32Array.of(1, 0, 0, 2, 2, 1),
      rewards,
      actionMask: mask,
    });
    const moves = valueIterationDeterministic({ ...table.operands(), gamma: 0.9 });
    expect(batch.vStar.data[2]).toBeGreaterThan(1);
    expect(moves.vStar.data[2]).toBeGreaterThan(1);
    for (const { vStar, vStarLower, vStarUpper } of [batch, moves]) {
      const own = [vStar, vStarLower, vStarUpper].map(({ data }) => data[1]);
      expect(own).toEqual([0, 0, 0]);
    }
  });

  test.each([
    ['value_iteration', valueIteration],
    ['in_place_value_iteration', inPlaceValueIteration],
    ['topological_value_iteration', topologicalValueIteration],
    ['anderson_value_iteration', andersonValueIteration],
    ['action_elimination', actionElimination],
  ] as const)('%s', (_, solver) => {
    for (const model of [mdp, mdp.toFloat32()]) {
      for (const maxIterations of [1, 4, 1000]) {
        const args = { ...model.operands(), gamma: 0.9, tolerance: 1e-3, maxIterations };
        const answer = (solver as typeof valueIteration)<RealArrays>(args as never);
        expect(answer.vStar.data[1]).toBe(0);
        expect(answer.vStarLower.data[1]).toBe(0);
        expect(answer.vStarUpper.data[1]).toBe(0);
        expect(answer.policyStar.data[1]).toBe(-1);
        expect(answer.vStar.data[2]).not.toBe(0);
      }
    }
  });
});
