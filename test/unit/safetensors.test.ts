import { describe, expect, it } from 'vitest';
import { BelfryError } from '../../src/errors.js';
import { readSafetensors, writeSafetensors } from '../../src/safetensors.js';

/** A file with this header text and that many bytes of data. */
function file(header: string | object, dataBytes = 0, declaredLength?: bigint): Uint8Array {
  const json = typeof header === 'string' ? header : JSON.stringify(header);
  const text = new TextEncoder().encode(json);
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, declaredLength ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

function tensor(begin: number, end: number, shape: unknown = [(end - begin) / 4], dtype = 'F32') {
  return { dtype, shape, data_offsets: [begin, end] };
}

function errorOf(bytes: Uint8Array): BelfryError {
  try {
    readSafetensors(bytes, { name: 'weights.safetensors' });
  } catch (error) {
    expect(error).toBeInstanceOf(BelfryError);
    return error as BelfryError;
  }
  throw new Error('the file was accepted');
}

describe('a written file', () => {
  const tensors = {
    weight: { data: Float32Array.of(1, -2, 3.5, NaN, Infinity, 0), shape: [2, 3] },
    doubles: { data: Float64Array.of(Math.PI), shape: [1, 1] },
    scalar: { data: Int32Array.of(-7), shape: [] },
    halves: { data: Uint16Array.of(0x3f80, 0xc000), shape: [2], dtype: 'BF16' },
    flags: { data: Uint8Array.of(1, 0, 1), shape: [3], dtype: 'BOOL' },
    bytes: { data: Uint8Array.of(255), shape: [1] },
    long: { data: BigInt64Array.of(-(2n ** 40n)), shape: [1] },
    counts: { data: Uint32Array.of(2 ** 32 - 1), shape: [1] },
    none: { data: new Float32Array(0), shape: [0, 5] },
    __proto: { data: Int8Array.of(-1), shape: [1] },
  };

  it('reads back the same, shapes and types included', () => {
    const bytes = writeSafetensors(tensors, { origin: 'test' });
    const read = readSafetensors(bytes);
    expect(read.metadata.origin).toBe('test');
    expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, { data, shape }] of Object.entries(tensors)) {
      expect(read.tensors[name]!.data).toEqual(data);
      expect(read.tensors[name]!.shape).toEqual(shape);
    }
    expect(read.tensors.halves!.dtype).toBe('BF16');
    expect(read.tensors.counts!.dtype).toBe('U32');
    expect(read.tensors.bytes!.dtype).toBe('U8');
    expect(read.tensors.__proto!.dtype).toBe('I8');
  });

  it('is aligned and does not depend on the order of the tensors', () => {
    const bytes = writeSafetensors(tensors);
    const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(headerLength % 8).toBe(0);
    const reversed = Object.fromEntries(Object.entries(tensors).reverse());
    expect(writeSafetensors(reversed)).toEqual(bytes);
  });

  it('reads from a view that starts anywhere and returns copies', () => {
    const bytes = writeSafetensors({ a: { data: Float64Array.of(1, 2), shape: [2] } });
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const { tensors: read } = readSafetensors(shifted.subarray(3));
    shifted.fill(0);
    expect([...(read.a!.data as Float64Array)]).toEqual([1, 2]);
  });

  it('keeps a view of a larger buffer to its own elements', () => {
    const view = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    const read = readSafetensors(writeSafetensors({ v: { data: view, shape: [2] } }));
    expect(read.tensors.v!.data).toEqual(Float32Array.of(1, 2));
  });

  it('refuses shapes and types that do not fit', () => {
    const data = new Float32Array(4);
    expect(() => writeSafetensors({ a: { data, shape: [3] } })).toThrow(/shape of tensor "a"/);
    expect(() => writeSafetensors({ a: { data, shape: [-2, -2] } })).toThrow(/shape of tensor "a"/);
    expect(() => writeSafetensors({ a: { data, shape: [4], dtype: 'BF16' } })).toThrow(/dtype/);
    expect(() => writeSafetensors({ __metadata__: { data, shape: [4] } })).toThrow(/reserved/);
  });
});

describe('a valid foreign file', () => {
  it('may have padding, unaligned tensors and any order of entries', () => {
    const header = { b: tensor(1, 5), a: tensor(0, 1, [1], 'U8') };
    const bytes = file(`${JSON.stringify(header)}   `, 5);
    bytes[bytes.length - 1] = 0x40;
    const { tensors } = readSafetensors(bytes);
    expect([...(tensors.b!.data as Float32Array)]).toEqual([2]);
  });

  it('may use names that JavaScript treats specially', () => {
    const bytes = file(`{"__proto__":${JSON.stringify(tensor(0, 4))}}`, 4);
    const { tensors } = readSafetensors(bytes);
    expect(Object.keys(tensors)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).data).toBeUndefined();
  });

  it('may be empty', () => {
    expect(Object.keys(readSafetensors(file('{}')).tensors)).toEqual([]);
  });
});

