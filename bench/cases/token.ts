/** The token family's fixed workloads. */
import { hash, uniformArray } from '../../src/demo/generator.js';
import {
  gae,
  groupAdvantage,
  policyLoss,
  policyLossPacked,
  tokenLogprob,
  tokenLogprobBackward,
} from '../../src/generated/token.js';
import { Tensor } from '../../src/tensor.js';
import type { BenchCase, Workload } from '../harness.js';
import * as loops from '../reference/loops.js';
import { near, sameArrays } from './checks.js';

/** W3g: GAE over 512 x 4096 with terminations. */
const gaeWorkload: Workload = () => [gaeCase(512, 4096), gaeCase(8, 128), callCase()];

/** What a synchronous call with `out` costs when there is nothing to compute. */
function callCase(): BenchCase {
  const { reference, peers, ...call } = gaeCase(1, 1);
  return { ...call, name: 'B=1 T=1: cost of a call', bytes: 0, flops: 0 };
}

function gaeCase(rows: number, length: number): BenchCase {
  const count = rows * length;
  const shape = [rows, length];
  const rewards = uniformArray(30, count, -0.5, 0.5);
  const values = uniformArray(31, count, -0.5, 0.5);
  const gammas = Float32Array.from({ length: count }, (_, i) =>
    hash(32, i) % 100 === 0 ? 0 : 0.99,
  );
  const got = [new Float32Array(count), new Float32Array(count)] as const;
  const want = [new Float32Array(count), new Float32Array(count)] as const;
  const args = {
    rewards: new Tensor(rewards, shape),
    values: new Tensor(values, shape),
    gammaTokens: new Tensor(gammas, shape),
    lambda: 0.95,
    out: { advantages: new Tensor(got[0], shape), returns: new Tensor(got[1], shape) },
  };
  const loop = (): void => loops.gaeLoop(rewards, values, gammas, 0.95, length, want[0], want[1]);
  return {
    family: 'token',
    op: 'gae',
    name: `B=${rows} T=${length} float32`,
    bytes: 20 * count,
    flops: 6 * count,
    run: () => gae(args),
    reference: { name: 'TypeScript loop', run: loop },
    check: () => {
      loop();
      gae(args);
      sameArrays(got[0], want[0], 1e-5, 'advantages');
    },
    peers: {
      programs: ['python'],
      workload: 'gae',
      sizes: [rows, length],
      sample: () => got[0],
      tolerance: 1e-5,
    },
  };
}

/** W3r: a million scores in consecutive groups of 16. */
const groupWorkload: Workload = () => {
  const count = 1_000_000;
  const rewards = uniformArray(40, count, 0, 1);
  const groupIds = Int32Array.from({ length: count }, (_, i) => i >> 4);
  const got = new Float32Array(count);
  const want = new Float32Array(count);
  const args = {
    rewards,
    groupIds,
    estimator: 'grpo' as const,
    out: { advantages: new Tensor(got) },
  };
  const loop = (): void => loops.groupAdvantageLoop(rewards, 16, 1e-6, want);
  return [
    {
      family: 'token',
      op: 'group_advantage',
      name: 'n=1e6, groups of 16, grpo',
      bytes: 12 * count,
      flops: 8 * count,
      run: () => groupAdvantage(args),
      reference: { name: 'TypeScript loop', run: loop },
      check: () => {
        loop();
        groupAdvantage(args);
        sameArrays(got, want, 2e-5, 'advantages');
      },
      peers: {
        programs: ['python'],
        workload: 'groups',
        sizes: [count, 16],
        sample: () => got,
        tolerance: 1e-5,
      },
    },
  ];
};

