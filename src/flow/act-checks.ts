import { argumentError, show } from '../errors.js';
import { checkRules, rules } from '../options.js';

/** What an `act` was asked for. */
export interface ActQuestion {
  observations: Float32Array;
  /** Numbers of an observation and of an action. */
  observationSize: number;
  actionSize: number;
  candidates: number;
  noise?: Float32Array | undefined;
  /** Numbers of noise for each of an action's. Default 1. */
  levels?: number;
}

/**
 * The number of observations.
 * @throws BelfryError BELFRY_BAD_DTYPE, BELFRY_BAD_SHAPE or BELFRY_INVALID_ARGUMENT for what no
 * action can be made of
 */
export function checkAct(op: string, question: ActQuestion): number {
  const { observations, observationSize: width, actionSize, candidates, noise } = question;
  checkRules(op, { candidates }, { candidates: rules.count });
  const length = checkFloats(op, 'observations', observations);
  const batch = width === 0 ? 1 : length / width;
  if (!Number.isInteger(batch) || batch * width !== length) {
    const found = `has ${length} elements`;
    throw argumentError('BELFRY_BAD_SHAPE', op, 'observations', found, `[B, ${width}]`);
  }
  if (noise === undefined) return batch;
  const { levels = 1 } = question;
  const wanted = levels * batch * candidates * actionSize;
  if (checkFloats(op, 'noise', noise) === wanted) return batch;
  const shape = [...(levels > 1 ? [levels] : []), batch, candidates, actionSize].join(', ');
  const found = `has ${noise.length} elements`;
  throw argumentError('BELFRY_BAD_SHAPE', op, 'noise', found, `${wanted}, [${shape}]`);
}

/** The length of `array`. @throws BelfryError BELFRY_BAD_DTYPE for anything but a Float32Array */
export function checkFloats(op: string, name: string, array: unknown): number {
  if (array instanceof Float32Array) return array.length;
  const found = `is ${show(array)}`;
  throw argumentError('BELFRY_BAD_DTYPE', op, name, found, 'a Float32Array');
}
