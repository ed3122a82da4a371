import type { Engine } from '../../engine.js';
import { argumentError } from '../../errors.js';
import { type RealArray, Tensor } from '../../tensor.js';
import type { SingleMdp } from '../mdp.js';
import { requireAlike } from './batch.js';
import { Rows } from './checks.js';
import { DenseMdp } from './dense.js';
import { requireMemory } from './memory.js';
import { MdpModel, type Provenance } from './model.js';

/** The tables of a dense time-dependent model. */
export interface DenseSteps<A extends RealArray = RealArray> {
  numStates: number;
  numActions: number;
  /** [H·S·A·S] P_t(s'|s,a), row-major. */
  prob: A;
  /** [H·S·A] expected immediate rewards. */
  rewards: A;
}

/** The operands of `finiteHorizon`, form 'dense'. */
export interface TimedOperands<A extends RealArray> {
  probT: Tensor<A>;
  rewardsT: Tensor<A>;
  /** Where some step forbids an action. */
  actionMaskT?: Tensor<Uint8Array>;
  horizon: number;
}

/** A model of H steps, each a model of its own; made by `Mdp.timeDependent`. */
export class TimedMdp<A extends RealArray = RealArray> extends MdpModel<A, TimedOperands<A>> {
  override readonly kind: 'timed' = 'timed';
  /** [H] the model of each step; one may stand for several. */
  readonly steps: readonly SingleMdp<A>[];
  override readonly numStates: number;
  override readonly numActions: number;
  override readonly canEnd: boolean;

  /** @internal */
  constructor(steps: readonly SingleMdp<A>[], engine?: Engine) {
    super(engine);
    const [first] = requireAlike('Mdp.timeDependent', steps, true);
    this.steps = Object.freeze([...steps]);
    this.numStates = first.numStates;
    this.numActions = first.numActions;
    this.canEnd = steps.some((step) => step.canEnd);
    Object.freeze(this);
  }

  /** @internal */
  static fromTables<A extends RealArray>(tables: DenseSteps<A>): TimedMdp<A> {
    const { numStates, numActions, prob, rewards } = tables;
    const op = 'Mdp.timeDependent';
    const { numRows } = new Rows(op, numStates, numActions);
    const horizon = numRows === 0 ? 0 : rewards.length / numRows;
    if (!Number.isInteger(horizon) || horizon === 0) {
      const received = `has ${rewards.length} elements`;
      const expected = `H · ${numRows}, H at least 1`;
      throw argumentError('BELFRY_BAD_SHAPE', op, 'rewards', received, expected);
    }
    const size = numRows * numStates;
    if (prob.length !== horizon * size) {
      const expected = `${horizon} · ${size}`;
      const received = `has ${prob.length} elements`;
      throw argumentError('BELFRY_BAD_SHAPE', op, 'prob', received, expected);
    }
    const steps = Array.from({ length: horizon }, (_, t) => {
      const step = {
        numStates,
        numActions,
        prob: prob.subarray(t * size, (t + 1) * size) as A,
        rewards: rewards.subarray(t * numRows, (t + 1) * numRows) as A,
      };
      return new DenseMdp(step, { op, where: `step ${t}` });
    });
    return new TimedMdp<A>(steps);
  }

  /** H */
  get horizon(): number {
    return this.steps.length;
  }

  /** The rewards of the first step; each step has its own. */
  override get rewards(): A {
    return (this.steps[0] as SingleMdp<A>).rewards;
  }

  /** The models that occur, each once, in the order of their first step. */
  get models(): readonly SingleMdp<A>[] {
    return [...new Set(this.steps)];
  }

  override get bytes(): number {
    return this.models.reduce((sum, model) => sum + model.bytes, 0);
  }

  /** Whether all steps are dense. */
  get isDense(): boolean {
    return this.steps.every((step) => step.kind === 'dense');
  }

  /** The same in float32. */
  toFloat32(): TimedMdp<Float32Array> {
    return this.#converted((model) => model.toFloat32());
  }

  /** The same in float64. */
  toFloat64(): TimedMdp<Float64Array> {
    return this.#converted((model) => model.toFloat64());
  }

  #converted<B extends RealArray>(convert: (model: SingleMdp<A>) => SingleMdp<B>): TimedMdp<B> {
    const found = new Map(this.models.map((model) => [model, convert(model)]));
    return new TimedMdp(this.steps.map((step) => found.get(step) as SingleMdp<B>));
  }

  /** Tables that lie one after the other are used where they are; others are put together. */
  protected override hostOperands(): TimedOperands<A> {
    const { numStates, numActions, horizon } = this;
    const element = this.rewards.BYTES_PER_ELEMENT;
    const size = horizon * numStates * numActions * numStates;
    if (!this.isDense) requireMemory('Mdp.operands', size * element, size);
    const dense = this.steps.map((step) =>
      step.kind === 'dense' ? step : step.toSparse().toDense(),
    );
    const prob = adjacent(dense.map((step) => step.prob));
    const rewards = adjacent(dense.map((step) => step.rewards));
    const shape = [horizon, numStates, numActions];
    const mask = this.#mask();
    return {
      probT: new Tensor(prob, [...shape, numStates]),
      rewardsT: new Tensor(rewards, shape),
      ...(mask && { actionMaskT: new Tensor(mask, shape) }),
      horizon,
    };
  }

  /** The masks of all steps; nothing where every action is allowed. */
  #mask(): Uint8Array | undefined {
    if (this.steps.every((step) => step.actionMask === undefined)) return undefined;
    const numRows = this.numStates * this.numActions;
    const mask = new Uint8Array(this.horizon * numRows).fill(1);
    this.steps.forEach((step, t) => {
      if (step.actionMask !== undefined) mask.set(step.actionMask, t * numRows);
    });
    return mask;
  }

  protected override on(engine: NonNullable<Provenance['engine']>): this {
    if (this.isDense) return new TimedMdp(this.steps, engine) as this;
    const found = new Map(this.models.map((model) => [model, model.to('cuda', engine.index)]));
    return new TimedMdp(
      this.steps.map((step) => found.get(step) as SingleMdp<A>),
      engine,
    ) as this;
  }

  /** Dense steps lie there as one table, others each on its own. */
  protected override place(): void {
    if (this.isDense) this.operands();
  }

  override dispose(): void {
    super.dispose();
    for (const model of this.models) model.dispose();
  }
}

/** Arrays as one: a view where each begins where the one before ends, otherwise a copy. */
function adjacent<A extends RealArray>(parts: readonly A[]): A {
  const [first] = parts as [A];
  const make = first.constructor as new (
    buffer: ArrayBufferLike | number,
    offset?: number,
    length?: number,
  ) => A;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  let end = first.byteOffset;
  const touching = parts.every((part) => {
    const fits = part.buffer === first.buffer && part.byteOffset === end;
    end += part.byteLength;
    return fits;
  });
  if (touching) return new make(first.buffer, first.byteOffset, length);
  const all = new make(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
