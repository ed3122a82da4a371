import { describe, expect, it } from 'vitest';
import { CAR_FEATURES, CAR_FQI, featuresOf, numFeatures } from '../../src/demo/car-features.js';
import { driveGreedily, greedy, valueMap, visitedCells } from '../../src/demo/car-policy.js';
import { uniform } from '../../src/demo/generator.js';
import { cholesky, linearFqiLoop, solveCholesky } from '../../src/demo/linear-fqi-loop.js';
import {
  collectTransitions,
  MOUNTAIN_CAR,
  pumpAction,
  resetCar,
  stepCars,
} from '../../src/demo/mountain-car.js';

describe('stepCars', () => {
  it('follows the published equations', () => {
    const cars = { position: Float64Array.of(-0.5, 0.3), velocity: Float64Array.of(0, -0.02) };
    const reached = new Uint8Array(2);
    stepCars(cars, Int32Array.of(2, 0), reached);
    const first = 0.001 - 0.0025 * Math.cos(-1.5);
    const second = -0.02 - 0.001 - 0.0025 * Math.cos(0.9);
    expect(cars.velocity[0]).toBeCloseTo(first, 15);
    expect(cars.position[0]).toBeCloseTo(-0.5 + first, 15);
    expect(cars.velocity[1]).toBeCloseTo(second, 15);
    expect([...reached]).toEqual([0, 0]);
  });

  it('stops at the left wall, clips the speed and sees the goal', () => {
    const cars = {
      position: Float64Array.of(-1.19, -1, 0.45, 0.5),
      velocity: Float64Array.of(-0.05, 0.07, 0.06, -0.02),
    };
    const reached = new Uint8Array(4);
    stepCars(cars, Int32Array.of(0, 2, 2, 0), reached);
    expect([cars.position[0], cars.velocity[0]]).toEqual([-1.2, 0]);
    expect(cars.velocity[1]).toBe(0.07);
    expect([...reached]).toEqual([0, 0, 1, 0]);
  });

  it('lets the energy pump out of the valley but not full throttle', () => {
    const steps = (policy: (velocity: number) => number): number => {
      const cars = { position: new Float64Array(1), velocity: new Float64Array(1) };
      const reached = new Uint8Array(1);
      resetCar(cars, 0, 0.5);
      for (let t = 1; t <= MOUNTAIN_CAR.maxSteps; t++) {
        stepCars(cars, Int32Array.of(policy(cars.velocity[0]!)), reached);
        if (reached[0]) return t;
      }
      return 0;
    };
    expect(steps(() => 2)).toBe(0);
    expect(steps(pumpAction)).toBeGreaterThan(80);
  });
});

const data = collectTransitions({ numTransitions: 15_000, seed: 3 });

describe('collectTransitions', () => {
  it('is repeatable and depends on the seed', () => {
    expect(collectTransitions({ numTransitions: 15_000, seed: 3 })).toEqual(data);
    expect(collectTransitions({ numTransitions: 15_000, seed: 4 }).actions).not.toEqual(
      data.actions,
    );
  });

  it('stores true transitions', () => {
    const cars = { position: new Float64Array(15_000), velocity: new Float64Array(15_000) };
    for (let n = 0; n < 15_000; n++) {
      cars.position[n] = data.states[2 * n]!;
      cars.velocity[n] = data.states[2 * n + 1]!;
    }
    const reached = new Uint8Array(15_000);
    stepCars(cars, data.actions, reached);
    expect(reached).toEqual(data.terminated);
    for (let n = 0; n < 15_000; n++) {
      expect(data.nextStates[2 * n]).toBe(cars.position[n]);
      expect(data.nextStates[2 * n + 1]).toBe(cars.velocity[n]);
    }
  });

  it('keeps ended and cut-off episodes apart', () => {
    const ends = data.terminated.reduce((sum, flag) => sum + flag, 0);
    const cuts = data.truncated.reduce((sum, flag) => sum + flag, 0);
    expect(ends).toBe(data.numGoals);
    expect(ends).toBeGreaterThan(0);
    expect(cuts).toBeGreaterThan(0);
    expect(data.terminated.some((flag, n) => flag === 1 && data.truncated[n] === 1)).toBe(false);
    expect(data.numEpisodes).toBe(64 + ends + cuts);
  });
});

