/** Scans, statistics and selections of family token: what must hold whatever the numbers are. */
import { Tensor, token } from 'belfry';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
function uniform(random: () => number, length: number, low = -2, high = 2): Float64Array {
  return Float64Array.from({ length }, () => low + (high - low) * random());
}

describe('scans', () => {
  test('padded and packed V-trace give the same bits', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = randomSource(seed);
        const lengths = Array.from({ length: 5 }, () => Math.floor(random() * 150));
        const cuSeqlens = Int32Array.of(0, ...lengths);
        for (let i = 1; i < cuSeqlens.length; i++) cuSeqlens[i] = cuSeqlens[i]! + cuSeqlens[i - 1]!;
        const total = cuSeqlens[5]!;
        const width = Math.max(...lengths, 1);
        const packed = {
          rewards: uniform(random, total),
          values: uniform(random, total),
          logRatio: uniform(random, total),
        };
        const pad = (flat: Float64Array): Tensor<Float64Array> => {
          const data = new Float64Array(5 * width).fill(Number.NaN);
          lengths.forEach((n, row) => {
            data.set(flat.subarray(cuSeqlens[row], cuSeqlens[row]! + n), row * width);
          });
          return new Tensor(data, [5, width]);
        };
        const mask = new Tensor(
          Uint8Array.from({ length: 5 * width }, (_, i) =>
            i % width < lengths[Math.floor(i / width)]! ? 1 : 0,
          ),
          [5, width],
        );
        const bootstrapValues = uniform(random, 5);
        const rule = { gamma: 0.97, lambda: 0.9, rhoClip: 1.2, cClip: 0.8, pgRhoClip: 2 };
        const flat = token.vtracePacked({ ...packed, cuSeqlens, bootstrapValues, ...rule });
        const rows = token.vtrace({
          rewards: pad(packed.rewards),
          values: pad(packed.values),
          logRatio: pad(packed.logRatio),
          mask,
          bootstrapValues,
          ...rule,
        });
        expect(rows.vs.data).toEqual(pad(flat.vs.data).data.map((x) => (Number.isNaN(x) ? 0 : x)));
        expect(rows.pgAdvantages.data).toEqual(
          pad(flat.pgAdvantages.data).data.map((x) => (Number.isNaN(x) ? 0 : x)),
        );
      }),
      { numRuns: 30 },
    );
  });

  test('λ-returns are the returns of gae, bit by bit; on-policy V-trace agrees with them', () => {
    const random = randomSource(3);
    const shape = [7, 90];
    const make = (): Tensor<Float64Array> => new Tensor(uniform(random, 630), shape);
    const batch = { rewards: make(), values: make(), bootstrapValues: uniform(random, 7) };
    const rule = { gamma: 0.99, lambda: 0.8 };
    const { returns } = token.tdLambdaReturns({ ...batch, ...rule });
    expect(returns.data).toEqual(token.gae({ ...batch, ...rule }).returns.data);
    const logRatio = new Tensor(new Float64Array(630), shape);
    const { vs } = token.vtrace({ ...batch, logRatio, ...rule });
    vs.data.forEach((x, i) => expect(x).toBeCloseTo(returns.data[i]!, 10));
  });

  test('a sequence with a NaN reward does not touch the others in reinforce_plus_plus', () => {
    const rewards = uniform(randomSource(10), 30);
    const shape = [3, 10];
    const broken = rewards.slice();
    broken[13] = Number.NaN;
    const mask = Uint8Array.from({ length: 30 }, (_, i) => (Math.floor(i / 10) === 1 ? 0 : 1));
    const without = token.reinforcePlusPlus({
      rewards: new Tensor(rewards, shape),
      mask: new Tensor(mask, shape),
    });
    const { advantages } = token.reinforcePlusPlus({ rewards: new Tensor(broken, shape) });
    expect(advantages.data).toEqual(without.advantages.data);
  });

  test('puffer_advantage with ratio 1 and infinite clips is gae', () => {
    const random = randomSource(4);
    const [rows, length] = [3, 40];
    const rewards = uniform(random, rows * length);
    const values = uniform(random, rows * length);
    const shape = [rows, length];
    const dones = new Tensor(new Uint8Array(rows * length), shape);
    const puffer = token.pufferAdvantage({
      rewards: new Tensor(rewards, shape),
      values: new Tensor(values, shape),
      dones,
      rhoClip: Number.POSITIVE_INFINITY,
      cClip: Number.POSITIVE_INFINITY,
    });
    const cut = (a: Float64Array, from: number): Tensor<Float64Array> =>
      new Tensor(
        Float64Array.from({ length: rows * (length - 1) }, (_, i) => {
          const row = Math.floor(i / (length - 1));
          return a[row * length + (i % (length - 1)) + from]!;
        }),
        [rows, length - 1],
      );
    const gae = token.gae({
      rewards: cut(rewards, 1),
      values: cut(values, 0),
      bootstrapValues: Float64Array.from({ length: rows }, (_, r) => values[(r + 1) * length - 1]!),
      gamma: 0.99,
      lambda: 0.95,
    });
    const expected = cut(puffer.advantages.data, 0).data;
    gae.advantages.data.forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 10));
  });

  test('optimal_token_baseline with constant weights subtracts the mean of each position', () => {
    const random = randomSource(5);
    const shape = [4, 9];
    const rewards = uniform(random, 36);
    // w = 1 on the first token and 0 after it: W = 1 everywhere.
    const sumPiSquared = Float64Array.from({ length: 36 }, (_, i) => (i % 9 === 0 ? 2 : 1));
    const { advantages, returns } = token.optimalTokenBaseline({
      rewards: new Tensor(rewards, shape),
      groupIds: Int32Array.of(8, 2, 8, 2),
      logProbs: new Tensor(new Float64Array(36), shape),
      sumPiSquared: new Tensor(sumPiSquared, shape),
      eps: 0,
    });
    for (let t = 0; t < 9; t++) {
      for (const [a, b] of [
        [0, 2],
        [1, 3],
      ] as const) {
        const mean = (returns.data[a * 9 + t]! + returns.data[b * 9 + t]!) / 2;
        expect(advantages.data[a * 9 + t]).toBeCloseTo(returns.data[a * 9 + t]! - mean, 12);
      }
    }
  });
});

