/** Family `bellman`: backups and solvers of Markov decision processes. */
export * from '../generated/bellman.js';
export type { CheckpointOptions } from './checkpoint.js';
export { EffectiveHorizon, type EffectiveHorizonOptions } from './effective-horizon.js';
export {
  type EnumeratedMdp,
  type EnumerateOptions,
  enumerateMdp,
  type Outcome,
} from './enumerate-mdp.js';
export { type CsrTables, Mdp, massTolerance } from './mdp.js';
export { decodeMdp, encodeMdp } from './mdp-file.js';
export { readMdpJson } from './mdp-json.js';
export type { SolveMethod } from './method-choice.js';
export {
  PolicyIteration,
  type PolicyIterationOptions,
  type PolicySolution,
  policyIterationDefaults,
} from './policy-iteration.js';
export { readPrism } from './prism.js';
export * from './problems/index.js';
export {
  type QStarAnswer,
  type QStarOptions,
  type QStarProblem,
  QStarSearch,
  type QValues,
  qStarDefaults,
} from './qstar-search.js';
export {
  type MarkovGame,
  type QuantalAnswer,
  QuantalResponse,
  type StageGame,
  type Temperatures,
} from './quantal-response.js';
export { type SolveAnswer, type SolveOptions, solve } from './solve.js';
export type { SolverProgress, SolverRun } from './solver-progress.js';
export { TaskSelector, type TaskSelectorOptions } from './task-selector.js';
export {
  type Solution,
  ValueIteration,
  type ValueIterationOptions,
  type ValueIterationVariant,
  valueIterationDefaults,
} from './value-iteration.js';
export { type RestlessArm, WhittleIndex, type WhittleIndexOptions } from './whittle-index.js';
