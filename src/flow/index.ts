/** Family `flow`: the network substrate and one-step action generation. */
export * from '../generated/flow.js';
export { type Actions, FlowPolicy, type FlowPolicyOptions } from './flow-policy.js';
