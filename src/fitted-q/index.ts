/** Family `fitted-q`: fitted-Q iteration. */
export * from '../generated/fitted-q.js';
export {
  FittedQ,
  type FittedQCheckpoint,
  type FittedQOperator,
  type FittedQOptions,
  type FittedQReport,
} from './fitted-q.js';
export { KernelRegressor, type KernelRegressorOptions } from './kernel-regressor.js';
export { type FeatureTransitions, LinearFqi, type LinearFqiOptions } from './linear-fqi.js';
export { LinearRegressor, type LinearRegressorOptions } from './linear-regressor.js';
export { Lspi, type LspiOptions, type LspiReport } from './lspi.js';
export { NeuralRegressor, type NeuralRegressorOptions } from './neural-regressor.js';
export type { QRegressor, RegressorState } from './regressor.js';
export { type EpisodeSimulator, Sqirl, type SqirlOptions, type SqirlReport } from './sqirl.js';
export {
  type TransitionChunk,
  TransitionDataset,
  type TransitionDatasetOptions,
} from './transitions.js';
export { TreeRegressor, type TreeRegressorOptions } from './tree-regressor.js';
