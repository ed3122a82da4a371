import { argumentError } from '../errors.js';
import { extraTreesAsync } from '../generated/fitted-q.js';
import { checkOptions, checkRules, type OptionRule, rules, withDefaults } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import { type ArrayLike, Tensor } from '../tensor.js';
import { ExtraTreesForest, type ForestArrays } from './extra-trees-forest.js';
import { fieldsOf, notFitted, type QRegressor, type RegressorState } from './regressor.js';
import { statesOf } from './states.js';
import type { TransitionDataset } from './transitions.js';

export interface TreeRegressorOptions {
  /** Trees of a forest. Default 50. */
  numTrees?: number;
  /** A node of fewer rows is a leaf. Default 2. */
  minRows?: number;
  /** Attributes tried at a node. Default 'all'. */
  tried?: number | 'all';
  /**
   * A forest over the states for every action, as in the experiments of the paper. Default false:
   * one forest, in which the action is one more attribute.
   */
  perAction?: boolean;
  /** Of the random splits; each fit draws others. Default 0. */
  seed?: number;
  /**
   * Keep the tests of all nodes after the first fit: later ones give the nodes the means of the new
   * targets. An averager, so fitted-Q iteration converges. Default false.
   */
  freezeStructure?: boolean;
}

/** There is at least one. */
type Forests = readonly [ExtraTreesForest, ...ExtraTreesForest[]];

const forestArrays = [
  'feature',
  'threshold',
  'right',
  'value',
  'treeOffsets',
  'featureImportance',
] as const;

const optionRules: Readonly<Record<string, OptionRule>> = {
  numTrees: rules.count,
  minRows: rules.count,
  tried: [(x) => x === 'all' || rules.count[0](x), "'all' or an integer of at least 1"],
  perAction: rules.flag,
  seed: rules.countOrNone,
  freezeStructure: rules.flag,
};

type Stop = Pick<AsyncOptions, 'signal'>;

/** What a forest grows from. */
interface Rows {
  x: Tensor<Float32Array>;
  y: Float32Array;
  weights: Float32Array;
}

/**
 * Extremely randomised trees: one forest over (s, a), or one over s for every action. Weights of the
 * data set enter variances and means.
 *
 * Source: Ernst, Geurts & Wehenkel, JMLR 2005.
 */
export class TreeRegressor implements QRegressor {
  readonly kind = 'trees';
  readonly options: Readonly<Required<TreeRegressorOptions>>;
  /** By action, or one. */
  #forests: Forests | undefined;
  #numActions = 0;
  #fits = 0;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an option that is unknown or out of range */
  constructor(options: TreeRegressorOptions = {}) {
    checkOptions('TreeRegressor', options, Object.keys(optionRules));
    const shape = { numTrees: 50, minRows: 2, tried: 'all', perAction: false } as const;
    const defaults = { ...shape, seed: 0, freezeStructure: false };
    this.options = withDefaults(defaults, options) as Required<TreeRegressorOptions>;
    checkRules('TreeRegressor', this.options, optionRules);
  }

