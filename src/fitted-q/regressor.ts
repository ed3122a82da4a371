import { argumentError, type BelfryError } from '../errors.js';
import type { AsyncOptions } from '../tasks.js';
import type { Tensor } from '../tensor.js';
import type { TransitionDataset } from './transitions.js';

/** What fitted-Q iteration needs of a function approximator for Q(s, a). */
export interface QRegressor {
  /** Name in checkpoints and messages. */
  readonly kind: string;
  /**
   * Fits Q(s_i, a_i) to targets[i] for every transition.
   * @throws the signal's reason when it is stopped; the fit before is then kept
   */
  fit(data: TransitionDataset, targets: Float32Array, run?: AsyncOptions): Promise<void>;
  /** [M, A] Q-values of states [M, stateSize]. @throws BelfryError before a fit */
  predict(states: Tensor<Float32Array>): Tensor<Float32Array>;
  /** All that `load` needs, for structured clone (a file, a worker). */
  save(): RegressorState;
  /** @throws BelfryError when the state is of another kind */
  load(state: RegressorState): void;
  /** Gives back the memory of a GPU, where there can be any. */
  dispose?(): void;
}

/** The returns that a distribution gives mass to: `count` of them, evenly from vMin to vMax. */
export interface ReturnAtoms {
  /** Default 51. */
  count: number;
  vMin: number;
  vMax: number;
}

/** A regressor that knows the distribution of returns, for operator 'distributional'. */
export interface DistributionalRegressor extends QRegressor {
  readonly atoms: Readonly<ReturnAtoms>;
  /** Fits the distribution at (s_i, a_i) to row i of `targets` [N, count]. */
  fitDistribution(
    data: TransitionDataset,
    targets: Tensor<Float32Array>,
    run?: AsyncOptions,
  ): Promise<void>;
  /** [M, A, count] distributions at states [M, stateSize]. @throws BelfryError before a fit */
  predictDistribution(states: Tensor<Float32Array>): Tensor<Float32Array>;
}

export function isDistributional(regressor: QRegressor): regressor is DistributionalRegressor {
  return 'fitDistribution' in regressor && 'predictDistribution' in regressor;
}

export interface RegressorState {
  kind: string;
  fields: Record<string, unknown>;
}

export function notFitted(name: string): BelfryError {
  return argumentError('BELFRY_INVALID_ARGUMENT', name, '', 'has not been fitted', 'fit() first');
}

/** The fields of a state of this kind. */
export function fieldsOf(
  name: string,
  kind: string,
  state: RegressorState,
): Record<string, unknown> {
  if (state.kind === kind) return state.fields;
  throw argumentError(
    'BELFRY_INVALID_ARGUMENT',
    `${name}.load`,
    'state',
    `is of kind '${state.kind}'`,
    `'${kind}'`,
  );
}
