/** The fixed workloads every kernel is judged on, beside the plain loop doing the same job. */

import { randomSparse } from '../../src/bellman/problems/index.js';
import { hash, uniform, uniformArray } from '../../src/demo/generator.js';
import { bellmanBackupVCsr } from '../../src/generated/bellman.js';
import { mlp } from '../../src/generated/flow.js';
import {
  gae,
  groupAdvantage,
  policyLoss,
  tokenLogprob,
  tokenLogprobBackward,
} from '../../src/generated/token.js';
import { Tensor } from '../../src/tensor.js';
import type { BenchCase } from '../harness.js';
import * as loops from '../reference/loops.js';

/** A workload is built when its turn comes: together they would not fit in memory. */
export type Workload = () => BenchCase[];

function near(got: number, want: number, tolerance: number, what: string): void {
  if (!(Math.abs(got - want) <= tolerance)) throw new Error(`${what}: got ${got}, want ${want}`);
}

function sameArrays(
  got: Float32Array | Float64Array,
  want: Float32Array | Float64Array,
  tolerance: number,
  what: string,
): void {
  for (let i = 0; i < want.length; i++)
    near(got[i] as number, want[i] as number, tolerance, `${what}[${i}]`);
}

/** W1a: one synchronous sweep of a random sparse MDP. */
export function sweepWorkload(numStates: number, dtype: 'float64' | 'float32'): Workload {
  return () => {
    const tables = randomSparse(numStates, 4, 8);
    const { rowPtr, col } = tables;
    const real = (array: Float64Array): Float64Array | Float32Array =>
      dtype === 'float64' ? array : Float32Array.from(array);
    const shape = [numStates, 4];
    const values = real(Float64Array.from({ length: numStates }, (_, i) => uniform(5, i)));
    const out = { values: real(new Float64Array(numStates)), policy: new Int32Array(numStates) };
    const args = {
      rowPtr,
      col,
      prob: real(tables.prob),
      rewards: { data: real(tables.rewards), shape },
      values,
      gamma: 0.99,
      outputs: ['values', 'policy', 'residualInf', 'spanResidual'] as const,
      out,
    };
    const wantValues = new Float64Array(numStates);
    const wantPolicy = new Int32Array(numStates);
    const wide = Float64Array.from(values);
    const loop = (): number =>
      loops.sweepLoop(
        rowPtr,
        col,
        tables.prob,
        tables.rewards,
        4,
        0.99,
        wide,
        wantValues,
        wantPolicy,
      );
    const entries = col.length;
    const real8 = dtype === 'float64' ? 8 : 4;
    return [
      {
        family: 'bellman',
        op: 'bellman_backup_v_csr',
        name: `S=${numStates} A=4 K=8 ${dtype}`,
        bytes: entries * (4 + real8) + numStates * 4 * (4 + real8) + numStates * (2 * real8 + 4),
        flops: 2 * entries + 8 * numStates,
        gathers: entries,
        bound: 'gathers',
        dtype,
        run: () => bellmanBackupVCsr(args as Parameters<typeof bellmanBackupVCsr>[0]),
        reference: { name: 'TypeScript loop', run: loop },
        check: () => {
          loop();
          bellmanBackupVCsr(args as Parameters<typeof bellmanBackupVCsr>[0]);
          sameArrays(out.values, wantValues, dtype === 'float64' ? 1e-12 : 2e-5, 'values');
        },
      },
    ];
  };
}

/** W3g: GAE over 512 x 4096 with terminations. */
export const gaeWorkload: Workload = () => [gaeCase(512, 4096), gaeCase(8, 128)];

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
    bound: 'memory',
    run: () => gae(args),
    reference: { name: 'TypeScript loop', run: loop },
    check: () => {
      loop();
      gae(args);
      sameArrays(got[0], want[0], 1e-5, 'advantages');
    },
  };
}

/** W3r: a million scores in consecutive groups of 16. */
export const groupWorkload: Workload = () => {
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
      bound: 'memory',
      run: () => groupAdvantage(args),
      reference: { name: 'TypeScript loop', run: loop },
      check: () => {
        loop();
        groupAdvantage(args);
        sameArrays(got, want, 2e-5, 'advantages');
      },
    },
  ];
};

/** W3p: PPO clip of four million tokens, loss and gradient. */
export const ppoWorkload: Workload = () => {
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
  const loop = (): number => loops.ppoClipLoop(logProbs, oldLogProbs, advantages, mask, 0.2, want);
  return [
    {
      family: 'token',
      op: 'policy_loss',
      name: 'n=4e6 ppo_clip, loss + gradient',
      bytes: 17 * count,
      flops: 25 * count,
      bound: 'memory',
      run: () => policyLoss(args),
      reference: { name: 'TypeScript loop', run: loop },
      check: () => {
        near(policyLoss(args).loss, loop(), 1e-6, 'loss');
        near(loop(), 0.0135327, 1e-6, 'the workload itself');
        // A ratio within rounding of its bound may fall on either side of it.
        const differ = got.filter((g, i) => Math.abs(g - (want[i] as number)) > 1e-9).length;
        near(differ, 0, 1e-5 * count, 'gradient entries that differ');
      },
    },
  ];
};

