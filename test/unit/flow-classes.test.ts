import { beforeAll, describe, expect, test } from 'vitest';
import { BelfryError } from '../../src/errors.js';
import { FlowPolicy, type FlowQLosses, OneStepFlowQ } from '../../src/flow/index.js';
import { NoiseSource } from '../../src/flow/noise.js';
import { readSafetensors, writeSafetensors } from '../../src/safetensors.js';
import { bandit, batchOf, good, near, usual } from './lib/bandit.js';

const small = { hidden: [64, 64, 64], embeddingSize: 8, timeWidths: [8], lr: 1e-3 } as const;
const sizes = { observationSize: 1, actionSize: 2 };

function trained(eta: number, steps: number, anywhere = 0): OneStepFlowQ {
  const data = bandit(256 * steps, 1, anywhere);
  const learner = new OneStepFlowQ(sizes, { ...small, eta, emaStart: 0, emaEvery: 1, seed: 3 });
  for (let i = 0; i < steps; i++) learner.trainStep(batchOf(data, i));
  return learner;
}

/** Networks and moments, without the state of the noise. */
function parametersOf(learner: OneStepFlowQ): object {
  return readSafetensors(learner.toSafetensors()).tensors;
}

describe('OneStepFlowQ on a bandit', () => {
  test('without a Q loss its actions have the modes of the data', () => {
    // Of the average: at a constant learning rate the policy itself wanders from step to step.
    const { actions } = trained(0, 2000).act(new Float32Array(2000), { average: true });
    const [better, worse] = [near(actions.data, good), near(actions.data, usual)];
    expect(better + worse).toBeGreaterThan(0.7);
    expect(better / (better + worse)).toBeGreaterThan(0.05);
    expect(better / (better + worse)).toBeLessThan(0.32);
  });

  test('with a Q loss they are all at the better one', () => {
    const learner = trained(1, 1500, 0.2);
    expect(near(learner.act(new Float32Array(2000)).actions.data, good)).toBeGreaterThan(0.95);
    const average = learner.act(new Float32Array(2000), { average: true });
    expect(near(average.actions.data, good)).toBeGreaterThan(0.9);
  });
});

describe('OneStepFlowQ', () => {
  let learner: OneStepFlowQ;
  const data = bandit(512, 5);
  beforeAll(() => {
    learner = new OneStepFlowQ(sizes, { ...small, seed: 1 });
  });

  test('the same seed gives the same steps', () => {
    const steps = [1, 2].map(() => {
      const one = new OneStepFlowQ(sizes, { ...small, seed: 9 });
      return [one.trainStep(data), one.trainStep(data)];
    });
    expect(steps[0]).toEqual(steps[1]);
  });

  test('train runs on threads, reports and can be stopped', async () => {
    const reports: (FlowQLosses & { step: number })[] = [];
    const losses = await learner.train(data, {
      steps: 6,
      batchSize: 32,
      reportEvery: 3,
      onProgress: (progress) => reports.push(progress),
    });
    expect(losses?.criticLoss).toBeGreaterThan(0);
    expect(reports.map(({ step }) => step)).toEqual([3, 6]);
    const stopped = learner.train(data, { steps: 1e6, signal: AbortSignal.timeout(30) });
    await expect(stopped).rejects.toThrow(/abort|stop|timeout/i);
    expect(learner.steps).toBeGreaterThan(6);
  });

  test('goes on from its file as if it had never stopped', () => {
    const first = new OneStepFlowQ(sizes, { ...small, seed: 2 });
    first.trainStep(data);
    const bytes = first.toSafetensors();
    const second = OneStepFlowQ.fromSafetensors(bytes, { ...small, seed: 5 });
    expect(second.steps).toBe(1);
    expect(Buffer.compare(second.toSafetensors(), bytes)).toBe(0);
    expect(second.trainStep(data)).toEqual(first.trainStep(data));
    expect(Buffer.compare(second.toSafetensors(), first.toSafetensors())).toBe(0);
  });

  test('training that diverges says at which step, and keeps the last good parameters', async () => {
    const one = new OneStepFlowQ(sizes, { ...small, seed: 6, keepEvery: 2 });
    for (let i = 0; i < 2; i++) one.trainStep(data);
    const good = parametersOf(one);
    one.trainStep(data);
    const spoilt = { ...data, rewards: data.rewards.map(() => 1e30) };
    expect(() => one.trainStep(spoilt)).toThrow(/diverged at step 4, criticLoss .* after step 2/);
    expect(parametersOf(one)).toEqual(good);
    expect(one.steps).toBe(2);
    one.trainStep(data);
    await expect(one.train(spoilt, { steps: 9 })).rejects.toThrow(
      /train: training diverged at step 4, criticLoss is /,
    );
  });

  test('data that do not fit are refused before the first step, by array and row', async () => {
    const one = new OneStepFlowQ(sizes, { ...small, seed: 6 });
    const start = one.toSafetensors();
    const spoil = (name: 'observations' | 'actions' | 'rewards', value: number) => {
      const array = data[name].slice();
      array[6] = value;
      return one.train({ ...data, [name]: array }, { steps: 1 });
    };
    const short = one.train({ ...data, actions: data.actions.slice(1) }, { steps: 1 });
    await expect(short).rejects.toThrow(/OneStepFlowQ\.train: actions has length 1023/);
    const ended = one.train({ ...data, terminated: data.terminated.slice(1) }, { steps: 1 });
    await expect(ended).rejects.toThrow(/terminated has length 511/);
    await expect(spoil('observations', Number.NaN)).rejects.toThrow(
      /observations holds NaN in row 6/,
    );
    await expect(spoil('rewards', Number.POSITIVE_INFINITY)).rejects.toThrow(
      /rewards holds Infinity in row 6/,
    );
    await expect(spoil('actions', 1.5)).rejects.toThrow(/actions holds 1\.5 in row 3, column 0/);
    expect(one.toSafetensors()).toEqual(start);
  });

  test('a step that makes wild parameters is undone, unless nothing is kept', () => {
    const one = new OneStepFlowQ(sizes, { ...small, lr: 1e38 });
    const start = parametersOf(one);
    expect(() => one.trainStep(data)).toThrow(/diverged at step 1, .* after step 0\.$/);
    expect(parametersOf(one)).toEqual(start);
    const kept = new OneStepFlowQ(sizes, { ...small, lr: 1e38, keepEvery: 0 });
    expect(() => kept.trainStep(data)).toThrow(/diverged at step 1, \S+ is NaN\.$/);
  });

  test('its file bears the names of PyTorch', () => {
    const { tensors } = readSafetensors(learner.toSafetensors());
    expect(tensors['trunk.0.weight']?.shape).toEqual([64, 2 + 8 + 8 + 1]);
    expect(tensors['critic2.6.bias']?.shape).toEqual([1]);
    expect(tensors['ema_rmlp.0.weight']?.shape).toEqual([8, 8]);
  });

  test('FlowPolicy acts as it does', () => {
    const policy = FlowPolicy.fromSafetensors(learner.toPolicyFile());
    const noise = new NoiseSource(4).fillNormal(new Float32Array(3 * 5 * 2));
    const observations = Float32Array.of(0, 0.5, -1);
    const { candidates } = learner.act(observations, { candidates: 5, noise });
    const { data } = policy.act(observations, { noise }).candidates;
    data.forEach((a, i) => expect(a).toBeCloseTo(candidates.data[i] as number, 5));
  });

  test('arrays that do not fit change nothing', () => {
    const before = learner.toSafetensors();
    const wrong = { ...data, actions: data.actions.subarray(1) };
    expect(() => learner.trainStep(wrong)).toThrow(BelfryError);
    expect(Buffer.compare(learner.toSafetensors(), before)).toBe(0);
  });

  test('unknown options and sizes that are none are refused', () => {
    expect(() => new OneStepFlowQ(sizes, { etta: 1 } as object)).toThrow(/did you mean.*eta/i);
    expect(() => new OneStepFlowQ({ ...sizes, actionSize: 1.5 })).toThrow(/actionSize/);
  });
});

