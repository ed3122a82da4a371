import { argumentError, BelfryError } from '../errors.js';
import { checkOptions } from '../options.js';
import type { OfflineActions, OfflineDataset } from './dataset.js';
import {
  type Column,
  type Columns,
  datasetOf,
  type FileErrors,
  type ReadOptions,
  readOptionNames,
  readSource,
} from './file-columns.js';
import { type Hdf5Tensors, readHdf5 } from './hdf5.js';
import { askHdf5, type Hdf5Question } from './hdf5-worker.js';

const d4rlNames: Readonly<Record<keyof Columns, string>> = {
  observations: 'observations',
  actions: 'actions',
  rewards: 'rewards',
  terminated: 'terminals',
  truncated: 'timeouts',
  nextObservations: 'next_observations',
};

export interface Hdf5ReadOptions extends ReadOptions {
  /** Stops the reading, which goes on in a worker thread. */
  signal?: AbortSignal;
}

/**
 * Reads a data set in the layout of D4RL (Fu et al., arXiv 2004.07219): tensors observations
 * [N, size], actions [N, size] or integers [N], rewards [N], terminals [N], and where they are there
 * timeouts [N] and next_observations [N, size] at the root of an HDF5 file.
 *
 * Without next observations they are the rows that follow. A row cut by a timeout or by
 * the end of the file has none then: it is left out, as by D4RL's `qlearning_dataset`, and the row before it
 * is marked truncated.
 * @param source a path, or the bytes
 * @throws BelfryError BELFRY_BAD_FILE naming the file and the tensor; BELFRY_LOAD_FAILED without the
 *     optional peer dependency `h5wasm`
 */
export async function readD4rl(
  source: string | Uint8Array,
  options: Hdf5ReadOptions = {},
): Promise<OfflineDataset<OfflineActions>> {
  checkOptions('readD4rl', options, [...readOptionNames, 'signal']);
  const { bytes, errors } = await readSource('readD4rl', source, options.name);
  const wanted = Object.values(d4rlNames);
  const file = await readHdf5('readD4rl', bytes, errors, { wanted, signal: options.signal });
  const columns: Columns = {
    observations: file.column('observations'),
    actions: file.column('actions'),
    rewards: file.column('rewards'),
    terminated: file.column('terminals'),
  };
  if (file.has('timeouts')) columns.truncated = file.column('timeouts');
  if (file.has('next_observations')) columns.nextObservations = file.column('next_observations');
  return datasetOf(errors, columns, d4rlNames, options);
}

/** The bytes of an HDF5 file in the layout of D4RL. @throws BelfryError BELFRY_LOAD_FAILED */
export function writeD4rl(data: OfflineDataset<OfflineActions>): Promise<Uint8Array> {
  const { length, observationSize, actionSize } = data;
  const part = (path: string, array: Tensors, width: number): Part => ({
    path,
    data: array,
    shape: width === 0 ? [length] : [length, width],
  });
  return made('writeD4rl', [
    part('observations', data.observations, observationSize),
    part('actions', data.actions, actionSize),
    part('rewards', data.rewards, 0),
    part('terminals', data.terminated, 0),
    part('timeouts', data.truncated, 0),
    part('next_observations', data.nextObservations, observationSize),
  ]);
}

type Tensors = Float32Array | Int32Array | Uint8Array;
type Part = NonNullable<Hdf5Question['write']>[number];

async function made(op: string, write: readonly Part[]): Promise<Uint8Array<ArrayBuffer>> {
  const { bytes, error } = await askHdf5(op, { write });
  if (bytes !== undefined) return bytes;
  throw new BelfryError('BELFRY_INTERNAL', `${op}: the HDF5 library failed: ${error}`, { op });
}

/**
 * Reads a data set in the layout of Minari: groups episode_0, episode_1, … of an HDF5 file with
 * observations [T + 1, size], actions, rewards, terminations and truncations of T rows. Episodes come
 * by number; an episode that ends without a flag is marked truncated. Observations that are
 * dictionaries or tuples, groups in the file, are not read.
 * @param source a path, or the bytes
 * @throws BelfryError BELFRY_BAD_FILE naming the file and the tensor; BELFRY_LOAD_FAILED without the
 *     optional peer dependency `h5wasm`
 */
export async function readMinari(
  source: string | Uint8Array,
  options: Hdf5ReadOptions = {},
): Promise<OfflineDataset<OfflineActions>> {
  checkOptions('readMinari', options, [...readOptionNames, 'signal']);
  const { bytes, errors } = await readSource('readMinari', source, options.name);
  const wanted = [...new Set(Object.values(minariNames))];
  const what = { wanted, groups: '^episode_\\d+$', signal: options.signal };
  const file = await readHdf5('readMinari', bytes, errors, what);
  const episodes = file.names
    .filter((key) => /^episode_\d+$/.test(key))
    .sort((a, b) => Number(a.slice(8)) - Number(b.slice(8)));
  if (episodes.length === 0) throw errors.bad('episode_0', 'is missing', 'groups episode_<k>');
  const parts = episodes.map((key) => readEpisode(file, key, errors));
  const joined = (name: keyof Columns): Column => join(errors, name, episodes, parts);
  const columns: Columns = {
    observations: joined('observations'),
    actions: joined('actions'),
    rewards: joined('rewards'),
    terminated: joined('terminated'),
    truncated: joined('truncated'),
    nextObservations: joined('nextObservations'),
  };
  return datasetOf(errors, columns, minariNames, options);
}

