/** Data sets to files and back, and files that are not what they say. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BelfryError } from 'belfry';
import {
  behaviourPolicy,
  ControlTask,
  jsonLines,
  type OfflineActions,
  OfflineDataset,
  readD4rl,
  readJsonLines,
  readMinari,
  readNpz,
  writeD4rl,
  writeMinari,
  writeNpz,
} from 'belfry/offline';
import * as h5 from 'h5wasm';
import { afterAll, describe, expect, test } from 'vitest';

import { encodeNpy } from '../../src/npy.js';
import { writeZip } from '../../src/offline/zip.js';

const folder = mkdtempSync(join(tmpdir(), 'belfry-offline-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Data = OfflineDataset<OfflineActions>;
const collected: [string, Data][] = [
  [
    'vectors',
    new ControlTask('multi_goal', { count: 3 }).collect(behaviourPolicy('multi_goal', 'medium'), {
      transitions: 100,
    }),
  ],
  [
    'indices',
    new ControlTask('acrobot', { count: 2, maxSteps: 20 }).collect(
      behaviourPolicy('acrobot', 'random'),
      { transitions: 90 },
    ),
  ],
];
const [, vectors] = collected[0]!;

/** A file made by the library itself, for what no writer here makes. */
async function makeHdf5(write: (root: h5.File) => void): Promise<Uint8Array> {
  const { FS } = await h5.ready;
  const file = new h5.File('made.h5', 'w');
  write(file);
  file.close();
  return Uint8Array.from(FS.readFile('made.h5') as unknown as Uint8Array);
}

function expectSame(got: Data, wanted: Data): void {
  const names = [
    'observations',
    'actions',
    'rewards',
    'nextObservations',
    'terminated',
    'truncated',
  ];
  for (const name of names as 'rewards'[]) expect(got[name], name).toEqual(wanted[name]);
  expect(got.episodeStarts).toEqual(wanted.episodeStarts);
}

async function expectBad(reading: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(BelfryError);
  expect((error as BelfryError).message).toMatch(message);
  expect(error).toMatchObject({ code: 'BELFRY_BAD_FILE' });
}

describe.each(collected)('a data set of %s', (kind, data) => {
  test('comes back from every layout', async () => {
    expectSame(await readD4rl(await writeD4rl(data)), data);
    expectSame(await readMinari(await writeMinari(data)), data);
    expectSame(await readNpz(writeNpz(data)), data);
    expectSame(await readNpz(writeNpz(data, { compress: true })), data);
    expectSame(await readJsonLines(jsonLines(data)), data);
  });

  test('comes back from files', async () => {
    const path = (end: string): string => join(folder, `${kind}.${end}`);
    writeFileSync(path('hdf5'), await writeD4rl(data));
    writeFileSync(path('npz'), writeNpz(data));
    writeFileSync(path('jsonl'), [...jsonLines(data)].join(''));
    expectSame(await readD4rl(path('hdf5')), data);
    expectSame(await readNpz(path('npz')), data);
    expectSame(await readJsonLines(path('jsonl')), data);
  });

  test('no cut of a file crashes a reader', async () => {
    const npz = writeNpz(data);
    for (const share of [0, 0.01, 0.3, 0.7, 0.99]) {
      await expectBad(readNpz(npz.slice(0, share * npz.length)), /readNpz: file/);
    }
    const h5 = await writeD4rl(data);
    for (const share of [0, 0.01, 0.3, 0.7, 0.95]) {
      const reason = share < 0.1 ? /readD4rl: file could not/ : /\(truncated file: eof/;
      await expectBad(readD4rl(h5.slice(0, share * h5.length)), reason);
    }
  });

  test('no flipped byte of an archive crashes the reader', async () => {
    const archive = writeNpz(data, { compress: true });
    for (const [bytes, read, steps] of [[archive, readNpz, 100]] as const) {
      for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / steps)) {
        const flipped = bytes.slice();
        flipped[at]! ^= 0xff;
        const error = await read(flipped).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error).not.toMatchObject({ code: 'BELFRY_INTERNAL' });
        // A number may have become another one; all else is an error of ours.
        if (error !== undefined) expect(error).toBeInstanceOf(BelfryError);
      }
    }
  });
});

