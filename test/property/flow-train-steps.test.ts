/** Whole training steps against the ops that they are made of, in float64. */
import { flow, Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import { declaredOps, type OpInfo } from '../../src/contract.js';
import { randomArguments } from '../../src/tools/random-arguments.js';

type Arrays = Record<string, Tensor<Float64Array>>;
type Result = Record<string, Tensor<Float64Array> & number>;
type Call = (args: object) => Result;

const ops = flow as unknown as Record<string, Call>;
const call = (name: string, args: object): Result => (ops[name] as Call)(args);
const sizes = { Lh: 3, Lp: 2, Lc: 3, Ld: 2, B: 7, S: 3, D: 2, M: 3, K: 4 };
const [rows, dims, draws, steps] = [sizes.B, sizes.D, sizes.M, sizes.K];
const shape = (...of: number[]): number[] => of;

function argumentsOf(name: string, seed: number, parameters: object): Arrays {
  const info = declaredOps().find((one) => one.name === name) as OpInfo;
  const args = randomArguments(info, { seed, dtype: 'float64', sizes, parameters } as never);
  for (const moments of ['policyMoments', 'criticMoments']) {
    const { data, shape: of } = args[moments] as Tensor<Float64Array>;
    args[moments] = new Tensor(new Float64Array(data.length), [...of]);
  }
  return args as Arrays;
}

function near(got: unknown, want: ArrayLike<number> | number, what: string): void {
  const list = (value: unknown): number[] =>
    typeof value === 'number' ? [value] : Array.from(value as ArrayLike<number>);
  const [a, b] = [list(got instanceof Tensor ? got.data : got), list(want)];
  expect(a.length, what).toBe(b.length);
  a.forEach((x, i) => {
    const y = b[i] as number;
    expect(Math.abs(x - y), `${what}[${i}]: ${x}, want ${y}`).toBeLessThan(
      1e-9 * (1 + Math.abs(y)),
    );
  });
}

/** The operands of `mlp` from those whose names begin with `prefix`. */
function layers(args: Arrays, prefix: string): object {
  const out: Record<string, unknown> = {};
  const activations: unknown[] = [];
  for (let i = 0; args[`${prefix}Weight${i}`] !== undefined; i++) {
    out[`weight${i}`] = args[`${prefix}Weight${i}`];
    out[`bias${i}`] = args[`${prefix}Bias${i}`];
    const last = args[`${prefix}Weight${i + 1}`] === undefined;
    activations.push(last ? 'identity' : (args['activation'] ?? 'mish'));
  }
  return { ...out, activations };
}

/** Rows side by side; row i of a part is its row i / group. */
function beside(count: number, parts: [data: Float64Array, width: number, group?: number][]) {
  const width = parts.reduce((sum, [, w]) => sum + w, 0);
  const out = Array.from({ length: count }, (_, row) =>
    parts.flatMap(([data, w, group = 1]) => {
      const from = Math.floor(row / group) * w;
      return Array.from(data.subarray(from, from + w));
    }),
  ).flat();
  return new Tensor(Float64Array.from(out), [count, width]);
}

const dataOf = (args: Arrays, name: string): Float64Array =>
  (args[name] as Tensor<Float64Array>).data;

/** Critic `prefix` at (s, a). */
function critic(args: Arrays, prefix: string, states: string, actions: Float64Array, group = 1) {
  const count = actions.length / dims;
  const x = beside(count, [
    [dataOf(args, states), sizes.S, group],
    [actions, dims],
  ]);
  const gradY = new Tensor(new Float64Array(count).fill(1), [count, 1]);
  return { x, ...call('mlp', { x, gradY, ...layers(args, prefix) }) } as unknown as Result;
}

/** Names with numbers of one network, in the order of its moments. */
function namesOf(args: Arrays, prefixes: string[]): string[] {
  return prefixes.flatMap((prefix) => {
    const names: string[] = [];
    for (let i = 0; args[`${prefix}Weight${i}`] !== undefined; i++) {
      names.push(`${prefix}Weight${i}`, `${prefix}Bias${i}`);
    }
    return names;
  });
}

const upper = (name: string): string => `${name[0]?.toUpperCase()}${name.slice(1)}`;

/** First step of Adam with these clipped gradients, and who follows. */
function checkUpdate(
  args: Arrays,
  result: Result,
  gradients: Record<string, number[]>,
  follower: { prefix: string; tau: number } | undefined,
): void {
  for (const [name, gradient] of Object.entries(gradients)) {
    const w = dataOf(args, name);
    const { adam } = call('optimizerStep', {
      w: new Tensor(w, [w.length]),
      grad: new Tensor(Float64Array.from(gradient), [1, w.length]),
      lr: 3e-4,
    });
    near(result[`new${upper(name)}`], (adam as Tensor<Float64Array>).data, name);
    if (!follower) continue;
    const followed = `${follower.prefix}${upper(name)}`;
    const { newTarget } = call('optimizerStep', {
      target: args[followed],
      source: new Tensor(adam?.data as Float64Array, [...(args[followed]?.shape ?? [])]),
      tau: follower.tau,
    });
    near(result[`new${upper(followed)}`], (newTarget as Tensor<Float64Array>).data, followed);
  }
}

function clipped(gradients: Record<string, number[]>, limit: number | null) {
  const norm = Math.sqrt(
    Object.values(gradients)
      .flat()
      .reduce((sum, g) => sum + g * g, 0),
  );
  const scale = limit === null ? 1 : Math.min(1, limit / (norm + 1e-6));
  const scaled = Object.entries(gradients).map(([name, g]) => [name, g.map((x) => x * scale)]);
  return { norm, gradients: Object.fromEntries(scaled) as Record<string, number[]> };
}

/** The gradients of both critics by mlp. */
function criticGradients(args: Arrays, grads: [Float64Array, Float64Array]) {
  const out: Record<string, number[]> = {};
  ['critic1', 'critic2'].forEach((prefix, k) => {
    const { x } = critic(args, prefix, 'observations', dataOf(args, 'actions'));
    const gradY = new Tensor(grads[k] as Float64Array, [rows, 1]);
    const back = call('mlp', { x, gradY, ...layers(args, prefix) });
    for (const name of namesOf(args, [prefix])) {
      const key = `grad${name.slice(prefix.length)}`;
      out[name] = Array.from((back[key] as Tensor<Float64Array>).data);
    }
  });
  return out;
}

/** The policy's first gradients, from its moments m after the step: (1 − β₁) g. */
function policyGradients(args: Arrays, result: Result, prefixes: string[]) {
  const m = result['newPolicyMoments']?.data as Float64Array;
  let at = 0;
  const entries = namesOf(args, prefixes).map((name) => {
    const { length } = dataOf(args, name);
    at += length;
    return [name, Array.from(m.subarray(at - length, at), (x) => x / 0.1)];
  });
  expect(at).toBe(m.length / 2);
  return Object.fromEntries(entries) as Record<string, number[]>;
}

describe.each([null, 0.05])('diffusion_ql_train_step, clip %s', (gradClip) => {
  const args = argumentsOf('diffusion_ql_train_step', 3, {
    gradClip,
    qLossCritic: 2,
    eta: 0.7,
    emaDecay: 0.9,
    tau: 0.1,
  });
  const result = call('diffusionQlTrainStep', args);
  const chainOf = (noise: Tensor<Float64Array>, count: number) => {
    const data = new Float64Array((steps + 1) * count * dims);
    data.set(noise.data);
    return new Tensor(data, [steps + 1, count, dims]);
  };
  const common = { steps, embDim: args['embDim'], activation: args['activation'] ?? 'mish' };
  const of = (prefix: string): Arrays =>
    Object.fromEntries(
      namesOf(args, prefix ? [`${prefix}Trunk`, `${prefix}Tmlp`] : ['trunk', 'tmlp']).map(
        (name) => {
          const bare = name.slice(prefix.length);
          return [`${bare[0]?.toLowerCase()}${bare.slice(1)}`, args[name] as Tensor<Float64Array>];
        },
      ),
    );
  const next = call('ddpmPolicy', {
    ...common,
    ...of('ema'),
    observations: beside(rows * draws, [[dataOf(args, 'nextObservations'), sizes.S, draws]]),
    actions: new Tensor(new Float64Array(rows * draws * dims), shape(rows * draws, dims)),
    noiseBc: new Tensor(new Float64Array(rows * draws * dims), shape(rows * draws, dims)),
    tIndex: new Int32Array(rows * draws),
    noiseChain: chainOf(args['nextNoise'] as Tensor<Float64Array>, rows * draws),
  });
  const sampled = next['sampledAction'] as Tensor<Float64Array>;
  const [target1, target2] = ['targetCritic1', 'targetCritic2'].map((prefix) => {
    const { y } = critic(args, prefix, 'nextObservations', sampled.data, draws);
    return new Tensor((y as Tensor<Float64Array>).data, [rows, draws]);
  });
  const policy = call('ddpmPolicy', {
    ...common,
    ...of(''),
    observations: args['observations'],
    actions: args['actions'],
    noiseBc: args['noiseBc'],
    tIndex: args['tIndex'],
    noiseChain: chainOf(args['noisePolicy'] as Tensor<Float64Array>, rows),
  });
  const climbed = policy['sampledAction'] as Tensor<Float64Array>;
  const fresh = Object.fromEntries(
    namesOf(args, ['critic1', 'critic2']).map((name) => [name, result[`new${upper(name)}`]]),
  ) as Arrays;
  const q = (prefix: string, networks: Arrays, actions: Float64Array): Float64Array =>
    critic({ ...args, ...networks }, prefix, 'observations', actions)['y']?.data as Float64Array;
  const losses = call('diffusionQlLosses', {
    targetQ1: target1,
    targetQ2: target2,
    rewards: args['rewards'],
    terminated: args['terminated'],
    q1: q('critic1', {}, dataOf(args, 'actions')),
    q2: q('critic2', {}, dataOf(args, 'actions')),
    q1New: q('critic1', fresh, climbed.data),
    q2New: q('critic2', fresh, climbed.data),
    eta: 0.7,
    bcLoss: policy['bcLoss'],
  });

  test('next actions, target and the critics’ step', () => {
    near(result['nextActions'], sampled.data, 'nextActions');
    near(result['target'], losses['target']?.data as Float64Array, 'target');
    near(result['criticLoss'], losses['criticLoss'] as number, 'criticLoss');
    const grads = criticGradients(args, [
      losses['gradQ1']?.data as Float64Array,
      losses['gradQ2']?.data as Float64Array,
    ]);
    const { norm, gradients } = clipped(grads, gradClip);
    near(result['criticGradNorm'], norm, 'criticGradNorm');
    checkUpdate(args, result, gradients, { prefix: 'target', tau: 0.1 });
  });

  test('losses and actions of the policy, its step and its average', () => {
    near(result['bcLoss'], policy['bcLoss'] as number, 'bcLoss');
    near(result['policyAction'], climbed.data, 'policyAction');
    near(result['qLoss'], losses['qLossB'] as number, 'qLoss');
    near(result['actorLoss'], losses['actorLossB'] as number, 'actorLoss');
    const gradients = policyGradients(args, result, ['trunk', 'tmlp']);
    checkUpdate(args, result, gradients, { prefix: 'ema', tau: 0.1 });
    const length = clipped(gradients, null).norm;
    const whole = result['actorGradNorm'] as number;
    near(length, gradClip === null ? whole : (whole * gradClip) / (whole + 1e-6), 'norm');
  });
});

describe.each(['mean', 'min'])('mean_flow_q_train_step, %s', (qAgg) => {
  const args = argumentsOf('mean_flow_q_train_step', 5, {
    qAgg,
    alpha: 2,
    boundWeight: 0.5,
    tau: 0.1,
  });
  const result = call('meanFlowQTrainStep', args);
  const width = (args['trunkWeight0']?.shape[1] as number) - dims - sizes.S;

  /** g at (x, t, s) with its derivative along (v, 1), and what is needed for the way back. */
  const evaluate = (x: Float64Array, t: Float64Array, s: string, v: Float64Array, group = 1) => {
    const count = t.length;
    const { emb, dembDt } = call('sinusoidalEmbedding', { t, dim: args['embDim'] });
    const time = call('mlp', { x: emb, tangentX: dembDt, ...layers(args, 'tmlp') });
    const states = dataOf(args, s);
    const input = beside(count, [
      [x, dims],
      [time['y']?.data as Float64Array, width],
      [states, sizes.S, group],
    ]);
    const tangentX = beside(count, [
      [v, dims],
      [time['tangentY']?.data as Float64Array, width],
      [new Float64Array(states.length), sizes.S, group],
    ]);
    const trunk = { x: input, tangentX, ...layers(args, 'trunk') };
    return { emb, trunk, ...call('mlp', trunk) } as unknown as Result & { trunk: object };
  };
  const clip = (g: number): number => Math.min(1, Math.max(-1, g));
  const ones = (count: number): Float64Array => new Float64Array(count).fill(1);
  const mean = (values: ArrayLike<number>): number =>
    Array.from(values).reduce((a, b) => a + b, 0) / values.length;

  test('the best of the next actions, target and the critics’ step', () => {
    const noise = dataOf(args, 'nextNoise');
    const zero = new Float64Array(noise.length);
    const { y } = evaluate(noise, ones(rows * draws), 'nextObservations', zero, draws);
    const actions = (y as Tensor<Float64Array>).data.map(clip);
    near(result['nextActions'], actions, 'nextActions');
    const [q1, q2] = ['targetCritic1', 'targetCritic2'].map(
      (p) => critic(args, p, 'nextObservations', actions, draws)['y']?.data as Float64Array,
    ) as [Float64Array, Float64Array];
    const flags = (args['terminated'] as unknown as Tensor<Uint8Array>).data;
    const target = Array.from(dataOf(args, 'rewards'), (reward, b) => {
      const of = Array.from({ length: draws }, (_, m) => b * draws + m);
      const both = of.map((i) => ((q1[i] as number) + (q2[i] as number)) / 2);
      const best = of[both.indexOf(Math.max(...both))] as number;
      const values = [q1[best] as number, q2[best] as number];
      const value = qAgg === 'min' ? Math.min(...values) : mean(values);
      return reward + (flags[b] ? 0 : 0.99 * value);
    });
    near(result['target'], target, 'target');
    const errors = ['critic1', 'critic2'].map((prefix) => {
      const at = critic(args, prefix, 'observations', dataOf(args, 'actions'));
      return (at['y'] as Tensor<Float64Array>).data.map((x, b) => x - (target[b] as number));
    }) as [Float64Array, Float64Array];
    near(result['criticLoss'], mean(errors.flatMap((e) => Array.from(e, (x) => x * x))), 'loss');
    const grads = errors.map((e) => e.map((x) => x / rows)) as [Float64Array, Float64Array];
    const { norm, gradients } = clipped(criticGradients(args, grads), null);
    near(result['criticGradNorm'], norm, 'criticGradNorm');
    checkUpdate(args, result, gradients, { prefix: 'target', tau: 0.1 });
  });

  test('losses and gradients of the policy, with the critics as they were', () => {
    const [a, e] = [dataOf(args, 'actions'), dataOf(args, 'noiseBc')];
    const t = dataOf(args, 't');
    const z = a.map((x, i) => {
      const time = t[Math.floor(i / dims)] as number;
      return (1 - time) * x + time * (e[i] as number);
    });
    const v = a.map((x, i) => (e[i] as number) - x);
    const path = evaluate(z, t, 'observations', v);
    const flows = call('meanflowResidualQl', {
      ...{ actions: args['actions'], noise: args['noiseBc'], t, g: path['y'] },
      dgdt: path['tangentY'],
    });
    const end = evaluate(dataOf(args, 'noisePolicy'), ones(rows), 'observations', v);
    const g = end['y']?.data as Float64Array;
    const actions = g.map(clip);
    const at = ['critic1', 'critic2'].map((p) => critic(args, p, 'observations', actions));
    const q = ((at[0] as Result)['y'] as Tensor<Float64Array>).data.map(
      (x, b) => (x + (at[1]?.['y']?.data[b] as number)) / 2,
    );
    const size = mean(q.map(Math.abs));
    const bound = mean(g.map((x) => Math.max(0, x - 1))) + mean(g.map((x) => Math.max(0, -1 - x)));
    const actor = -mean(q) / size + 0.5 * bound + 2 * (flows['loss'] as number);
    near(result['gTarget'], flows['gTarget']?.data as Float64Array, 'gTarget');
    near(result['flowLoss'], flows['loss'] as number, 'flowLoss');
    near(result['policyAction'], actions, 'policyAction');
    near(result['boundLoss'], bound, 'boundLoss');
    near(result['qLoss'], -mean(q) / size, 'qLoss');
    near(result['actorLoss'], actor, 'actorLoss');
    const ofEnd = g.map((x, i) => {
      if (Math.abs(x) > 1) return (0.5 * Math.sign(x)) / g.length;
      const column = Math.floor(i / dims) * (sizes.S + dims) + sizes.S + (i % dims);
      const slope = at.reduce((sum, one) => sum + (one['gradX']?.data[column] as number), 0);
      return -slope / 2 / (rows * size);
    });
    const ofPath = (flows['gradG'] as Tensor<Float64Array>).data.map((x) => 2 * x);
    const want = sum(back(path, ofPath), back(end, ofEnd));
    const gradients = policyGradients(args, result, ['trunk', 'tmlp']);
    for (const [name, gradient] of Object.entries(want)) near(gradients[name], gradient, name);
    near(result['actorGradNorm'], clipped(want, null).norm, 'actorGradNorm');
    checkUpdate(args, result, want, undefined);
  });

  const back = (pass: Result & { trunk: object }, gradient: Float64Array) => {
    const gradY = new Tensor(gradient, [rows, dims]);
    const trunk = call('mlp', { ...pass.trunk, gradY });
    const gradX = trunk['gradX'] as Tensor<Float64Array>;
    const time = Float64Array.from({ length: rows * width }, (_, i) => {
      const row = Math.floor(i / width);
      return gradX.data[row * (dims + width + sizes.S) + dims + (i % width)] as number;
    });
    const of = { x: pass['emb'], gradY: new Tensor(time, [rows, width]) };
    const tmlp = call('mlp', { ...of, ...layers(args, 'tmlp') });
    const entries = namesOf(args, ['trunk', 'tmlp']).map((name) => {
      const from = name.startsWith('trunk') ? trunk : tmlp;
      return [name, Array.from(from[`grad${name.slice(name[1] === 'r' ? 5 : 4)}`]?.data ?? [])];
    });
    return Object.fromEntries(entries) as Record<string, number[]>;
  };
  const sum = (a: Record<string, number[]>, b: Record<string, number[]>) =>
    Object.fromEntries(
      Object.entries(a).map(([name, x]) => [name, x.map((y, i) => y + (b[name]?.[i] as number))]),
    );
});
