/** Checkpoints of `solve` for averages, probabilities and totals: a solve goes on to the same bits. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensors } from 'belfry';
import {
  CsrBuilder,
  Mdp,
  PolicyIteration,
  problem,
  type SolveAnswer,
  type SolveOptions,
  solve,
} from 'belfry/bellman';
import { afterAll, describe, expect, test } from 'vitest';

import { twice } from '../property/lib/goal-models.js';

const folder = mkdtempSync(join(tmpdir(), 'belfry-criteria-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = (): string => join(folder, `${files++}.safetensors`);

const grid = Mdp.fromTables(problem('grid(26,26,0.3)'));
const lake = Mdp.fromTables(problem('frozenlake8x8'));
const river = Mdp.fromTables(problem('riverswim'));
const mixing = Mdp.fromTables(problem('garnet(60,3,2,7)'));
const cliff = Mdp.fromTables(problem('cliffwalking'));
const taxi = Mdp.fromTables(problem('taxi'));

/** A chain that takes long, with every action twice, so that nothing is eliminated. */
function slowChain(): Mdp<Float64Array> {
  const { rowPtr, col, prob, rewards } = twice('haddad_monmege(5,0.5)', -1);
  const [numStates, numActions] = rewards.shape as [number, number];
  return new Mdp({
    ...{ numStates, numActions, rowPtr: rowPtr.data, col: col.data, prob: prob.data },
    rewards: rewards.data,
  });
}

/** Two ways round for ever, one of which pays. */
function improper(): Mdp<Float64Array> {
  const builder = new CsrBuilder(3, 2);
  builder.add(0, 0, 1, 1, 2);
  builder.add(0, 1, 2, 1, -1);
  builder.add(1, 0, 0, 1, 1);
  builder.add(1, 1, 2, 0.5, -1);
  builder.add(1, 1, 1, 0.5, -1);
  builder.add(2, 0, 2, 1, 0, true);
  builder.add(2, 1, 2, 1, 0, true);
  return Mdp.fromTables(builder.build());
}

/** Stops after some parts of the work, and goes on from the file each time. */
async function interrupted(
  mdp: Mdp,
  options: SolveOptions,
  stopAfter: number,
): Promise<SolveAnswer<never>> {
  const file = newFile();
  for (let round = 0; round < 400; round++) {
    const controller = new AbortController();
    let seen = 0;
    const onProgress = (): void => {
      if (++seen > stopAfter) controller.abort(new Error('enough'));
    };
    const checkpoint = { file, everySeconds: 0, resume: true };
    const run = { ...options, checkpoint, onProgress, signal: controller.signal };
    try {
      return (await solve(mdp, run)) as SolveAnswer<never>;
    } catch (error) {
      expect((error as Error).message).toBe('enough');
      expect(existsSync(file)).toBe(true);
    }
  }
  throw new Error('never came to an end');
}

const questions: [string, Mdp, SolveOptions][] = [
  ['average', mixing, { criterion: 'average', tolerance: 1e-8 }],
  ['average, float32', river.toFloat32(), { criterion: 'average', tolerance: 1e-4 }],
  ['average, that gives up', river, { criterion: 'average', tolerance: 1e-15, maxIterations: 77 }],
  ['reach, policies and bounds', grid, { criterion: 'reach', goal: [675], mode: 'min' }],
  ['reach, bounds', slowChain(), { criterion: 'reach', goal: [0], tolerance: 1e-4 }],
  [
    'reach, optimistic',
    slowChain(),
    { criterion: 'reach', goal: [0], tolerance: 1e-4, stop: 'optimistic_value_iteration' },
  ],
  ['reach, float32', lake.toFloat32(), { criterion: 'reach', goal: [63], tolerance: 1e-5 }],
  ['total of costs', cliff, { criterion: 'total' }],
  ['total of costs, a large model', grid, { criterion: 'total', goal: [675], mode: 'max' }],
  [
    'total of costs, optimistic',
    slowChain(),
    { criterion: 'total', goal: [0, 10], tolerance: 1e-4, stop: 'optimistic_value_iteration' },
  ],
  ['total that only pays', lake, { criterion: 'total' }],
  ['total of both', taxi, { criterion: 'total' }],
  ['total of both, float32', taxi.toFloat32(), { criterion: 'total' }],
  ['total that is improper', improper(), { criterion: 'total', maxIterations: 300 }],
  ['total that never ends', river, { criterion: 'total', maxIterations: 300 }],
];

