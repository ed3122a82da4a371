/** What a regressor or a learner is asked about, and what it is fitted to. */
import { argumentError, show } from '../errors.js';
import { type ArrayLike, Tensor } from '../tensor.js';
import type { TransitionDataset } from './transitions.js';

/** Numbers of a state, and of actions. */
export type DataSizes = readonly [stateSize: number, numActions: number];

/**
 * States [M, stateSize], or as many one behind the other in a bare array.
 * @throws BelfryError BELFRY_BAD_DTYPE, BELFRY_BAD_SHAPE
 */
export function statesOf(
  op: string,
  states: ArrayLike<Float32Array>,
  stateSize: number,
): Tensor<Float32Array> {
  const given = states as { data?: unknown; shape?: readonly number[]; dims?: readonly number[] };
  const data = states instanceof Float32Array ? states : given?.data;
  if (!(data instanceof Float32Array)) {
    throw argumentError(
      'BELFRY_BAD_DTYPE',
      op,
      'states',
      `is ${show(states)}`,
      'float32 [M, size]',
    );
  }
  const shape = given.shape ?? given.dims ?? [data.length / stateSize, stateSize];
  const fits = shape.length === 2 && shape[1] === stateSize && Number.isInteger(shape[0]);
  if (fits && data.length === (shape[0] as number) * stateSize) {
    return states instanceof Tensor ? states : new Tensor(data, [...shape]);
  }
  const found = states === data ? `has ${data.length} elements` : `has shape [${shape}]`;
  throw argumentError('BELFRY_BAD_SHAPE', op, 'states', found, `[M, ${stateSize}]`);
}

/**
 * The sizes of data that there is something to learn from.
 * @throws BelfryError BELFRY_BAD_SHAPE without transitions, or where the sizes are not those `known`
 */
export function sizesOf(op: string, data: TransitionDataset, known?: DataSizes): DataSizes {
  if (typeof data?.stateSize !== 'number' || typeof data.numActions !== 'number') {
    const found = `is ${show(data)}`;
    throw argumentError('BELFRY_INVALID_ARGUMENT', op, 'data', found, 'a TransitionDataset');
  }
  const { length, stateSize, numActions } = data;
  if (length === 0) {
    throw argumentError('BELFRY_BAD_SHAPE', op, 'data', 'is empty', 'transitions');
  }
  if (known === undefined || (known[0] === stateSize && known[1] === numActions)) {
    return [stateSize, numActions];
  }
  const received = `has states of ${stateSize} and ${numActions} actions`;
  const expected = `${known[0]} and ${known[1]}, those of the fit before`;
  throw argumentError('BELFRY_BAD_SHAPE', op, 'data', received, expected);
}
