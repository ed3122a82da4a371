/** MDPs of every kind in a file: brought back bit for bit; what is no such file is refused. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';

import {
  type AnyMdp,
  decodeMdp,
  encodeMdp,
  frozenLake,
  loadMdp,
  Mdp,
  putermanTwoState,
  readMdp,
  riverSwim,
  saveMdp,
  solve,
} from '../../src/bellman/index.js';
import { BelfryError } from '../../src/errors.js';
import { readSafetensors, type WriteTensor, writeSafetensors } from '../../src/safetensors.js';

const folder = mkdtempSync(join(tmpdir(), 'belfry-mdp-'));
afterAll(() => rmSync(folder, { recursive: true }));

const lake = Mdp.fromTables(frozenLake({ map: '4x4' }));
const river = Mdp.fromTables(riverSwim());
const masked = Mdp.fromTables(putermanTwoState());
const corridor = Mdp.deterministic({
  numStates: 2,
  numActions: 2,
  nextStates: Int32Array.of(0, 1, 0, -1),
  rewards: Float64Array.of(0, 0, 0, 1),
});
const other = new Mdp({ ...masked.tables(), rewards: Float64Array.of(1, 2, 3, 4) });

const models: Record<string, AnyMdp> = {
  sparse: lake,
  'sparse, forbidden actions': masked,
  'sparse, float32': lake.toFloat32(),
  'sparse, no state': new Mdp({
    numStates: 0,
    numActions: 3,
    rowPtr: Int32Array.of(0),
    col: new Int32Array(0),
    prob: new Float64Array(0),
    rewards: new Float64Array(0),
  }),
  dense: river.toDense(),
  'dense, forbidden actions, float32': masked.toDense().toFloat32(),
  deterministic: corridor,
  'deterministic, float32': corridor.toFloat32(),
  batch: Mdp.batch<Float64Array>([river, masked, corridor]),
  'batch, float32': Mdp.batch([river]).toFloat32(),
  shared: masked.withRewards([masked.rewards, other.rewards, masked.rewards]),
  'shared, float32': river.withRewards(river.rewards).toFloat32(),
  'timed, mixed, steps in common': Mdp.timeDependent<Float64Array>([
    masked,
    corridor,
    masked,
    other.toDense(),
  ]),
  'timed, dense': Mdp.timeDependent(Array.from({ length: 12 }, () => river.toDense())),
  'timed, float32': Mdp.timeDependent([river, river]).toFloat32(),
};

/** What the operands and the other fields say. */
function contents(mdp: AnyMdp): unknown {
  if (mdp.kind === 'timed') return { kind: mdp.kind, steps: mdp.steps.map(contents) };
  const layout = mdp.kind === 'sparse' ? mdp.layout : undefined;
  const operands = Object.entries(mdp.operands()).map(([name, tensor]) => {
    const { shape, data } = tensor as { shape: number[]; data: Float64Array };
    return [name, shape, data.constructor.name, [...data]];
  });
  return { kind: mdp.kind, canEnd: mdp.canEnd, layout, operands };
}

function errorOf(run: () => unknown): BelfryError | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof BelfryError) return error;
    throw error;
  }
  return undefined;
}

