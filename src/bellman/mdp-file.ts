/**
 * MDPs of every kind in one binary file: safetensors, so that other programs read it and it can be
 * mapped into memory. The tensors are those of docs/mdp-file.md; metadata `format: belfry-mdp-2`,
 * `kind`, and `layout` (JSON) where the states lie on a board. Format 1 had sparse models only.
 */
import { open, rename, rm } from 'node:fs/promises';

import { BelfryError } from '../errors.js';
import {
  readSafetensors,
  type SafetensorsFile,
  safetensorsParts,
  type WriteTensor,
  writeSafetensors,
} from '../safetensors.js';
import type { RealArray } from '../tensor.js';
import { type AnyMdp, type CsrTables, Mdp, type SingleMdp } from './mdp.js';
import { MdpBatch } from './models/batch.js';
import { DenseMdp } from './models/dense.js';
import { DeterministicMdp } from './models/deterministic.js';
import { requireMemory } from './models/memory.js';
import { SharedMdp } from './models/shared.js';
import { TimedMdp } from './models/timed.js';
import type { GridLayout } from './problems/csr-builder.js';

const formats = ['belfry-mdp-1', 'belfry-mdp-2'];
/** A read or write of more than this is made in pieces. */
const chunkBytes = 2 ** 30;

type Sections = Record<string, WriteTensor>;

/** The bytes of a file that `readMdp` reads. */
export function encodeMdp<A extends RealArray>(mdp: AnyMdp<A>): Uint8Array {
  return writeSafetensors(sectionsOf(mdp), metadataOf(mdp));
}

/**
 * Writes a model of any kind to a file, section by section, without a second copy in memory. The
 * file appears when it is complete.
 *
 * ```ts
 * await saveMdp('lake.mdp', mdp);
 * ```
 */
export async function saveMdp<A extends RealArray>(path: string, mdp: AnyMdp<A>): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  try {
    const file = await open(partial, 'w');
    try {
      for (const part of safetensorsParts(sectionsOf(mdp), metadataOf(mdp))) {
        for (let at = 0; at < part.length; ) {
          const piece = part.subarray(at, at + chunkBytes);
          at += (await file.write(piece)).bytesWritten;
        }
      }
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/**
 * The model in a file, checked like any other. It is read once, into shared memory, and the arrays
 * are views of that: asynchronous solvers use them in place.
 *
 * ```ts
 * const mdp = await loadMdp('lake.mdp'); // AnyMdp: mdp.kind tells which
 * ```
 *
 * @throws BelfryError BELFRY_BAD_FILE naming the section, BELFRY_BAD_VALUE when its model is none,
 * BELFRY_OUT_OF_MEMORY
 */
export async function loadMdp(path: string): Promise<AnyMdp> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    requireMemory('loadMdp', size, size);
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    for (let at = 0; at < size; ) {
      const piece = bytes.subarray(at, at + chunkBytes);
      const { bytesRead } = await file.read(piece, 0, piece.length, at);
      if (bytesRead === 0) throw badFile(path, `ends after ${at} bytes`, `${size}`);
      at += bytesRead;
    }
    return readMdp(bytes, path);
  } finally {
    await file.close();
  }
}

/**
 * The model in the bytes of a file, on views of them where the alignment allows it.
 * @param name of the file, for errors
 * @throws BelfryError as `loadMdp`
 */
export function readMdp(bytes: Uint8Array, name = 'mdp'): AnyMdp {
  const file = readSafetensors(bytes, { name, views: true });
  const format = file.metadata['format'] ?? 'none';
  if (!formats.includes(format)) throw badFile(name, `has format ${format}`, formats.join(' or '));
  const kind = file.metadata['kind'] ?? (format === formats[0] ? 'sparse' : 'none');
  const sections = new SectionReader(file, name);
  switch (kind) {
    case 'sparse':
    case 'dense':
    case 'deterministic':
      return sections.model(kind);
    case 'batch':
      return sections.batch();
    case 'shared':
      return sections.shared();
    case 'timed':
      return sections.timed();
  }
  throw badFile(name, `has kind ${kind}`, 'one that this version knows');
}

/**
 * The sparse model in the bytes of a file; `readMdp` reads every kind.
 * @param name of the file, for errors
 * @throws BelfryError BELFRY_BAD_FILE when it is not such a file, BELFRY_BAD_VALUE when its model
 * is none
 */
