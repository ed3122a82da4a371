/** The native control tasks against the same equations written in TypeScript. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { setThreads } from 'belfry';
import { NoiseSource } from 'belfry/flow';
import {
  type ControlTaskName,
  controlReset,
  controlSpecs,
  controlStep,
  controlTaskNames,
} from 'belfry/offline';
import { afterEach, describe, expect, test } from 'vitest';

import { Tensor } from '../../src/tensor.js';
import { referenceSteps } from './lib/control-reference.js';
import { expectError } from './lib/expect.js';

type Reals = Float32Array | Float64Array;

interface Stepped<A extends Reals> {
  nextStates: Tensor<A>;
  observations: Tensor<A>;
  rewards: Tensor<A>;
  terminated: Tensor<Uint8Array>;
}

function step<A extends Reals>(
  task: ControlTaskName,
  states: A,
  actions: A | Int32Array,
  more: object = {},
): Stepped<A> {
  const { stateSize, actionSize } = controlSpecs[task];
  const count = states.length / stateSize;
  return controlStep({
    task,
    states: { data: states, shape: [count, stateSize] },
    actions: actionSize === 0 ? actions : { data: actions, shape: [count, actionSize] },
    ...more,
  } as never) as never;
}

function starts(task: ControlTaskName, count: number, options: object = {}): Float64Array {
  return controlReset<Float64Array>({ task, count, ...options } as never).states.data;
}

/** Random actions in the task's units, beyond the limits too. */
function randomActions(task: ControlTaskName, count: number, noise: NoiseSource) {
  const { actionSize, numActions, actionLimit } = controlSpecs[task];
  if (actionSize === 0) return Int32Array.from({ length: count }, () => noise.integer(numActions));
  const length = count * actionSize;
  return Float64Array.from({ length }, () => 1.5 * actionLimit * (2 * noise.uniform() - 1));
}

/** States all over the state space, and far beyond it. */
function wildStates(task: ControlTaskName, count: number, noise: NoiseSource): Float64Array {
  const length = count * controlSpecs[task].stateSize;
  return Float64Array.from({ length }, () => 4 * noise.normal());
}

function sameBits(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
    Buffer.from(buffer, byteOffset, byteLength);
  return bytes(a).equals(bytes(b));
}

afterEach(() => setThreads(2));

