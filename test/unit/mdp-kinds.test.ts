/** The kinds of MDP with one transition function: built, refused, converted, solved alike. */
import { describe, expect, test } from 'vitest';

import {
  BackwardInduction,
  BatchValueIteration,
  bellmanBackup,
  EffectiveHorizon,
  estimateMdpBytes,
  estimateSolveBytes,
  frozenLake,
  garnet,
  gridWorld,
  Mdp,
  PolicyIteration,
  putermanTwoState,
  randomDeterministic,
  requireMemory,
  riverSwim,
  type SingleMdp,
  solve,
  ValueIteration,
} from '../../src/bellman/index.js';
import { devices } from '../../src/engine.js';
import { expectError, furthest } from './lib/expect.js';

const lake = Mdp.fromTables(frozenLake({ map: '4x4' }));
const river = Mdp.fromTables(riverSwim());
const random = Mdp.fromTables(garnet({ numStates: 60, numActions: 3, branching: 4, seed: 5 }));
const masked = Mdp.fromTables(putermanTwoState());
const graph = Mdp.fromTables(randomDeterministic(40, 3, 2)).toDeterministic();
/** A corridor of three cells; right of the last one the episode ends with reward 1. */
const corridor = Mdp.deterministic({
  numStates: 3,
  numActions: 2,
  nextStates: Int32Array.of(0, 1, 0, 2, 1, -1),
  rewards: Float64Array.of(0, 0, 0, 0, 0, 1),
});

describe('the sparse kind', () => {
  test('takes 64-bit offsets, narrowed without loss', () => {
    const tables = lake.tables();
    const wide = new Mdp({ ...tables, rowPtr: BigInt64Array.from(tables.rowPtr, BigInt) });
    expect(wide.rowPtr).toEqual(lake.rowPtr);
    expect(wide.tables()).toEqual(tables);
  });

  test('says what offsets the ops can follow', () => {
    const tables = lake.tables();
    const wide = BigInt64Array.from(tables.rowPtr, BigInt);
    wide[3] = 3_000_000_000n;
    expectError(
      () => new Mdp({ ...tables, rowPtr: wide }),
      'BELFRY_BAD_VALUE',
      /rowPtr holds 3000000000, expected offsets in \[0, 2147483647\]: the ops count/,
    );
    wide[3] = -1n;
    expectError(() => new Mdp({ ...tables, rowPtr: wide }), 'BELFRY_BAD_VALUE', /holds -1/);
  });

  test('names what is wrong and where', () => {
    const tables = () => ({
      numStates: 2,
      numActions: 2,
      rowPtr: Int32Array.of(0, 1, 2, 3, 4),
      col: Int32Array.of(0, 1, 0, 1),
      prob: Float64Array.of(1, 1, 1, 1),
      rewards: Float64Array.of(0, 0, 0, 0),
    });
    const make = (change: object) => () => new Mdp({ ...tables(), ...change });
    expectError(make({ numStates: 1.5 }), 'BELFRY_BAD_VALUE', /numStates is 1.5/);
    expectError(make({ numActions: -1 }), 'BELFRY_BAD_VALUE', /numActions is -1/);
    expectError(
      make({ numStates: 2 ** 20, numActions: 2 ** 20 }),
      'BELFRY_BAD_VALUE',
      /at most 2147483646 rows/,
    );
    expectError(make({ rowPtr: Int32Array.of(0, 4) }), 'BELFRY_BAD_SHAPE', /rowPtr has 2/);
    expectError(make({ rowPtr: Int32Array.of(0, 1, 2, 3, 3) }), 'BELFRY_BAD_VALUE', /0 to 3/);
    expectError(
      make({ rowPtr: Int32Array.of(0, 3, 2, 3, 4) }),
      'BELFRY_BAD_VALUE',
      /falls after row 1 \(state 0, action 1\)/,
    );
    expectError(
      make({ col: Int32Array.of(0, 1, 2, 1) }),
      'BELFRY_BAD_VALUE',
      /col holds 2 in row 2 \(state 1, action 0\)/,
    );
    expectError(make({ col: [0, 1, 0, 1] }), 'BELFRY_BAD_DTYPE', /col is an array of 4/);
    expectError(
      make({ prob: Float64Array.of(1, 1.5, 1, 1) }),
      'BELFRY_BAD_VALUE',
      /mass 1.5 in row 1/,
    );
    expectError(make({ prob: Float64Array.of(1, NaN, 1, 1) }), 'BELFRY_BAD_VALUE', /holds NaN/);
    expectError(make({ prob: Float64Array.of(1) }), 'BELFRY_BAD_SHAPE', /prob has 1/);
    expectError(
      make({ rewards: Float64Array.of(0, 0, 0, Infinity) }),
      'BELFRY_BAD_VALUE',
      /rewards holds Infinity for row 3 \(state 1, action 1\)/,
    );
    expectError(make({ rewards: new Float32Array(4) }), 'BELFRY_BAD_DTYPE', /Float64Array/);
    expectError(make({ actionMask: new Uint8Array(3) }), 'BELFRY_BAD_SHAPE', /actionMask has 3/);
  });
});

