/** The policy: two dense layers in TensorFlow.js, from the characters so far to the next one. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

import './gradients.js';
import { maxTokens, type Prompt, vocabulary } from './task.js';

const V: number = vocabulary.length;
/** One-hot: both digits of the prompt, the place in the answer, the character before (or none). */
const inputs: number = 10 + 10 + maxTokens + V + 1;

/** What the policy sees before it writes token `t`. */
export function writeContext(
  row: Float32Array,
  { a, b }: Prompt,
  t: number,
  previous: number | undefined,
): void {
  row.fill(0);
  row[a] = 1;
  row[10 + b] = 1;
  row[20 + t] = 1;
  row[20 + maxTokens + (previous ?? V)] = 1;
}

export function contexts(count: number): { data: Float32Array; row(i: number): Float32Array } {
  const data = new Float32Array(count * inputs);
  return { data, row: (i) => data.subarray(i * inputs, (i + 1) * inputs) };
}

export class Policy {
  readonly variables: tf.Variable[];

  constructor(hidden: number, seed: number) {
    const weights = (rows: number, columns: number, offset: number) =>
      tf.variable(tf.randomNormal([rows, columns], 0, 1 / Math.sqrt(4), 'float32', seed + offset));
    this.variables = [
      weights(inputs, hidden, 1),
      tf.variable(tf.zeros([hidden])),
      tf.variable(tf.mul(weights(hidden, V, 2), 0.1)),
      tf.variable(tf.zeros([V])),
    ];
  }

  /** [N, V] logits of N contexts. */
  logits(data: Float32Array): tf.Tensor2D {
    const [w1, b1, w2, b2] = this.variables as unknown as [
      tf.Tensor2D,
      tf.Tensor1D,
      tf.Tensor2D,
      tf.Tensor1D,
    ];
    const x = tf.tensor2d(data, [data.length / inputs, inputs]);
    const h = tf.relu(tf.add(tf.matMul(x, w1), b1)) as tf.Tensor2D;
    return tf.add(tf.matMul(h, w2), b2);
  }
}