describe.each(controlTaskNames)('%s', (task) => {
  const { stateSize, observationSize, actionSize } = controlSpecs[task];
  const reference = referenceSteps[task];

  test('follows the published equations over long trajectories', () => {
    const noise = new NoiseSource(5);
    const count = 3;
    let states = starts(task, count, { seed: 11 });
    let ended = 0;
    for (let t = 0; t < 600; t++) {
      const actions = randomActions(task, count, noise);
      const got = step(task, states, actions);
      for (let row = 0; row < count; row++) {
        const width = Math.max(1, actionSize);
        const wanted = reference(
          Array.from(states.subarray(row * stateSize, (row + 1) * stateSize)),
          Array.from(actions.subarray(row * width, (row + 1) * width)),
        );
        const at = <A extends Reals>({ data }: Tensor<A>, width_: number): number[] =>
          Array.from(data.subarray(row * width_, (row + 1) * width_));
        wanted.state.forEach((x, i) => expect(at(got.nextStates, stateSize)[i]).toBeCloseTo(x, 11));
        wanted.observation.forEach((x, i) =>
          expect(at(got.observations, observationSize)[i]).toBeCloseTo(x, 11),
        );
        expect(got.rewards.data[row]).toBeCloseTo(wanted.reward, 10);
        expect(got.terminated.data[row]).toBe(Number(wanted.terminated));
        ended += Number(wanted.terminated);
      }
      states = got.nextStates.data;
      // What is over begins again, so that whole episodes are seen.
      got.terminated.data.forEach((over, row) => {
        if (over) states.set(starts(task, 1, { seed: 3, firstIndex: t }), row * stateSize);
      });
    }
    if (task === 'cart_pole' || task === 'car_on_the_hill') expect(ended).toBeGreaterThan(3);
  });

  test('agrees with the equations far from where episodes go', () => {
    const noise = new NoiseSource(6);
    const count = 200;
    const states = wildStates(task, count, noise);
    const actions = randomActions(task, count, noise);
    const got = step(task, states, actions);
    for (let row = 0; row < count; row++) {
      const width = Math.max(1, actionSize);
      const wanted = reference(
        Array.from(states.subarray(row * stateSize, (row + 1) * stateSize)),
        Array.from(actions.subarray(row * width, (row + 1) * width)),
      );
      wanted.state.forEach((x, i) => {
        const error = Math.abs(got.nextStates.data[row * stateSize + i]! - x);
        expect(error / Math.max(1, Math.abs(x))).toBeLessThan(1e-9);
      });
      expect(got.rewards.data[row]! / wanted.reward || 0).toBeCloseTo(
        wanted.reward === 0 ? 0 : 1,
        9,
      );
      expect(got.terminated.data[row]).toBe(Number(wanted.terminated));
    }
  });

  test('a batch is its rows, in float32 too', () => {
    const noise = new NoiseSource(7);
    const count = 37;
    const states = starts(task, count);
    const actions = randomActions(task, count, noise);
    for (const make of [Float32Array, Float64Array]) {
      const typed = actions instanceof Int32Array ? actions : make.from(actions);
      const all = step<Reals>(task, make.from(states), typed as Reals);
      const width = Math.max(1, actionSize);
      for (let row = 0; row < count; row++) {
        const one = step<Reals>(
          task,
          make.from(states).slice(row * stateSize, (row + 1) * stateSize),
          typed.slice(row * width, (row + 1) * width) as Reals,
        );
        const { nextStates } = all;
        expect(nextStates.data.slice(row * stateSize, (row + 1) * stateSize)).toEqual(
          one.nextStates.data,
        );
        expect(all.rewards.data[row]).toBe(one.rewards.data[0]);
      }
    }
    const narrow = step(task, Float32Array.from(states), toFloat32(actions));
    const wide = step(task, states, actions);
    narrow.nextStates.data.forEach((x, i) => expect(x).toBeCloseTo(wide.nextStates.data[i]!, 4));
  });

  test('the same bits for any number of threads, and in place', () => {
    const noise = new NoiseSource(8);
    const count = 9000;
    const states = starts(task, count, { seed: 2 });
    const actions = randomActions(task, count, noise);
    setThreads(1);
    const one = step(task, states, actions);
    setThreads(3);
    const many = step(task, states, actions);
    for (const name of ['nextStates', 'observations', 'rewards', 'terminated'] as const) {
      expect(sameBits(many[name].data, one[name].data), name).toBe(true);
    }
    expect(sameBits(starts(task, count, { seed: 2 }), states)).toBe(true);
    const shape = [count, stateSize];
    step(task, states, actions, { out: { nextStates: new Tensor(states, shape) } });
    expect(sameBits(states, one.nextStates.data)).toBe(true);
  });

  test('starts are numbered: the same in any batch, others for another seed', () => {
    const all = starts(task, 20, { seed: 9 });
    const part = starts(task, 5, { seed: 9, firstIndex: 7 });
    expect(part).toEqual(all.slice(7 * stateSize, 12 * stateSize));
    if (task === 'car_on_the_hill') {
      expect(Array.from(all.subarray(0, 2))).toEqual([-0.5, 0]);
      return;
    }
    expect(starts(task, 20, { seed: 10 })).not.toEqual(all);
    expect(new Set(Array.from({ length: 20 }, (_, i) => all[i * stateSize])).size).toBe(20);
  });

  test('no rows are no error', () => {
    const empty = step(task, new Float64Array(0), randomActions(task, 0, new NoiseSource(0)));
    expect(empty.rewards.data.length).toBe(0);
    expect(starts(task, 0).length).toBe(0);
  });
});

function toFloat32(actions: Float64Array | Int32Array): never {
  return (actions instanceof Int32Array ? actions : Float32Array.from(actions)) as never;
}

describe('first states', () => {
  const count = 20_000;
  /** Mean, and smallest and largest number of a column. */
  const column = (task: ControlTaskName, i: number) => {
    const { stateSize } = controlSpecs[task];
    const states = starts(task, count, { seed: 4 });
    const values = Array.from({ length: count }, (_, row) => states[row * stateSize + i]!);
    const mean = values.reduce((a, b) => a + b) / count;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
    return { mean, variance, low: Math.min(...values), high: Math.max(...values) };
  };
  test.each([
    ['pendulum', 0, -Math.PI, Math.PI],
    ['pendulum', 1, -1, 1],
    ['mountain_car', 0, -0.6, -0.4],
    ['mountain_car_continuous', 0, -0.6, -0.4],
    ['cart_pole', 0, -0.05, 0.05],
    ['cart_pole', 3, -0.05, 0.05],
    ['acrobot', 2, -0.1, 0.1],
  ] as const)('%s: number %i is uniform in [%f, %f)', (task, i, low, high) => {
    const found = column(task, i);
    const width = high - low;
    expect(found.low).toBeGreaterThanOrEqual(low);
    expect(found.high).toBeLessThan(high);
    expect(found.low).toBeLessThan(low + 0.001 * width);
    expect(found.high).toBeGreaterThan(high - 0.001 * width);
    expect((found.mean - low) / width).toBeCloseTo(0.5, 1.7);
    expect(found.variance / width ** 2).toBeCloseTo(1 / 12, 2.3);
  });
  test('cars stand, and the multi-goal point is normal', () => {
    expect(column('mountain_car', 1)).toMatchObject({ low: 0, high: 0 });
    for (const i of [0, 1]) {
      const { mean, variance } = column('multi_goal', i);
      expect(mean).toBeCloseTo(0, 2);
      expect(variance).toBeCloseTo(0.01, 3);
    }
  });
});

