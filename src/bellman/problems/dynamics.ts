import {
  badOption,
  CsrBuilder,
  type MdpTables,
  requireCollectable,
  requireInteger,
} from './csr-builder.js';

export interface SisEpidemicOptions {
  /** People. Default 50. */
  population?: number;
  /** Contact rate under each measure, one an action. Default 1.2, 0.6, 0.3. */
  contactRates?: readonly number[];
  /** Cost of each measure per period and person. Default 0, 0.1, 0.4. */
  measureCosts?: readonly number[];
  /** Probability that an infected person recovers in a period. Default 0.3. */
  recovery?: number;
  /** Cost of an infected person per period. Default 1. */
  infectionCost?: number;
}

/**
 * An SIS epidemic in a closed population. State: infected people. In a period each of the others is
 * infected with probability 1 − exp(−rate · infected / population), and each infected person
 * recovers with probability `recovery`, all independently: the next state is a sum of two binomial
 * numbers. Outcomes less likely than 1e-12 are left out. Rewards are the negative costs.
 */
export function sisEpidemic(options: SisEpidemicOptions = {}): MdpTables {
  const op = 'sisEpidemic';
  const { population = 50, contactRates = [1.2, 0.6, 0.3], measureCosts = [0, 0.1, 0.4] } = options;
  const { recovery = 0.3, infectionCost = 1 } = options;
  requireInteger(op, 'population', population, 1, 2000);
  requireCollectable(op, 'population', (population + 1) ** 2 * contactRates.length);
  if (contactRates.length === 0 || measureCosts.length !== contactRates.length) {
    throw badOption(
      op,
      'measureCosts',
      `${contactRates.length} costs, one a measure`,
      measureCosts,
    );
  }
  for (const rate of contactRates) {
    if (!(rate >= 0)) throw badOption(op, 'contactRates', 'rates, 0 or more', rate);
  }
  if (!(recovery >= 0 && recovery <= 1)) throw badOption(op, 'recovery', 'in [0, 1]', recovery);
  const builder = new CsrBuilder(population + 1, contactRates.length);
  for (let infected = 0; infected <= population; infected++) {
    const stillIll = binomial(infected, 1 - recovery);
    contactRates.forEach((rate, action) => {
      const caught = binomial(population - infected, -Math.expm1((-rate * infected) / population));
      const next = convolve(stillIll, caught).map((p) => (p < 1e-12 ? 0 : p));
      const kept = next.reduce((sum, p) => sum + p, 0);
      next.forEach((p, state) => {
        if (p > 0) builder.add(infected, action, state, p / kept);
      });
      const cost = infectionCost * infected + (measureCosts[action] as number) * population;
      builder.addReward(infected, action, -cost);
    });
  }
  return builder.build();
}

/** P(k successes of n), k = 0 … n, from the most likely one outwards, so that nothing underflows. */
function binomial(n: number, p: number): Float64Array {
  const out = new Float64Array(n + 1);
  const mode = Math.min(n, Math.floor((n + 1) * p));
  out[mode] = 1;
  for (let k = mode; k < n; k++) out[k + 1] = (out[k]! * (n - k) * p) / ((k + 1) * (1 - p));
  for (let k = mode; k > 0; k--) out[k - 1] = (out[k]! * k * (1 - p)) / ((n - k + 1) * p);
  const sum = out.reduce((total, weight) => total + weight, 0);
  return out.map((weight) => weight / sum);
}

function convolve(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length + b.length - 1);
  a.forEach((x, i) => {
    if (x > 0) b.forEach((y, j) => (out[i + j] = out[i + j]! + x * y));
  });
  return out;
}

export interface PendulumOptions {
  /** Angles on the circle. Default 51. */
  numAngles?: number;
  /** Speeds from −8 to 8. Default 41. */
  numSpeeds?: number;
  /** Torques from −2 to 2. Default 5. */
  numTorques?: number;
}

const pendulum = { gravity: 10, mass: 1, length: 1, dt: 0.05, maxSpeed: 8, maxTorque: 2 };

/**
 * Gymnasium's Pendulum on a grid of angles and speeds. The state after a step lies between grid
 * points and becomes the four around it, with the weights of bilinear interpolation. State: angle ·
 * numSpeeds + speed; angle 0 is upright. Reward −(θ² + 0.1 ω² + 0.001 u²), as Gymnasium's.
 */
export function pendulumGrid(options: PendulumOptions = {}): MdpTables {
  const { numAngles = 51, numSpeeds = 41, numTorques = 5 } = options;
  requireInteger('pendulumGrid', 'numAngles', numAngles, 2, 2 ** 12);
  requireInteger('pendulumGrid', 'numSpeeds', numSpeeds, 2, 2 ** 12);
  requireInteger('pendulumGrid', 'numTorques', numTorques, 2, 2 ** 8);
  requireCollectable('pendulumGrid', 'numAngles', 4 * numAngles * numSpeeds * numTorques);
  const { gravity, mass, length, dt, maxSpeed, maxTorque } = pendulum;
  const builder = new CsrBuilder(numAngles * numSpeeds, numTorques);
  const angleStep = (2 * Math.PI) / numAngles;
  const speedStep = (2 * maxSpeed) / (numSpeeds - 1);
  for (let state = 0; state < numAngles * numSpeeds; state++) {
    const turned = Math.floor(state / numSpeeds) * angleStep;
    const angle = turned > Math.PI ? turned - 2 * Math.PI : turned;
    const speed = (state % numSpeeds) * speedStep - maxSpeed;
    for (let action = 0; action < numTorques; action++) {
      const torque = (2 * maxTorque * action) / (numTorques - 1) - maxTorque;
      const pull = ((3 * gravity) / (2 * length)) * Math.sin(angle);
      const faster = speed + (pull + (3 / (mass * length ** 2)) * torque) * dt;
      const nextSpeed = Math.max(-maxSpeed, Math.min(maxSpeed, faster));
      const a = (angle + nextSpeed * dt) / angleStep;
      const w = (nextSpeed + maxSpeed) / speedStep;
      for (const [next, p] of corners(a, w, numAngles, numSpeeds)) {
        builder.add(state, action, next, p);
      }
      builder.addReward(state, action, -(angle ** 2 + 0.1 * speed ** 2 + 0.001 * torque ** 2));
    }
  }
  return builder.build();
}

/** The grid points around (a, w), in steps of the grid, with their weights; angles wrap. */
function corners(a: number, w: number, numAngles: number, numSpeeds: number): [number, number][] {
  const [a0, w0] = [Math.floor(a), Math.min(Math.floor(w), numSpeeds - 2)];
  const [fa, fw] = [a - a0, w - w0];
  const wrap = (angle: number): number => ((angle % numAngles) + numAngles) % numAngles;
  const all: [number, number][] = [
    [wrap(a0) * numSpeeds + w0, (1 - fa) * (1 - fw)],
    [wrap(a0) * numSpeeds + w0 + 1, (1 - fa) * fw],
    [wrap(a0 + 1) * numSpeeds + w0, fa * (1 - fw)],
    [wrap(a0 + 1) * numSpeeds + w0 + 1, fa * fw],
  ];
  return all.filter(([, p]) => p > 0);
}