describe.each(Object.entries(models))('%s', (name, mdp) => {
  test('comes back bit for bit from bytes and from a file', async () => {
    expect(contents(readMdp(encodeMdp(mdp)))).toEqual(contents(mdp));
    const path = join(folder, `${name}.mdp`);
    await saveMdp(path, mdp);
    expect(Buffer.compare(readFileSync(path), encodeMdp(mdp))).toBe(0);
    const loaded = await loadMdp(path);
    expect(contents(loaded)).toEqual(contents(mdp));
    expect(encodeMdp(loaded)).toEqual(encodeMdp(mdp));
  });

  test('cut anywhere it is no file', () => {
    const bytes = encodeMdp(mdp);
    for (let length = 0; length < bytes.length; length += 1 + Math.floor(length / 40)) {
      expect(errorOf(() => readMdp(bytes.subarray(0, length), name))?.code).toBe('BELFRY_BAD_FILE');
    }
  });

  test('with a section left out, of another type or length, the error names it', () => {
    const { tensors, metadata } = readSafetensors(encodeMdp(mdp));
    for (const [section, tensor] of Object.entries(tensors)) {
      const optional = section.startsWith('action_mask');
      const { [section]: _, ...others } = tensors;
      const missing = errorOf(() => readMdp(writeSafetensors(others, metadata)));
      if (!optional) expect(missing).toBeInstanceOf(BelfryError);
      if (!optional && mdp.kind !== 'timed') expect(missing?.message).toContain(section);
      const change = (changed: WriteTensor) => () =>
        readMdp(writeSafetensors({ ...tensors, [section]: changed }, metadata));
      const wrong = errorOf(change({ data: new Int8Array(3), shape: [3] }));
      expect(wrong?.code).toBe('BELFRY_BAD_FILE');
      expect(wrong?.message).toContain(section);
      const length = tensor.data.length + 7;
      const data = new (tensor.data.constructor as new (length: number) => Float64Array)(length);
      // A longer schedule is one of more steps.
      if (section === 'schedule') continue;
      expect(errorOf(change({ data, shape: [length] }))).toBeInstanceOf(BelfryError);
    }
  });
});

test('arrays are views of one buffer, in shared memory after loading', async () => {
  const bytes = encodeMdp(river);
  const read = decodeMdp(bytes);
  expect(read.prob.buffer).toBe(bytes.buffer);
  expect(read.rowPtr.buffer).toBe(bytes.buffer);
  const path = join(folder, 'river.mdp');
  await saveMdp(path, river);
  const loaded = await loadMdp(path);
  expect(loaded.rewards.buffer).toBeInstanceOf(SharedArrayBuffer);
  const want = await solve(river, { discount: 0.9 });
  expect((await solve(loaded, { discount: 0.9 })).values.data).toEqual(want.values.data);
  // At an odd place in a larger buffer they are copied.
  const odd = new Uint8Array(bytes.length + 1);
  odd.set(bytes, 1);
  const shifted = decodeMdp(odd.subarray(1));
  expect(shifted.tables()).toEqual(river.tables());
  expect(shifted.prob.buffer).not.toBe(odd.buffer);
});

test('dense steps stay one table', () => {
  const steps = models['timed, dense'];
  const timed = readMdp(encodeMdp(steps as AnyMdp));
  if (timed.kind !== 'timed') throw new Error('another kind');
  const { probT } = timed.operands();
  expect(probT.shape).toEqual([12, 6, 2, 6]);
  const distinct = Mdp.timeDependent([0, 1, 2].map((b) => scaled(b).toDense()));
  const again = readMdp(encodeMdp(distinct));
  if (again.kind !== 'timed') throw new Error('another kind');
  expect(again.operands().probT.data.buffer).toBe(
    (again.steps[0] as (typeof again.steps)[0] & { prob: Float64Array }).prob.buffer,
  );
});

function scaled(by: number): Mdp<Float64Array> {
  return new Mdp({ ...river.tables(), rewards: river.rewards.map((r) => r * by) });
}

test('the first format, with sparse models only, and 64-bit offsets are read', () => {
  const { tensors } = readSafetensors(encodeMdp(masked));
  const wide = { data: BigInt64Array.from(masked.rowPtr, BigInt), shape: [5] };
  const old = writeSafetensors({ ...tensors, row_ptr: wide }, { format: 'belfry-mdp-1' });
  expect(decodeMdp(old).tables()).toEqual(masked.tables());
});