describe('dense and deterministic', () => {
  test('say the same as sparse rows, both ways', () => {
    for (const mdp of [random, river, masked]) {
      const dense = mdp.toDense();
      expect(dense.canEnd).toBe(mdp.canEnd);
      expect(dense.toSparse().toDense().tables()).toEqual(dense.tables());
      expect(dense.toSparse()).toBe(dense.toSparse());
    }
    expect(graph.toSparse().toDeterministic().tables()).toEqual(graph.tables());
    expect(corridor.canEnd).toBe(true);
    expect(corridor.toSparse().canEnd).toBe(true);
    expect(corridor.toSparse().numTransitions).toBe(5);
    expect(corridor.toSparse().toDeterministic().nextStates).toEqual(corridor.nextStates);
    expectError(() => lake.toDeterministic(), 'BELFRY_BAD_VALUE', /3 successors in row 0/);
  });

  test('add up entries with the same successor', () => {
    // The lake keeps two moves into the same wall apart.
    const dense = lake.toDense();
    expect(dense.prob[0]).toBeCloseTo(2 / 3, 15);
    const values = new Float64Array(16).map((_, s) => s);
    const [a, b] = [lake, dense].map((mdp) => bellmanBackup(mdp, { values, discount: 0.9 }));
    expect(furthest(a!.values.data, b!.values.data)).toBeLessThan(1e-14);
  });

  test('name what is wrong and where', () => {
    const dense = (change: object) => () =>
      Mdp.dense({
        numStates: 2,
        numActions: 1,
        prob: Float64Array.of(0.5, 0.5, 0, 1),
        rewards: Float64Array.of(1, 0),
        ...change,
      });
    expect(dense({})().canEnd).toBe(false);
    expect(dense({ prob: Float64Array.of(0.5, 0.2, 0, 1) })().canEnd).toBe(true);
    const heavy = Float64Array.of(0.5, 0.5, 0.5, 1);
    expectError(
      dense({ prob: heavy }),
      'BELFRY_BAD_VALUE',
      /Mdp.dense: prob has mass 1.5 in row 1 \(state 1, action 0\)/,
    );
    expectError(dense({ prob: new Float64Array(3) }), 'BELFRY_BAD_SHAPE', /prob has 3/);
    expectError(dense({ rewards: Float64Array.of(NaN, 0) }), 'BELFRY_BAD_VALUE', /holds NaN/);
    const next = (nextStates: Int32Array) => () =>
      Mdp.deterministic({ numStates: 2, numActions: 1, nextStates, rewards: new Float64Array(2) });
    expectError(
      next(Int32Array.of(0, 2)),
      'BELFRY_BAD_VALUE',
      /nextStates holds 2 in row 1 \(state 1, action 0\), expected a state in \[0, 2\), or −1/,
    );
    expectError(next(Int32Array.of(0, -2)), 'BELFRY_BAD_VALUE', /holds -2/);
    expectError(next(Int32Array.of(0)), 'BELFRY_BAD_SHAPE', /nextStates has 1/);
  });

  test('are solved as sparse rows are', async () => {
    for (const mdp of [random, river, masked]) {
      const want = new ValueIteration(mdp, { discount: 0.95 }).solveSync();
      for (const model of [mdp, mdp.toDense()] as SingleMdp<Float64Array>[]) {
        const vi = new ValueIteration(model, { discount: 0.95 }).solveSync();
        const pi = new PolicyIteration(model, { discount: 0.95 }).solveSync();
        const { values, converged } = await solve(model, { discount: 0.95 });
        expect(furthest(vi.values.data, want.values.data)).toBeLessThan(1e-12);
        expect(furthest(pi.values.data, want.values.data)).toBeLessThan(2e-6);
        expect(furthest(values.data, want.values.data)).toBeLessThan(2e-6);
        expect(converged).toBe(true);
      }
    }
    const { values } = await solve(corridor, { discount: 0.5 });
    expect([...values.data]).toEqual([0.25, 0.5, 1]);
    const far = await solve(graph, { criterion: 'average' });
    const same = await solve(graph.toSparse(), { criterion: 'average' });
    expect(far.gain).toBe(same.gain);
    const analysis = new EffectiveHorizon(corridor, { horizon: 3 }).analyseSync();
    expect(analysis.optimalReturn).toBe(1);
  });
});

