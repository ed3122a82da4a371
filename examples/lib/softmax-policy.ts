/** The policy that the token examples train: one softmax over the vocabulary for each context. */
import { Tensor } from 'belfry';
import { tokenLogprob, tokenLogprobBackward } from 'belfry/token';

import { draw, type Random } from './random.js';

export class SoftmaxPolicy {
  /** [contexts, vocabulary], zeros at first: every token is equally likely. */
  readonly logits: Float64Array;
  readonly vocabulary: number;

  constructor(contexts: number, vocabulary: number) {
    this.logits = new Float64Array(contexts * vocabulary);
    this.vocabulary = vocabulary;
  }

  copy(): SoftmaxPolicy {
    const other = new SoftmaxPolicy(this.logits.length / this.vocabulary, this.vocabulary);
    other.logits.set(this.logits);
    return other;
  }

  /** π(· | context). */
  probabilities(context: number, bonus?: ArrayLike<number>): Float64Array {
    const V = this.vocabulary;
    const row = this.logits.slice(context * V, (context + 1) * V);
    if (bonus !== undefined) for (let v = 0; v < V; v++) row[v]! += bonus[v]!;
    const largest = Math.max(...row);
    const weights = row.map((x) => Math.exp(x - largest));
    const total = weights.reduce((sum, x) => sum + x, 0);
    return weights.map((x) => x / total);
  }

  /** A token for the context; `bonus` is added to the logits, as a hint in the prompt would be. */
  sample(context: number, random: Random, bonus?: ArrayLike<number>): number {
    return draw(random, this.probabilities(context, bonus));
  }

  /** [N, V] logits of the contexts, one row for each. */
  rows(contexts: ArrayLike<number>): Tensor<Float64Array> {
    const V = this.vocabulary;
    const data = new Float64Array(contexts.length * V);
    for (let i = 0; i < contexts.length; i++) {
      const from = contexts[i]! * V;
      data.set(this.logits.subarray(from, from + V), i * V);
    }
    return new Tensor(data, [contexts.length, V]);
  }

  /** log π and entropy of `shape` [B, T] tokens in their contexts. */
  score(
    contexts: ArrayLike<number>,
    labels: Int32Array,
    shape: readonly number[],
  ): { logProbs: Tensor<Float64Array>; entropy: Tensor<Float64Array> } {
    const { logProbs, entropy } = tokenLogprob({ logits: this.rows(contexts), labels });
    return { logProbs: new Tensor(logProbs.data, shape), entropy: new Tensor(entropy.data, shape) };
  }

  /** ∂loss/∂logits of the table, from the gradient of the log-probs. */
  gradient(
    contexts: ArrayLike<number>,
    labels: Int32Array,
    gradLogProbs: Tensor<Float64Array>,
  ): Float64Array {
    const grad = gradLogProbs.data;
    const logits = this.rows(contexts);
    const { gradLogits } = tokenLogprobBackward({ logits, labels, gradLogProbs: grad });
    return this.gather(contexts, gradLogits.data);
  }

  /** Sums the gradient of the rows into that of the table. */
  gather(contexts: ArrayLike<number>, gradRows: Float64Array): Float64Array {
    const V = this.vocabulary;
    const gradient = new Float64Array(this.logits.length);
    for (let i = 0; i < gradRows.length; i++) {
      gradient[contexts[Math.floor(i / V)]! * V + (i % V)]! += gradRows[i]!;
    }
    return gradient;
  }

  /** One step of size `rate` against the gradient. */
  descend(gradient: Float64Array, rate: number): void {
    for (let i = 0; i < gradient.length; i++) this.logits[i]! -= rate * gradient[i]!;
  }
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return values.length === 0 ? 0 : sum / values.length;
}
