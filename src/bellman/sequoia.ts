import { argumentError, type BelfryError, show } from '../errors.js';
import { reluQCombinatorialArgmaxAsync } from '../generated/bellman.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import { type LinearRow, solveProgram } from './linear-program.js';
import { evaluateNetwork, type ReluLayer, reluProgram } from './relu-program.js';

/** Which actions may be taken together. */
export type ActionConstraint =
  /** At most so many. */
  | { kind: 'cardinality'; atMost: number }
  /** Σ costs·a ≤ budget, costs at least 0. */
  | { kind: 'knapsack'; costs: ArrayLike<number>; budget: number }
  /** low ≤ Σ coefficients·a ≤ high; a bound left out is none. */
  | { kind: 'linear'; coefficients: ArrayLike<number>; low?: number; high?: number };

export interface SequoiaOptions {
  /** Number of binary actions: the first inputs of the network, before the state. */
  numActions: number;
  /** All of them hold. Default: none. */
  constraints?: readonly ActionConstraint[];
  /**
   * 'search' is branch and bound, which takes one hidden layer and at most one constraint, not a
   * linear one; 'milp' a mixed-integer programme for HiGHS, which takes all. 'auto' (default)
   * searches where it can up to 20 actions.
   */
  method?: 'auto' | 'search' | 'milp';
  /** Seconds after which 'milp' gives up. Default: none. */
  timeLimit?: number;
}

export interface SequoiaAnswer {
  /** [numActions] 1 = taken; all 0 where nothing feasible was found. */
  actions: Uint8Array;
  /** The network there; −Infinity where nothing feasible was found. */
  qValue: number;
  /** Whether the maximum is proved. False: the best found before a limit. */
  proved: boolean;
  method: 'search' | 'milp';
}

/** Transitions whose targets are asked for. */
export interface SequoiaBatch {
  /** [B]. */
  rewards: ArrayLike<number>;
  /** One state each. */
  nextStates: readonly ArrayLike<number>[];
  /** [B] 1 = the episode ends. Default: none does. */
  terminated?: ArrayLike<number>;
  /** γ. */
  discount: number;
}

/** Up to this many actions branch and bound answers sooner than HiGHS starts. */
const mostSearched = 20;
const known = ['numActions', 'constraints', 'method', 'timeLimit'];

/**
 * Q-learning over combinatorial actions: a ReLU network Q([a; s]) maximised exactly over the
 * subsets of actions that the constraints allow.
 *
 * ```ts
 * const sequoia = new Sequoia([{ weights: w1, bias: b1 }, { weights: w2, bias: b2 }], {
 *   numActions: 40,
 *   constraints: [{ kind: 'cardinality', atMost: 5 }],
 * });
 * const { actions, qValue } = await sequoia.best(state);
 * ```
 *
 * HiGHS is the optional peer dependency `highs`; only the method 'milp' needs it. Its answers are
 * exact up to its tolerance of 1e-9; `qValue` is the network at `actions`, not the objective.
 * Source: arXiv 2503.01919.
 */
export class Sequoia {
  readonly layers: readonly ReluLayer[];
  readonly options: Readonly<SequoiaOptions>;
  readonly #constraints: readonly ActionConstraint[];

