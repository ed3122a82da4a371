import { describe, expect, test } from 'vitest';
import { setThreads } from '../../src/engine.js';
import { BelfryError } from '../../src/errors.js';
import { FlowPolicy, FlowQ, type FlowQOptions, type FqlLosses } from '../../src/flow/index.js';
import { readSafetensors, writeSafetensors } from '../../src/safetensors.js';
import { bandit, batchOf, good, near, usual } from './lib/bandit.js';

const small = { hidden: [48, 48], lr: 2e-3, flowSteps: 5 } as const;
const sizes = { observationSize: 1, actionSize: 2 };
const data = bandit(512, 5);

function trained(steps: number, options: FlowQOptions, anywhere = 0): FlowQ {
  const all = bandit(256 * steps, 1, anywhere);
  const learner = new FlowQ(sizes, { ...small, ...options, seed: 3 });
  for (let i = 0; i < steps; i++) learner.trainStep(batchOf(all, i));
  return learner;
}

const parametersOf = (learner: FlowQ): object => readSafetensors(learner.toSafetensors()).tensors;

describe('FlowQ on a bandit', () => {
  test('the flow has the modes of the data, and so has what is distilled from it', () => {
    const learner = trained(1500, { alpha: 100 });
    const states = new Float32Array(2000);
    const flow = FlowPolicy.fromSafetensors(learner.toPolicyFile(), {
      sampler: 'euler',
      steps: 10,
    });
    // What is distilled lags behind the flow.
    for (const [{ actions }, least] of [
      [flow.act(states), 0.1],
      [learner.act(states), 0.05],
    ] as const) {
      const [better, worse] = [near(actions.data, good), near(actions.data, usual)];
      expect(better + worse).toBeGreaterThan(0.6);
      expect(better / (better + worse)).toBeGreaterThan(least);
      expect(better / (better + worse)).toBeLessThan(0.32);
    }
  });

  test('with a weak distillation its actions climb to the better mode', () => {
    const learner = trained(800, { alpha: 0.05 }, 0.2);
    const { actions } = learner.act(new Float32Array(2000));
    expect(near(actions.data, good)).toBeGreaterThan(0.95);
  });
});

describe('FlowQ', () => {
  test('the same bits on one thread and on several', () => {
    const files = [1, 2, 3].map((threads) => {
      setThreads(threads);
      const one = new FlowQ(sizes, { ...small, hidden: [96, 96, 96], seed: 9 });
      for (let i = 0; i < 3; i++) one.trainStep(data);
      return one.toSafetensors();
    });
    expect(Buffer.compare(files[0] as Uint8Array, files[1] as Uint8Array)).toBe(0);
    expect(Buffer.compare(files[0] as Uint8Array, files[2] as Uint8Array)).toBe(0);
  });

  test('goes on from its file as if it had never stopped', () => {
    for (const layerNorm of [true, false]) {
      const first = new FlowQ(sizes, { ...small, layerNorm, seed: 2 });
      first.trainStep(data);
      const bytes = first.toSafetensors();
      const second = FlowQ.fromSafetensors(bytes, { ...small, layerNorm, seed: 5 });
      expect(second.steps).toBe(1);
      expect(Buffer.compare(second.toSafetensors(), bytes)).toBe(0);
      expect(second.trainStep(data)).toEqual(first.trainStep(data));
      expect(Buffer.compare(second.toSafetensors(), first.toSafetensors())).toBe(0);
    }
  });

  test('train runs on threads, reports and can be stopped', async () => {
    const learner = new FlowQ(sizes, small);
    const reports: (FqlLosses & { step: number })[] = [];
    const onProgress = (progress: FqlLosses & { step: number }): void => {
      reports.push(progress);
    };
    const losses = await learner.train(data, {
      steps: 4,
      batchSize: 32,
      reportEvery: 2,
      onProgress,
    });
    expect(losses?.bcFlowLoss).toBeGreaterThan(0);
    expect(reports.map(({ step }) => step)).toEqual([2, 4]);
    const stopped = learner.train(data, { steps: 1e6, signal: AbortSignal.timeout(20) });
    await expect(stopped).rejects.toThrow(/abort|stop|timeout/i);
  });

  test('every option reaches the step', () => {
    const changes: FlowQOptions[] = [
      { activation: 'mish' },
      { layerNorm: false },
      { alpha: 1 },
      { flowSteps: 2 },
      { qAggregation: 'min', gamma: 0.5 },
      { normalizeQ: true },
      { lr: 1e-4 },
      { tau: 0.5 },
      { seed: 8 },
    ];
    const open = { ...data, terminated: new Uint8Array(512) };
    const resultOf = (options: FlowQOptions): object => {
      const one = new FlowQ(sizes, { ...small, ...options });
      one.trainStep(open);
      return parametersOf(one);
    };
    const usualStep = resultOf({});
    for (const change of changes)
      expect(resultOf(change), JSON.stringify(change)).not.toEqual(usualStep);
    expect(resultOf({})).toEqual(usualStep);
  });

  test('its file bears the names of PyTorch, with the critics’ norms between their layers', () => {
    const { tensors } = readSafetensors(new FlowQ(sizes, small).toSafetensors());
    expect(tensors['flow.0.weight']?.shape).toEqual([48, 1 + 2 + 1]);
    expect(tensors['policy.4.weight']?.shape).toEqual([2, 48]);
    expect(tensors['critic1.2.weight']?.data).toEqual(new Float32Array(48).fill(1));
    expect(tensors['critic2.3.weight']?.shape).toEqual([48, 48]);
    expect(tensors['target_critic2.6.bias']?.shape).toEqual([1]);
    expect(tensors['norm_moments']?.shape).toEqual([2, 4 * 96]);
  });

  test('FlowPolicy acts as it does, with one action and with the best of several', () => {
    const learner = new FlowQ(sizes, small);
    for (let i = 0; i < 3; i++) learner.trainStep(data);
    const policy = FlowPolicy.fromSafetensors(learner.toPolicyFile());
    expect([policy.kind, policy.sampler, policy.hasCritics]).toEqual(['flow', 'one-step', true]);
    const noise = Float32Array.of(0.3, -0.4, 1.2, 0.1, -2, 0.5);
    const states = Float32Array.of(0.5);
    const [own, read] = [learner, policy].map((one) => one.act(states, { noise }));
    expect(read?.candidates.data).toEqual(own?.candidates.data);
  });

  test('a file whose parts do not fit is refused by the name of the part', () => {
    const { tensors } = readSafetensors(new FlowQ(sizes, small).toSafetensors());
    const bad: Record<string, object> = {
      'flow.2.weight': { data: new Float32Array(48 * 47), shape: [48, 47] },
      'critic1.2.weight': { data: new Float32Array(47), shape: [47] },
      'critic2.5.bias': { data: new Float32Array(48), shape: [48, 1] },
      norm_moments: { data: new Float32Array(2), shape: [2, 1] },
    };
    for (const [name, tensor] of Object.entries(bad)) {
      const file = writeSafetensors({ ...tensors, [name]: tensor } as typeof tensors);
      const error = catchError(() => FlowQ.fromSafetensors(file, small));
      expect(error.code).toBe('BELFRY_BAD_FILE');
      expect(error.argument).toBe(name);
    }
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
