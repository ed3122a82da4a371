/** Environments that can only be played, and episodes of them. */
import { argumentError } from '../errors.js';
import { Tensor } from '../tensor.js';

/** Several environments that step together. They can only be played, from their start. */
export interface BatchSimulator {
  /** Numbers of a state. */
  readonly stateSize: number;
  readonly numActions: number;
  /** Begins `count` episodes; [count, stateSize] their first states. */
  reset(count: number): ArrayLike<number>;
  /**
   * One action for each of them. An episode that has ended goes on getting action 0 until all
   * have; its answers are not looked at.
   */
  step(actions: Int32Array): BatchStep;
}

export interface BatchStep {
  /** [count, stateSize] next states. */
  states: ArrayLike<number>;
  /** [count] */
  rewards: ArrayLike<number>;
  /** [count] 1 = the episode ended. */
  terminated: ArrayLike<number | boolean>;
}

/** One environment. */
export interface EpisodeSimulator {
  /** Numbers of a state. */
  readonly stateSize: number;
  readonly numActions: number;
  /** Begins an episode; [stateSize] its first state. */
  reset(): ArrayLike<number>;
  step(action: number): { state: ArrayLike<number>; reward: number; terminated: boolean };
}

/** Environments made one by one, as one that steps them together. */
export function batchSimulator(make: () => EpisodeSimulator): BatchSimulator {
  const copies = [make()];
  const { stateSize, numActions } = copies[0] as EpisodeSimulator;
  let ended = new Uint8Array(0);
  let states = new Float64Array(0);
  return {
    stateSize,
    numActions,
    reset(count) {
      while (copies.length < count) copies.push(make());
      ended = new Uint8Array(count);
      states = new Float64Array(count * stateSize);
      for (let i = 0; i < count; i++) {
        states.set((copies[i] as EpisodeSimulator).reset(), i * stateSize);
      }
      return states;
    },
    step(actions) {
      const rewards = new Float64Array(actions.length);
      actions.forEach((action, i) => {
        if (ended[i] === 1) return;
        const { state, reward, terminated } = (copies[i] as EpisodeSimulator).step(action);
        states.set(state, i * stateSize);
        rewards[i] = reward;
        ended[i] = terminated ? 1 : 0;
      });
      return { states, rewards, terminated: ended };
    },
  };
}

/** Episodes that were played together, by timestep. */
export interface Episodes {
  count: number;
  /** [count, stateSize] before each timestep, and after the last one. */
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

/** `count` episodes of at most `horizon` steps; `act` chooses all actions of a timestep. */
export function playEpisodes(
  owner: string,
  simulator: BatchSimulator,
  count: number,
  horizon: number,
  act: (timestep: number, states: Tensor<Float32Array>) => Int32Array,
): Episodes {
  const { stateSize } = simulator;
  const lengths = new Int32Array(count);
  const ended = new Uint8Array(count);
  const first = copyOf(owner, 'reset', 'states', simulator.reset(count), count * stateSize);
  const played: Episodes = { count, states: [first], actions: [], rewards: [], lengths, steps: 0 };
  let open = count;
  for (let t = 0; t < horizon && open > 0; t++) {
    const actions = act(t, new Tensor(played.states[t] as Float32Array, [count, stateSize]));
    for (let i = 0; i < count; i++) if (ended[i] === 1) actions[i] = 0;
    const answer = simulator.step(actions);
    const rewards = copyOf(owner, 'step', 'rewards', answer.rewards, count);
    const terminated = answer.terminated;
    copyOf(owner, 'step', 'terminated', terminated as ArrayLike<number>, count);
    played.actions.push(actions);
    played.rewards.push(rewards);
    played.states.push(copyOf(owner, 'step', 'states', answer.states, count * stateSize));
    played.steps += open;
    for (let i = 0; i < count; i++) {
      if (ended[i] === 1) rewards[i] = 0;
      else {
        lengths[i] = t + 1;
        if (terminated[i]) {
          ended[i] = 1;
          open -= 1;
        }
      }
    }
  }
  return played;
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
