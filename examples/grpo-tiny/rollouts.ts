/** Samples answers, `perPrompt` to each prompt, and scores them: a batch for `Grpo`. */

import * as tf from '@tensorflow/tfjs-core';
import { Tensor } from 'belfry';
import { tokenLogprob } from 'belfry/token';

import { contexts, type Policy, writeContext } from './policy.js';
import { maxTokens, type Prompt, reward, stop, vocabulary } from './task.js';

const T = maxTokens;
const V: number = vocabulary.length;

export interface Rollouts {
  /** Contexts of all B·T tokens, what the policy saw. */
  seen: Float32Array;
  /** [B·T] tokens taken; after the full stop, whatever. */
  labels: Int32Array;
  /** [B, T] 1 up to the full stop. */
  mask: Tensor<Uint8Array>;
  /** [B, T] */
  oldLogProbs: Tensor<Float32Array>;
  rewards: Float32Array;
  groupIds: Int32Array;
  /** Share of answers that are right. */
  success: number;
}

export function sample(
  policy: Policy,
  prompts: readonly Prompt[],
  perPrompt: number,
  random: () => number,
): Rollouts {
  const B = prompts.length * perPrompt;
  const all = contexts(B * T);
  const labels = new Int32Array(B * T);
  const mask = new Uint8Array(B * T);
  const oldLogProbs = new Float32Array(B * T);
  const answers: number[][] = Array.from({ length: B }, () => []);
  for (let t = 0; t < T; t += 1) {
    const now = contexts(B);
    for (let i = 0; i < B; i += 1) {
      writeContext(now.row(i), prompts[Math.floor(i / perPrompt)]!, t, answers[i]![t - 1]);
      all.row(i * T + t).set(now.row(i));
    }
    const logits = tf.tidy(() => policy.logits(now.data).dataSync() as Float32Array);
    const taken = Int32Array.from({ length: B }, (_, i) => draw(logits, i * V, random));
    const { logProbs } = tokenLogprob({ logits: new Tensor(logits, [B, V]), labels: taken });
    for (let i = 0; i < B; i += 1) {
      const answer = answers[i]!;
      labels[i * T + t] = taken[i]!;
      if (answer.at(-1) === stop) continue;
      answer.push(taken[i]!);
      mask[i * T + t] = 1;
      oldLogProbs[i * T + t] = logProbs.data[i]!;
    }
  }
  const rewards = Float32Array.from(answers, (answer, i) =>
    reward(prompts[Math.floor(i / perPrompt)]!, answer),
  );
  return {
    seen: all.data,
    labels,
    mask: new Tensor(mask, [B, T]),
    oldLogProbs: new Tensor(oldLogProbs, [B, T]),
    rewards,
    groupIds: Int32Array.from({ length: B }, (_, i) => Math.floor(i / perPrompt)),
    success: rewards.filter((value) => value === 1).length / B,
  };
}

/** A token from the softmax of a row: the largest of logits with Gumbel noise. */
function draw(logits: Float32Array, offset: number, random: () => number): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (let v = 0; v < V; v += 1) {
    const value = logits[offset + v]! - Math.log(-Math.log(random() || 1e-12));
    if (value > most) [best, most] = [v, value];
  }
  return best;
}
