/** Games, equilibria and bandits against their defining conditions. */

import { bellman } from 'belfry';
import { describe, expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';

type Random = () => number;

const seeds = Array.from({ length: 20 }, (_, seed) => seed);
const f64 = (length: number, next: () => number): Float64Array =>
  Float64Array.from({ length }, next);
const centred =
  (random: Random, scale = 2): Random =>
  () =>
    scale * (2 * random() - 1);

/** `rows` distributions over `length`, one after the other. */
function distributions(random: Random, rows: number, length: number): Float64Array {
  const data = f64(rows * length, () => random() ** 2 + 1e-3);
  for (let row = 0; row < rows; row++) {
    const part = data.subarray(row * length, (row + 1) * length);
    const sum = part.reduce((a, b) => a + b, 0);
    part.forEach((x, i) => {
      part[i] = x / sum;
    });
  }
  return data;
}

/** M y and xᵀ M. */
function payoffs(m: Float64Array, x: ArrayLike<number>, y: ArrayLike<number>) {
  const rows = new Float64Array(x.length);
  const columns = new Float64Array(y.length);
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < y.length; j++) {
      const entry = m[i * y.length + j] as number;
      rows[i] = (rows[i] as number) + entry * (y[j] as number);
      columns[j] = (columns[j] as number) + entry * (x[i] as number);
    }
  }
  return { rows, columns };
}

describe('matrix_game', () => {
  test.each(seeds)('strategies certify the value (seed %i)', (seed) => {
    const random = randomSource(seed);
    const [a, b] = [1 + Math.floor(random() * 40), 1 + Math.floor(random() * 40)];
    // Whole numbers make ties, and so degenerate programmes.
    const next = seed % 2 === 0 ? centred(random) : () => Math.floor(random() * 4) - 1;
    const m = f64(a * b, next);
    const { value, x, y } = bellman.matrixGame({ payoff: { data: m, shape: [a, b] } });
    const { rows, columns } = payoffs(m, x.data, y.data);
    expect(x.data.reduce((p, q) => p + q, 0)).toBeCloseTo(1, 12);
    expect(Math.min(...x.data, ...y.data)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...columns)).toBeGreaterThan(value - 1e-12);
    expect(Math.max(...rows)).toBeLessThan(value + 1e-12);
  });

  test('NaN anywhere makes everything NaN', () => {
    for (let i = 0; i < 4; i++) {
      const data = Float64Array.from([1, -1, -1, 1]);
      data[i] = Number.NaN;
      const payoff = { data, shape: [2, 2] };
      expect(bellman.matrixGame({ payoff }).value).toBeNaN();
      const response = bellman.quantalResponseEquilibrium({ payoff, alpha: 1, beta: 0.5 });
      expect(response.regularizedValue).toBeNaN();
      expect(response.converged).toBe(0);
    }
  });

  test('scale and shift of the payoffs', () => {
    const random = randomSource(3);
    const m = f64(35, centred(random));
    const solve = (data: Float64Array): number =>
      bellman.matrixGame({ payoff: { data, shape: [5, 7] } }).value;
    expect(solve(m.map((z) => 1e12 * z)) / 1e12).toBeCloseTo(solve(m), 12);
    expect(solve(m.map((z) => 1e-12 * z)) * 1e12).toBeCloseTo(solve(m), 12);
    expect(solve(m.map((z) => z + 100)) - 100).toBeCloseTo(solve(m), 10);
  });
});

describe('quantal_response_equilibrium', () => {
  const temperatures = [
    [1, 1],
    [0.3, 2],
    [1e-2, 1e-2],
    [1e-4, 0.5],
    [1e-6, 1e-6],
  ] as const;
  for (const [alpha, beta] of temperatures) {
    test.each(seeds.slice(0, 6))(`is a fixed point at ${alpha}, ${beta} (seed %i)`, (seed) => {
      const random = randomSource(seed);
      const [a, b] = [1 + Math.floor(random() * 12), 1 + Math.floor(random() * 12)];
      const m = f64(a * b, centred(random));
      const out = bellman.quantalResponseEquilibrium({
        payoff: { data: m, shape: [a, b] },
        alpha,
        beta,
      });
      expect(out.converged).toBe(1);
      const { rows, columns } = payoffs(m, out.policyMax.data, out.policyMin.data);
      const softmax = (z: Float64Array, t: number): number[] => {
        const most = Math.max(...z.map((v) => v / t));
        const e = [...z].map((v) => Math.exp(v / t - most));
        const sum = e.reduce((p, q) => p + q, 0);
        return e.map((v) => v / sum);
      };
      // A logit is a payoff over the temperature, and so are its rounding errors.
      const digits = Math.min(alpha, beta) < 1e-5 ? 5 : 8;
      softmax(rows, alpha).forEach((p, i) => expect(out.policyMax.data[i]).toBeCloseTo(p, digits));
      softmax(columns, -beta).forEach((p, j) =>
        expect(out.policyMin.data[j]).toBeCloseTo(p, digits),
      );
    });
  }

  test.each(seeds)('temperature 0 is the matrix game (seed %i)', (seed) => {
    const random = randomSource(seed);
    const payoff = { data: f64(20, centred(random)), shape: [4, 5] };
    const { value } = bellman.matrixGame({ payoff });
    const limit = bellman.quantalResponseEquilibrium({ payoff, alpha: 0, beta: 0 });
    expect(limit.regularizedValue).toBeCloseTo(value, 12);
    const near = bellman.quantalResponseEquilibrium({ payoff, alpha: 1e-8, beta: 1e-8 });
    expect(near.regularizedValue).toBeCloseTo(value, 6);
    const half = bellman.quantalResponseEquilibrium({ payoff, alpha: 0, beta: 0.5 });
    const { rows } = payoffs(payoff.data, half.policyMax.data, half.policyMin.data);
    expect(half.expectedPayoff).toBeCloseTo(Math.max(...rows), 6);
  });
});

