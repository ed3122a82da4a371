/** Critics over [s, a], a policy over [x, e_t, s], and a step of both, as training steps have them. */
import {
  type Arrays,
  array,
  generator,
  named,
  type RandomNumbers,
  rowsOf,
  scalar,
} from './arrays.js';
import {
  clipped,
  embedding,
  evaluate,
  type Leaves,
  layersOf,
  leavesOf,
  namesOf,
  randomNetwork,
  type Training,
  trained,
} from './networks.js';
import { mish, Traced } from './traced.js';

export interface StepOptions {
  gamma: number;
  tau: number;
  lr: number;
  beta1: number;
  beta2: number;
  step: number;
  grad_clip: number | null;
  emb_dim: number;
}

export const usualStep: StepOptions = {
  gamma: 0.9,
  tau: 0.25,
  lr: 0.01,
  beta1: 0.9,
  beta2: 0.99,
  step: 1,
  grad_clip: null,
  emb_dim: 4,
};

export const numbers = (x: number[]): Traced[] => x.map((one) => new Traced(one));
export const valuesOf = (x: Traced[]): number[] => x.map(({ value }) => value);

/** Both critics. */
export function critics(prefix: string, leaves: Leaves, s: number[], a: Traced[]): Traced[] {
  return [1, 2].map((k) => {
    const layers = layersOf(leaves, `${prefix}${k}`);
    return evaluate(layers, [...numbers(s), ...a], mish)[0] as Traced;
  });
}

/** The trunk over [x, e_t, s], e_t the small network of the embedded time. */
export function timedPolicy(prefix: string, leaves: Leaves, size: number) {
  return (x: Traced[], t: Traced, s: number[]): Traced[] => {
    const time = evaluate(layersOf(leaves, `${prefix}tmlp`), embedding(t, size), mish);
    return evaluate(layersOf(leaves, `${prefix}trunk`), [...x, ...time, ...numbers(s)], mish);
  };
}

/** Those of the networks whose names begin so, made anew: slopes of one loss go to one set. */
export const freshLeaves = (given: Arrays, ...prefixes: string[]): Leaves =>
  leavesOf(given, namesOf(given, ...prefixes));

/** One side's clipped step, and the norm of its gradient. */
export function stepOf(
  given: Arrays,
  leaves: Leaves,
  options: StepOptions,
  side: 'critic' | 'policy',
  follower: Training['follower'],
): { norm: Arrays; updated: Arrays } {
  const { norm, factor } = clipped(leaves, options.grad_clip);
  const adam = { ...options, eps: 1e-8 };
  const by = { adam, factor, moments: `${side}_moments`, ...(follower ? { follower } : {}) };
  const name = side === 'critic' ? 'critic_grad_norm' : 'actor_grad_norm';
  return { norm: { [name]: scalar(norm) }, updated: trained(given, leaves, by) };
}

export const rows = (given: Arrays, name: string): number[][] => rowsOf(named(given, name));

export const sizes = { batch: 4, states: 3, dims: 2, time: 3 };

export interface Problem {
  given: Arrays;
  fill: RandomNumbers['fill'];
  below: RandomNumbers['below'];
}

/** Transitions, networks and who follows them, and Adam's moments. */
export function problem(
  seed: number,
  options: StepOptions,
  averaged: boolean,
  moments: boolean,
): Problem {
  const { fill, below } = generator(seed);
  const { batch, states, dims, time } = sizes;
  const widths: Record<string, number[]> = {
    trunk: [dims + time + states, 5, 4, dims],
    tmlp: [options.emb_dim, 4, time],
    critic1: [states + dims, 4, 5, 1],
    critic2: [states + dims, 3, 1],
  };
  const networks: Arrays = {};
  const count = { policy: 0, critic: 0 };
  for (const [name, of] of Object.entries(widths)) {
    const network = randomNetwork(fill, name, of);
    const parameters = Object.values(network).flatMap(({ data }) => data).length;
    const critic = name.startsWith('critic');
    count[critic ? 'critic' : 'policy'] += parameters;
    Object.assign(networks, network);
    if (critic) Object.assign(networks, randomNetwork(fill, `target_${name}`, of));
    else if (averaged) Object.assign(networks, randomNetwork(fill, `ema_${name}`, of));
  }
  const own = (n: number) =>
    array([2, n], [...fill([n], -0.2, 0.2).data, ...fill([n], 0, 0.1).data]);
  const given: Arrays = {
    observations: fill([batch, states], -1, 1),
    actions: fill([batch, dims], -1, 1),
    rewards: fill([batch], -1, 1),
    next_observations: fill([batch, states], -1, 1),
    noise_bc: fill([batch, dims], -2, 2),
    ...networks,
    ...(moments ? { policy_moments: own(count.policy), critic_moments: own(count.critic) } : {}),
  };
  return { given, fill, below };
}
