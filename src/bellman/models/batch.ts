import type { Engine } from '../../engine.js';
import { argumentError, show } from '../../errors.js';
import { type RealArray, Tensor } from '../../tensor.js';
import { type CsrTables, Mdp, type SingleMdp } from '../mdp.js';
import { Rows } from './checks.js';
import { requireEntries, requireMemory } from './memory.js';
import { MdpModel, maskOperand } from './model.js';

/** The tables of many sparse models, their states one after the other. */
export interface BatchTables<A extends RealArray = RealArray> {
  numActions: number;
  /** [B + 1] the first state of each model, then their number S. */
  stateOffsets: Int32Array;
  /** [S·A + 1] bounds of each row's entries. */
  rowPtr: Int32Array | BigInt64Array;
  /** [N] successor states, counted inside their own model. */
  col: Int32Array;
  /** [N] probabilities. */
  prob: A;
  /** [S·A] expected immediate rewards. */
  rewards: A;
  /** [S·A] 1 = allowed; absent: all actions are. */
  actionMask?: Uint8Array;
}

/** The operands of `bellmanBackupBatched`, form 'ragged', besides `gamma` [B] and `values` [S]. */
export interface BatchOperands<A extends RealArray> {
  stateOffsets: Tensor<Int32Array>;
  rowPtr: Tensor<Int32Array>;
  col: Tensor<Int32Array>;
  prob: Tensor<A>;
  rewards: Tensor<A>;
  actionMask?: Tensor<Uint8Array>;
}

/** Many MDPs of any sizes with the same number of actions; made by `Mdp.batch`. */
export class MdpBatch<A extends RealArray = RealArray> extends MdpModel<A, BatchOperands<A>> {
  override readonly kind: 'batch' = 'batch';
  /** B */
  readonly numModels: number;
  override readonly numStates: number;
  override readonly numActions: number;
  readonly stateOffsets: Int32Array;
  readonly rowPtr: Int32Array;
  readonly col: Int32Array;
  readonly prob: A;
  override readonly rewards: A;
  readonly actionMask?: Uint8Array;
  override readonly canEnd: boolean;
  /** [B] 1 = an episode of this model can end. */
  readonly canEndOf: Uint8Array;

  /** @internal */
  constructor(tables: BatchTables<A>, known?: { canEndOf: Uint8Array; engine?: Engine }) {
    super(known?.engine);
    const { numActions, stateOffsets, col, prob, rewards, actionMask } = tables;
    this.numActions = numActions;
    this.stateOffsets = stateOffsets;
    this.numModels = stateOffsets.length - 1;
    this.numStates = stateOffsets[this.numModels] ?? 0;
    this.col = col;
    this.prob = prob;
    this.rewards = rewards;
    if (actionMask !== undefined) this.actionMask = actionMask;
    if (known === undefined) {
      const { rowPtr, canEndOf } = this.#check(tables.rowPtr);
      this.rowPtr = rowPtr;
      this.canEndOf = canEndOf;
    } else {
      this.rowPtr = tables.rowPtr as Int32Array;
      this.canEndOf = known.canEndOf;
    }
    this.canEnd = this.canEndOf.includes(1);
    Object.freeze(this);
  }

  /** The models of a list, one after the other, as sparse rows. */
  static of<A extends RealArray>(models: readonly SingleMdp<A>[]): MdpBatch<A> {
    const parts = requireAlike('Mdp.batch', models).map((model) => model.toSparse());
    const [first] = parts as [Mdp<A>];
    const stateOffsets = new Int32Array(parts.length + 1);
    let numEntries = 0;
    parts.forEach((part, m) => {
      stateOffsets[m + 1] = (stateOffsets[m] as number) + part.numStates;
      numEntries += part.numTransitions;
    });
    requireEntries('Mdp.batch', numEntries);
    const numStates = stateOffsets[parts.length] as number;
    requireMemory(
      'Mdp.batch',
      parts.reduce((sum, part) => sum + part.bytes, 0),
      numEntries,
    );
    const rowPtr = new Int32Array(numStates * first.numActions + 1);
    const all = emptyTables(
      first,
      rowPtr,
      numEntries,
      parts.some((part) => part.actionMask),
    );
    let [row, entry] = [0, 0];
    for (const part of parts) {
      for (let r = 1; r < part.rowPtr.length; r++) {
        rowPtr[row + r] = entry + (part.rowPtr[r] as number);
      }
      all.col.set(part.col, entry);
      all.prob.set(part.prob, entry);
      all.rewards.set(part.rewards, row);
      if (part.actionMask !== undefined) all.actionMask?.set(part.actionMask, row);
      row += part.rewards.length;
      entry += part.numTransitions;
    }
    const canEndOf = Uint8Array.from(parts, (part) => Number(part.canEnd));
    const { engine } = first;
    return new MdpBatch({ ...all, stateOffsets }, { canEndOf, ...(engine && { engine }) });
  }