const minariNames: Readonly<Record<keyof Columns, string>> = {
  observations: 'observations',
  actions: 'actions',
  rewards: 'rewards',
  terminated: 'terminations',
  truncated: 'truncations',
  nextObservations: 'observations',
};

function readEpisode(file: Hdf5Tensors, key: string, errors: FileErrors): Required<Columns> {
  const seen = file.column(`${key}/observations`);
  const rewards = file.column(`${key}/rewards`);
  const steps = rewards.shape[0] ?? 0;
  const [rows = 0, width = 1] = seen.shape;
  if (seen.shape.length > 2 || rows !== steps + 1) {
    const found = `has shape [${seen.shape}]`;
    throw errors.bad(`${key}/observations`, found, `[${steps + 1}, size]: one more than rewards`);
  }
  const whole = (name: string): Column => {
    const column = file.column(`${key}/${name}`);
    if (column.shape[0] === steps) return column;
    throw errors.bad(`${key}/${name}`, `has shape [${column.shape}]`, `${steps} rows`);
  };
  const terminated = whole('terminations');
  const truncated = whole('truncations');
  const flags = Float64Array.from(truncated.data);
  if (steps > 0 && !terminated.data[steps - 1]) flags[steps - 1] = 1;
  const data = seen.data as Float64Array;
  const part = (from: number): Column => ({
    data: data.subarray(from * width, (from + steps) * width),
    shape: [steps, width],
    isInteger: false,
  });
  return {
    observations: part(0),
    nextObservations: part(1),
    actions: whole('actions'),
    rewards,
    terminated,
    truncated: { ...truncated, data: flags },
  };
}

/** One column behind the other. */
function join(
  errors: FileErrors,
  name: keyof Columns,
  episodes: readonly string[],
  parts: readonly Required<Columns>[],
): Column {
  const widthOf = ({ shape }: Column): number => shape.slice(1).reduce((a, b) => a * b, 1);
  const first = parts[0]![name];
  const width = widthOf(first);
  parts.forEach((part, i) => {
    if (widthOf(part[name]) === width) return;
    const found = `has rows of ${widthOf(part[name])} numbers`;
    throw errors.bad(`${episodes[i]}/${minariNames[name]}`, found, `${width} as in ${episodes[0]}`);
  });
  const rows = parts.reduce((sum, part) => sum + (part[name].shape[0] ?? 0), 0);
  const data = new Float64Array(rows * width);
  let at = 0;
  for (const part of parts) {
    data.set(part[name].data, at);
    at += part[name].data.length;
  }
  return { data, shape: [rows, ...first.shape.slice(1)], isInteger: first.isInteger };
}

/**
 * The bytes of an HDF5 file in the layout of Minari.
 * @throws BelfryError BELFRY_BAD_VALUE where a next observation is not the observation of the row
 *     that follows in its episode: that layout cannot say so; BELFRY_LOAD_FAILED
 */
export async function writeMinari(data: OfflineDataset<OfflineActions>): Promise<Uint8Array> {
  checkFollowed(data);
  const parts: Part[] = [
    { path: '', attributes: { total_episodes: data.numEpisodes, total_steps: data.length } },
  ];
  for (let k = 0; k < data.numEpisodes; k++) parts.push(...episodeParts(data, k));
  return made('writeMinari', parts);
}

function episodeParts(data: OfflineDataset<OfflineActions>, k: number): Part[] {
  const { begin, end } = data.episode(k);
  const { observationSize: size, actionSize } = data;
  const steps = end - begin;
  const path = `episode_${k}`;
  const part = (name: string, array: Tensors, shape: number[]): Part => ({
    path: `${path}/${name}`,
    data: array.slice(),
    shape,
  });
  const seen = new Float32Array((steps + 1) * size);
  seen.set(data.observations.subarray(begin * size, end * size));
  seen.set(data.nextObservations.subarray((end - 1) * size, end * size), steps * size);
  const width = Math.max(1, actionSize);
  const actions = data.actions.subarray(begin * width, end * width);
  return [
    { path, attributes: { id: k, total_steps: steps } },
    part('observations', seen, [steps + 1, size]),
    part('actions', actions, actionSize === 0 ? [steps] : [steps, actionSize]),
    part('rewards', data.rewards.subarray(begin, end), [steps]),
    part('terminations', data.terminated.subarray(begin, end), [steps]),
    part('truncations', data.truncated.subarray(begin, end), [steps]),
  ];
}

function checkFollowed(data: OfflineDataset<OfflineActions>): void {
  const { observations, nextObservations, observationSize: width } = data;
  for (let row = 0; row + 1 < data.length; row++) {
    if (data.terminated[row] || data.truncated[row]) continue;
    for (let i = row * width; i < (row + 1) * width; i++) {
      if (nextObservations[i] === observations[i + width]) continue;
      const found = `in row ${row} is not the observation of row ${row + 1}`;
      const expected = 'episodes without gaps (writeD4rl and writeNpz take any)';
      const name = 'nextObservations';
      throw argumentError('BELFRY_BAD_VALUE', 'writeMinari', name, found, expected);
    }
  }
}
