/** Identities and edge cases of family flow that a golden case cannot show. */
import { flow, Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import { declaredOps, type OpInfo } from '../../src/contract.js';
import { camelCase } from '../../src/native.js';
import { randomArguments, randomSource } from '../../src/tools/random-arguments.js';

const random = randomSource(11);
const draw = (n: number, low: number, high: number): Float64Array =>
  Float64Array.from({ length: n }, () => low + (high - low) * random());

describe('meanflow_gaussian_oracle', () => {
  const n = 40;
  const z = draw(n, -2, 2);
  const noise = draw(n, -2, 2);
  const t = draw(n, 0.5, 1);
  const r = t.map((x) => x * random());
  for (const sigma of [0.5, 1, 2]) {
    const at = (points: Float64Array, later: Float64Array, earlier: Float64Array) =>
      flow.meanflowGaussianOracle<Float64Array>({
        z: points,
        t: later,
        r: earlier,
        noise,
        mean: 0.3,
        sigma,
      });

    test(`one step gives data, and the average obeys its identity (σ = ${sigma})`, () => {
      const { u, velocity, dudt, oneStepAction } = at(z, t, r);
      for (let i = 0; i < n; i++) {
        expect(oneStepAction.data[i]).toBeCloseTo(0.3 + sigma * (noise[i] as number), 12);
        const span = (t[i] as number) - (r[i] as number);
        const right = (velocity.data[i] as number) - span * (dudt.data[i] as number);
        expect(u.data[i]).toBeCloseTo(right, 10);
      }
    });

    test(`two steps are one (σ = ${sigma})`, () => {
      const middle = t.map((x, i) => (x + (r[i] as number)) / 2);
      const first = at(z, t, middle);
      const second = at(first.zR.data as Float64Array, middle, r);
      const whole = at(z, t, r);
      for (let i = 0; i < n; i++) {
        const [later, mid, earlier] = [t[i], middle[i], r[i]] as [number, number, number];
        const sum =
          (later - mid) * (first.u.data[i] as number) +
          (mid - earlier) * (second.u.data[i] as number);
        expect((later - earlier) * (whole.u.data[i] as number)).toBeCloseTo(sum, 11);
      }
    });

    test(`nothing is lost where r nears t (σ = ${sigma})`, () => {
      const equal = at(z, t, t);
      const close = at(
        z,
        t,
        t.map((x) => x - 1e-12),
      );
      for (let i = 0; i < n; i++) {
        expect(equal.u.data[i]).toBeCloseTo(equal.velocity.data[i] as number, 12);
        expect(close.dudt.data[i]).toBeCloseTo(equal.dudt.data[i] as number, 8);
      }
    });
  }
});

describe('meanflow_loss', () => {
  const one = { t: Float64Array.of(0.6), r: Float64Array.of(0.6) };
  const row = (x: number, y: number): Tensor<Float64Array> =>
    new Tensor(Float64Array.of(x, y), [1, 2]);

  test('r = t: the target is the velocity, whatever the derivative', () => {
    const velocity = row(0.1, -0.7);
    const dudt = row(Number.NaN, Number.POSITIVE_INFINITY);
    const { uTarget } = flow.meanflowLoss<Float64Array>({ ...one, u: row(1, 2), dudt, velocity });
    expect([...uTarget.data]).toEqual([0.1, -0.7]);
  });

  test('an error of 0: weight 1/c, or 0 where c is 0', () => {
    const args = { ...one, u: row(1, 2), dudt: row(0, 0), velocity: row(1, 2), p: 1 };
    expect(flow.meanflowLoss<Float64Array>({ ...args, c: 0.01 }).weight.data[0]).toBeCloseTo(100);
    const { weight, loss, gradU } = flow.meanflowLoss<Float64Array>({ ...args, c: 0 });
    expect([weight.data[0], loss, ...gradU.data]).toEqual([0, 0, 0, 0]);
  });

  test('a NaN stays in its row', () => {
    const u = new Tensor(Float64Array.of(Number.NaN, 1, 2, 3), [2, 2]);
    const zero = new Tensor(new Float64Array(4), [2, 2]);
    const times = { t: Float64Array.of(0.9, 0.9), r: Float64Array.of(0.1, 0.1) };
    const { gradU } = flow.meanflowLoss<Float64Array>({ ...times, u, dudt: zero, velocity: zero });
    expect(gradU.data[0]).toBeNaN();
    expect([...gradU.data.subarray(2)]).toEqual([2, 3]);
  });
});

test('meanflow_time_sampling: r is never after t; equal in the first rows', () => {
  const times = flow.meanflowTimeSampling<Float64Array>({
    normal1: draw(20, -3, 3),
    normal2: draw(20, -3, 3),
    u: draw(20, 0, 1),
    flowRatio: 0.75,
  });
  for (let i = 0; i < 20; i++) {
    expect(times.rPrefix.data[i]).toBeLessThanOrEqual(times.t.data[i] as number);
    expect(times.rBernoulli?.data[i]).toBeLessThanOrEqual(times.t.data[i] as number);
    if (i < 15) expect(times.rPrefix.data[i]).toBe(times.t.data[i]);
  }
});

test('optimizer_step: no gradient, no movement; AdamW decays all the same', () => {
  const w = new Tensor(Float64Array.of(1, -2), [2]);
  const grad = new Tensor(new Float64Array(6), [3, 2]);
  const { adam, adamw } = flow.optimizerStep<Float64Array>({ w, grad, lr: 0.1, weightDecay: 0.5 });
  expect([...adam.data]).toEqual([1, -2, 1, -2, 1, -2]);
  expect(adamw.data[4]).toBeCloseTo(0.95 ** 3, 14);
});

test('optimizer_step: gradients of another shape than the parameters are refused', () => {
  const w = new Tensor(new Float64Array(2), [2]);
  const grad = new Tensor(new Float64Array(8), [2, 2, 2]);
  expect(() => flow.optimizerStep({ w, grad })).toThrow(/grad/);
});

test('diffusion_ql_losses: a critic of size 0 gives no Q loss', () => {
  const zeros = new Float64Array(2);
  const q = Float64Array.of(1, 2);
  const result = flow.diffusionQlLosses<Float64Array>({
    targetQ1: new Tensor(zeros, [2, 1]),
    targetQ2: new Tensor(zeros, [2, 1]),
    rewards: q,
    q1: q,
    q2: q,
    q1New: q,
    q2New: zeros,
    bcLoss: 0.5,
  });
  expect([result.qLossA, result.actorLossA, ...result.gradQ1New.data]).toEqual([-0, 0.5, -0, -0]);
});

test('reward_tuning: rewards without spread', () => {
  const rewards = Float64Array.of(2, 2, 2);
  const { normalize, iqlLocomotion } = flow.rewardTuning<Float64Array>({ rewards });
  expect([...normalize.data]).toEqual([0, 0, 0]);
  expect([...iqlLocomotion.data]).toEqual([2, 2, 2]);
});

test('reward_tuning: an episode ends after 1,000 steps', () => {
  const rewards = Float64Array.from({ length: 2500 }, (_, i) => (i < 1000 ? 1 : 3));
  const { iqlLocomotion } = flow.rewardTuning<Float64Array>({ rewards });
  expect(iqlLocomotion.data[0]).toBeCloseTo(1000 / 2000, 12);
});

test('ddim_sampler: with no timestep the noise comes back', () => {
  const info = declaredOps().find(({ name }) => name === 'ddim_sampler') as OpInfo;
  const args = randomArguments(info, { seed: 2, dtype: 'float64', sizes: { n: 0 } });
  const { actions } = flow.ddimSampler(args as never) as { actions: Tensor<Float64Array> };
  expect([...actions.data]).toEqual([...(args['noise'] as Tensor<Float64Array>).data]);
});

test.each(['ofql_train_step', 'diffusion_ql_train_step', 'mean_flow_q_train_step'])(
  '%s: in place gives what it gives apart',
  (op) => {
    const info = declaredOps().find(({ name }) => name === op) as OpInfo;
    const args = randomArguments(info, { seed: 4, dtype: 'float64' }) as Record<string, unknown>;
    const step = (flow as unknown as Record<string, (given: object) => object>)[camelCase(op)];
    const apart = step?.(args) as Record<string, unknown>;
    const out: Record<string, unknown> = {};
    for (const name of Object.keys(apart).filter((key) => key.startsWith('new'))) {
      out[name] = args[`${name[3]?.toLowerCase()}${name.slice(4)}`];
    }
    expect(Object.values(out).every((value) => value instanceof Tensor)).toBe(true);
    step?.({ ...args, out });
    for (const [name, array] of Object.entries(out)) {
      const want = apart[name] as Tensor<Float64Array>;
      expect([...(array as Tensor<Float64Array>).data], name).toEqual([...want.data]);
    }
  },
);