  /**
   * What the last fit grew, or filled: one forest over (s, a), or one over s for every action.
   * @throws BelfryError before a fit
   */
  get forests(): Forests {
    if (this.#forests === undefined) throw notFitted('TreeRegressor');
    return this.#forests;
  }

  /**
   * By how much the tests of each feature decrease the squared error, as shares that sum to 1 (all 0
   * where no tree splits): [stateSize + 1], the action last; with `perAction` [numActions, stateSize].
   * As `feature_importances_` of scikit-learn.
   * @throws BelfryError before a fit; BELFRY_MISSING_OPERAND for a saved state without it
   */
  featureImportance(): Float32Array {
    return Float32Array.from(this.forests.flatMap((forest) => [...forest.featureImportance()]));
  }

  /**
   * With `freezeStructure` the trees of the fit before (or of a state that was loaded) stay, and a leaf
   * that no row reaches keeps its value.
   * @throws the signal's reason when stopped; with `freezeStructure` BelfryError BELFRY_BAD_SHAPE for
   * data of other sizes than before
   */
  async fit(data: TransitionDataset, targets: Float32Array, run: AsyncOptions = {}): Promise<void> {
    const parts = this.options.perAction ? rowsByAction(data, targets) : [allRows(data, targets)];
    const kept = this.options.freezeStructure ? this.#forests : undefined;
    if (kept !== undefined) this.#checkSizes(kept, data);
    const stop = run.signal === undefined ? {} : { signal: run.signal };
    const forests: ExtraTreesForest[] = [];
    for (const [number, rows] of parts.entries()) {
      const forest = kept?.[number];
      const seed = this.options.seed + 1000 * this.#fits + number;
      forests.push(await (forest ? refit(forest, rows, stop) : this.#grow(rows, seed, stop)));
    }
    this.#forests = forests as unknown as Forests;
    this.#numActions = data.numActions;
    this.#fits += 1;
  }

  #checkSizes([forest]: Forests, { stateSize, numActions }: TransitionDataset): void {
    const expected = [this.#stateSize(forest), this.#numActions];
    if (stateSize === expected[0] && numActions === expected[1]) return;
    const [code, name] = ['BELFRY_BAD_SHAPE', 'TreeRegressor.fit'] as const;
    const words = (sizes: readonly (number | undefined)[]) =>
      `states of ${sizes[0]} numbers and ${sizes[1]} actions`;
    const received = `has ${words([stateSize, numActions])}`;
    throw argumentError(code, name, 'data', received, `${words(expected)}, as the trees kept`);
  }

  #stateSize({ numFeatures }: ExtraTreesForest): number {
    return this.options.perAction ? numFeatures : numFeatures - 1;
  }

  async #grow({ x, y, weights }: Rows, seed: number, stop: Stop): Promise<ExtraTreesForest> {
    const { numTrees, minRows, tried } = this.options;
    const grown = await extraTreesAsync({
      x,
      y,
      ...weightOf(weights),
      numTrees,
      nMin: minRows,
      k: tried,
      seed,
      outputs: forestArrays,
      ...stop,
    });
    return ExtraTreesForest.packAsync(grown, x.shape[1] as number, stop);
  }

  /**
   * With a forest for every action, −Infinity for an action without samples.
   * @throws BelfryError before a fit; BELFRY_BAD_SHAPE for states of another size
   */
  predict(given: ArrayLike<Float32Array>): Tensor<Float32Array> {
    const stateSize = this.#stateSize(this.forests[0]);
    const states = statesOf('TreeRegressor.predict', given, stateSize);
    if (!this.options.perAction) {
      const [forest] = this.forests;
      const values = forest.qValues(states.data, this.#numActions);
      return new Tensor(values, [states.shape[0] as number, this.#numActions]);
    }
    const numActions = this.#numActions;
    const values = new Float32Array((states.shape[0] as number) * numActions).fill(-Infinity);
    this.forests.forEach((forest, action) => {
      if (forest.numNodes === 0) return;
      forest.predict(states.data).forEach((value, row) => {
        values[row * numActions + action] = value;
      });
    });
    return new Tensor(values, [states.shape[0] as number, numActions]);
  }

  save(): RegressorState {
    const forests = this.forests.map((forest) => ({
      ...forest.toArrays(),
      numFeatures: forest.numFeatures,
    }));
    const { perAction } = this.options;
    const fields = { forests, perAction, numActions: this.#numActions, fits: this.#fits };
    return { kind: this.kind, fields };
  }

  /** @throws BelfryError when the state is of another kind, or not like this one by action */
  load(state: RegressorState): void {
    const fields = fieldsOf('TreeRegressor', this.kind, state);
    const { perAction } = this.options;
    if (fields['perAction'] !== perAction) {
      const [received, expected] = [`has perAction ${fields['perAction']}`, `${perAction}`];
      const [code, name] = ['BELFRY_INVALID_ARGUMENT', 'TreeRegressor.load'] as const;
      throw argumentError(code, name, 'state', received, expected);
    }
    const forests = fields['forests'] as unknown as (ForestArrays & { numFeatures: number })[];
    const packed = forests.map((arrays) => ExtraTreesForest.pack(arrays, arrays.numFeatures));
    this.#forests = packed as unknown as Forests;
    this.#numActions = fields['numActions'] as number;
    this.#fits = fields['fits'] as number;
  }
}

function allRows(data: TransitionDataset, targets: Float32Array): Rows {
  const x = withAction(data.states, (row) => data.actions[row] as number);
  return { x, y: targets, weights: data.weights };
}

/** The transitions of every action, in their order. */
function rowsByAction(data: TransitionDataset, targets: Float32Array): Rows[] {
  const { actions, states, stateSize, weights } = data;
  return Array.from({ length: data.numActions }, (_, action) => {
    const rows = Int32Array.from(actions.keys()).filter((row) => actions[row] === action);
    const x = new Float32Array(rows.length * stateSize);
    rows.forEach((row, to) => {
      x.set(states.data.subarray(row * stateSize, (row + 1) * stateSize), to * stateSize);
    });
    return {
      x: new Tensor(x, [rows.length, stateSize]),
      y: Float32Array.from(rows, (row) => targets[row] as number),
      weights: Float32Array.from(rows, (row) => weights[row] as number),
    };
  });
}

/** Weights that are all 1 need not be looked at. */
function weightOf(weights: Float32Array): { weight?: Float32Array } {
  return weights.every((weight) => weight === 1) ? {} : { weight: weights };
}

/** The same tests with the means of other targets. */
async function refit(
  forest: ExtraTreesForest,
  { x, y, weights }: Rows,
  stop: Stop,
): Promise<ExtraTreesForest> {
  const { feature, threshold, right, value, treeOffsets } =
    forest.toArrays() as ForestArrays<Float32Array>;
  const tests = { feature, threshold, right, treeOffsets };
  const outputs = ['newValue', 'featureImportance'] as const;
  const filled = await extraTreesAsync({
    ...tests,
    ...{ value, x, y, ...weightOf(weights), outputs },
    ...stop,
  });
  const { newValue, featureImportance } = filled;
  const arrays = { ...tests, value: newValue, ...(featureImportance ? { featureImportance } : {}) };
  return ExtraTreesForest.packAsync(arrays, x.shape[1] as number, stop);
}

/** The rows with one more column, the action. */
function withAction(
  states: Tensor<Float32Array>,
  actionOf: (row: number) => number,
): Tensor<Float32Array> {
  const [count = 0, width = 0] = states.shape;
  const out = new Float32Array(count * (width + 1));
  for (let row = 0; row < count; row++) {
    out.set(states.data.subarray(row * width, (row + 1) * width), row * (width + 1));
    out[row * (width + 1) + width] = actionOf(row);
  }
  return new Tensor(out, [count, width + 1]);
}
