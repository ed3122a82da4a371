import { beforeAll, describe, expect, test } from 'vitest';
import { BelfryError } from '../../src/errors.js';
import { FlowPolicy, type FlowPolicyOptions, FlowQ, OneStepFlowQ } from '../../src/flow/index.js';
import { NoiseSource } from '../../src/flow/noise.js';
import {
  ddimSampler,
  ddpmPolicy,
  eulerSampler,
  mlp,
  oneStepGeneration,
} from '../../src/generated/flow.js';
import { readSafetensors, type WriteTensor, writeSafetensors } from '../../src/safetensors.js';
import { Tensor } from '../../src/tensor.js';

const sizes = { observationSize: 3, actionSize: 2 };
const hidden = [16, 16];
const states = new NoiseSource(1).fillNormal(new Float32Array(5 * 3));
const normal = (length: number): Float32Array =>
  new NoiseSource(2).fillNormal(new Float32Array(length));

const average = new OneStepFlowQ(sizes, { hidden, embeddingSize: 6, timeWidths: [8, 4], seed: 4 });
const flow = new FlowQ(sizes, { hidden, seed: 4 });

type File = Record<string, WriteTensor>;

/** A diffusion policy: the trunk's inputs are action, time and observation. */
function diffusionFile(): File {
  const noise = new NoiseSource(7);
  const file: File = {};
  const add = (name: string, widths: readonly number[]): void => {
    widths.slice(1).forEach((outputs, i) => {
      const inputs = widths[i] as number;
      const draw = (n: number): Float32Array =>
        noise.fillNormal(new Float32Array(n)).map((x) => x / Math.sqrt(inputs));
      file[`${name}_weight_${i}`] = { data: draw(inputs * outputs), shape: [outputs, inputs] };
      file[`${name}_bias_${i}`] = { data: draw(outputs), shape: [outputs] };
    });
  };
  add('trunk', [2 + 4 + 3, 16, 2]);
  add('tmlp', [6, 4]);
  add('critic1', [5, 16, 1]);
  return file;
}

/** The networks of a file as operands of an op. */
function operands(bytes: Uint8Array, names: RegExp): Record<string, Tensor<Float32Array>> {
  const { tensors } = readSafetensors(bytes);
  const entries = Object.entries(tensors)
    .filter(([name]) => names.test(name))
    .map(([name, { data, shape }]) => {
      const key = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
      return [key, new Tensor(data as Float32Array, shape)] as const;
    });
  return Object.fromEntries(entries);
}

function expectClose(found: Float32Array, wanted: Float32Array, digits = 5): void {
  expect(found.length).toBe(wanted.length);
  found.forEach((x, i) => expect(x).toBeCloseTo(wanted[i] as number, digits));
}

describe('an average-velocity policy', () => {
  test('with its constants folded acts as the op does', () => {
    const bytes = average.toPolicyFile();
    const policy = FlowPolicy.fromSafetensors(bytes, { timeScale: 3, maxAction: 0.8 });
    const noise = normal(5 * 4 * 2);
    const wanted = oneStepGeneration<Float32Array>({
      ...operands(bytes, /./),
      observations: new Tensor(states, [5, 3]),
      noise: new Tensor(noise, [5, 4, 2]),
      embDim: 6,
      timeScale: 3,
      clip: 0.8,
    } as never);
    const found = policy.act(states, { noise });
    expectClose(found.candidates.data, wanted.actions.data);
    expectClose(found.actions.data, wanted.bestAction?.data as Float32Array);
    expectClose(found.qMin?.data as Float32Array, wanted.qMin?.data as Float32Array);
    const first = noise.filter((_, i) => i % 8 < 2);
    const one = FlowPolicy.fromSafetensors(bytes, { timeScale: 3, maxAction: 0.8 }).act(states, {
      noise: first,
    });
    expectClose(
      one.actions.data,
      wanted.actions.data.filter((_, i) => i % 8 < 2),
    );
    expect([...found.candidates.shape, ...found.actions.shape]).toEqual([5, 4, 2, 5, 2]);
  });
});

test('weights may be BF16', () => {
  const { tensors } = readSafetensors(average.toPolicyFile());
  const halves: File = {};
  const rounded: File = {};
  for (const [name, { data, shape }] of Object.entries(tensors)) {
    const bits = new Uint32Array((data as Float32Array).slice().buffer);
    halves[name] = { data: Uint16Array.from(bits, (b) => b >>> 16), shape, dtype: 'BF16' };
    const upper = bits.map((b) => b & 0xffff0000);
    rounded[name] = { data: new Float32Array(upper.buffer), shape };
  }
  const [found, wanted] = [halves, rounded].map((file) =>
    FlowPolicy.fromSafetensors(writeSafetensors(file)).act(states, new Float32Array(10)),
  );
  expect(found).toEqual(wanted);
});

