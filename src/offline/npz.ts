import { decodeNpy, encodeNpy } from '../npy.js';
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
import { readZip, writeZip } from './zip.js';

/** Names that a tensor may have; the first is what is written, D4RL's. */
const names: Readonly<Record<keyof Columns, readonly string[]>> = {
  observations: ['observations', 'obs', 'states'],
  actions: ['actions'],
  rewards: ['rewards'],
  terminated: ['terminals', 'terminated', 'terminations', 'dones'],
  truncated: ['timeouts', 'truncated', 'truncations'],
  nextObservations: ['next_observations', 'nextObservations', 'next_obs', 'next_states'],
};

/**
 * Reads a data set from an .npz file (`numpy.savez`, `savez_compressed`) with D4RL's names:
 * observations [N, size], actions [N, size] or integers [N], rewards [N], terminals [N], and where
 * they are there timeouts [N] and next_observations [N, size]. Also taken: `terminated`,
 * `terminations` or `dones`; `truncated` or `truncations`; `obs` or `states`; `next_obs` or
 * `next_states`. Without next observations they are the rows that follow, as for `readD4rl`.
 * @param source a path, or the bytes
 * @throws BelfryError BELFRY_BAD_FILE naming the file and the tensor
 */
export async function readNpz(
  source: string | Uint8Array,
  options: ReadOptions = {},
): Promise<OfflineDataset<OfflineActions>> {
  checkOptions('readNpz', options, readOptionNames);
  const { bytes, errors } = await readSource('readNpz', source, options.name);
  const entries = readZip(bytes, errors);
  const found = {} as Record<keyof Columns, string>;
  const columns = {} as Record<keyof Columns, Column>;
  for (const [key, known] of Object.entries(names) as [keyof Columns, readonly string[]][]) {
    found[key] = known.find((name) => entries.has(`${name}.npy`)) ?? known[0]!;
    const open = entries.get(`${found[key]}.npy`);
    if (open !== undefined) columns[key] = columnOf(errors, found[key], open());
    else if (key !== 'truncated' && key !== 'nextObservations') {
      const there = [...entries.keys()].join(', ') || 'nothing';
      throw errors.bad(found[key], 'is missing', `one of ${known.join(', ')} beside ${there}`);
    }
  }
  return datasetOf(errors, columns, found, options);
}

function columnOf(errors: FileErrors, name: string, bytes: Uint8Array): Column {
  const { data, shape, descr } = errors.guard(name, () => decodeNpy(bytes));
  return { data, shape, isInteger: !descr.startsWith('<f') };
}

export interface WriteNpzOptions {
  /** Deflate the tensors. Default false. */
  compress?: boolean;
}

/** The bytes of an .npz file with D4RL's names, float32, int32 for indices, uint8 for flags. */
export function writeNpz(
  data: OfflineDataset<OfflineActions>,
  options: WriteNpzOptions = {},
): Uint8Array {
  checkOptions('writeNpz', options, ['compress']);
  const { length, observationSize, actionSize } = data;
  const table = (array: Float32Array | Int32Array | Uint8Array, width: number): Uint8Array =>
    encodeNpy(array, width === 0 ? [length] : [length, width]);
  return writeZip(
    {
      'observations.npy': table(data.observations, observationSize),
      'actions.npy': table(data.actions, actionSize),
      'rewards.npy': table(data.rewards, 0),
      'terminals.npy': table(data.terminated, 0),
      'timeouts.npy': table(data.truncated, 0),
      'next_observations.npy': table(data.nextObservations, observationSize),
    },
    options.compress ?? false,
  );
}
