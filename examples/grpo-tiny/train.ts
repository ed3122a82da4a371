/**
 * A complete GRPO run: a small policy learns to add two digits from rewards alone.
 *
 * TensorFlow.js has the network and the optimiser; log-probabilities, advantages, the clipped loss
 * and its gradient are this package's.
 */

import * as tf from '@tensorflow/tfjs-core';
import { tfLoss } from 'belfry/tfjs';
import { Grpo } from 'belfry/token';

import { seeded } from '../lib/random.js';
import { Policy } from './policy.js';
import { sample } from './rollouts.js';
import { prompts } from './task.js';

export interface TrainOptions {
  /** Batches sampled. Default 200. */
  updates?: number;
  /** Answers to each prompt. Default 8. */
  perPrompt?: number;
  /** Steps of the optimiser on each batch. Default 2. */
  epochs?: number;
  seed?: number;
  onUpdate?: (update: number, success: number) => void;
}

/** @returns success rate of each batch, as it was sampled */
export async function train(options: TrainOptions = {}): Promise<number[]> {
  const { updates = 200, perPrompt = 8, epochs = 2, seed = 1, onUpdate } = options;
  await tf.setBackend('cpu');
  const random = seeded(seed);
  const policy = new Policy(64, seed);
  const optimizer = tf.train.adam(0.02);
  // Without the bonus the policy soon says one thing to every prompt and stops learning.
  const grpo = new Grpo({
    aggregation: 'token-mean',
    clipHigh: 0.28,
    klCoef: 0,
    entropyCoef: 0.2,
  });
  const curve: number[] = [];
  for (let update = 0; update < updates; update += 1) {
    const { seen, success, ...batch } = sample(policy, prompts, perPrompt, random);
    curve.push(success);
    onUpdate?.(update, success);
    const { advantages } = grpo.advantages(batch);
    const loss = tfLoss(
      (logits) => grpo.lossFromLogits({ ...batch, advantages, logits }),
      'gradLogits',
    );
    for (let epoch = 0; epoch < epochs; epoch += 1) {
      optimizer.minimize(() => loss(policy.logits(seen)), false, policy.variables);
    }
  }
  for (const variable of policy.variables) variable.dispose();
  optimizer.dispose();
  return curve;
}
