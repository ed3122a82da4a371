import type { Engine } from '../../engine.js';
import { type RealArray, Tensor } from '../../tensor.js';
import { Mdp } from '../mdp.js';
import { Rows } from './checks.js';
import { MdpModel, maskOperand, type Provenance } from './model.js';

/** The tables of a deterministic MDP. */
export interface DeterministicTables<A extends RealArray = RealArray> {
  numStates: number;
  numActions: number;
  /** [S·A] successor states, −1 where the episode ends. */
  nextStates: Int32Array;
  /** [S·A] rewards. */
  rewards: A;
  /** [S·A] 1 = allowed; absent: all actions are. */
  actionMask?: Uint8Array;
}

/** The operands of the ops on tables of successors, such as `bellmanBackupDeterministic`. */
export interface DeterministicOperands<A extends RealArray> {
  nextStates: Tensor<Int32Array>;
  rewards: Tensor<A>;
  actionMask?: Tensor<Uint8Array>;
}

/** An MDP as a table of successors; made by `Mdp.deterministic`. */
export class DeterministicMdp<A extends RealArray = RealArray> extends MdpModel<
  A,
  DeterministicOperands<A>
> {
  override readonly kind: 'deterministic' = 'deterministic';
  override readonly numStates: number;
  override readonly numActions: number;
  readonly nextStates: Int32Array;
  override readonly rewards: A;
  readonly actionMask?: Uint8Array;
  override readonly canEnd: boolean;
  #sparse: Mdp<A> | undefined;

  /** @internal */
  constructor(tables: DeterministicTables<A>, provenance: Provenance = {}) {
    super(provenance.engine);
    const { numStates, numActions, nextStates, rewards, actionMask } = tables;
    this.numStates = numStates;
    this.numActions = numActions;
    this.nextStates = nextStates;
    this.rewards = rewards;
    if (actionMask !== undefined) this.actionMask = actionMask;
    this.canEnd = provenance.canEnd ?? this.#check(provenance);
    Object.freeze(this);
  }

  #check(provenance: Provenance): boolean {
    const { numStates, nextStates } = this;
    const op = provenance.op ?? 'Mdp.deterministic';
    const rows = new Rows(op, numStates, this.numActions, provenance.where);
    rows.requireArray('nextStates', nextStates, [Int32Array], rows.numRows);
    rows.requireRewards(undefined, this.rewards);
    rows.requireMask(this.actionMask);
    let canEnd = false;
    for (let row = 0; row < rows.numRows; row++) {
      const state = nextStates[row] as number;
      if (state === -1) canEnd = true;
      if (state >= -1 && state < numStates) continue;
      const received = `holds ${state} in ${rows.place(row)}`;
      const expected = `a state in [0, ${numStates}), or −1`;
      throw rows.error('BELFRY_BAD_VALUE', 'nextStates', received, expected);
    }
    return canEnd;
  }

  /** The same process as sparse rows of one entry, none where the episode ends; made once. */
  toSparse(): Mdp<A> {
    this.#sparse ??= this.#makeSparse();
    return this.#sparse;
  }

  #makeSparse(): Mdp<A> {
    const { canEnd, engine, rewards } = this;
    const { nextStates, ...rest } = this.tables();
    const col = canEnd ? nextStates.filter((state) => state >= 0) : nextStates;
    const rowPtr = new Int32Array(nextStates.length + 1);
    for (let row = 0; row < nextStates.length; row++) {
      rowPtr[row + 1] = (rowPtr[row] as number) + ((nextStates[row] as number) < 0 ? 0 : 1);
    }
    const prob = new (rewards.constructor as new (length: number) => A)(col.length).fill(1) as A;
    return new Mdp({ ...rest, rowPtr, col, prob }, { canEnd, ...(engine && { engine }) });
  }

  /** The same process in float32. */
  toFloat32(): DeterministicMdp<Float32Array> {
    const { rewards, ...rest } = this.tables();
    return new DeterministicMdp({ ...rest, rewards: Float32Array.from(rewards) });
  }

  /** The same process in float64. */
  toFloat64(): DeterministicMdp<Float64Array> {
    const { rewards, ...rest } = this.tables();
    return new DeterministicMdp({ ...rest, rewards: Float64Array.from(rewards) });
  }

  tables(): DeterministicTables<A> {
    const { numStates, numActions, nextStates, rewards, actionMask } = this;
    return { numStates, numActions, nextStates, rewards, ...(actionMask && { actionMask }) };
  }

  protected override hostOperands(): DeterministicOperands<A> {
    const shape = [this.numStates, this.numActions];
    return {
      nextStates: new Tensor(this.nextStates, shape),
      rewards: new Tensor(this.rewards, shape),
      ...maskOperand(this.actionMask, shape),
    };
  }

  override dispose(): void {
    super.dispose();
    this.#sparse?.dispose();
  }

  protected override on(engine: Engine): this {
    return new DeterministicMdp(this.tables(), { canEnd: this.canEnd, engine }) as this;
  }
}
