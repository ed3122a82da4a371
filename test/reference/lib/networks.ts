/** Plain networks, a row and a unit at a time, and what trains them. */
import { type Arrays, array, named, type RandomNumbers } from './arrays.js';
import {
  add,
  cosine,
  mean,
  minus,
  over,
  root,
  sine,
  square,
  sum,
  Traced,
  times,
} from './traced.js';

export interface Layer {
  weight: Traced[];
  bias: Traced[];
}
export type Leaves = Record<string, Traced[]>;
export type Activation = (x: Traced) => Traced;

/** Scales, then shifts, of all hidden layers end to end. */
export interface Norm {
  values: Traced[];
  eps: number;
}

/** Numbers that losses are differentiated by. */
export const leavesOf = (arrays: Arrays, names: string[]): Leaves =>
  Object.fromEntries(
    names.map((name) => [name, named(arrays, name).data.map((x) => new Traced(x))]),
  );

/** Weight and bias of each layer, in the order that moments have. */
export function namesOf(arrays: Arrays, ...prefixes: string[]): string[] {
  return prefixes.flatMap((prefix) => {
    const names: string[] = [];
    for (let i = 0; arrays[`${prefix}_weight_${i}`]; i++) {
      names.push(`${prefix}_weight_${i}`, `${prefix}_bias_${i}`);
    }
    return names;
  });
}

export function layersOf(leaves: Leaves, prefix: string): Layer[] {
  const layers: Layer[] = [];
  for (let i = 0; ; i++) {
    const [weight, bias] = [leaves[`${prefix}_weight_${i}`], leaves[`${prefix}_bias_${i}`]];
    if (!weight || !bias) return layers;
    layers.push({ weight, bias });
  }
}

function normalise(x: Traced[], scale: Traced[], shift: Traced[], eps: number): Traced[] {
  const centre = mean(x);
  const apart = x.map((one) => minus(one, centre));
  const deviation = root(add(eps, mean(apart.map(square))));
  return apart.map((one, i) =>
    add(times(scale[i] as Traced, over(one, deviation)), shift[i] as Traced),
  );
}

/** Hidden layers are activated, then normalised. */
export function evaluate(
  layers: Layer[],
  x: Traced[],
  activation: Activation,
  norm?: Norm,
): Traced[] {
  let at = 0;
  return layers.reduce((inputs, { weight, bias }, i) => {
    const y = bias.map((b, unit) =>
      add(b, sum(inputs.map((one, j) => times(weight[unit * inputs.length + j] as Traced, one)))),
    );
    if (i + 1 === layers.length) return y;
    const active = y.map(activation);
    if (!norm) return active;
    const [from, to, half] = [at, at + y.length, norm.values.length / 2];
    at = to;
    const shift = norm.values.slice(half + from, half + to);
    return normalise(active, norm.values.slice(from, to), shift, norm.eps);
  }, x);
}

/** [sin(t ω), cos(t ω)], ω = 10000^(−k/(half − 1)). */
export function embedding(t: Traced, size: number): Traced[] {
  const half = size / 2;
  const angles = Array.from({ length: half }, (_, k) => times(t, 10000 ** (-k / (half - 1))));
  return [...angles.map(sine), ...angles.map(cosine)];
}

export interface AdamSettings {
  lr: number;
  beta1: number;
  beta2: number;
  eps: number;
  step: number;
  decay?: number;
}

/** One step of Adam (arXiv 1412.6980, algorithm 1), with decoupled decay (arXiv 1711.05101). */
export function adam(
  w: number,
  g: number,
  m: number,
  v: number,
  of: AdamSettings,
): Record<'w' | 'm' | 'v', number> {
  const first = of.beta1 * m + (1 - of.beta1) * g;
  const second = of.beta2 * v + (1 - of.beta2) * g * g;
  const mHat = first / (1 - of.beta1 ** of.step);
  const vHat = second / (1 - of.beta2 ** of.step);
  const kept = w - of.lr * (of.decay ?? 0) * w;
  return { w: kept - (of.lr * mHat) / (Math.sqrt(vHat) + of.eps), m: first, v: second };
}

/** Euclidean norm of all slopes, and the factor that brings it below the limit. */
export function clipped(
  leaves: Leaves,
  limit: number | null | undefined,
): { norm: number; factor: number } {
  const squares = Object.values(leaves).flatMap((list) => list.map(({ slope }) => slope ** 2));
  const norm = Math.sqrt(squares.reduce((a, b) => a + b, 0));
  return { norm, factor: limit == null ? 1 : Math.min(1, limit / (norm + 1e-6)) };
}

export interface Training {
  adam: AdamSettings;
  /** Factor on every gradient. */
  factor?: number;
  /** Name of Adam's m and v, end to end in the order of the leaves. */
  moments?: string;
  /** Who follows a leaf: `${prefix}_${name}`, by this share. */
  follower?: (name: string) => { prefix: string; share: number } | undefined;
}

/** new_… of the leaves after a step of Adam, of their moments and of who follows. */
export function trained(arrays: Arrays, leaves: Leaves, by: Training): Arrays {
  const out: Arrays = {};
  const moments = by.moments ? arrays[by.moments] : undefined;
  const count = Object.values(leaves).flat().length;
  const next: number[] = Array(2 * count).fill(0);
  let at = 0;
  for (const [name, list] of Object.entries(leaves)) {
    const { shape } = named(arrays, name);
    const data = list.map(({ value, slope }) => {
      const [m, v] = [moments?.data[at] ?? 0, moments?.data[count + at] ?? 0];
      const stepped = adam(value, slope * (by.factor ?? 1), m, v, by.adam);
      [next[at], next[count + at]] = [stepped.m, stepped.v];
      at++;
      return stepped.w;
    });
    out[`new_${name}`] = array(shape, data);
    const follower = by.follower?.(name);
    if (!follower) continue;
    const { prefix, share } = follower;
    const old = named(arrays, `${prefix}_${name}`).data;
    const followed = data.map((w, i) => share * w + (1 - share) * (old[i] as number));
    out[`new_${prefix}_${name}`] = array(shape, followed);
  }
  if (moments && by.moments) out[`new_${by.moments}`] = array([2, count], next);
  return out;
}

/** Layers of a network with these widths. */
export function randomNetwork(
  fill: RandomNumbers['fill'],
  prefix: string,
  widths: number[],
): Arrays {
  const out: Arrays = {};
  widths.slice(1).forEach((outputs, i) => {
    out[`${prefix}_weight_${i}`] = fill([outputs, widths[i] as number], -0.9, 0.9);
    out[`${prefix}_bias_${i}`] = fill([outputs], -0.5, 0.5);
  });
  return out;
}
