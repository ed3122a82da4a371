import { categoricalProjection, sqirl } from '../generated/fitted-q.js';
import { Tensor } from '../tensor.js';
import { greedyActions } from './greedy.js';
import type { ReturnAtoms } from './regressor.js';
import { atomMeans, toDistributions } from './return-atoms.js';
import type { ReplayBatch } from './sqirl-replay.js';

type Values = Tensor<Float32Array>;
type Rows = Omit<ReplayBatch, 'x' | 'nextX'>;

/** What one network says of every depth: its outputs [B, depth · width · A], and their loss. */
export interface SqirlHeads {
  /** Outputs of a depth for each action. */
  readonly width: number;
  /** Of a batch, at the outputs for its states and next states. */
  lossOf(outputs: Values, nextOutputs: Values, rows: Rows): HeadLoss;
  /** [M, A] values of the last depth. */
  lastValues(outputs: Values): Values;
}

export interface HeadLoss {
  /** Mean over the batch. */
  perDepth(): Float32Array;
  /** The sum of the losses, each divided by its `scale`, and the gradient at the outputs. */
  total(scale?: Float32Array): { loss: number; gradient: Values };
}

export interface HeadOptions {
  discount: number;
  /** c */
  rewardScale: number;
}

/** A value for each depth and action: squared or Huber errors. */
export class ValueHeads implements SqirlHeads {
  readonly width = 1;

  constructor(
    readonly depth: number,
    readonly options: HeadOptions & { huber: boolean },
  ) {}

  lossOf(outputs: Values, nextOutputs: Values, rows: Rows): HeadLoss {
    const { discount: gamma, rewardScale, huber } = this.options;
    const { depth } = this;
    const qValues = byDepth(outputs, depth);
    const nextQValues = byDepth(nextOutputs, depth);
    const call = { ...rows, qValues, nextQValues, gamma, rewardScale, huber };
    type Losses = { lossPerDepth: Values };
    return {
      perDepth: () => {
        const args = { ...call, outputs: ['lossPerDepth'] };
        return (sqirl<Float32Array>(args as never) as unknown as Losses).lossPerDepth.data;
      },
      total: (scale) => {
        const { gradQValues, loss } = sqirl<Float32Array>({
          ...call,
          ...(scale === undefined ? {} : { lossScale: scale }),
          outputs: ['gradQValues', 'loss'],
        });
        return { loss, gradient: new Tensor(gradQValues.data, outputs.shape) };
      },
    };
  }

  lastValues(outputs: Values): Values {
    return lastDepth(outputs, this.depth);
  }
}

export interface CategoricalOptions extends HeadOptions {
  /** Whether c multiplies the rewards of the later depths too. */
  scaleBackups: boolean;
}

/**
 * A distribution over fixed returns for each depth and action: the first fits the returns of random
 * play, each later one the projection of c r + γ Z(s', a*) of the depth before, a* being the action
 * of the largest mean there. The loss is the KL divergence from the target.
 */
export class CategoricalHeads implements SqirlHeads {
  readonly width: number;

  constructor(
    readonly depth: number,
    readonly atoms: ReturnAtoms,
    readonly options: CategoricalOptions,
  ) {
    this.width = atoms.count;
  }

  lossOf(outputs: Values, nextOutputs: Values, rows: Rows): HeadLoss {
    const { depth, width } = this;
    const logits = this.#ofActions(outputs, (row) => rows.actions[row] as number);
    const { target, crossEntropy, gradLogits } = categoricalProjection<Float32Array>({
      ...this.#moves(nextOutputs, rows),
      logits,
      gamma: this.options.discount,
      vMin: this.atoms.vMin,
      vMax: this.atoms.vMax,
    }) as { target: Values; crossEntropy: Values; gradLogits: Values };
    const count = rows.actions.length;
    const losses = new Float64Array(depth);
    crossEntropy.data.forEach((loss, at) => {
      const mass = target.data.subarray(at * width, (at + 1) * width);
      (losses[at % depth] as number) += (loss - entropy(mass)) / count;
    });
    return {
      perDepth: () => Float32Array.from(losses),
      total: (scale) => {
        const share = (depthIndex: number): number => 1 / (scale?.[depthIndex] ?? 1);
        return {
          loss: losses.reduce((sum, loss, i) => sum + loss * share(i), 0),
          gradient: this.#gradient(outputs, gradLogits.data, rows.actions, share),
        };
      },
    };
  }

