/**
 * Linear fitted Q-iteration as plain loops over typed arrays: what the demo's figures are compared
 * with, and a check of them. w <- (Phi'Phi + ridge I)^-1 Phi' y, y = r + gamma * max_a phi(s',a) w.
 */

export interface LinearFqiProblem {
  /** [N, k] features of the states and actions */
  phi: Float64Array;
  /** [N, A, k] features of the next states with every action */
  nextPhi: Float64Array;
  rewards: Float64Array;
  terminated: Uint8Array;
  numFeatures: number;
  numActions: number;
  gamma: number;
  ridge: number;
  numIterations: number;
}

export interface LinearFqiResult {
  weights: Float64Array;
  /** Root mean square error of the fit at every iteration. */
  rmse: Float64Array;
  /** Largest change of a weight at every iteration. */
  change: Float64Array;
}

/** Runs the iteration from w = 0. `onIteration` sees the weights after each fit. */
export function linearFqiLoop(
  problem: LinearFqiProblem,
  onIteration?: (iteration: number, weights: Float64Array) => void,
): LinearFqiResult {
  const { phi, rewards, numFeatures: k, numIterations } = problem;
  const numRows = rewards.length;
  const factor = cholesky(gram(phi, numRows, k, problem.ridge), k);
  let weights: Float64Array = new Float64Array(k);
  const rmse = new Float64Array(numIterations);
  const change = new Float64Array(numIterations);
  const targets = new Float64Array(numRows);
  for (let iteration = 0; iteration < numIterations; iteration++) {
    fillTargets(problem, weights, targets);
    const next = solveCholesky(factor, k, transposeTimes(phi, targets, k));
    let squares = 0;
    for (let n = 0; n < numRows; n++) squares += (dot(phi, n * k, next, k) - targets[n]!) ** 2;
    rmse[iteration] = Math.sqrt(squares / Math.max(numRows, 1));
    for (let i = 0; i < k; i++) {
      change[iteration] = Math.max(change[iteration]!, Math.abs(next[i]! - weights[i]!));
    }
    weights = next;
    onIteration?.(iteration + 1, weights);
  }
  return { weights, rmse, change };
}

function dot(matrix: Float64Array, first: number, vector: Float64Array, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += matrix[first + i]! * vector[i]!;
  return sum;
}

function fillTargets(problem: LinearFqiProblem, weights: Float64Array, out: Float64Array): void {
  const { nextPhi, rewards, terminated, gamma, numActions, numFeatures: k } = problem;
  for (let n = 0; n < out.length; n++) {
    let best = terminated[n] ? 0 : -Infinity;
    for (let a = 0; a < numActions && !terminated[n]; a++) {
      best = Math.max(best, dot(nextPhi, (n * numActions + a) * k, weights, k));
    }
    out[n] = rewards[n]! + gamma * best;
  }
}

function gram(phi: Float64Array, numRows: number, k: number, ridge: number): Float64Array {
  const out = new Float64Array(k * k);
  for (let n = 0; n < numRows; n++) {
    for (let i = 0; i < k; i++) {
      const x = phi[n * k + i]!;
      for (let j = 0; j <= i; j++) out[i * k + j] = out[i * k + j]! + x * phi[n * k + j]!;
    }
  }
  for (let i = 0; i < k; i++) out[i * k + i] = out[i * k + i]! + ridge;
  return out;
}

function transposeTimes(phi: Float64Array, vector: Float64Array, k: number): Float64Array {
  const out = new Float64Array(k);
  for (let n = 0; n < vector.length; n++) {
    for (let i = 0; i < k; i++) out[i] = out[i]! + phi[n * k + i]! * vector[n]!;
  }
  return out;
}

/** Lower factor of a symmetric positive definite matrix given by its lower triangle. */
export function cholesky(matrix: Float64Array, k: number): Float64Array {
  const lower = matrix.slice();
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = lower[i * k + j]!;
      for (let m = 0; m < j; m++) sum -= lower[i * k + m]! * lower[j * k + m]!;
      lower[i * k + j] = i === j ? Math.sqrt(sum) : sum / lower[j * k + j]!;
    }
  }
  return lower;
}

/** Solves L L' x = b. */
export function solveCholesky(lower: Float64Array, k: number, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < i; j++) x[i] = x[i]! - lower[i * k + j]! * x[j]!;
    x[i] = x[i]! / lower[i * k + i]!;
  }
  for (let i = k - 1; i >= 0; i--) {
    for (let j = i + 1; j < k; j++) x[i] = x[i]! - lower[j * k + i]! * x[j]!;
    x[i] = x[i]! / lower[i * k + i]!;
  }
  return x;
}
