import { describe, expect, test } from 'vitest';
import { encodeNpy } from '../../src/npy.js';
import {
  ControlTask,
  jsonLines,
  normalizeObservations,
  OfflineDataset,
  randomPolicy,
  readD4rl,
  readJsonLines,
  readNpz,
} from '../../src/offline/index.js';
import { writeZip } from '../../src/offline/zip.js';
import { failureOf } from './lib/failure.js';

const count = 6;
const arrays = (changed: object = {}) => ({
  observations: Float32Array.from({ length: 2 * count }, (_, i) => i / 10),
  actions: Int32Array.from({ length: count }, (_, i) => i % 2),
  rewards: new Float32Array(count),
  nextObservations: Float32Array.from({ length: 2 * count }, (_, i) => (i + 2) / 10),
  terminated: new Uint8Array(count).fill(1, count - 1),
  ...changed,
});

describe('OfflineDataset', () => {
  test.each([
    ['observations', new Float64Array(2 * count), 'BELFRY_BAD_DTYPE'],
    ['observations', undefined, 'BELFRY_BAD_DTYPE'],
    ['actions', new Uint8Array(count), 'BELFRY_BAD_DTYPE'],
    ['rewards', new Array(count).fill(0), 'BELFRY_BAD_DTYPE'],
    ['terminated', new Float32Array(count), 'BELFRY_BAD_DTYPE'],
    ['terminated', new Uint8Array(count).fill(2), 'BELFRY_BAD_VALUE'],
    ['truncated', new Uint8Array(count).fill(255), 'BELFRY_BAD_VALUE'],
  ])('%s of another kind is refused', async (name, array, expected) => {
    const make = () => new OfflineDataset(arrays({ [name]: array }));
    const [code, message] = await failureOf(make);
    expect(code).toBe(expected);
    expect(message).toContain(`OfflineDataset: ${name} `);
  });

  test('options out of range are refused by name', async () => {
    for (const options of [{ numActions: 2.5 }, { numActions: 0 }, { actionLimit: -1 }]) {
      const [code, message] = await failureOf(() => new OfflineDataset(arrays(), options));
      expect(code).toBe('BELFRY_INVALID_ARGUMENT');
      expect(message).toContain(Object.keys(options)[0]);
    }
  });

  test('statistics that no data have are refused', async () => {
    const seen = new Float32Array(4);
    const bad = [
      { mean: [0, 0], std: [1, 0] },
      { mean: [0, Number.NaN], std: [1, 1] },
      { mean: [0], std: [1, 1] },
      {},
    ];
    for (const statistics of bad) {
      const [code] = await failureOf(() => normalizeObservations(seen, statistics as never));
      expect(code).toMatch(/^BELFRY_BAD/);
    }
    const usual = { mean: [0, 0], std: [1, 1] };
    const short = await failureOf(() => normalizeObservations(seen, usual, new Float32Array(2)));
    expect(short[1]).toMatch(/out has length 2/);
  });

  test('more than memory holds', async () => {
    const data = new OfflineDataset(arrays());
    expect((await failureOf(() => data.sample(1e12)))[0]).toBe('BELFRY_OUT_OF_MEMORY');
    const many = await failureOf(() => new ControlTask('pendulum', { count: 1e12 }));
    expect(many[0]).toBe('BELFRY_OUT_OF_MEMORY');
    const task = new ControlTask('pendulum');
    const long = await failureOf(() => task.collect(randomPolicy(), { transitions: 1e12 }));
    expect(long[0]).toBe('BELFRY_OUT_OF_MEMORY');
    expect((await failureOf(() => task.step(undefined as never)))[0]).toBe('BELFRY_BAD_SHAPE');
  });
});

