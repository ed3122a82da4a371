/** The tasks of the comparison of offline learners, and the data that they learn from. */
import {
  behaviourPolicy,
  type ControlPolicy,
  ControlTask,
  noisyPolicy,
  normalizeObservations,
  type OfflineDataset,
  pendulumPolicy,
} from '../../offline/index.js';

export type LearningTaskName = 'multi_goal' | 'pendulum';

export interface LearningTask {
  name: LearningTaskName;
  /** In words, for the report. */
  data: string;
  behaviour: () => ControlPolicy;
  transitions: number;
  gamma: number;
  /** Learning rate of every learner. */
  lr: number;
  /** Gradient steps of every learner. */
  steps: number;
  /** Rewards as the learners see them. */
  tuneRewards: (data: OfflineDataset) => Float32Array;
}

/** Observations, and rewards of a size that suits a critic. */
export interface LearningData {
  train: TrainingArrays;
  /** Mean return of the episodes in the data. */
  meanReturn: number;
  /** As the learners see observations. */
  see: (observations: Float32Array) => Float32Array;
}

type TrainingArrays = Pick<
  OfflineDataset,
  'observations' | 'actions' | 'rewards' | 'nextObservations' | 'terminated'
>;

export const learningTasks: Readonly<Record<LearningTaskName, LearningTask>> = {
  multi_goal: {
    name: 'multi_goal',
    data: 'each episode goes to one of four goals, noise 0.3; rewards over their deviation',
    behaviour: () => behaviourPolicy('multi_goal', 'medium'),
    transitions: 20_000,
    gamma: 0.95,
    lr: 3e-3,
    steps: 6000,
    // Not shifted: an episode ends at a goal, and rewards above 0 would pay for waiting before it.
    tuneRewards: ({ rewards }) => {
      const mean = rewards.reduce((sum, r) => sum + r, 0) / rewards.length;
      const squares = rewards.reduce((sum, r) => sum + (r - mean) ** 2, 0);
      return rewards.map((r) => r / Math.sqrt(squares / rewards.length));
    },
  },
  pendulum: {
    name: 'pendulum',
    data: 'swing-up by energy with noise 1 on torques in [−1, 1]; rewards standardised',
    behaviour: () => noisyPolicy(pendulumPolicy(), 1),
    transitions: 20_000,
    gamma: 0.95,
    lr: 3e-3,
    steps: 6000,
    tuneRewards: (data) => data.rewardTuning('normalize').rewards,
  },
};

/** The task's own data of one seed. */
export function learningData(task: LearningTask, seed: number): LearningData {
  const simulator = new ControlTask(task.name, { count: 100, seed });
  const data = simulator.collect(task.behaviour(), { transitions: task.transitions, seed });
  const statistics = data.statistics();
  const { observations, actions, nextObservations, terminated } = data.normalize(statistics);
  const rewards = task.tuneRewards(data);
  return {
    train: { observations, actions, rewards, nextObservations, terminated },
    meanReturn: data.returns().reduce((sum, value) => sum + value, 0) / data.numEpisodes,
    see: (seen) => normalizeObservations(seen, statistics),
  };
}

/** Mean return of whole episodes. */
export function score(
  task: LearningTask,
  policy: ControlPolicy,
  episodes: number,
  seed: number,
): number {
  const simulator = new ControlTask(task.name, { count: episodes, seed });
  return simulator.evaluate(policy, { episodes, seed }).meanReturn;
}
