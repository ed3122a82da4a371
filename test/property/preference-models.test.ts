/** Models of preferences: gradients by central differences, identities, what masks and NaN touch. */
import { bellman, preference, type Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';
import { type GradientCase, testGradients } from './gradients.js';

const returns = 'partial_return_preference';
const rewards: GradientCase['gradients'] = [['rewards', 'gradRewards']];
const cases: GradientCase[] = [
  ...[
    {},
    { gamma: 0.9 },
    { gamma: 0.9, discountFrom: 'end' },
    { noiseProb: 0.3, labelMargin: 0.1 },
    { threshold: 1 },
    { noiseProb: 0.2, threshold: 2 },
    { gamma: 0, discountFrom: 'end' },
  ].map(
    (parameters): GradientCase => ({ op: returns, parameters, loss: 'loss', gradients: rewards }),
  ),
  {
    op: 'regret_preference',
    form: 'advantage',
    loss: 'loss',
    gradients: [['advantages', 'gradAdvantages']],
  },
  ...[{}, { weights: [0.7, 0, -1.2] }].map(
    (parameters): GradientCase => ({
      op: 'regret_preference',
      form: 'deterministic',
      parameters,
      loss: 'loss',
      gradients: [
        ['partialReturn', 'gradPartialReturn'],
        ['vStart', 'gradVStart'],
        ['vEnd', 'gradVEnd'],
      ],
    }),
  ),
  ...[0.3, 2].map(
    (temperature): GradientCase => ({
      op: 'successor_feature_value',
      parameters: { temperature },
      loss: 'values',
      gradients: [['weights', 'gradWeightsOfSum']],
    }),
  ),
];

testGradients('preference', cases);

const random = randomSource(64);
const draw = (n: number, low = -2, high = 2): Float64Array =>
  Float64Array.from({ length: n }, () => low + (high - low) * random());
const [B, T] = [6, 5];
const shape = [B, 2, T];
const labels = draw(B, 0, 1);
const steps = { data: draw(B * 2 * T), shape };
/** Valid steps first, from none to all of them. */
const mask = {
  data: Uint8Array.from({ length: B * 2 * T }, (_, i) =>
    Number(i % T < Math.floor(i / T) % (T + 1)),
  ),
  shape,
};

describe('partial returns', () => {
  test('at γ = 1 they are the regret model of rewards that are advantages', () => {
    const byReturn = preference.partialReturnPreference({ rewards: steps, mask, labels });
    const byRegret = preference.regretPreference({
      form: 'advantage',
      advantages: steps,
      mask,
      labels,
    });
    expect(byRegret.losses).toEqual(byReturn.losses);
    expect(byRegret.gradAdvantages).toEqual(byReturn.gradRewards);
    const { data } = byReturn.returns;
    expect(Array.from(byRegret.regret.data)).toEqual(Array.from(data, (x) => -x));
  });

  test('discounts count from the end that was asked for', () => {
    const ones = { data: new Float64Array(B * 2 * T).fill(1), shape };
    const call = { rewards: ones, mask, labels, gamma: 0.5 };
    const start = preference.partialReturnPreference(call);
    const end = preference.partialReturnPreference({ ...call, discountFrom: 'end' });
    // 1 + γ + … + γ^(n−1) either way; the gradients are each other's mirror.
    expect(end.returns).toEqual(start.returns);
    for (let segment = 0; segment < 2 * B; segment++) {
      const n = segment % (T + 1);
      expect(start.returns.data[segment]).toBeCloseTo(2 - 2 ** (1 - n), 14);
      const row = (x: Tensor<Float64Array>): number[] =>
        Array.from(x.data.slice(segment * T, segment * T + n));
      expect(row(end.gradRewards)).toEqual(row(start.gradRewards).reverse());
    }
  });

  test('a tie is a half, and margins draw labels in', () => {
    const loss = (label: number, labelMargin = 0): number =>
      preference.partialReturnPreference({
        rewards: { data: Float64Array.of(1, 0.25), shape: [1, 2, 1] },
        labels: Float64Array.of(label),
        labelMargin,
      }).loss;
    expect(loss(-1)).toBe(loss(0.5));
    expect(loss(1, 0.1)).toBe(loss(0.9));
    expect(loss(0, 0.1)).toBe(loss(0.1));
    expect(loss(-1, 0.5)).toBe(loss(0.5));
  });

  test('the threshold is part of its range', () => {
    const slope = (difference: number): number =>
      preference.partialReturnPreference({
        rewards: { data: Float64Array.of(difference, 0), shape: [1, 2, 1] },
        labels: Float64Array.of(0),
        threshold: 3,
      }).gradRewards.data[0] as number;
    expect(slope(3)).toBeCloseTo(1 / (1 + Math.exp(-3)), 14);
    expect(slope(3 + 1e-12)).toBe(0);
    expect(slope(-3)).toBeCloseTo(1 / (1 + Math.exp(3)), 14);
    expect(slope(-3 - 1e-12)).toBe(0);
  });

  test('answers that are all at random say nothing', () => {
    const { probFirst, losses, gradRewards } = preference.partialReturnPreference({
      rewards: steps,
      labels,
      noiseProb: 1,
    });
    for (const p of probFirst.data) expect(p).toBe(0.5);
    for (const loss of losses.data) expect(loss).toBeCloseTo(Math.LN2, 14);
    for (const slope of gradRewards.data) expect(Math.abs(slope)).toBe(0);
  });

  test.each([{}, { noiseProb: 1e-300 }, { noiseProb: 1e-9, labelMargin: 1e-9 }])(
    'differences of any size are finite with %o',
    (parameters) => {
      for (const difference of [1e4, -1e4, 800, -800]) {
        for (const label of [0, 0.5, 1]) {
          const { loss, gradRewards } = preference.partialReturnPreference({
            rewards: { data: Float64Array.of(difference, 0), shape: [1, 2, 1] },
            labels: Float64Array.of(label),
            ...parameters,
          });
          expect(Number.isFinite(loss)).toBe(true);
          expect(gradRewards.data.every(Number.isFinite)).toBe(true);
        }
      }
    },
  );
});

const models = [
  {
    name: 'partial return',
    run: (data: Float64Array) =>
      preference.partialReturnPreference({ rewards: { data, shape }, mask, labels, gamma: 0.9 }),
    gradient: 'gradRewards',
  },
  {
    name: 'regret',
    run: (data: Float64Array) =>
      preference.regretPreference({
        form: 'advantage',
        advantages: { data, shape },
        mask,
        labels,
      }),
    gradient: 'gradAdvantages',
  },
] as const;

describe.each(models)('steps of the $name model', ({ run, gradient }) => {
  const gradientOf = (data: Float64Array): Float64Array =>
    (run(data) as unknown as Record<string, Tensor<Float64Array>>)[gradient]!.data;

  test('masked ones are never read, and have no gradient', () => {
    const dirty = steps.data.map((x, i) => (mask.data[i] ? x : Number.NaN));
    expect(run(dirty)).toEqual(run(steps.data));
    Array.from(gradientOf(dirty)).forEach((x, i) => {
      if (!mask.data[i]) expect(x).toBe(0);
    });
  });

  test('a NaN stays in its own pair, but for the mean', () => {
    const spoiled = steps.data.slice();
    const at = mask.data.indexOf(1);
    spoiled[at] = Number.NaN;
    const pair = Math.floor(at / (2 * T));
    const [clean, got] = [run(steps.data), run(spoiled)];
    expect(got.loss).toBeNaN();
    got.losses.data.forEach((x, i) => {
      if (i === pair) expect(x).toBeNaN();
      else expect(x).toBe(clean.losses.data[i]);
    });
    const [before, after] = [gradientOf(steps.data), gradientOf(spoiled)];
    for (let i = 0; i < after.length; i++) {
      if (Math.floor(i / (2 * T)) !== pair) expect(after[i]).toBe(before[i]);
    }
  });

  test('no pairs have loss 0', () => {
    const none = { data: new Float64Array(0), shape: [0, 2, T] };
    const empty = { labels: new Float64Array(0) };
    expect(preference.partialReturnPreference({ rewards: none, ...empty }).loss).toBe(0);
    expect(
      preference.regretPreference({ form: 'advantage', advantages: none, ...empty }).loss,
    ).toBe(0);
  });
});

describe('regret from values', () => {
  const pairs = [B, 2];
  const part = (data: Float64Array) => ({ data, shape: pairs });
  const [earned, start, end] = [draw(2 * B), draw(2 * B), draw(2 * B)];

  test('shaping by potentials changes the return, and not the regret', () => {
    const plain = preference.regretPreference({
      partialReturn: part(earned),
      vStart: part(start),
      vEnd: part(end),
      labels,
    });
    const [first, last] = [draw(2 * B), draw(2 * B)];
    const shaped = preference.regretPreference({
      partialReturn: part(earned.map((x, i) => x + last[i]! - first[i]!)),
      vStart: part(start.map((x, i) => x - first[i]!)),
      vEnd: part(end.map((x, i) => x - last[i]!)),
      labels,
    });
    shaped.regret.data.forEach((x, i) => {
      expect(x).toBeCloseTo(plain.regret.data[i]!, 12);
    });
    expect(shaped.loss).toBeCloseTo(plain.loss, 12);
  });

  test('a part of weight 0 is left out, whatever it is', () => {
    const broken = part(new Float64Array(2 * B).fill(Number.NaN));
    const call = { partialReturn: part(earned), vStart: part(start), labels, weights: [1, 0, 1] };
    const got = preference.regretPreference({ ...call, vEnd: broken });
    expect(got).toEqual(preference.regretPreference({ ...call, vEnd: part(end) }));
    for (const x of got.gradVEnd!.data) expect(Math.abs(x)).toBe(0);
  });

  test('of successor features, it is what the op of family bellman says', () => {
    const [G, F] = [3, 4];
    const features = draw(2 * B * F);
    const [succStart, succEnd] = [draw(2 * B * G * F), draw(2 * B * G * F)];
    const [w, weights, temperature] = [draw(F), [0.8, 1.1, -0.4], 0.2];
    const wide = { shape: [B, 2, G, F] };
    const whole = bellman.regretPreference({
      features: { data: features, shape: [B, 2, F] },
      succStart: { data: succStart, ...wide },
      succEnd: { data: succEnd, ...wide },
      w,
      labels,
      weights,
      softmaxTemperature: temperature,
    });
    // Policies first, and a state for each segment.
    const valuesOf = (successors: Float64Array): Float64Array => {
      const byPolicy = new Float64Array(G * 2 * B * F);
      successors.forEach((x, i) => {
        const [segment, g, f] = [Math.floor(i / (G * F)), Math.floor(i / F) % G, i % F];
        byPolicy[(g * 2 * B + segment) * F + f] = x;
      });
      return preference.successorFeatureValue<Float64Array>({
        successorFeatures: { data: byPolicy, shape: [G, 2 * B, F] },
        weights: w,
        states: Int32Array.from({ length: 2 * B }, (_, i) => i),
        temperature,
      }).values.data;
    };
    const dot = (i: number): number => w.reduce((sum, x, f) => sum + x * features[i * F + f]!, 0);
    const parts = preference.regretPreference({
      partialReturn: part(Float64Array.from({ length: 2 * B }, (_, i) => dot(i))),
      vStart: part(valuesOf(succStart)),
      vEnd: part(valuesOf(succEnd)),
      labels,
      weights,
    });
    expect(parts.loss).toBeCloseTo(whole.loss!, 12);
    parts.regret.data.forEach((x, i) => {
      expect(x).toBeCloseTo(-whole.segmentScore!.data[i]!, 11);
    });
  });

  test('a form that has no such word is refused', () => {
    expect(() => preference.regretPreference({ form: 'advantage', labels } as never)).toThrow(
      /advantages/,
    );
    expect(() => preference.regretPreference({ labels } as never)).toThrow(/none of its forms/);
  });
});

describe('values from successor features', () => {
  const [K, S, F] = [3, 5, 4];
  const successorFeatures = { data: draw(K * S * F), shape: [K, S, F] };
  const weights = draw(F);
  const value = (policy: number, state: number): number =>
    weights.reduce(
      (sum, x, f) => sum + x * successorFeatures.data[(policy * S + state) * F + f]!,
      0,
    );

  test('T → 0 is the best policy, and its successor features are the gradient', () => {
    for (let state = 0; state < S; state++) {
      const each = [0, 1, 2].map((k) => value(k, state));
      const best = each.indexOf(Math.max(...each));
      for (const temperature of [1e-9, 1e-300]) {
        const { values, gradWeightsOfSum } = preference.successorFeatureValue({
          successorFeatures,
          weights,
          states: Int32Array.of(state),
          temperature,
        });
        expect(values.data[0]).toBeCloseTo(each[best]!, 12);
        const at = (best * S + state) * F;
        expect(gradWeightsOfSum.data).toEqual(successorFeatures.data.slice(at, at + F));
      }
    }
  });

  test('T → ∞ is the mean', () => {
    const { values } = preference.successorFeatureValue({
      successorFeatures,
      weights,
      states: Int32Array.of(2),
      temperature: 1e12,
    });
    expect(values.data[0]).toBeCloseTo((value(0, 2) + value(1, 2) + value(2, 2)) / 3, 9);
  });

  test('a state counts as often as it is listed, and others are not read', () => {
    const dirty = successorFeatures.data.map((x, i) =>
      [0, 3].includes(Math.floor(i / F) % S) ? x : Number.NaN,
    );
    const of = (...states: number[]) =>
      preference.successorFeatureValue({
        successorFeatures: { data: dirty, shape: [K, S, F] },
        weights,
        states: Int32Array.from(states),
        temperature: 0.5,
      });
    const [zero, three, all] = [of(0), of(3), of(3, 0, 3)];
    const [a, b] = [zero.values.data[0], three.values.data[0]];
    expect(Array.from(all.values.data)).toEqual([b, a, b]);
    all.gradWeightsOfSum.data.forEach((x, f) => {
      const want = zero.gradWeightsOfSum.data[f]! + 2 * three.gradWeightsOfSum.data[f]!;
      expect(x).toBeCloseTo(want, 12);
    });
    expect(Array.from(of().gradWeightsOfSum.data)).toEqual([0, 0, 0, 0]);
  });

  test('an infinite value is the largest', () => {
    const features = Float64Array.of(Number.POSITIVE_INFINITY, 2, Number.NEGATIVE_INFINITY);
    const at = (data: Float64Array): number | undefined =>
      preference.successorFeatureValue({
        successorFeatures: { data, shape: [data.length, 1, 1] },
        weights: Float64Array.of(1),
        states: Int32Array.of(0),
      }).values.data[0];
    expect(at(features)).toBe(Number.POSITIVE_INFINITY);
    expect(at(features.slice(1))).toBe(2);
    expect(at(features.slice(2))).toBe(Number.NEGATIVE_INFINITY);
    expect(at(new Float64Array(0))).toBe(0);
  });
});
