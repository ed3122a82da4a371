/** Environments that can only be played, and episodes of them. */
import { checkFinite, checkLength } from '../dataset-checks.js';
import { argumentError } from '../errors.js';
import { checkRules, rules } from '../options.js';
import { Tensor } from '../tensor.js';

/**
 * `count` environments that step together and can only be played, from their start. A `ControlTask`
 * of `belfry/offline` with discrete actions is one.
 */
export interface BatchSimulator {
  readonly count: number;
  /** Numbers of an observation. */
  readonly observationSize: number;
  readonly numActions: number;
  /** Begins an episode in each of them; [count, observationSize] what is seen first. */
  reset(): ArrayLike<number>;
  /**
   * One action for each of them. One whose episode has ended goes on getting action 0 until all
   * have; its answers are not looked at, nor what is seen after an end: it may begin anew by itself.
   */
  step(actions: Int32Array): BatchStep;
}

/** The arrays may be the simulator's own: they are copied. */
export interface BatchStep {
  /** [count, observationSize] */
  readonly observations: ArrayLike<number>;
  /** [count] */
  readonly rewards: ArrayLike<number>;
  /** [count] 1 = the episode ended. */
  readonly terminated: ArrayLike<number>;
  /** [count] 1 = it was cut, and ends as well. Default 0. */
  readonly truncated?: ArrayLike<number>;
}

/** One environment. */
export interface EpisodeSimulator {
  readonly observationSize: number;
  readonly numActions: number;
  /** Begins an episode; [observationSize] what is seen first. */
  reset(): ArrayLike<number>;
  step(action: number): {
    observation: ArrayLike<number>;
    reward: number;
    terminated: boolean;
    /** It was cut, and ends as well. Default false. */
    truncated?: boolean;
  };
}

/** `count` environments made one by one, as a simulator that steps them together. */
export function batchSimulator(make: () => EpisodeSimulator, count: number): BatchSimulator {
  checkRules('batchSimulator', { count }, { count: rules.count });
  const copies = Array.from({ length: count }, make);
  const { observationSize = 0, numActions = 0 } = copies[0] ?? {};
  const observations = new Float64Array(count * observationSize);
  const rewards = new Float64Array(count);
  const terminated = new Uint8Array(count);
  const truncated = new Uint8Array(count);
  const see = (seen: ArrayLike<number>, i: number): void => {
    checkLength('batchSimulator', `observation of environment ${i}`, seen, 1, observationSize);
    observations.set(seen, i * observationSize);
  };
  return {
    count,
    observationSize,
    numActions,
    reset() {
      terminated.fill(0);
      truncated.fill(0);
      copies.forEach((copy, i) => {
        see(copy.reset(), i);
      });
      return observations;
    },
    step(actions) {
      copies.forEach((copy, i) => {
        if (terminated[i] === 1 || truncated[i] === 1) return;
        const answer = copy.step(actions[i] as number);
        see(answer.observation, i);
        rewards[i] = answer.reward;
        terminated[i] = answer.terminated ? 1 : 0;
        truncated[i] = answer.truncated ? 1 : 0;
      });
      return { observations, rewards, terminated, truncated };
    },
  };
}

/** Episodes that were played together: the first `count` rows of arrays for all environments. */
export interface Episodes {
  count: number;
  /** [count, observationSize] before each timestep, and after the last one. */
  states: Float32Array[];
  /** [count] at each timestep. */
  actions: Int32Array[];
  /** [count] at each timestep; 0 after the end. */
  rewards: Float32Array[];
  /** [count] steps of each episode. */
  lengths: Int32Array;
  /** Steps taken in all. */
  steps: number;
}

/** Chooses an action for every environment. */
export type Act = (timestep: number, states: Tensor<Float32Array>) => Int32Array;

/** One episode of at most `horizon` steps in each of the first `count` environments. */
export function playEpisodes(
  owner: string,
  simulator: BatchSimulator,
  count: number,
  horizon: number,
  act: Act,
): Episodes {
  const all = simulator.count;
  const width = simulator.observationSize;
  const lengths = new Int32Array(count);
  const open = new Uint8Array(all).fill(1, 0, count);
  const first = copyOf(owner, 'reset', 'observations', simulator.reset(), all * width);
  checkOpen(owner, 'observations of simulator.reset', first, width, open);
  const played: Episodes = { count, states: [first], actions: [], rewards: [], lengths, steps: 0 };
  for (let t = 0; t < horizon && open.includes(1); t++) {
    const states = played.states[t] as Float32Array;
    const actions = act(t, new Tensor(states, [all, width])).map((a, i) => a * (open[i] as number));
    const answer = simulator.step(actions);
    const rewards = copyOf(owner, 'step', 'rewards', answer.rewards, all);
    const next = copyOf(owner, 'step', 'observations', answer.observations, all * width);
    const terminated = copyOf(owner, 'step', 'terminated', answer.terminated, all);
    checkOpen(owner, 'rewards of simulator.step', rewards, 1, open);
    open.forEach((isOpen, i) => {
      if (isOpen === 0) rewards[i] = 0;
      else {
        lengths[i] = t + 1;
        played.steps += 1;
        if (terminated[i] !== 0 || (answer.truncated?.[i] ?? 0) !== 0) open[i] = 0;
      }
    });
    checkOpen(owner, 'observations of simulator.step', next, width, open);
    played.actions.push(actions);
    played.rewards.push(rewards);
    played.states.push(next);
  }
  return played;
}

/**
 * Numbers of the rows that are still played; those of others, which nobody looks at, become 0 where
 * they are not finite.
 * @throws BelfryError BELFRY_BAD_VALUE
 */
function checkOpen(
  owner: string,
  name: string,
  values: Float32Array,
  width: number,
  open: Uint8Array,
): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    if (open[Math.floor(i / width)] !== 0) checkFinite(owner, name, values, width);
    values[i] = 0;
  }
}

/** @throws BelfryError BELFRY_INVALID_ARGUMENT for sizes that nothing can be planned with */
export function checkSimulator(owner: string, simulator: BatchSimulator): void {
  for (const name of ['count', 'observationSize', 'numActions'] as const) {
    const value = simulator[name];
    if (Number.isSafeInteger(value) && value >= 1) continue;
    const argument = `${name} of the simulator`;
    const hint = name === 'numActions' ? 'Actions must be indices, not vectors.' : undefined;
    const code = 'BELFRY_INVALID_ARGUMENT';
    throw argumentError(code, owner, argument, `is ${value}`, 'at least 1', hint);
  }
}

/** Discounted returns [count] from each timestep on, from the first wanted to the last played. */
export function returnsToGo(episodes: Episodes, discount: number, from: number): Float64Array[] {
  const { rewards, count } = episodes;
  const returns: Float64Array[] = [];
  let after = new Float64Array(count);
  for (let t = rewards.length - 1; t >= from; t--) {
    const own = rewards[t] as Float32Array;
    after = after.map((value, i) => (own[i] as number) + discount * value);
    returns.unshift(after);
  }
  return returns;
}

/** A copy, as a simulator may write its next answer to the same place. */
function copyOf(
  owner: string,
  method: string,
  name: string,
  values: ArrayLike<number>,
  length: number,
): Float32Array {
  if (values?.length === length) return Float32Array.from(values);
  const received = values === undefined ? 'is missing' : `has length ${values.length}`;
  const argument = `${name} of simulator.${method}`;
  throw argumentError('BELFRY_BAD_SHAPE', owner, argument, received, `${length}`);
}