describe('a solve that was interrupted goes on to the same bits', () => {
  test.each(questions)('%s', async (_, mdp, options) => {
    const whole = await solve(mdp, options);
    const sliced = await solve(mdp, {
      ...options,
      checkpoint: { file: newFile(), everySeconds: 0 },
    });
    expect(sliced).toEqual(whole);
  });

  // The policies of a signal that fires: progress is told ten times a second at most, so that only
  // slow solves are stopped; the others run through.
  test.each(questions.slice(3, 6))('%s, stopped by its signal', async (_, mdp, options) => {
    const whole = await solve(mdp, options);
    expect(await interrupted(mdp, options, 0)).toEqual(whole);
  });

  test('a file of each stage goes on: the last one written is what is left to do', async () => {
    for (const [what, mdp, options] of questions) {
      const file = newFile();
      const whole = await solve(mdp, options);
      await solve(mdp, { ...options, checkpoint: { file, everySeconds: 0 } });
      if (!existsSync(file)) continue; // done in its first slice
      const checkpoint = { file, everySeconds: 0, resume: true };
      expect(await solve(mdp, { ...options, checkpoint }), what).toEqual(whole);
    }
  });
});

describe('the file', () => {
  test('says whose it is, and is refused to others', async () => {
    const file = newFile();
    const options: SolveOptions = { criterion: 'average', tolerance: 1e-8 };
    await solve(mixing, { ...options, checkpoint: { file, everySeconds: 0 } });
    const { metadata, tensors } = readSafetensors(readFileSync(file), { name: file });
    expect(metadata).toMatchObject({ format: 'belfry-checkpoint-1' });
    expect(JSON.parse(metadata['solver']!)).toMatchObject({ class: 'AverageReward', mode: 'max' });
    expect(Object.keys(tensors).sort()).toEqual(['policy', 'relative_values', 'stop_state']);
    const checkpoint = { file, resume: true };
    const refused = { code: 'BELFRY_BAD_FILE' };
    await expect(solve(mixing, { ...options, mode: 'min', checkpoint })).rejects.toMatchObject(
      refused,
    );
    await expect(solve(river, { ...options, checkpoint })).rejects.toMatchObject(refused);
    const reach: SolveOptions = { criterion: 'reach', goal: [3], checkpoint };
    await expect(solve(mixing, reach)).rejects.toMatchObject(refused);
    const total: SolveOptions = { criterion: 'total', goal: [3], checkpoint };
    await expect(solve(mixing, total)).rejects.toMatchObject(refused);
  });

  test('another goal is another solve', async () => {
    const file = newFile();
    const options: SolveOptions = { criterion: 'reach', stop: 'optimistic_value_iteration' };
    await solve(slowChain(), { ...options, goal: [0], checkpoint: { file, everySeconds: 0 } });
    const again = solve(slowChain(), {
      ...options,
      goal: [10],
      checkpoint: { file, resume: true },
    });
    await expect(again).rejects.toMatchObject({ code: 'BELFRY_BAD_FILE' });
  });
});

describe('a warm start of policy iteration', () => {
  test('from its own answer ends with one policy', () => {
    for (const mdp of [lake, grid]) {
      const solver = new PolicyIteration(mdp, { discount: 0.99 });
      const cold = solver.solveSync();
      const initialPolicy = cold.policy.data;
      const warm = solver.solveSync({ initialPolicy, initialValues: cold.values.data });
      expect([warm.iterations, warm.converged]).toEqual([1, true]);
      expect(cold.iterations).toBeGreaterThan(1);
      expect(warm.policy).toEqual(cold.policy);
    }
  });

  test('is part of the first slice only', async () => {
    const initialPolicy = new Int32Array(lake.numStates).fill(2);
    const options = { discount: 0.99 };
    const { elapsedMs: _, ...whole } = await new PolicyIteration(lake, options).solve({
      initialPolicy,
    });
    const checkpoint = { file: newFile(), everySeconds: 0 };
    const solver = new PolicyIteration(lake, { ...options, checkpoint });
    const { elapsedMs: __, ...sliced } = await solver.solve({ initialPolicy });
    expect(sliced).toEqual(whole);
  });
});
