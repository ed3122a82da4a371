/**
 * CartPole-v1 learnt twice: by neural fitted Q iteration from a fixed set of transitions (Riedmiller
 * 2005, with a network that follows and Adam), and by SQIRL from random play, timestep by timestep
 * (Laidlaw et al., arXiv 2312.08369).
 */
import { pathToFileURL } from 'node:url';

import { Tensor } from 'belfry';
import { NeuralFittedQ, Sqirl } from 'belfry/fitted-q';
import { behaviourPolicy, ControlTask } from 'belfry/offline';

import { uniformSteps } from './lib/uniform-steps.js';

export interface Learnt {
  /** Mean return of random play. */
  before: number;
  /** Mean return of 100 episodes of what was learnt; their starts serve nothing else. */
  after: number;
}

const testStarts = { count: 100, seed: 1_000_000 };

/** Where states are drawn: x, ẋ, θ, θ̇ up to where the pole is lost, and as fast as 3. */
const ranges = [2.4, 3, 0.2095, 3];

export interface BatchRun {
  /** Single steps of random play. Default 50 000. */
  transitions?: number;
  /** Steps of the optimiser. Default 10 000. */
  steps?: number;
  seed?: number;
}

/** Neural fitted Q from single steps of random play. */
export async function fromTransitions(run: BatchRun = {}): Promise<Learnt> {
  const { transitions = 50_000, steps = 10_000, seed = 1 } = run;
  const data = uniformSteps('cart_pole', ranges, transitions, seed);
  // Only a loss costs: −1, and 0 for every other step. Columns of like size.
  data.rewards.forEach((_, row, rewards) => {
    rewards[row] = -(data.terminated[row] as number);
  });
  for (const { data: states } of [data.states, data.nextStates]) states.set(scaled(states));

  const learner = new NeuralFittedQ({ discount: 0.99, targetRate: 0.01, steps, seed });
  await learner.fit(data);
  const task = new ControlTask('cart_pole', testStarts);
  const { meanReturn } = task.evaluate(
    (observations) => learner.act(new Tensor(scaled(observations), [task.count, 4])),
    { seed: testStarts.seed },
  );
  return { before: randomReturn(), after: meanReturn };
}

function scaled(states: Float32Array): Float32Array {
  return states.map((value, i) => (1.7 * value) / (ranges[i % 4] as number));
}

export interface PlannedRun {
  /** Steps of an episode. Default 500, those of CartPole-v1. */
  horizon?: number;
  /** Episodes played to plan one step. Default 20. */
  episodes?: number;
  seed?: number;
}

/** SQIRL with k = 1: greedy in the values of random play, learnt anew for every timestep. */
export async function byPlanning(run: PlannedRun = {}): Promise<Learnt> {
  const { horizon = 500, episodes = 20, seed = 1 } = run;
  const simulator = new ControlTask('cart_pole', { count: episodes, seed, maxSteps: horizon });
  const planner = new Sqirl({
    horizon,
    depth: 1,
    episodesPerTimestep: episodes,
    seed,
    // Returns of random play are about 20: a twentieth has the size that networks like.
    network: { hidden: [32], batchSize: 64, epochs: 10, rewardScale: 0.05 },
  });
  await planner.train(simulator);

  const task = new ControlTask('cart_pole', { ...testStarts, maxSteps: horizon });
  let observations = task.reset();
  let total = 0;
  for (let t = 0; t < horizon; t++) {
    const step = task.step(planner.act(t, observations));
    total += step.rewards.reduce((sum, reward) => sum + reward, 0); // 0 after an end
    observations = step.observations;
  }
  return { before: randomReturn(), after: total / task.count };
}

function randomReturn(): number {
  const task = new ControlTask('cart_pole', testStarts);
  return task.evaluate(behaviourPolicy('cart_pole', 'random'), { seed: testStarts.seed })
    .meanReturn;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const seed = Number(process.argv[2] ?? 1);
  const batch = await fromTransitions({ seed });
  console.log(`random play ${batch.before.toFixed(1)} of 500`);
  console.log(`neural fitted Q from 50 000 transitions: ${batch.after.toFixed(1)}`);
  console.log(`SQIRL, k = 1: ${(await byPlanning({ seed })).after.toFixed(1)}`);
}
