/** Trains every learner on every task and seed, scores it along the way, and times it. */
import type { Engine } from '../../engine.js';
import { onCpu } from '../../placement.js';
import { type Act, batchSize, type LearnerName, learners, weights } from './learners.js';
import {
  type LearningData,
  type LearningTask,
  type LearningTaskName,
  learningData,
  learningTasks,
  score,
} from './tasks.js';

/** One learner on one task with one seed, in one of its ways to act. */
export interface LearningRun {
  task: LearningTaskName;
  learner: LearnerName;
  /** How it acts, as the report calls it. */
  way: string;
  seed: number;
  /** Between critic and data. */
  weight: number;
  /** Mean return of the episodes in the data. */
  dataReturn: number;
  /** Gradient steps taken, and the mean return of the policy then. */
  curve: { steps: number; meanReturn: number }[];
  /** Of the training alone, without scoring. */
  trainingSeconds: number;
  /** By the size of the batch of observations. */
  actionsPerSecond: { batch1: number; batch256: number };
}

export interface LearningOptions {
  seeds: readonly number[];
  tasks?: readonly LearningTaskName[];
  learners?: readonly LearnerName[];
  /** Gradient steps. Default: the task's own. */
  steps?: number;
  /** Weight between critic and data. Default: the learner's for the task. */
  weight?: number;
  /** Scores along the curve. Default 6. */
  points?: number;
  /** Episodes of a score. Default 100. */
  episodes?: number;
  /** Where to train and act. Default: the CPU. */
  engine?: Engine;
  onRun?: (run: LearningRun) => void;
}

/** The seeds of the published comparison; settings were chosen on others. */
export const reportedSeeds: readonly number[] = [20, 21, 22, 23, 24];

/** Learners take turns within a seed, so that a busy minute of the machine is shared by all. */
export async function compareLearners(options: LearningOptions): Promise<LearningRun[]> {
  const { tasks = ['multi_goal', 'pendulum'], onRun } = options;
  const names = options.learners ?? (Object.keys(learners) as LearnerName[]);
  const runs: LearningRun[] = [];
  for (const seed of options.seeds) {
    for (const name of tasks) {
      const task = learningTasks[name];
      const data = learningData(task, seed);
      for (const learner of names) {
        const found = await runLearner(task, data, learner, seed, options);
        runs.push(...found);
        for (const run of found) onRun?.(run);
      }
    }
  }
  return runs;
}

async function runLearner(
  task: LearningTask,
  data: LearningData,
  name: LearnerName,
  seed: number,
  options: LearningOptions,
): Promise<LearningRun[]> {
  const { steps = task.steps, points = 6, episodes = 100, engine = onCpu } = options;
  const weight = options.weight ?? weights[task.name][name];
  const learner = learners[name](task, seed, weight, engine);
  const ways = Object.entries(learner.ways).map(([way, act]) => {
    const policy = (seen: Float32Array): Float32Array => act(data.see(seen));
    return { way, act, policy, curve: [] as LearningRun['curve'] };
  });
  let trainingSeconds = 0;
  for (let point = 1, done = 0; point <= points; point++) {
    const until = Math.round((point * steps) / points);
    const started = performance.now();
    await learner.train(data.train, { steps: until - done, batchSize });
    trainingSeconds += (performance.now() - started) / 1000;
    done = until;
    for (const { policy, curve } of ways) {
      // Starts that neither the data nor any other seed's score has.
      const meanReturn = score(task, policy, episodes, 10_000 + seed);
      curve.push({ steps: done, meanReturn });
    }
  }
  const run = { task: task.name, learner: name, seed, weight, dataReturn: data.meanReturn };
  return ways.map(({ way, act, curve }) => {
    const actionsPerSecond = {
      batch1: actionRate(act, data, 1),
      batch256: actionRate(act, data, 256),
    };
    return { ...run, way, curve, trainingSeconds, actionsPerSecond };
  });
}

/** Median of a few rates, each over at least 20 ms. */
function actionRate(act: Act, { train }: LearningData, batch: number): number {
  const width = train.observations.length / train.rewards.length;
  const observations = train.observations.slice(0, batch * width);
  act(observations);
  const rates = Array.from({ length: 5 }, () => {
    const started = performance.now();
    let calls = 0;
    let milliseconds = 0;
    do {
      act(observations);
      calls += 1;
      milliseconds = performance.now() - started;
    } while (milliseconds < 20);
    return (1000 * calls * batch) / milliseconds;
  });
  return rates.sort((a, b) => a - b)[2] as number;
}
