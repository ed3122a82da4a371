/** What the training classes read: batches of scored token sequences, and the masks made from them. */
import { argumentError } from '../errors.js';
import { type ArrayLike, type RealArray, Tensor, type TypedArray } from '../tensor.js';

/** Non-zero = true. */
export type Flags = ArrayLike<Uint8Array | Int32Array>;

/**
 * What advantages are made from: B scored samples of up to T tokens.
 *
 * ```ts
 * const scores: Scores<Float32Array> = {
 *   rewards: Float32Array.of(1, 0, 1, 0),
 *   groupIds: Int32Array.of(7, 7, 3, 3), // two prompts, two samples each
 *   mask: new Tensor(Uint8Array.of(1, 1, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1), [4, 3]),
 * };
 * ```
 */
export interface Scores<A extends RealArray = RealArray> {
  /** [B] outcome reward of each sample. NaN or infinite: the sample could not be scored. */
  rewards: ArrayLike<A>;
  /** [B] the prompt each sample answers: any numbers, in any order. */
  groupIds: ArrayLike<Int32Array>;
  /** [B, T] 1 = the policy wrote this token; 0 = prompt, padding, tool output. Absent: all 1. */
  mask?: Flags;
  /** [B, T] log μ at sampling time; tells T when there is no mask. */
  oldLogProbs?: ArrayLike<A>;
  /** [B, T] log π_ref, for a KL in the reward. */
  refLogProbs?: ArrayLike<A>;
}

/**
 * What a policy loss reads for each token: [B, T] as `Tensor`s or `{ data, shape }`, row-major, all of
 * one element type. What stands at a masked token is never read, NaN included.
 */
export interface Tokens<A extends RealArray = RealArray> {
  /** [B, T] log π of the taken tokens, current policy: what the gradient is for. */
  logProbs: ArrayLike<A>;
  /** [B, T] log μ at sampling time. */
  oldLogProbs: ArrayLike<A>;
  /** [B, T] 1 = the token counts. Absent: all do. */
  mask?: Flags;
  /** [B, T] log π_ref; needed when `klCoef` is above 0. */
  refLogProbs?: ArrayLike<A>;
  /** [B, T] entropy of each token's distribution; needed when `entropyCoef` is not 0. */
  entropy?: ArrayLike<A>;
  /** [B, T] constant factor on each token's policy term, see `importanceWeights`. */
  importanceWeights?: ArrayLike<A>;
  /** [B] constant factor on each sample's policy terms. */
  sequenceWeights?: ArrayLike<A>;
  /** [B, T] turn of each token: any numbers; for losses over turns. */
  turnIds?: ArrayLike<Int32Array>;
  /** Valid tokens of the whole batch, when this is one micro-batch of it. */
  numTokens?: number | null;
  /** Samples with a valid token in the whole batch, when this is one micro-batch of it. */
  numSeqs?: number | null;
}

/**
 * Advantages made before, e.g. over the whole batch of which this is one micro-batch. What
 * `advantages(batch)` returns has this form: spread it into the batch of `loss`.
 */
export interface Ready<A extends RealArray = RealArray> {
  /** [B] or [B, T]. */
  advantages: ArrayLike<A>;
  /** [B] 0 = the sample leaves the loss and its denominators. */
  sampleKeep?: Flags;
}

/** Tokens with their advantages, or with the scores to make them from. */
export type LossBatch<A extends RealArray, S = Scores<A>> = Tokens<A> & (Ready<A> | S);

/** The elements of a host operand. */
export function dataOf<A extends TypedArray>(array: ArrayLike<A>): A {
  return ArrayBuffer.isView(array) ? array : array.data;
}

export function shapeOf(array: ArrayLike<TypedArray>): readonly number[] {
  if (ArrayBuffer.isView(array)) return [array.length];
  return 'shape' in array ? array.shape : array.dims;
}

/** Zeros of the same element type. */
export function zerosLike<A extends RealArray>(array: A, length: number = array.length): A {
  return (array instanceof Float64Array ? new Float64Array(length) : new Float32Array(length)) as A;
}

/** [B, T] of an operand of tokens. */
export function tokenShape(op: string, array: ArrayLike<TypedArray>): [number, number] {
  const [rows, columns, ...more] = shapeOf(array);
  if (rows === undefined || columns === undefined || more.length > 0)
    throw argumentError(
      'BELFRY_BAD_SHAPE',
      op,
      'a token operand',
      `has shape [${shapeOf(array)}]`,
      '[B, T]',
    );
  return [rows, columns];
}

/** Valid tokens of each sample; undefined where nothing tells T. */
export function lengthsOf(op: string, batch: Scores): Int32Array | undefined {
  const like = batch.mask ?? batch.oldLogProbs;
  if (like === undefined) return undefined;
  const [rows, columns] = tokenShape(op, like);
  const mask = batch.mask === undefined ? undefined : dataOf(batch.mask);
  return Int32Array.from({ length: rows }, (_, row) => {
    if (mask === undefined) return columns;
    let count = 0;
    for (let t = 0; t < columns; t += 1) count += mask[row * columns + t] ? 1 : 0;
    return count;
  });
}

/** The mask without the samples that are not kept; as it was when there is nothing to take out. */
export function keepSamples(op: string, batch: Tokens, keep: Flags | undefined): Flags | undefined {
  if (keep === undefined) return batch.mask;
  const kept = dataOf(keep);
  return editMask(op, batch, (row) => Boolean(kept[row]));
}

/** The mask with a condition on each token added. */
export function editMask(
  op: string,
  batch: Tokens,
  keep: (row: number, index: number) => boolean,
): Tensor<Uint8Array> {
  const [rows, columns] = tokenShape(op, batch.logProbs);
  const mask = batch.mask === undefined ? undefined : dataOf(batch.mask);
  if (mask !== undefined && mask.length !== rows * columns)
    throw argumentError(
      'BELFRY_BAD_SHAPE',
      op,
      'mask',
      `has ${mask.length} elements`,
      `[${rows}, ${columns}], the shape of logProbs`,
    );
  const edited = new Uint8Array(rows * columns);
  for (let i = 0; i < edited.length; i += 1) {
    const row = Math.floor(i / columns);
    edited[i] = (mask === undefined || mask[i]) && keep(row, i) ? 1 : 0;
  }
  return new Tensor(edited, [rows, columns]);
}

/** One value for each token, from one for each sample. */
export function perToken<A extends RealArray>(
  op: string,
  values: ArrayLike<A>,
  like: ArrayLike<TypedArray>,
): ArrayLike<A> {
  if (shapeOf(values).length === 2) return values;
  const [rows, columns] = tokenShape(op, like);
  const source = dataOf(values);
  const data = zerosLike(source, rows * columns);
  for (let row = 0; row < rows; row += 1) {
    data.fill(source[row] ?? Number.NaN, row * columns, (row + 1) * columns);
  }
  return new Tensor(data, [rows, columns]);
}

/** Rewards with NaN where a sample is left out: every statistic then passes over it. */
export function unscore<A extends RealArray>(rewards: ArrayLike<A>, keep: Flags): Tensor<A> {
  const kept = dataOf(keep);
  const source = dataOf(rewards);
  const data = zerosLike(source);
  for (let i = 0; i < data.length; i += 1) data[i] = kept[i] ? source[i]! : Number.NaN;
  return new Tensor(data, [data.length]);
}
