/** `belfry/tfjs` with the packages that bring TensorFlow.js: `@tensorflow/tfjs`, the core, or neither. */
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import { Tensor } from 'belfry';
import { Grpo } from 'belfry/token';
import { beforeAll, describe, expect, test, vi } from 'vitest';

const shape = [4, 3];
const oldLogProbs = new Tensor(
  Float32Array.from({ length: 12 }, (_, i) => -1 - 0.1 * i),
  shape,
);
const advantages = Float32Array.of(1, -1, 0.5, -2);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('a network of the umbrella package', () => {
  const layers = tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, inputShape: [5], activation: 'tanh' }),
      tf.layers.dense({ units: 3 }),
    ],
  });
  const inputs = tf.tensor2d(
    Array.from({ length: 20 }, (_, i) => Math.sin(i)),
    [4, 5],
  );
  const logProbs = (): tf.Tensor => tf.sub(layers.predict(inputs) as tf.Tensor, 1.5);

  test('its gradient is that of the same loss written in TensorFlow.js', async () => {
    const { tfLoss } = await import('belfry/tfjs');
    const grpo = new Grpo({ klCoef: 0, aggregation: 'token-mean' });
    const ours = tfLoss((x) => grpo.loss({ logProbs: x, oldLogProbs, advantages }));
    const theirs = (x: tf.Tensor): tf.Scalar => {
      const ratio = tf.exp(tf.sub(x, tf.tensor(oldLogProbs.data, [4, 3])));
      const a = tf.tensor2d(advantages, [4, 1]);
      const clipped = tf.mul(tf.clipByValue(ratio, 0.8, 1.2), a);
      return tf.neg(tf.mean(tf.minimum(tf.mul(ratio, a), clipped))) as tf.Scalar;
    };
    const one = tf.variableGrads(() => ours(logProbs()));
    const other = tf.variableGrads(() => theirs(logProbs()));
    expect(one.value.dataSync()[0]).toBeCloseTo(other.value.dataSync()[0] as number, 5);
    expect(Object.keys(one.grads).length).toBe(4);
    let largest = 0;
    for (const [name, gradient] of Object.entries(one.grads)) {
      const expected = (other.grads[name] as tf.Tensor).dataSync();
      gradient.dataSync().forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i] as number, 5);
        largest = Math.max(largest, Math.abs(value));
      });
    }
    expect(largest).toBeGreaterThan(0.01);
  });

  test('an optimiser of the package brings the loss down', async () => {
    const { tfLoss } = await import('belfry/tfjs');
    const grpo = new Grpo({ klCoef: 0, clipLow: null, clipHigh: 1e30 });
    const loss = tfLoss((x) => grpo.loss({ logProbs: x, oldLogProbs, advantages }));
    const optimizer = tf.train.adam(0.05);
    const value = (): number => loss(logProbs()).dataSync()[0] as number;
    const before = value();
    for (let step = 0; step < 20; step++) optimizer.minimize(() => loss(logProbs()));
    expect(value()).toBeLessThan(before - 0.5);
  });
});

/** The adapter where only the packages named are installed; `broken` ones lack a part of their own. */
async function adapter(installed: readonly string[], broken: readonly string[] = []) {
  const asked: string[] = [];
  const missing = (what: string) =>
    Object.assign(new Error(`Cannot find module '${what}'`), { code: 'MODULE_NOT_FOUND' });
  vi.resetModules();
  vi.doMock('node:module', () => ({
    createRequire: (url: string) => {
      const real = createRequire(url);
      const resolve = (name: string): string => {
        if (name.startsWith('@tensorflow/') && !installed.includes(name)) throw missing(name);
        return real.resolve(name);
      };
      const load = (name: string): unknown => {
        if (broken.includes(name)) throw missing('a-part-of-it');
        if (name.startsWith('@tensorflow/')) asked.push(name);
        return real(resolve(name));
      };
      return Object.assign(load, { resolve });
    },
  }));
  try {
    return { ...(await import('belfry/tfjs')), asked };
  } finally {
    vi.doUnmock('node:module');
  }
}

describe('which package is loaded', () => {
  const zeros = new Tensor(new Float32Array(2), [2]);

  test('the umbrella package before the core', async () => {
    const { toTf, asked } = await adapter(['@tensorflow/tfjs-core', '@tensorflow/tfjs']);
    expect(toTf(zeros).shape).toEqual([2]);
    expect(asked).toEqual(['@tensorflow/tfjs']);
  });

  test('the core where it is alone', async () => {
    const { toTf, asked } = await adapter(['@tensorflow/tfjs-core']);
    expect(toTf(zeros).shape).toEqual([2]);
    expect(asked).toEqual(['@tensorflow/tfjs-core']);
  });

  test('neither: the error names the package to install', async () => {
    const { toTf } = await adapter([]);
    expect(() => toTf(zeros)).toThrowError(
      expect.objectContaining({
        code: 'BELFRY_LOAD_FAILED',
        message: expect.stringContaining('npm install @tensorflow/tfjs'),
      }),
    );
  });

  test('a broken package is not taken for one that is missing', async () => {
    const both = ['@tensorflow/tfjs', '@tensorflow/tfjs-core'];
    const { toTf } = await adapter(both, ['@tensorflow/tfjs']);
    expect(() => toTf(zeros)).toThrowError(/a-part-of-it/);
  });
});
