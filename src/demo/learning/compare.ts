/** Trains every learner on every task and seed, scores it along the way, and times it. */
import { batchSize, type Learner, type LearnerName, learners } from './learners.js';
import {
  type LearningData,
  type LearningTask,
  type LearningTaskName,
  learningData,
  learningTasks,
  score,
} from './tasks.js';

/** One learner on one task with one seed. */
export interface LearningRun {
  task: LearningTaskName;
  learner: LearnerName;
  seed: number;
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
  /** Scores along the curve. Default 8. */
  points?: number;
  /** Episodes of a score. Default 100. */
  episodes?: number;
  onRun?: (run: LearningRun) => void;
}

/** The seeds of the published comparison; settings were chosen on others. */
export const reportedSeeds: readonly number[] = [0, 1, 2, 3, 4];

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
        const run = await runLearner(task, data, learner, seed, options);
        runs.push(run);
        onRun?.(run);
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
  { steps = task.steps, points = 8, episodes = 100 }: LearningOptions,
): Promise<LearningRun> {
  const learner = learners[name](task, seed);
  const curve: LearningRun['curve'] = [];
  let trainingSeconds = 0;
  for (let point = 1, done = 0; point <= points; point++) {
    const until = Math.round((point * steps) / points);
    const started = performance.now();
    await learner.train(data.train, { steps: until - done, batchSize });
    trainingSeconds += (performance.now() - started) / 1000;
    done = until;
    const policy = (seen: Float32Array): Float32Array => learner.act(data.see(seen));
    // Starts that neither the data nor any other seed's score has.
    const meanReturn = score(task, policy, episodes, 10_000 + seed);
    curve.push({ steps: done, meanReturn });
  }
  const actionsPerSecond = {
    batch1: actionRate(learner, data, 1),
    batch256: actionRate(learner, data, 256),
  };
  const run = { task: task.name, learner: name, seed, dataReturn: data.meanReturn };
  return { ...run, curve, trainingSeconds, actionsPerSecond };
}

/** Median of a few rates, each over at least 20 ms. */
function actionRate(learner: Learner, { train }: LearningData, batch: number): number {
  const width = train.observations.length / train.rewards.length;
  const observations = train.observations.slice(0, batch * width);
  learner.act(observations);
  const rates = Array.from({ length: 5 }, () => {
    const started = performance.now();
    let calls = 0;
    let milliseconds = 0;
    do {
      learner.act(observations);
      calls += 1;
      milliseconds = performance.now() - started;
    } while (milliseconds < 20);
    return (1000 * calls * batch) / milliseconds;
  });
  return rates.sort((a, b) => a - b)[2] as number;
}
