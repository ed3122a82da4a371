/** What losses, metrics and quality-diversity ops of family bellman mean, against plain code. */

import { bellman, Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';

const values = (count: number, random: () => number, low = -1, high = 1): Float64Array =>
  Float64Array.from({ length: count }, () => low + (high - low) * random());
const matrix = (data: Float64Array, columns: number): Tensor<Float64Array> =>
  new Tensor(data, [columns === 0 ? 0 : data.length / columns, columns]);
const close = (got: ArrayLike<number>, want: ArrayLike<number>, digits = 9): void => {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) {
    if (Number.isFinite(want[i]))
      expect(got[i], `entry ${i}`).toBeCloseTo(want[i] as number, digits);
    else expect(got[i], `entry ${i}`).toEqual(want[i]);
  }
};

describe('nondominated_sort', () => {
  const ranks = (a: ArrayLike<number>, b: ArrayLike<number>): number[] => {
    const rank = new Array<number>(a.length).fill(-1);
    const dominates = (p: number, q: number): boolean =>
      (a[p] as number) >= (a[q] as number) &&
      (b[p] as number) >= (b[q] as number) &&
      ((a[p] as number) > (a[q] as number) || (b[p] as number) > (b[q] as number));
    for (let front = 0; rank.includes(-1); front++) {
      const left = rank.flatMap((r, i) => (r < 0 ? [i] : []));
      for (const q of left.filter((i) => !left.some((p) => dominates(p, i)))) rank[q] = front;
    }
    return rank;
  };

  test('peels fronts as the definition says, duplicates and NaN included', () => {
    for (let seed = 1; seed < 30; seed++) {
      const random = randomSource(seed);
      const coarse = (): Float64Array =>
        Float64Array.from({ length: 25 }, () =>
          random() < 0.05 ? Number.NaN : Math.floor(random() * 6),
        );
      const objective1 = coarse();
      const objective2 = coarse();
      const { rank } = bellman.nondominatedSort({ objective1, objective2 });
      expect(Array.from(rank.data)).toEqual(ranks(objective1, objective2));
      const mirrored = bellman.nondominatedSort({
        objective1: objective1.map((x) => -x),
        objective2: objective2.map((x) => -x),
        maximize: false,
      });
      expect(mirrored.rank.data).toEqual(rank.data);
    }
  });
});

describe('crowding_distance', () => {
  test('standard: each gap belongs to its own individual', () => {
    const { distance } = bellman.crowdingDistance({
      objective1: Float64Array.of(0, 1, 4, 10),
      objective2: Float64Array.of(10, 6, 5, 0),
      front: Int32Array.of(2, 0, 3, 1),
      convention: 'standard',
    });
    close(distance.data, [0.9 + 0.6, Infinity, Infinity, 0.4 + 0.5]);
  });

  test('one point, none, and a constant objective', () => {
    const objective1 = Float64Array.of(1, 1, 1);
    const objective2 = Float64Array.of(1, 2, 3);
    const call = (front: number[], convention: 'official' | 'standard'): number[] =>
      Array.from(
        bellman.crowdingDistance({
          objective1,
          objective2,
          front: Int32Array.from(front),
          convention,
        }).distance.data,
      );
    expect(call([], 'official')).toEqual([]);
    expect(call([1], 'standard')).toEqual([Infinity]);
    expect(call([0, 1, 2], 'official')).toEqual([Infinity, Infinity, Infinity]);
    expect(call([0, 1, 2], 'standard')).toEqual([Infinity, 1, Infinity]);
  });
});