test('a model never changes, and solvers refuse what is none', () => {
  for (const model of [
    lake,
    river.toDense(),
    corridor,
    Mdp.batch([river]),
    Mdp.timeDependent([river]),
  ]) {
    expect(() => Object.assign(model, { numStates: 1 })).toThrow(TypeError);
  }
  const batch = Mdp.batch([river]) as unknown as Mdp;
  const plain = { ...river.tables() } as unknown as Mdp;
  const options = { discount: 0.9, horizon: 1 };
  for (const run of [
    () => new ValueIteration(batch, { discount: 0.9 }),
    () => new PolicyIteration(plain, { discount: 0.9 }),
    () => new EffectiveHorizon(batch, { horizon: 1 }),
  ]) {
    expectError(run, 'BELFRY_INVALID_ARGUMENT', /expected an Mdp of kind sparse, dense, determ/);
  }
  expectError(
    () => new BackwardInduction(batch, options),
    'BELFRY_INVALID_ARGUMENT',
    /mdp is of kind 'batch'/,
  );
});

describe('memory', () => {
  test('the estimate of a model is what it takes', () => {
    const size = { numStates: 60, numActions: 3, numTransitions: 720 };
    expect(estimateMdpBytes(size)).toBe(random.bytes);
    expect(estimateMdpBytes({ ...size, dtype: 'float32' })).toBe(random.toFloat32().bytes);
    expect(estimateMdpBytes({ ...size, kind: 'dense' })).toBe(random.toDense().bytes);
    const two = Mdp.batch([random, random]);
    const sizeOfTwo = { kind: 'batch' as const, numStates: 120, numActions: 3, numModels: 2 };
    expect(estimateMdpBytes({ ...sizeOfTwo, numTransitions: 1440 })).toBe(two.bytes);
    const shared = random.withRewards([random.rewards, random.rewards]);
    expect(estimateMdpBytes({ ...size, kind: 'shared', numModels: 2 })).toBe(shared.bytes);
    const forty = { numStates: 40, numActions: 3 };
    expect(estimateMdpBytes({ ...forty, kind: 'deterministic' })).toBe(graph.bytes);
    const timed = Mdp.timeDependent<Float64Array>([random.toDense(), random.toDense()]);
    expect(estimateMdpBytes({ ...size, kind: 'timed', horizon: 2 })).toBe(timed.bytes);
    const puterman = { numStates: 2, numActions: 2, numTransitions: 5, masked: true };
    expect(estimateMdpBytes(puterman)).toBe(masked.bytes);
  });

  test('the estimate of a solve counts what the solver makes', () => {
    const sync = estimateSolveBytes(random, { sync: true });
    expect(sync).toEqual({
      model: random.bytes,
      copies: 0,
      workspace: 2 * 8 * 60,
      results: (3 * 8 + 4) * 60,
      total: random.bytes + 16 * 60 + 28 * 60,
    });
    expect(estimateSolveBytes(random).copies).toBe(random.bytes);
    expect(estimateSolveBytes(random.toDense()).copies).toBeGreaterThan(random.toDense().bytes);
    const size = { numStates: 1e6, numActions: 4, numTransitions: 3.2e7 };
    const methods = ['value_iteration', 'modified_policy_iteration', 'inexact_policy_iteration'];
    const totals = methods.map(
      (method) => estimateSolveBytes(size, { method: method as 'value_iteration' }).total,
    );
    expect(totals).toEqual([...totals].sort((a, b) => a - b));
    const howard = estimateSolveBytes(random, { method: 'policy_iteration' });
    expect(howard.workspace).toBeGreaterThanOrEqual(8 * 60 * 60);
    const timed = estimateSolveBytes(Mdp.timeDependent([river, river]));
    expect(timed.results).toBe(8 * 3 * 6 + 4 * 2 * 6);
  });

  test('what cannot be held is refused before it is made', () => {
    const message = /Mdp.toDense: needs 3200000\.0 GB, expected at most the .* of free memory/;
    const grid = Mdp.fromTables(gridWorld({ rows: 1000, cols: 1000 }));
    expectError(() => grid.toDense(), 'BELFRY_OUT_OF_MEMORY', /needs an array of 4000000000000/);
    expectError(() => requireMemory('Mdp.toDense', 3.2e15), 'BELFRY_OUT_OF_MEMORY', message);
    requireMemory('Mdp.toDense', 1000, 1000);
  });
});

