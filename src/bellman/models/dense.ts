import type { Engine } from '../../engine.js';
import { type RealArray, Tensor } from '../../tensor.js';
import { Mdp } from '../mdp.js';
import { Rows } from './checks.js';
import { requireEntries } from './memory.js';
import { MdpModel, maskOperand, type Provenance } from './model.js';

/** The tables of a dense MDP. */
export interface DenseTables<A extends RealArray = RealArray> {
  numStates: number;
  numActions: number;
  /** [S·A·S] P(s'|s,a), row-major. */
  prob: A;
  /** [S·A] expected immediate rewards. */
  rewards: A;
  /** [S·A] 1 = allowed; absent: all actions are. */
  actionMask?: Uint8Array;
}

/** The operands of the ops on dense tables, such as `bellmanBackupVDense`. */
export interface DenseOperands<A extends RealArray> {
  prob: Tensor<A>;
  rewards: Tensor<A>;
  actionMask?: Tensor<Uint8Array>;
}

/** An MDP as a table P(s'|s,a); made by `Mdp.dense`. */
export class DenseMdp<A extends RealArray = RealArray> extends MdpModel<A, DenseOperands<A>> {
  override readonly kind: 'dense' = 'dense';
  override readonly numStates: number;
  override readonly numActions: number;
  readonly prob: A;
  override readonly rewards: A;
  readonly actionMask?: Uint8Array;
  override readonly canEnd: boolean;
  #sparse: Mdp<A> | undefined;

  /** @internal */
  constructor(tables: DenseTables<A>, provenance: Provenance = {}) {
    super(provenance.engine);
    const { numStates, numActions, prob, rewards, actionMask } = tables;
    this.numStates = numStates;
    this.numActions = numActions;
    this.prob = prob;
    this.rewards = rewards;
    if (actionMask !== undefined) this.actionMask = actionMask;
    this.canEnd = provenance.canEnd ?? this.#check(provenance);
    Object.freeze(this);
  }

  #check(provenance: Provenance): boolean {
    const { numStates, prob, rewards } = this;
    const op = provenance.op ?? 'Mdp.dense';
    const rows = new Rows(op, numStates, this.numActions, provenance.where);
    const length = rows.numRows * numStates;
    rows.requireArray<RealArray>('prob', prob, [Float32Array, Float64Array], length);
    rows.requireRewards(prob, rewards);
    rows.requireMask(this.actionMask);
    return rows.requireMass(prob, (row) => row * numStates);
  }

  /** The same process as sparse rows, without the zeros; made once. */
  toSparse(): Mdp<A> {
    this.#sparse ??= this.#makeSparse();
    return this.#sparse;
  }

  #makeSparse(): Mdp<A> {
    const { numStates, prob } = this;
    let numEntries = 0;
    for (let i = 0; i < prob.length; i++) if (prob[i] !== 0) numEntries++;
    requireEntries('DenseMdp.toSparse', numEntries);
    const rowPtr = new Int32Array(this.rewards.length + 1);
    const col = new Int32Array(numEntries);
    const kept = new (prob.constructor as new (length: number) => A)(numEntries);
    let entry = 0;
    for (let row = 0; row < this.rewards.length; row++) {
      for (let state = 0; state < numStates; state++) {
        const p = prob[row * numStates + state] as number;
        if (p === 0) continue;
        col[entry] = state;
        kept[entry++] = p;
      }
      rowPtr[row + 1] = entry;
    }
    const { canEnd, engine } = this;
    const tables = { ...this.tables(), rowPtr, col, prob: kept };
    return new Mdp(tables, { canEnd, ...(engine && { engine }) });
  }

  /** The same process in float32. */
  toFloat32(): DenseMdp<Float32Array> {
    const { prob, rewards, ...rest } = this.tables();
    const [p, r] = [Float32Array.from(prob), Float32Array.from(rewards)];
    return new DenseMdp({ ...rest, prob: p, rewards: r });
  }

  /** The same process in float64. */
  toFloat64(): DenseMdp<Float64Array> {
    const { prob, rewards, ...rest } = this.tables();
    const [p, r] = [Float64Array.from(prob), Float64Array.from(rewards)];
    return new DenseMdp({ ...rest, prob: p, rewards: r });
  }

  tables(): DenseTables<A> {
    const { numStates, numActions, prob, rewards, actionMask } = this;
    return { numStates, numActions, prob, rewards, ...(actionMask && { actionMask }) };
  }

  protected override hostOperands(): DenseOperands<A> {
    const shape = [this.numStates, this.numActions];
    return {
      prob: new Tensor(this.prob, [...shape, this.numStates]),
      rewards: new Tensor(this.rewards, shape),
      ...maskOperand(this.actionMask, shape),
    };
  }

  override dispose(): void {
    super.dispose();
    this.#sparse?.dispose();
  }

  protected override on(engine: Engine): this {
    return new DenseMdp(this.tables(), { canEnd: this.canEnd, engine }) as this;
  }
}
