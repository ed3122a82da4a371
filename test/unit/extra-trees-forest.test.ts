/** Forests that are checked and packed once. */
import { fittedQ, Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';
import { chain } from './lib/chain.js';

const { ExtraTreesForest, FittedQ, TreeRegressor } = fittedQ;
const numRows = 300;
const random = randomSource(4);
const data = Float32Array.from({ length: 3 * numRows }, random);
const x = new Tensor(data, [numRows, 3]);
const y = Float32Array.from({ length: numRows }, (_, i) => Math.sin(9 * (data[3 * i] as number)));
const grown = fittedQ.extraTrees({ x, y, numTrees: 12, nMin: 2 });
const forest = ExtraTreesForest.pack(grown, 3);
const prediction = (rows: Float32Array) => {
  const { feature, threshold, right, value, treeOffsets } = grown;
  const xQuery = new Tensor(rows, [rows.length / 3, 3]);
  return fittedQ.extraTreesPredict({ feature, threshold, right, value, treeOffsets, xQuery })
    .prediction.data;
};

describe('ExtraTreesForest', () => {
  test('knows its sizes', () => {
    expect(forest.numTrees).toBe(12);
    expect(forest.numFeatures).toBe(3);
    expect(forest.numNodes).toBe(grown.feature.data.length);
    expect(forest.dtype).toBe('float32');
  });

  test.each([1, 5, 300])('predicts %d rows as the op does, in out or in a new array', (count) => {
    const rows = data.slice(0, 3 * count);
    const out = new Float32Array(count);
    expect(forest.predict(rows, out)).toBe(out);
    expect(out).toEqual(prediction(rows));
    expect(forest.predict(rows)).toEqual(out);
    // What it returned is not what it writes to next.
    const first = forest.predict(rows);
    forest.predict(rows.map((v) => 1 - v));
    expect(first).toEqual(out);
  });

  test('so many rows that no arrays are kept', () => {
    const rows = Float32Array.from({ length: 3 * 2000 }, random);
    const out = new Float32Array(2000);
    expect(forest.predict(rows, out)).toBe(out);
    expect(out).toEqual(prediction(rows));
    expect(forest.predict(rows)).toEqual(out);
  });

  test('rows of float64 give float64', () => {
    const values = forest.predict(Float64Array.from(data));
    expect(values).toBeInstanceOf(Float64Array);
    expect(Float32Array.from(values)).toEqual(forest.predict(data));
  });

  test('the last attribute is the action', () => {
    const states = Float32Array.from({ length: 2 * 7 }, random);
    const pairs = Array.from({ length: 7 }, (_, i) =>
      [0, 1, 2].flatMap((action) => [...states.subarray(2 * i, 2 * i + 2), action]),
    );
    const q = forest.qValues(states, 3);
    expect(q).toEqual(prediction(Float32Array.from(pairs.flat())));
    const [into, actions] = [new Float32Array(21), new Int32Array(7)];
    expect(forest.qValues(states, 3, into)).toBe(into);
    expect(into).toEqual(q);
    expect(forest.bestActions(states, 3, actions)).toBe(actions);
    expect(forest.bestActions(states, 3)).toEqual(actions);
    actions.forEach((action, i) => {
      const own = [...q.subarray(3 * i, 3 * i + 3)];
      expect(action).toBe(own.indexOf(Math.max(...own)));
    });
  });

  test('does not change with the arrays it was made of', async () => {
    const copy = { ...grown, value: grown.value.data.slice() };
    const other = await ExtraTreesForest.packAsync(copy, 3);
    const before = other.predict(data);
    copy.value.fill(0);
    expect(other.predict(data)).toEqual(before);
    const offsets = other.toArrays().treeOffsets as Int32Array;
    offsets.fill(0);
    expect(other.predict(data)).toEqual(before);
  });

  test('its arrays make it again', () => {
    const again = ExtraTreesForest.pack(structuredClone(forest.toArrays()), 3);
    expect(again.predict(data)).toEqual(forest.predict(data));
    expect(again.toArrays()).toEqual(forest.toArrays());
    const leaves = grown.feature.data.map((feature) => (feature < 0 ? 1 : 0));
    const value = grown.value.data.map((v, i) => (leaves[i] ? v : 0));
    const { feature, threshold, right, treeOffsets } = grown;
    expect(forest.toArrays()).toEqual({
      feature: feature.data,
      threshold: threshold.data,
      right: right.data,
      value,
      treeOffsets: treeOffsets.data,
    });
  });

  test('bad forests are refused once, by name', async () => {
    const wrong = { ...grown, right: grown.right.data.slice().fill(0, 0, 1) };
    expect(() => ExtraTreesForest.pack(wrong, 3)).toThrow(/extraTreesPack: right node 0/);
    await expect(ExtraTreesForest.packAsync(wrong, 3)).rejects.toThrow(/right node 0/);
    expect(() => ExtraTreesForest.pack(grown, 2)).toThrow(/over 2 attributes/);
    const short = { ...grown, value: new Float32Array(3) };
    expect(() => ExtraTreesForest.pack(short, 3)).toThrow(/value/);
  });

  test('rows, states and out that do not fit are named', () => {
    const [four, out] = [new Float32Array(4), new Float32Array(2)];
    expect(() => forest.predict(four)).toThrow(/predict: x has 4 elements, expected \[rows, 3\]/);
    expect(() => forest.predict(data.slice(0, 3), out)).toThrow(/out has 2 elements, expected 1/);
    expect(() => forest.qValues(data.slice(0, 3), 2)).toThrow(/states has 3 elements/);
    expect(() => forest.qValues(four, 0)).toThrow(/numActions is 0, expected at least 1/);
    expect(() => forest.bestActions(four, 2, new Int32Array(3))).toThrow(/out has 3 elements/);
    const leaf = { feature: [-1], threshold: [0], right: [-1], value: [2], treeOffsets: [0, 1] };
    const constant = ExtraTreesForest.pack(
      {
        feature: Int32Array.from(leaf.feature),
        threshold: Float64Array.from(leaf.threshold),
        right: Int32Array.from(leaf.right),
        value: Float64Array.from(leaf.value),
        treeOffsets: Int32Array.from(leaf.treeOffsets),
      },
      0,
    );
    expect(constant.predict(new Float64Array(0))).toEqual(Float64Array.of(2));
    expect(() => constant.bestActions(new Float64Array(0), 2)).toThrow(/has no attributes/);
  });
});

test('a policy of fitted Q is that of its forest', async () => {
  const regressor = new TreeRegressor({ numTrees: 5 });
  expect(() => regressor.forests).toThrow(/has not been fitted/);
  const fqi = new FittedQ({ discount: 0.9, iterations: 5, regressor: () => regressor });
  const transitions = chain();
  await fqi.fit(transitions);
  const { states, numActions } = transitions;
  expect(fqi.act(states)).toEqual(regressor.forests[0]?.bestActions(states.data, numActions));
  expect(fqi.qValues(states).data).toEqual(regressor.forests[0]?.qValues(states.data, numActions));
});
