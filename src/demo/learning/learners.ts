/** The learners that are compared, with their settings. */
import { DiffusionQl, FlowQ, MeanFlowQ, OneStepFlowQ, type Transitions } from '../../flow/index.js';
import type { LearningTask, LearningTaskName } from './tasks.js';

export type LearnerName = 'BC' | 'Diffusion-QL' | 'FQL' | 'MeanFlowQL' | 'OFQL';

/** What the comparison needs of a learner. */
export interface Learner {
  train(data: Transitions, training: { steps: number; batchSize: number }): Promise<unknown>;
  /** Actions as the method's paper chooses them. */
  act(observations: Float32Array): Float32Array;
}

/** All learners: two hidden layers of 64, 128 transitions a step. */
export const hidden: readonly number[] = [64, 64];
export const batchSize = 128;

/**
 * Weights of the critic against the data, chosen for each method from its grid in `docs/learning.md`
 * on seeds that are not reported: η of OFQL and Diffusion-QL, α of FQL and MeanFlowQL.
 */
export const weights: Readonly<
  Record<LearningTaskName, Readonly<Record<Exclude<LearnerName, 'BC'>, number>>>
> = {
  multi_goal: { 'Diffusion-QL': 1, FQL: 10, MeanFlowQL: 10, OFQL: 0.1 },
  pendulum: { 'Diffusion-QL': 1, FQL: 1, MeanFlowQL: 10, OFQL: 0.1 },
};

/** Candidates that the paper of Diffusion-QL draws for each action. */
const diffusionCandidates = 50;

type Maker = (task: LearningTask, seed: number) => Learner;

function oneStep(task: LearningTask, seed: number, eta: number): Learner {
  const sizes = sizesOf(task);
  return acting(new OneStepFlowQ(sizes, { ...shared(task, seed), eta }), {});
}

/** Behaviour cloning is OFQL without its critics' gradient. */
export const learners: Readonly<Record<LearnerName, Maker>> = {
  BC: (task, seed) => oneStep(task, seed, 0),
  'Diffusion-QL': (task, seed) => {
    const eta = weights[task.name]['Diffusion-QL'];
    const learner = new DiffusionQl(sizesOf(task), { ...shared(task, seed), eta });
    return acting(learner, { candidates: diffusionCandidates });
  },
  FQL: (task, seed) => {
    const alpha = weights[task.name].FQL;
    return acting(new FlowQ(sizesOf(task), { ...shared(task, seed), alpha }), {});
  },
  MeanFlowQL: (task, seed) => {
    const alpha = weights[task.name].MeanFlowQL;
    return acting(new MeanFlowQ(sizesOf(task), { ...shared(task, seed), alpha }), {});
  },
  OFQL: (task, seed) => oneStep(task, seed, weights[task.name].OFQL),
};

function sizesOf({ name }: LearningTask): { observationSize: number; actionSize: number } {
  return name === 'pendulum'
    ? { observationSize: 3, actionSize: 1 }
    : { observationSize: 2, actionSize: 2 };
}

/** What all learners have alike. */
function shared({ gamma, lr }: LearningTask, seed: number) {
  return { hidden, gamma, lr, tau: 0.01, seed };
}

function acting<Options extends object>(
  learner: Pick<Learner, 'train'> & {
    act(observations: Float32Array, options: Options): { actions: { data: Float32Array } };
  },
  options: Options,
): Learner {
  return {
    train: (data, training) => learner.train(data, training),
    act: (observations) => learner.act(observations, options).actions.data,
  };
}
