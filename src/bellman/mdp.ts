import { type RealArray, Tensor } from '../tensor.js';
import { type BatchTables, MdpBatch } from './models/batch.js';
import { Rows } from './models/checks.js';
import { DenseMdp, type DenseTables } from './models/dense.js';
import { DeterministicMdp, type DeterministicTables } from './models/deterministic.js';
import { requireMemory } from './models/memory.js';
import { MdpModel, maskOperand, type Provenance } from './models/model.js';
import { SharedMdp } from './models/shared.js';
import { type DenseSteps, TimedMdp } from './models/timed.js';
import { fromTransitions, type TransitionTables } from './models/transitions.js';
import { foldTerminations, type GridLayout, type MdpTables } from './problems/csr-builder.js';

export { massTolerance } from './models/checks.js';

/** A model with one transition function: what every solver takes. */
export type SingleMdp<A extends RealArray = RealArray> = Mdp<A> | DenseMdp<A> | DeterministicMdp<A>;

/** Every kind of MDP; `kind` tells which. */
export type AnyMdp<A extends RealArray = RealArray> =
  | SingleMdp<A>
  | MdpBatch<A>
  | SharedMdp<A>
  | TimedMdp<A>;

/** The tables of a sparse MDP in either precision. Row r = state · numActions + action. */
export interface CsrTables<A extends RealArray = RealArray> {
  numStates: number;
  numActions: number;
  /** [S·A + 1] bounds of each row's entries. */
  rowPtr: Int32Array | BigInt64Array;
  /** [N] successor states. */
  col: Int32Array;
  /** [N] probabilities. */
  prob: A;
  /** [S·A] expected immediate rewards. */
  rewards: A;
  /** [S·A] 1 = allowed; absent: all actions are. */
  actionMask?: Uint8Array;
  /** How the states lie on a board, for pictures. */
  layout?: GridLayout;
}

/** The operands of every op on sparse rows. */
export interface SparseOperands<A extends RealArray> {
  rowPtr: Tensor<Int32Array>;
  col: Tensor<Int32Array>;
  prob: Tensor<A>;
  rewards: Tensor<A>;
  actionMask?: Tensor<Uint8Array>;
}

/**
 * A finite Markov decision process, checked once: offsets, columns, probability mass (a row's mass
 * below one ends the episode with the missing probability) and rewards. It keeps the arrays it is
 * given; do not write to them afterwards.
 *
 * ```ts
 * const mdp = Mdp.fromTables(frozenLake({ map: '8x8' }));
 * ```
 *
 * This class is the sparse form, which every solver takes. The static functions make the other
 * kinds: `Mdp.dense`, `Mdp.deterministic`, `Mdp.batch`, `Mdp.timeDependent`, and `withRewards` many
 * reward functions over one model. `rowPtr` may be 64-bit as long as the ops, which count entries
 * in int32, can follow: it is narrowed then.
 *
 * @throws BelfryError BELFRY_BAD_DTYPE, BELFRY_BAD_SHAPE, BELFRY_BAD_VALUE naming the first row at
 * fault
 */
export class Mdp<A extends RealArray = RealArray> extends MdpModel<A, SparseOperands<A>> {
  override readonly kind: 'sparse' = 'sparse';
  override readonly numStates: number;
  override readonly numActions: number;
  readonly rowPtr: Int32Array;
  readonly col: Int32Array;
  readonly prob: A;
  override readonly rewards: A;
  readonly actionMask?: Uint8Array;
  readonly layout?: GridLayout;
  override readonly canEnd: boolean;

  constructor(tables: CsrTables<A>);
  /** @internal */
  constructor(tables: CsrTables<A>, provenance: Provenance);
  constructor(tables: CsrTables<A>, provenance: Provenance = {}) {
    super(provenance.engine);
    const { numStates, numActions, rowPtr, col, prob, rewards, actionMask, layout } = tables;
    this.numStates = numStates;
    this.numActions = numActions;
    this.col = col;
    this.prob = prob;
    this.rewards = rewards;
    if (actionMask !== undefined) this.actionMask = actionMask;
    if (layout !== undefined) this.layout = layout;
    this.rowPtr = rowPtr as Int32Array;
    this.canEnd = provenance.canEnd ?? false;
    if (provenance.canEnd === undefined) {
      const rows = new Rows(provenance.op ?? 'Mdp', numStates, numActions, provenance.where);
      const checked = checkTables(rows, tables);
      this.rowPtr = checked.rowPtr;
      this.canEnd = checked.canEnd;
    }
    Object.freeze(this);
  }

