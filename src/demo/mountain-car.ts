import { uniform } from './generator.js';

/**
 * Mountain Car (Moore 1990) with the equations of Gymnasium's MountainCar-v0, many cars at once:
 *
 *   velocity <- clip(velocity + (action - 1) * 0.001 - 0.0025 * cos(3 * position), -0.07, 0.07)
 *   position <- clip(position + velocity, -1.2, 0.6); at the left wall a negative velocity becomes 0
 *
 * Reward -1 a step until position >= 0.5 and velocity >= 0; cut off (not ended) after 200 steps.
 * Actions: 0 push left, 1 no push, 2 push right.
 */

export interface MountainCar {
  minPosition: number;
  maxPosition: number;
  maxSpeed: number;
  goalPosition: number;
  goalVelocity: number;
  force: number;
  gravity: number;
  maxSteps: number;
  numActions: number;
}

export const MOUNTAIN_CAR: Readonly<MountainCar> = Object.freeze({
  minPosition: -1.2,
  maxPosition: 0.6,
  maxSpeed: 0.07,
  goalPosition: 0.5,
  goalVelocity: 0,
  force: 0.001,
  gravity: 0.0025,
  maxSteps: 200,
  numActions: 3,
});

/** The state of many cars, one element each. */
export interface Cars {
  position: Float64Array;
  velocity: Float64Array;
}

/** A data set of N transitions, structure of arrays; `terminated` and `truncated` are apart. */
export interface Transitions {
  /** [N, 2] position and velocity */
  states: Float64Array;
  actions: Int32Array;
  rewards: Float64Array;
  /** [N, 2] */
  nextStates: Float64Array;
  /** 1 = the goal was reached, so nothing follows */
  terminated: Uint8Array;
  /** 1 = cut off by the step limit; the future still counts */
  truncated: Uint8Array;
  numTransitions: number;
  /** Episodes that were begun, and how many of them reached the goal. */
  numEpisodes: number;
  numGoals: number;
}

export interface CollectOptions {
  numTransitions: number;
  seed?: number;
  /** Probability that a new stretch of actions pumps energy instead of being random. Default 0.5. */
  pumping?: number;
  /** Longest stretch of steps one decision is kept for. Default 8. */
  maxRepeat?: number;
  /** Cars driven at the same time. Default 64. */
  numCars?: number;
}

function clip(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** Puts car `i` where Gymnasium starts it: position -0.6 + 0.2 * draw, draw in [0, 1), velocity 0. */
export function resetCar(cars: Cars, i: number, draw: number): void {
  cars.position[i] = -0.6 + 0.2 * draw;
  cars.velocity[i] = 0;
}

/** Moves every car one step; `reached` gets 1 where the goal was reached. */
export function stepCars(cars: Cars, actions: Int32Array, reached: Uint8Array): void {
  const { force, gravity, maxSpeed, minPosition, maxPosition } = MOUNTAIN_CAR;
  const { position, velocity } = cars;
  for (let i = 0; i < actions.length; i++) {
    const pull = (actions[i]! - 1) * force - gravity * Math.cos(3 * position[i]!);
    let speed = clip(velocity[i]! + pull, -maxSpeed, maxSpeed);
    const place = clip(position[i]! + speed, minPosition, maxPosition);
    if (place === minPosition && speed < 0) speed = 0;
    position[i] = place;
    velocity[i] = speed;
    reached[i] = Number(place >= MOUNTAIN_CAR.goalPosition && speed >= MOUNTAIN_CAR.goalVelocity);
  }
}

/** Pushing the way the car rolls raises its energy with every swing. */
export function pumpAction(velocity: number): number {
  return velocity < 0 ? 0 : 2;
}

/**
 * Collects transitions under a stated behaviour: each decision is drawn anew, with probability
 * `pumping` the energy pump and otherwise a random action, and kept for 1 to `maxRepeat` steps.
 * The same options give the same bits.
 */
export function collectTransitions(options: CollectOptions): Transitions {
  const { numTransitions, seed = 1, pumping = 0.5, maxRepeat = 8, numCars = 64 } = options;
  const data = emptyTransitions(numTransitions);
  const cars: Cars = { position: new Float64Array(numCars), velocity: new Float64Array(numCars) };
  const age = new Int32Array(numCars);
  const hold = new Int32Array(numCars);
  const pumps = new Uint8Array(numCars);
  const actions = new Int32Array(numCars);
  const reached = new Uint8Array(numCars);
  let draws = 0;
  const draw = (): number => uniform(seed, draws++);
  const restart = (i: number): void => {
    resetCar(cars, i, draw());
    age[i] = 0;
    hold[i] = 0;
    data.numEpisodes++;
  };
  for (let i = 0; i < numCars; i++) restart(i);
  for (let n = 0; n < numTransitions; ) {
    for (let i = 0; i < numCars; i++) {
      if (hold[i] === 0) {
        hold[i] = 1 + Math.floor(draw() * maxRepeat);
        pumps[i] = Number(draw() < pumping);
        actions[i] = Math.floor(draw() * MOUNTAIN_CAR.numActions);
      }
      hold[i] = hold[i]! - 1;
      if (pumps[i]) actions[i] = pumpAction(cars.velocity[i]!);
    }
    const count = Math.min(numCars, numTransitions - n);
    writeStates(data.states, n, cars, count);
    stepCars(cars, actions, reached);
    writeStates(data.nextStates, n, cars, count);
    for (let i = 0; i < count; i++, n++) {
      age[i]!++;
      const cut = age[i] === MOUNTAIN_CAR.maxSteps && !reached[i];
      data.actions[n] = actions[i]!;
      data.rewards[n] = -1;
      data.terminated[n] = reached[i]!;
      data.truncated[n] = Number(cut);
      data.numGoals += reached[i]!;
      if (reached[i] || cut) restart(i);
    }
  }
  return data;
}

function emptyTransitions(numTransitions: number): Transitions {
  return {
    states: new Float64Array(2 * numTransitions),
    actions: new Int32Array(numTransitions),
    rewards: new Float64Array(numTransitions),
    nextStates: new Float64Array(2 * numTransitions),
    terminated: new Uint8Array(numTransitions),
    truncated: new Uint8Array(numTransitions),
    numTransitions,
    numEpisodes: 0,
    numGoals: 0,
  };
}

function writeStates(out: Float64Array, first: number, cars: Cars, count: number): void {
  for (let i = 0; i < count; i++) {
    out[2 * (first + i)] = cars.position[i]!;
    out[2 * (first + i) + 1] = cars.velocity[i]!;
  }
}
