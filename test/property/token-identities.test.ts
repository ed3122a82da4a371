/** Identities that the specification of family token states, on random numbers. */
import { Tensor, token } from 'belfry';
import { describe, expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';

const [rows, length] = [6, 40];
const count = rows * length;
const seeds = [1, 2, 3, 4, 5];

class Batch {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomSource(seed);
  }
  numbers(size: number, low: number, high: number): Float64Array {
    return Float64Array.from({ length: size }, () => low + (high - low) * this.#random());
  }
  tokens(low: number, high: number): Tensor<Float64Array> {
    return new Tensor(this.numbers(count, low, high), [rows, length]);
  }
  /** The last sequence is empty. */
  mask(): Tensor<Uint8Array> {
    const flags = Uint8Array.from({ length: count }, (_, i) =>
      Number(i < count - length && this.#random() < 0.8),
    );
    return new Tensor(flags, [rows, length]);
  }
}

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, digits = 10): void {
  expect(got.length).toBe(want.length);
  Array.from(got).forEach((x, i) => expect(x, `[${i}]`).toBeCloseTo(want[i] as number, digits));
}

describe('gae', () => {
  test.each(seeds)('with λ = 1 it is the Monte-Carlo return less the value (seed %i)', (seed) => {
    const batch = new Batch(seed);
    const [rewards, values, mask] = [batch.tokens(-1, 1), batch.tokens(-1, 1), batch.mask()];
    const { advantages } = token.gae({ rewards, values, mask, gamma: 0.97, lambda: 1 });
    const { returns } = token.discountedReturns({ rewards, mask, gamma: 0.97 });
    const want = returns.data.map((g, i) => (mask.data[i] ? g - (values.data[i] as number) : 0));
    expectClose(advantages.data, want);
  });

  test.each(seeds)('with λ = 0 it is the one-step error (seed %i)', (seed) => {
    const batch = new Batch(seed);
    const [rewards, values] = [batch.tokens(-1, 1), batch.tokens(-1, 1)];
    const { advantages } = token.gae({ rewards, values, gamma: 0.97, lambda: 0 });
    const want = rewards.data.map((r, i) => {
      const next = (i + 1) % length === 0 ? 0 : (values.data[i + 1] as number);
      return r + 0.97 * next - (values.data[i] as number);
    });
    expectClose(advantages.data, want);
  });
});

describe('nftLoss on the sampling policy', () => {
  // r of a group of four, and who was right.
  const groups = [
    { correct: [1, 0, 0, 0], rate: 0.25 },
    { correct: [1, 1, 0, 0], rate: 0.5 },
    { correct: [0, 1, 1, 1], rate: 0.75 },
  ];
  const shape = [12, 3];
  const logProbs = new Tensor(new Batch(9).numbers(36, -3, 0), shape);
  const correct = Float64Array.from(groups.flatMap((group) => group.correct));
  const correctRate = Float64Array.from(groups.flatMap(({ rate }) => [rate, rate, rate, rate]));
  const groupIds = Int32Array.from({ length: 12 }, (_, i) => Math.floor(i / 4));

  test.each([
    [2, 'grpo'],
    [1, 'dr_grpo'],
  ] as const)('normalize %i: minus the gradient is the advantage of %s', (normalize, estimator) => {
    const { gradLogProbs } = token.nftLoss({
      logProbs,
      oldLogProbs: logProbs,
      correct,
      correctRate,
      normalize,
      divisor: 1,
    });
    const { advantages } = token.groupAdvantage({
      rewards: correct,
      groupIds,
      estimator,
      ddof: 0,
      eps: 0,
    });
    expectClose(
      gradLogProbs.data.map((g) => -g),
      Float64Array.from({ length: 36 }, (_, i) => advantages.data[Math.floor(i / 3)] as number),
    );
  });
});

describe('maskedWhiten', () => {
  test.each(seeds)('does not see a shift or a positive scale (seed %i)', (seed) => {
    const batch = new Batch(seed);
    const [values, mask] = [batch.tokens(-1, 1), batch.mask()];
    const moved = new Tensor(
      values.data.map((x) => 3.5 * x + 100),
      [rows, length],
    );
    const whiten = (x: Tensor<Float64Array>): Float64Array =>
      token.maskedWhiten({ values: x, mask, eps: 0 }).values.data as Float64Array;
    expectClose(whiten(moved), whiten(values), 9);
  });

  test('has mean 0 and variance 1 over the tokens that count', () => {
    const batch = new Batch(6);
    const [values, mask] = [batch.tokens(5, 9), batch.mask()];
    const white = token.maskedWhiten({ values, mask, eps: 0 }).values.data;
    const kept = Array.from(white).filter((_, i) => mask.data[i]);
    const mean = kept.reduce((a, b) => a + b, 0) / kept.length;
    const m2 = kept.reduce((a, b) => a + (b - mean) ** 2, 0);
    expect(mean).toBeCloseTo(0, 12);
    expect(m2 / (kept.length - 1)).toBeCloseTo(1, 12);
  });
});

type Arguments = Record<string, unknown>;
type Op = (args: Arguments) => Record<string, unknown>;

interface Split {
  name: string;
  op: Op;
  gradient: string;
  make: (batch: Batch) => Arguments;
}

/** Losses of padded tokens with global denominators. */
const splits: Split[] = [
  ...(['ppo_clip', 'cispo', 'sapo', 'gspo', 'vespo', 'reinforce'] as const).map((kind) => ({
    name: `policyLoss ${kind}`,
    op: token.policyLoss as unknown as Op,
    gradient: 'gradLogProbs',
    make: (batch: Batch) => ({
      kind,
      logProbs: batch.tokens(-2, 0),
      oldLogProbs: batch.tokens(-2, 0),
      refLogProbs: batch.tokens(-2, 0),
      advantages: batch.numbers(rows, -1, 1),
      klCoef: 0.1,
    }),
  })),
  {
    name: 'valueLoss',
    op: token.valueLoss as unknown as Op,
    gradient: 'gradValues',
    make: (batch) => ({
      values: batch.tokens(-1, 1),
      oldValues: batch.tokens(-1, 1),
      returns: batch.tokens(-1, 1),
    }),
  },
  {
    name: 'decoupledPpo',
    op: token.decoupledPpo as unknown as Op,
    gradient: 'gradLogProbs',
    make: (batch) => ({
      logProbs: batch.tokens(-2, 0),
      proximalLogProbs: batch.tokens(-2, 0),
      behaviorLogProbs: batch.tokens(-2, 0),
      advantages: batch.tokens(-1, 1),
    }),
  },
  {
    name: 'copoLoss',
    op: token.copoLoss as unknown as Op,
    gradient: 'gradLogProbs',
    make: (batch) => ({
      logProbs: batch.tokens(-2, 0),
      oldLogProbs: batch.tokens(-2, 0),
      localAdvantages: batch.numbers(rows, -1, 1),
      globalAdvantages: batch.numbers(rows, -1, 1),
      entropy: batch.numbers(rows, 0, 2),
    }),
  },
];

/** Sequences from … to − 1 of every operand. */
function part(args: Arguments, from: number, to: number): Arguments {
  const cut = (value: unknown): unknown => {
    if (value instanceof Float64Array) return value.slice(from, to);
    if (!(value instanceof Tensor)) return value;
    return new Tensor(value.data.slice(from * length, to * length), [to - from, length]);
  };
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, cut(value)]));
}

