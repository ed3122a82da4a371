/**
 * Behaviour policies of the control tasks. Each is stated in its comment, so that a data set can be
 * named by the policy that made it. All draw from the run's seeded numbers.
 */
import { argumentError } from '../errors.js';
import type { ControlPolicy, PolicyContext } from './control-policy.js';
import { type ControlTaskName, controlSpecs } from './control-specs.js';

/** Actions uniform over what there is: indices, or [−1, 1] in each coordinate. */
export function randomPolicy(): ControlPolicy {
  return (_, actions, { task, noise }) => {
    for (let i = 0; i < actions.length; i++) actions[i] = randomAction(task.numActions, noise);
  };
}

function randomAction(numActions: number, noise: PolicyContext['noise']): number {
  return numActions > 0 ? noise.integer(numActions) : 2 * noise.uniform() - 1;
}

/** A policy that chooses for each row from its observation `observations[at …]`. */
function rowPolicy(choose: (seen: Float32Array, at: number) => number): ControlPolicy {
  return (observations, actions, { task }) => {
    for (let row = 0; row < actions.length; row++) {
      actions[row] = choose(observations, row * task.observationSize);
    }
  };
}

/**
 * Pendulum: swing up by energy, then hold. With θ = 0 upright and H = θ̇²/2 + 15 cos θ, whose
 * derivative is 3uθ̇, the torque is u = (15 − H) θ̇ (Åström & Furuta, Automatica 2000), full torque
 * in the direction of rest where θ̇ = 0. Where cos θ > 0.9 and |H − 15| < 4 the torque is that of the
 * linear-quadratic regulator of the linearised equations for the weights diag(1, 0.1) of the state
 * and 0.1 of the torque: u = −10.92 θ − 2.88 θ̇. Clipped to ±2, divided by 2.
 */
export function pendulumPolicy(): ControlPolicy {
  return rowPolicy((seen, at) => {
    const cos = seen[at]!;
    const speed = seen[at + 2]!;
    const lack = 15 - (speed * speed) / 2 - 15 * cos;
    const theta = Math.atan2(seen[at + 1]!, cos);
    const holds = cos > 0.9 && Math.abs(lack) < 4;
    const torque = holds ? -10.92 * theta - 2.88 * speed : lack * (speed === 0 ? 1 : speed);
    return Math.min(2, Math.max(-2, torque)) / 2;
  });
}

/** Both mountain cars: full push the way the car rolls, to the left where it stands. */
export function mountainCarPolicy(): ControlPolicy {
  return (observations, actions, { task }) => {
    const [left, right] = task.numActions > 0 ? [0, 2] : [-1, 1];
    for (let row = 0; row < actions.length; row++) {
      actions[row] = observations[2 * row + 1]! > 0 ? right : left;
    }
  };
}

/** Cart-pole: push right where 0.1 x + 0.3 ẋ + 3 θ + θ̇ > 0. */
export function cartPolePolicy(): ControlPolicy {
  return rowPolicy((seen, at) =>
    Number(0.1 * seen[at]! + 0.3 * seen[at + 1]! + 3 * seen[at + 2]! + seen[at + 3]! > 0),
  );
}

/** Acrobot: torque the way the second joint turns, which adds energy: index 2 where θ̇₂ > 0, else 0. */
export function acrobotPolicy(): ControlPolicy {
  return rowPolicy((seen, at) => (seen[at + 5]! > 0 ? 2 : 0));
}

/** Car on the hill: thrust the way the car rolls, to the left where it stands. */
export function carOnTheHillPolicy(): ControlPolicy {
  return rowPolicy((seen, at) => Number(seen[at + 1]! > 0));
}

/** Goals of the multi-goal task. */
export const multiGoals: readonly (readonly [x: number, y: number])[] = Object.freeze([
  [5, 0],
  [-5, 0],
  [0, 5],
  [0, -5],
]);

/**
 * Multi-goal: each episode draws one of the four goals and goes straight there at `speed`. At the
 * start all four directions are as likely, with mean 0: a Gaussian fitted to them stands still.
 */
export function multiGoalPolicy(speed = 0.5): ControlPolicy {
  let chosen = new Int32Array(0);
  return (observations, actions, { task, steps, noise }) => {
    if (chosen.length !== task.count) chosen = new Int32Array(task.count).fill(-1);
    for (let row = 0; row < task.count; row++) {
      if (steps[row] === 0 || chosen[row] === -1) chosen[row] = noise.integer(multiGoals.length);
      const [goalX, goalY] = multiGoals[chosen[row]!]!;
      const dx = goalX - observations[2 * row]!;
      const dy = goalY - observations[2 * row + 1]!;
      const distance = Math.max(Math.hypot(dx, dy), 1e-9);
      actions[2 * row] = (speed * dx) / distance;
      actions[2 * row + 1] = (speed * dy) / distance;
    }
  };
}