  /** From the tables of a generator or a file; transitions that end the episode lose their mass. */
  static fromTables(tables: MdpTables): Mdp<Float64Array> {
    return new Mdp<Float64Array>(
      tables.continues === undefined ? tables : foldTerminations(tables),
    );
  }

  /**
   * The maximum-likelihood model of recorded transitions, by the op `empiricalMdp`.
   *
   * ```ts
   * const mdp = Mdp.fromTransitions({ states, actions, rewards, nextStates, terminated });
   * ```
   *
   * A pair that was never tried is not allowed, unless `untried` says otherwise.
   * @throws BelfryError as the op
   */
  static fromTransitions<A extends RealArray>(transitions: TransitionTables<A>): Mdp<A> {
    return fromTransitions(transitions);
  }

  /**
   * From a table P(s'|s,a), [S, A, S] row-major: for small models, and those without zeros.
   *
   * ```ts
   * const mdp = Mdp.dense({
   *   numStates: 2,
   *   numActions: 1,
   *   prob: Float64Array.of(0.5, 0.5, 0, 1), // P(·|0), P(·|1)
   *   rewards: Float64Array.of(1, 0),
   * });
   * ```
   *
   * @throws BelfryError as `new Mdp`
   */
  static dense<A extends RealArray>(tables: DenseTables<A>): DenseMdp<A> {
    return new DenseMdp(tables);
  }

  /**
   * From a table of successors, [S, A], −1 where the episode ends.
   *
   * ```ts
   * const corridor = Mdp.deterministic({
   *   numStates: 3,
   *   numActions: 2,
   *   nextStates: Int32Array.of(0, 1, 0, 2, 1, -1), // left, right
   *   rewards: Float64Array.of(0, 0, 0, 0, 0, 1),
   * });
   * ```
   *
   * @throws BelfryError as `new Mdp`
   */
  static deterministic<A extends RealArray>(tables: DeterministicTables<A>): DeterministicMdp<A> {
    return new DeterministicMdp(tables);
  }

  /**
   * Many models of any sizes with the same number of actions, solved together: a list of them, or
   * the tables of all, one after the other.
   *
   * ```ts
   * const batch = Mdp.batch([first, second, third]);
   * const { values } = await solve(batch, { discount: [0.9, 0.95, 0.99] });
   * ```
   *
   * @throws BelfryError BELFRY_BAD_VALUE when the models do not go together; as `new Mdp`
   */
  static batch<A extends RealArray>(models: readonly SingleMdp<A>[] | BatchTables<A>): MdpBatch<A> {
    return 'rowPtr' in models ? new MdpBatch(models) : MdpBatch.of(models);
  }

  /**
   * A model of H steps, each with transitions and rewards of its own: a list of models, one a step
   * (one object may stand for several steps), or tables P_t(s'|s,a) [H, S, A, S] and r_t [H, S, A].
   *
   * ```ts
   * const week = Mdp.timeDependent([...Array(5).fill(workday), weekend, weekend]);
   * const { values, policy } = await solve(week); // [8, S], [7, S]
   * ```
   *
   * @throws BelfryError BELFRY_BAD_VALUE when the steps do not go together; as `new Mdp`, with the
   * step
   */
  static timeDependent<A extends RealArray>(
    steps: readonly SingleMdp<A>[] | DenseSteps<A>,
  ): TimedMdp<A> {
    return 'prob' in steps ? TimedMdp.fromTables(steps) : new TimedMdp(steps);
  }

  /**
   * B reward functions over the transitions of this model, [B, S, A] or a list of [S, A]: the
   * transitions are stored, and read in a sweep, once for all.
   * @throws BelfryError BELFRY_BAD_SHAPE, BELFRY_BAD_DTYPE, BELFRY_BAD_VALUE
   */
  withRewards(rewards: A | readonly A[]): SharedMdp<A> {
    return new SharedMdp(this, rewards);
  }

  /** Itself. */
  toSparse(): Mdp<A> {
    return this;
  }

