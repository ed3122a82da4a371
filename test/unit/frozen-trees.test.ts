/** TreeRegressor with trees that stay, and the importance of its features. */
import { fittedQ, Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';

const { ExtraTreesForest, FittedQ, TransitionDataset, TreeRegressor } = fittedQ;
const discount = 0.9;
const count = 200;

/** States (place, noise) that never end; action 1 moves on, and the reward is of the place. */
function wander(): InstanceType<typeof TransitionDataset> {
  const data = new TransitionDataset({ stateSize: 2, numActions: 2, capacity: count });
  const random = randomSource(8);
  for (let i = 0; i < count; i++) {
    const [place, action] = [random(), i % 2];
    const next = (place + (action === 1 ? 0.2 : 0.05)) % 1;
    data.append({
      states: [place, random()],
      actions: [action],
      rewards: [1 + Math.sin(6 * place)],
      nextStates: [next, random()],
      terminated: [0],
    });
  }
  return data;
}

describe.each([false, true])('frozen trees, for every action: %s', (perAction) => {
  const make = () => new TreeRegressor({ numTrees: 7, perAction, freezeStructure: true, seed: 4 });

  test('the first fit grows, later ones keep all tests', async () => {
    const data = wander();
    const regressor = make();
    await regressor.fit(data, data.rewards);
    const testsOf = () =>
      regressor.forests.map((forest) => {
        const { feature, threshold, right, treeOffsets } = forest.toArrays();
        return { feature, threshold, right, treeOffsets };
      });
    const before = testsOf();
    const values = regressor.predict(data.states).data;
    await regressor.fit(
      data,
      data.rewards.map((reward) => 1 - 3 * reward),
    );
    expect(testsOf()).toEqual(before);
    regressor.predict(data.states).data.forEach((value, i) => {
      expect(value).toBeCloseTo(1 - 3 * (values[i] as number), 4);
    });
  });

  test('fitted Q contracts by the discount in every iteration', async () => {
    const fqi = new FittedQ({ discount, iterations: 60, regressor: make });
    const { changes } = await fqi.fit(wander());
    expect(changes.length).toBe(60);
    changes.slice(1).forEach((change, i) => {
      expect(change, `${i + 1}`).toBeLessThanOrEqual(discount * (changes[i] as number) + 1e-5);
    });
    // In the end all targets change nearly alike, and little but the discount makes it less.
    const late = (changes[50] as number) / (changes[40] as number);
    expect(late).toBeGreaterThan(0.95 * discount ** 10);
  });

  test('a tolerance is met, and further iterations stay there', async () => {
    const fqi = new FittedQ({ discount, iterations: 500, tolerance: 1e-4, regressor: make });
    const data = wander();
    const report = await fqi.fit(data);
    expect(report.converged).toBe(true);
    expect(report.iterations).toBeLessThan(200);
    const before = fqi.qValues(data.states).data;
    await fqi.fit(data);
    fqi.qValues(data.states).data.forEach((value, i) => {
      expect(Math.abs(value - (before[i] as number))).toBeLessThan(2e-3);
    });
  });

  test('trees that grew without it can be loaded, and are kept from then on', async () => {
    const data = wander();
    const growing = new TreeRegressor({ numTrees: 3, perAction });
    for (let fit = 0; fit < 2; fit++) await growing.fit(data, data.rewards);
    const frozen = make();
    frozen.load(structuredClone(growing.save()));
    await frozen.fit(data, new Float32Array(count).fill(2));
    expect(frozen.forests.map((forest) => forest.toArrays().feature)).toEqual(
      growing.forests.map((forest) => forest.toArrays().feature),
    );
    expect(frozen.predict(data.states).data).toEqual(new Float32Array(2 * count).fill(2));
  });

  test('a checkpoint goes on to the same bits', async () => {
    const fqi = () => new FittedQ({ discount, iterations: 4, regressor: make });
    const [data, whole, first, second] = [wander(), fqi(), fqi(), fqi()];
    await whole.fit(data);
    const all = await whole.fit(data);
    await first.fit(data);
    second.resume(structuredClone(first.checkpoint()));
    expect((await second.fit(data)).changes).toEqual(all.changes);
    expect(second.checkpoint()).toEqual(whole.checkpoint());
    expect(second.qValues(data.states).data).toEqual(whole.qValues(data.states).data);
  });

  test('data of other sizes are refused, and the fit before stays', async () => {
    const data = wander();
    const regressor = make();
    await regressor.fit(data, data.rewards);
    const before = regressor.predict(data.states).data;
    for (const [stateSize, numActions] of [
      [1, 2],
      [2, 3],
    ] as const) {
      const other = new TransitionDataset({ stateSize, numActions, capacity: 1 });
      const row = { actions: [0], rewards: [1], terminated: [1] };
      const states = new Array<number>(stateSize).fill(0);
      other.append({ ...row, states, nextStates: states });
      await expect(regressor.fit(other, other.rewards)).rejects.toThrow(
        `TreeRegressor.fit: data has states of ${stateSize} numbers and ${numActions} actions, expected states of 2 numbers and 2 actions`,
      );
    }
    expect(regressor.predict(data.states).data).toEqual(before);
  });

  test('the place matters, the noise does not', async () => {
    const data = wander();
    const regressor = make();
    expect(() => regressor.featureImportance()).toThrow(/has not been fitted/);
    await regressor.fit(data, data.rewards);
    const importance = regressor.featureImportance();
    expect(importance.length).toBe(perAction ? 4 : 3);
    for (let action = 0; action < regressor.forests.length; action++) {
      const [place = 0, noise = 0] = importance.subarray(2 * action);
      expect(place).toBeGreaterThan(0.8);
      expect(noise).toBeLessThan(0.2);
    }
    const sum = importance.reduce((all, share) => all + share, 0);
    expect(sum).toBeCloseTo(regressor.forests.length, 5);
    const copy = make();
    copy.load(structuredClone(regressor.save()));
    expect(copy.featureImportance()).toEqual(importance);
  });
});

test('an action without samples in the first fit stays without', async () => {
  const data = new TransitionDataset({ stateSize: 1, numActions: 2, capacity: 2 });
  const row = { states: [0], rewards: [3], nextStates: [0], terminated: [1] };
  data.append({ ...row, actions: [0] });
  const regressor = new TreeRegressor({ numTrees: 2, perAction: true, freezeStructure: true });
  await regressor.fit(data, data.rewards);
  data.append({ ...row, actions: [1] });
  await regressor.fit(data, data.rewards);
  const at = new Tensor(Float32Array.of(0), [1, 1]);
  expect([...regressor.predict(at).data]).toEqual([3, -Infinity]);
  expect([...regressor.featureImportance()]).toEqual([0, 0]);
});

describe('ExtraTreesForest.featureImportance', () => {
  const x = new Tensor(Float64Array.of(0, 5, 1, 5, 2, 5, 3, 5), [4, 2]);
  const y = Float64Array.of(0, 1, 2, 3);
  const outputs = ['feature', 'threshold', 'right', 'value', 'treeOffsets'] as const;
  const grown = fittedQ.extraTrees({ x, y, outputs: [...outputs, 'featureImportance'], nMin: 2 });

  test('is that of the arrays, of their own, and goes with them', () => {
    const forest = ExtraTreesForest.pack(grown, 2);
    forest.featureImportance().fill(0);
    expect(forest.featureImportance()).toEqual(Float64Array.of(1, 0));
    const again = ExtraTreesForest.pack(structuredClone(forest.toArrays()), 2);
    expect(again.featureImportance()).toEqual(Float64Array.of(1, 0));
  });

  test('is missed by name', () => {
    const without = ExtraTreesForest.pack(fittedQ.extraTrees({ x, y, outputs }), 2);
    expect(() => without.featureImportance()).toThrow(
      /featureImportance was not among the arrays packed/,
    );
    const wrong = { ...grown, featureImportance: Float64Array.of(1) };
    expect(() => ExtraTreesForest.pack(wrong, 2)).toThrow(
      /pack: featureImportance has 1 elements, expected 2/,
    );
  });
});
