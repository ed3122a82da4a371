import { BoundCall, Op } from '../call.js';
import { argumentError } from '../errors.js';
import { extraTreesPack, extraTreesPackAsync, extraTreesPredict } from '../generated/fitted-q.js';
import type { AsyncOptions } from '../tasks.js';
import { type ArrayLike, type RealArray, Tensor } from '../tensor.js';
import { greedyInto } from './greedy.js';

/** The arrays of `extraTrees` that a prediction needs. */
export interface ForestArrays<A extends RealArray = RealArray> {
  /** [P] attribute tested, −1 in a leaf. */
  feature: ArrayLike<Int32Array>;
  /** [P] left where x < threshold. */
  threshold: ArrayLike<A>;
  /** [P] right child, counted from the first node of its tree; the left one is the next node. */
  right: ArrayLike<Int32Array>;
  /** [P] value of a leaf. */
  value: ArrayLike<A>;
  /** [M + 1] first node of each tree, and their number. */
  treeOffsets: ArrayLike<Int32Array>;
  /** [numFeatures], made by `extraTrees` when its `outputs` name it; for `featureImportance()`. */
  featureImportance?: ArrayLike<A>;
}

/** Rows to be filled, and where their predictions then are. */
interface Plan<A extends RealArray> {
  x: A;
  prediction: A;
  run(): void;
}

const predictOp: Op = /* @__PURE__ */ new Op('fitted-q', 'extra_trees_predict');

/** Calls of at most so many rows keep their arrays, for at most so many numbers of rows. */
const keptRows = 1024;
const keptPlans = 8;
const wordsOfNode = 4;

/**
 * A forest of `extraTrees`, checked and packed once; then it does not change.
 *
 * ```ts
 * const forest = await ExtraTreesForest.packAsync(await extraTreesAsync({ x, y }), numFeatures);
 * const out = new Float32Array(1);
 * forest.predict(row, out); // a few microseconds, nothing allocated
 * ```
 *
 * Rows are Float32Array or Float64Array, whatever the forest was grown from. Source: Geurts, Ernst &
 * Wehenkel, Extremely Randomized Trees, 2006; with actions: Ernst, Geurts & Wehenkel, JMLR 2005.
 */
export class ExtraTreesForest {
  /** Attributes of a row. */
  readonly numFeatures: number;
  readonly numTrees: number;
  readonly numNodes: number;
  readonly dtype: 'float32' | 'float64';
  readonly #nodes: Tensor<Int32Array>;
  readonly #treeOffsets: Int32Array;
  readonly #importance: RealArray | undefined;
  readonly #plans = new Map<string, Plan<RealArray>>();

  private constructor(
    nodes: Tensor<Int32Array>,
    arrays: ForestArrays,
    numFeatures: number,
    importance: RealArray | undefined,
  ) {
    const { threshold, treeOffsets } = arrays;
    this.dtype = dataOf(threshold) instanceof Float64Array ? 'float64' : 'float32';
    this.numFeatures = numFeatures;
    this.#nodes = nodes;
    this.#importance = importance;
    this.#treeOffsets = dataOf(treeOffsets).slice();
    this.numTrees = this.#treeOffsets.length - 1;
    this.numNodes = nodes.shape[0] as number;
  }

  /**
   * Checks and packs on the calling thread.
   * @throws BelfryError BELFRY_BAD_VALUE naming the node that tests an attribute beyond `numFeatures`
   * or leads out of its tree; BELFRY_BAD_SHAPE, BELFRY_BAD_DTYPE naming the array at fault
   */
  static pack(arrays: ForestArrays, numFeatures: number): ExtraTreesForest {
    const own = forestArraysOf(arrays);
    const importance = importanceOf(arrays, numFeatures);
    const { nodes } = extraTreesPack({ ...own, numFeatures });
    return new ExtraTreesForest(nodes, own, numFeatures, importance);
  }

  /** The same on the engine's own threads. @throws also the signal's reason when stopped */
  static async packAsync(
    arrays: ForestArrays,
    numFeatures: number,
    { signal }: Pick<AsyncOptions, 'signal'> = {},
  ): Promise<ExtraTreesForest> {
    const own = forestArraysOf(arrays);
    const importance = importanceOf(arrays, numFeatures);
    const stop = signal === undefined ? {} : { signal };
    const { nodes } = await extraTreesPackAsync({ ...own, numFeatures, ...stop });
    return new ExtraTreesForest(nodes, own, numFeatures, importance);
  }

