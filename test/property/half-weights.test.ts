/** Weights of half precision give the bits of the same numbers in float32. */
import { afterAll, describe, expect, test } from 'vitest';
import { setThreads } from '../../src/engine.js';
import { BelfryError } from '../../src/errors.js';
import { fromBfloat16, toBfloat16 } from '../../src/flow/half-weights.js';
import { type MlpArgs, mlp } from '../../src/flow/index.js';
import { NoiseSource } from '../../src/flow/noise.js';
import { Tensor } from '../../src/tensor.js';

const normal = (length: number, seed: number): Float32Array =>
  new NoiseSource(seed).fillNormal(new Float32Array(length));

afterAll(() => setThreads(2));

/** Halves of float16: numbers k/64 with |k| < 2048 are exact, here |k| <= 127. */
function asFloat16(numbers: Float32Array): [Uint16Array, Float32Array] {
  const exact = numbers.map((x) => Math.max(-127, Math.min(127, Math.round(x * 40))) / 64);
  const words = new Uint32Array(exact.slice().buffer);
  const halves = Uint16Array.from(words, (word, i) => {
    if (exact[i] === 0) return 0;
    const exponent = ((word >>> 23) & 0xff) - 112;
    return ((word >>> 16) & 0x8000) | (exponent << 10) | ((word >>> 13) & 0x3ff);
  });
  return [halves, exact];
}

type Stored = 'bfloat16' | 'float16';

/** A network's weights as stored, and as float32. */
function networks(widths: readonly number[], dtype: Stored): Record<string, unknown>[] {
  const [stored, plain]: Record<string, unknown>[] = [{}, {}];
  widths.slice(1).forEach((outputs, i) => {
    const inputs = widths[i] as number;
    const drawn = normal(inputs * outputs, 20 + i).map((x) => x / Math.sqrt(inputs + 1));
    const bits = toBfloat16(drawn);
    const [halves, numbers] =
      dtype === 'float16' ? asFloat16(drawn) : ([bits, fromBfloat16(bits)] as const);
    const shape = [outputs, inputs];
    Object.assign(stored as object, { [`weight${i}`]: new Tensor(halves, shape, { dtype }) });
    Object.assign(plain as object, { [`weight${i}`]: new Tensor(numbers, shape) });
    for (const one of [stored, plain]) {
      Object.assign(one as object, { [`bias${i}`]: normal(outputs, 30 + i) });
    }
  });
  const activations = widths.slice(2).map(() => 'mish');
  return [stored, plain].map((one) => ({ ...one, activations: [...activations, 'identity'] }));
}

describe.each(['bfloat16', 'float16'] as const)('weights in %s', (dtype) => {
  test('give the same outputs, for any number of rows and threads', () => {
    for (const widths of [
      [5, 33, 17, 3],
      [64, 128, 1],
      [1, 1],
      [300, 257, 2],
      [3, 4, 0],
    ]) {
      const [stored, plain] = networks(widths, dtype);
      for (const rows of [0, 1, 2, 3, 5, 8, 9, 40]) {
        const x = new Tensor(normal(rows * (widths[0] as number), 40), [rows, widths[0] as number]);
        setThreads(1 + (rows % 3));
        const [found, wanted] = [stored, plain].map(
          (one) => mlp<Float32Array>({ ...one, x } as unknown as MlpArgs<Float32Array>).y.data,
        );
        expect(found, `${widths} for ${rows} rows`).toEqual(wanted);
      }
    }
  });

  test('give the same gradients and derivatives', () => {
    const [stored, plain] = networks([6, 19, 4], dtype);
    for (const rows of [1, 20]) {
      const given = {
        x: new Tensor(normal(6 * rows, 41), [rows, 6]),
        gradY: new Tensor(normal(4 * rows, 42), [rows, 4]),
        tangentX: new Tensor(normal(6 * rows, 43), [rows, 6]),
      };
      const [found, wanted] = [stored, plain].map((one) =>
        mlp<Float32Array>({ ...one, ...given } as unknown as MlpArgs<Float32Array>),
      );
      expect(wanted?.gradX?.data.some((g) => g !== 0)).toBe(true);
      expect(found).toEqual(wanted);
    }
  });

  test('go with float32, not with float64', () => {
    const [stored] = networks([2, 3], dtype);
    const doubles = { bias0: new Float64Array(3), x: new Tensor(new Float64Array(2), [1, 2]) };
    const run = (): unknown => mlp({ ...stored, ...doubles } as unknown as MlpArgs);
    expect(run).toThrow(BelfryError);
    expect(run).toThrow(/weight0.*Float64Array/s);
  });
});

test('rounding to bfloat16 is to the nearest, ties to even, and keeps what is no number', () => {
  const words = [
    0x3f808000, 0x3f818000, 0x3f808001, 0x3f807fff, 0x7f7fffff, 0xff800000, 0x7f800001,
  ];
  const numbers = new Float32Array(Uint32Array.from(words).buffer);
  expect([...toBfloat16(numbers)]).toEqual([
    0x3f80, 0x3f82, 0x3f81, 0x3f80, 0x7f80, 0xff80, 0x7fc0,
  ]);
  expect([...fromBfloat16(Uint16Array.of(0x3f82, 0xbf80))]).toEqual([1.015625, -1]);
});
