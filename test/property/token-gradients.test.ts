/** Gradients of the policy losses against central differences in float64, padded batches with masks. */
import { describe, expect, test } from 'vitest';
import { Tensor } from '../../src/tensor.js';
import { policyLoss } from '../../src/token/index.js';
import { randomSource } from '../../src/tools/random-arguments.js';

type PolicyArguments = Parameters<typeof policyLoss<Float64Array>>[0];

const rows = 4;
const length = 7;
const count = rows * length;

function batch(seed: number, kind: NonNullable<PolicyArguments['kind']>): PolicyArguments {
  const random = randomSource(seed);
  const array = (low: number, high: number): Float64Array =>
    Float64Array.from({ length: count }, () => low + (high - low) * random());
  const shaped = (data: Float64Array): Tensor<Float64Array> => new Tensor(data, [rows, length]);
  const logProbs = array(-2, 0);
  const shift = array(-0.5, 0.5);
  const mask = Uint8Array.from({ length: count }, (_, i) =>
    i < length ? 0 : Number(random() < 0.8),
  );
  return {
    kind,
    logProbs: shaped(logProbs),
    oldLogProbs: shaped(logProbs.map((x, i) => x + (shift[i] as number))),
    advantages: shaped(array(-1, 1)),
    refLogProbs: shaped(array(-2, 0)),
    importanceWeights: shaped(array(0.5, 1.5)),
    mask: { data: mask, shape: [rows, length] },
    klCoef: 0.1,
  };
}

/** ∂loss/∂logProbs[i] by central differences. */
function differences(args: PolicyArguments): Float64Array {
  const step = 1e-6;
  const data = (args.logProbs as Tensor<Float64Array>).data;
  const at = (i: number, x: number): number => {
    const moved = data.slice();
    moved[i] = x;
    return policyLoss({ ...args, logProbs: new Tensor(moved, [rows, length]) }).loss;
  };
  return data.map((x, i) => (at(i, x + step) - at(i, x - step)) / (2 * step));
}

describe('policyLoss', () => {
  // cispo, cispo_abs and vespo hold a factor constant, and kl_cov's and clip_cov's choice of tokens
  // depends on the log-probabilities: their loss is not the integral of their gradient.
  test.each(['ppo_clip', 'reinforce', 'sapo'] as const)('%s', (kind) => {
    for (const seed of [1, 2, 3]) {
      const args = batch(seed, kind);
      const { gradLogProbs } = policyLoss(args);
      differences(args).forEach((want, i) => expect(gradLogProbs.data[i]).toBeCloseTo(want, 6));
    }
  });

  test.each(['gspo', 'luspo', 'gmpo'] as const)('%s, whose ratio is the sequence’s', (kind) => {
    for (const seed of [1, 2, 3]) {
      const { importanceWeights: _, ...args } = batch(seed, kind);
      const tokens = args.advantages as Tensor<Float64Array>;
      // One advantage a sequence: with one a token, gspo's gradient is taken term by term.
      const advantages = Float64Array.from(
        { length: rows },
        (_unused, b) => tokens.data[b] as number,
      );
      const call = { ...args, advantages: new Tensor(advantages) };
      const { gradLogProbs } = policyLoss(call);
      differences(call).forEach((want, i) => expect(gradLogProbs.data[i]).toBeCloseTo(want, 6));
    }
  });
});
