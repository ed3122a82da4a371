/**
 * The plain TypeScript a user would write: one loop over typed arrays, same values as the engine.
 * Benchmarks check the engine against these before they time both.
 */

/** A_t and returns of [B, T] rows with a discount per token; V after the last token is 0. */
export function gaeLoop(
  rewards: Float32Array,
  values: Float32Array,
  gammas: Float32Array,
  lambda: number,
  length: number,
  advantages: Float32Array,
  returns: Float32Array,
): void {
  for (let end = rewards.length; end > 0; end -= length) {
    let next = 0;
    let carry = 0;
    for (let i = end - 1; i >= end - length; i--) {
      const gamma = gammas[i] as number;
      const value = values[i] as number;
      carry = (rewards[i] as number) + gamma * next - value + gamma * lambda * carry;
      next = value;
      advantages[i] = carry;
      returns[i] = carry + value;
    }
  }
}

/** (r − mean)/(std + eps) in consecutive groups. */
export function groupAdvantageLoop(
  rewards: Float32Array,
  group: number,
  eps: number,
  out: Float32Array,
): void {
  for (let start = 0; start < rewards.length; start += group) {
    let sum = 0;
    for (let i = start; i < start + group; i++) sum += rewards[i] as number;
    const mean = sum / group;
    let squares = 0;
    for (let i = start; i < start + group; i++) squares += ((rewards[i] as number) - mean) ** 2;
    const scale = 1 / (Math.sqrt(squares / (group - 1)) + eps);
    for (let i = start; i < start + group; i++) out[i] = ((rewards[i] as number) - mean) * scale;
  }
}

/** PPO clip with token mean; returns the loss. */
export function ppoClipLoop(
  logProbs: Float32Array,
  oldLogProbs: Float32Array,
  advantages: Float32Array,
  mask: Uint8Array,
  clip: number,
  grad: Float32Array,
): number {
  let tokens = 0;
  for (let i = 0; i < mask.length; i++) tokens += mask[i] as number;
  let loss = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) {
      grad[i] = 0;
      continue;
    }
    const advantage = advantages[i] as number;
    const ratio = Math.exp((logProbs[i] as number) - (oldLogProbs[i] as number));
    const clipped = Math.min(Math.max(ratio, 1 - clip), 1 + clip);
    const plain = -advantage * ratio;
    const bounded = -advantage * clipped;
    loss += Math.max(plain, bounded);
    grad[i] = bounded > plain ? 0 : plain / tokens;
  }
  return loss / tokens;
}

/** One synchronous optimality sweep; returns max |V' − V|. */
export function sweepLoop(
  rowPtr: Int32Array,
  col: Int32Array,
  prob: Float64Array,
  rewards: Float64Array,
  numActions: number,
  gamma: number,
  values: Float64Array,
  out: Float64Array,
): void {
  for (let s = 0, row = 0; s < values.length; s++) {
    let best = Number.NEGATIVE_INFINITY;
    for (let a = 0; a < numActions; a++, row++) {
      let sum = 0;
      const end = rowPtr[row + 1] as number;
      for (let e = rowPtr[row] as number; e < end; e++) {
        sum += (prob[e] as number) * (values[col[e] as number] as number);
      }
      best = Math.max(best, (rewards[row] as number) + gamma * sum);
    }
    out[s] = best;
  }
}

/** One synchronous optimality sweep of a deterministic model; −1 ends the episode. */
export function deterministicSweepLoop(
  nextStates: Int32Array,
  rewards: Float64Array,
  numActions: number,
  gamma: number,
  values: Float64Array,
  out: Float64Array,
): void {
  for (let s = 0, row = 0; s < out.length; s++) {
    let best = Number.NEGATIVE_INFINITY;
    for (let a = 0; a < numActions; a++, row++) {
      const to = nextStates[row] as number;
      const next = to < 0 ? 0 : (values[to] as number);
      const q = (rewards[row] as number) + gamma * next;
      if (q > best) best = q;
    }
    out[s] = best;
  }
}

/** The same for a board of `width` columns, every move −1, the last state the end: no tables. */
export function boardSweepLoop(
  width: number,
  gamma: number,
  values: Float64Array,
  out: Float64Array,
): void {
  const height = values.length / width;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const s = y * width + x;
      const own = values[s] as number;
      const up = y > 0 ? (values[s - width] as number) : own;
      const down = y < height - 1 ? (values[s + width] as number) : own;
      const left = x > 0 ? (values[s - 1] as number) : own;
      const right = x < width - 1 ? (values[s + 1] as number) : own;
      let best = up > down ? up : down;
      if (left > best) best = left;
      if (right > best) best = right;
      out[s] = -1 + gamma * best;
    }
  }
  out[out.length - 1] = 0;
}

/** Log-probability of each label and entropy of each row of [N, V] logits. */
export function tokenLogprobLoop(
  logits: Float32Array,
  labels: Int32Array,
  vocabulary: number,
  logProbs: Float32Array,
  entropy: Float32Array,
): void {
  for (let row = 0; row < labels.length; row++) {
    const start = row * vocabulary;
    let max = Number.NEGATIVE_INFINITY;
    for (let i = start; i < start + vocabulary; i++) max = Math.max(max, logits[i] as number);
    let sum = 0;
    let weighted = 0;
    for (let i = start; i < start + vocabulary; i++) {
      const shifted = (logits[i] as number) - max;
      const e = Math.exp(shifted);
      sum += e;
      weighted += e * shifted;
    }
    const lse = Math.log(sum);
    logProbs[row] = (logits[start + (labels[row] as number)] as number) - max - lse;
    entropy[row] = lse - weighted / sum;
  }
}

export interface LoopLayer {
  weight: Float32Array;
  bias: Float32Array;
  inputs: number;
  outputs: number;
}

/** Mish network, linear last layer. */
export function mlpLoop(
  layers: readonly LoopLayer[],
  x: Float32Array,
  batch: number,
): Float32Array {
  let h = x;
  layers.forEach(({ weight, bias, inputs, outputs }, layer) => {
    const next = new Float32Array(batch * outputs);
    for (let b = 0; b < batch; b++) {
      for (let o = 0; o < outputs; o++) {
        let sum = bias[o] as number;
        for (let i = 0; i < inputs; i++)
          sum += (weight[o * inputs + i] as number) * (h[b * inputs + i] as number);
        next[b * outputs + o] = layer < layers.length - 1 ? mish(sum) : sum;
      }
    }
    h = next;
  });
  return h;
}

function mish(x: number): number {
  if (x > 20) return x;
  const w = Math.exp(x);
  const t = w * (w + 2);
  return (x * t) / (t + 2);
}
