/** Importance of features in every form that grows or fills trees, and trees whose tests stay. */
import { fittedQ, setThreads, Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';

type Reals = Float32Array | Float64Array;
const kinds = { float32: Float32Array, float64: Float64Array } as const;
const dtypes = ['float32', 'float64'] as const;
const asked = ['feature', 'threshold', 'left', 'right', 'value', 'count', 'treeOffsets'] as const;
const outputs = [...asked, 'featureImportance'] as const;

const width = 4;
const numRows = 120;
const random = randomSource(17);
const attributes = Array.from({ length: numRows * width }, random);
/** Of attribute 1 alone, and a little of 3. */
const signal = Array.from({ length: numRows }, (_, i) => {
  const [b = 0, d = 0] = [attributes[i * width + 1], attributes[i * width + 3]];
  return Math.sin(5 * b) + 0.3 * d;
});

function rows(dtype: keyof typeof kinds, y: ArrayLike<number> = signal) {
  const x = new Tensor<Reals>(kinds[dtype].from(attributes), [numRows, width]);
  return { x, y: kinds[dtype].from(y) as Reals };
}
const grow = (dtype: keyof typeof kinds, numTrees: number = 9) =>
  fittedQ.extraTrees({ ...rows(dtype), numTrees, nMin: 4, seed: 3, outputs });
type Grown = ReturnType<typeof grow>;

const dataOf = (tensor: Tensor<Reals> | undefined): Reals => tensor?.data as Reals;
const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

/** From the nodes that are stored: n_l (v_l − v)² + n_r (v_r − v)². */
function recomputed({ feature, left, right, value, count, treeOffsets }: Grown): number[] {
  const all = new Array<number>(width).fill(0);
  for (let tree = 0; tree + 1 < treeOffsets.data.length; tree++) {
    const first = treeOffsets.data[tree] as number;
    const own = new Array<number>(width).fill(0);
    for (let i = first; i < (treeOffsets.data[tree + 1] as number); i++) {
      const attribute = feature.data[i] as number;
      if (attribute < 0) continue;
      for (const child of [left, right]) {
        const at = first + (child.data[i] as number);
        const apart = (value.data[at] as number) - (value.data[i] as number);
        own[attribute] = (own[attribute] as number) + (count.data[at] as number) * apart ** 2;
      }
    }
    own.forEach((decrease, a) => {
      all[a] = (all[a] as number) + (sum(own) > 0 ? decrease / sum(own) : 0);
    });
  }
  return all.map((share) => share / sum(all));
}

function close(got: ArrayLike<number>, want: ArrayLike<number>, digits: number): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) {
    expect(got[i], `${i}`).toBeCloseTo(want[i] as number, digits);
  }
}

describe.each(dtypes)('feature importance, %s', (dtype) => {
  const digits = dtype === 'float64' ? 12 : 5;

  test('the attribute that tells most has most of it', () => {
    const [a, b, c, d] = dataOf(grow(dtype).featureImportance) as unknown as number[];
    expect(b).toBeGreaterThan(0.75);
    expect(d).toBeGreaterThan(Math.max(a as number, c as number));
    expect(sum([a, b, c, d] as number[])).toBeCloseTo(1, digits);
  });

  test('is what the nodes say one by one', () => {
    const grown = grow(dtype);
    close(dataOf(grown.featureImportance), recomputed(grown), digits);
  });

  test('is there only when it is asked for, and changes nothing else', () => {
    const { featureImportance, ...rest } = grow(dtype);
    const without = fittedQ.extraTrees({ ...rows(dtype), numTrees: 9, nMin: 4, seed: 3 });
    expect(without.featureImportance).toBeUndefined();
    for (const name of asked) expect(without[name].data).toEqual(rest[name].data);
    expect(dataOf(featureImportance).length).toBe(width);
  });

  test('is the same bits with any number of threads', () => {
    setThreads(1);
    const one = dataOf(grow(dtype).featureImportance);
    setThreads(3);
    expect(dataOf(grow(dtype).featureImportance)).toEqual(one);
  });

  test('trees that do not split have none, and do not count beside others', () => {
    const flat = fittedQ.extraTrees({ ...rows(dtype, new Array(numRows).fill(2)), outputs });
    expect([...dataOf(flat.featureImportance)]).toEqual([0, 0, 0, 0]);
    const empty = { x: new Tensor<Reals>(new kinds[dtype](0), [0, width]) };
    const none = fittedQ.extraTrees({ ...empty, y: new kinds[dtype](0) as Reals, outputs });
    expect([...dataOf(none.featureImportance)]).toEqual([0, 0, 0, 0]);
  });

  test("form 'tree': a row of weight 2 is the row twice, one of weight 0 is not there", () => {
    const { x, y } = rows(dtype);
    const weight = y.map((_, i) => i % 3) as Reals;
    const repeated = [...y.keys()].flatMap((i) => new Array<number>(i % 3).fill(i));
    const twice = repeated.flatMap((i) => [...x.data.subarray(i * width, (i + 1) * width)]);
    const common = {
      uniforms: kinds[dtype].from(Array.from({ length: 2000 }, randomSource(2))) as Reals,
      outputs: ['featureImportance'] as const,
    };
    const own = fittedQ.extraTrees({ x, y, weight, ...common });
    const other = fittedQ.extraTrees({
      x: new Tensor<Reals>(kinds[dtype].from(twice), [repeated.length, width]),
      y: kinds[dtype].from(repeated.map((i) => y[i] as number)) as Reals,
      ...common,
    });
    close(dataOf(own.featureImportance), dataOf(other.featureImportance), digits - 1);
  });
});

