/** Family `flow`: the network substrate, one-step action generation and its training. */
export * from '../generated/flow.js';
export type { FlowLearner } from './flow-learner.js';
export { type Actions, FlowPolicy, type FlowPolicyOptions } from './flow-policy.js';
export {
  type ActOptions,
  type AverageOptions,
  type FlowQLosses,
  type FlowQTraining,
  type FlowTraining,
  type LearnerOptions,
  type OneStepFlowQOptions,
  oneStepFlowQDefaults,
  type Transitions,
} from './flow-q-options.js';
export { OneStepFlowQ } from './one-step-flow-q.js';
