import { argumentError } from '../errors.js';
import { whittleIndex } from '../generated/bellman.js';
import { checkOptions } from '../options.js';
import type { ArrayLike as Operand, RealArray, Tensor } from '../tensor.js';

/** One arm: what happens when it is left alone (action 0) and when it is served (action 1). */
export interface RestlessArm<A extends RealArray = RealArray> {
  /** [S, 2, S] probability of the next state. */
  prob: Operand<A>;
  /** [S, 2] rewards. */
  rewards: Operand<A>;
}

export interface WhittleIndexOptions {
  /** Discount γ in [0, 1]. */
  discount: number;
}

/**
 * The Whittle index policy of restless arms: serve those whose states have the largest index, the
 * subsidy at which leaving the arm alone would be as good. The arms may have different numbers of
 * states; the indices are computed once.
 *
 * ```ts
 * const policy = new WhittleIndex(arms, { discount: 0.95 });
 * const served = policy.choose([0, 2, 1], 1); // at most one arm
 * ```
 *
 * Source: Whittle, Restless bandits (1988).
 */
export class WhittleIndex<A extends RealArray> {
  /** [S] index of each state, by arm. */
  readonly indices: readonly Tensor<A>[];
  /** Whether each arm's passive set only grows with the subsidy; if not, the index means little. */
  readonly indexable: readonly boolean[];

  /** @throws BelfryError for wrong tables, or BELFRY_INVALID_ARGUMENT for an unknown option */
  constructor(arms: readonly RestlessArm<A>[], options: WhittleIndexOptions) {
    checkOptions('WhittleIndex', options, ['discount']);
    const results = arms.map(({ prob, rewards }) =>
      whittleIndex<A>({ prob, rewards, gamma: options.discount }),
    );
    this.indices = results.map((result) => result.whittleIndex);
    this.indexable = results.map((result) => result.indexable === 1);
  }

  /**
   * The arms to serve, the most urgent first: those with the largest indices, the lowest arm first
   * among equals. An arm with an index below zero is better left alone and is not chosen.
   * @param states the state of each arm
   * @throws BelfryError BELFRY_BAD_SHAPE, BELFRY_BAD_VALUE
   */
  choose(states: ArrayLike<number>, budget: number): number[] {
    if (states.length !== this.indices.length) {
      const expected = `${this.indices.length}`;
      throw argumentError(
        'BELFRY_BAD_SHAPE',
        'WhittleIndex',
        'states',
        `has ${states.length} elements`,
        expected,
      );
    }
    return this.indices
      .map((indices, arm) => {
        const index = indices.data[states[arm] as number];
        if (index !== undefined) return { arm, index };
        const received = `holds ${states[arm]} for arm ${arm}`;
        const expected = `a state in [0, ${indices.size})`;
        throw argumentError('BELFRY_BAD_VALUE', 'WhittleIndex', 'states', received, expected);
      })
      .filter(({ index }) => index >= 0)
      .sort((a, b) => b.index - a.index)
      .slice(0, budget)
      .map(({ arm }) => arm);
  }
}