test('regret matching approaches the value', () => {
  const random = randomSource(5);
  const payoff = { data: f64(12, centred(random)), shape: [3, 4] };
  const { value } = bellman.matrixGame({ payoff });
  for (const plus of [false, true]) {
    for (const simultaneous of [false, true]) {
      for (const averaging of ['uniform', 'linear'] as const) {
        const args = { payoff, rounds: 20000, plus, simultaneous, averaging };
        const out = bellman.regretMatching(args);
        expect(out.exploitability).toBeLessThan(0.05);
        const { rows } = payoffs(payoff.data, out.avgX.data, out.avgY.data);
        expect(Math.max(...rows)).toBeGreaterThan(value - 1e-9);
      }
    }
  }
});

describe('shapley_value_iteration', () => {
  test('reaches a fixed point of its backup, with and without mixing', () => {
    const random = randomSource(1);
    const [s, a, b] = [5, 3, 4];
    const args = {
      prob: { data: distributions(random, s * a * b, s), shape: [s, a, b, s] },
      rewards: { data: f64(s * a * b, centred(random)), shape: [s, a, b] },
      gamma: 0.95,
    };
    for (const solution of ['mixed', 'maxmin_pure'] as const) {
      const { vStar, converged } = bellman.shapleyValueIteration({ ...args, solution });
      expect(converged).toBe(1);
      const again = bellman.shapleyValueIteration({ ...args, solution, values: vStar });
      vStar.data.forEach((v, i) => expect(again.vOneBackup.data[i]).toBeCloseTo(v, 9));
    }
  });
});

describe('whittle_index', () => {
  /** Q of passivity minus Q of activity at a subsidy, by value iteration. */
  function gaps(p: Float64Array, r: Float64Array, gamma: number, subsidy: number): number[] {
    const n = r.length / 2;
    let v = new Array<number>(n).fill(0);
    const q = (s: number, a: number): number => {
      let next = 0;
      for (let t = 0; t < n; t++) {
        next += (p[(s * 2 + a) * n + t] as number) * (v[t] as number);
      }
      return (r[s * 2 + a] as number) + (a === 0 ? subsidy : 0) + gamma * next;
    };
    for (let sweep = 0; sweep < 600; sweep++) {
      v = v.map((_, s) => Math.max(q(s, 0), q(s, 1)));
    }
    return v.map((_, s) => q(s, 0) - q(s, 1));
  }

  test.each(seeds)('the subsidy makes its state indifferent (seed %i)', (seed) => {
    const random = randomSource(seed);
    const n = 1 + Math.floor(random() * 6);
    const prob = distributions(random, 2 * n, n);
    const rewards = f64(2 * n, centred(random));
    const out = bellman.whittleIndex({
      prob: { data: prob, shape: [n, 2, n] },
      rewards: { data: rewards, shape: [n, 2] },
      gamma: 0.9,
    });
    out.whittleIndex.data.forEach((index, s) =>
      expect(gaps(prob, rewards, 0.9, index)[s]).toBeCloseTo(0, 8),
    );
  });
});