describe.each(splits)('$name in micro-batches', ({ op, gradient, make }) => {
  const modes = [
    'token-mean',
    'seq-mean-token-sum',
    'seq-mean-token-mean',
    'seq-mean-token-sum-norm',
  ] as const;

  test.each(modes)('%s: losses and gradients add up to those of the whole', (aggregation) => {
    for (const seed of seeds) {
      const batch = new Batch(seed);
      const mask = batch.mask();
      const args = { ...make(batch), mask, aggregation };
      const whole = op(args);
      const counts = Array.from({ length: rows }, (_, row) =>
        mask.data.slice(row * length, (row + 1) * length).reduce((a, b) => a + b, 0),
      );
      const numTokens = counts.reduce((a, b) => a + b, 0);
      const numSeqs = counts.filter((n) => n > 0).length;
      const denominators = { numTokens, numSeqs, norm: length };
      let loss = 0;
      const grads: number[] = [];
      for (const [from, to] of [
        [0, 1],
        [1, 4],
        [4, 6],
      ] as const) {
        const piece = op({ ...part(args, from, to), ...denominators });
        loss += piece['loss'] as number;
        grads.push(...(piece[gradient] as Tensor<Float64Array>).data);
      }
      expect(loss).toBeCloseTo(whole['loss'] as number, 12);
      expectClose(grads, (whole[gradient] as Tensor<Float64Array>).data, 14);
    }
  });
});
