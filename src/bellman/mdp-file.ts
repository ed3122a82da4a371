/**
 * MDPs in one binary file: safetensors, so that other programs read it and it can be mapped into
 * memory. Tensors `row_ptr` I32 [S·A+1], `col` I32 [N], `prob` F32 or F64 [N], `rewards` [S, A] of
 * the same type, optionally `action_mask` U8 [S, A]; metadata `format: belfry-mdp-1`, and `layout`
 * (JSON) where the states lie on a board.
 */
import { BelfryError } from '../errors.js';
import { readSafetensors, type SafetensorsFile, writeSafetensors } from '../safetensors.js';
import type { RealArray } from '../tensor.js';
import { type CsrTables, Mdp } from './mdp.js';
import type { GridLayout } from './problems/csr-builder.js';

const format = 'belfry-mdp-1';

/** The bytes of a file that `decodeMdp` reads. */
export function encodeMdp<A extends RealArray>(mdp: Mdp<A>): Uint8Array {
  const shape = [mdp.numStates, mdp.numActions];
  const metadata: Record<string, string> = { format };
  if (mdp.layout !== undefined) metadata['layout'] = JSON.stringify(mdp.layout);
  return writeSafetensors(
    {
      row_ptr: { data: mdp.rowPtr, shape: [mdp.rowPtr.length] },
      col: { data: mdp.col, shape: [mdp.col.length] },
      prob: { data: mdp.prob, shape: [mdp.prob.length] },
      rewards: { data: mdp.rewards, shape },
      ...(mdp.actionMask === undefined ? {} : { action_mask: { data: mdp.actionMask, shape } }),
    },
    metadata,
  );
}

/**
 * The MDP of a file made by `encodeMdp`, checked like any other.
 * @param name of the file, for errors
 * @throws BelfryError BELFRY_BAD_FILE when it is not such a file, BELFRY_BAD_VALUE when its model
 * is none
 */
export function decodeMdp(bytes: Uint8Array, name = 'mdp'): Mdp<RealArray> {
  const file = readSafetensors(bytes, { name });
  if (file.metadata['format'] !== format) {
    throw badFile(name, `has format ${file.metadata['format'] ?? 'none'}`, format);
  }
  const rewards = tensor(file, name, 'rewards');
  const [numStates, numActions] = rewards.shape;
  if (rewards.shape.length !== 2 || numStates === undefined || numActions === undefined) {
    throw badFile(name, `holds rewards of shape [${rewards.shape}]`, '[S, A]');
  }
  const tables: CsrTables = {
    numStates,
    numActions,
    rowPtr: typed(file, name, 'row_ptr', [Int32Array]),
    col: typed(file, name, 'col', [Int32Array]),
    prob: typed<RealArray>(file, name, 'prob', [Float32Array, Float64Array]),
    rewards: typed<RealArray>(file, name, 'rewards', [Float32Array, Float64Array]),
  };
  if ('action_mask' in file.tensors) {
    tables.actionMask = typed(file, name, 'action_mask', [Uint8Array]);
  }
  const layout = file.metadata['layout'];
  if (layout !== undefined) tables.layout = readLayout(layout, name, numStates);
  return new Mdp(tables);
}

function tensor(
  file: SafetensorsFile,
  name: string,
  key: string,
): SafetensorsFile['tensors'][string] {
  const found = file.tensors[key];
  if (found !== undefined) return found;
  throw badFile(name, `holds no tensor ${key}`, Object.keys(file.tensors).join(', '));
}

function typed<A>(
  file: SafetensorsFile,
  name: string,
  key: string,
  types: readonly (abstract new (...args: never[]) => A)[],
): A {
  const { data, dtype } = tensor(file, name, key);
  const fits = types.some((type) => (data as unknown) instanceof type);
  if (fits) return data as A;
  throw badFile(name, `holds ${key} as ${dtype}`, types.map((type) => type.name).join(' or '));
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

function badFile(name: string, received: string, expected: string): BelfryError {
  return new BelfryError(
    'BELFRY_BAD_FILE',
    `decodeMdp: ${name} ${received}, expected ${expected}.`,
    {
      op: 'decodeMdp',
      argument: name,
      received,
      expected,
    },
  );
}