describe('refused', () => {
  const { tensors, metadata } = readSafetensors(encodeMdp(lake));
  const read = (sections: Record<string, WriteTensor>, data: Record<string, string> = metadata) =>
    errorOf(() => readMdp(writeSafetensors(sections, data), 'a.mdp'));

  test('other formats and kinds', () => {
    expect(read(tensors, {})?.message).toMatch(/a.mdp has format none, expected belfry-mdp-1 or/);
    expect(read(tensors, { format: 'belfry-mdp-3' })?.code).toBe('BELFRY_BAD_FILE');
    expect(read(tensors, { format: 'belfry-mdp-2' })?.message).toMatch(/has kind none/);
    const future = { format: 'belfry-mdp-2', kind: 'continuous' };
    expect(read(tensors, future)?.message).toMatch(/has kind continuous/);
    const dense = errorOf(() => decodeMdp(encodeMdp(river.toDense()), 'b.mdp'));
    expect(dense?.message).toMatch(/b.mdp holds a model of kind dense, expected sparse/);
  });

  test('a board of another size, sizes beyond the data, a schedule without models', () => {
    const layout = JSON.stringify({ rows: 3, cols: 3 });
    expect(read(tensors, { ...metadata, layout })?.message).toMatch(/a board of 16 cells/);
    expect(read(tensors, { ...metadata, layout: '{' })?.code).toBe('BELFRY_BAD_FILE');
    const rewards = { data: new Float64Array(0), shape: [4e9, 0] };
    const { layout: _, ...plain } = metadata;
    expect(read({ ...tensors, rewards }, plain)?.code).toBe('BELFRY_BAD_VALUE');
    const flat = { data: new Float64Array(64), shape: [64] };
    expect(read({ ...tensors, rewards: flat })?.message).toMatch(/rewards of shape \[64\]/);
    const timed = readSafetensors(encodeMdp(Mdp.timeDependent([river, river])));
    const schedule = { data: Int32Array.of(0, 1), shape: [2] };
    const late = read({ ...timed.tensors, schedule }, timed.metadata);
    expect(late?.message).toMatch(/holds 1 for step 1 in schedule, expected a model in \[0, 1\)/);
    const none = { data: new Int32Array(0), shape: [0] };
    expect(read({ ...timed.tensors, schedule: none }, timed.metadata)?.code).toBe(
      'BELFRY_BAD_VALUE',
    );
    const shared = readSafetensors(encodeMdp(masked.withRewards(masked.rewards)));
    const empty = { data: new Float64Array(0), shape: [0, 2, 2] };
    expect(read({ ...shared.tensors, rewards: empty }, shared.metadata)?.code).toBe(
      'BELFRY_BAD_FILE',
    );
    const batch = readSafetensors(encodeMdp(Mdp.batch([river])));
    const offsets = { data: Int32Array.of(0, 5), shape: [2] };
    const short = read({ ...batch.tensors, state_offsets: offsets }, batch.metadata);
    expect(short?.message).toMatch(/state_offsets that end at 5, expected 6/);
  });

  test('the model of a step that is none, by its number', () => {
    const { tensors, metadata } = readSafetensors(encodeMdp(Mdp.timeDependent([river, scaled(2)])));
    const prob = tensors['prob.1'] as WriteTensor & { data: Float64Array };
    const heavy = { ...prob, data: prob.data.map((p) => 2 * p) };
    expect(read({ ...tensors, 'prob.1': heavy }, metadata)?.message).toMatch(/model 1\)/);
  });

  test('any bytes changed: a model or a BelfryError, never anything else', () => {
    const files = Object.values(models).map((mdp) => encodeMdp(mdp));
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
          minLength: 1,
          maxLength: 4,
        }),
        (file, changes) => {
          const bytes = file.slice();
          for (const [place, value] of changes) {
            bytes[Math.floor(place * (bytes.length - 1))] = value;
          }
          errorOf(() => readMdp(bytes));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('no file, and nothing is left of one that could not be written', async () => {
    await expect(loadMdp(join(folder, 'none.mdp'))).rejects.toThrow(/ENOENT/);
    writeFileSync(join(folder, 'text.mdp'), 'text');
    await expect(loadMdp(join(folder, 'text.mdp'))).rejects.toThrow(/text.mdp/);
    await expect(saveMdp(join(folder, 'no', 'x.mdp'), lake)).rejects.toThrow(/ENOENT/);
    expect(readdirSync(folder).filter((file) => file.endsWith('.partial'))).toEqual([]);
  });
});