describe('a hostile file', () => {
  const bytes = new OneStepFlowQ(sizes, small).toSafetensors();
  const { tensors } = readSafetensors(bytes);
  const refused = (changed: object): void => {
    const file = writeSafetensors({ ...tensors, ...changed } as typeof tensors);
    try {
      OneStepFlowQ.fromSafetensors(file);
    } catch (error) {
      expect(error).toBeInstanceOf(BelfryError);
      expect((error as BelfryError).code).toBe('BELFRY_BAD_FILE');
      return;
    }
    throw new Error('the file was accepted');
  };

  test('may be cut anywhere', () => {
    for (const length of [0, 7, 8, 100, bytes.length - 1]) {
      expect(() => OneStepFlowQ.fromSafetensors(bytes.subarray(0, length))).toThrow(BelfryError);
    }
  });

  test('may claim a header of gigabytes or of 2^64 bytes', () => {
    for (const length of [2n ** 31n, 2n ** 40n, 2n ** 64n - 1n]) {
      const copy = bytes.slice();
      new DataView(copy.buffer).setBigUint64(0, length, true);
      expect(() => OneStepFlowQ.fromSafetensors(copy)).toThrow(/header length/);
    }
  });

  test('may hold layers that do not chain, and tensors of other ranks and types', () => {
    refused({ 'trunk.2.weight': { data: new Float32Array(64 * 63), shape: [64, 63] } });
    refused({ 'trunk.2.bias': { data: new Float32Array(63), shape: [63] } });
    refused({ 'critic1.0.weight': { data: new Float32Array(6), shape: [6] } });
    refused({ 'tmlp.0.weight': { data: new Int32Array(64), shape: [8, 8] } });
    refused({ policy_moments: { data: new Float32Array(2), shape: [2, 1] } });
    refused({ 'trunk.0.weight': { data: new Float32Array(0), shape: [0, 0] } });
  });

  test('may hold a state of the noise that is none', () => {
    for (const noise of ['', '0 0 0 0 NaN', '1 2 3', '1 2 3 4.5 NaN', '-1 2 3 4 0']) {
      const file = writeSafetensors(tensors as Parameters<typeof writeSafetensors>[0], { noise });
      expect(() => OneStepFlowQ.fromSafetensors(file)).toThrow(/noise is malformed/);
    }
  });
});
