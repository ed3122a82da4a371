/** The learners that are compared, with their settings. */
import type { Engine } from '../../engine.js';
import { DiffusionQl, FlowQ, MeanFlowQ, OneStepFlowQ, type Transitions } from '../../flow/index.js';
import type { LearningTask, LearningTaskName } from './tasks.js';

export type LearnerName = 'BC' | 'Diffusion-QL' | 'FQL' | 'MeanFlowQL' | 'OFQL';

/** What the comparison needs of a learner. */
export interface Learner {
  train(data: Transitions, training: { steps: number; batchSize: number }): Promise<unknown>;
  /** How it acts, by what the report calls it. */
  ways: Readonly<Record<string, Act>>;
}

export type Act = (observations: Float32Array) => Float32Array;

/**
 * All learners: three hidden layers, as in the papers of OFQL and Diffusion-QL, of 64 units, 128
 * transitions a step. With two, a policy of one step fits a fork of the ways worse than
 * Diffusion-QL, which goes through its network five times.
 */
export const hidden: readonly number[] = [64, 64, 64];
export const batchSize = 128;

/**
 * The averaged policies of OFQL and Diffusion-QL, which the critics' targets are made with, follow
 * at every step: by the default, every 5 steps from step 1000 on, made for a million steps, they are
 * 1000 steps behind the policy.
 */
export const averaging = { emaStart: 0, emaEvery: 1 } as const;

/**
 * Weights between critic and data: η of OFQL and Diffusion-QL (large: more of the critic), α of FQL
 * and MeanFlowQL (large: more of the data). `gridSeeds` chose each method's from its grid.
 */
export const weights: Readonly<Record<LearningTaskName, Readonly<Record<LearnerName, number>>>> = {
  multi_goal: { BC: 0, 'Diffusion-QL': 16, FQL: 0.03, MeanFlowQL: 0.3, OFQL: 64 },
  pendulum: { BC: 0, 'Diffusion-QL': 4, FQL: 0.03, MeanFlowQL: 0.1, OFQL: 4 },
};

/** What the weights were chosen from: by the mean score after the last step, of 50 candidates where a learner has two ways. */
export const weightGrids: Readonly<Record<Exclude<LearnerName, 'BC'>, readonly number[]>> = {
  'Diffusion-QL': [1, 4, 16, 64],
  FQL: [0.03, 0.1, 0.3, 1],
  MeanFlowQL: [0.1, 0.3, 1],
  OFQL: [1, 4, 16, 64],
};

/** None of them is reported. */
export const gridSeeds: readonly number[] = [100, 101, 102, 103];

type Maker = (task: LearningTask, seed: number, weight: number, engine: Engine) => Learner;

export const learners: Readonly<Record<LearnerName, Maker>> = {
  // OFQL's policy without the critics' gradient.
  BC: (task, seed, eta, engine) =>
    acting(new OneStepFlowQ(sizesOf(task), { ...shared(task, seed, engine), ...averaging, eta }), {
      BC: {},
    }),
  // Of 50 candidates one drawn by the softmax of their values, the class's and its paper's way, and
  // the best of them, OFQL's.
  'Diffusion-QL': (task, seed, eta, engine) =>
    acting(new DiffusionQl(sizesOf(task), { ...shared(task, seed, engine), ...averaging, eta }), {
      'Diffusion-QL, 1 candidate': { candidates: 1 },
      'Diffusion-QL, 50': {},
      'Diffusion-QL, best of 50': { select: 'best' },
    }),
  FQL: (task, seed, alpha, engine) =>
    acting(new FlowQ(sizesOf(task), { ...shared(task, seed, engine), alpha }), { FQL: {} }),
  // The best of 5 candidates, again its paper's way.
  MeanFlowQL: (task, seed, alpha, engine) =>
    acting(new MeanFlowQ(sizesOf(task), { ...shared(task, seed, engine), alpha }), {
      'MeanFlowQL, 5': {},
    }),
  OFQL: (task, seed, eta, engine) =>
    acting(new OneStepFlowQ(sizesOf(task), { ...shared(task, seed, engine), ...averaging, eta }), {
      'OFQL, 1 candidate': {},
      'OFQL, 50': { candidates: 50 },
    }),
};

function sizesOf({ name }: LearningTask): { observationSize: number; actionSize: number } {
  return name === 'pendulum'
    ? { observationSize: 3, actionSize: 1 }
    : { observationSize: 2, actionSize: 2 };
}

/** What all learners have alike. */
function shared({ gamma, lr }: LearningTask, seed: number, engine: Engine) {
  return { hidden, gamma, lr, tau: 0.01, seed, engine };
}

function acting<Options extends object>(
  learner: Pick<Learner, 'train'> & {
    act(observations: Float32Array, options: Options): { actions: { data: Float32Array } };
  },
  ways: Readonly<Record<string, Options>>,
): Learner {
  const act =
    (options: Options): Act =>
    (observations) =>
      learner.act(observations, options).actions.data;
  return {
    train: (data, training) => learner.train(data, training),
    ways: Object.fromEntries(Object.entries(ways).map(([way, options]) => [way, act(options)])),
  };
}