  lastValues(outputs: Values): Values {
    const { data, shape } = lastDepth(outputs, this.depth);
    const means = atomMeans(toDistributions(data, this.width), this.atoms);
    return new Tensor(means, [shape[0] as number, (shape[1] as number) / this.width]);
  }

  /** How the distribution of every row and depth moves, [B · depth] rows of the projection. */
  #moves(nextOutputs: Values, { rewards, returnToGo, terminated }: Rows) {
    const { depth, width } = this;
    const { rewardScale, scaleBackups } = this.options;
    const count = rewards.length;
    const later = scaleBackups ? rewardScale : 1;
    const moves = {
      nextProb: new Tensor(new Float32Array(count * depth * width), [count * depth, width]),
      rewards: new Float32Array(count * depth),
      terminated: new Uint8Array(count * depth).fill(1),
    };
    const next = depth > 1 ? this.#bestOf(nextOutputs) : undefined;
    for (let row = 0; row < count; row++) {
      const first = row * depth;
      moves.rewards[first] = rewardScale * (returnToGo[row] as number);
      moves.rewards.fill(later * (rewards[row] as number), first + 1, first + depth);
      moves.terminated.fill(terminated[row] as number, first + 1, first + depth);
      if (next === undefined) continue;
      // Depth i + 1 backs up depth i.
      const before = next.data.subarray(first * width, (first + depth - 1) * width);
      moves.nextProb.data.set(before, (first + 1) * width);
    }
    return moves;
  }

  /** [B · depth, width] distributions of the actions of the largest means. */
  #bestOf(outputs: Values): Values {
    const { depth, width } = this;
    const [count = 0, outputsOfRow = 0] = outputs.shape;
    const all = toDistributions(outputs.data, width);
    const rows = count * depth;
    const means = new Tensor(atomMeans(all, this.atoms), [rows, outputsOfRow / depth / width]);
    const best = greedyActions(means);
    return this.#ofActions(outputs, (row, i) => best[row * depth + i] as number);
  }

  /** [B · depth, width] outputs of one action of every row and depth. */
  #ofActions(outputs: Values, action: (row: number, depth: number) => number): Values {
    const { depth, width } = this;
    const [count = 0, outputsOfRow = 0] = outputs.shape;
    const own = new Float32Array(count * depth * width);
    for (let at = 0; at < count * depth; at++) {
      const row = Math.floor(at / depth);
      const from = (at * outputsOfRow) / depth + action(row, at % depth) * width;
      own.set(outputs.data.subarray(from, from + width), at * width);
    }
    return new Tensor(own, [count * depth, width]);
  }

  /** `own` is that of the mean over rows and depths, at the actions taken. */
  #gradient(
    { data, shape }: Values,
    own: Float32Array,
    actions: Int32Array,
    share: (depth: number) => number,
  ): Values {
    const { depth, width } = this;
    const gradient = new Float32Array(data.length);
    const ofDepth = (shape[1] as number) / depth;
    for (let at = 0; at < actions.length * depth; at++) {
      const to = at * ofDepth + (actions[Math.floor(at / depth)] as number) * width;
      const factor = depth * share(at % depth);
      for (let j = 0; j < width; j++) gradient[to + j] = factor * (own[at * width + j] as number);
    }
    return new Tensor(gradient, shape);
  }
}

/** −Σ m log m. */
function entropy(mass: Float32Array): number {
  let sum = 0;
  for (const m of mass) if (m > 0) sum -= m * Math.log(m);
  return sum;
}

/** [B, depth, A] of [B, depth · A]. */
function byDepth({ data, shape }: Values, depth: number): Values {
  const [count = 0, width = 0] = shape;
  return new Tensor(data, [count, depth, width / depth]);
}

/** [M, n] of [M, depth · n], copied. */
function lastDepth({ data, shape }: Values, depth: number): Values {
  const [count = 0, width = 0] = shape;
  const own = width / depth;
  const last = new Float32Array(count * own);
  for (let row = 0; row < count; row++) {
    const end = (row + 1) * width;
    last.set(data.subarray(end - own, end), row * own);
  }
  return new Tensor(last, [count, own]);
}
