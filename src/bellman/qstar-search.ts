import { argumentError, type BelfryError, show } from '../errors.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import { SearchFrontier } from './search-frontier.js';

/** Numbers of a batch, row-major: [n, numActions]. */
export type QValues = ArrayLike<number> | { data: ArrayLike<number> };

/** A shortest-path problem over states of any kind, and the Q-function that guides the search. */
export interface QStarProblem<S> {
  /** Actions are 0 .. numActions − 1. */
  numActions: number;
  /** Where the action leads and what it costs (at least 0); undefined: it is not applicable. */
  step: (state: S, action: number) => { next: S; cost: number } | undefined;
  isGoal: (state: S) => boolean;
  /**
   * Estimates of cost + cost to go from the successor, for every action of a batch of states:
   * [n, numActions], row-major; a network's forward pass. May return a promise.
   */
  qValues: (states: readonly S[]) => QValues | Promise<QValues>;
  /** Applicable actions, ascending; default: all, and `step` sorts out those that are not. */
  actions?: (state: S) => readonly number[];
  /** Tells states apart; default: their JSON. */
  key?: (state: S) => string | number;
}

export interface QStarOptions {
  /** λ, weight of the path cost in λ g + q; below 1 the search is greedier. Default 1. */
  lambda?: number;
  /** Edges taken from the frontier at once; their children are evaluated together. Default 1. */
  batch?: number;
  /**
   * 'bound' (default) stops when no edge left can lead to a cheaper path, which is exact if λ = 1
   * and q never overestimates; 'first_goal' when a goal is found.
   */
  termination?: 'bound' | 'first_goal';
  /** Edges taken after which the search gives up. Default 10 million. */
  maxIterations?: number;
}

/** Options left out take these values. */
export const qStarDefaults: Readonly<Required<QStarOptions>> = Object.freeze({
  lambda: 1,
  batch: 1,
  termination: 'bound',
  maxIterations: 10_000_000,
});

export interface QStarAnswer<S> {
  /** Cost of the path, Infinity without one. */
  pathCost: number;
  actions: Int32Array;
  /** From the start to the goal, both included; empty without a path. */
  states: S[];
  /** Edges taken from the frontier. */
  numPopped: number;
  /** Edges put on it. */
  numPushed: number;
  /** States that the Q-function was asked for. */
  numEvaluated: number;
  /** Whether the stop rule was met, or every path tried. False: `maxIterations` ended the search. */
  converged: boolean;
}

/**
 * Q* search: best-first search over edges, with one call of a Q-function per state in place of one
 * of a heuristic per child. States are made as they are reached; nothing is enumerated.
 *
 * ```ts
 * const search = new QStarSearch({ numActions: 12, step, isGoal, qValues: (states) => net(states) },
 *   { lambda: 0.8, batch: 1000 });
 * const { actions, pathCost } = await search.solve(scrambled, { signal });
 * ```
 *
 * The function `qstarSearch` is the same search over tables. Source: arXiv 2102.04518.
 */
export class QStarSearch<S> {
  readonly problem: QStarProblem<S>;
  readonly options: Readonly<Required<QStarOptions>>;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown or impossible option */
  constructor(problem: QStarProblem<S>, options: QStarOptions = {}) {
    checkOptions('QStarSearch', options, Object.keys(qStarDefaults));
    this.problem = problem;
    this.options = { ...qStarDefaults, ...options };
    atLeastOne('numActions', problem.numActions);
    atLeastOne('batch', this.options.batch);
    const { lambda } = this.options;
    if (!(lambda >= 0)) throw bad('BELFRY_INVALID_ARGUMENT', 'lambda', `is ${show(lambda)}`, '≥ 0');
  }

  /** Searches; other work gets its turn in between. `signal` stops it, `onProgress` follows the edges. */
  async solve(start: S, { signal, onProgress }: AsyncOptions = {}): Promise<QStarAnswer<S>> {
    const started = performance.now();
    const search = new Search(this.problem, this.options, start);
    let lastTurn = started;
    let lastReport = started;
    for (let batch = search.begin(); batch !== undefined; batch = search.advance()) {
      signal?.throwIfAborted();
      const values = batch.length === 0 ? [] : this.problem.qValues(batch);
      search.push(values instanceof Promise ? await values : values);
      const now = performance.now();
      if (now - lastTurn < 8) continue;
      await new Promise<void>((resume) => setImmediate(resume));
      lastTurn = performance.now();
      if (onProgress === undefined || now - lastReport < 100) continue;
      lastReport = now;
      onProgress({ iteration: search.numPopped, elapsedMs: now - started });
    }
    signal?.throwIfAborted();
    return search.answer();
  }

  /**
   * Searches on this thread.
   * @throws BelfryError BELFRY_INVALID_ARGUMENT when `qValues` returns a promise
   */
  solveSync(start: S): QStarAnswer<S> {
    const search = new Search(this.problem, this.options, start);
    for (let batch = search.begin(); batch !== undefined; batch = search.advance()) {
      const values = batch.length === 0 ? [] : this.problem.qValues(batch);
      if (values instanceof Promise) {
        throw bad(
          'BELFRY_INVALID_ARGUMENT',
          'qValues',
          'returns a promise',
          'numbers, or use solve',
        );
      }
      search.push(values);
    }
    return search.answer();
  }
}

