/** The options of a learner: known, complete and in range before a network is made of them. */
import { initialWeights } from '../initial-weights.js';
import {
  checkOptions,
  checkRules,
  type OptionRule,
  oneOf,
  rules,
  withDefaults,
} from '../options.js';
import { optionsOfFile } from '../saved-options.js';

const { number, positive, notNegative, share, count, countOrNone, flag, widths } = rules;

/** Of all learners, by the option's name; words are checked by the ops, which list them. */
const learnerRules: Readonly<Record<string, OptionRule>> = {
  gamma: share,
  lr: notNegative,
  lrDecaySteps: rules.limitOrNull,
  tau: share,
  seed: countOrNone,
  keepEvery: countOrNone,
  divergenceLimit: positive,
  init: oneOf(initialWeights),
  hidden: widths,
  timeWidths: [(x) => widths[0](x) && (x as unknown[]).length > 0, 'at least one width above 0'],
  embeddingSize: [
    (x) => count[0](x) && (x as number) >= 4 && (x as number) % 2 === 0,
    'even, at least 4',
  ],
  emaDecay: share,
  emaEvery: count,
  emaStart: number,
  eta: number,
  alpha: number,
  gradClip: rules.limitOrNull,
  flowRatio: share,
  timeMean: number,
  timeStd: notNegative,
  weightExponent: number,
  weightConstant: number,
  nextDraws: count,
  candidates: count,
  diffusionSteps: count,
  flowSteps: count,
  maxAction: positive,
  boundWeight: number,
  adaptiveGamma: number,
  adaptiveConstant: number,
  targetClip: positive,
  clipInTraining: flag,
  clipDenoised: flag,
  layerNorm: flag,
  normalizeQLoss: flag,
  normalizeQ: flag,
};

/** @throws BelfryError BELFRY_INVALID_ARGUMENT naming the option that is unknown or out of range */
export function learnerOptions<D extends object>(
  owner: string,
  defaults: D,
  options: Partial<D>,
): D {
  checkOptions(owner, options, Object.keys(defaults));
  const all = withDefaults(defaults, options);
  checkRules(owner, all, learnerRules);
  return all as D;
}

/**
 * All options of a learner that is read from a file: those given win over the file's, which win
 * over the defaults.
 * @throws BelfryError BELFRY_BAD_FILE when another class wrote the file, or its options are none
 */
export function savedOptions<D extends object>(
  owner: string,
  metadata: Record<string, string>,
  defaults: D,
  given: Partial<D>,
): D {
  const saved = optionsOfFile<D>(owner, metadata, (own) => learnerOptions(owner, defaults, own));
  return learnerOptions(owner, saved as D, given);
}
