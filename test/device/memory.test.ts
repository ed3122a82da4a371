/** What is made on a GPU comes back, without the garbage collector. */
import { devices, Engine } from 'belfry';
import { expect, test } from 'vitest';
import { NeuralFittedQ } from '../../src/fitted-q/index.js';
import { FlowPolicy, FlowQ, OneStepFlowQ } from '../../src/flow/index.js';
import { bandit } from '../unit/lib/bandit.js';
import { chain } from '../unit/lib/chain.js';

const engine = new Engine({ device: 'cuda' });
const sizes = { observationSize: 1, actionSize: 2 };
const data = bandit(20, 1);
const states = new Float32Array(4);
const networks = { hidden: [64, 64], embeddingSize: 8, timeWidths: [8], engine };
/** Blocks that are given back stay with the allocator, and serve the next round. */
const freeBytes = () => devices()[0]?.freeBytes;

const policyFile = new FlowQ(sizes, { hidden: [64] }).toPolicyFile();

const rounds: [string, () => unknown][] = [
  [
    'a learner that steps, acts and is written',
    async () => {
      const learner = new OneStepFlowQ(sizes, { ...networks, keepEvery: 1 });
      for (const batch of [data, bandit(7, 2)]) learner.trainStep(batch);
      await learner.train(data, { steps: 2, batchSize: 5 });
      for (let i = 0; i < 10; i++) learner.act(states, { candidates: 3 });
      learner.toSafetensors();
      learner.dispose();
    },
  ],
  [
    'a policy that acts on batches of many sizes',
    () => {
      const policy = FlowPolicy.fromSafetensors(policyFile, { engine });
      for (let rows = 1; rows < 20; rows++)
        policy.act(new Float32Array(rows), { candidates: rows });
      policy.dispose();
    },
  ],
  [
    'a Q-network that begins anew and goes back',
    async () => {
      const learner = new NeuralFittedQ({
        ...{ discount: 0.9, steps: 6, engine, hidden: [32] },
        ...{ optimizer: 'rprop', targetEvery: 2, restart: true },
      });
      await learner.fit(chain());
      learner.resume(learner.checkpoint());
      learner.dispose();
    },
  ],
];

test.each(rounds)('%s', async (_, round) => {
  await round();
  await round();
  const before = freeBytes();
  for (let i = 0; i < 5; i++) await round();
  expect(freeBytes()).toBe(before);
});