describe('a broken file', () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ['too short', new Uint8Array(7), /at least 8 bytes/],
    ['header longer than the file', file('{}', 0, 3n), /header length is 3, expected at most 2/],
    ['header length of 2^64 - 1', file('{}', 0, 2n ** 64n - 1n), /header length/],
    ['header that is no JSON', file('{"a":'), /not JSON/],
    ['header that is no object', file('[1]'), /JSON object/],
    [
      'header that is not UTF-8',
      (() => {
        const bytes = file('{"aa":1}');
        bytes[10] = 0xff;
        return bytes;
      })(),
      /UTF-8/,
    ],
    ['entry that is no object', file({ w: 3 }), /"w": the entry is 3/],
    ['unknown dtype', file({ w: tensor(0, 4, [1], 'F4') }, 4), /"w": dtype is "F4"/],
    ['inherited dtype', file({ w: tensor(0, 4, [1], 'toString') }, 4), /"w": dtype/],
    ['negative size', file({ w: tensor(0, 4, [-1]) }, 4), /"w": shape is \[-1\]/],
    ['fractional size', file({ w: tensor(0, 4, [1.5]) }, 4), /"w": shape/],
    ['shape that is no list', file({ w: tensor(0, 4, 1) }, 4), /"w": shape is 1/],
    ['missing shape', file({ w: { dtype: 'F32', data_offsets: [0, 4] } }, 4), /shape is missing/],
    ['shape past 2^53', file({ w: tensor(0, 4, [2 ** 40, 2 ** 40]) }, 4), /fewer than 2\^53/],
    ['offsets that are too near', file({ w: tensor(0, 4, [2]) }, 8), /8 bytes apart/],
    ['end before begin', file({ w: tensor(8, 4, [1]) }, 8), /"w": data_offsets is \[8,4\]/],
    ['three offsets', file({ w: { ...tensor(0, 4), data_offsets: [0, 4, 8] } }, 8), /two offsets/],
    ['past the end', file({ w: tensor(0, 8) }, 4), /"w": data_offsets is \[0, 8\].*4 bytes/],
    ['overlap', file({ v: tensor(0, 8), w: tensor(4, 12) }, 12), /"w".*overlapping/],
    ['the same range twice', file({ v: tensor(0, 4), w: tensor(0, 4) }, 4), /"w".*overlapping/],
    ['hole', file({ v: tensor(0, 4), w: tensor(8, 12) }, 12), /"w".*hole/],
    ['data without a tensor', file({ v: tensor(0, 4) }, 12), /the data is 12/],
    [
      'duplicate name',
      file(`{"w":${JSON.stringify(tensor(0, 4))},"\\u0077":${JSON.stringify(tensor(4, 8))}}`, 8),
      /"w" is given twice/,
    ],
    ['entry nested a million deep', file(`{"w":${'['.repeat(1e6)}${']'.repeat(1e6)}}`), /nested/],
    [
      'name of a million characters twice',
      file(`{"${'w'.repeat(1e6)}":${JSON.stringify(tensor(0, 0))},"${'w'.repeat(1e6)}":{}}`),
      /given twice/,
    ],
    ['metadata that is no text', file({ __metadata__: { a: 1 } }), /__metadata__/],
  ];

  it.each(cases)('%s', (_, bytes, message) => {
    const error = errorOf(bytes);
    expect(error.code).toBe('BELFRY_BAD_FILE');
    expect(error.message).toMatch(message);
    expect(error.message).toContain('weights.safetensors');
    expect(error.message.length).toBeLessThan(500);
  });

  it('never throws anything but a BelfryError when bytes are changed or cut', () => {
    const good = writeSafetensors({
      a: { data: Float32Array.of(1, 2, 3), shape: [3] },
      b: { data: Uint8Array.of(1, 2), shape: [2] },
    });
    for (let i = 0; i < good.length; i++) {
      for (const value of [0, 0x22, 0x2d, 0x39, 0x7d, 0xff]) {
        const bad = good.slice();
        bad[i] = value;
        tryToRead(bad);
      }
      expect(() => readSafetensors(good.subarray(0, i))).toThrow(BelfryError);
    }
  });
});

function tryToRead(bytes: Uint8Array): void {
  try {
    readSafetensors(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(BelfryError);
  }
}
