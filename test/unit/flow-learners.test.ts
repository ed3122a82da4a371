import { setThreads } from 'belfry';
import { afterEach, describe, expect, test } from 'vitest';
import { DiffusionQl, MeanFlowQ, type Transitions } from '../../src/flow/index.js';
import { NoiseSource } from '../../src/flow/noise.js';
import { readSafetensors, writeSafetensors } from '../../src/safetensors.js';

const good = 0.5;
const usual = -0.5;

/**
 * A bandit of two actions: three fifths of the data around the worse one, a fifth around the
 * better one, and, for critics to learn from, a fifth anywhere.
 */
function bandit(count: number, seed: number): Transitions {
  const noise = new NoiseSource(seed);
  const actions = new Float32Array(2 * count);
  const rewards = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const draw = noise.uniform();
    let distance = 0;
    for (let k = 0; k < 2; k++) {
      const near = (draw < 0.2 ? good : usual) + 0.03 * noise.normal();
      const a = draw > 0.8 ? 2 * noise.uniform() - 1 : near;
      actions[2 * i + k] = a;
      distance += (a - good) ** 2;
    }
    rewards[i] = -distance - 0.2;
  }
  const observations = new Float32Array(count);
  const terminated = new Uint8Array(count).fill(1);
  return { observations, actions, rewards, nextObservations: observations, terminated };
}

/** Share of the actions within `radius` of (mode, mode). */
function near(actions: Float32Array, mode: number, radius = 0.2): number {
  let hits = 0;
  for (let i = 0; i < actions.length; i += 2) {
    const [x = 0, y = 0] = actions.subarray(i, i + 2);
    if (Math.hypot(x - mode, y - mode) < radius) hits += 1;
  }
  return hits / (actions.length / 2);
}

const sizes = { observationSize: 1, actionSize: 2 };
const small = { hidden: [64, 64], embeddingSize: 8, timeWidths: [8], lr: 2e-3 } as const;
const often = { emaStart: 0, emaEvery: 1, emaDecay: 0.98 } as const;
const states = new Float32Array(500);
const data = bandit(4096, 1);

afterEach(() => setThreads(2));

describe('on a bandit', () => {
  test('DiffusionQl without a Q loss has the modes of the data, the critics know the better', async () => {
    const learner = new DiffusionQl(sizes, { ...small, ...often, eta: 0, seed: 3 });
    await learner.train(data, { steps: 1500, batchSize: 128 });
    const { actions } = learner.act(states, { candidates: 1 });
    expect(near(actions.data, usual, 0.3)).toBeGreaterThan(0.45);
    expect(near(actions.data, good, 0.3)).toBeLessThan(0.25);
    const best = learner.act(states, { candidates: 20, select: 'best' });
    expect(near(best.actions.data, good, 0.3)).toBeGreaterThan(0.6);
    const average = learner.act(states, { candidates: 1, average: true });
    expect(near(average.actions.data, usual, 0.3)).toBeGreaterThan(0.45);
  });

  test('DiffusionQl with a Q loss is at the better action', async () => {
    const learner = new DiffusionQl(sizes, { ...small, ...often, eta: 1, seed: 3 });
    await learner.train(data, { steps: 1200, batchSize: 128 });
    const { actions } = learner.act(states, { candidates: 1 });
    expect(near(actions.data, good)).toBeGreaterThan(0.85);
  });

  test('MeanFlowQ keeps to the data with a large α, and climbs with a small one', async () => {
    const shares: number[][] = [];
    for (const alpha of [100, 1]) {
      const learner = new MeanFlowQ(sizes, { ...small, alpha, seed: 3 });
      await learner.train(data, { steps: 1200, batchSize: 128 });
      const { actions } = learner.act(states, { candidates: 1 });
      shares.push([near(actions.data, good, 0.3), near(actions.data, usual, 0.3)]);
    }
    const [kept, climbed] = shares;
    expect(kept?.[1]).toBeGreaterThan(0.4);
    expect(kept?.[0]).toBeLessThan(0.3);
    expect(climbed?.[0]).toBeGreaterThan(0.9);
  });
});

const makers = {
  DiffusionQl: {
    make: (options: object) => new DiffusionQl(sizes, { ...small, ...options }),
    read: (bytes: Uint8Array, options = {}) =>
      DiffusionQl.fromSafetensors(bytes, { ...small, ...options }),
    kind: {
      ...{ kind: 'diffusion', activation: 'mish', schedule: 'vp', steps: '5', max_action: '1' },
      ...{ clip_denoised: 'true', candidates: '50', select: 'softmax' },
    },
  },
  MeanFlowQ: {
    make: (options: object) => new MeanFlowQ(sizes, { ...small, ...options }),
    read: (bytes: Uint8Array, options = {}) =>
      MeanFlowQ.fromSafetensors(bytes, { ...small, ...options }),
    kind: { kind: 'residual', activation: 'mish', candidates: '5', score: 'mean' },
  },
};