/** W3p: PPO clip of four million tokens, loss and gradient. */
const ppoWorkload: Workload = () => {
  const count = 4_000_000;
  const shape = [1000, 4000];
  const logProbs = uniformArray(50, count, -3, 0);
  const shift = uniformArray(51, count, -0.4, 0.4);
  const oldLogProbs = logProbs.map((x, i) => x + (shift[i] as number));
  const advantages = uniformArray(52, count, -1, 1);
  const mask = Uint8Array.from({ length: count }, (_, i) => (hash(53, i) % 10 === 0 ? 0 : 1));
  const got = new Float32Array(count);
  const want = new Float32Array(count);
  const args = {
    logProbs: new Tensor(logProbs, shape),
    oldLogProbs: new Tensor(oldLogProbs, shape),
    advantages: new Tensor(advantages, shape),
    mask: new Tensor(mask, shape),
    outputs: ['loss', 'gradLogProbs', 'clipFraction', 'approxKl'] as const,
    out: { gradLogProbs: new Tensor(got, shape) },
  };
  let loss = 0;
  const loop = (): number => loops.ppoClipLoop(logProbs, oldLogProbs, advantages, mask, 0.2, want);
  return [
    {
      family: 'token',
      op: 'policy_loss',
      name: 'n=4e6 ppo_clip, loss + gradient',
      bytes: 17 * count,
      flops: 25 * count,
      run: () => policyLoss(args),
      reference: { name: 'TypeScript loop', run: loop },
      check: () => {
        loss = policyLoss(args).loss;
        near(loss, loop(), 1e-6, 'loss');
        near(loop(), 0.0135327, 1e-6, 'the workload itself');
        // A ratio within rounding of its bound may fall on either side of it.
        const differ = got.filter((g, i) => Math.abs(g - (want[i] as number)) > 1e-9).length;
        near(differ, 0, 1e-5 * count, 'gradient entries that differ');
      },
      peers: {
        programs: ['python'],
        workload: 'ppo',
        sizes: [count],
        sample: () => [loss],
        tolerance: 1e-6,
      },
    },
  ];
};

/** A whole update of packed sequences: outcome rewards to advantages to loss and gradient. */
const packedWorkload: Workload = () => {
  const large = packedCase(512, 1_000_000);
  // Without the loop between two calls most of the data stay in cache: held against memory all the same.
  const { reference: _, ...again } = large;
  return [large, { ...again, name: `${large.name}, call after call` }, packedCase(8, 8 * 128)];
};

/** Bounds of `rows` sequences of uneven lengths, `total` tokens together. */
function unevenBounds(rows: number, total: number): Int32Array {
  const mean = total / rows;
  const bound = (i: number): number =>
    Math.floor((i + (i > 0 && i < rows ? (hash(54, i) % 1000) / 1000 - 0.5 : 0)) * mean);
  return Int32Array.from({ length: rows + 1 }, (_, i) => bound(i));
}

function packedCase(rows: number, count: number): BenchCase {
  const group = 8;
  const cuSeqlens = unevenBounds(rows, count);
  const rewards = uniformArray(55, rows, 0, 1);
  const groupIds = Int32Array.from({ length: rows }, (_, i) => Math.floor(i / group));
  const logProbs = uniformArray(50, count, -3, 0);
  const shift = uniformArray(51, count, -0.4, 0.4);
  const oldLogProbs = logProbs.map((x, i) => x + (shift[i] as number));
  const advantages = new Float32Array(rows);
  const got = new Float32Array(count);
  const groups = { rewards, groupIds, estimator: 'grpo' as const, out: { advantages } };
  const tokens = {
    logProbs,
    oldLogProbs,
    sequenceAdvantages: advantages,
    cuSeqlens,
    outputs: ['loss', 'gradLogProbs'] as const,
    out: { gradLogProbs: got },
  };
  const run = (): number => {
    groupAdvantage(groups);
    return policyLossPacked(tokens).loss;
  };
  const ofToken = new Float32Array(count);
  const all = new Uint8Array(count).fill(1);
  const want = new Float32Array(count);
  const ofSequence = new Float32Array(rows);
  const loop = (): number => {
    loops.groupAdvantageLoop(rewards, group, 1e-6, ofSequence);
    ofSequence.forEach((a, row) => ofToken.fill(a, cuSeqlens[row], cuSeqlens[row + 1]));
    return loops.ppoClipLoop(logProbs, oldLogProbs, ofToken, all, 0.2, want);
  };
  return {
    family: 'token',
    op: 'policy_loss_packed',
    name: `${rows} sequences, ${count} tokens: rewards to gradient`,
    bytes: 12 * count,
    flops: 25 * count,
    // A million tokens in less than a millisecond, after the loop's twenty: neither the caches nor
    // the threads still have them.
    cold: count === 1_000_000,
    run,
    reference: { name: 'TypeScript loop', run: loop },
    check: () => {
      near(run(), loop(), 1e-5, 'loss');
      const differ = got.filter((g, i) => Math.abs(g - (want[i] as number)) > 1e-6).length;
      near(differ, 0, 1e-5 * count, 'gradient entries that differ');
    },
  };
}

/** W3l: log-probability and entropy from logits, and the gradient; fewer rows than a batch has. */
function logitsWorkload(rows: number, vocabulary = 128_256): Workload {
  return () => {
    const logits = uniformArray(7, rows * vocabulary, -8, 8);
    const problem = {
      logits,
      labels: Int32Array.from({ length: rows }, (_, n) => hash(8, n) % vocabulary),
      shape: [rows, vocabulary],
      want: [new Float32Array(rows), new Float32Array(rows)] as const,
      out: { logProbs: new Float32Array(rows), entropy: new Float32Array(rows) },
    };
    return [logProbCase(problem), halfLogProbCase(problem), logProbGradientCase(problem)];
  };
}