/**
 * A policy with noise. Vectors: independent normal noise of deviation `level`, clipped to [−1, 1].
 * Indices: with probability `level` one drawn uniformly in its place.
 */
export function noisyPolicy(policy: ControlPolicy, level: number): ControlPolicy {
  if (!(level >= 0 && level < Number.POSITIVE_INFINITY)) {
    const found = `is ${level}`;
    throw argumentError('BELFRY_INVALID_ARGUMENT', 'noisyPolicy', 'level', found, 'at least 0');
  }
  return (observations, actions, context) => {
    const chosen = policy(observations, actions, context) ?? actions;
    const { noise, task } = context;
    for (let i = 0; i < actions.length; i++) {
      if (task.numActions === 0) {
        actions[i] = Math.min(1, Math.max(-1, chosen[i]! + level * noise.normal()));
      } else {
        actions[i] = noise.uniform() < level ? noise.integer(task.numActions) : chosen[i]!;
      }
    }
  };
}

/** Each episode of a row is driven by one of `policies`, drawn uniformly as it begins. */
export function mixedPolicy(policies: readonly ControlPolicy[]): ControlPolicy {
  if (policies.length === 0) {
    const where = 'mixedPolicy';
    throw argumentError('BELFRY_INVALID_ARGUMENT', where, 'policies', 'is empty', 'policies');
  }
  let driver = new Int32Array(0);
  return (observations, actions, context) => {
    const { task, steps, noise } = context;
    if (driver.length !== task.count) driver = new Int32Array(task.count).fill(-1);
    for (let row = 0; row < task.count; row++) {
      if (steps[row] === 0 || driver[row] === -1) driver[row] = noise.integer(policies.length);
    }
    const chosen = policies.map((policy) => {
      const own = task.emptyActions();
      return policy(observations, own, context) ?? own;
    });
    const width = actions.length / task.count;
    for (let i = 0; i < actions.length; i++) {
      actions[i] = chosen[driver[Math.floor(i / width)]!]![i]!;
    }
  };
}

const experts: Readonly<Record<ControlTaskName, () => ControlPolicy>> = {
  pendulum: pendulumPolicy,
  mountain_car: mountainCarPolicy,
  mountain_car_continuous: mountainCarPolicy,
  cart_pole: cartPolePolicy,
  acrobot: acrobotPolicy,
  car_on_the_hill: carOnTheHillPolicy,
  multi_goal: () => noisyPolicy(multiGoalPolicy(), 0.1),
};

/** Share of noise in the medium data sets. */
const mediumNoise: Readonly<Record<ControlTaskName, number>> = {
  pendulum: 0.5,
  mountain_car: 0.3,
  mountain_car_continuous: 0.5,
  cart_pole: 0.3,
  acrobot: 0.3,
  car_on_the_hill: 0.3,
  multi_goal: 0.3,
};

/**
 * The behaviour policies behind this package's data sets.
 *
 * - `'random'`: `randomPolicy()`.
 * - `'expert'`: the task's own controller (`pendulumPolicy()`, …); multi-goal with noise 0.1.
 * - `'medium'`: that controller with noise: 0.5 for pendulum and continuous mountain car, else 0.3.
 * - `'mixed'`: each episode is random, medium or expert, a third each.
 */
export function behaviourPolicy(
  task: ControlTaskName,
  level: 'random' | 'medium' | 'expert' | 'mixed',
): ControlPolicy {
  if (!Object.hasOwn(controlSpecs, task)) {
    const where = 'behaviourPolicy';
    const expected = `one of ${Object.keys(controlSpecs).join(', ')}`;
    throw argumentError('BELFRY_INVALID_ARGUMENT', where, 'task', `is ${task}`, expected);
  }
  const expert = experts[task];
  switch (level) {
    case 'random':
      return randomPolicy();
    case 'expert':
      return expert();
    case 'medium':
      return noisyPolicy(expert(), mediumNoise[task]);
    case 'mixed':
      return mixedPolicy([randomPolicy(), noisyPolicy(expert(), mediumNoise[task]), expert()]);
    default: {
      const expected = "'random', 'medium', 'expert' or 'mixed'";
      const where = 'behaviourPolicy';
      throw argumentError('BELFRY_INVALID_ARGUMENT', where, 'level', `is ${level}`, expected);
    }
  }
}
