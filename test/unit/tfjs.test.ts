/** `belfry/tfjs`: the loss is a TensorFlow.js function, its gradient the op's. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { Tensor } from 'belfry';
import { fromTf, tfLoss, toTf } from 'belfry/tfjs';
import { Grpo, valueLoss } from 'belfry/token';
import { expect, test } from 'vitest';

const oldLogProbs = new Tensor(Float32Array.of(-1, -2, -0.5, -1.5), [2, 2]);
const advantages = Float32Array.of(1, -1);

test('value and gradient are those of the op, times what comes from above', () => {
  const grpo = new Grpo({ klCoef: 0 });
  const x = tf.tensor2d([-0.9, -2.1, -0.6, -1.2], [2, 2]);
  const direct = grpo.loss({ logProbs: fromTf(x), oldLogProbs, advantages });
  const loss = tfLoss((logProbs) => grpo.loss({ logProbs, oldLogProbs, advantages }));
  expect(loss(x).dataSync()[0]).toBe(Math.fround(direct.loss));
  const gradient = tf.grad((y: tf.Tensor) => loss(y))(x, tf.scalar(2));
  expect([...gradient.dataSync()]).toEqual([...direct.gradLogProbs.data].map((g) => 2 * g));
});

test('any output can be the gradient', () => {
  const returns = new Tensor(Float32Array.of(1, 2), [1, 2]);
  const loss = tfLoss((values) => valueLoss({ values, returns }), 'gradValues');
  const gradient = tf.grad((y: tf.Tensor) => loss(y))(tf.tensor2d([0, 0], [1, 2]));
  expect([...gradient.dataSync()]).toEqual([-0.5, -1]);
});

test('tensors go there and back', () => {
  const there = toTf(oldLogProbs);
  expect(there.shape).toEqual([2, 2]);
  expect(fromTf(there).data).toEqual(oldLogProbs.data);
});

test('an error of the loss reaches the caller', () => {
  const loss = tfLoss((logProbs) =>
    new Grpo({ klCoef: 0 }).loss({ logProbs, oldLogProbs, advantages }),
  );
  expect(() => loss(tf.tensor2d([1, 2], [1, 2]))).toThrowError(/oldLogProbs/);
});

test('a gradient that the loss does not have is refused by name', () => {
  const grpo = new Grpo({ klCoef: 0 });
  const compute = (logProbs: Tensor) => grpo.loss({ logProbs, oldLogProbs, advantages }) as never;
  expect(() => tfLoss(compute, 'gradLogits')(tf.tensor2d([0, 0, 0, 0], [2, 2]))).toThrowError(
    /gradLogits.*gradLogProbs/,
  );
});