interface Logits {
  logits: Float32Array;
  labels: Int32Array;
  shape: number[];
  want: readonly [Float32Array, Float32Array];
  out: { logProbs: Float32Array; entropy: Float32Array };
}

function logProbCase({ logits, labels, shape, want, out }: Logits): BenchCase {
  const args = {
    logits: new Tensor(logits, shape),
    labels,
    outputs: ['logProbs', 'entropy'] as const,
    out,
  };
  const vocabulary = shape[1] as number;
  const loop = (): void => loops.tokenLogprobLoop(logits, labels, vocabulary, want[0], want[1]);
  return {
    family: 'token',
    op: 'token_logprob',
    name: `${shape.join(' x ')} float32, log-prob + entropy`,
    bytes: 4 * logits.length,
    flops: 8 * logits.length,
    readsOnly: true,
    run: () => tokenLogprob(args),
    reference: { name: 'TypeScript loop', run: loop },
    check: () => {
      loop();
      tokenLogprob(args);
      sameArrays(out.logProbs, want[0], 1e-4, 'log-prob');
      sameArrays(out.entropy, want[1], 1e-4, 'entropy');
      near(out.logProbs[0] as number, -12.87652, 1e-4, 'the workload itself');
    },
    peers: {
      programs: ['python'],
      workload: 'log_probs_float32',
      sizes: shape,
      sample: () => [out.logProbs[0] as number, out.entropy[0] as number],
      tolerance: 1e-4,
    },
  };
}

function halfLogProbCase({ logits, labels, shape, out }: Logits): BenchCase {
  const halves = Uint16Array.from(
    new Uint32Array(logits.buffer),
    (bits) => (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16,
  );
  const args = {
    logits: { data: halves, shape, dtype: 'bfloat16' },
    labels,
    outputs: ['logProbs', 'entropy'] as const,
    out,
  } as unknown as Parameters<typeof tokenLogprob>[0];
  return {
    family: 'token',
    op: 'token_logprob',
    name: `${shape.join(' x ')} bfloat16, log-prob + entropy`,
    bytes: 2 * logits.length,
    flops: 8 * logits.length,
    readsOnly: true,
    run: () => tokenLogprob(args),
    check: () => {
      tokenLogprob(args);
      near(out.logProbs[0] as number, -12.87652, 0.05, 'the workload itself');
    },
    peers: {
      programs: ['python'],
      workload: 'log_probs_bfloat16',
      sizes: shape,
      sample: () => [out.logProbs[0] as number, out.entropy[0] as number],
      tolerance: 0.1, // the peer rounds its results to bfloat16
    },
  };
}

/** Log-probabilities, and the gradient of minus their mean. */
function logProbGradientCase({ logits, labels, shape, want, out }: Logits): BenchCase {
  const [rows, vocabulary] = shape as [number, number];
  const gradLogits = new Float32Array(logits.length);
  const args = {
    logits: new Tensor(logits, shape),
    labels,
    gradLogProbs: new Float32Array(rows).fill(-1 / rows),
    outputs: ['gradLogits', 'logProbs', 'entropy'] as const,
    out: { gradLogits: new Tensor(gradLogits, shape), ...out },
  };
  return {
    family: 'token',
    op: 'token_logprob_backward',
    name: `${shape.join(' x ')} float32, log-prob + gradient`,
    bytes: 8 * logits.length,
    flops: 16 * logits.length,
    run: () => tokenLogprobBackward(args),
    check: () => {
      tokenLogprobBackward(args);
      sameArrays(out.logProbs, want[0], 1e-4, 'log-prob');
      for (let row = 0; row < rows; row++) {
        const p = Math.exp(want[0][row] as number);
        const got = gradLogits[row * vocabulary + (labels[row] as number)] as number;
        near(got, (p - 1) / rows, 1e-6, 'gradient of the label');
      }
    },
    peers: {
      programs: ['python'],
      workload: 'log_prob_gradient',
      sizes: shape,
      sample: () => [out.logProbs[0] as number, gradLogits[0] as number],
      tolerance: 1e-4,
    },
  };
}

export const tokenWorkloads: readonly Workload[] = [
  gaeWorkload,
  groupWorkload,
  ppoWorkload,
  packedWorkload,
  logitsWorkload(256),
];