  #check(given: Int32Array | BigInt64Array): { rowPtr: Int32Array; canEndOf: Uint8Array } {
    const { numActions, stateOffsets, col, prob } = this;
    const locate = (state: number) => {
      const model = this.modelOf(state);
      return { state: state - (stateOffsets[model] as number), model };
    };
    const rows = new Rows('Mdp.batch', this.numStates, numActions, '', locate);
    const bad = (received: string, expected: string) =>
      rows.error('BELFRY_BAD_VALUE', 'stateOffsets', received, expected);
    if (stateOffsets.length === 0) throw bad('is empty', 'B + 1 offsets');
    if (stateOffsets[0] !== 0) throw bad(`begins with ${stateOffsets[0]}`, '0');
    const fall = stateOffsets.findIndex((first, m) => first > (stateOffsets[m + 1] ?? first));
    if (fall >= 0) throw bad(`falls after model ${fall}`, 'offsets that never fall');
    const rowPtr = rows.offsets(given, col.length);
    rows.requireArray<RealArray>('prob', prob, [Float32Array, Float64Array], col.length);
    rows.requireRewards(prob, this.rewards);
    rows.requireMask(this.actionMask);
    let model = 0;
    const modelOfRow = (row: number): number => {
      while (row >= (stateOffsets[model + 1] as number) * numActions) model++;
      return model;
    };
    rows.requireColumns(rowPtr, col, (row) => {
      const m = modelOfRow(row);
      return (stateOffsets[m + 1] as number) - (stateOffsets[m] as number);
    });
    model = 0;
    const canEndOf = new Uint8Array(this.numModels);
    const begin = (row: number): number => rowPtr[row] as number;
    rows.requireMass(prob, begin, (row) => {
      canEndOf[modelOfRow(row)] = 1;
    });
    return { rowPtr, canEndOf };
  }

  /** The model that a state of the concatenation belongs to. */
  modelOf(state: number): number {
    let [low, high] = [0, this.numModels];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.stateOffsets[middle] as number) <= state) low = middle;
      else high = middle;
    }
    return low;
  }

  /**
   * One of the models, on its arrays here.
   * @throws BelfryError BELFRY_BAD_VALUE
   */
  at(model: number): Mdp<A> {
    if (!(Number.isInteger(model) && model >= 0 && model < this.numModels)) {
      const expected = `an integer in [0, ${this.numModels})`;
      const received = `is ${show(model)}`;
      throw argumentError('BELFRY_BAD_VALUE', 'MdpBatch.at', 'model', received, expected);
    }
    const [first, last] = [model, model + 1].map(
      (m) => (this.stateOffsets[m] as number) * this.numActions,
    ) as [number, number];
    const bounds = this.rowPtr.subarray(first, last + 1);
    const [begin, end] = [bounds[0] as number, bounds[last - first] as number];
    const tables: CsrTables<A> = {
      numStates: (last - first) / Math.max(this.numActions, 1),
      numActions: this.numActions,
      rowPtr: bounds.map((bound) => bound - begin),
      col: this.col.subarray(begin, end),
      prob: this.prob.subarray(begin, end) as A,
      rewards: this.rewards.subarray(first, last) as A,
    };
    if (this.actionMask !== undefined) tables.actionMask = this.actionMask.subarray(first, last);
    return new Mdp(tables, { canEnd: this.canEndOf[model] === 1 });
  }

  /** The same models in float32. */
  toFloat32(): MdpBatch<Float32Array> {
    const { prob, rewards, ...rest } = this.tables();
    const [p, r] = [Float32Array.from(prob), Float32Array.from(rewards)];
    return new MdpBatch({ ...rest, prob: p, rewards: r });
  }

  /** The same models in float64. */
  toFloat64(): MdpBatch<Float64Array> {
    const { prob, rewards, ...rest } = this.tables();
    const [p, r] = [Float64Array.from(prob), Float64Array.from(rewards)];
    return new MdpBatch({ ...rest, prob: p, rewards: r });
  }

  tables(): BatchTables<A> & { rowPtr: Int32Array } {
    const { numActions, stateOffsets, rowPtr, col, prob, rewards, actionMask } = this;
    const tables = { numActions, stateOffsets, rowPtr, col, prob, rewards };
    return { ...tables, ...(actionMask && { actionMask }) };
  }

  protected override hostOperands(): BatchOperands<A> {
    const shape = [this.numStates, this.numActions];
    return {
      stateOffsets: new Tensor(this.stateOffsets),
      rowPtr: new Tensor(this.rowPtr),
      col: new Tensor(this.col),
      prob: new Tensor(this.prob),
      rewards: new Tensor(this.rewards, shape),
      ...maskOperand(this.actionMask, shape),
    };
  }

  protected override on(engine: Engine): this {
    return new MdpBatch(this.tables(), { canEndOf: this.canEndOf, engine }) as this;
  }
}

/** Models that go together: one at least, the same actions, the same precision. */
export function requireAlike<A extends RealArray>(
  op: string,
  models: readonly SingleMdp<A>[],
  sameStates = false,
): readonly [SingleMdp<A>, ...SingleMdp<A>[]] {
  const [first] = models;
  const bad = (argument: string, received: string, expected: string) =>
    argumentError('BELFRY_BAD_VALUE', op, argument, received, expected);
  if (first === undefined) throw bad('', 'was given no model', 'one at least');
  models.forEach((model, m) => {
    const keys = ['numActions', 'dtype', ...(sameStates ? (['numStates'] as const) : [])] as const;
    for (const key of keys) {
      if (model[key] === first[key]) continue;
      throw bad(`model ${m}`, `has ${key} ${model[key]}`, `${first[key]}, as model 0 has`);
    }
  });
  return models as readonly [SingleMdp<A>, ...SingleMdp<A>[]];
}

function emptyTables<A extends RealArray>(
  like: Mdp<A>,
  rowPtr: Int32Array,
  numEntries: number,
  masked: unknown,
): Omit<BatchTables<A>, 'stateOffsets' | 'rowPtr'> & { rowPtr: Int32Array } {
  const numRows = rowPtr.length - 1;
  const make = like.prob.constructor as new (length: number) => A;
  return {
    numActions: like.numActions,
    rowPtr,
    col: new Int32Array(numEntries),
    prob: new make(numEntries),
    rewards: new make(numRows),
    ...(masked ? { actionMask: new Uint8Array(numRows).fill(1) } : {}),
  };
}
