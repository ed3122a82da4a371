/** The methods of `solve` by name. */
import type { ValueIterationVariant } from './value-iteration.js';

/** What `solve` can be told to do; 'deterministic' with such a model, the last one with a horizon. */
export const solveMethods = [
  'value_iteration',
  'in_place',
  'deterministic',
  'topological',
  'anderson',
  'elimination',
  'policy_iteration',
  'modified_policy_iteration',
  'inexact_policy_iteration',
  'backward_induction',
] as const;
export type SolveMethod = (typeof solveMethods)[number];

type PolicyVariant = 'howard' | 'modified' | 'inexact';

/** Names for people. */
export const methodNames: Readonly<Record<SolveMethod, string>> = {
  value_iteration: 'value iteration',
  in_place: 'in-place value iteration',
  deterministic: 'in-place value iteration of the table of successors',
  topological: 'topological value iteration',
  anderson: 'Anderson-accelerated value iteration',
  elimination: 'value iteration with action elimination',
  policy_iteration: "Howard's policy iteration",
  modified_policy_iteration: 'modified policy iteration',
  inexact_policy_iteration: 'inexact policy iteration (GMRES)',
  backward_induction: 'backward induction',
};

/** How value iteration sweeps under the methods that are one. */
export const sweepVariants: Partial<Record<SolveMethod, ValueIterationVariant>> = {
  value_iteration: 'synchronous',
  in_place: 'in_place',
  topological: 'topological',
  anderson: 'anderson',
  elimination: 'elimination',
};

/** How policy iteration evaluates under the methods that are one. */
export const policyVariants: Partial<Record<SolveMethod, PolicyVariant>> = {
  policy_iteration: 'howard',
  modified_policy_iteration: 'modified',
  inexact_policy_iteration: 'inexact',
};
