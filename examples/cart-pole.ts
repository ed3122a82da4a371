/**
 * CartPole-v1 learnt twice: by neural fitted Q iteration from a fixed set of transitions, and by
 * SQIRL from random play, timestep by timestep (Laidlaw et al., arXiv 2312.08369).
 */
import { pathToFileURL } from 'node:url';

import { Tensor } from 'belfry';
import { NeuralFittedQ, Sqirl } from 'belfry/fitted-q';
import { behaviourPolicy, ControlTask } from 'belfry/offline';

const testSeed = 1_000_000;

export interface BatchRun {
  transitions?: number;
  steps?: number;
  seed?: number;
}

export interface Learnt {
  /** Mean return of the play that was learnt from. */
  before: number;
  /** Mean return of 100 episodes of the policy learnt. */
  after: number;
}

export async function fromTransitions(run: BatchRun & { level?: 'random'|'mixed'|'medium'; opts?: object } = {}): Promise<Learnt> {
  const { transitions = 50_000, steps = 20_000, seed = 1, level = 'random', opts = {} } = run;
  const task = new ControlTask('cart_pole', { count: 100 });
  const collected = task.collect(behaviourPolicy('cart_pole', level), { transitions, seed });
  const learner = new NeuralFittedQ({ discount: 0.99, hidden: [64, 64], steps, seed, ...opts });
  await learner.fit(collected.toTransitionDataset());
  const { meanReturn } = task.evaluate(
    (observations) => learner.act(new Tensor(observations, [100, 4])),
    { seed: testSeed },
  );
  return { before: collected.length / collected.numEpisodes, after: meanReturn };
}

export interface PlannedRun {
  horizon?: number;
  depth?: number;
  episodes?: number;
  seed?: number;
}

export async function byPlanning(run: PlannedRun & { network?: object } = {}): Promise<Learnt & {steps: number}> {
  const { horizon = 500, depth = 1, episodes = 20, seed = 1, network = {} } = run;
  const simulator = new ControlTask('cart_pole', { count: episodes, maxSteps: horizon, seed });
  const planner = new Sqirl({
    horizon,
    depth,
    episodesPerTimestep: episodes,
    seed,
    network: { hidden: [32], ...network } as never,
  });
  const { returns, steps } = await planner.train(simulator, process.env['V'] ? { onProgress: ({iteration, residual}) => { if (iteration % 25 === 0) console.log(iteration, residual); } } : {});
  return { before: returns[0] as number, after: playPlan(planner, horizon), steps };
}

/** Mean return of 100 episodes; a row that has ended gets no more reward. */
function playPlan(planner: Sqirl, horizon: number): number {
  const task = new ControlTask('cart_pole', { count: 100, seed: testSeed, maxSteps: horizon });
  let observations = task.reset();
  let total = 0;
  for (let t = 0; t < horizon; t++) {
    const step = task.step(planner.act(t, observations));
    observations = step.observations;
    total += step.rewards.reduce((sum, reward) => sum + reward, 0);
  }
  return total / task.count;
}
