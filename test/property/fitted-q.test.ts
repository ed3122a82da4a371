/** Ops of family fitted-q against central differences, each other and plain loops. */
import { fittedQ, Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';

type Arrays = Record<string, Tensor<Float64Array>>;
type Loose = Record<string, unknown>;
type Call = (args: Loose) => Loose;
const mlp = fittedQ.neuralFqiMlp as unknown as Call;
const step = fittedQ.neuralFqiStep as unknown as Call;

const widths = [3, 6, 5, 4];
const batch = 7;

function filled(shape: number[], next: () => number): Tensor<Float64Array> {
  const length = shape.reduce((product, size) => product * size, 1);
  return new Tensor(Float64Array.from({ length }, next), shape);
}

/** A network with zero states of the optimiser, and a batch. */
function problem(seed: number) {
  const random = randomSource(seed);
  const centred = (): number => 2 * random() - 1;
  const weights: Arrays = {};
  const state: Arrays = {};
  widths.slice(1).forEach((outputs, i) => {
    const inputs = widths[i] as number;
    weights[`w${i}`] = filled([outputs, inputs], centred);
    weights[`b${i}`] = filled([outputs], centred);
    for (const order of ['first', 'second']) {
      state[`${order}W${i}`] = filled([outputs, inputs], () => 0);
      state[`${order}B${i}`] = filled([outputs], () => 0);
    }
  });
  const rows = {
    x: filled([batch, widths[0] as number], centred),
    actions: Int32Array.from({ length: batch }, () => Math.floor(random() * 4)),
    target: filled([batch], () => 3 * centred()).data,
  };
  return { weights, state, rows };
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

describe('neural_fqi_mlp', () => {
  const choices = ['relu', 'tanh'].flatMap((activation) =>
    ['mse', 'huber'].map((loss) => [activation, loss] as const),
  );
  test.each(choices)('gradients with %s and %s are central differences', (activation, loss) => {
    const { weights, rows } = problem(3);
    const settings = { activation, loss, huberDelta: 0.8 };
    const result = mlp({ ...rows, ...weights, ...settings });
    const lossAt = (): number => mlp({ ...rows, ...weights, ...settings })['loss'] as number;
    const h = 1e-6;
    for (const [name, { data }] of Object.entries(weights)) {
      const gradient = result[`grad${capital(name)}`] as Tensor<Float64Array>;
      data.forEach((value, i) => {
        data[i] = value + h;
        const above = lossAt();
        data[i] = value - h;
        const below = lossAt();
        data[i] = value;
        expect(gradient.data[i], `${name}[${i}]`).toBeCloseTo((above - below) / (2 * h), 6);
      });
    }
  });

  test('the loss alone is the loss with gradients', () => {
    const { weights, rows } = problem(4);
    const both = mlp({ ...rows, ...weights });
    const alone = mlp({ ...rows, ...weights, outputs: ['loss', 'qValues'] });
    expect(alone['loss']).toBe(both['loss']);
    expect(alone['qValues']).toEqual(both['qValues']);
  });
});

describe('neural_fqi_step', () => {
  const optimizers = fittedQ.optimizers as unknown as Call;

  test.each(['adam', 'rprop'])('%s is the gradient and the rule, step by step', (optimizer) => {
    const { weights, state, rows } = problem(5);
    const lr = optimizer === 'rprop' ? 0.02 : 0.01;
    const before = Object.fromEntries(
      Object.entries(weights).map(([name, array]) => [name, array.data.slice()]),
    );
    const gradients: Record<string, number[]> = {};
    if (optimizer === 'rprop') {
      for (const [name, array] of Object.entries(state)) {
        if (name.startsWith('second')) array.data.fill(lr);
      }
    }
    const inPlace = Object.fromEntries(
      Object.entries({ ...weights, ...state }).map(([name, array]) => [
        `new${capital(name)}`,
        array,
      ]),
    );
    for (let t = 1; t <= 4; t++) {
      const all = mlp({ ...rows, ...weights });
      for (const name of Object.keys(weights)) {
        const grad = all[`grad${capital(name)}`] as Tensor<Float64Array>;
        gradients[name] = [...(gradients[name] ?? []), ...grad.data];
      }
      step({ ...rows, ...weights, ...state, optimizer, lr, step: t, out: inPlace });
    }
    for (const [name, start] of Object.entries(before)) {
      const grads = new Tensor(Float64Array.from(gradients[name] ?? []), [4, start.length]);
      const { trajectory } = optimizers({ op: optimizer, param: start, grads, lr });
      const last = (trajectory as Tensor<Float64Array>).data.subarray(3 * start.length);
      last.forEach((want, i) => {
        expect(weights[name]?.data[i], `${name}[${i}]`).toBeCloseTo(want, 12);
      });
    }
  });

  test('a clipped norm scales all gradients alike', () => {
    const { weights, state, rows } = problem(6);
    const run = (maxGradNorm: number | null): Arrays =>
      step({ ...rows, ...weights, ...state, lr: 0, maxGradNorm }) as Arrays;
    const names = Object.keys(weights).map((name) => `newFirst${capital(name)}`);
    const norm = (arrays: Arrays): number =>
      Math.hypot(...names.flatMap((name) => [...(arrays[name]?.data ?? [])])) / 0.1;
    const full = norm(run(null));
    expect(norm(run(full / 4))).toBeCloseTo(full / 4, 5);
    expect(norm(run(full * 4))).toBeCloseTo(full, 9);
  });

  test.each(['adam', 'rprop'])("form 'gradient' steps %s by what it is given", (optimizer) => {
    const { weights, state, rows } = problem(8);
    const settings = { optimizer, lr: 0.01, maxGradNorm: 0.3, activation: 'tanh', step: 2 };
    const whole = step({ ...rows, ...weights, ...state, ...settings }) as Arrays;
    const { qValues } = mlp({ ...rows, ...weights, activation: 'tanh' });
    const gradOutputs = filled([batch, 4], () => 0);
    rows.actions.forEach((action, i) => {
      const at = 4 * i + action;
      const q = (qValues as Tensor<Float64Array>).data[at] as number;
      gradOutputs.data[at] = (q - (rows.target[i] as number)) / batch;
    });
    const given = step({ x: rows.x, gradOutputs, ...weights, ...state, ...settings }) as Arrays;
    const names = Object.keys(given);
    expect(names.length).toBe(18);
    for (const name of names) {
      given[name]?.data.forEach((value, i) => {
        expect(value, `${name}[${i}]`).toBeCloseTo(whole[name]?.data[i] as number, 12);
      });
    }
  });

  test('a row of weight 0 counts for nothing, whatever it holds', () => {
    const { weights, state, rows } = problem(7);
    const weight = new Float64Array(batch).fill(1);
    weight[2] = 0;
    const first = step({ ...rows, ...weights, ...state, weight });
    rows.target[2] = 1e6;
    const second = step({ ...rows, ...weights, ...state, weight });
    expect(second['newW0']).toEqual(first['newW0']);
  });
});

describe('extra_trees', () => {
  const random = randomSource(11);
  const count = 400;
  const x = filled([count, 3], random);
  const y = Float64Array.from({ length: count }, (_, i) => Math.sin(6 * (x.data[3 * i] as number)));
  const forest = fittedQ.extraTrees({ x, y, numTrees: 7, nMin: 2, seed: 3, xQuery: x });

  test('leaves of one row each give the outputs back', () => {
    forest.prediction?.data.forEach((value, i) => {
      expect(value).toBeCloseTo(y[i] as number, 12);
    });
  });

  const grow = (rows: number[], weight: number[] | undefined, nMin = 2) =>
    fittedQ.extraTrees({
      x: new Tensor(
        Float64Array.from(rows.flatMap((i) => [...x.data.subarray(3 * i, 3 * i + 3)])),
        [rows.length, 3],
      ),
      y: Float64Array.from(rows, (i) => y[i] as number),
      ...(weight === undefined ? {} : { weight: Float64Array.from(weight) }),
      numTrees: 3,
      nMin,
      xQuery: x,
    });
  const thirty = Array.from({ length: 30 }, (_, i) => i);

  test('weights of 1 change no bit', () => {
    const ones = thirty.map(() => 1);
    expect(grow(thirty, ones)).toEqual(grow(thirty, undefined));
  });

  test('a row of weight 2 is the row twice, one of weight 0 is not there', () => {
    const weights = thirty.map((i) => i % 3);
    const repeated = thirty.flatMap((i) => new Array<number>(i % 3).fill(i));
    const [own, other] = [grow(thirty, weights), grow(repeated, undefined)];
    expect([...own.feature.data]).toEqual([...other.feature.data]);
    own.prediction?.data.forEach((value, i) => {
      expect(value).toBeCloseTo(other.prediction?.data[i] as number, 12);
    });
  });

  test('a leaf is the weighted mean; nothing is left of rows of weight 0 alone', () => {
    const leaf = grow([0, 1], [1, 3], 5).prediction?.data[0];
    expect(leaf).toBeCloseTo(((y[0] as number) + 3 * (y[1] as number)) / 4, 12);
    expect(grow([0, 1], [0, 0]).feature.data.length).toBe(0);
    expect(() => grow([0, 1], [1, -1])).toThrow(/weight row 1 is -1, expected a finite/);
  });

  test('every node counts its children', () => {
    const { feature, left, right, count: rows, treeOffsets } = forest;
    for (let tree = 0; tree < 7; tree++) {
      const first = treeOffsets.data[tree] as number;
      expect(rows.data[first]).toBe(count);
      for (let i = first; i < (treeOffsets.data[tree + 1] as number); i++) {
        if ((feature.data[i] as number) < 0) continue;
        const children = [left, right].map((side) => first + (side.data[i] as number));
        const sum = children.reduce((total, child) => total + (rows.data[child] as number), 0);
        expect(sum).toBe(rows.data[i]);
      }
    }
  });

  test('extra_trees_predict walks the trees as they were grown', () => {
    const { feature, threshold, right, value, treeOffsets } = forest;
    const xQuery = filled([50, 3], random);
    const { prediction } = fittedQ.extraTreesPredict({
      feature,
      threshold,
      right,
      value,
      treeOffsets,
      xQuery,
    });
    const again = fittedQ.extraTrees({ x, y, numTrees: 7, nMin: 2, seed: 3, xQuery });
    expect(prediction.data).toEqual(again.prediction?.data);
    prediction.data.forEach((q) => {
      expect(q).toBeGreaterThanOrEqual(Math.min(...y) - 1e-12);
      expect(q).toBeLessThanOrEqual(Math.max(...y) + 1e-12);
    });
  });

  test('nodes that lead in a circle are refused', () => {
    const { feature, threshold, right, value, treeOffsets } = forest;
    const wrong = right.data.slice();
    wrong[0] = 0;
    expect(() =>
      fittedQ.extraTreesPredict({
        feature,
        threshold,
        right: wrong,
        value,
        treeOffsets,
        xQuery: x,
      }),
    ).toThrow(/right node 0/);
  });

  test('frozen trees make a contraction, refitted ones stay within the returns', () => {
    const states = filled([60, 1], random);
    const rows = new Tensor(
      Float64Array.from({ length: 120 }, (_, i) =>
        i % 2 ? (i >> 1) % 2 : (states.data[i >> 1] as number),
      ),
      [60, 2],
    );
    const args = {
      x: rows,
      rewards: Float64Array.from({ length: 60 }, random),
      nextXState: filled([60, 1], random),
      terminated: new Uint8Array(60),
      numTrees: 5,
      gamma: 0.5,
      numActions: 2,
      actionColumn: 1,
    };
    const run = (numIterations: number, freezeStructure: boolean) =>
      fittedQ.extraTrees({ ...args, numIterations, freezeStructure }).targetLast.data;
    const [early, late] = [run(40, true), run(41, true)];
    early.forEach((value, i) => {
      expect(value).toBeCloseTo(late[i] as number, 9);
    });
    for (const value of run(10, false)) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(2);
    }
  });
});

describe('sqirl', () => {
  test('gradients are central differences of the loss', () => {
    const random = randomSource(2);
    const centred = (): number => 4 * random() - 2;
    const qValues = filled([5, 3, 2], centred);
    const args = {
      qValues,
      nextQValues: filled([5, 3, 2], centred),
      actions: Int32Array.from({ length: 5 }, () => Math.floor(2 * random())),
      rewards: filled([5], centred).data,
      returnToGo: filled([5], centred).data,
      terminated: Uint8Array.from([0, 1, 0, 0, 1]),
      lossScale: Float64Array.from([1, 2, 0.5]),
      rewardScale: 0.7,
    };
    for (const huber of [false, true]) {
      const { gradQValues } = fittedQ.sqirl({ ...args, huber });
      qValues.data.forEach((value, i) => {
        const at = (moved: number): number => {
          qValues.data[i] = moved;
          const { loss } = fittedQ.sqirl({ ...args, huber });
          qValues.data[i] = value;
          return loss;
        };
        const slope = (at(value + 1e-6) - at(value - 1e-6)) / 2e-6;
        expect(gradQValues.data[i]).toBeCloseTo(slope, 6);
      });
    }
  });
});

describe('lstd_lspi', () => {
  test('one-hot features give the value of the empirical model', () => {
    const random = randomSource(9);
    const [states, rows, gamma] = [5, 200, 0.9];
    const from = Int32Array.from({ length: rows }, () => Math.floor(states * random()));
    const to = Int32Array.from({ length: rows }, () => Math.floor(states * random()));
    const rewards = Float64Array.from({ length: rows }, random);
    const oneHot = (index: Int32Array) =>
      new Tensor(
        Float64Array.from({ length: rows * states }, (_, i) =>
          index[Math.floor(i / states)] === i % states ? 1 : 0,
        ),
        [rows, states],
      );
    const { w } = fittedQ.lstdLspi({
      op: 'lstdq',
      phi: oneHot(from),
      nextPhiPi: oneHot(to),
      rewards,
      gamma,
      ridge: 0,
    });
    for (let s = 0; s < states; s++) {
      const own = [...from.keys()].filter((row) => from[row] === s);
      const mean =
        own.reduce((sum, row) => {
          return sum + (rewards[row] as number) + gamma * (w.data[to[row] as number] as number);
        }, 0) / own.length;
      expect(w.data[s]).toBeCloseTo(mean, 9);
    }
  });

  test('the system is singular: an error that asks for ridge', () => {
    const phi = new Tensor(new Float64Array(6), [3, 2]);
    const args = { phi, nextPhiPi: phi, rewards: new Float64Array(3), gamma: 0.9, ridge: 0 };
    expect(() => fittedQ.lstdLspi({ op: 'lstdq', ...args })).toThrow(/ridge is too small/);
  });
});

describe('kernel_fqi', () => {
  const points = [0, 1, 2.5, 4, 4.5, 7];
  const column = (values: number[]): Tensor<Float64Array> =>
    new Tensor(Float64Array.from(values), [values.length, 1]);
  const solve = (rows: number[], weight: number[] | undefined, kernel: 'gaussian' | 'knn', k = 3) =>
    fittedQ.kernelFqi({
      states: column(rows.map((i) => points[i] as number)),
      actions: Int32Array.from(rows, (i) => i % 2),
      rewards: Float64Array.from(rows, (i) => Math.cos(i)),
      nextStates: column(rows.map((i) => points[(i + 2) % 6] as number)),
      terminated: new Uint8Array(rows.length),
      ...(weight === undefined ? {} : { weight: Float64Array.from(weight) }),
      queryStates: column([0.2, 3, 5]),
      gamma: 0.9,
      kernel,
      k,
      numActions: 2,
    }).qQuery.data;
  const all = [0, 1, 2, 3, 4, 5];

  test('a sample of weight 2 is the sample twice, one of weight 0 is not there', () => {
    const weighted = solve(all, [0, 1, 2, 2, 1, 1], 'gaussian');
    const repeated = solve([1, 2, 2, 3, 3, 4, 5], undefined, 'gaussian');
    weighted.forEach((value, i) => {
      expect(value).toBeCloseTo(repeated[i] as number, 8);
    });
  });

  test('weights of neighbours share the mean; a bad one is refused', () => {
    expect(solve(all, [1, 1, 1, 1, 1, 1], 'knn')).toEqual(solve(all, undefined, 'knn'));
    // One action's neighbours with a weight: the others of the three nearest are not there.
    const one = solve(all, [0, 1, 5, 1, 0, 1], 'knn', 1);
    expect(one[2]).toBe(one[0]);
    expect(() => solve(all, [1, 1, Number.NaN, 1, 1, 1], 'knn')).toThrow(/weight row 2 is nan/);
  });
});