export function decodeMdp(bytes: Uint8Array, name = 'mdp'): Mdp<RealArray> {
  const mdp = readMdp(bytes, name);
  if (mdp.kind === 'sparse') return mdp;
  throw badFile(name, `holds a model of kind ${mdp.kind}`, 'sparse (readMdp reads every kind)');
}

function metadataOf(mdp: AnyMdp): Record<string, string> {
  const metadata: Record<string, string> = { format: formats[1] as string, kind: mdp.kind };
  const layout = mdp.kind === 'sparse' ? mdp.layout : undefined;
  if (layout !== undefined) metadata['layout'] = JSON.stringify(layout);
  return metadata;
}

function sectionsOf(mdp: AnyMdp): Sections {
  if (mdp.kind === 'shared') {
    const { numModels, numStates, numActions } = mdp;
    const rewards = { data: mdp.rewards, shape: [numModels, numStates, numActions] };
    return { ...modelSections(mdp.model, ''), rewards };
  }
  if (mdp.kind !== 'timed') return modelSections(mdp, '');
  const { models } = mdp;
  const numbers = new Map(models.map((model, m) => [model, m]));
  const schedule = Int32Array.from(mdp.steps, (step) => numbers.get(step) as number);
  const sections = models.map((model, m) => modelSections(model, suffixOf(m, models.length)));
  return Object.assign({ schedule: vector(schedule) }, ...sections) as Sections;
}

/** Of equal width, so that the sections of the steps lie in their order. */
function suffixOf(model: number, numModels: number): string {
  return `.${String(model).padStart(String(numModels - 1).length, '0')}`;
}

function modelSections(mdp: SingleMdp | MdpBatch, suffix: string): Sections {
  const { numStates, numActions, rewards, actionMask } = mdp;
  const shape = [numStates, numActions];
  const sections: Sections = { rewards: { data: rewards, shape } };
  if (actionMask !== undefined) sections['action_mask'] = { data: actionMask, shape };
  if (mdp.kind === 'deterministic') {
    sections['next_states'] = { data: mdp.nextStates, shape };
  } else if (mdp.kind === 'dense') {
    sections['prob'] = { data: mdp.prob, shape: [...shape, numStates] };
  } else {
    sections['row_ptr'] = vector(mdp.rowPtr);
    sections['col'] = vector(mdp.col);
    sections['prob'] = vector(mdp.prob);
    if (mdp.kind === 'batch') sections['state_offsets'] = vector(mdp.stateOffsets);
  }
  const named = Object.entries(sections).map(([name, section]) => [`${name}${suffix}`, section]);
  return Object.fromEntries(named) as Sections;
}

function vector(data: Int32Array | RealArray): WriteTensor {
  return { data, shape: [data.length] };
}

type Types<A> = readonly (abstract new (...args: never[]) => A)[];
const reals: Types<RealArray> = [Float32Array, Float64Array];

/** Takes the models out of a file. */
class SectionReader {
  constructor(
    private readonly file: SafetensorsFile,
    private readonly name: string,
  ) {}

