/** Family `flow`: the network substrate, one-step action generation and its training. */
export * from '../generated/flow.js';
export type { InitialWeights } from '../initial-weights.js';
export { DiffusionQl } from './diffusion-ql.js';
export type { FlowLearner } from './flow-learner.js';
export { type Actions, FlowPolicy, type PolicyActOptions } from './flow-policy.js';
export { FlowQ } from './flow-q.js';
export {
  type ActOptions,
  type AverageOptions,
  type DiffusionActOptions,
  type DiffusionQlOptions,
  diffusionQlDefaults,
  type FlowQLosses,
  type FlowQOptions,
  type FlowQTraining,
  type FlowTraining,
  type FqlLosses,
  flowQDefaults,
  type LearnerOptions,
  type MeanFlowQLosses,
  type MeanFlowQOptions,
  meanFlowQDefaults,
  type NetworkOptions,
  type OneStepFlowQOptions,
  oneStepFlowQDefaults,
  type Transitions,
} from './flow-q-options.js';
export { MeanFlowQ } from './mean-flow-q.js';
export { NoiseSource } from './noise.js';
export { OneStepFlowQ } from './one-step-flow-q.js';
export type { PolicyKind } from './policy-file.js';
export type { FlowPolicyOptions } from './policy-options.js';
export type { Sampler } from './policy-plans.js';