  /**
   * [Q] mean over the trees for rows `x` [Q, numFeatures], in `out` or a new array. On the calling
   * thread; with `out` nothing is allocated while Q is one of the last few.
   * @throws BelfryError BELFRY_BAD_SHAPE
   */
  predict<A extends RealArray>(x: A, out?: A): A {
    const rows = this.#rowsOf('predict', 'x', x.length, this.numFeatures);
    if (out !== undefined) checkLength('predict', 'out', out.length, rows);
    if (rows > keptRows) return this.#predictMany(new Tensor(x, [rows, this.numFeatures]), out);
    const plan = this.#plan(rows, x);
    plan.x.set(x);
    plan.run();
    return given(plan.prediction as A, out);
  }

  /**
   * [M, numActions] Q-values of states [M, numFeatures − 1], where the last attribute is the action,
   * 0 … numActions − 1; in `out` or a new array. Allocates as `predict` does.
   * @throws BelfryError BELFRY_BAD_SHAPE
   */
  qValues<A extends RealArray>(states: A, numActions: number, out?: A): A {
    const { prediction } = this.#actionValues('qValues', states, numActions, out);
    return given(prediction as A, out);
  }

  /**
   * [M] actions of the largest Q-value, the lowest of equals; in `out` or a new array.
   * @throws BelfryError BELFRY_BAD_SHAPE
   */
  bestActions(states: RealArray, numActions: number, out?: Int32Array): Int32Array {
    const { prediction } = this.#actionValues('bestActions', states, numActions);
    const count = prediction.length / Math.max(1, numActions);
    const actions = out ?? new Int32Array(count);
    checkLength('bestActions', 'out', actions.length, count);
    return greedyInto(prediction, numActions, actions);
  }