  /**
   * @param layers the network, its inputs the actions and then the state, its output one number
   * @throws BelfryError BELFRY_BAD_SHAPE, BELFRY_BAD_VALUE for a network or constraint that does not
   * fit; BELFRY_INVALID_ARGUMENT for an unknown option or a method that cannot take the problem
   */
  constructor(layers: readonly ReluLayer[], options: SequoiaOptions) {
    checkOptions('Sequoia', options, known);
    this.layers = layers;
    this.options = { ...options };
    this.#constraints = options.constraints ?? [];
    const { numActions, method } = options;
    if (!Number.isInteger(numActions) || numActions < 0) {
      throw bad('BELFRY_BAD_VALUE', 'numActions', `is ${show(numActions)}`, 'an integer above 0');
    }
    checkNetwork(layers, numActions);
    for (const constraint of this.#constraints) checkConstraint(constraint, numActions);
    if (method === 'search' && !this.#searchable()) {
      const expected = "one hidden layer and at most one constraint, or method 'milp'";
      throw bad('BELFRY_INVALID_ARGUMENT', 'method', "is 'search'", expected);
    }
  }

  /**
   * The best actions in a state, off this thread; 'milp' reports no progress. Of equally good ones 'search' takes the first in
   * lexicographic order, 'milp' any.
   * @param state [D]
   * @throws BelfryError BELFRY_BAD_SHAPE, BELFRY_BAD_VALUE; BELFRY_LOAD_FAILED without `highs`
   */
  async best(state: ArrayLike<number>, run: AsyncOptions = {}): Promise<SequoiaAnswer> {
    const numInputs = this.layers[0]!.weights.shape[1]!;
    const expected = numInputs - this.options.numActions;
    if (state.length !== expected) {
      throw bad('BELFRY_BAD_SHAPE', 'state', `has ${state.length} elements`, `${expected}`);
    }
    requireFinite('state', state);
    const { method = 'auto', numActions } = this.options;
    const search = method === 'auto' ? numActions <= mostSearched && this.#searchable() : false;
    return search || method === 'search' ? this.#search(state, run) : this.#programme(state, run);
  }

  /**
   * Targets of Q-learning: r + γ max Q([·; s']), the rewards alone where the episode ends.
   * @throws BelfryError as `best`
   */
  async targets(batch: SequoiaBatch, run: AsyncOptions = {}): Promise<Float64Array> {
    const { rewards, nextStates, terminated, discount } = batch;
    for (const [name, list] of Object.entries({ nextStates, terminated })) {
      if (list === undefined || list.length === rewards.length) continue;
      throw bad('BELFRY_BAD_SHAPE', name, `has ${list.length} rows`, `${rewards.length}`);
    }
    const targets = Float64Array.from(rewards);
    for (let b = 0; b < targets.length; b++) {
      if (terminated?.[b]) continue;
      const { qValue } = await this.best(nextStates[b]!, run);
      targets[b]! += discount * qValue;
    }
    return targets;
  }

  /** Whether branch and bound takes this network with these constraints. */
  #searchable(): boolean {
    const linear = this.#constraints.some(({ kind }) => kind === 'linear');
    return this.layers.length === 2 && this.#constraints.length <= 1 && !linear;
  }

  async #search(state: ArrayLike<number>, run: AsyncOptions): Promise<SequoiaAnswer> {
    const [first, last] = this.layers as [ReluLayer, ReluLayer];
    const [constraint] = this.#constraints;
    const limit =
      constraint?.kind === 'knapsack'
        ? {
            constraint: 'knapsack' as const,
            cost: Float64Array.from(constraint.costs),
            budget: constraint.budget,
          }
        : { budget: constraint?.kind === 'cardinality' ? constraint.atMost : Infinity };
    const wide = ({ weights, bias }: ReluLayer) => ({
      weights: { data: Float64Array.from(weights.data), shape: weights.shape },
      bias: Float64Array.from(bias),
    });
    const answer = await reluQCombinatorialArgmaxAsync<Float64Array>({
      w1: wide(first).weights,
      b1: wide(first).bias,
      w2: wide(last).weights,
      b2: wide(last).bias,
      state: Float64Array.from(state),
      ...limit,
      budget: Math.min(limit.budget, Number.MAX_VALUE),
      ...run,
    });
    return {
      actions: answer.actions.data,
      qValue: answer.qMax,
      proved: answer.converged === 1,
      method: 'search',
    };
  }

  async #programme(state: ArrayLike<number>, { signal }: AsyncOptions): Promise<SequoiaAnswer> {
    const { numActions, timeLimit } = this.options;
    const rows = this.#constraints.map((constraint) => rowOf(constraint, numActions));
    const limits = this.#constraints.map((one) =>
      one.kind === 'cardinality' ? Math.max(0, Math.floor(one.atMost)) : numActions,
    );
    const mostActive = Math.min(numActions, ...limits);
    const { status, values } = await solveProgram(
      'Sequoia',
      reluProgram(this.layers, numActions, state, rows, mostActive),
      { ...(signal && { signal }), ...(timeLimit !== undefined && { timeLimit }) },
    );
    const proved = status !== 'limit';
    const actions = Uint8Array.from({ length: numActions }, (_, a) => Math.round(values[a] ?? 0));
    const found = status === 'optimal' || values.length > 0;
    const inputs = [...actions, ...Array.from(state)];
    const qValue = found ? evaluateNetwork(this.layers, inputs) : Number.NEGATIVE_INFINITY;
    return { actions, qValue, proved, method: 'milp' };
  }
}