describe('a flow', () => {
  test('in one step is its one-step network, clipped', () => {
    const bytes = flow.toPolicyFile();
    const noise = normal(10);
    const x = new Float32Array(25);
    for (let row = 0; row < 5; row++) {
      x.set(states.subarray(3 * row, 3 * row + 3), 5 * row);
      x.set(noise.subarray(2 * row, 2 * row + 2), 5 * row + 3);
    }
    const layers = operands(bytes, /^policy/);
    const { y } = mlp<Float32Array>({
      ...Object.fromEntries(
        Object.entries(layers).map(([k, v]) => [k.slice(6, 7).toLowerCase() + k.slice(7), v]),
      ),
      x: new Tensor(x, [5, 5]),
      activations: ['gelu_tanh', 'gelu_tanh', 'identity'],
    } as never) as unknown as { y: Tensor<Float32Array> };
    const policy = FlowPolicy.fromSafetensors(bytes, { maxAction: 0.3 });
    const clipped = y.data.map((a) => Math.min(0.3, Math.max(-0.3, a)));
    expectClose(policy.act(states, { noise }).actions.data, clipped, 6);
  });

  test('takes the steps of Euler it is told to', () => {
    const bytes = flow.toPolicyFile();
    const layers = operands(bytes, /^flow/);
    for (const steps of [1, 7]) {
      const policy = FlowPolicy.fromSafetensors(bytes, { sampler: 'euler', steps });
      const noise = normal(10);
      const { actionDataAtT1 } = eulerSampler<Float32Array>({
        ...Object.fromEntries(
          Object.entries(layers).map(([k, v]) => [k.slice(4, 5).toLowerCase() + k.slice(5), v]),
        ),
        observations: new Tensor(states, [5, 3]),
        noise: new Tensor(noise, [5, 2]),
        steps,
        activations: ['gelu_tanh', 'gelu_tanh', 'identity'],
      } as never) as unknown as { actionDataAtT1: Tensor<Float32Array> };
      expectClose(policy.act(states, { noise }).actions.data, actionDataAtT1.data, 6);
    }
  });

  test('the best of several has the largest of the smaller critics', () => {
    const policy = FlowPolicy.fromSafetensors(flow.toPolicyFile(), { candidates: 6 });
    const { actions, candidates, qMin } = policy.act(states);
    expect(qMin?.shape).toEqual([5, 6]);
    for (let b = 0; b < 5; b++) {
      const scores = [...(qMin?.data.subarray(6 * b, 6 * b + 6) ?? [])];
      const best = scores.indexOf(Math.max(...scores));
      const at = (6 * b + best) * 2;
      expect(actions.data.slice(2 * b, 2 * b + 2)).toEqual(candidates.data.slice(at, at + 2));
    }
    expect(new Set(qMin?.data).size).toBeGreaterThan(20);
  });
});

describe('a diffusion', () => {
  const file = diffusionFile();
  const bytes = writeSafetensors(file, { schedule: 'linear', steps: '6', activation: 'silu' });
  const settings = { schedule: 'linear', steps: 6, embDim: 6, activation: 'silu' } as const;
  const observations = new Tensor(states, [5, 3]);
  const networks = operands(bytes, /^(trunk|tmlp)/);

  test("'ddpm' walks the chain of its file's schedule", () => {
    const noise = normal(7 * 10);
    const { sampledAction } = ddpmPolicy<Float32Array>({
      ...{ ...networks, ...settings, observations },
      noiseChain: new Tensor(noise, [7, 5, 2]),
      actions: new Tensor(new Float32Array(10), [5, 2]),
      noiseBc: new Tensor(new Float32Array(10), [5, 2]),
      tIndex: new Int32Array(5),
    } as never) as unknown as { sampledAction: Tensor<Float32Array> };
    const policy = FlowPolicy.fromSafetensors(bytes);
    expect([policy.kind, policy.sampler]).toEqual(['diffusion', 'ddpm']);
    const read = noise.subarray(0, 60); // the last level of the chain is not
    expectClose(policy.act(states, { noise: read }).actions.data, sampledAction.data, 6);
  });

  test("'ddim' takes the steps it is given", () => {
    const noise = normal(10);
    const timesteps = [0, 2, 5];
    const { actions } = ddimSampler<Float32Array>({
      ...{ ...networks, ...settings, observations },
      noise: new Tensor(noise, [5, 2]),
      timesteps: Int32Array.from(timesteps),
    } as never) as unknown as { actions: Tensor<Float32Array> };
    const policy = FlowPolicy.fromSafetensors(bytes, { sampler: 'ddim', timesteps });
    expectClose(policy.act(states, { noise }).actions.data, actions.data, 6);
    const best = policy.act(states, { candidates: 3 });
    expect(best.qMin?.shape).toEqual([5, 3]);
  });
});