/** W3l: log-probability and entropy from logits, and the gradient; fewer rows than the guide's 2048. */
export function logitsWorkload(rows: number, vocabulary = 128_256): Workload {
  return () => {
    const logits = uniformArray(7, rows * vocabulary, -8, 8);
    const labels = Int32Array.from({ length: rows }, (_, n) => hash(8, n) % vocabulary);
    const shape = [rows, vocabulary];
    const want = [new Float32Array(rows), new Float32Array(rows)] as const;
    const out = { logProbs: new Float32Array(rows), entropy: new Float32Array(rows) };
    const args = {
      logits: new Tensor(logits, shape),
      labels,
      outputs: ['logProbs', 'entropy'] as const,
      out,
    };
    const loop = (): void => loops.tokenLogprobLoop(logits, labels, vocabulary, want[0], want[1]);
    const gradArgs = {
      logits: new Tensor(logits, shape),
      labels,
      gradLogProbs: new Float32Array(rows).fill(-1 / rows),
      outputs: ['gradLogits'] as const,
      out: { gradLogits: new Tensor(new Float32Array(rows * vocabulary), shape) },
    };
    const halves = Uint16Array.from(
      new Uint32Array(logits.buffer),
      (bits) => (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16,
    );
    const halfArgs = { ...args, logits: { data: halves, shape, dtype: 'bfloat16' } };
    const size = rows * vocabulary;
    const common = { family: 'token', bound: 'memory' as const };
    return [
      {
        ...common,
        op: 'token_logprob',
        name: `${rows} x ${vocabulary} float32, log-prob + entropy`,
        bytes: 4 * size,
        flops: 8 * size,
        run: () => tokenLogprob(args),
        reference: { name: 'TypeScript loop', run: loop },
        check: () => {
          loop();
          tokenLogprob(args);
          sameArrays(out.logProbs, want[0], 1e-4, 'log-prob');
          sameArrays(out.entropy, want[1], 1e-4, 'entropy');
          near(out.logProbs[0] as number, -12.87652, 1e-4, 'the workload itself');
        },
      },
      {
        ...common,
        op: 'token_logprob',
        name: `${rows} x ${vocabulary} bfloat16, log-prob + entropy`,
        bytes: 2 * size,
        flops: 8 * size,
        run: () => tokenLogprob(halfArgs as unknown as Parameters<typeof tokenLogprob>[0]),
      },
      {
        ...common,
        op: 'token_logprob_backward',
        name: `${rows} x ${vocabulary} float32, gradient`,
        bytes: 8 * size,
        flops: 16 * size,
        run: () => tokenLogprobBackward(gradArgs),
      },
    ];
  };
}

const widths = [55, 256, 256, 256, 6];

/** Weights of the workload's network: one running offset through the generator. */
export function actionNetwork(): loops.LoopLayer[] {
  let offset = 0;
  return widths.slice(1).map((outputs, i) => {
    const inputs = widths[i] as number;
    const scale = Math.sqrt(6 / (inputs + outputs));
    const weight = Float32Array.from(
      { length: inputs * outputs },
      (_, k) => (2 * uniform(70, offset + k) - 1) * scale,
    );
    offset += inputs * outputs;
    const bias = Float32Array.from(
      { length: outputs },
      (_, o) => 0.01 * (uniform(70, offset + o) - 0.5),
    );
    offset += outputs;
    return { weight, bias, inputs, outputs };
  });
}

/** W4: the one-step action network at several batch sizes. */
export const actionWorkload: Workload = () => {
  const layers = actionNetwork();
  const weights = Object.fromEntries(
    layers.flatMap(({ weight, bias, inputs, outputs }, i) => [
      [`weight${i}`, new Tensor(weight, [outputs, inputs])],
      [`bias${i}`, new Tensor(bias, [outputs])],
    ]),
  );
  const flops = 2 * layers.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
  return [1, 32, 256, 4096].map((batch): BenchCase => {
    const x = uniformArray(71, batch * 55, -1, 1);
    const y = new Tensor(new Float32Array(batch * 6), [batch, 6]);
    const args = {
      ...weights,
      x: new Tensor(x, [batch, 55]),
      activations: ['mish', 'mish', 'mish', 'identity'],
      outputs: ['y'],
      out: { y },
    } as unknown as Parameters<typeof mlp<Float32Array>>[0];
    const bench: BenchCase = {
      family: 'flow',
      op: 'mlp',
      name: `B=${batch} 55-256-256-256-6 mish`,
      bytes: 4 * (flops / 2 + batch * 61),
      flops: flops * batch,
      bound: 'flops',
      dtype: 'float32',
      run: () => mlp(args),
      check: () => {
        mlp(args);
        near(y.data[0] as number, 0.1231433, 1e-5, 'the workload itself');
        if (batch <= 32) sameArrays(y.data, loops.mlpLoop(layers, x, batch), 1e-4, 'y');
      },
    };
    if (batch <= 256)
      bench.reference = { name: 'TypeScript loop', run: () => loops.mlpLoop(layers, x, batch) };
    return bench;
  });
};

export const workloads: readonly Workload[] = [
  sweepWorkload(1_000_000, 'float64'),
  sweepWorkload(1_000_000, 'float32'),
  gaeWorkload,
  groupWorkload,
  ppoWorkload,
  logitsWorkload(128),
  actionWorkload,
];