function rowOf(constraint: ActionConstraint, numActions: number): LinearRow {
  const indices = Array.from({ length: numActions }, (_, a) => a);
  const row = (values: ArrayLike<number>, low = -Infinity, high = Infinity): LinearRow => ({
    low,
    high,
    indices,
    values: Array.from(values),
  });
  if (constraint.kind === 'cardinality') {
    return row(new Float64Array(numActions).fill(1), -Infinity, constraint.atMost);
  }
  if (constraint.kind === 'knapsack') return row(constraint.costs, -Infinity, constraint.budget);
  return row(constraint.coefficients, constraint.low, constraint.high);
}

function checkNetwork(layers: readonly ReluLayer[], numActions: number): void {
  if (layers.length === 0) throw bad('BELFRY_BAD_SHAPE', 'layers', 'is empty', 'at least one');
  layers.forEach(({ weights, bias }, l) => {
    const [outputs = 0, inputs = 0] = weights.shape;
    const name = `layers[${l}].weights`;
    const before = layers[l - 1]?.bias.length;
    const fits = before === undefined ? inputs >= numActions : inputs === before;
    const last = l + 1 < layers.length || outputs === 1;
    if (!fits || !last || weights.shape.length !== 2 || weights.data.length !== outputs * inputs) {
      const wanted = before ?? `${numActions} actions and the state`;
      const rows = l + 1 < layers.length ? 'outputs' : '1';
      const expected = `[${rows}, ${wanted}]`;
      throw bad('BELFRY_BAD_SHAPE', name, `has shape [${weights.shape.join(', ')}]`, expected);
    }
    if (bias.length !== outputs) {
      const received = `has ${bias.length} elements`;
      throw bad('BELFRY_BAD_SHAPE', `layers[${l}].bias`, received, `${outputs}`);
    }
    requireFinite(name, weights.data);
    requireFinite(`layers[${l}].bias`, bias);
  });
}

function checkConstraint(constraint: ActionConstraint, numActions: number): void {
  if (constraint.kind === 'cardinality') {
    requireNumber('atMost', constraint.atMost);
    return;
  }
  const [name, numbers] =
    constraint.kind === 'knapsack'
      ? (['costs', constraint.costs] as const)
      : (['coefficients', constraint.coefficients] as const);
  if (numbers.length !== numActions) {
    throw bad('BELFRY_BAD_SHAPE', name, `has ${numbers.length} elements`, `${numActions}`);
  }
  requireFinite(name, numbers);
  if (constraint.kind === 'linear') {
    if (constraint.low !== undefined) requireNumber('low', constraint.low);
    if (constraint.high !== undefined) requireNumber('high', constraint.high);
    return;
  }
  requireNumber('budget', constraint.budget);
  const negative = Array.from(numbers).find((cost) => cost < 0);
  if (negative !== undefined) {
    throw bad('BELFRY_BAD_VALUE', 'costs', `holds ${negative}`, "at least 0, or kind 'linear'");
  }
}

function requireNumber(name: string, value: number): void {
  if (typeof value === 'number' && !Number.isNaN(value)) return;
  throw bad('BELFRY_BAD_VALUE', name, `is ${show(value)}`, 'a number');
}

function requireFinite(name: string, numbers: ArrayLike<number>): void {
  for (let i = 0; i < numbers.length; i++) {
    if (Number.isFinite(numbers[i])) continue;
    throw bad('BELFRY_BAD_VALUE', name, `holds ${numbers[i]} at ${i}`, 'finite numbers');
  }
}

function bad(
  code: BelfryError['code'],
  argument: string,
  received: string,
  expected: string,
): BelfryError {
  return argumentError(code, 'Sequoia', argument, received, expected);
}
