/** Family `offline`: control tasks as batched simulators, and data sets for offline learning. */
export * from '../generated/offline.js';
export {
  acrobotPolicy,
  behaviourPolicy,
  carOnTheHillPolicy,
  cartPolePolicy,
  mixedPolicy,
  mountainCarPolicy,
  multiGoalPolicy,
  multiGoals,
  noisyPolicy,
  pendulumPolicy,
  randomPolicy,
} from './behaviour-policies.js';
export type { ControlPolicy, PolicyContext } from './control-policy.js';
export type { Rollout } from './control-rollout.js';
export {
  type ActionsOf,
  type ContinuousControlTask,
  type ControlSpec,
  type ControlTaskName,
  controlSpecs,
  controlTaskNames,
  type DiscreteControlTask,
} from './control-specs.js';
export {
  type CollectOptions,
  type ControlStepResult,
  ControlTask,
  type ControlTaskOptions,
  type EvaluateOptions,
  type Evaluation,
  type RolloutOptions,
} from './control-task.js';
export { type Hdf5ReadOptions, readD4rl, readMinari, writeD4rl, writeMinari } from './d4rl.js';
export {
  normalizeObservations,
  type ObservationStatistics,
  type OfflineActions,
  type OfflineArrays,
  OfflineDataset,
  type OfflineDatasetOptions,
  type RewardTuning,
  type SampleOptions,
  type SplitOptions,
} from './dataset.js';
export type { ReadOptions } from './file-columns.js';
export { jsonLines, type LineSource, readJsonLines } from './json-lines.js';
export { readNpz, type WriteNpzOptions, writeNpz } from './npz.js';