  /**
   * [numFeatures] by how much the tests of each feature decrease the squared error, summing to 1; all
   * 0 where no tree splits. Of the dtype of the forest. See `featureImportance` of `extraTrees`.
   * @throws BelfryError BELFRY_MISSING_OPERAND where the arrays packed were without it
   */
  featureImportance(): RealArray {
    if (this.#importance !== undefined) return this.#importance.slice();
    const op = 'ExtraTreesForest.featureImportance';
    const found = 'was not among the arrays packed';
    const expected = "that of extraTrees, whose 'outputs' must name it";
    throw argumentError('BELFRY_MISSING_OPERAND', op, 'featureImportance', found, expected);
  }

  /** The arrays that `pack` takes; values of inner nodes, which no prediction needs, are 0. */
  toArrays(): ForestArrays {
    const count = this.numNodes;
    const Real = this.dtype === 'float64' ? Float64Array : Float32Array;
    const [feature, right] = [new Int32Array(count).fill(-1), new Int32Array(count).fill(-1)];
    const [threshold, value] = [new Real(count), new Real(count)];
    const words = this.#nodes.data;
    const reals = new Float64Array(words.buffer, words.byteOffset, 2 * count);
    for (let tree = 0; tree < this.numTrees; tree++) {
      const first = this.#treeOffsets[tree] as number;
      for (let i = first; i < (this.#treeOffsets[tree + 1] as number); i++) {
        const steps = words[wordsOfNode * i + 3] as number;
        const real = reals[2 * i] as number;
        if (steps === 0) {
          value[i] = real;
          continue;
        }
        threshold[i] = real;
        feature[i] = words[wordsOfNode * i + 2] as number;
        right[i] = i - first + steps;
      }
    }
    const arrays = { feature, threshold, right, value, treeOffsets: this.#treeOffsets.slice() };
    const importance = this.#importance?.slice();
    return importance === undefined ? arrays : { ...arrays, featureImportance: importance };
  }

  #rowsOf(method: string, argument: string, length: number, width: number): number {
    const rows = width === 0 ? 1 : length / width;
    if (Number.isInteger(rows) && rows * width === length) return rows;
    throw badShape(method, argument, length, `[rows, ${width}]`);
  }

  /** Predictions of every state with every action. */
  #actionValues(
    method: string,
    states: RealArray,
    numActions: number,
    out?: RealArray,
  ): Plan<RealArray> {
    const width = this.numFeatures - 1;
    if (width < 0) {
      const found = 'has no attributes';
      const code = 'BELFRY_INVALID_ARGUMENT';
      throw argumentError(
        code,
        `ExtraTreesForest.${method}`,
        'forest',
        found,
        'one for the action',
      );
    }
    if (!Number.isSafeInteger(numActions) || numActions < 1) {
      const code = 'BELFRY_INVALID_ARGUMENT';
      const found = `is ${numActions}`;
      throw argumentError(code, `ExtraTreesForest.${method}`, 'numActions', found, 'at least 1');
    }
    const count = this.#rowsOf(method, 'states', states.length, width);
    if (out !== undefined) checkLength(method, 'out', out.length, count * numActions);
    const plan = this.#plan(count * numActions, states);
    let to = 0;
    for (let row = 0; row < count; row++) {
      for (let action = 0; action < numActions; action++) {
        for (let i = 0; i < width; i++) plan.x[to++] = states[row * width + i] as number;
        plan.x[to++] = action;
      }
    }
    plan.run();
    return plan;
  }

  #predictMany<A extends RealArray>(xQuery: Tensor<A>, out: A | undefined): A {
    const prediction = new Tensor(
      out ?? (new (realOf(xQuery.data))(xQuery.shape[0] as number) as A),
    );
    const forest = { nodes: this.#nodes, treeOffsets: this.#treeOffsets };
    extraTreesPredict<A>({ ...forest, xQuery, out: { prediction } });
    return prediction.data;
  }

  /** The arrays and the call for so many rows: kept ones, or new. */
  #plan(rows: number, like: RealArray): Plan<RealArray> {
    const Real = realOf(like);
    const key = rows > keptRows ? '' : `${Real.BYTES_PER_ELEMENT}:${rows}`;
    const kept = this.#plans.get(key);
    if (kept !== undefined) return kept;
    const x = new Real(rows * this.numFeatures);
    const xQuery = new Tensor<RealArray>(x, [rows, this.numFeatures]);
    const prediction = new Real(rows);
    const call = new BoundCall(predictOp, {
      ...{ nodes: this.#nodes, treeOffsets: this.#treeOffsets, xQuery },
      ...{ out: { prediction }, outputs: ['prediction'] },
    });
    const plan = { x, prediction, run: () => call.run() };
    if (key === '') return plan;
    if (this.#plans.size >= keptPlans) this.#plans.clear();
    this.#plans.set(key, plan);
    return plan;
  }
}

function realOf(like: RealArray): Float64ArrayConstructor | Float32ArrayConstructor {
  return like instanceof Float64Array ? Float64Array : Float32Array;
}

function dataOf<A extends RealArray | Int32Array>(array: ArrayLike<A>): A {
  return ArrayBuffer.isView(array) ? (array as A) : ((array as { data: A }).data as A);
}

/** A copy of it, where it is given. */
function importanceOf(arrays: ForestArrays, numFeatures: number): RealArray | undefined {
  if (arrays.featureImportance === undefined) return undefined;
  const importance = dataOf(arrays.featureImportance).slice();
  checkLength('pack', 'featureImportance', importance.length, numFeatures);
  return importance;
}

/** Of a result of `extraTrees`, what a prediction needs. */
function forestArraysOf(arrays: ForestArrays): ForestArrays {
  const { feature, threshold, right, value, treeOffsets } = arrays;
  return { feature, threshold, right, value, treeOffsets };
}

/** What a plan has computed, for the caller to keep. */
function given<A extends RealArray>(computed: A, out: A | undefined): A {
  if (out === undefined) return computed.slice() as A;
  out.set(computed);
  return out;
}

function checkLength(method: string, argument: string, length: number, expected: number): void {
  if (length !== expected) throw badShape(method, argument, length, `${expected}`);
}

function badShape(method: string, argument: string, length: number, expected: string): Error {
  const found = `has ${length} elements`;
  return argumentError('BELFRY_BAD_SHAPE', `ExtraTreesForest.${method}`, argument, found, expected);
}
