/** Family `bellman`: backups and solvers of Markov decision processes. */
export * from '../generated/bellman.js';
export {
  BackwardInduction,
  type BackwardInductionOptions,
  type HorizonSolution,
} from './backward-induction.js';
export {
  type BatchSolution,
  BatchValueIteration,
  type BatchValueIterationOptions,
} from './batch-value-iteration.js';
export {
  type BackupAnswer,
  type BackupMdp,
  type BackupOptions,
  bellmanBackup,
  bellmanBackupAsync,
} from './bellman-backup.js';
export type { CheckpointOptions } from './checkpoint.js';
export {
  type DenseBatchSolution,
  DenseBatchValueIteration,
  type DenseModels,
} from './dense-batch.js';
export { EffectiveHorizon, type EffectiveHorizonOptions } from './effective-horizon.js';
export {
  type EnumeratedMdp,
  type EnumerateOptions,
  enumerateMdp,
  type Outcome,
} from './enumerate-mdp.js';
export { type GoalMethod, goalMethods } from './goal-solves.js';
export { Mamql, type MamqlBatch, type MamqlOptions } from './mamql.js';
export {
  type AnyMdp,
  type CsrTables,
  Mdp,
  massTolerance,
  type SingleMdp,
  type SparseOperands,
} from './mdp.js';
export { decodeMdp, encodeMdp, loadMdp, readMdp, saveMdp } from './mdp-file.js';
export { readMdpJson } from './mdp-json.js';
export { type BatchOperands, type BatchTables, MdpBatch } from './models/batch.js';
export { DenseMdp, type DenseOperands, type DenseTables } from './models/dense.js';
export {
  DeterministicMdp,
  type DeterministicOperands,
  type DeterministicTables,
} from './models/deterministic.js';
export {
  estimateMdpBytes,
  estimateSolveBytes,
  type MdpSize,
  requireMemory,
  type SolveBytes,
  type SolveBytesOptions,
} from './models/memory.js';
export type { MdpKind, MdpModel } from './models/model.js';
export { SharedMdp, type SharedOperands } from './models/shared.js';
export { type DenseSteps, TimedMdp, type TimedOperands } from './models/timed.js';
export type { TransitionTables } from './models/transitions.js';
export {
  PolicyIteration,
  type PolicyIterationOptions,
  type PolicySolution,
  type PolicyStart,
  policyIterationDefaults,
} from './policy-iteration.js';
export { loadPrism, type PrismModel, type PrismTexts, readPrism } from './prism.js';
export { type PrismSource, type PrismWriteOptions, savePrism, writePrism } from './prism-write.js';
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
export type { ReluLayer } from './relu-program.js';
export {
  type ActionConstraint,
  Sequoia,
  type SequoiaAnswer,
  type SequoiaBatch,
  type SequoiaOptions,
} from './sequoia.js';
export { type SolveAnswer, type SolveOptions, solve } from './solve.js';
export { type SolveMethod, solveMethods } from './solve-methods.js';
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
