import { argumentError, type BelfryError, show } from '../errors.js';
import { type MamqlArgs, mamql } from '../generated/bellman.js';
import { checkOptions } from '../options.js';
import { Tensor } from '../tensor.js';

export interface MamqlOptions {
  numStates: number;
  /** Number of actions of each agent. */
  numActions: readonly number[];
  /** Step of gradient descent on the critics. Default 0.5. */
  learningRate?: number;
  /** γ in [0, 1]. Default 0.99. */
  discount?: number;
  /** λ of the Boltzmann policies, an inverse temperature. Default 1. */
  rationality?: number;
  /** α of the chi-square regulariser; large = hardly regularised. Default 0.5. */
  alpha?: number;
  /** Divergence of the inverse objective. Default 'chi'. */
  divergence?: 'chi' | 'hellinger' | 'kl_fix' | 'js';
  /** Rows of the value term. Default 'all'. */
  valueSampling?: 'all' | 'expert' | 'v0';
}

/** Steps of all agents at once, B of them. */
export interface MamqlBatch {
  /** [B]. */
  states: ArrayLike<number>;
  /** Of each agent, [B]. */
  actions: readonly ArrayLike<number>[];
  /** [B]. */
  nextStates: ArrayLike<number>;
  /** [B] 1 = the next state has no value. Default: none. */
  terminated?: ArrayLike<number>;
  /** [B] 1 = demonstrated. Default: all are. */
  isExpert?: ArrayLike<number>;
}

const known = [
  'numStates',
  'numActions',
  'learningRate',
  'discount',
  'rationality',
  'alpha',
  'divergence',
  'valueSampling',
];

/**
 * Multi-agent inverse Q-learning on tables: from demonstrations of several agents, the policy and
 * the reward of each. An agent's critic knows the actions of all; its policy is a softmax of the
 * critic averaged over what the others do, and theirs of this one's.
 *
 * ```ts
 * const agents = new Mamql({ numStates: 9, numActions: [5, 5] });
 * for (const batch of batches) agents.step(batch);
 * const pi = agents.policy(0);        // [S, A]
 * const [mine, theirs] = agents.rewards(batch);
 * ```
 *
 * For critics that are networks call the function `mamql`. Source: arXiv 2503.04679.
 */
export class Mamql {
  readonly options: Readonly<MamqlOptions>;
  /** [S, A_i, K_i] of each agent; K_i counts the joint actions of the others, the first slowest. */
  readonly critics: readonly Tensor<Float64Array>[];
  readonly #policies: Float64Array[];

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option, BELFRY_BAD_VALUE */
  constructor(options: MamqlOptions) {
    checkOptions('Mamql', options, known);
    const { numStates, numActions } = options;
    positive('numStates', numStates);
    numActions.forEach((count, agent) => positive(`numActions[${agent}]`, count));
    this.options = { ...options, numActions: [...numActions] };
    const all = numActions.reduce((product, count) => product * count, 1);
    this.critics = numActions.map((count) => {
      return new Tensor(new Float64Array(numStates * all), [numStates, count, all / count]);
    });
    this.#policies = numActions.map((count) => new Float64Array(numStates * count).fill(1 / count));
  }

  /** π of an agent, [S, A], as of the last step. */
  policy(agent: number): Tensor<Float64Array> {
    const policy = this.#policies[agent];
    if (policy) return new Tensor(policy.slice(), this.critics[agent]!.shape.slice(0, 2));
    throw bad('BELFRY_BAD_VALUE', 'agent', `is ${show(agent)}`, `one of ${this.critics.length}`);
  }

