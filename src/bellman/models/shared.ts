import type { Engine } from '../../engine.js';
import { argumentError, show } from '../../errors.js';
import { type RealArray, Tensor } from '../../tensor.js';
import { Mdp } from '../mdp.js';
import { Rows } from './checks.js';
import { MdpModel, maskOperand } from './model.js';

/** The operands of `bellmanBackupBatched`, form 'shared_P', besides `gamma` and `values` [B, S]. */
export interface SharedOperands<A extends RealArray> {
  rowPtr: Tensor<Int32Array>;
  col: Tensor<Int32Array>;
  prob: Tensor<A>;
  /** [B, S, A] */
  rewards: Tensor<A>;
  actionMask?: Tensor<Uint8Array>;
}

/** Many reward functions over the transitions of one model; made by `mdp.withRewards`. */
export class SharedMdp<A extends RealArray = RealArray> extends MdpModel<A, SharedOperands<A>> {
  override readonly kind: 'shared' = 'shared';
  /** The model whose transitions these are; its own rewards play no part. */
  readonly model: Mdp<A>;
  /** [B·S·A] */
  override readonly rewards: A;
  /** B */
  readonly numModels: number;

  /** @internal */
  constructor(model: Mdp<A>, rewards: A | readonly A[], known?: { engine?: Engine }) {
    super(known === undefined ? model.engine : known.engine);
    const numRows = model.rewards.length;
    this.model = model;
    this.rewards = ArrayBuffer.isView(rewards) ? rewards : joined(model, rewards);
    this.numModels = numRows === 0 ? 0 : Math.ceil(this.rewards.length / numRows);
    Object.freeze(this);
    if (known !== undefined) return;
    const rows = new Rows('Mdp.withRewards', model.numStates, model.numActions);
    if (this.numModels === 0 && numRows > 0) {
      throw rows.error('BELFRY_BAD_SHAPE', 'rewards', 'is empty', 'one reward function at least');
    }
    rows.requireRewards(model.prob, this.rewards, this.numModels);
  }

  override get numStates(): number {
    return this.model.numStates;
  }
  override get numActions(): number {
    return this.model.numActions;
  }
  override get canEnd(): boolean {
    return this.model.canEnd;
  }

  /**
   * The model with one of the reward functions.
   * @throws BelfryError BELFRY_BAD_VALUE
   */
  at(index: number): Mdp<A> {
    if (!(Number.isInteger(index) && index >= 0 && index < this.numModels)) {
      const expected = `an integer in [0, ${this.numModels})`;
      const received = `is ${show(index)}`;
      throw argumentError('BELFRY_BAD_VALUE', 'SharedMdp.at', 'index', received, expected);
    }
    const numRows = this.model.rewards.length;
    const rewards = this.rewards.subarray(index * numRows, (index + 1) * numRows) as A;
    return new Mdp({ ...this.model.tables(), rewards }, { canEnd: this.canEnd });
  }

  /** The same in float32. */
  toFloat32(): SharedMdp<Float32Array> {
    return new SharedMdp(this.model.toFloat32(), Float32Array.from(this.rewards));
  }

  /** The same in float64. */
  toFloat64(): SharedMdp<Float64Array> {
    return new SharedMdp(this.model.toFloat64(), Float64Array.from(this.rewards));
  }

  protected override hostOperands(): SharedOperands<A> {
    const { rowPtr, col, prob, actionMask, numStates, numActions } = this.model;
    return {
      rowPtr: new Tensor(rowPtr),
      col: new Tensor(col),
      prob: new Tensor(prob),
      rewards: new Tensor(this.rewards, [this.numModels, numStates, numActions]),
      ...maskOperand(actionMask, [numStates, numActions]),
    };
  }

  protected override on(engine: Engine): this {
    return new SharedMdp(this.model, this.rewards, { engine }) as this;
  }
}

/** The reward functions of a list, one after the other. */
function joined<A extends RealArray>(model: Mdp<A>, list: readonly A[]): A {
  const rows = new Rows('Mdp.withRewards', model.numStates, model.numActions);
  const make = model.prob.constructor as new (length: number) => A;
  const all = new make(list.length * rows.numRows);
  list.forEach((rewards, index) => {
    rows.requireArray<RealArray>(`rewards[${index}]`, rewards, [make], rows.numRows);
    all.set(rewards, index * rows.numRows);
  });
  return all;
}
