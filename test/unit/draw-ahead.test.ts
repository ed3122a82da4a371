/** Numbers drawn while a step is at work are those that would be drawn after it. */
import { describe, expect, test } from 'vitest';
import { DrawAhead } from '../../src/flow/draw-ahead.js';
import { DiffusionQl, FlowQ, MeanFlowQ, NoiseSource, OneStepFlowQ } from '../../src/flow/index.js';
import { readSafetensors } from '../../src/safetensors.js';
import { bandit } from './lib/bandit.js';

const sizes = { observationSize: 1, actionSize: 2 };
const timed = { hidden: [8], embeddingSize: 4, timeWidths: [4] };
const makers = {
  OneStepFlowQ: () => new OneStepFlowQ(sizes, timed),
  DiffusionQl: () => new DiffusionQl(sizes, timed),
  MeanFlowQ: () => new MeanFlowQ(sizes, timed),
  FlowQ: () => new FlowQ(sizes, { hidden: [8] }),
};
const data = bandit(64, 1);
const batchSize = 16;
const states = new Float32Array(3);

describe.each(Object.entries(makers))('%s', (_, make) => {
  test('many steps at once are as many calls of one step', async () => {
    const [whole, apart] = [make(), make()];
    await whole.train(data, { steps: 5, batchSize });
    for (let i = 0; i < 5; i++) await apart.train(data, { steps: 1, batchSize });
    expect(whole.toSafetensors()).toEqual(apart.toSafetensors());
  });

  test('what is drawn between two steps, or while one is at work, comes first', async () => {
    const [whole, apart] = [make(), make()];
    const acted: Float32Array[] = [];
    const act = (one: typeof whole) => {
      acted.push(one.act(states).candidates.data);
    };
    await whole.train(data, {
      ...{ steps: 4, batchSize, reportEvery: 2 },
      onProgress: ({ step }) => step === 2 && act(whole),
    });
    await apart.train(data, { steps: 2, batchSize });
    act(apart);
    await apart.train(data, { steps: 2, batchSize });
    expect(acted[0]).toEqual(acted[1]);
    expect(whole.toSafetensors()).toEqual(apart.toSafetensors());
  });

  test('a report may change the transitions of the steps that follow', async () => {
    const [whole, apart] = [make(), make()];
    const changing = { ...data, rewards: data.rewards.slice() };
    const rewards = data.rewards.map((reward) => 2 * reward);
    await whole.train(changing, {
      ...{ steps: 3, batchSize, reportEvery: 2 },
      onProgress: () => changing.rewards.set(rewards),
    });
    await apart.train(data, { steps: 2, batchSize });
    await apart.train({ ...data, rewards }, { steps: 1, batchSize });
    expect(whole.toSafetensors()).toEqual(apart.toSafetensors());
  });

  test('a file written while a step is at work has the noise of before the next', async () => {
    const [whole, apart] = [make(), make()];
    const run = whole.train(data, { steps: 2, batchSize });
    const noise = whole['noise'].state();
    await run;
    await apart.train(data, { steps: 1, batchSize });
    expect(readSafetensors(apart.toSafetensors()).metadata['noise']).toBe(noise);
  });
});

test('other draws in between are noticed', () => {
  const [noise, other] = [new NoiseSource(3), new NoiseSource(3)];
  const fill = (from: NoiseSource) => (set: Float32Array) => void from.fillNormal(set);
  const sets = () => [new Float32Array(3), new Float32Array(3)] as const;
  const ahead = new DrawAhead(noise, sets(), fill(noise));
  const plain = new DrawAhead(other, sets(), fill(other));
  for (const between of [0, 1, 0, 2]) {
    ahead.draw();
    for (let i = 0; i < between; i++) expect(noise.normal()).toBe(other.normal());
    expect(ahead.take()).toEqual(plain.take());
  }
  const first = ahead.take();
  const copy = first.slice();
  ahead.draw();
  expect(first).toEqual(copy);
});