test('without next observations they are the rows that follow', async () => {
  const files = {
    'observations.npy': encodeNpy(Float32Array.of(0, 1, 2, 3, 4, 5)),
    'actions.npy': encodeNpy(new Float32Array(6), [6, 1]),
    'rewards.npy': encodeNpy(Float64Array.of(0, 1, 2, 3, 4, 5)),
    'terminals.npy': encodeNpy(Uint8Array.of(0, 1, 0, 0, 0, 0)),
    'timeouts.npy': encodeNpy(Uint8Array.of(0, 0, 0, 1, 0, 0)),
  };
  const data = await readNpz(writeZip(files, true));
  expect(Array.from(data.rewards)).toEqual([0, 1, 2, 4]);
  expect(Array.from(data.nextObservations)).toEqual([1, 1, 3, 5]);
  expect(Array.from(data.terminated)).toEqual([0, 1, 0, 0]);
  expect(Array.from(data.truncated)).toEqual([0, 0, 1, 1]); // the file ends
  const other = { ...files, 'dones.npy': files['terminals.npy'] } as Record<string, Uint8Array>;
  delete other['terminals.npy'];
  expectSame(await readNpz(writeZip(other, false)), data);
});

describe('npz', () => {
  const files = () => ({
    'observations.npy': encodeNpy(new Float32Array(6), [3, 2]),
    'actions.npy': encodeNpy(new Float32Array(3), [3, 1]),
    'rewards.npy': encodeNpy(new Float32Array(3)),
    'terminals.npy': encodeNpy(new Uint8Array(3)),
  });
  const zip = (changes: Record<string, Uint8Array>) => writeZip({ ...files(), ...changes }, false);

  test('wrong tensors are named', async () => {
    await expectBad(
      readNpz(zip({ 'observations.npy': encodeNpy(new Float32Array(4), [2, 2]) })),
      /readNpz: file: observations has shape \[2,2\], expected \[3, size\]/,
    );
    await expectBad(
      readNpz(zip({ 'rewards.npy': encodeNpy(new Float32Array(0)) })),
      /rewards is empty/,
    );
    await expectBad(
      readNpz(zip({ 'actions.npy': encodeNpy(Float32Array.of(0, 7, 0), [3, 1]) }), {
        name: 'a.npz',
      }),
      /a\.npz: actions holds 7 in row 1, expected a number in \[-1, 1\]/,
    );
    await expectBad(
      readNpz(zip({ 'observations.npy': encodeNpy(new Float32Array(6).fill(Number.NaN), [3, 2]) })),
      /observations holds NaN in row 0/,
    );
    const { 'rewards.npy': _, ...rest } = files();
    await expectBad(readNpz(writeZip(rest, false)), /file: rewards is missing/);
  });

  test('damage is noticed', async () => {
    const bytes = writeNpz(vectors);
    const flipped = bytes.slice();
    flipped[200]! ^= 255;
    await expectBad(readNpz(flipped), /is damaged|unreadable|bytes of data/);
    const pickled = new TextEncoder().encode('garbage that is no array');
    await expectBad(
      readNpz(zip({ 'rewards.npy': pickled })),
      /rewards could not be read \(no \.npy/,
    );
    const claims = encodeNpy(new Float32Array(3), [3]);
    const header = new TextDecoder('latin1').decode(claims).replace('(3,)', '(9,)');
    await expectBad(
      readNpz(zip({ 'rewards.npy': Uint8Array.from(header, (c) => c.charCodeAt(0)) })),
      /rewards could not be read \(12 bytes of data, 36 expected\)/,
    );
    await expectBad(
      readNpz(join(folder, 'nowhere.npz')),
      /nowhere\.npz could not be opened \(ENOENT\)/,
    );
  });

  test('an entry that unpacks to more than it says is not unpacked', async () => {
    const bytes = writeZip({ ...files(), 'rewards.npy': new Uint8Array(100_000) }, true);
    // The uncompressed size in the directory, of 100,000 bytes, becomes 10.
    const at = Buffer.from(bytes).lastIndexOf(Buffer.from(Uint32Array.of(100_000).buffer));
    bytes.set(new Uint8Array(Uint32Array.of(10).buffer), at);
    await expectBad(readNpz(bytes), /rewards.npy could not be read/);
  });
});

describe('HDF5', () => {
  const file = (
    changes: Record<string, [data: Float32Array | Uint8Array | string[], shape: number[]]>,
  ) =>
    makeHdf5((root) => {
      const tensors = {
        observations: [new Float32Array(6), [3, 2]],
        actions: [new Float32Array(3), [3, 1]],
        rewards: [new Float32Array(3), [3]],
        terminals: [new Uint8Array(3), [3]],
        ...changes,
      } as unknown as Record<string, [Float32Array, number[]]>;
      for (const [name, [data, shape]] of Object.entries(tensors)) {
        root.create_dataset({ name, data, shape });
      }
    });

  test('wrong tensors are named', async () => {
    await expectBad(
      readD4rl(await file({ rewards: [new Float32Array(4), [4]] })),
      /readD4rl: file: observations has shape \[3,2\], expected \[4, size\]/,
    );
    await expectBad(
      readD4rl(await file({ terminals: [['a', 'b', 'c'], [3]] })),
      /terminals holds no numbers/,
    );
    await expectBad(readD4rl(await makeHdf5(() => {})), /observations is missing/);
    const group = await makeHdf5((root) => void root.create_group('observations'));
    await expectBad(readD4rl(group), /observations is no tensor/);
  });

  test('a file that claims more than it can hold is refused', async () => {
    const bytes = await makeHdf5((root) => {
      root.create_dataset({
        name: 'observations',
        data: new Float32Array(4),
        shape: [2, 2],
        chunks: [1, 2],
        maxshape: [null, 2],
      });
      (root.get('observations') as unknown as { resize(shape: number[]): void }).resize([
        50_000_000, 2,
      ]);
    });
    await expectBad(readD4rl(bytes), /observations has shape \[50000000,2\], 400000000 bytes/);
  });

  test('episodes of Minari are read in the order of their numbers, and checked', async () => {
    const episodes = (rows: (k: number) => number) =>
      makeHdf5((root) => {
        for (const k of [10, 2]) {
          const group = root.create_group(`episode_${k}`);
          const put = (name: string, count: number, width: number) =>
            group.create_dataset({
              name,
              data: new Float32Array(count * width).fill(k / 100),
              shape: width === 1 ? [count] : [count, width],
            });
          put('observations', rows(k), 2);
          put('actions', 3, 1);
          put('rewards', 3, 1);
          for (const name of ['terminations', 'truncations']) {
            group.create_dataset({ name, data: new Uint8Array(3) });
          }
        }
      });
    const data = await readMinari(await episodes(() => 4));
    expect(Array.from(data.rewards, (x) => Math.round(100 * x))).toEqual([2, 2, 2, 10, 10, 10]);
    expect(Array.from(data.truncated)).toEqual([0, 0, 1, 0, 0, 1]);
    await expectBad(
      readMinari(await episodes((k) => (k === 10 ? 3 : 4))),
      /episode_10\/observations has shape \[3,2\], expected \[4, size\]/,
    );
    await expectBad(readMinari(await file({})), /episode_0 is missing/);
  });

  test('what the layout of Minari cannot say is refused', async () => {
    const gaps = new OfflineDataset({
      observations: Float32Array.of(0, 1),
      actions: Float32Array.of(0, 0),
      rewards: Float32Array.of(0, 0),
      nextObservations: Float32Array.of(7, 8),
      terminated: Uint8Array.of(0, 0),
    });
    await expect(writeMinari(gaps)).rejects.toThrow(/nextObservations in row 0/);
  });
});

test('reading HDF5 stops by its signal', async () => {
  const bytes = await writeD4rl(vectors);
  const controller = new AbortController();
  const reading = readD4rl(bytes, { signal: controller.signal });
  controller.abort();
  await expect(reading).rejects.toThrow(/abort/);
  expectSame(await readD4rl(bytes), vectors);
});

describe('JSON lines', () => {
  const line = '{"observation":[0,1],"action":[0.5],"reward":1,"terminated":true}\n';

  test('pieces are cut anywhere, bytes within a letter too', async () => {
    const text = [...jsonLines(vectors)].join('').replace('{', '{"note":"Übung",');
    const bytes = new TextEncoder().encode(text);
    const pieces = async function* () {
      for (let at = 0; at < bytes.length; at += 13) yield bytes.subarray(at, at + 13);
    };
    expectSame(await readJsonLines(pieces()), vectors);
  });

  test('wrong lines are named', async () => {
    const bad = (text: string) => readJsonLines([line, text], { name: 'log.jsonl' });
    await expectBad(bad('{"observation":[0'), /readJsonLines: log\.jsonl: line 2 is no JSON/);
    await expectBad(bad('[1]'), /line 2 is an array of 1, expected an object/);
    await expectBad(
      bad('{"observation":[0,1,2],"action":[0],"reward":1}'),
      /line 2: observation is an array of 3, expected 2 numbers/,
    );
    await expectBad(bad('{"observation":[0,1],"reward":1}'), /line 2: action is missing/);
    await expectBad(
      bad('{"observation":[0,1],"action":[0],"reward":"high"}'),
      /line 2: reward is "high", expected a number/,
    );
    await expectBad(
      bad('{"observation":[0,1],"action":[0],"reward":1,"terminated":"no"}'),
      /line 2: terminated is "no", expected true or false/,
    );
    await expectBad(bad(line.replace('0.5', '3')), /action holds 3 in row 1/);
    await expectBad(readJsonLines([]), /holds no transitions/);
    await expectBad(
      readJsonLines(join(folder, 'nowhere.jsonl')),
      /nowhere\.jsonl could not be read/,
    );
  });
});
