import { MOUNTAIN_CAR, type Transitions } from './mountain-car.js';

/**
 * Linear features of Mountain Car: normalised radial basis functions on a grid over position and
 * velocity, one block per action. Normalised ones sum to 1 everywhere, so a fit stays between the
 * targets around it, and fitted Q-iteration stays bounded where raw bumps would let it diverge.
 */
export interface CarFeatures {
  positions: number;
  velocities: number;
  /** Width of a bump in units of the grid's spacing. */
  width: number;
}

export const CAR_FEATURES: Readonly<CarFeatures> = Object.freeze({
  positions: 7,
  velocities: 7,
  width: 0.7,
});

/** With these settings the greedy policy reaches the goal from every start; see the unit test. */
export const CAR_FQI: Readonly<{
  numTransitions: number;
  gamma: number;
  ridge: number;
  numIterations: number;
}> = Object.freeze({
  numTransitions: 15_000,
  gamma: 0.99,
  ridge: 0.01,
  numIterations: 150,
});

/** Features of one state, without the action. */
export function numStateFeatures(spec: CarFeatures): number {
  return spec.positions * spec.velocities;
}

/** Columns of phi: one block of state features per action. */
export function numFeatures(spec: CarFeatures): number {
  return MOUNTAIN_CAR.numActions * numStateFeatures(spec);
}

/** Writes the features of a state to `out[first ..]`. */
export function writeStateFeatures(
  spec: CarFeatures,
  position: number,
  velocity: number,
  out: Float64Array,
  first: number,
): void {
  const { minPosition, maxPosition, maxSpeed } = MOUNTAIN_CAR;
  const x = ((position - minPosition) / (maxPosition - minPosition)) * (spec.positions - 1);
  const y = ((velocity + maxSpeed) / (2 * maxSpeed)) * (spec.velocities - 1);
  const scale = -0.5 / (spec.width * spec.width);
  let sum = 0;
  let column = first;
  for (let i = 0; i < spec.positions; i++) {
    for (let j = 0; j < spec.velocities; j++) {
      const value = Math.exp(scale * ((x - i) ** 2 + (y - j) ** 2));
      out[column++] = value;
      sum += value;
    }
  }
  for (let c = first; c < column; c++) out[c] = out[c]! / sum;
}

/** phi [N, k] at the actions taken and nextPhi [N, A, k] at all actions of the next states. */
export function featuresOf(
  data: Transitions,
  spec: CarFeatures = CAR_FEATURES,
): { phi: Float64Array; nextPhi: Float64Array; numFeatures: number } {
  const perState = numStateFeatures(spec);
  const k = numFeatures(spec);
  const { numActions } = MOUNTAIN_CAR;
  const phi = new Float64Array(data.numTransitions * k);
  const nextPhi = new Float64Array(data.numTransitions * numActions * k);
  const block = new Float64Array(perState);
  for (let n = 0; n < data.numTransitions; n++) {
    const first = n * k + data.actions[n]! * perState;
    writeStateFeatures(spec, data.states[2 * n]!, data.states[2 * n + 1]!, phi, first);
    writeStateFeatures(spec, data.nextStates[2 * n]!, data.nextStates[2 * n + 1]!, block, 0);
    for (let a = 0; a < numActions; a++) {
      nextPhi.set(block, (n * numActions + a) * k + a * perState);
    }
  }
  return { phi, nextPhi, numFeatures: k };
}