describe.each(dtypes)('trees whose tests stay, %s', (dtype) => {
  const digits = dtype === 'float64' ? 12 : 5;
  const { x, y } = rows(dtype);
  const grown = grow(dtype);
  const { feature, threshold, right, value, treeOffsets } = grown;
  const trees = { feature, threshold, right, value, treeOffsets };
  const refit = (targets: Reals, extra: object = {}) =>
    fittedQ.extraTrees({
      ...trees,
      ...{ x, y: targets, outputs: ['newValue', 'featureImportance'] as const },
      ...extra,
    });

  test('the outputs that they grew from give the values and the importance again', () => {
    const { newValue, featureImportance } = refit(y);
    close(newValue.data, value.data, digits);
    close(dataOf(featureImportance), dataOf(grown.featureImportance), digits);
  });

  test('values follow the outputs, whatever they were', () => {
    const stale = {
      value: new Tensor<Reals>(new kinds[dtype](value.data.length).fill(Number.NaN)),
    };
    const doubled = refit(y.map((v) => 2 * v + 1) as Reals, stale);
    close(doubled.newValue.data, value.data.map((v) => 2 * v + 1) as Reals, digits - 1);
    close(dataOf(doubled.featureImportance), dataOf(grown.featureImportance), digits - 1);
  });

  test('a node without rows keeps its value', () => {
    const one = { x: new Tensor<Reals>(x.data.slice(0, width), [1, width]) };
    const { newValue, featureImportance } = refit(kinds[dtype].of(7) as Reals, one);
    const changed = [...newValue.data.keys()].filter((i) => newValue.data[i] !== value.data[i]);
    for (const i of changed) expect(newValue.data[i]).toBe(7);
    for (const first of treeOffsets.data.subarray(0, 9)) expect(changed).toContain(first);
    expect(changed.length).toBeLessThan(value.data.length / 4);
    expect([...dataOf(featureImportance)]).toEqual([0, 0, 0, 0]);
  });

  test('weights count, and a row of weight 0 does not', () => {
    const weight = y.map((_, i) => i % 3) as Reals;
    const { newValue } = refit(y, { weight });
    const mean = sum(y.map((v, i) => v * (weight[i] as number))) / sum(weight);
    expect(newValue.data[0]).toBeCloseTo(mean, digits - 1);
    const spoilt = y.map((v, i) => (weight[i] === 0 ? Number.NaN : v)) as Reals;
    expect(refit(spoilt, { weight }).newValue.data).toEqual(newValue.data);
  });

  test('frozen fitted Q is one such step after the other', () => {
    const next = { nextXState: new Tensor<Reals>(x.data.slice(0, 3 * numRows), [numRows, 3]) };
    const run = (numIterations: number) =>
      fittedQ.extraTrees({
        ...{ x, rewards: y, terminated: new Uint8Array(numRows), ...next, numIterations },
        ...{ numTrees: 9, nMin: 4, seed: 3, freezeStructure: true, gamma: 0.9 },
        ...{ numActions: 2, actionColumn: 3 },
        outputs: ['targetLast', 'featureImportance'],
      });
    expect(dataOf(run(1).featureImportance)).toEqual(dataOf(grown.featureImportance));
    const last = run(5);
    const step = refit(last.targetLast.data);
    close(dataOf(last.featureImportance), dataOf(step.featureImportance), digits);
    expect(dataOf(last.featureImportance)).not.toEqual(dataOf(grown.featureImportance));
  });

  test('what is no tree, and bad weights, are refused by name', () => {
    const wrong = { right: right.data.slice().fill(0, 0, 1) };
    expect(() => refit(y, wrong)).toThrow(/right node 0 tests .*not a tree/);
    const weight = y.map((_, i) => (i === 5 ? -1 : 1)) as Reals;
    expect(() => refit(y, { weight })).toThrow(/weight row 5 is -1/);
    expect(() => refit(y.slice(1) as Reals)).toThrow(/extraTrees.*: y /);
  });
});