describe('bounds and ends', () => {
  test('speeds, places and angles are clipped as published', () => {
    const fast = step('pendulum', Float64Array.of(Math.PI / 2, 7.9), Float64Array.of(2));
    expect(fast.nextStates.data[1]).toBe(8);
    const wall = step('mountain_car', Float64Array.of(-1.19, -0.07), Int32Array.of(0));
    expect(Array.from(wall.nextStates.data)).toEqual([-1.2, 0]);
    const goal = step('mountain_car', Float64Array.of(0.49, 0.05), Int32Array.of(2));
    expect(goal.terminated.data[0]).toBe(1);
    const reached = step(
      'mountain_car_continuous',
      Float64Array.of(0.44, 0.05),
      Float64Array.of(1),
    );
    expect(reached.rewards.data[0]).toBeCloseTo(99.9, 12);
    const corner = step('multi_goal', Float64Array.of(6.9, -6.9), Float64Array.of(1, -1));
    expect(Array.from(corner.nextStates.data)).toEqual([7, -7]);
    const spin = step('acrobot', Float64Array.of(3, -3, 12, -28), Int32Array.of(1));
    const [t1, t2, w1, w2] = spin.nextStates.data as unknown as [number, number, number, number];
    expect(Math.max(Math.abs(t1), Math.abs(t2))).toBeLessThanOrEqual(Math.PI);
    expect(Math.abs(w1)).toBeLessThanOrEqual(4 * Math.PI);
    expect(Math.abs(w2)).toBeLessThanOrEqual(9 * Math.PI);
  });

  test('a pole that is lost already gives nothing', () => {
    const { rewards, terminated } = step(
      'cart_pole',
      Float64Array.of(2.39, 10, 0, 0, 2.5, 0, 0, 0),
      Int32Array.of(1, 1),
    );
    expect(Array.from(rewards.data)).toEqual([1, 0]);
    expect(Array.from(terminated.data)).toEqual([1, 1]);
  });

  test('NaN in an action is NaN in its row alone', () => {
    for (const task of ['pendulum', 'mountain_car_continuous', 'multi_goal'] as const) {
      const { actionSize, stateSize } = controlSpecs[task];
      const actions = new Float64Array(3 * actionSize);
      actions.fill(Number.NaN, actionSize, 2 * actionSize);
      const got = step(task, starts(task, 3), actions);
      expect(Array.from(got.rewards.data, Number.isNaN)).toEqual([false, true, false]);
      expect(Array.from(got.terminated.data)).toEqual([0, 0, 0]);
      const isBad = Array.from(got.nextStates.data, Number.isNaN);
      expect(isBad.slice(stateSize, 2 * stateSize)).toContain(true);
      expect([...isBad.slice(0, stateSize), ...isBad.slice(2 * stateSize)]).not.toContain(true);
    }
  });

  test('wrong arguments are named', () => {
    const states = new Tensor(new Float64Array(4), [2, 2]);
    expectError(
      () => controlStep({ task: 'mountain_car', states, actions: Int32Array.of(0, 3) }),
      'BELFRY_BAD_VALUE',
      /controlStep: actions .*3/,
    );
    expectError(
      () => controlStep({ task: 'cart_pole', states, actions: Int32Array.of(0, 1) }),
      'BELFRY_BAD_SHAPE',
      /controlStep: states has shape \[2, ?2\]/,
    );
    expectError(
      () => controlStep({ task: 'pendulun', states, actions: states } as never),
      'BELFRY_MISSING_OPERAND',
      /controlStep: fits none of its/,
    );
    expectError(
      () => controlReset({ task: 'pendulum', count: -1 }),
      'BELFRY_INVALID_ARGUMENT',
      /controlReset: count is -1/,
    );
  });
});

test('instruction sets agree within rounding', async () => {
  const script = fileURLToPath(new URL('lib/step-control-tasks.mjs', import.meta.url));
  const at = async (level: string): Promise<number[][]> => {
    const env = { ...process.env, BELFRY_CPU: level };
    const { stdout } = await promisify(execFile)(process.execPath, [script], { env });
    return JSON.parse(stdout);
  };
  const [baseline, wide] = await Promise.all([at('baseline'), at('avx512')]);
  expect(baseline.length).toBe(2 * controlTaskNames.length);
  baseline.forEach((numbers, i) => {
    const tolerance = i % 2 === 0 ? 2e-5 : 1e-12; // float32, float64
    numbers.forEach((x, j) => {
      const error = Math.abs(x - wide[i]![j]!) / Math.max(1, Math.abs(x));
      expect(error).toBeLessThan(tolerance);
    });
  });
});
