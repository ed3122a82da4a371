import {
  type QuantalResponseEquilibriumGameResult,
  type QuantalResponseEquilibriumMarkovGameResult,
  quantalResponseEquilibrium,
  quantalResponseEquilibriumAsync,
} from '../generated/bellman.js';
import type { AsyncOptions } from '../tasks.js';
import type { ArrayLike as Operand, RealArray } from '../tensor.js';

/** A zero-sum game of one move: what the minimiser pays the maximiser. */
export interface StageGame<A extends RealArray = RealArray> {
  /** [A, B]. */
  payoff: Operand<A>;
}

/** A zero-sum Markov game. */
export interface MarkovGame<A extends RealArray = RealArray> {
  /** [S, A, B, S] probability of the next state. */
  prob: Operand<A>;
  /** [S, A, B] rewards to the maximiser. */
  rewards: Operand<A>;
  /** Discount γ in [0, 1]. */
  gamma: number;
}

/** How irrational each side is: 0 plays a best response, large plays at random. */
export interface Temperatures {
  /** Of the maximiser. */
  alpha: number;
  /** Of the minimiser. */
  beta: number;
}

/** What `solve` returns for each kind of game. */
export type QuantalAnswer<A extends RealArray, G> =
  G extends StageGame<A>
    ? QuantalResponseEquilibriumGameResult<A>
    : QuantalResponseEquilibriumMarkovGameResult<A>;

/**
 * Quantal response equilibria of a zero-sum game: both sides answer each other by a softmax, each
 * with a temperature of its own.
 *
 * ```ts
 * const game = new QuantalResponse({ payoff });
 * const { policyMax } = await game.solve({ alpha: 0.01, beta: 1 });
 * const training = game.cool({ alpha: 0.01, betas: [10, 1, 0.1] });
 * ```
 *
 * Source: McKelvey and Palfrey (1995); arXiv 2311.01642.
 */
export class QuantalResponse<A extends RealArray, G extends StageGame<A> | MarkovGame<A>> {
  readonly game: G;

  constructor(game: G & (StageGame<A> | MarkovGame<A>)) {
    this.game = game;
  }

  /** The equilibrium, on the engine's own threads. */
  async solve(temperatures: Temperatures, run: AsyncOptions = {}): Promise<QuantalAnswer<A, G>> {
    const args = { ...this.game, ...temperatures, ...run };
    return (await quantalResponseEquilibriumAsync(args as never)) as QuantalAnswer<A, G>;
  }

  /** The equilibrium, on this thread. */
  solveSync(temperatures: Temperatures): QuantalAnswer<A, G> {
    return quantalResponseEquilibrium({ ...this.game, ...temperatures } as never) as QuantalAnswer<
      A,
      G
    >;
  }

  /** The equilibria against a minimiser that cools, one for each of `betas` in their order. */
  cool({ alpha, betas }: { alpha: number; betas: readonly number[] }): QuantalAnswer<A, G>[] {
    return betas.map((beta) => this.solveSync({ alpha, beta }));
  }
}
