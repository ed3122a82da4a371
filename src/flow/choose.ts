/** Networks evaluated from TypeScript, and the choice among candidate actions by two critics. */
import { type MlpArgs, mlp } from '../generated/flow.js';
import { type Parameters, widthsOf } from '../network-files.js';
import type { Placement } from '../placement.js';
import { Tensor } from '../tensor.js';
import type { Actions } from './flow-policy.js';

type ActivationName = NonNullable<MlpArgs['activations']>[number];

/** Networks, and where they lie. */
export interface Evaluated {
  parameters: Parameters;
  activation: ActivationName;
  placement: Placement;
}

/** Outputs [rows, out] of the network whose operands begin with `prefix`, as `targetCritic1`. */
export function evaluate(
  { parameters, activation, placement }: Evaluated,
  prefix: string,
  x: Tensor<Float32Array>,
): Tensor<Float32Array> {
  const layers = widthsOf(parameters, prefix).length - 1;
  const args: Record<string, unknown> = { ...placement.where, x, outputs: ['y'] };
  for (let i = 0; i < layers; i++) {
    args[`weight${i}`] = parameters[`${prefix}Weight${i}`];
    args[`bias${i}`] = parameters[`${prefix}Bias${i}`];
  }
  args['activations'] = Array.from({ length: layers }, (_, i) =>
    i + 1 < layers ? activation : 'identity',
  );
  return mlp<Float32Array>(args as unknown as MlpArgs<Float32Array>).y;
}

/** Rows of arrays side by side, each [rows, its width]; one row stands for all. */
export function sideBySide(
  rows: number,
  parts: readonly { data: Float32Array; width: number; group?: number }[],
): Tensor<Float32Array> {
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  const out = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    let at = row * width;
    for (const part of parts) {
      const from = Math.floor(row / (part.group ?? 1)) * part.width;
      out.set(part.data.subarray(from, from + part.width), at);
      at += part.width;
    }
  }
  return new Tensor(out, [rows, width]);
}

/** One number of each candidate from the values of both critics. */
export type Score = (q1: number, q2: number) => number;

/** Index of one of these candidates. */
export type Select = (scores: Float32Array) => number;

/** Of `count` scores from `first` on the largest, the first of equal ones; NaN never wins. */
export function largest(scores: Float32Array, first = 0, count: number = scores.length): number {
  let best = 0;
  for (let i = 1; i < count; i++) {
    const [now, held] = [scores[first + i] as number, scores[first + best] as number];
    if (now > held || (Number.isNaN(held) && !Number.isNaN(now))) best = i;
  }
  return best;
}

/** Of `count` scores from `first` on one by their softmax, with `uniform` in [0, 1). */
export function softmaxDraw(
  scores: Float32Array,
  uniform: number,
  first = 0,
  count: number = scores.length,
): number {
  const best = largest(scores, first, count);
  const highest = scores[first + best] as number;
  const weight = (i: number): number => Math.exp((scores[first + i] as number) - highest) || 0;
  let left = 0;
  for (let i = 0; i < count; i++) left += weight(i);
  left *= uniform;
  for (let i = 0; i < count; i++) {
    left -= weight(i);
    if (left < 0) return i;
  }
  return best;
}

/** The candidates [B, M, D] with their values by the target critics, and one of each state. */
export function choose(
  networks: Evaluated,
  observations: { data: Float32Array; width: number },
  candidates: Tensor<Float32Array>,
  score: Score,
  select: Select,
): Actions {
  const [batch = 0, draws = 0, width = 0] = candidates.shape;
  const inputs = sideBySide(batch * draws, [
    { ...observations, group: draws },
    { data: candidates.data, width },
  ]);
  const q1 = evaluate(networks, 'targetCritic1', inputs).data;
  const q2 = evaluate(networks, 'targetCritic2', inputs).data;
  const qMin = q1.map((q, i) => Math.min(q, q2[i] as number));
  const scores = q1.map((q, i) => score(q, q2[i] as number));
  const actions = new Float32Array(batch * width);
  for (let row = 0; row < batch && draws > 0; row++) {
    const index = row * draws + select(scores.subarray(row * draws, (row + 1) * draws));
    actions.set(candidates.data.subarray(index * width, (index + 1) * width), row * width);
  }
  return {
    actions: new Tensor(actions, [batch, width]),
    candidates,
    qMin: new Tensor(qMin, [batch, draws]),
  };
}