describe.each(Object.entries(makers))('%s', (name, { make, read, kind }) => {
  test('goes on from its file with the same bits, with any number of threads', async () => {
    const first = make({ seed: 2 });
    await first.train(data, { steps: 3, batchSize: 64 });
    const second = read(first.toSafetensors());
    setThreads(1);
    const losses = await first.train(data, { steps: 2, batchSize: 512 });
    setThreads(2);
    const again = await second.train(data, { steps: 2, batchSize: 512 });
    expect(again).toEqual(losses);
    const [a, b] = [first, second].map((one) => readSafetensors(one.toPolicyFile()).tensors);
    expect(b).toEqual(a);
    expect(second.steps).toBe(5);
    expect(second.act(states).actions.data).toEqual(first.act(states).actions.data);
  });

  test('its policy file says what it is', () => {
    const { tensors, metadata } = readSafetensors(make({}).toPolicyFile());
    expect(metadata).toEqual(kind);
    expect(tensors['trunk_weight_0']?.shape).toEqual([64, 2 + 8 + 1]);
    expect(Object.keys(tensors).filter((key) => key.startsWith('ema'))).toEqual([]);
  });

  test('divergence is reported, and the last good parameters kept', () => {
    const learner = make({ keepEvery: 1 });
    learner.trainStep(data);
    const before = readSafetensors(learner.toSafetensors()).tensors;
    const spoilt = { ...data, rewards: data.rewards.map(() => Number.POSITIVE_INFINITY) };
    learner.trainStep(data);
    expect(() => learner.trainStep(spoilt)).toThrow(
      `${name}.trainStep: training diverged at step 3, criticLoss is Infinity; the parameters are those after step 1.`,
    );
    expect(readSafetensors(learner.toSafetensors()).tensors).toEqual(before);
  });

  test('the learning rate falls along half a cosine, and stays at 0', () => {
    const tensorsOf = (learner: { toSafetensors(): Uint8Array }) =>
      readSafetensors(learner.toSafetensors()).tensors;
    const decayed = make({ seed: 5, lrDecaySteps: 2 });
    const constant = make({ seed: 5 });
    for (const learner of [decayed, constant]) learner.trainStep(data);
    expect(tensorsOf(decayed)).toEqual(tensorsOf(constant));
    const halved = read(decayed.toSafetensors(), { lr: small.lr / 2, lrDecaySteps: null });
    for (const learner of [decayed, halved]) learner.trainStep(data);
    const before = tensorsOf(decayed);
    expect(before).toEqual(tensorsOf(halved));
    for (let i = 0; i < 2; i++) decayed.trainStep(data);
    for (const network of ['trunk.0.weight', 'critic1.0.weight', 'critic2.4.bias']) {
      expect(tensorsOf(decayed)[network]).toEqual(before[network]);
    }
    for (const lrDecaySteps of [0, -1, Number.NaN]) {
      expect(() => make({ lrDecaySteps })).toThrow(/lrDecaySteps is .*expected null or more/);
    }
  });

  test('unknown options, sizes that are none and files that do not fit are refused', () => {
    expect(() => make({ gama: 1 })).toThrow(/did you mean.*gamma/i);
    const { tensors } = readSafetensors(make({}).toSafetensors());
    const without = Object.fromEntries(
      Object.entries(tensors).filter(([key]) => !key.startsWith('critic2')),
    );
    expect(() => read(writeSafetensors(without as never))).toThrow(/critic2.0.weight is missing/);
    const wrong = { ...tensors, critic_moments: { data: new Float32Array(2), shape: [2, 1] } };
    expect(() => read(writeSafetensors(wrong as never))).toThrow(/critic_moments does not fit/);
  });
});

test('the best of the candidates is the one that the critics like best', () => {
  const learner = new DiffusionQl(sizes, { ...small, seed: 8 });
  const { actions, candidates, qMin } = learner.act(Float32Array.of(0.2, -0.7), {
    candidates: 6,
    select: 'best',
  });
  expect(candidates.shape).toEqual([2, 6, 2]);
  for (const row of [0, 1]) {
    const values = Array.from(qMin?.data.subarray(6 * row, 6 * row + 6) ?? []);
    const best = 12 * row + 2 * values.indexOf(Math.max(...values));
    expect(actions.data.slice(2 * row, 2 * row + 2)).toEqual(candidates.data.slice(best, best + 2));
  }
});

test('first weights are those asked for', () => {
  const sizes = { observationSize: 20, actionSize: 3 };
  const first = (init: 'sparse' | 'fan_in') => {
    const file = readSafetensors(new MeanFlowQ(sizes, { init, hidden: [16] }).toSafetensors());
    const { data, shape } = file.tensors['critic1.0.weight'] ?? { data: [], shape: [] };
    const zeros = Array.from(data as Float32Array).filter((w) => w === 0).length;
    return { shape, zeros };
  };
  expect(first('fan_in')).toEqual({ shape: [16, 23], zeros: 0 });
  expect(first('sparse')).toEqual({ shape: [16, 23], zeros: 16 * 21 });
  const bad = { init: 'glorot' } as unknown as { init: 'fan_avg' };
  expect(() => new MeanFlowQ(sizes, bad)).toThrow('MeanFlowQ: init is "glorot"');
});
