import {
  type EffectiveHorizonDeterministicResult,
  type EffectiveHorizonStickyResult,
  effectiveHorizon,
  effectiveHorizonAsync,
} from '../generated/bellman.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import type { ArrayLike as Operand, RealArray } from '../tensor.js';
import type { SingleMdp } from './mdp.js';
import { Rows } from './models/checks.js';
import { requireKind, singleKinds } from './models/model.js';

export interface EffectiveHorizonOptions {
  /** Steps of an episode, H. */
  horizon: number;
  /** First state. Default 0. */
  start?: number;
  /** An action this much worse than the best is sub-optimal. Default 1e-4. */
  rewardPrecision?: number;
}

/**
 * How hard a deterministic MDP is to explore: how many backups of the random policy's values make
 * acting greedily optimal, and a bound on the effective horizon, in which the samples needed grow
 * exponentially.
 *
 * ```ts
 * const { minK, effectiveHorizonBound } = await new EffectiveHorizon(mdp, { horizon: 50 }).analyse();
 * ```
 *
 * An episode that ends, by an empty row of the model, goes to a state of its own without rewards.
 * Source: arXiv 2304.09853, arXiv 2312.08369.
 */
export class EffectiveHorizon<A extends RealArray> {
  readonly mdp: SingleMdp<A>;
  readonly options: Readonly<EffectiveHorizonOptions>;
  readonly #nextStates: { data: Int32Array; shape: number[] };
  readonly #rewards: { data: A; shape: number[] };

  /**
   * @throws BelfryError BELFRY_BAD_VALUE when the model is not deterministic or forbids actions;
   * BELFRY_INVALID_ARGUMENT for an unknown option
   */
  constructor(mdp: SingleMdp<A>, options: EffectiveHorizonOptions) {
    requireKind('EffectiveHorizon', mdp, singleKinds);
    checkOptions('EffectiveHorizon', options, ['horizon', 'start', 'rewardPrecision']);
    this.mdp = mdp;
    this.options = { ...options };
    const shape = [mdp.numStates + 1, mdp.numActions];
    const rows = mdp.numStates * mdp.numActions;
    const nextStates = new Int32Array(rows + mdp.numActions).fill(-1);
    nextStates.set(successors(mdp));
    const rewards = new (mdp.rewards.constructor as new (length: number) => A)(nextStates.length);
    rewards.set(mdp.rewards);
    this.#nextStates = { data: nextStates, shape };
    this.#rewards = { data: rewards, shape };
  }

  /**
   * The analysis, on the engine's own threads.
   * @param explorationPolicy π(t,s,a) of exploration, [H, S + 1, A], the last state being the end;
   * default: uniform
   */
  analyse(
    explorationPolicy?: Operand<A>,
    run: AsyncOptions = {},
  ): Promise<EffectiveHorizonDeterministicResult<A>> {
    return effectiveHorizonAsync({ ...this.#arguments(explorationPolicy), ...run });
  }

  /** The analysis, on this thread. */
  analyseSync(explorationPolicy?: Operand<A>): EffectiveHorizonDeterministicResult<A> {
    return effectiveHorizon(this.#arguments(explorationPolicy));
  }

  /** The same when each step repeats the action before with probability `sticky`. */
  analyseSticky(sticky: number, run: AsyncOptions = {}): Promise<EffectiveHorizonStickyResult<A>> {
    return effectiveHorizonAsync({ ...this.#arguments(), sticky, ...run });
  }

  #arguments(explorationPolicy?: Operand<A>) {
    const operands = { nextStates: this.#nextStates, rewards: this.#rewards, ...this.options };
    return explorationPolicy === undefined ? operands : { ...operands, explorationPolicy };
  }
}

/** [S·A] the one successor of each row, −1 where the episode ends. */
function successors<A extends RealArray>(mdp: SingleMdp<A>): Int32Array {
  const forbidden = mdp.actionMask?.indexOf(0) ?? -1;
  if (forbidden >= 0) {
    const { numStates, numActions } = mdp;
    const rows = new Rows('EffectiveHorizon', numStates, numActions);
    const received = `forbids ${rows.place(forbidden)}`;
    throw rows.error('BELFRY_BAD_VALUE', 'mdp', received, 'a model with every action allowed');
  }
  const table = mdp.kind === 'deterministic' ? mdp : mdp.toSparse().toDeterministic();
  return table.nextStates;
}