  /**
   * The same process as a dense table.
   * @throws BelfryError BELFRY_OUT_OF_MEMORY
   */
  toDense(): DenseMdp<A> {
    const { numStates, numActions, rewards, actionMask } = this;
    const { BYTES_PER_ELEMENT } = this.prob;
    const size = numStates * numActions * numStates;
    requireMemory('Mdp.toDense', size * BYTES_PER_ELEMENT, size);
    const prob = new (this.prob.constructor as new (length: number) => A)(size);
    for (let row = 0; row + 1 < this.rowPtr.length; row++) {
      const end = this.rowPtr[row + 1] as number;
      for (let entry = this.rowPtr[row] as number; entry < end; entry++) {
        const at = row * numStates + (this.col[entry] as number);
        prob[at] = (prob[at] as number) + (this.prob[entry] as number);
      }
    }
    const tables = { numStates, numActions, prob, rewards, ...(actionMask && { actionMask }) };
    return new DenseMdp(tables, {
      canEnd: this.canEnd,
      ...(this.engine && { engine: this.engine }),
    });
  }

  /**
   * The same process as a table of successors.
   * @throws BelfryError BELFRY_BAD_VALUE naming the first row with another choice than one certain
   * successor or the end
   */
  toDeterministic(): DeterministicMdp<A> {
    const { numStates, numActions, rewards, actionMask, canEnd, rowPtr } = this;
    const nextStates = new Int32Array(rewards.length).fill(-1);
    for (let row = 0; row < rewards.length; row++) {
      const first = rowPtr[row] as number;
      const count = (rowPtr[row + 1] as number) - first;
      if (count === 1 && this.prob[first] === 1) nextStates[row] = this.col[first] as number;
      else if (count > 0) throw notDeterministic(this, row, count);
    }
    const tables = {
      numStates,
      numActions,
      nextStates,
      rewards,
      ...(actionMask && { actionMask }),
    };
    return new DeterministicMdp(tables, { canEnd, ...(this.engine && { engine: this.engine }) });
  }

  /** The same process in float32. */
  toFloat32(): Mdp<Float32Array> {
    const { prob, rewards, ...rest } = this.tables();
    return new Mdp({ ...rest, prob: Float32Array.from(prob), rewards: Float32Array.from(rewards) });
  }

  /** The same process in float64. */
  toFloat64(): Mdp<Float64Array> {
    const { prob, rewards, ...rest } = this.tables();
    return new Mdp({ ...rest, prob: Float64Array.from(prob), rewards: Float64Array.from(rewards) });
  }

  tables(): CsrTables<A> & { rowPtr: Int32Array } {
    const { numStates, numActions, rowPtr, col, prob, rewards } = this;
    const tables: CsrTables<A> & { rowPtr: Int32Array } = {
      numStates,
      numActions,
      rowPtr,
      col,
      prob,
      rewards,
    };
    if (this.actionMask !== undefined) tables.actionMask = this.actionMask;
    if (this.layout !== undefined) tables.layout = this.layout;
    return tables;
  }

  /** Number of stored transitions. */
  get numTransitions(): number {
    return this.col.length;
  }

  protected override hostOperands(): SparseOperands<A> {
    const shape = [this.numStates, this.numActions];
    return {
      rowPtr: new Tensor(this.rowPtr),
      col: new Tensor(this.col),
      prob: new Tensor(this.prob),
      rewards: new Tensor(this.rewards, shape),
      ...maskOperand(this.actionMask, shape),
    };
  }

  protected override on(engine: NonNullable<Provenance['engine']>): this {
    return new Mdp(this.tables(), { canEnd: this.canEnd, engine }) as this;
  }
}

function checkTables<A extends RealArray>(
  rows: Rows,
  tables: CsrTables<A>,
): { rowPtr: Int32Array; canEnd: boolean } {
  const { col, prob, rewards, actionMask } = tables;
  const rowPtr = rows.offsets(tables.rowPtr, col.length);
  rows.requireArray<RealArray>('prob', prob, [Float32Array, Float64Array], col.length);
  rows.requireRewards(prob, rewards);
  rows.requireMask(actionMask);
  rows.requireColumns(rowPtr, col);
  const canEnd = rows.requireMass(prob, (row) => rowPtr[row] as number);
  return { rowPtr, canEnd };
}

function notDeterministic(mdp: Mdp, row: number, count: number): Error {
  const rows = new Rows('Mdp.toDeterministic', mdp.numStates, mdp.numActions);
  const received = count === 1 ? 'an uncertain successor' : `${count} successors`;
  const expected = 'one certain successor, or none';
  return rows.error('BELFRY_BAD_VALUE', '', `finds ${received} in ${rows.place(row)}`, expected);
}
