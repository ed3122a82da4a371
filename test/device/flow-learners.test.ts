/** Learners of flow policies on a GPU against the same learners on the CPU. */
import { Engine } from 'belfry';
import { describe, expect, test } from 'vitest';
import {
  DiffusionQl,
  FlowPolicy,
  type FlowPolicyOptions,
  FlowQ,
  MeanFlowQ,
  NoiseSource,
  OneStepFlowQ,
  type Transitions,
} from '../../src/flow/index.js';
import { readSafetensors } from '../../src/safetensors.js';
import { furthest } from '../unit/lib/expect.js';

const engine = new Engine({ device: 'cuda' });
const onGpu = { engine };
const sizes = { observationSize: 3, actionSize: 2 };
const timed = { hidden: [8, 8], embeddingSize: 4, timeWidths: [4], lr: 1e-3, seed: 3 };
const often = { emaStart: 2, emaEvery: 2 };
const training = { batchSize: 7 };

function transitions(count: number): Transitions {
  const noise = new NoiseSource(9);
  const normal = (width: number) => noise.fillNormal(new Float32Array(count * width));
  return {
    observations: normal(3),
    actions: normal(2).map((x) => Math.max(-1, Math.min(1, x))),
    rewards: normal(1),
    nextObservations: normal(3),
    terminated: Uint8Array.from({ length: count }, (_, i) => Number(i % 5 === 0)),
  };
}

const data = transitions(40);
const states = data.observations.subarray(0, 12);

const makers = {
  OneStepFlowQ: {
    make: (options: object) => new OneStepFlowQ(sizes, { ...timed, ...often, ...options }),
    read: (bytes: Uint8Array, options: object) =>
      OneStepFlowQ.fromSafetensors(bytes, { ...timed, ...often, ...options }),
  },
  DiffusionQl: {
    make: (options: object) => new DiffusionQl(sizes, { ...timed, ...often, ...options }),
    read: (bytes: Uint8Array, options: object) =>
      DiffusionQl.fromSafetensors(bytes, { ...timed, ...often, ...options }),
  },
  MeanFlowQ: {
    make: (options: object) => new MeanFlowQ(sizes, { ...timed, ...options }),
    read: (bytes: Uint8Array, options: object) =>
      MeanFlowQ.fromSafetensors(bytes, { ...timed, ...options }),
  },
  FlowQ: {
    make: (options: object) => new FlowQ(sizes, { hidden: [8, 8], seed: 3, ...options }),
    read: (bytes: Uint8Array, options: object) =>
      FlowQ.fromSafetensors(bytes, { hidden: [8, 8], seed: 3, ...options }),
  },
};

type Learner = ReturnType<(typeof makers)[keyof typeof makers]['make']>;

const tensorsOf = (learner: Learner) => readSafetensors(learner.toSafetensors()).tensors;

/** All networks and moments, and what both draw next. */
function expectSame(gpu: Learner, cpu: Learner, most: number): void {
  const [found, wanted] = [tensorsOf(gpu), tensorsOf(cpu)];
  expect(Object.keys(found)).toEqual(Object.keys(wanted));
  for (const [name, { data: numbers }] of Object.entries(found)) {
    const other = wanted[name]?.data as Float32Array;
    expect(furthest(numbers as Float32Array, other), name).toBeLessThanOrEqual(most);
  }
  const [mine, theirs] = [gpu, cpu].map((one) => readSafetensors(one.toSafetensors()).metadata);
  expect(mine).toEqual(theirs);
}