describe('files', () => {
  test('JSON lines come as bytes too', async () => {
    const text = [...jsonLines(new OfflineDataset(arrays()))].join('');
    const data = await readJsonLines(new TextEncoder().encode(text));
    expect(data.observations).toEqual(arrays().observations);
  });

  const line = (fields: object): string =>
    JSON.stringify({ observation: [1], action: 0, reward: 0, next_observation: [2], ...fields });
  test.each([
    ['an index beyond int32', [line({ action: 2 ** 32 + 1 })], /action holds 4294967297 in row 0/],
    [
      'next observations from the second line on',
      [line({ next_observation: undefined }), line({})],
      /line 2: next_observation is given/,
    ],
    ['an observation beyond float32', [line({ observation: [1e39] })], /observation holds/],
  ])('JSON lines with %s', async (_, lines, named) => {
    const [code, message] = await failureOf(() => readJsonLines([lines.join('\n')]));
    expect([code, message]).toEqual(['BELFRY_BAD_FILE', expect.stringMatching(named)]);
  });

  test('a source that is none', async () => {
    const readers = [readJsonLines, readNpz, readD4rl] as ((source: never) => Promise<unknown>)[];
    for (const read of readers) {
      for (const source of [undefined, 3, new ArrayBuffer(8)]) {
        expect((await failureOf(() => read(source as never)))[0]).toBe('BELFRY_BAD_DTYPE');
      }
    }
    const numbers = await failureOf(() => readJsonLines([1, 2] as never));
    expect(numbers[0]).toBe('BELFRY_BAD_DTYPE');
  });

  test('a long line in many pieces takes time by its length, not by its square', async () => {
    const piece = '1,'.repeat(2048);
    function* pieces(): Generator<string> {
      yield '{"observation":[';
      for (let i = 0; i < 4000; i++) yield piece;
      yield '1],"action":0,"reward":0,"terminated":true}';
    }
    // 16 MB: what was read again with every piece would be 32 GB.
    const data = await readJsonLines(pieces());
    expect(data.observationSize).toBe(4000 * 2048 + 1);
  }, 20_000);

  test.each([
    [
      'flags that are none',
      { 'terminals.npy': encodeNpy(new Float32Array(count).fill(0.5)) },
      /terminals holds 0.5/,
    ],
    ['indices beyond int32', { 'actions.npy': int64(2n ** 32n + 1n) }, /actions holds 4294967297/],
  ])('an .npz file with %s', async (_, changed, named) => {
    const [code, message] = await failureOf(() => readNpz(archive(changed)));
    expect([code, message]).toEqual(['BELFRY_BAD_FILE', expect.stringMatching(named)]);
  });

  test('an .npz file that claims to unpack to more than is sane is not unpacked', async () => {
    const [code, message] = await failureOf(() => readNpz(archive({}, 2 ** 32 - 1)));
    expect([code, message]).toEqual([
      'BELFRY_BAD_FILE',
      expect.stringMatching(/unpacks to 4294967295 bytes/),
    ]);
  });
});

function int64(value: bigint): Uint8Array {
  const bytes = encodeNpy(new Float64Array(count));
  const at = bytes.length - 8 * count;
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, at)).replace('<f8', '<i8');
  bytes.set(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
  new DataView(bytes.buffer).setBigInt64(at, value, true);
  return bytes;
}

/** An archive of discrete transitions with some tensors changed, whose entries claim another size. */
function archive(changed: Record<string, Uint8Array>, claimed?: number): Uint8Array {
  const { observations, actions, rewards, nextObservations, terminated } = arrays();
  const usual = {
    'observations.npy': encodeNpy(observations, [count, 2]),
    'actions.npy': encodeNpy(actions),
    'rewards.npy': encodeNpy(rewards),
    'terminals.npy': encodeNpy(terminated),
    'next_observations.npy': encodeNpy(nextObservations, [count, 2]),
  };
  const bytes = Buffer.from(writeZip({ ...usual, ...changed }, true));
  const mark = Buffer.from('PK\x01\x02');
  for (let at = bytes.indexOf(mark); claimed !== undefined && at >= 0; ) {
    bytes.writeUInt32LE(claimed, at + 24);
    at = bytes.indexOf(mark, at + 1);
  }
  return bytes;
}