  /**
   * One step of gradient descent of every critic on its inverse objective; then every policy
   * answers the others'. Returns the loss of each agent before the step.
   * @throws BelfryError BELFRY_BAD_SHAPE, BELFRY_BAD_VALUE
   */
  step(batch: MamqlBatch): number[] {
    const { learningRate = 0.5 } = this.options;
    const outputs = ['loss', 'gradQJoint', 'gradNextQJoint'] as const;
    const results = this.critics.map((_, agent) =>
      mamql<Float64Array>({ ...this.#arguments(agent, batch), outputs: [...outputs] }),
    );
    results.forEach(({ gradQJoint, gradNextQJoint }, agent) => {
      this.#descend(agent, batch.states, gradQJoint.data, learningRate);
      this.#descend(agent, batch.nextStates, gradNextQJoint.data, learningRate);
    });
    this.#answer();
    return results.map(({ loss }) => loss);
  }

  /**
   * The rewards that the critics imply for the steps of a batch, Q̄(s,a) − γ V(s'), of each agent.
   * @throws BelfryError BELFRY_BAD_SHAPE, BELFRY_BAD_VALUE
   */
  rewards(batch: MamqlBatch): Float64Array[] {
    return this.critics.map((_, agent) => {
      const args = { ...this.#arguments(agent, batch), outputs: ['rewards' as const] };
      return mamql<Float64Array>(args).rewards.data;
    });
  }

  #arguments(agent: number, batch: MamqlBatch): MamqlArgs<Float64Array> {
    const { numStates, discount, rationality, alpha, divergence, valueSampling } = this.options;
    const { states, nextStates, actions, terminated, isExpert } = batch;
    const numRows = states.length;
    checkBatch(batch, this.critics.length);
    checkStates('states', states, numStates);
    checkStates('nextStates', nextStates, numStates);
    const [, count = 0, others = 0] = this.critics[agent]!.shape;
    const critic = this.critics[agent]!.data;
    const theirs = this.#otherPolicies(agent);
    const shape = [numRows, count, others];
    return {
      qJoint: { data: gather(critic, states, count * others), shape },
      nextQJoint: { data: gather(critic, nextStates, count * others), shape },
      otherPolicy: { data: gather(theirs, states, others), shape: [numRows, others] },
      nextOtherPolicy: { data: gather(theirs, nextStates, others), shape: [numRows, others] },
      actions: Int32Array.from(actions[agent]!),
      ...(terminated && { terminated: Uint8Array.from(terminated) }),
      ...(isExpert && { isExpert: Uint8Array.from(isExpert) }),
      ...(discount !== undefined && { gamma: discount }),
      ...(rationality !== undefined && { rationality }),
      ...(alpha !== undefined && { alpha }),
      ...(divergence !== undefined && { divergence }),
      ...(valueSampling !== undefined && { valueSampling }),
    };
  }

  /** [S, K], the product of the policies of all but `agent`. */
  #otherPolicies(agent: number): Float64Array {
    const { numStates, numActions } = this.options;
    let product = new Float64Array(numStates).fill(1);
    let width = 1;
    numActions.forEach((count, other) => {
      if (other === agent) return;
      const [before, policy, inner] = [product, this.#policies[other]!, width];
      product = Float64Array.from({ length: numStates * inner * count }, (_, i) => {
        const state = Math.floor(i / (inner * count));
        return before[Math.floor(i / count)]! * policy[state * count + (i % count)]!;
      });
      width *= count;
    });
    return product;
  }

  #descend(agent: number, states: ArrayLike<number>, slopes: Float64Array, rate: number): void {
    const critic = this.critics[agent]!.data;
    const width = critic.length / this.options.numStates;
    slopes.forEach((slope, i) => {
      critic[states[Math.floor(i / width)]! * width + (i % width)]! -= rate * slope;
    });
  }

  /** Policies of all agents from their critics and the policies of the others until now. */
  #answer(): void {
    const { numStates, numActions } = this.options;
    const states = Int32Array.from({ length: numStates }, (_, s) => s);
    const actions = numActions.map(() => new Int32Array(numStates));
    const batch = { states, nextStates: states, actions };
    const answers = numActions.map((_, agent) => {
      const args = { ...this.#arguments(agent, batch), outputs: ['policy' as const] };
      return mamql<Float64Array>(args).policy.data;
    });
    this.#policies.splice(0, answers.length, ...answers);
  }
}

/** Rows of a table, `width` numbers each. */
function gather(table: Float64Array, rows: ArrayLike<number>, width: number): Float64Array {
  const gathered = new Float64Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    gathered.set(table.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width);
  }
  return gathered;
}

function checkBatch(batch: MamqlBatch, numAgents: number): void {
  const { states, nextStates, actions, terminated, isExpert } = batch;
  if (actions.length !== numAgents) {
    throw bad('BELFRY_BAD_SHAPE', 'actions', `has ${actions.length} agents`, `${numAgents}`);
  }
  const lists = { nextStates, terminated, isExpert };
  const named = [
    ...Object.entries(lists),
    ...actions.map((list, i) => [`actions[${i}]`, list] as const),
  ];
  for (const [name, list] of named) {
    if (list === undefined || list.length === states.length) continue;
    throw bad('BELFRY_BAD_SHAPE', name, `has ${list.length} elements`, `${states.length}`);
  }
}

function checkStates(name: string, states: ArrayLike<number>, numStates: number): void {
  for (let row = 0; row < states.length; row++) {
    const state = states[row]!;
    if (Number.isInteger(state) && state >= 0 && state < numStates) continue;
    throw bad('BELFRY_BAD_VALUE', name, `holds ${state} at ${row}`, `a state in [0, ${numStates})`);
  }
}

function positive(name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw bad('BELFRY_BAD_VALUE', name, `is ${show(value)}`, 'an integer above 0');
}

function bad(
  code: BelfryError['code'],
  argument: string,
  received: string,
  expected: string,
): BelfryError {
  return argumentError(code, 'Mamql', argument, received, expected);
}