describe.each(Object.entries(makers))('%s', (name, { make, read }) => {
  test('five steps on the GPU are those on the CPU, to rounding', async () => {
    const [gpu, cpu] = [make(onGpu), make({})];
    expectSame(gpu, cpu, 0);
    const first = [gpu, cpu].map((one) => one.trainStep(transitions(6)) as object);
    const reports: object[][] = [];
    const last = await Promise.all(
      [gpu, cpu].map((one, i) => {
        const onProgress = (report: { step: number }) => {
          reports[report.step] ??= [];
          (reports[report.step] as object[])[i] = report;
        };
        return one.train(data, { ...training, steps: 4, reportEvery: 2, onProgress } as never);
      }),
    );
    expect(Object.keys(reports)).toEqual(['3', '5']);
    for (const pair of [first, last, ...Object.values(reports)]) {
      const [found, wanted] = pair as Record<string, number>[];
      for (const [key, value] of Object.entries(wanted ?? {})) {
        const most = Math.max(1, Math.abs(value)) * 1e-4;
        expect(Math.abs((found?.[key] as number) - value), key).toBeLessThan(most);
      }
    }
    expectSame(gpu, cpu, 1e-4);
    const [mine, theirs] = [gpu, cpu].map((one) => one.act(states, { candidates: 3 }));
    expect(
      furthest(mine?.candidates.data as Float32Array, theirs?.candidates.data as Float32Array),
    ).toBeLessThan(1e-3);
  });

  test('goes on from its file with the same bits', async () => {
    const first = make(onGpu);
    await first.train(data, { ...training, steps: 3 });
    const second = read(first.toSafetensors(), onGpu);
    const losses = [];
    for (const one of [first, second])
      losses.push(await one.train(data, { ...training, steps: 2 }));
    expect(losses[1]).toEqual(losses[0]);
    expectSame(second, first, 0);
    expect(second.act(states).actions.data).toEqual(first.act(states).actions.data);
    expect(second.toPolicyFile()).toEqual(first.toPolicyFile());
  });

  test('its policy file acts as it does', () => {
    const learner = make(onGpu);
    learner.trainStep(data);
    const bytes = learner.toPolicyFile();
    const policies = [{}, onGpu].map((where) => FlowPolicy.fromSafetensors(bytes, where));
    for (const candidates of [1, 3]) {
      const [a, b] = policies.map((policy) => policy.act(states, { candidates }));
      expect(furthest(b?.actions.data ?? [], a?.actions.data ?? [])).toBeLessThan(1e-4);
      expect(furthest(b?.candidates.data ?? [], a?.candidates.data ?? [])).toBeLessThan(1e-4);
      expect(furthest(b?.qMin?.data ?? [], a?.qMin?.data ?? [])).toBeLessThan(1e-4);
    }
    const out = policies.map((policy) => policy.act(states, new Float32Array(8)));
    expect(furthest(out[1] ?? [], out[0] ?? [])).toBeLessThan(1e-4);
    for (const policy of policies) policy.dispose();
    expect(() => policies[1]?.act(states)).toThrow('disposed');
  });

  test('divergence is reported, and the last good parameters kept', async () => {
    const learner = make({ ...onGpu, keepEvery: 1 });
    learner.trainStep(data);
    const before = tensorsOf(learner);
    learner.trainStep(data);
    const spoilt = { ...data, rewards: data.rewards.map(() => Number.POSITIVE_INFINITY) };
    expect(() => learner.trainStep(spoilt)).toThrow(
      `${name}.trainStep: training diverged at step 3, criticLoss is Infinity; the parameters are those after step 1.`,
    );
    expect(tensorsOf(learner)).toEqual(before);
    await learner.train(data, { ...training, steps: 1 });
    expect(learner.steps).toBe(2);
  });

  test('a batch that does not fit is refused, and a stop is heard', async () => {
    const learner = make(onGpu);
    learner.trainStep(data);
    const before = learner.toSafetensors();
    const short = { ...data, observations: new Float32Array(5) };
    expect(() => learner.trainStep(short)).toThrow(
      `${name}.trainStep: observations has 5 elements, expected [40, 3].`,
    );
    const wide = { ...data, rewards: Float64Array.from(data.rewards) as never };
    expect(() => learner.trainStep(wide)).toThrow(/rewards is Float64Array/);
    expect(learner.toSafetensors()).toEqual(before);
    const stop = new AbortController();
    const run = learner.train(data, {
      ...{ ...training, steps: 1000, signal: stop.signal, reportEvery: 1 },
      onProgress: () => stop.abort(),
    });
    await expect(run).rejects.toThrow('abort');
    expect(learner.steps).toBe(2);
  });

  test('cannot be used once it was disposed', () => {
    const learner = make(onGpu);
    learner.trainStep(data);
    learner.act(states);
    learner.dispose();
    learner.dispose();
    expect(() => learner.trainStep(data)).toThrow('disposed');
    expect(() => learner.act(states)).toThrow('disposed');
    expect(() => learner.toSafetensors()).toThrow('disposed');
  });
});

const samplers: [string, () => Learner, FlowPolicyOptions][] = [
  ['Euler steps', () => makers.FlowQ.make({}), { sampler: 'euler', steps: 3 }],
  ['DDIM', () => makers.DiffusionQl.make({}), { sampler: 'ddim', timesteps: [0, 2, 4] }],
  ['weights in bfloat16', () => makers.OneStepFlowQ.make({}), { weights: 'bf16' }],
  ['the mean of the critics', () => makers.FlowQ.make({}), { score: 'mean', maxAction: 0.5 }],
];

test.each(samplers)('FlowPolicy with %s acts on the GPU as on the CPU', (_, make, options) => {
  const bytes = make().toPolicyFile();
  const [gpu, cpu] = [onGpu, {}].map((where) =>
    FlowPolicy.fromSafetensors(bytes, { ...options, ...where }),
  );
  for (const one of [states.subarray(0, 3), states]) {
    for (const candidates of [1, 2]) {
      const [a, b] = [gpu, cpu].map((policy) => policy?.act(one, { candidates }));
      expect(furthest(a?.actions.data ?? [], b?.actions.data ?? [])).toBeLessThan(1e-4);
      expect(furthest(a?.qMin?.data ?? [], b?.qMin?.data ?? [])).toBeLessThan(1e-4);
    }
  }
});
