/** A solve that was interrupted goes on to the same bits; a file that does not fit is refused. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensors } from 'belfry';
import {
  CsrBuilder,
  Mdp,
  PolicyIteration,
  type PolicyIterationOptions,
  problem,
  ValueIteration,
  type ValueIterationOptions,
} from 'belfry/bellman';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'belfry-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = (): string => join(folder, `${files++}.safetensors`);

const lake = Mdp.fromTables(problem('frozenlake8x8'));
/** More states than are solved densely, some without an allowed action. */
const grid = Mdp.fromTables(problem('grid(30,30,0.1)'));
const garnet = Mdp.fromTables(problem('garnet(700,3,4,5)'));

function withForbidden(): Mdp<Float64Array> {
  const builder = new CsrBuilder(6, 2);
  for (let s = 0; s < 5; s++) {
    builder.add(s, 0, s + 1, 0.7, s);
    builder.add(s, 0, 0, 0.3, s);
    if (s % 2 === 0) builder.add(s, 1, s, 1, 0.5);
    else builder.forbid(s, 1);
  }
  builder.forbid(5, 0);
  builder.forbid(5, 1);
  return Mdp.fromTables(builder.build());
}

interface Solver {
  solve(): Promise<{ iterations: number; converged: boolean; elapsedMs: number }>;
}

/** Stops after some iterations, with a checkpoint after each few, and goes on from the last. */
async function interrupted(
  make: (checkpoint: object, maxIterations: number) => Solver,
  total: number,
): Promise<object> {
  const file = newFile();
  const every = { file, everySeconds: 0 };
  for (const part of [0.35, 0.8]) {
    const limit = Math.max(1, Math.ceil(total * part));
    const { iterations } = await make({ ...every, resume: true }, limit).solve();
    expect(iterations).toBeLessThanOrEqual(limit);
  }
  const { elapsedMs: _, ...answer } = await make({ ...every, resume: true }, 100_000).solve();
  return answer;
}

describe('value iteration', () => {
  const variants: [string, Mdp, ValueIterationOptions][] = [
    ['synchronous, span', garnet, { discount: 0.99 }],
    ['synchronous, sup', lake, { discount: 0.99, stop: 'sup' }],
    ['synchronous, float32', garnet.toFloat32(), { discount: 0.95, tolerance: 1e-4 }],
    ['synchronous, that gives up', lake.toFloat32(), { discount: 0.99, tolerance: 1e-12 }],
    ['in place', grid, { discount: 0.99, variant: 'in_place' }],
    ['in place, float32', lake.toFloat32(), { discount: 0.97, variant: 'in_place' }],
    ['topological', garnet, { discount: 0.9, variant: 'topological', tolerance: 1e-12 }],
    ['Anderson', lake, { discount: 0.999, variant: 'anderson' }],
    ['Anderson, float32', lake.toFloat32(), { discount: 0.999, variant: 'anderson' }],
    ['elimination', grid, { discount: 0.99, variant: 'elimination', tolerance: 1e-9 }],
    ['costs', withForbidden(), { discount: 0.9, mode: 'min' }],
  ];

  test.each(variants)('%s', async (_, mdp, options) => {
    const { elapsedMs: __, ...whole } = await new ValueIteration(mdp, options).solve();
    const make = (checkpoint: object, maxIterations: number) =>
      new ValueIteration(mdp, {
        ...options,
        maxIterations,
        checkpoint: checkpoint as { file: string },
      });
    expect(await interrupted(make, whole.iterations)).toEqual(whole);
  });

  test('a warm start is part of the first slice only', async () => {
    const initialValues = new Float64Array(lake.numStates).fill(0.5);
    const options = { discount: 0.99 };
    const whole = await new ValueIteration(lake, options).solve({ initialValues });
    const checkpoint = { file: newFile(), everySeconds: 0 };
    const sliced = await new ValueIteration(lake, { ...options, checkpoint }).solve({
      initialValues,
    });
    expect(sliced.values).toEqual(whole.values);
    expect(sliced.iterations).toBe(whole.iterations);
  });
});

