/** What kinds of memory a call takes. */
import { alloc, BelfryError, Engine, Tensor, token } from 'belfry';
import { describe, expect, test } from 'vitest';

const { gae } = token;
const data = (): Float32Array => Float32Array.from([1, 2, 3, 4]);
const shape = [2, 2];
const expected = gae({ rewards: new Tensor(data(), shape), values: new Tensor(data(), shape) });

describe('operands', () => {
  test('anything with data and shape or dims', () => {
    expect(
      gae({ rewards: { data: data(), shape }, values: { data: data(), dims: shape } }),
    ).toEqual(expected);
  });

  test('a view into a larger buffer', () => {
    const view = (offset: number): Float32Array => {
      const large = new Float32Array(10);
      large.set(data(), offset);
      return large.subarray(offset, offset + 4);
    };
    expect(gae({ rewards: { data: view(3), shape }, values: { data: view(5), shape } })).toEqual(
      expected,
    );
  });

  test('shared memory', () => {
    const shared = alloc('float32', 4);
    shared.set(data());
    expect(gae({ rewards: { data: shared, shape }, values: { data: shared, shape } })).toEqual(
      expected,
    );
  });

  test('a bare typed array is a vector', () => {
    const packed = token.gaePacked({
      rewards: data(),
      values: data(),
      cuSeqlens: Int32Array.of(0, 2, 4),
    });
    expect(packed.advantages.data).toEqual(expected.advantages.data);
  });

  const codeOf = (rewards: unknown): string => {
    try {
      gae({ rewards: rewards as Float32Array, values: { data: data(), shape } });
    } catch (error) {
      return (error as BelfryError).code;
    }
    return 'none';
  };

  test('memory that cannot be trusted is refused', () => {
    const resizable = new (ArrayBuffer as new (n: number, o: object) => ArrayBuffer)(16, {
      maxByteLength: 32,
    });
    expect(codeOf({ data: new Float32Array(resizable), shape })).toBe('BELFRY_RESIZABLE_BUFFER');
    const gone = data();
    structuredClone(gone, { transfer: [gone.buffer as ArrayBuffer] });
    expect(codeOf({ data: gone, shape: [0, 2] })).toBe('BELFRY_DETACHED_BUFFER');
    const disposed = new Tensor(data(), shape);
    disposed.dispose();
    disposed.dispose();
    expect(codeOf(disposed)).toBe('BELFRY_DISPOSED');
  });

  test.each([
    [[1, 2, 3]],
    ['text'],
    [7],
    [null],
    [{}],
    [{ data: [1] }],
    [new DataView(new ArrayBuffer(4))],
    [new BigInt64Array(4)],
  ])('%s is refused', (value) => expect(codeOf(value)).toMatch(/BELFRY_BAD_(DTYPE|SHAPE)/));

  test.each([
    [[-1, -4]],
    [[2.5, 2]],
    [[Number.NaN, 2]],
    [[2 ** 53, 2]],
    [[2, 2, 1, 1, 1]],
    [[Number.POSITIVE_INFINITY, 0]],
  ])('the shape %s is refused', (bad) =>
    expect(codeOf({ data: data(), shape: bad })).toBe('BELFRY_BAD_SHAPE'),
  );
});

describe('tensors and engines', () => {
  test('a tensor knows its size and refuses a shape that does not fit', () => {
    expect(new Tensor(data(), shape).size).toBe(4);
    expect(() => new Tensor(data(), [3])).toThrow(BelfryError);
    expect(() => new Tensor(new Uint16Array(2))).toThrow(/dtype 'bfloat16' or 'float16'/);
  });

  test('without a GPU, cuda says why and auto falls back', () => {
    const auto = new Engine({ device: 'auto' });
    if (auto.device === 'cuda') return;
    expect(auto.diagnostics().reason).not.toBe('');
    expect(() => new Engine({ device: 'cuda' })).toThrow(/CUDA is not available: /);
    expect(() => new Tensor(data()).to('cuda')).toThrow(BelfryError);
    expect(
      gae({ rewards: { data: data(), shape }, values: { data: data(), shape }, engine: auto }),
    ).toEqual(expected);
  });

  test('an unknown option is refused, with a guess', () => {
    expect(() => new Engine({ devcie: 'cpu' } as object)).toThrow('Did you mean "device"?');
  });
});