interface Node<S> {
  state: S;
  /** Cost from the start. */
  cost: number;
  parent: number;
  action: number;
}

/** One search: `begin` and `advance` name states to evaluate, `push` takes their Q-values. */
class Search<S> {
  readonly #problem: QStarProblem<S>;
  readonly #options: Readonly<Required<QStarOptions>>;
  readonly #key: (state: S) => string | number;
  readonly #nodes: Node<S>[] = [];
  /** Cheapest cost at which each state was reached. */
  readonly #reached = new Map<string | number, number>();
  readonly #frontier = new SearchFrontier();
  /** Nodes whose Q-values are awaited. */
  #fresh: number[] = [];
  #goal = -1;
  #lowerBound = Number.NEGATIVE_INFINITY;
  #numEvaluated = 0;
  numPopped = 0;

  constructor(problem: QStarProblem<S>, options: Readonly<Required<QStarOptions>>, start: S) {
    this.#problem = problem;
    this.#options = options;
    this.#key = problem.key ?? JSON.stringify;
    this.#nodes.push({ state: start, cost: 0, parent: -1, action: -1 });
  }

  begin(): S[] | undefined {
    const start = this.#nodes[0] as Node<S>;
    if (this.#problem.isGoal(start.state)) {
      this.#goal = 0;
      return undefined;
    }
    this.#reached.set(this.#key(start.state), 0);
    this.#fresh = [0];
    return [start.state];
  }

  /** Takes a batch of edges; undefined when the search is over. */
  advance(): S[] | undefined {
    const { batch, maxIterations } = this.#options;
    if (this.#done() || this.#frontier.size === 0 || this.numPopped >= maxIterations)
      return undefined;
    const taken = Array.from({ length: Math.min(batch, this.#frontier.size) }, () =>
      this.#frontier.pop(),
    );
    this.numPopped += taken.length;
    this.#lowerBound = Math.max(this.#lowerBound, (taken[0] as { key: number }).key);
    this.#fresh = [];
    for (const { node, action } of taken) this.#follow(node, action);
    return this.#fresh.map((node) => (this.#nodes[node] as Node<S>).state);
  }

  push(values: QValues): void {
    const { numActions, actions } = this.#problem;
    const q = 'data' in values ? values.data : values;
    if (q.length !== this.#fresh.length * numActions) {
      const expected = `${this.#fresh.length} × ${numActions}`;
      throw bad('BELFRY_BAD_SHAPE', 'qValues', `returned ${q.length} numbers`, expected);
    }
    this.#numEvaluated += this.#fresh.length;
    this.#fresh.forEach((node, row) => {
      const { state, cost } = this.#nodes[node] as Node<S>;
      const applicable = actions?.(state) ?? Array.from({ length: numActions }, (_, a) => a);
      for (const action of applicable) {
        const estimate = q[row * numActions + action] as number;
        if (Number.isNaN(estimate)) {
          throw bad(
            'BELFRY_BAD_VALUE',
            'qValues',
            `returned ${estimate} for action ${action}`,
            'a number',
          );
        }
        this.#frontier.push(this.#options.lambda * cost + estimate, node, action);
      }
    });
  }

  answer(): QStarAnswer<S> {
    const path: Node<S>[] = [];
    for (let at = this.#goal; at >= 0; at = (path[0] as Node<S>).parent) {
      path.unshift(this.#nodes[at] as Node<S>);
    }
    return {
      pathCost: this.#cheapest(),
      actions: Int32Array.from(path.slice(1), ({ action }) => action),
      states: path.map(({ state }) => state),
      numPopped: this.numPopped,
      numPushed: this.#frontier.numPushed,
      numEvaluated: this.#numEvaluated,
      converged: this.#done() || this.#frontier.size === 0,
    };
  }

  #cheapest(): number {
    return this.#nodes[this.#goal]?.cost ?? Number.POSITIVE_INFINITY;
  }

  #done(): boolean {
    if (this.#goal < 0) return false;
    if (this.#goal === 0 || this.#options.termination === 'first_goal') return true;
    return this.#lowerBound >= this.#options.lambda * this.#cheapest();
  }

  #follow(parent: number, action: number): void {
    const from = this.#nodes[parent] as Node<S>;
    const step = this.#problem.step(from.state, action);
    if (step === undefined) return;
    if (!(step.cost >= 0)) {
      throw bad(
        'BELFRY_BAD_VALUE',
        'step',
        `costs ${step.cost} for action ${action}`,
        'at least 0',
      );
    }
    const child = { state: step.next, cost: from.cost + step.cost, parent, action };
    if (child.cost < this.#cheapest() && this.#problem.isGoal(child.state)) {
      this.#goal = this.#nodes.push(child) - 1;
      return;
    }
    const key = this.#key(child.state);
    if (child.cost >= (this.#reached.get(key) ?? Number.POSITIVE_INFINITY)) return;
    this.#reached.set(key, child.cost);
    this.#fresh.push(this.#nodes.push(child) - 1);
  }
}

function atLeastOne(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw bad('BELFRY_INVALID_ARGUMENT', name, `is ${show(value)}`, 'an integer above 0');
}

function bad(
  code: BelfryError['code'],
  argument: string,
  received: string,
  expected: string,
): BelfryError {
  return argumentError(code, 'QStarSearch', argument, received, expected);
}