describe('on a GPU', () => {
  test('the operands move once, or the error says why not', () => {
    if (devices().length === 0) {
      for (const model of [
        lake,
        lake.toDense(),
        corridor,
        Mdp.batch([lake]),
        Mdp.timeDependent([lake]),
      ])
        expectError(() => model.to('cuda'), 'BELFRY_CUDA_UNAVAILABLE', /CUDA is not available/);
      return;
    }
    const shared = random.withRewards([random.rewards, random.rewards]);
    const options = { discount: 0.9 };
    for (const model of [lake, lake.toDense(), corridor]) {
      using placed = model.to('cuda');
      expect(placed.device).toBe('cuda');
      expect(placed.operands().rewards.device).toBe('cuda');
      const got = new ValueIteration<Float64Array>(placed, options).solveSync();
      const want = new ValueIteration<Float64Array>(model, options).solveSync();
      expect(furthest(got.values.data, want.values.data)).toBeLessThan(2e-6);
    }
    for (const model of [Mdp.batch([lake, lake]), shared]) {
      using placed = model.to('cuda');
      const got = new BatchValueIteration(placed, options).solveSync();
      const want = new BatchValueIteration(model, options).solveSync();
      expect(furthest(got.values.data, want.values.data)).toBeLessThan(2e-6);
    }
    for (const steps of [
      [lake, lake],
      [lake.toDense(), lake.toDense()],
    ]) {
      const timed = Mdp.timeDependent<Float64Array>(steps);
      using placed = timed.to('cuda');
      const got = new BackwardInduction(placed).solveSync();
      expect(
        furthest(got.values.data, new BackwardInduction(timed).solveSync().values.data),
      ).toBeLessThan(1e-12);
    }
  });

  test('only cuda is a place to go to, and disposal of a host model is nothing', () => {
    expectError(() => lake.to('tpu' as 'cuda'), 'BELFRY_INVALID_ARGUMENT', /device is "tpu"/);
    expect(lake.device).toBe('cpu');
    lake.dispose();
    expect(lake.operands().prob.data).toBe(lake.prob);
  });
});

test('recorded transitions make the model the op estimates', () => {
  const transitions = {
    states: Int32Array.of(0, 0, 0, 1, 2),
    actions: Int32Array.of(0, 0, 1, 0, 1),
    rewards: Float64Array.of(1, 3, 0, 5, 7),
    nextStates: Int32Array.of(1, 2, 0, 1, 0),
    terminated: Uint8Array.of(0, 0, 0, 1, 0),
  };
  const mdp = Mdp.fromTransitions(transitions);
  expect(mdp.tables()).toEqual({
    numStates: 3,
    numActions: 2,
    rowPtr: Int32Array.of(0, 2, 3, 3, 3, 3, 4),
    col: Int32Array.of(1, 2, 0, 0),
    prob: Float64Array.of(0.5, 0.5, 1, 1),
    rewards: Float64Array.of(2, 0, 5, 0, 0, 7),
    actionMask: Uint8Array.of(1, 1, 1, 0, 0, 1),
  });
  const { values } = new ValueIteration(mdp, { discount: 0.5, tolerance: 1e-12 }).solveSync();
  // V(1) = 5, V(0) = 2 + 0.25 (5 + V(2)), V(2) = 7 + 0.5 V(0)
  const first = (2 + 1.25 + 1.75) / (1 - 0.125);
  expect(values.data[0]).toBeCloseTo(first, 10);
  expect(values.data[2]).toBeCloseTo(7 + first / 2, 10);
  const loops = Mdp.fromTransitions({ ...transitions, untried: 'self_loop', numStates: 4 });
  expect(loops.actionMask).toBeUndefined();
  expect([...loops.col.subarray(3, 5)]).toEqual([1, 2]);
  const bold = Mdp.fromTransitions({ ...transitions, untried: 'optimistic', rMax: 9 });
  expect([...bold.rewards]).toEqual([2, 0, 5, 9, 9, 7]);
  const single = Mdp.fromTransitions({
    ...transitions,
    rewards: Float32Array.from(transitions.rewards),
  });
  expect(single.prob).toEqual(Float32Array.of(0.5, 0.5, 1, 1));
  const empty = new Int32Array(0);
  const none = { states: empty, actions: empty, nextStates: empty, rewards: new Float64Array(0) };
  expect(Mdp.fromTransitions(none).numStates).toBe(0);
});