describe('novelty_knn', () => {
  const random = randomSource(3);
  const bd = matrix(values(12, random), 3);
  const reference = matrix(Float64Array.of(...bd.data, ...values(600, random)), 3);

  test('minkowski is manhattan at p = 1 and euclidean at p = 2', () => {
    for (const [p, metric] of [
      [1, 'manhattan'],
      [2, 'euclidean'],
    ] as const) {
      const one = bellman.noveltyKnn({ bd, reference, k: 4, metric: 'minkowski', p });
      close(one.novelty.data, bellman.noveltyKnn({ bd, reference, k: 4, metric }).novelty.data);
    }
  });

  test('mahalanobis does not change when the space is stretched and sheared', () => {
    const bend = (points: Tensor<Float64Array>): Tensor<Float64Array> =>
      matrix(
        Float64Array.from(points.data, (x, i) =>
          i % 3 === 0 ? 5 * x : i % 3 === 1 ? x + 2 * (points.data[i - 1] as number) : x,
        ),
        3,
      );
    const call = (a: Tensor<Float64Array>, b: Tensor<Float64Array>): ArrayLike<number> =>
      bellman.noveltyKnn({ bd: a, reference: b, k: 5, metric: 'mahalanobis' }).novelty.data;
    close(call(bend(bd), bend(reference)), call(bd, reference));
  });

  test('too few references, and NaN ranked last', () => {
    const alone = matrix(Float64Array.of(1, 2), 2);
    const call = (b: Tensor<Float64Array>): number =>
      bellman.noveltyKnn({ bd: alone, reference: b, k: 2 }).novelty.data[0] as number;
    expect(call(alone)).toBeNaN();
    expect(call(matrix(Float64Array.of(), 2))).toBeNaN();
    expect(call(matrix(Float64Array.of(1, 2, Number.NaN, 0, 1, 3, 1, 5), 2))).toBe(2);
  });
});