describe('statistics', () => {
  test('whitening of shards with merged statistics is whitening of the whole', () => {
    const random = randomSource(6);
    const values = uniform(random, 400, 999, 1001);
    const part = (begin: number, end: number): Tensor<Float64Array> =>
      new Tensor(values.slice(begin, end), [1, end - begin]);
    const whole = token.maskedWhiten({ values: part(0, 400) });
    const other = token.maskedWhiten({ values: part(150, 400) });
    const first = token.maskedWhiten({
      values: part(0, 150),
      count: other.count,
      mean: other.mean,
      m2: other.m2,
    });
    first.values.data.forEach((x, i) => expect(x).toBeCloseTo(whole.values.data[i]!, 9));
    expect(first.count).toBe(400);
  });

  test('equal rewards give exactly 0, unscorable ones are left out', () => {
    const rewards = Float32Array.of(0.1, 0.1, 0.1, 0.1, 0.1, Number.NaN, 2, 1, Infinity);
    const groupIds = Int32Array.of(1, 1, 1, 1, 1, 1, 0, 0, 0);
    const { rewards: norm } = token.rewardNorm({ rewards, groupIds });
    expect([...norm.data.slice(0, 6)]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(norm.data[6]).toBeCloseTo(Math.SQRT1_2, 5);
    expect(norm.data[8]).toBe(0);
    expect([...token.groupFilter({ rewards, groupIds }).groupKeep.data]).toEqual([1, 0]);
    const { advantages } = token.multiRewardAdvantage({
      components: { data: rewards, shape: [9, 1] },
      weights: Float32Array.of(1),
      groupIds,
    });
    expect([...advantages.data.slice(0, 6)]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('the two forms of elliptical_bonus agree', () => {
    const random = randomSource(7);
    const [samples, d] = [6, 3];
    const features = uniform(random, samples * d);
    const wide = new Float64Array(samples * 8);
    for (let i = 0; i < samples; i++) wide.set(features.subarray(i * d, (i + 1) * d), i * 8);
    const groupIds = new Int32Array(samples);
    for (const kind of ['leverage', 'leave_one_out'] as const) {
      const primal = token.ellipticalBonus({
        features: { data: features, shape: [samples, d] },
        groupIds,
        kind,
      });
      const dual = token.ellipticalBonus({
        features: { data: wide, shape: [samples, 8] },
        groupIds,
        kind,
      });
      dual.raw.data.forEach((x, i) => expect(x).toBeCloseTo(primal.raw.data[i]!, 9));
    }
  });

  test('prompt_value_loss: its gradient is that of central differences', () => {
    const random = randomSource(8);
    const predicted = uniform(random, 5, 0, 1);
    const meanReward = uniform(random, 5, 0, 1);
    const { gradPredicted } = token.promptValueLoss({ predicted, meanReward });
    const h = 1e-6;
    predicted.forEach((x, i) => {
      const at = (value: number): number => {
        const moved = predicted.slice();
        moved[i] = value;
        return token.promptValueLoss({ predicted: moved, meanReward }).loss;
      };
      expect(gradPredicted.data[i]).toBeCloseTo((at(x + h) - at(x - h)) / (2 * h), 7);
    });
  });
});

describe('selections', () => {
  test('d3s_select_samples finds the best of all subsets', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 0, max: 9 }),
        (numbers, keep) => {
          const size = Math.min(keep, numbers.length);
          const spread = (chosen: number[]): number => {
            const mean = chosen.reduce((a, b) => a + b, 0) / chosen.length;
            return chosen.reduce((a, b) => a + (b - mean) ** 2, 0) / chosen.length;
          };
          let best = 0;
          for (let bits = 0; bits < 2 ** numbers.length; bits++) {
            const chosen = numbers.filter((_, i) => (bits >> i) & 1);
            if (chosen.length === size && size > 0) best = Math.max(best, spread(chosen));
          }
          const result = token.d3sSelectSamples({ advantages: Float64Array.from(numbers), keep });
          expect(result.variance).toBeCloseTo(best, 10);
          expect(result.keep.data.reduce((a, b) => a + b, 0)).toBe(size);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('ngram_jaccard agrees with sets of strings', () => {
    const tokens = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 12 });
    fc.assert(
      fc.property(tokens, tokens, fc.integer({ min: 1, max: 4 }), (a, b, n) => {
        const grams = (list: number[]): Set<string> =>
          new Set(list.slice(n - 1).map((_, i) => list.slice(i, i + n).join()));
        const [inA, inB] = [grams(a), grams(b)];
        const union = new Set([...inA, ...inB]).size;
        const common = inA.size + inB.size - union;
        const { similarity } = token.ngramJaccard({
          aTokens: Int32Array.from(a),
          aOffsets: Int32Array.of(0, a.length),
          bTokens: Int32Array.from(b),
          bOffsets: Int32Array.of(0, b.length),
          n,
        });
        expect(similarity.data[0]).toBeCloseTo(union === 0 ? 0 : common / union, 12);
      }),
    );
  });

  test('pass_at_k: a million samples do not overflow', () => {
    const args = { n: Int32Array.of(1_000_000, 5), c: Int32Array.of(1, 2), k: 10 };
    const { passAtK } = token.passAtK(args);
    expect(passAtK.data[0]).toBeCloseTo(1e-5, 12);
    expect(passAtK.data[1]).toBe(1);
  });

  test('cost_reward in two calls is cost_reward in one', () => {
    const costs = uniform(randomSource(9), 60, 0, 100);
    const whole = token.costReward({ costs, window: 20 });
    const first = token.costReward({ costs: costs.slice(0, 25), window: 20 });
    expect(first.newHistory.shape).toEqual([20]);
    const rest = token.costReward({
      costs: costs.slice(25),
      history: first.newHistory.data,
      window: 20,
    });
    expect([...first.rewards.data, ...rest.rewards.data]).toEqual([...whole.rewards.data]);
  });
});
