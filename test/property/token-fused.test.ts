/** Fused losses against the ops they are made of, in one chunk of rows and in several. */
import { describe, expect, test } from 'vitest';
import { Tensor } from '../../src/tensor.js';
import * as token from '../../src/token/index.js';
import { randomSource } from '../../src/tools/random-arguments.js';

const hiddenSize = 2;

interface Layer {
  hidden: Tensor<Float64Array>;
  weight: Tensor<Float64Array>;
  labels: Int32Array;
  logits: Tensor<Float64Array>;
  numbers: (size: number, low: number, high: number) => Float64Array;
}

function makeLayer(count: number, vocabulary: number): Layer {
  const random = randomSource(count + vocabulary);
  const numbers: Layer['numbers'] = (size, low, high) =>
    Float64Array.from({ length: size }, () => low + (high - low) * random());
  const hidden = numbers(count * hiddenSize, -1, 1);
  const weight = numbers(vocabulary * hiddenSize, -1, 1);
  const logits = new Float64Array(count * vocabulary);
  for (let i = 0; i < count; i++) {
    for (let v = 0; v < vocabulary; v++) {
      for (let h = 0; h < hiddenSize; h++) {
        const [x, w] = [hidden[i * hiddenSize + h], weight[v * hiddenSize + h]];
        (logits[i * vocabulary + v] as number) += (x as number) * (w as number);
      }
    }
  }
  return {
    hidden: new Tensor(hidden, [count, hiddenSize]),
    weight: new Tensor(weight, [vocabulary, hiddenSize]),
    labels: Int32Array.from({ length: count }, () => Math.floor(random() * vocabulary)),
    logits: new Tensor(logits, [count, vocabulary]),
    numbers,
  };
}

/** Aᵀ B of A[k,m], B[k,n]. */
function outer(a: Tensor<Float64Array>, b: Tensor<Float64Array>): Float64Array {
  const [k, m] = a.shape as [number, number];
  const n = b.shape[1] as number;
  const out = new Float64Array(m * n);
  for (let i = 0; i < k; i++) {
    for (let v = 0; v < m; v++) {
      for (let h = 0; h < n; h++) {
        (out[v * n + h] as number) += (a.data[i * m + v] as number) * (b.data[i * n + h] as number);
      }
    }
  }
  return out;
}

function expectClose(got: Float64Array, want: Float64Array): void {
  expect(got.length).toBe(want.length);
  let worst = 0;
  got.forEach((x, i) => {
    worst = Math.max(worst, Math.abs(x - (want[i] as number)));
  });
  expect(worst).toBeLessThan(1e-12);
}

// With 400 000 words a chunk holds 20 rows.
describe.each([17, 400_000])('%i words', (vocabulary) => {
  const [rows, length] = [6, 4];
  const count = rows * length;
  const made = makeLayer(count, vocabulary);
  const { hidden, weight, labels, logits, numbers } = made;
  labels[5] = -100;
  const mask = new Tensor(
    Uint8Array.from({ length: count }, (_, i) => Number(i % 5 > 0)),
    [rows, length],
  );

  test('fusedLinearLogprob is tokenLogprob of the layer', () => {
    const gradLogProbs = numbers(count, -1, 1);
    const gradEntropy = numbers(count, -1, 1);
    const fused = token.fusedLinearLogprob({ hidden, weight, labels, gradLogProbs, gradEntropy });
    const plain = token.tokenLogprob({ logits, labels });
    const back = token.tokenLogprobBackward({ logits, labels, gradLogProbs, gradEntropy });
    expectClose(fused.logProbs.data, plain.logProbs.data);
    expectClose(fused.entropy.data, plain.entropy.data);
    const gradLogits = back.gradLogits as Tensor<Float64Array>;
    expectClose((fused.gradWeight as Tensor<Float64Array>).data, outer(gradLogits, hidden));
    const ahead = token.fusedLinearLogprob({ hidden, weight, labels });
    expect(ahead.logProbs.data).toEqual(fused.logProbs.data);
    expect(ahead.gradWeight).toBeUndefined();
  });

  test.each(['ppo_clip', 'gspo', 'vespo'] as const)('fusedLinearPolicyLoss %s', (kind) => {
    const logProbs = token.tokenLogprob({ logits, labels });
    const near = (): Tensor<Float64Array> => {
      const shift = numbers(count, -0.3, 0.3);
      const moved = logProbs.logProbs.data.map((x, i) => x + (shift[i] as number));
      return new Tensor(moved, [rows, length]);
    };
    const advantages = numbers(rows, -1, 1);
    const options = { kind, klCoef: 0.1, entropyCoef: 0.05 };
    const shared = { ...options, advantages, oldLogProbs: near(), refLogProbs: near() };
    const fused = token.fusedLinearPolicyLoss({ ...shared, hidden, weight, labels, mask });
    const labelled = Uint8Array.from(mask.data, (flag, i) => Number(flag && labels[i] !== -100));
    const plain = token.policyLoss({
      ...shared,
      logProbs: new Tensor(logProbs.logProbs.data, [rows, length]),
      entropy: new Tensor(logProbs.entropy.data, [rows, length]),
      mask: new Tensor(labelled, [rows, length]),
    });
    expect(fused.loss).toBeCloseTo(plain.loss, 12);
    expectClose(fused.logProbs.data, logProbs.logProbs.data);
    const { weights } = token.aggregateLoss({
      values: plain.gradLogProbs,
      mask: new Tensor(labelled, [rows, length]),
      mode: kind === 'gspo' ? 'seq-mean-token-mean' : 'token-mean',
    });
    const back = token.tokenLogprobBackward({
      logits,
      labels,
      gradLogProbs: plain.gradLogProbs.data,
      gradEntropy: weights.data.map((w) => -0.05 * w),
    });
    const gradLogits = back.gradLogits as Tensor<Float64Array>;
    expectClose(fused.gradWeight.data, outer(gradLogits, hidden));
  });
});
