import {
  CAR_FEATURES,
  type CarFeatures,
  numStateFeatures,
  writeStateFeatures,
} from './car-features.js';
import { type Cars, MOUNTAIN_CAR, resetCar, stepCars, type Transitions } from './mountain-car.js';

/** How a policy does from starts spread evenly over the start distribution. */
export interface DriveResult {
  /** Steps each car needed; 0 = not at the goal after 200. */
  steps: Int32Array;
  successRate: number;
  /** Mean over the cars that arrived; NaN if none did. */
  meanSteps: number;
  /** [200 + 1, 2] position and velocity of the first car, until it arrived. */
  firstPath: [number, number][];
}

/** The best action and its value under Q(s, a) = features(s) . w[a]; the lowest index wins ties. */
export function greedy(
  weights: ArrayLike<number>,
  position: number,
  velocity: number,
  spec: CarFeatures = CAR_FEATURES,
  scratch: Float64Array = new Float64Array(numStateFeatures(spec)),
): { action: number; value: number } {
  writeStateFeatures(spec, position, velocity, scratch, 0);
  let action = 0;
  let value = -Infinity;
  for (let a = 0; a < MOUNTAIN_CAR.numActions; a++) {
    let q = 0;
    for (let j = 0; j < scratch.length; j++) q += scratch[j]! * weights[a * scratch.length + j]!;
    if (q > value) {
      value = q;
      action = a;
    }
  }
  return { action, value };
}

/** Drives `numCars` cars greedily for 200 steps from evenly spread starts. */
export function driveGreedily(
  weights: ArrayLike<number>,
  numCars = 200,
  spec: CarFeatures = CAR_FEATURES,
): DriveResult {
  const cars: Cars = { position: new Float64Array(numCars), velocity: new Float64Array(numCars) };
  for (let i = 0; i < numCars; i++) resetCar(cars, i, (i + 0.5) / numCars);
  const actions = new Int32Array(numCars);
  const reached = new Uint8Array(numCars);
  const steps = new Int32Array(numCars);
  const scratch = new Float64Array(numStateFeatures(spec));
  const firstPath: [number, number][] = [[cars.position[0]!, cars.velocity[0]!]];
  for (let step = 1; step <= MOUNTAIN_CAR.maxSteps; step++) {
    for (let i = 0; i < numCars; i++) {
      const { position, velocity } = cars;
      actions[i] = greedy(weights, position[i]!, velocity[i]!, spec, scratch).action;
    }
    stepCars(cars, actions, reached);
    if (steps[0] === 0) firstPath.push([cars.position[0]!, cars.velocity[0]!]);
    for (let i = 0; i < numCars; i++) if (reached[i] && steps[i] === 0) steps[i] = step;
  }
  const arrived = steps.filter((count) => count > 0);
  const total = arrived.reduce((sum, count) => sum + count, 0);
  return {
    steps,
    successRate: arrived.length / numCars,
    meanSteps: total / arrived.length,
    firstPath,
  };
}

/** Value and greedy action on a grid: rows from the highest velocity down, columns by position. */
export function valueMap(
  weights: ArrayLike<number>,
  rows: number,
  cols: number,
  spec: CarFeatures = CAR_FEATURES,
): { values: Float64Array; policy: Int32Array } {
  const { minPosition, maxPosition, maxSpeed } = MOUNTAIN_CAR;
  const values = new Float64Array(rows * cols);
  const policy = new Int32Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    const velocity = maxSpeed * (1 - (2 * (r + 0.5)) / rows);
    for (let c = 0; c < cols; c++) {
      const position = minPosition + ((c + 0.5) / cols) * (maxPosition - minPosition);
      const best = greedy(weights, position, velocity, spec);
      values[r * cols + c] = best.value;
      policy[r * cols + c] = best.action;
    }
  }
  return { values, policy };
}

/** Cells of the same grid that hold a state of the data: elsewhere a value is a guess. */
export function visitedCells(data: Transitions, rows: number, cols: number): Uint8Array {
  const { minPosition, maxPosition, maxSpeed } = MOUNTAIN_CAR;
  const visited = new Uint8Array(rows * cols);
  for (let n = 0; n < data.numTransitions; n++) {
    const x = (data.states[2 * n]! - minPosition) / (maxPosition - minPosition);
    const y = (maxSpeed - data.states[2 * n + 1]!) / (2 * maxSpeed);
    const col = Math.min(Math.floor(x * cols), cols - 1);
    const row = Math.min(Math.floor(y * rows), rows - 1);
    visited[row * cols + col] = 1;
  }
  return visited;
}
