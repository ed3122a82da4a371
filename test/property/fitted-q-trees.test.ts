/** Trees with weights of rows in every form, and forests packed for many calls. */
import { fittedQ, setThreads, Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';

type Reals = Float32Array | Float64Array;
const kinds = { float32: Float32Array, float64: Float64Array } as const;
const dtypes = ['float32', 'float64'] as const;

const width = 3;
const numRows = 40;
const random = randomSource(21);
const attributes = Array.from({ length: numRows }, () => Array.from({ length: width }, random));
const outputs = attributes.map(([a = 0, b = 0]) => Math.sin(6 * a) + b);
const uniforms = Array.from({ length: 2000 }, random);
const all = [...attributes.keys()];

/** These rows, weighted or not. */
function sample(dtype: keyof typeof kinds, rows: readonly number[], weight?: readonly number[]) {
  const make = (values: number[]) => kinds[dtype].from(values) as Reals;
  const matrix = (values: number[][], columns: number) =>
    new Tensor<Reals>(make(values.flat()), [values.length, columns]);
  return {
    x: matrix(
      rows.map((i) => attributes[i] as number[]),
      width,
    ),
    y: make(rows.map((i) => outputs[i] as number)),
    xQuery: matrix(attributes, width),
    uniforms: make(uniforms),
    ...(weight === undefined ? {} : { weight: make([...weight]) }),
  };
}

/** Transitions whose last attribute is the action. */
function transitions(
  dtype: keyof typeof kinds,
  rows: readonly number[],
  weight?: readonly number[],
) {
  const { x, y, uniforms, ...rest } = sample(dtype, rows, weight);
  rows.forEach((row, i) => {
    x.data[i * width + 2] = row % 2;
  });
  const next = rows.flatMap((i) => (attributes[(i + 1) % numRows] as number[]).slice(0, 2));
  const draws = kinds[dtype].from([...uniforms, ...uniforms, ...uniforms]) as Reals;
  return {
    x,
    rewards: y,
    nextXState: new Tensor<Reals>(kinds[dtype].from(next), [rows.length, 2]),
    terminated: Uint8Array.from(rows, (i) => (i % 7 === 0 ? 1 : 0)),
    uniforms: new Tensor<Reals>(draws, [3, uniforms.length]),
    ...('weight' in rest ? { weight: rest.weight } : {}),
    numTrees: 3,
    gamma: 0.9,
    numIterations: 4,
    numActions: 2,
    actionColumn: 2,
  };
}

/** Tensors by what they hold: compared themselves, they are all equal. */
const contents = (result: object) =>
  Object.entries(result).map(([name, value]) =>
    value instanceof Tensor ? [name, value.shape, value.data] : [name, value],
  );

const weights = all.map((i) => i % 3);
const repeated = all.flatMap((i) => new Array<number>(i % 3).fill(i));

function close(got: Reals, want: Reals, digits: number): void {
  expect(got.length).toBe(want.length);
  got.forEach((value, i) => {
    expect(value, `${i}`).toBeCloseTo(want[i] as number, digits);
  });
}

describe.each(dtypes)('weights in trees, %s', (dtype) => {
  const digits = dtype === 'float64' ? 12 : 5;
  const ones = all.map(() => 1);

  test("weights of 1 change no bit of form 'tree'", () => {
    const without = fittedQ.extraTrees(sample(dtype, all));
    expect(contents(fittedQ.extraTrees(sample(dtype, all, ones)))).toEqual(contents(without));
    expect(without.feature.data.length).toBeGreaterThan(50);
  });

  test("form 'tree': a row of weight 2 is the row twice, one of weight 0 is not there", () => {
    const own = fittedQ.extraTrees(sample(dtype, all, weights));
    const other = fittedQ.extraTrees(sample(dtype, repeated));
    for (const name of ['feature', 'left', 'right'] as const) {
      expect([...own[name].data]).toEqual([...other[name].data]);
    }
    expect(own.numUniformsUsed).toBe(other.numUniformsUsed);
    close(own.threshold.data, other.threshold.data, digits);
    close(own.value.data, other.value.data, digits);
    close(own.prediction?.data as Reals, other.prediction?.data as Reals, digits);
    expect(own.count.data[0]).toBe(weights.filter((weight) => weight > 0).length);
  });

  test.each([true, false])('weights of 1 change no bit of fitted Q, frozen: %s', (frozen) => {
    const run = (weight?: number[]) =>
      fittedQ.extraTrees({ ...transitions(dtype, all, weight), freezeStructure: frozen });
    expect(contents(run(ones))).toEqual(contents(run()));
  });

  test.each([true, false])('fitted Q: a weight is so many rows, frozen: %s', (frozen) => {
    const run = (rows: number[], weight?: number[]) =>
      fittedQ.extraTrees({ ...transitions(dtype, rows, weight), freezeStructure: frozen });
    const own = run(all, weights);
    const other = run(repeated);
    repeated.forEach((row, i) => {
      expect(own.targetLast.data[row]).toBeCloseTo(other.targetLast.data[i] as number, digits - 1);
      for (const action of [0, 1]) {
        const [got, want] = [own.nextQLast.data[2 * row + action], 2 * i + action];
        expect(got).toBeCloseTo(other.nextQLast.data[want] as number, digits - 1);
      }
    });
    // Rows of weight 0 are asked for their next values all the same.
    expect(own.nextQLast.data.every(Number.isFinite)).toBe(true);
  });

  test('rows of weight 0 alone leave no trees', () => {
    const none = all.map(() => 0);
    const tree = fittedQ.extraTrees(sample(dtype, all, none));
    expect(tree.feature.data.length).toBe(0);
    expect(tree.prediction?.data.every(Number.isNaN)).toBe(true);
    const args = transitions(dtype, all, none);
    const { targetLast, nextQLast } = fittedQ.extraTrees(args);
    expect(nextQLast.data.every(Number.isNaN)).toBe(true);
    targetLast.data.forEach((target, i) => {
      expect(target).toBe(args.terminated[i] ? args.rewards[i] : Number.NaN);
    });
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('a weight of %s is refused', (bad) => {
    const wrong = all.map((i) => (i === 5 ? bad : 1));
    const message = /weight row 5 is .*expected a finite number of at least 0/;
    expect(() => fittedQ.extraTrees(sample(dtype, all, wrong))).toThrow(message);
    expect(() => fittedQ.extraTrees(transitions(dtype, all, wrong))).toThrow(message);
  });
});

describe.each(dtypes)('packed forests, %s', (dtype) => {
  const draw = randomSource(5);
  const Real = kinds[dtype];
  const drawn = (length: number) => Real.from(Array.from({ length }, draw)) as Reals;
  const rows = (count: number) => {
    const x = drawn(count * width);
    for (let i = 0; i < x.length; i += 11) x[i] = Number.NaN;
    return new Tensor<Reals>(x, [count, width]);
  };
  const count = 500;
  const x = new Tensor<Reals>(drawn(count * width), [count, width]);
  const y = drawn(count);
  const grown = fittedQ.extraTrees({ x, y, numTrees: 21, nMin: 2 });
  const { feature, threshold, right, value, treeOffsets } = grown;
  const arrays = { feature, threshold, right, value, treeOffsets };
  const { nodes } = fittedQ.extraTreesPack({ ...arrays, numFeatures: width });

  // One row and a few go down the packed nodes; thousands pay for another copy of them.
  test.each([0, 1, 7, 30, 3000])('%d rows: the same bits as from the arrays', (many) => {
    const xQuery = rows(many);
    const want = fittedQ.extraTreesPredict({ ...arrays, xQuery }).prediction.data;
    for (const threads of [1, 3]) {
      setThreads(threads);
      const got = fittedQ.extraTreesPredict({ nodes, treeOffsets, xQuery }).prediction.data;
      expect(got).toEqual(want);
    }
  });

  test('rows of float32 in a forest of float64 know its thresholds exactly', () => {
    const xQuery = new Tensor(Float32Array.from(x.data), [count, width]);
    const wide = new Tensor(Float64Array.from(xQuery.data), [count, width]);
    const real = (data: Reals) => Float64Array.from(data, (v) => v + 1e-12);
    const sharp = { ...arrays, threshold: real(threshold.data), value: real(value.data) };
    const packed = fittedQ.extraTreesPack({ ...sharp, numFeatures: width }).nodes;
    const want = fittedQ.extraTreesPredict({ ...sharp, xQuery: wide }).prediction.data;
    for (const many of [20, count]) {
      const few = new Tensor(xQuery.data.slice(0, many * width), [many, width]);
      const got = fittedQ.extraTreesPredict({ nodes: packed, treeOffsets, xQuery: few });
      expect(got.prediction.data).toEqual(Float32Array.from(want.slice(0, many)));
    }
  });

  test('an empty tree adds nothing', () => {
    const offsets = Int32Array.from([0, 0, ...treeOffsets.data.slice(1)]);
    const xQuery = rows(9);
    const want = fittedQ.extraTreesPredict({ ...arrays, xQuery }).prediction.data;
    const got = fittedQ.extraTreesPredict({ nodes, treeOffsets: offsets, xQuery }).prediction.data;
    expect(got).toEqual(want);
  });

  test.each([
    ['to itself', (wrong: Int32Array) => wrong.fill(0, 0, 1)],
    ['out of its tree', (wrong: Int32Array) => wrong.fill(1 << 30, 0, 1)],
    ['back', (wrong: Int32Array) => wrong.fill(-(2 ** 31), 0, 1)],
  ])('a node that leads %s is refused', (_, spoil) => {
    const wrong = spoil(right.data.slice());
    const args = { ...arrays, right: wrong, numFeatures: width };
    expect(() => fittedQ.extraTreesPack(args)).toThrow(/right node 0 tests .*not a tree/);
  });

  test('too few attributes are refused when it is packed', () => {
    const run = () => fittedQ.extraTreesPack({ ...arrays, numFeatures: 2 });
    expect(run).toThrow(/tests attribute 2 .* over 2 attributes/);
  });

  test('words of any kind predict something, or NaN', () => {
    const words = Int32Array.from(nodes.data, (word) =>
      draw() < 0.1 ? Math.floor(2 ** 32 * (draw() - 0.5)) : word,
    );
    const broken = { nodes: new Tensor(words, nodes.shape), treeOffsets };
    const [few, many] = [rows(20), rows(3000)];
    many.data.set(few.data);
    const got = fittedQ.extraTreesPredict({ ...broken, xQuery: few }).prediction.data;
    const other = fittedQ.extraTreesPredict({ ...broken, xQuery: many }).prediction.data;
    expect(got.length).toBe(20);
    expect(got).toEqual(other.subarray(0, 20));
  });
});
