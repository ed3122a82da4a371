/** What training may be asked for, and what it may be given. */
import { checkFinite, checkFlags, checkLength, checkWithin } from '../dataset-checks.js';
import { argumentError } from '../errors.js';
import { checkOptions, checkRules, rules } from '../options.js';
import type { FlowTraining, Transitions } from './flow-q-options.js';

const transitionArrays = [
  'observations',
  'actions',
  'rewards',
  'nextObservations',
  'terminated',
] as const;

/** The number of transitions. @throws BelfryError when an array is missing or there are none */
export function checkGiven(op: string, all: Transitions): number {
  for (const name of transitionArrays) {
    if (typeof all?.[name]?.length === 'number') continue;
    throw argumentError('BELFRY_MISSING_OPERAND', op, name, 'is missing', 'an array');
  }
  if (all.rewards.length > 0) return all.rewards.length;
  throw argumentError('BELFRY_BAD_SHAPE', op, 'rewards', 'is empty', 'transitions');
}

/** @throws BelfryError naming the array that does not fit the others, or the row that is no transition */
export function checkTransitions(
  op: string,
  all: Transitions,
  sizes: { observationSize: number; actionSize: number },
  largestAction: number,
): void {
  const count = checkGiven(op, all);
  checkLength(op, 'terminated', all.terminated, count, 1);
  checkFlags(op, 'terminated', all.terminated);
  const widths = {
    observations: sizes.observationSize,
    nextObservations: sizes.observationSize,
    actions: sizes.actionSize,
    rewards: 1,
  };
  for (const name of ['observations', 'nextObservations', 'actions', 'rewards'] as const) {
    checkLength(op, name, all[name], count, widths[name]);
    checkFinite(op, name, all[name], widths[name]);
  }
  checkWithin(op, 'actions', all.actions, sizes.actionSize, largestAction);
}

const trainingRules = {
  steps: rules.countOrNone,
  batchSize: rules.count,
  reportEvery: rules.count,
  onProgress: rules.call,
  signal: rules.signal,
};

/** @throws BelfryError BELFRY_INVALID_ARGUMENT naming the option that is unknown or out of range */
export function checkTraining(op: string, training: FlowTraining<never>): void {
  checkOptions(op, training, Object.keys(trainingRules));
  const given = Object.entries(training).filter(([, value]) => value !== undefined);
  checkRules(op, { steps: undefined, ...Object.fromEntries(given) }, trainingRules);
}
