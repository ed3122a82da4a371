/**
 * The control tasks in float64, one at a time, written from their publications: what the native
 * kernels are compared with.
 */
import type { ControlTaskName } from 'belfry/offline';

export interface ReferenceStep {
  state: number[];
  observation: number[];
  reward: number;
  terminated: boolean;
}

type Step = (state: number[], action: number[]) => ReferenceStep;

const clip = (x: number, low: number, high: number): number =>
  Number.isNaN(x) ? x : Math.min(Math.max(x, low), high);

function pendulum([theta, speed]: number[], [action]: number[]): ReferenceStep {
  const u = clip(action!, -2, 2);
  const modulo = (((theta! + Math.PI) % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI);
  const cost = (modulo - Math.PI) ** 2 + 0.1 * speed! ** 2 + 0.001 * u ** 2;
  const gravity = ((3 * 10) / 2) * Math.sin(theta!);
  const newSpeed = clip(speed! + (gravity + 3 * u) * 0.05, -8, 8);
  const newTheta = theta! + newSpeed * 0.05;
  const observation = [Math.cos(newTheta), Math.sin(newTheta), newSpeed];
  return { state: [newTheta, newSpeed], observation, reward: -cost, terminated: false };
}

function car(position: number, velocity: number, push: number): [number, number] {
  let speed = clip(velocity + push + Math.cos(3 * position) * -0.0025, -0.07, 0.07);
  const place = clip(position + speed, -1.2, 0.6);
  if (place === -1.2 && speed < 0) speed = 0;
  return [place, speed];
}

function mountainCar([position, velocity]: number[], [action]: number[]): ReferenceStep {
  const state = car(position!, velocity!, (action! - 1) * 0.001);
  const terminated = state[0] >= 0.5 && state[1] >= 0;
  return { state, observation: state, reward: -1, terminated };
}

function continuousCar([position, velocity]: number[], [action]: number[]): ReferenceStep {
  const state = car(position!, velocity!, clip(action!, -1, 1) * 0.0015);
  const terminated = state[0] >= 0.45 && state[1] >= 0;
  const reward = (terminated ? 100 : 0) - action! ** 2 * 0.1;
  return { state, observation: state, reward, terminated };
}

function cartPole([x, xDot, theta, thetaDot]: number[], [action]: number[]): ReferenceStep {
  const force = action === 1 ? 10 : -10;
  const cos = Math.cos(theta!);
  const sin = Math.sin(theta!);
  const temp = (force + 0.1 * 0.5 * thetaDot! ** 2 * sin) / (1 + 0.1);
  const thetaAcc = (9.8 * sin - cos * temp) / (0.5 * (4 / 3 - (0.1 * cos ** 2) / (1 + 0.1)));
  const xAcc = temp - (0.1 * 0.5 * thetaAcc * cos) / (1 + 0.1);
  const state = [
    x! + 0.02 * xDot!,
    xDot! + 0.02 * xAcc,
    theta! + 0.02 * thetaDot!,
    thetaDot! + 0.02 * thetaAcc,
  ];
  const limit = (12 * 2 * Math.PI) / 360;
  const isLost = ([p, , t]: number[]): boolean => Math.abs(p!) > 2.4 || Math.abs(t!) > limit;
  const reward = isLost([x!, 0, theta!]) ? 0 : 1;
  return { state, observation: state, reward, terminated: isLost(state) };
}

/** Equations of motion of the book, with its symbols. */
function acrobotSlopes([t1, t2, w1, w2]: number[], torque: number): number[] {
  const [m1, m2, l1, lc1, lc2, i1, i2, g] = [1, 1, 1, 0.5, 0.5, 1, 1, 9.8];
  const d1 = m1 * lc1 ** 2 + m2 * (l1 ** 2 + lc2 ** 2 + 2 * l1 * lc2 * Math.cos(t2!)) + i1 + i2;
  const d2 = m2 * (lc2 ** 2 + l1 * lc2 * Math.cos(t2!)) + i2;
  const phi2 = m2 * lc2 * g * Math.cos(t1! + t2! - Math.PI / 2);
  const phi1 =
    -m2 * l1 * lc2 * w2! ** 2 * Math.sin(t2!) -
    2 * m2 * l1 * lc2 * w2! * w1! * Math.sin(t2!) +
    (m1 * lc1 + m2 * l1) * g * Math.cos(t1! - Math.PI / 2) +
    phi2;
  const a2 =
    (torque + (d2 / d1) * phi1 - m2 * l1 * lc2 * w1! ** 2 * Math.sin(t2!) - phi2) /
    (m2 * lc2 ** 2 + i2 - d2 ** 2 / d1);
  return [w1!, w2!, -(d2 * a2 + phi1) / d1, a2];
}

function acrobot(state: number[], [action]: number[]): ReferenceStep {
  const torque = action! - 1;
  const at = (slopes: number[], h: number): number[] => state.map((x, i) => x + h * slopes[i]!);
  const k1 = acrobotSlopes(state, torque);
  const k2 = acrobotSlopes(at(k1, 0.1), torque);
  const k3 = acrobotSlopes(at(k2, 0.1), torque);
  const k4 = acrobotSlopes(at(k3, 0.2), torque);
  const next = at(
    k1.map((k, i) => k + 2 * k2[i]! + 2 * k3[i]! + k4[i]!),
    0.2 / 6,
  );
  for (const i of [0, 1]) {
    while (next[i]! > Math.PI) next[i]! -= 2 * Math.PI;
    while (next[i]! < -Math.PI) next[i]! += 2 * Math.PI;
  }
  next[2] = clip(next[2]!, -4 * Math.PI, 4 * Math.PI);
  next[3] = clip(next[3]!, -9 * Math.PI, 9 * Math.PI);
  const [t1, t2, w1, w2] = next as [number, number, number, number];
  const terminated = -Math.cos(t1) - Math.cos(t2 + t1) > 1;
  const observation = [Math.cos(t1), Math.sin(t1), Math.cos(t2), Math.sin(t2), w1, w2];
  return { state: next, observation, reward: terminated ? 0 : -1, terminated };
}

function carOnTheHill(start: number[], [action]: number[]): ReferenceStep {
  let [p, s] = start as [number, number];
  const u = action === 1 ? 4 : -4;
  for (let i = 0; i < 100; i++) {
    const slope = p < 0 ? 2 * p + 1 : (1 + 5 * p * p) ** -1.5;
    const bend = p < 0 ? 2 : -15 * p * (1 + 5 * p * p) ** -2.5;
    const w = 1 + slope * slope;
    const acceleration = u / w - (9.81 * slope) / w - (s * s * slope * bend) / w;
    [p, s] = [p + 0.001 * s, s + 0.001 * acceleration];
  }
  let reward = p > 1 && Math.abs(s) <= 3 ? 1 : 0;
  if (p < -1 || Math.abs(s) > 3) reward = -1;
  const terminated = Math.abs(p) > 1 || Math.abs(s) > 3;
  return { state: [p, s], observation: [p, s], reward, terminated };
}

function multiGoal(state: number[], action: number[]): ReferenceStep {
  const move = action.map((a) => clip(a, -1, 1));
  const next = state.map((x, i) => clip(x + move[i]!, -7, 7));
  const goals = [
    [5, 0],
    [-5, 0],
    [0, 5],
    [0, -5],
  ];
  const distances = goals.map(([x, y]) => (next[0]! - x!) ** 2 + (next[1]! - y!) ** 2);
  const terminated = Math.sqrt(Math.min(...distances)) < 1;
  const cost = 30 * (move[0]! ** 2 + move[1]! ** 2) + Math.min(...distances);
  return { state: next, observation: next, reward: (terminated ? 10 : 0) - cost, terminated };
}

export const referenceSteps: Readonly<Record<ControlTaskName, Step>> = {
  pendulum,
  mountain_car: mountainCar,
  mountain_car_continuous: continuousCar,
  cart_pole: cartPole,
  acrobot,
  car_on_the_hill: carOnTheHill,
  multi_goal: multiGoal,
};