describe('path_signature', () => {
  test("a path in two pieces is the product of theirs (Chen's identity), and shuffles hold", () => {
    const random = randomSource(5);
    const path = values(12, random);
    const of = (part: Float64Array): Float64Array =>
      bellman.pathSignature({ path: matrix(part, 2), depth: 2 }).signature.data as Float64Array;
    const [a, b, all] = [of(path.slice(0, 6)), of(path.slice(4)), of(path)];
    const at = (s: Float64Array, i: number): number => s[i] as number;
    close(all.slice(0, 2), [at(a, 0) + at(b, 0), at(a, 1) + at(b, 1)]);
    for (const [i, j] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const) {
      const k = 2 + 2 * i + j;
      expect(at(all, k)).toBeCloseTo(at(a, k) + at(a, i) * at(b, j) + at(b, k), 12);
    }
    expect(at(all, 3) + at(all, 4)).toBeCloseTo(at(all, 0) * at(all, 1), 12);
    expect(Array.from(of(path.slice(0, 2)))).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('perceptual_reward', () => {
  test('split finds the best of all cuts', () => {
    for (let seed = 1; seed < 10; seed++) {
      const random = randomSource(seed);
      const features = values(18, random);
      const deviation = (from: number, to: number): number => {
        let sum = 0;
        for (let j = 0; j < 2; j++) {
          const x = Array.from(
            { length: to - from },
            (_, i) => features[2 * (from + i) + j] as number,
          );
          const mean = x.reduce((a, b) => a + b) / x.length;
          sum += Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length) / 2;
        }
        return sum;
      };
      let best = Infinity;
      let cuts: number[] = [];
      for (let p = 2; p <= 5; p++) {
        for (let q = p + 2; q <= 7; q++) {
          const mean = (deviation(0, p) + deviation(p, q) + deviation(q, 9)) / 3;
          if (mean < best) [best, cuts] = [mean, [p, q]];
        }
      }
      const got = bellman.perceptualReward({
        op: 'split',
        features: matrix(features, 2),
        numSteps: 3,
        minSize: 2,
      });
      expect(Array.from(got.boundaries.data)).toEqual(cuts);
      expect(got.averageStd).toBeCloseTo(best, 12);
    }
  });

  test('too few frames are an error', () => {
    const features = matrix(new Float64Array(5), 1);
    expect(() =>
      bellman.perceptualReward({ op: 'split', features, numSteps: 3, minSize: 2 }),
    ).toThrow(/too few/);
  });
});

/** A random model whose rows may end: every row has 3 entries of mass 1 − leak in all. */
function model(seed: number, numStates: number, numActions: number, leak: number) {
  const random = randomSource(seed);
  const rows = numStates * numActions;
  const prob = values(3 * rows, random, 0, 1);
  for (let row = 0; row < rows; row++) {
    const entries = prob.subarray(3 * row, 3 * row + 3);
    const sum = entries.reduce((a, b) => a + b, 0);
    for (let i = 0; i < 3; i++) entries[i] = ((entries[i] as number) / sum) * (1 - leak);
  }
  return {
    rowPtr: Int32Array.from({ length: rows + 1 }, (_, i) => 3 * i),
    col: Int32Array.from({ length: 3 * rows }, () => Math.floor(random() * numStates)),
    prob,
    rewards: matrix(values(rows, random), numActions),
  };
}

describe('bisimulation_metric', () => {
  test.each([0, 0.2])('bounds the difference of optimal values; mass lost: %d', (leak) => {
    for (let seed = 1; seed <= 3; seed++) {
      const mdp = model(seed, 7, 2, leak);
      const c = 0.8;
      const { metric, converged } = bellman.bisimulationMetric({ ...mdp, c });
      const { vStar } = bellman.valueIteration({ ...mdp, gamma: c, tolerance: 1e-10 });
      expect(converged).toBe(1);
      const d = (s: number, t: number): number => metric.data[7 * s + t] as number;
      for (let s = 0; s < 7; s++) {
        expect(d(s, s)).toBe(0);
        for (let t = 0; t < 7; t++) {
          const gap = Math.abs((vStar.data[s] as number) - (vStar.data[t] as number));
          expect(gap).toBeLessThanOrEqual(d(s, t) / (1 - c) + 1e-7);
          expect(d(s, t)).toBe(d(t, s));
          for (let u = 0; u < 7; u++) expect(d(s, t)).toBeLessThanOrEqual(d(s, u) + d(u, t) + 1e-9);
        }
      }
    }
  });

  test('one step of it is a transport problem with a known answer', () => {
    // Chain of deterministic states: the distance of rewards, and of what follows.
    const { metric } = bellman.bisimulationMetric({
      rowPtr: Int32Array.of(0, 1, 2, 3),
      col: Int32Array.of(1, 2, 2),
      prob: Float64Array.of(1, 1, 1),
      rewards: matrix(Float64Array.of(0, 1, 0), 1),
      c: 0.5,
      rewardWeight: 1,
    });
    // d(1,2) = 1, d(0,2) = 0 + 0.5 d(1,2), d(0,1) = 1 + 0.5 d(1,2).
    close(metric.data, [0, 1.5, 0.5, 1.5, 0, 1, 0.5, 1, 0]);
  });
});

describe('losses', () => {
  const none = new Float64Array(0);
  const empty = (columns: number): Tensor<Float64Array> => new Tensor(none, [0, columns]);

  test('an empty batch has loss 0 and count 0', () => {
    const results = [
      bellman.dqnLoss({
        qValues: empty(3),
        nextQTarget: empty(3),
        actions: new Int32Array(0),
        rewards: none,
        gamma: 0.9,
      }),
      bellman.contrastiveRatioLoss({ phi: empty(2), psi: empty(2), labels: new Uint8Array(0) }),
      bellman.temporalContrastiveLoss({ z1: empty(2), z2: empty(2) }),
      bellman.gflownetTrajectoryBalance({
        forwardLogProbs: none,
        backwardLogProbs: none,
        logReward: none,
        offsets: Int32Array.of(0),
        logZ: 1,
      }),
    ];
    for (const { loss, count } of results) expect([loss, count]).toEqual([0, 0]);
  });

  test('a NaN makes the loss NaN and stays in its row', () => {
    const { loss, gradQValues } = bellman.dqnLoss({
      qValues: matrix(Float64Array.of(1, 2, 3, 4), 2),
      nextQTarget: matrix(Float64Array.of(0, Number.NaN, 0, 1), 2),
      actions: Int32Array.of(0, 1),
      rewards: Float64Array.of(0, 0),
      gamma: 0.5,
    });
    expect(loss).toBeNaN();
    close(gradQValues.data, [Number.NaN, 0, 0, 1.75]);
  });

  test('one pair of frames has no contrast', () => {
    const { loss, gradZ1 } = bellman.temporalContrastiveLoss({
      z1: matrix(Float64Array.of(1, 2), 2),
      z2: matrix(Float64Array.of(3, -1), 2),
    });
    expect(loss).toBeCloseTo(0, 12);
    close(gradZ1.data, [0, 0]);
  });

  test('many pairs of frames: blocks of columns join to the plain sum', () => {
    const random = randomSource(11);
    const [pairs, dim, temperature] = [290, 3, 0.4];
    const z1 = matrix(values(pairs * dim, random), dim);
    const z2 = matrix(values(pairs * dim, random), dim);
    const f = Array.from({ length: 2 * pairs }, (_, i) => {
      const { data } = i < pairs ? z1 : z2;
      const from = (i % pairs) * dim;
      const row = Array.from(data.subarray(from, from + dim));
      const length = Math.hypot(...row);
      return row.map((x) => x / length);
    });
    const score = (i: number, j: number): number =>
      (f[i] as number[]).reduce((sum, x, k) => sum + x * (f[j]?.[k] as number), 0) / temperature;
    let want = 0;
    for (let i = 0; i < 2 * pairs; i++) {
      let sum = 0;
      for (let j = 0; j < 2 * pairs; j++) if (j !== i) sum += Math.exp(score(i, j));
      want += Math.log(sum) - score(i, (i + pairs) % (2 * pairs));
    }
    const got = bellman.temporalContrastiveLoss({ z1, z2, temperature });
    expect(got.loss).toBeCloseTo(want / (2 * pairs), 10);
    const moved = z2.data.slice();
    const h = 1e-5;
    moved[7] = (moved[7] as number) + h;
    const up = bellman.temporalContrastiveLoss({ z1, z2: matrix(moved, dim), temperature }).loss;
    moved[7] = (moved[7] as number) - 2 * h;
    const down = bellman.temporalContrastiveLoss({ z1, z2: matrix(moved, dim), temperature }).loss;
    expect(got.gradZ2.data[7]).toBeCloseTo((up - down) / (2 * h), 8);
  });

  test('equal policies fit at 2 ln 2, equal segments are a coin toss', () => {
    const lp = Float64Array.of(-1, -2);
    const { loss } = bellman.rewardSpecification({
      op: 'asaf',
      expertLogProbs: lp,
      prevExpertLogProbs: lp,
      generatorLogProbs: lp,
      prevGeneratorLogProbs: lp,
    });
    expect(loss).toBeCloseTo(2 * Math.LN2, 12);
    const { probFirst } = bellman.regretPreference({
      model: 'partial_return',
      features: new Tensor(Float64Array.of(1, 2, 1, 2), [1, 2, 2]),
      w: Float64Array.of(3, -1),
    });
    expect(probFirst.data[0]).toBe(0.5);
  });

  test('two tasks: the penalty makes the optimum of the second the joint one', () => {
    const [h1, h2, t1, t2] = [3, 2, -1, 4];
    const joint = (h1 * t1 + h2 * t2) / (h1 + h2);
    const { grad } = bellman.continualLearning({
      op: 'ewc',
      theta: Float64Array.of(joint),
      thetaStar: Float64Array.of(t1),
      fisher: Float64Array.of(h1),
    });
    expect((grad.data[0] as number) + h2 * (joint - t2)).toBeCloseTo(0, 12);
  });

  test('sub-goal steps run over more than one piece', () => {
    const count = 100_000;
    const completed = new Uint8Array(count);
    completed[40_000] = 1;
    const { steps, augmentedReward } = bellman.rewardShaping({
      op: 'subgoal',
      rewards: new Float64Array(count),
      completed,
      terminated: new Uint8Array(count),
      maxSteps: 80_000,
    });
    expect([steps.data[0], steps.data[40_000], steps.data[40_001], steps.data[99_999]]).toEqual([
      1, 40_001, 1, 59_999,
    ]);
    expect(augmentedReward.data[40_000]).toBeCloseTo(1 - 40_001 / 80_000, 12);
  });
});
