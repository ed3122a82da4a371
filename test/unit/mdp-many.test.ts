/** Batches, many reward functions and time-dependent models: built, refused, solved. */
import { describe, expect, test } from 'vitest';

import {
  BackwardInduction,
  BatchValueIteration,
  bellmanBackup,
  bellmanBackupAsync,
  finiteHorizon,
  frozenLake,
  garnet,
  Mdp,
  MdpBatch,
  putermanTwoState,
  riverSwim,
  type SingleMdp,
  solve,
  ValueIteration,
} from '../../src/bellman/index.js';
import type { RealArray } from '../../src/tensor.js';
import { expectError, furthest } from './lib/expect.js';

const river = Mdp.fromTables(riverSwim());
const random = Mdp.fromTables(garnet({ numStates: 60, numActions: 3, branching: 4, seed: 5 }));
const masked = Mdp.fromTables(putermanTwoState());
/** A corridor of three cells; right of the last one the episode ends with reward 1. */
const corridor = Mdp.deterministic({
  numStates: 3,
  numActions: 2,
  nextStates: Int32Array.of(0, 1, 0, 2, 1, -1),
  rewards: Float64Array.of(0, 0, 0, 0, 0, 1),
});

describe('a batch of models', () => {
  const models = [river, masked, river.toDense(), corridor];
  const batch = Mdp.batch<Float64Array>(models);

  test('keeps each of them', () => {
    expect(batch.numModels).toBe(4);
    expect([...batch.stateOffsets]).toEqual([0, 6, 8, 14, 17]);
    models.forEach((model, m) => {
      const { layout: _, actionMask: __, ...tables } = model.toSparse().tables();
      expect(batch.at(m).tables()).toMatchObject(tables);
      expect(batch.at(m).canEnd).toBe(model.canEnd);
    });
    expect(batch.at(1).actionMask).toEqual(masked.actionMask);
    expect(batch.modelOf(13)).toBe(2);
    expect(new MdpBatch(batch.tables()).canEndOf).toEqual(batch.canEndOf);
    for (const m of [-1, 4, 0.5]) expectError(() => batch.at(m), 'BELFRY_BAD_VALUE', /model is/);
  });

  test('is solved as each of them alone, with a discount each', async () => {
    const discounts = [0.9, 0.95, 0.99, 0.5];
    const solver = new BatchValueIteration(batch, { discount: discounts, tolerance: 1e-8 });
    const residuals: number[] = [];
    const found = await solver.solve({
      onProgress: ({ residual = 0 }) => residuals.push(residual),
    });
    const { values, lower, upper, policy, converged } = found;
    expect(converged).toBe(true);
    expect(residuals.at(-1)).toBeLessThanOrEqual(1e-8);
    expect(solver.solveSync().values.data).toEqual(values.data);
    models.forEach((model, m) => {
      const alone = new ValueIteration(model, { discount: discounts[m]!, tolerance: 1e-10 });
      const want = alone.solveSync();
      const part = batch.stateOffsets.subarray(m, m + 2) as unknown as [number, number];
      expect(furthest(values.data.subarray(...part), want.values.data)).toBeLessThan(2e-8);
      expect([...policy.data.subarray(...part)]).toEqual([...want.policy.data]);
      want.values.data.forEach((value, s) => {
        expect(lower.data[part[0] + s]!).toBeLessThanOrEqual(value + 1e-9);
        expect(upper.data[part[0] + s]!).toBeGreaterThanOrEqual(value - 1e-9);
      });
    });
    const answer = await solve(batch, { discount: discounts, tolerance: 1e-8 });
    expect(answer.values.data).toEqual(values.data);
  });

  test('stops, starts warm, and gives up where it must', async () => {
    const options = { discount: 0.9, tolerance: 1e-8 };
    const solver = new BatchValueIteration(batch, options);
    const cold = solver.solveSync();
    const warm = solver.solveSync({ initialValues: cold.values.data });
    expect(warm.iterations).toBeLessThan(4);
    expect(cold.iterations).toBeGreaterThan(20);
    const few = new BatchValueIteration(batch, { ...options, maxIterations: 3 }).solveSync();
    expect(few.converged).toBe(false);
    expect(few.convergedOf.length).toBe(4);
    await expect(solver.solve({ signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    // Without a discount a self-loop of reward 1 has no value; the sweeps end all the same.
    const forever = Mdp.batch([river, river]);
    const lost = new BatchValueIteration(forever, { discount: 1, maxIterations: 50 }).solveSync();
    expect(lost.converged).toBe(false);
    expect(lost.iterations).toBeLessThanOrEqual(51);
  });

  test('without a discount it sweeps until nothing changes', async () => {
    const lakes = Mdp.batch(
      [true, false].map((slippery) => Mdp.fromTables(frozenLake({ slippery }))),
    );
    let sweeps = 0;
    const solver = new BatchValueIteration(lakes, { discount: 1, tolerance: 1e-12 });
    const { values, converged } = await solver.solve({
      onProgress: ({ iteration }) => {
        sweeps = iteration;
      },
    });
    expect(converged).toBe(true);
    expect(sweeps).toBeGreaterThan(100);
    expect(values.data[0]).toBeCloseTo(14 / 17, 8);
    expect(values.data[16]).toBe(1);
    const none = { discount: 0.9, maxIterations: 0 };
    expectError(
      () => new BatchValueIteration(lakes, none).solveSync(),
      'BELFRY_INVALID_ARGUMENT',
      /maxIterations/,
    );
  });

  test('takes float32, and finds what does not go together', () => {
    const single = batch.toFloat32();
    const wide = new BatchValueIteration(batch, { discount: 0.9 }).solveSync();
    const narrow = new BatchValueIteration(single, { discount: 0.9, tolerance: 1e-4 }).solveSync();
    expect(narrow.values.data).toBeInstanceOf(Float32Array);
    expect(furthest(narrow.values.data, wide.values.data)).toBeLessThan(2e-4);
    expect(single.toFloat64().dtype).toBe('float64');
    expectError(() => Mdp.batch([]), 'BELFRY_BAD_VALUE', /was given no model/);
    expectError(
      () => Mdp.batch([river, random]),
      'BELFRY_BAD_VALUE',
      /model 1 has numActions 3, expected 2/,
    );
    const mixed = [river, river.toFloat32()] as unknown as SingleMdp[];
    expectError(() => Mdp.batch(mixed), 'BELFRY_BAD_VALUE', /model 1 has dtype float32/);
    expectError(
      () => new BatchValueIteration(batch, { discount: [0.9] }),
      'BELFRY_INVALID_ARGUMENT',
      /discount is an array of 1, expected one number, or 4/,
    );
  });

  test('names the model of a bad row', () => {
    const make = (change: object) => () => Mdp.batch({ ...batch.tables(), ...change });
    const col = batch.col.slice();
    col[batch.rowPtr[6 * 2]!] = 2; // the second model has two states
    expectError(
      make({ col }),
      'BELFRY_BAD_VALUE',
      /col holds 2 in row 12 \(state 0, action 0, model 1\), expected a state in \[0, 2\)/,
    );
    const prob = batch.prob.slice();
    prob[0] = 1.5;
    expectError(make({ prob }), 'BELFRY_BAD_VALUE', /in row 0 \(state 0, action 0, model 0\)/);
    const offsets = (...stateOffsets: number[]) =>
      make({ stateOffsets: Int32Array.from(stateOffsets) });
    expectError(offsets(), 'BELFRY_BAD_VALUE', /stateOffsets is empty/);
    expectError(offsets(1, 17), 'BELFRY_BAD_VALUE', /begins with 1/);
    expectError(offsets(0, 8, 6, 17), 'BELFRY_BAD_VALUE', /falls after model 1/);
    expectError(offsets(0, 8), 'BELFRY_BAD_SHAPE', /rowPtr has 35 elements, expected 17/);
  });

  test('may hold models without states', () => {
    const empty = { stateOffsets: Int32Array.of(0, 0, 6, 6) };
    const some = Mdp.batch({ ...river.tables(), ...empty });
    const { values, converged } = new BatchValueIteration(some, { discount: 0.9 }).solveSync();
    const alone = new ValueIteration(river, { discount: 0.9 }).solveSync();
    expect(converged).toBe(true);
    expect(furthest(values.data, alone.values.data)).toBeLessThan(2e-6);
  });
});

describe('many reward functions over one model', () => {
  const rewards = [0, 1, 2].map((b) =>
    random.rewards.map((r, row) => (b === 1 ? -r : r + b * row)),
  );
  const shared = random.withRewards(rewards);

  test('is solved as each alone', async () => {
    const { values, policy } = await solve(shared, { discount: 0.9, tolerance: 1e-8 });
    expect(values.shape).toEqual([3, 60]);
    rewards.forEach((reward, b) => {
      expect(shared.at(b).rewards).toEqual(reward);
      const alone = new Mdp({ ...random.tables(), rewards: reward });
      const want = new ValueIteration(alone, { discount: 0.9, tolerance: 1e-10 }).solveSync();
      const part = values.data.subarray(60 * b, 60 * (b + 1));
      expect(furthest(part, want.values.data)).toBeLessThan(2e-8);
      expect([...policy!.data.subarray(60 * b, 60 * (b + 1))]).toEqual([...want.policy.data]);
    });
    const min = await solve(shared, { discount: 0.9, mode: 'min' });
    expect(min.values.data[0]!).toBeLessThan(values.data[0]!);
  });

  test('takes one long array, and finds what is wrong', () => {
    const long = Float64Array.from(rewards.flatMap((reward) => [...reward]));
    expect(random.withRewards(long).rewards).toEqual(shared.rewards);
    const make = (given: unknown) => () => random.withRewards(given as Float64Array);
    expectError(make(long.subarray(1)), 'BELFRY_BAD_SHAPE', /has 539 elements, expected 540/);
    expectError(make([]), 'BELFRY_BAD_SHAPE', /rewards is empty/);
    expectError(make(Float32Array.from(long)), 'BELFRY_BAD_DTYPE', /Float64Array/);
    expectError(make([new Float64Array(3)]), 'BELFRY_BAD_SHAPE', /rewards\[0\] has 3/);
    const holed = long.slice();
    holed[200] = NaN;
    expectError(
      make(holed),
      'BELFRY_BAD_VALUE',
      /row 20 \(state 6, action 2\) of reward function 1/,
    );
    expectError(() => shared.at(3), 'BELFRY_BAD_VALUE', /index is 3/);
    expectError(
      () => new BatchValueIteration(shared, { discount: [0.9, 0.9, 0.9] }),
      'BELFRY_INVALID_ARGUMENT',
      /expected one number/,
    );
  });
});

describe('time-dependent models', () => {
  const other = Mdp.fromTables(garnet({ numStates: 60, numActions: 3, branching: 4, seed: 6 }));
  const dense = [random.toDense(), other.toDense(), random.toDense()];

  /** Backwards by single backups. */
  function byHand(steps: readonly SingleMdp<Float64Array>[], discount: number): Float64Array {
    let values = new Float64Array(60);
    for (const step of [...steps].reverse()) {
      values = bellmanBackup(step, { values, discount }).values.data as Float64Array<ArrayBuffer>;
    }
    return values;
  }

  test('sparse, dense and mixed steps have one answer', async () => {
    const want = byHand(dense, 0.9);
    const mixtures: SingleMdp<Float64Array>[][] = [
      [random, other, random],
      dense,
      [random, dense[1]!, random],
    ];
    for (const steps of mixtures) {
      const timed = Mdp.timeDependent(steps);
      const { values, policy, method } = await solve(timed, { discount: 0.9 });
      expect(method).toBe('backward induction');
      expect([values.shape, policy!.shape]).toEqual([
        [4, 60],
        [3, 60],
      ]);
      expect(furthest(values.data.subarray(0, 60), want)).toBeLessThan(1e-12);
      expect([...values.data.subarray(180)]).toEqual([...new Float64Array(60)]);
    }
  });

  test('one table for all steps is used where it lies', () => {
    const join = (parts: readonly RealArray[]) => Float64Array.from(parts.flatMap((p) => [...p]));
    const prob = join(dense.map((step) => step.prob));
    const rewards = join(dense.map((step) => step.rewards));
    const timed = Mdp.timeDependent({ numStates: 60, numActions: 3, prob, rewards });
    const operands = timed.operands();
    expect(operands.probT.data.buffer).toBe(prob.buffer);
    expect(operands.probT.shape).toEqual([3, 60, 3, 60]);
    expect(timed.horizon).toBe(3);
    const terminalValues = Float64Array.from({ length: 60 }, (_, s) => s);
    const solver = new BackwardInduction(timed, { discount: 0.9, terminalValues });
    const found = finiteHorizon({ ...operands, gamma: 0.9, terminalValues });
    expect(solver.solveSync().values.data).toEqual(found.values.data);
    // Separate steps are put together for the op.
    const apart = Mdp.timeDependent<Float64Array>([random, other, random]);
    expect(apart.operands().probT.data).toEqual(prob);
    const sparse = new BackwardInduction(apart, { discount: 0.9, terminalValues }).solveSync();
    expect(furthest(sparse.values.data, found.values.data)).toBeLessThan(1e-11);
  });

  test('a model that never changes', async () => {
    const timed = Mdp.timeDependent<Float64Array>([river, river, river, river]);
    expect(timed.models.length).toBe(1);
    expect(timed.bytes).toBe(river.bytes);
    const steps = await solve(timed);
    const horizon = await solve(river, { horizon: 4 });
    expect(steps.values.data).toEqual(horizon.values.data);
    expect(steps.policy!.data).toEqual(horizon.policy!.data);
    const none = new BackwardInduction(river, { horizon: 0 }).solveSync();
    expect(none.values.shape).toEqual([1, 6]);
  });

  test('forbidden actions, float32, progress and a stop', async () => {
    const timed = Mdp.timeDependent<Float64Array>([masked, masked]);
    const { policy } = new BackwardInduction(timed).solveSync();
    expect([...policy.data]).toEqual([0, 0, 1, 0]);
    const free = Mdp.fromTables(garnet({ numStates: 2, numActions: 2, branching: 2 }));
    // The op on dense steps takes the masks of all steps.
    const dense = Mdp.timeDependent<Float64Array>([masked.toDense(), free.toDense()]);
    expect(dense.isDense).toBe(true);
    const operands = dense.operands();
    expect([...operands.actionMaskT!.data]).toEqual([...masked.actionMask!, 1, 1, 1, 1]);
    const { qValues, ...op } = finiteHorizon(operands);
    const apart = Mdp.timeDependent<Float64Array>([masked, free]);
    for (const found of [op, new BackwardInduction(dense).solveSync()]) {
      const want = new BackwardInduction(apart).solveSync();
      expect(furthest(found.values.data, want.values.data)).toBeLessThan(1e-14);
      expect(found.policy).toEqual(want.policy);
    }
    masked.actionMask!.forEach((allowed, row) => {
      expect(qValues.data[row] === Number.NEGATIVE_INFINITY).toBe(allowed === 0);
    });
    const narrow = timed.toFloat32();
    expect(narrow.dtype).toBe('float32');
    expect(narrow.models.length).toBe(1);
    expect(narrow.toFloat64().dtype).toBe('float64');
    const seen: number[] = [];
    const solver = new BackwardInduction(timed);
    await solver.solve({ onProgress: ({ iteration, total = 0 }) => seen.push(iteration / total) });
    expect(seen).toEqual([0.5, 1]);
    await expect(solver.solve({ signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });

  test('name the step at fault', () => {
    const prob = new Float64Array(3 * 2 * 2).fill(0.5);
    const rewards = new Float64Array(3 * 2);
    const make = (change: object) => () =>
      Mdp.timeDependent({ numStates: 2, numActions: 1, prob, rewards, ...change });
    expect(make({})().horizon).toBe(3);
    const heavy = prob.slice();
    heavy[7] = 0.75;
    expectError(
      make({ prob: heavy }),
      'BELFRY_BAD_VALUE',
      /Mdp.timeDependent: prob has mass 1.25 in row 1 \(state 1, action 0, step 1\)/,
    );
    expectError(make({ rewards: new Float64Array(5) }), 'BELFRY_BAD_SHAPE', /expected H · 2/);
    expectError(make({ prob: new Float64Array(5) }), 'BELFRY_BAD_SHAPE', /expected 3 · 4/);
    expectError(() => Mdp.timeDependent([]), 'BELFRY_BAD_VALUE', /no model/);
    expectError(
      () => Mdp.timeDependent<Float64Array>([river, masked]),
      'BELFRY_BAD_VALUE',
      /model 1 has numStates 2, expected 6/,
    );
    const timed = Mdp.timeDependent([river]);
    expectError(
      () => new BackwardInduction(timed, { horizon: 2 }),
      'BELFRY_INVALID_ARGUMENT',
      /horizon is 2, expected 1, or none/,
    );
    const missing = { discount: 1 } as unknown as { horizon: number };
    expectError(
      () => new BackwardInduction(river, missing),
      'BELFRY_INVALID_ARGUMENT',
      /horizon is undefined/,
    );
  });
});

test('solve refuses what a kind has no answer to', async () => {
  const batch = Mdp.batch([river, river]);
  const timed = Mdp.timeDependent([river]);
  const code = 'BELFRY_INVALID_ARGUMENT';
  await expect(solve(batch, { criterion: 'average' })).rejects.toMatchObject({ code });
  await expect(solve(timed, { criterion: 'reach', goal: [0] })).rejects.toMatchObject({ code });
  await expect(solve(river, { discount: [0.9] })).rejects.toMatchObject({ code });
  await expect(solve(timed, { discount: [0.9] })).rejects.toMatchObject({ code });
  await expect(solve({} as Mdp)).rejects.toMatchObject({ code });
  const single = river as unknown as typeof batch;
  expectError(() => new BatchValueIteration(single, { discount: 0.9 }), code, /'sparse', expected/);
});

test('backups of every kind, on either thread', async () => {
  const options = { discount: 0.9, values: new Float64Array(60) };
  const want = bellmanBackup(random, options);
  expect(want.values.data[0]).toBe(Math.max(...random.rewards.subarray(0, 3)));
  for (const mdp of [
    random,
    random.toDense(),
    Mdp.batch([random]),
    random.withRewards(random.rewards),
  ]) {
    const [sync, async] = [bellmanBackup(mdp, options), await bellmanBackupAsync(mdp, options)];
    expect([...sync.values.data]).toEqual([...want.values.data]);
    expect([...async.policy.data]).toEqual([...want.policy.data]);
  }
  expectError(
    () => bellmanBackup(Mdp.batch([random]), { ...options, discount: [1, 1] }),
    'BELFRY_BAD_SHAPE',
    /discount is an array of 2/,
  );
});