describe('the plain linear FQI', () => {
  it('solves a symmetric positive definite system', () => {
    const k = 6;
    const root = Float64Array.from({ length: k * k }, (_, i) => uniform(1, i) - 0.5);
    const matrix = new Float64Array(k * k);
    for (let i = 0; i < k * k; i++) {
      for (let m = 0; m < k; m++) {
        matrix[i] = matrix[i]! + root[Math.floor(i / k) * k + m]! * root[(i % k) * k + m]!;
      }
      if (i % (k + 1) === 0) matrix[i] = matrix[i]! + 0.1;
    }
    const x = solveCholesky(cholesky(matrix, k), k, new Float64Array(k).fill(1));
    for (let i = 0; i < k; i++) {
      let sum = 0;
      for (let j = 0; j < k; j++) sum += matrix[i * k + j]! * x[j]!;
      expect(sum).toBeCloseTo(1, 10);
    }
  });

  it('gives the values of a chain when the features are one-hot', () => {
    // States 0 -> 1 -> end, reward 1 each, one action.
    const { weights } = linearFqiLoop({
      phi: Float64Array.of(1, 0, 0, 1),
      nextPhi: Float64Array.of(0, 1, NaN, NaN),
      rewards: Float64Array.of(1, 1),
      terminated: Uint8Array.of(0, 1),
      numFeatures: 2,
      numActions: 1,
      gamma: 0.5,
      ridge: 0,
      numIterations: 3,
    });
    expect([...weights]).toEqual([1.5, 1]);
  });

  it('maps values and actions by velocity down and position across', () => {
    const weights = Float64Array.from({ length: numFeatures(CAR_FEATURES) }, (_, i) => i);
    const map = valueMap(weights, 4, 5);
    expect(map.values[7]).toBeCloseTo(greedy(weights, -0.3, 0.0175).value, 9);
    expect(map.policy[7]).toBe(2);
    const visited = visitedCells(data, 4, 5);
    const cell = (n: number): number =>
      5 * Math.floor(((0.07 - data.states[2 * n + 1]!) / 0.14) * 4) +
      Math.floor(((data.states[2 * n]! + 1.2) / 1.8) * 5);
    expect(visited[cell(0)]).toBe(1);
    // No car rolls down the right hill at more than half the top speed.
    expect(visited[19]).toBe(0);
  });

  it('learns to drive to the goal from every start', { timeout: 60_000 }, () => {
    const { numTransitions, ...settings } = CAR_FQI;
    const drives = collectTransitions({ numTransitions });
    const { phi, nextPhi } = featuresOf(drives);
    const { weights, rmse } = linearFqiLoop({
      phi,
      nextPhi,
      rewards: drives.rewards,
      terminated: drives.terminated,
      numFeatures: numFeatures(CAR_FEATURES),
      numActions: MOUNTAIN_CAR.numActions,
      ...settings,
    });
    expect(rmse.every(Number.isFinite)).toBe(true);
    const result = driveGreedily(weights);
    console.log(
      `success ${result.successRate}, mean ${result.meanSteps.toFixed(1)} steps, ` +
        `${drives.numGoals} goals in ${drives.numEpisodes} episodes of data`,
    );
    expect(result.successRate).toBeGreaterThanOrEqual(0.95);
    expect(result.meanSteps).toBeLessThan(130);
    expect(driveGreedily(new Float64Array(weights.length)).successRate).toBe(0);
    // About 105 steps of -1 from the valley, discounted.
    expect(greedy(weights, -0.5, 0).value).toBeGreaterThan(-80);
    expect(greedy(weights, -0.5, 0).value).toBeLessThan(-55);
  });
});
