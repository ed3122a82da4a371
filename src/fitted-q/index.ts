/** Family `fitted-q`: fitted-Q iteration. */
export * from '../generated/fitted-q.js';
export type { InitialWeights } from '../initial-weights.js';
export { CategoricalRegressor, type CategoricalRegressorOptions } from './categorical-regressor.js';
export { ExtraTreesForest, type ForestArrays } from './extra-trees-forest.js';
export {
  FittedQ,
  type FittedQCheckpoint,
  type FittedQOperator,
  type FittedQOptions,
  type FittedQReport,
} from './fitted-q.js';
export { Gorp, type GorpCheckpoint, type GorpOptions, type GorpReport } from './gorp.js';
export { KernelRegressor, type KernelRegressorOptions } from './kernel-regressor.js';
export { type FeatureTransitions, LinearFqi, type LinearFqiOptions } from './linear-fqi.js';
export { LinearRegressor, type LinearRegressorOptions } from './linear-regressor.js';
export { Lspi, type LspiOptions, type LspiReport } from './lspi.js';
export { Lstd, type LstdMethod, type LstdOptions, type LstdReport } from './lstd.js';
export type { LstdTransitions, NextPolicy, StateFeatures } from './lstd-system.js';
export {
  NeuralFittedQ,
  type NeuralFittedQCheckpoint,
  type NeuralFittedQOptions,
  type NeuralFittedQReport,
} from './neural-fitted-q.js';
export { NeuralRegressor, type NeuralRegressorOptions } from './neural-regressor.js';
export type { QNetworkOptions, QNetworkState } from './q-network.js';
export type {
  DistributionalRegressor,
  QRegressor,
  RegressorState,
  ReturnAtoms,
} from './regressor.js';
export {
  type BatchSimulator,
  type BatchStep,
  batchSimulator,
  type EpisodeSimulator,
} from './simulator.js';
export { Sqirl, type SqirlCheckpoint, type SqirlOptions, type SqirlReport } from './sqirl.js';
export type { SqirlAtoms, SqirlNetworkOptions } from './sqirl-learner.js';
export {
  hintToGoal,
  type TransitionChunk,
  TransitionDataset,
  type TransitionDatasetOptions,
} from './transitions.js';
export { TreeRegressor, type TreeRegressorOptions } from './tree-regressor.js';