test('rmab_joint_value_iteration is value iteration of the product', () => {
  const random = randomSource(2);
  const [arms, n, budget, gamma] = [3, 3, 2, 0.8];
  const prob = distributions(random, arms * n * 2, n);
  const reward = f64(arms * n, random);
  const out = bellman.rmabJointValueIteration({
    prob: { data: prob, shape: [arms, n, 2, n] },
    rewardState: { data: reward, shape: [arms, n] },
    gamma,
    budget,
  });
  expect(out.converged).toBe(1);
  const digits = (s: number): number[] => [Math.floor(s / 9), Math.floor(s / 3) % 3, s % 3];
  const total = n ** arms;
  const q = (s: number, action: number[]): number => {
    let value = 0;
    for (let t = 0; t < total; t++) {
      let p = 1;
      for (let j = 0; j < arms; j++) {
        const row = (j * n + (digits(s)[j] as number)) * 2 + (action[j] as number);
        p *= prob[row * n + (digits(t)[j] as number)] as number;
      }
      value += p * (out.vStar.data[t] as number);
    }
    const own = digits(s).reduce((sum, d, j) => sum + (reward[j * n + d] as number), 0);
    return own + gamma * value;
  };
  for (let s = 0; s < total; s++) {
    let best = Number.NEGATIVE_INFINITY;
    for (let bits = 0; bits < 8; bits++) {
      const action = [bits >> 2, (bits >> 1) & 1, bits & 1];
      if (action.reduce((x, y) => x + y, 0) <= budget) best = Math.max(best, q(s, action));
    }
    expect(out.vStar.data[s]).toBeCloseTo(best, 8);
    const chosen = [...out.jointAction.data.subarray(s * arms, (s + 1) * arms)];
    expect(q(s, chosen)).toBeCloseTo(best, 8);
  }
});

describe('gradients', () => {
  test('of temperature_curriculum', () => {
    const random = randomSource(4);
    const samples = { temperature: f64(5, () => 0.2 + random()), value: f64(5, centred(random)) };
    const at = (conc: number, rate: number) =>
      bellman.temperatureCurriculum({
        temperature: { data: samples.temperature, shape: [5] },
        value: { data: samples.value, shape: [5] },
        concOld: 3,
        rateOld: 2.5,
        concTarget: 0.4,
        rateTarget: 1.2,
        conc,
        rate,
      });
    const [c, b, e] = [2.2, 3.1, 1e-5];
    const here = at(c, b);
    const pairs = [
      ['klTarget', 'gradKlTarget'],
      ['klOld', 'gradKlOld'],
      ['performance', 'gradPerformance'],
    ] as const;
    for (const [value, gradient] of pairs) {
      const byConc = (at(c + e, b)[value] - at(c - e, b)[value]) / (2 * e);
      const byRate = (at(c, b + e)[value] - at(c, b - e)[value]) / (2 * e);
      expect(here[gradient].data[0]).toBeCloseTo(byConc, 6);
      expect(here[gradient].data[1]).toBeCloseTo(byRate, 6);
    }
    expect(at(3, 2.5).klOld).toBeCloseTo(0, 14);
  });

  // The other divergences hold φ' constant, which differences do not see.
  for (const valueSampling of ['all', 'expert', 'v0'] as const) {
    test(`of mamql, values of ${valueSampling}`, () => {
      const random = randomSource(6);
      const [rows, own, others] = [6, 3, 4];
      const joint = [rows, own, others];
      const q = f64(rows * own * others, centred(random));
      const nextQ = f64(rows * own * others, centred(random));
      const policy = (): { data: Float64Array; shape: number[] } => ({
        data: distributions(random, rows, others),
        shape: [rows, others],
      });
      const fixed = {
        otherPolicy: policy(),
        nextOtherPolicy: policy(),
        actions: Int32Array.from({ length: rows }, () => Math.floor(random() * own)),
        terminated: Uint8Array.from([0, 1, 0, 0, 1, 0]),
        isExpert: Uint8Array.from([1, 1, 0, 1, 0, 0]),
        rationality: 1.7,
        gamma: 0.9,
        alpha: 0.7,
        valueSampling,
      };
      const run = (qJoint: Float64Array, nextQJoint: Float64Array) =>
        bellman.mamql({
          ...fixed,
          qJoint: { data: qJoint, shape: joint },
          nextQJoint: { data: nextQJoint, shape: joint },
        });
      const moved = (data: Float64Array, i: number, e: number): Float64Array => {
        const copy = data.slice();
        copy[i] = (copy[i] as number) + e;
        return copy;
      };
      const here = run(q, nextQ);
      const e = 1e-5;
      for (let i = 0; i < q.length; i++) {
        const d = (run(moved(q, i, e), nextQ).loss - run(moved(q, i, -e), nextQ).loss) / (2 * e);
        expect(here.gradQJoint.data[i]).toBeCloseTo(d, 8);
        const n = (run(q, moved(nextQ, i, e)).loss - run(q, moved(nextQ, i, -e)).loss) / (2 * e);
        expect(here.gradNextQJoint.data[i]).toBeCloseTo(n, 8);
      }
    });
  }
});