describe('acting into an array', () => {
  let policies: FlowPolicy[];
  beforeAll(() => {
    const diffusion = writeSafetensors(diffusionFile());
    const make = (bytes: Uint8Array, options: FlowPolicyOptions): FlowPolicy =>
      FlowPolicy.fromSafetensors(bytes, { seed: 3, ...options });
    policies = [1, 4].flatMap((candidates) => [
      make(average.toPolicyFile(), { candidates }),
      make(flow.toPolicyFile(), { candidates }),
      make(flow.toPolicyFile(), { candidates, sampler: 'euler' }),
      make(diffusion, { candidates, sampler: 'ddpm' }),
      make(diffusion, { candidates, sampler: 'ddim' }),
    ]);
  });

  test('returns it, with what the policy does of the same noise', () => {
    for (const policy of policies) {
      const out = new Float32Array(10);
      expect(policy.act(states, out)).toBe(out);
      const again = policy.act(states, new Float32Array(10));
      expect(again).not.toEqual(out);
      expect(out.every((a) => Math.abs(a) <= 1)).toBe(true);
    }
    const make = (): FlowPolicy => FlowPolicy.fromSafetensors(flow.toPolicyFile(), { seed: 5 });
    const into = make().act(states, new Float32Array(10));
    expect(make().act(states).actions.data).toEqual(into);
  });

  test('follows a batch that changes its size', () => {
    for (const policy of policies) {
      for (const batch of [5, 1, 0, 3]) {
        const out = new Float32Array(2 * batch).fill(9);
        policy.act(states.subarray(0, 3 * batch), out);
        expect(out.every((a) => Math.abs(a) <= 1)).toBe(true);
      }
    }
  });

  test('keeps no more memory from call to call', () => {
    const policy = policies[0] as FlowPolicy;
    const one = states.subarray(0, 3);
    const out = new Float32Array(2);
    for (let i = 0; i < 2000; i++) policy.act(one, out);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 2000; i++) policy.act(one, out);
    expect(process.memoryUsage().arrayBuffers).toBeLessThanOrEqual(before);
  });

  test('arrays that do not fit are named', () => {
    const policy = policies[1] as FlowPolicy;
    const named = (run: () => unknown): string | undefined => catchError(run).argument;
    expect(named(() => policy.act(states, new Float32Array(9)))).toBe('out');
    expect(named(() => policy.act(states.subarray(1), new Float32Array(10)))).toBe('observations');
    expect(named(() => policy.act(states, { noise: new Float32Array(11) }))).toBe('noise');
    expect(named(() => policy.act(states, { candidates: 0 }))).toBe('candidates');
  });
});

describe('a file of networks that do not chain', () => {
  const read = (file: File): BelfryError =>
    catchError(() => FlowPolicy.fromSafetensors(writeSafetensors(file)));
  const tensors = (bytes: Uint8Array): File => readSafetensors(bytes).tensors as unknown as File;
  const zeros = (...shape: number[]): WriteTensor => ({
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
    shape,
  });

  test('is refused by the name of the tensor', () => {
    const bad: [File, string, WriteTensor][] = [
      [tensors(average.toPolicyFile()), 'trunk_weight_0', zeros(16, 4)],
      [tensors(average.toPolicyFile()), 'trunk_weight_1', zeros(16, 15)],
      [tensors(average.toPolicyFile()), 'rmlp_weight_0', zeros(8, 8)],
      [tensors(average.toPolicyFile()), 'critic2_weight_0', zeros(16, 6)],
      [tensors(average.toPolicyFile()), 'critic1_bias_2', zeros(2)],
      [tensors(flow.toPolicyFile()), 'flow_weight_0', zeros(16, 7)],
      [tensors(flow.toPolicyFile()), 'policy_weight_0', zeros(16, 1)],
      [tensors(flow.toPolicyFile()), 'critic1_norm', zeros(2, 31)],
      [diffusionFile(), 'tmlp_weight_0', zeros(4, 7)],
      [diffusionFile(), 'critic1_weight_1', zeros(16)],
    ];
    for (const [file, name, tensor] of bad) {
      const error = read({ ...file, [name]: tensor });
      expect([error.code, error.argument]).toEqual(['BELFRY_BAD_FILE', name]);
    }
    expect(read({ other: zeros(2) }).argument).toBe('trunk_weight_0');
  });

  test('a sampler without its network is refused', () => {
    const bytes = writeSafetensors(diffusionFile());
    const error = catchError(() => FlowPolicy.fromSafetensors(bytes, { sampler: 'euler' }));
    expect(error.message).toMatch(/sampler .*'euler'.* 'ddpm' or 'ddim'/);
    const options = { timesteps: [9], sampler: 'ddim' } as const;
    expect(catchError(() => FlowPolicy.fromSafetensors(bytes, options)).argument).toBe('timesteps');
    expect(() => FlowPolicy.fromSafetensors(bytes, { sampel: 1 } as object)).toThrow(/sampler/);
  });
});

function catchError(run: () => unknown): BelfryError {
  try {
    run();
  } catch (error) {
    if (error instanceof BelfryError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
