/** Tokens: rollouts as a trainer logs them, from rewards to per-token advantages, loss and gradient. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { BelfryError } from '../../errors.js';
import { gaePacked, groupAdvantage, policyLoss } from '../../generated/token.js';
import { packageRoot } from '../../native.js';
import { Tensor } from '../../tensor.js';
import { type JobResult, medianSeconds, requireNear } from '../job.js';

interface Rollout {
  prompt_id: number;
  prompt: string;
  completion: string;
  logprobs: number[];
  old_logprobs: number[];
  ref_logprobs: number[];
  /** Probability of ending right, before each token. */
  values: number[];
  reward: number;
}

/** Padded arrays of a batch of rollouts. */
interface Batch {
  shape: [number, number];
  logProbs: Float32Array;
  oldLogProbs: Float32Array;
  refLogProbs: Float32Array;
  mask: Uint8Array;
  rewards: Float32Array;
  groupIds: Int32Array;
  lengths: Int32Array;
}

export function readRollouts(path: string): Rollout[] {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line, i) => {
    try {
      return JSON.parse(line) as Rollout;
    } catch (cause) {
      throw new BelfryError('BELFRY_BAD_FILE', `demo: ${path}:${i + 1} is no JSON object.`, {
        op: 'demo',
        cause,
      });
    }
  });
}

function pad(rollouts: readonly Rollout[]): Batch {
  const length = Math.max(...rollouts.map(({ logprobs }) => logprobs.length));
  const size = rollouts.length * length;
  const place = (pick: (rollout: Rollout) => number[]): Float32Array => {
    const out = new Float32Array(size);
    rollouts.forEach((rollout, b) => out.set(pick(rollout), b * length));
    return out;
  };
  return {
    shape: [rollouts.length, length],
    logProbs: place((r) => r.logprobs),
    oldLogProbs: place((r) => r.old_logprobs),
    refLogProbs: place((r) => r.ref_logprobs),
    mask: Uint8Array.from(place((r) => r.logprobs.map(() => 1))),
    rewards: Float32Array.from(rollouts, ({ reward }) => reward),
    groupIds: Int32Array.from(rollouts, ({ prompt_id }) => prompt_id),
    lengths: Int32Array.from(rollouts, ({ logprobs }) => logprobs.length),
  };
}

export function tokensJob(): JobResult {
  const rollouts = readRollouts(join(packageRoot, 'dist', 'data', 'arithmetic-rollouts.jsonl'));
  const batch = pad(rollouts);
  const tensor = (data: Float32Array): Tensor<Float32Array> => new Tensor(data, batch.shape);
  const step = (): {
    advantages: Float32Array;
    loss: number;
    grad: Float32Array;
    clipFraction: number;
  } => {
    const { advantages } = groupAdvantage({
      rewards: batch.rewards,
      groupIds: batch.groupIds,
      estimator: 'grpo',
    });
    const { loss, gradLogProbs, clipFraction } = policyLoss({
      logProbs: tensor(batch.logProbs),
      oldLogProbs: tensor(batch.oldLogProbs),
      refLogProbs: tensor(batch.refLogProbs),
      advantages,
      mask: { data: batch.mask, shape: batch.shape },
      klCoef: 0.01,
    });
    return { advantages: advantages.data, loss, grad: gradLogProbs.data, clipFraction };
  };
  const { advantages, loss, clipFraction } = step();
  const plain = stepLoop(batch);
  requireNear(loss, plain.loss, 1e-6, 'the policy loss');
  requireNear(
    advantages.reduce((a, b) => a + b, 0),
    0,
    1e-3 * rollouts.length,
    'the sum of the advantages',
  );
  const seconds = medianSeconds(200, step);
  const tokens = batch.lengths.reduce((a, b) => a + b, 0);
  const correct = batch.rewards.reduce((a, b) => a + b, 0) / rollouts.length;
  return {
    rows: [
      {
        job: 'GRPO step on arithmetic rollouts',
        size: `${rollouts.length} rollouts, ${tokens} tokens`,
        seconds,
        speedup: medianSeconds(50, () => stepLoop(batch)) / seconds,
        checked: `loss of the plain loop; ${Math.round(100 * correct)} % correct, ${(100 * clipFraction).toFixed(1)} % clipped`,
      },
    ],
    sections: [heatMap(rollouts)],
  };
}

/** Advantage of each token against the critic's values: which digit helped, and which one lost it. */
function heatMap(rollouts: readonly Rollout[]): JobResult['sections'][number] {
  const shown = rollouts.slice(0, 16);
  const bounds = [0];
  for (const { logprobs } of shown) bounds.push((bounds.at(-1) as number) + logprobs.length);
  const rewards = new Float32Array(bounds.at(-1) as number);
  shown.forEach(({ reward }, i) => {
    rewards[(bounds[i + 1] as number) - 1] = reward;
  });
  const values = Float32Array.from(shown.flatMap((rollout) => rollout.values));
  const { advantages } = gaePacked({
    rewards,
    values,
    cuSeqlens: Int32Array.from(bounds),
    gamma: 1,
    lambda: 0,
  });
  return {
    kind: 'tokens',
    title:
      'Advantage by token: what each digit changed in the chance of being right (γ = 1, λ = 0)',
    rows: shown.map(({ prompt, completion, reward }, i) => ({
      label: prompt,
      tokens: [...completion].slice(0, (bounds[i + 1] as number) - (bounds[i] as number)),
      values: advantages.data.subarray(bounds[i], bounds[i + 1]),
      remark: reward > 0 ? 'right' : 'wrong',
    })),
  };
}

/** The same step as plain loops. */
function stepLoop(batch: Batch): { loss: number } {
  const groups = new Map<number, number[]>();
  batch.groupIds.forEach((id, i) => {
    groups.set(id, [...(groups.get(id) ?? []), i]);
  });
  const advantages = new Float32Array(batch.rewards.length);
  for (const members of groups.values()) {
    const mean = members.reduce((sum, i) => sum + (batch.rewards[i] as number), 0) / members.length;
    const squares = members.reduce((sum, i) => sum + ((batch.rewards[i] as number) - mean) ** 2, 0);
    const std = Math.sqrt(squares / (members.length - 1));
    for (const i of members)
      advantages[i] = squares === 0 ? 0 : ((batch.rewards[i] as number) - mean) / (std + 1e-6);
  }
  const [, length] = batch.shape;
  const grad = new Float32Array(batch.logProbs.length);
  const tokens = batch.lengths.reduce((a, b) => a + b, 0);
  let loss = 0;
  for (let i = 0; i < grad.length; i++) {
    if (batch.mask[i] === 0) continue;
    const advantage = advantages[Math.floor(i / length)] as number;
    const logProb = batch.logProbs[i] as number;
    const ratio = Math.exp(logProb - (batch.oldLogProbs[i] as number));
    const plain = -advantage * ratio;
    const clipped = -advantage * Math.min(Math.max(ratio, 0.8), 1.2);
    const gap = (batch.refLogProbs[i] as number) - logProb;
    const kl = Math.exp(gap) - gap - 1;
    loss += Math.max(plain, clipped) + 0.01 * kl;
    grad[i] = ((clipped > plain ? 0 : plain) + 0.01 * (1 - Math.exp(gap))) / tokens;
  }
  return { loss: loss / tokens };
}