  model(kind: SingleMdp['kind'], suffix = ''): SingleMdp {
    const tables = this.#common(suffix);
    const provenance = suffix === '' ? {} : { where: `model ${Number(suffix.slice(1))}` };
    if (kind === 'deterministic') {
      const nextStates = this.#typed(`next_states${suffix}`, [Int32Array]);
      return new DeterministicMdp({ ...tables, nextStates }, provenance);
    }
    if (kind === 'dense') {
      return new DenseMdp({ ...tables, prob: this.#typed(`prob${suffix}`, reals) }, provenance);
    }
    const csr: CsrTables = { ...tables, ...this.#rows(suffix) };
    const layout = this.file.metadata['layout'];
    if (layout !== undefined) csr.layout = readLayout(layout, this.name, csr.numStates);
    return new Mdp(csr, provenance);
  }

  batch(): MdpBatch {
    const { numStates, ...tables } = this.#common('');
    const stateOffsets = this.#typed('state_offsets', [Int32Array]);
    if (stateOffsets.at(-1) !== numStates) {
      const received = `holds state_offsets that end at ${stateOffsets.at(-1)}`;
      throw badFile(this.name, received, `${numStates}, the states of rewards`);
    }
    return new MdpBatch({ ...tables, ...this.#rows(''), stateOffsets });
  }

  shared(): SharedMdp {
    const [, numStates, numActions] = this.#shape('rewards', ['B', 'S', 'A']);
    const rewards = this.#typed('rewards', reals);
    const numRows = (numStates as number) * (numActions as number);
    if (rewards.length < numRows)
      throw badFile(this.name, 'holds no rewards', 'a function or more');
    const tables = {
      numStates: numStates as number,
      numActions: numActions as number,
      ...this.#rows(''),
      ...this.#mask(''),
      rewards: rewards.subarray(0, numRows),
    };
    return new SharedMdp(new Mdp(tables), rewards);
  }

  timed(): TimedMdp {
    const schedule = this.#typed('schedule', [Int32Array]);
    const has = (key: string): boolean => key in this.file.tensors;
    const numModels = Object.keys(this.file.tensors).filter((key) => /^rewards\.\d+$/.test(key));
    const models = numModels.map((_, m) => {
      const suffix = suffixOf(m, numModels.length);
      const other = has(`row_ptr${suffix}`) ? 'sparse' : 'dense';
      return this.model(has(`next_states${suffix}`) ? 'deterministic' : other, suffix);
    });
    const steps = Array.from(schedule, (m, t) => {
      const model = models[m];
      if (model !== undefined) return model;
      const expected = `a model in [0, ${models.length})`;
      throw badFile(this.name, `holds ${m} for step ${t} in schedule`, expected);
    });
    return new TimedMdp(steps);
  }

  /** What all models have. */
  #common(suffix: string): {
    numStates: number;
    numActions: number;
    rewards: RealArray;
    actionMask?: Uint8Array;
  } {
    const [numStates, numActions] = this.#shape(`rewards${suffix}`, ['S', 'A']);
    return {
      numStates: numStates as number,
      numActions: numActions as number,
      rewards: this.#typed(`rewards${suffix}`, reals),
      ...this.#mask(suffix),
    };
  }

  #mask(suffix: string): { actionMask?: Uint8Array } {
    const key = `action_mask${suffix}`;
    return key in this.file.tensors ? { actionMask: this.#typed(key, [Uint8Array]) } : {};
  }

  #rows(suffix: string): Pick<CsrTables, 'rowPtr' | 'col' | 'prob'> {
    return {
      rowPtr: this.#typed<Int32Array | BigInt64Array>(`row_ptr${suffix}`, [
        Int32Array,
        BigInt64Array,
      ]),
      col: this.#typed(`col${suffix}`, [Int32Array]),
      prob: this.#typed(`prob${suffix}`, reals),
    };
  }

  #section(key: string): SafetensorsFile['tensors'][string] {
    const found = this.file.tensors[key];
    if (found !== undefined) return found;
    const others = Object.keys(this.file.tensors).slice(0, 20).join(', ');
    throw badFile(this.name, `holds no section ${key}`, `one beside ${others || 'nothing'}`);
  }

  #typed<A>(key: string, types: Types<A>): A {
    const { data, dtype } = this.#section(key);
    if (types.some((type) => (data as unknown) instanceof type)) return data as A;
    throw badFile(
      this.name,
      `holds ${key} as ${dtype}`,
      types.map(({ name }) => name).join(' or '),
    );
  }

  #shape(key: string, axes: readonly string[]): readonly number[] {
    const { shape } = this.#section(key);
    if (shape.length === axes.length) return shape;
    throw badFile(this.name, `holds ${key} of shape [${shape}]`, `[${axes.join(', ')}]`);
  }
}

function readLayout(text: string, name: string, numStates: number): GridLayout {
  try {
    const { rows, cols, glyphs } = JSON.parse(text) as GridLayout;
    const list = glyphs === undefined || Array.isArray(glyphs);
    if (rows * cols === numStates && list) {
      return glyphs === undefined ? { rows, cols } : { rows, cols, glyphs: glyphs.map(String) };
    }
  } catch {
    // said below
  }
  throw badFile(name, `has the layout ${text.slice(0, 60)}`, `a board of ${numStates} cells`);
}

function badFile(argument: string, received: string, expected: string): BelfryError {
  const message = `readMdp: ${argument} ${received}, expected ${expected}.`;
  const details = { op: 'readMdp', argument, received, expected };
  return new BelfryError('BELFRY_BAD_FILE', message, details);
}
