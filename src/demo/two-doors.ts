/**
 * The task behind examples/data/velocity.safetensors, and one-step generation as plain loops: what
 * the demo's figures are compared with.
 *
 * State: a place in [-1, 0] x [-0.5, 0.5]. Action: a step of length 0.6 towards the upper door
 * (0.6, 0.8), which most demonstrations take, or the lower one (0.6, -0.8), which pays.
 * One step of generation: a = clip(e - u(e, t = 1, r = 0, s)) with noise e; the best of the
 * candidates is the one with the largest min(Q1, Q2).
 */

/** Weights by operand name, e.g. `trunk_weight_0` of shape [out, in]. */
export type NamedWeights = Readonly<
  Record<string, { data: ArrayLike<number>; shape: readonly number[] }>
>;

export interface OneStepInput {
  weights: NamedWeights;
  /** [B, 2] */
  observations: ArrayLike<number>;
  /** [B, candidates, 2] */
  noise: ArrayLike<number>;
  candidates: number;
}

export interface OneStepOutput {
  /** [B, candidates, 2] */
  actions: Float64Array;
  /** [B, candidates] the smaller of the two critics */
  qMin: Float64Array;
  /** [B] the lowest index of the best candidate */
  bestIndex: Int32Array;
}

export interface TwoDoors {
  doors: readonly [readonly [number, number], readonly [number, number]];
  stepLength: number;
  embDim: number;
  clip: number;
}

export const TWO_DOORS: Readonly<TwoDoors> = Object.freeze<TwoDoors>({
  doors: [
    [0.6, 0.8],
    [0.6, -0.8],
  ],
  stepLength: 0.6,
  embDim: 4,
  clip: 1,
});

/** The demonstrated step from a place towards door 0 (upper) or 1 (lower). */
export function doorStep(x: number, y: number, door: 0 | 1): [number, number] {
  const [doorX, doorY] = TWO_DOORS.doors[door];
  const scale = TWO_DOORS.stepLength / Math.hypot(doorX - x, doorY - y);
  return [(doorX - x) * scale, (doorY - y) * scale];
}

/** The door whose step the action comes within `radius` of, or -1. */
export function doorOf(
  observation: readonly [number, number],
  action: readonly [number, number],
  radius = 0.15,
): number {
  return ([0, 1] as const).findIndex((door) => {
    const [x, y] = doorStep(observation[0], observation[1], door);
    return Math.hypot(action[0] - x, action[1] - y) < radius;
  });
}

/** One-step generation with the candidates' scores, one row at a time. */
export function oneStepLoop(input: OneStepInput): OneStepOutput {
  const { weights, observations, noise, candidates } = input;
  const numRows = noise.length / 2;
  const actions = new Float64Array(2 * numRows);
  const qMin = new Float64Array(numRows);
  const bestIndex = new Int32Array(numRows / candidates);
  const embT = perceptron(weights, 'tmlp', embedding(1, TWO_DOORS.embDim));
  const embR = perceptron(weights, 'rmlp', embedding(0, TWO_DOORS.embDim));
  for (let row = 0; row < numRows; row++) {
    const state = Math.floor(row / candidates);
    const place = [observations[2 * state]!, observations[2 * state + 1]!];
    const start = [noise[2 * row]!, noise[2 * row + 1]!];
    const u = perceptron(weights, 'trunk', [...start, ...embT, ...embR, ...place]);
    const action = start.map((e, d) => clip(e - u[d]!, TWO_DOORS.clip));
    actions.set(action, 2 * row);
    const [q1] = perceptron(weights, 'critic1', [...place, ...action]);
    const [q2] = perceptron(weights, 'critic2', [...place, ...action]);
    qMin[row] = Math.min(q1!, q2!);
    const best = state * candidates + bestIndex[state]!;
    if (qMin[row]! > qMin[best]!) bestIndex[state] = row - state * candidates;
  }
  return { actions, qMin, bestIndex };
}

function clip(value: number, limit: number): number {
  return Math.min(Math.max(value, -limit), limit);
}

/** [sin(t w), cos(t w)] with w_k = exp(-k ln(1e4) / (half - 1)). */
function embedding(time: number, dim: number): number[] {
  const half = dim / 2;
  const omega = Array.from({ length: half }, (_, k) => Math.exp((-k * Math.log(1e4)) / (half - 1)));
  return [...omega.map((w) => Math.sin(time * w)), ...omega.map((w) => Math.cos(time * w))];
}

/** Layers `${prefix}_weight_0`, ... with mish between them. */
function perceptron(weights: NamedWeights, prefix: string, input: readonly number[]): number[] {
  let values = [...input];
  for (let l = 0; weights[`${prefix}_weight_${l}`]; l++) {
    const { data, shape } = weights[`${prefix}_weight_${l}`]!;
    const bias = weights[`${prefix}_bias_${l}`]!.data;
    const [numOut, numIn] = shape as readonly [number, number];
    const next = new Array<number>(numOut);
    const last = !weights[`${prefix}_weight_${l + 1}`];
    for (let o = 0; o < numOut; o++) {
      let sum = bias[o]!;
      for (let i = 0; i < numIn; i++) sum += data[o * numIn + i]! * values[i]!;
      next[o] = last ? sum : mish(sum);
    }
    values = next;
  }
  return values;
}

function mish(x: number): number {
  const w = Math.exp(Math.min(x, 20));
  return (x * w * (w + 2)) / (w * (w + 2) + 2);
}