describe('policy iteration', () => {
  const variants: [string, Mdp, PolicyIterationOptions][] = [
    ["Howard's, dense", lake, { discount: 0.99 }],
    ["Howard's, iterative", garnet, { discount: 0.99 }],
    ["Howard's, float32", garnet.toFloat32(), { discount: 0.99 }],
    ["Howard's, states without action", withForbidden(), { discount: 0.9 }],
    ['modified', grid, { discount: 0.99, variant: 'modified', evalSweeps: 3 }],
    ['modified, float32', lake.toFloat32(), { discount: 0.99, variant: 'modified' }],
    ['inexact, GMRES', grid, { discount: 0.999, variant: 'inexact', forcing: 0.3 }],
    ['inexact, sweeps', lake, { discount: 0.99, variant: 'inexact', method: 'vi' }],
    [
      'inexact, BiCGStab, float32',
      grid.toFloat32(),
      { discount: 0.999, variant: 'inexact', method: 'bicgstab', forcing: 0.3 },
    ],
    [
      'inexact, that gives up',
      grid,
      { discount: 0.99, variant: 'inexact', method: 'mpi', tolerance: 1e-300 },
    ],
  ];

  test.each(variants)('%s', async (_, mdp, options) => {
    const { elapsedMs: __, ...whole } = await new PolicyIteration(mdp, options).solve();
    const make = (checkpoint: object, maxIterations: number) =>
      new PolicyIteration(mdp, {
        ...options,
        maxIterations,
        checkpoint: checkpoint as { file: string },
      });
    expect(await interrupted(make, whole.iterations)).toEqual(whole);
  });
});

describe('the file', () => {
  const slow = Mdp.fromTables(problem('grid(120,120,0.1)'));

  test('is written when the signal fires, and loses at most a slice', async () => {
    const file = newFile();
    const options = { discount: 0.9999, tolerance: 1e-10 };
    const whole = await new ValueIteration(slow, options).solve();
    const controller = new AbortController();
    const solver = new ValueIteration(slow, { ...options, checkpoint: { file, everySeconds: 2 } });
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await expect(solver.solve({ signal: controller.signal })).rejects.toThrow('enough');
    const { metadata, tensors } = readSafetensors(readFileSync(file));
    const reached = Number(metadata['iterations']);
    expect(reached).toBeGreaterThan(0);
    expect(reached).toBeLessThan(whole.iterations);
    expect(tensors['policy']?.data).toHaveLength(slow.numStates);
    let first = 0;
    const checkpoint = { file, resume: true };
    const { elapsedMs: _, ...rest } = await new ValueIteration(slow, {
      ...options,
      checkpoint,
    }).solve({
      onProgress: ({ iteration, bound }) => {
        first ||= iteration;
        expect(bound).toBeGreaterThanOrEqual(0);
      },
    });
    const { elapsedMs: __, ...all } = whole;
    expect(rest).toEqual(all);
    if (first > 0) expect(first).toBeGreaterThan(reached);
    expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  test('is refused when it is another model’s, another solve’s, or damaged', async () => {
    const file = newFile();
    const begin = { discount: 0.99, maxIterations: 20, checkpoint: { file, everySeconds: 0 } };
    await new ValueIteration(lake, begin).solve();
    const resumed = (mdp: Mdp, options: object) =>
      new ValueIteration(mdp, {
        discount: 0.99,
        checkpoint: { file, resume: true },
        ...options,
      }).solve();
    const refusal = { code: 'BELFRY_BAD_FILE', argument: file };
    await expect(resumed(garnet, {})).rejects.toMatchObject(refusal);
    await expect(resumed(lake.toFloat32(), {})).rejects.toMatchObject(refusal);
    await expect(resumed(lake, { discount: 0.9 })).rejects.toMatchObject(refusal);
    await expect(resumed(lake, { variant: 'in_place' })).rejects.toThrow(/is of the solve/);
    await expect(resumed(lake, { maxIterations: 3 })).rejects.toThrow(/maxIterations is 3/);
    const bytes = readFileSync(file);
    bytes[bytes.length - 9] = (bytes[bytes.length - 9] as number) ^ 1;
    writeFileSync(file, bytes);
    await expect(resumed(lake, {})).rejects.toThrow(/is damaged/);
    writeFileSync(file, bytes.subarray(0, 100));
    await expect(resumed(lake, {})).rejects.toMatchObject({ code: 'BELFRY_BAD_FILE' });
  });

  test('must be in a place that can be written', async () => {
    const checkpoint = { file: join(folder, 'missing', 'x'), everySeconds: 0 };
    const solver = new ValueIteration(lake, { discount: 0.99, checkpoint });
    await expect(solver.solve()).rejects.toThrow(/cannot be written/);
    expect(() => new ValueIteration(lake, { discount: 0.9, checkpoint: { file: '' } })).toThrow(
      /checkpoint.file is missing/,
    );
    expect(() => solver.solveSync()).toThrow(/Checkpoints need solve/);
  });
});
