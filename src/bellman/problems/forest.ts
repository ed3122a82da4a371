import { CsrBuilder, type MdpTables, requireInteger, requireProbability } from './csr-builder.js';

export interface ForestOptions {
  /** Number of age classes. Default 3. */
  numStates?: number;
  /** Reward for waiting in the oldest class. Default 4. */
  waitReward?: number;
  /** Reward for cutting in the oldest class. Default 2. */
  cutReward?: number;
  /** Probability of a fire in a year. Default 0.1. */
  fireProbability?: number;
}

/**
 * Forest management (pymdptoolbox `forest`): wait and grow a year older unless a fire burns the
 * stand down, or cut and start anew. Action 0 wait, 1 cut.
 */
export function forest(options: ForestOptions = {}): MdpTables {
  const { numStates = 3, waitReward = 4, cutReward = 2, fireProbability = 0.1 } = options;
  requireInteger('forest', 'numStates', numStates, 2);
  requireProbability('forest', 'fireProbability', fireProbability);
  const oldest = numStates - 1;
  const builder = new CsrBuilder(numStates, 2);
  for (let age = 0; age < numStates; age++) {
    if (fireProbability > 0) builder.add(age, 0, 0, fireProbability);
    if (fireProbability < 1) builder.add(age, 0, Math.min(age + 1, oldest), 1 - fireProbability);
    builder.add(age, 1, 0, 1);
    if (age === oldest) builder.addReward(age, 0, waitReward);
    if (age > 0) builder.addReward(age, 1, age === oldest ? cutReward : 1);
  }
  return builder.build();
}

/**
 * Puterman's two-state model (Markov Decision Processes, section 3.1). State 0 has actions 0 (stay
 * or leave with probability 1/2, reward 5) and 1 (leave, reward 10); state 1 has one, reward -1.
 */
export function putermanTwoState(): MdpTables {
  const builder = new CsrBuilder(2, 2);
  builder.add(0, 0, 0, 0.5);
  builder.add(0, 0, 1, 0.5);
  builder.addReward(0, 0, 5);
  builder.add(0, 1, 1, 1);
  builder.addReward(0, 1, 10);
  builder.add(1, 0, 1, 1);
  builder.addReward(1, 0, -1);
  builder.add(1, 1, 1, 1);
  builder.forbid(1, 1);
  return builder.build();
}

/**
 * RiverSwim (Strehl and Littman 2008): swimming right is against the current. Action 0 left, always
 * succeeds; 1 right. Reward 0.005 for left in the first state, 1 for right in the last.
 */
export function riverSwim(numStates = 6): MdpTables {
  requireInteger('riverSwim', 'numStates', numStates, 2);
  const last = numStates - 1;
  const builder = new CsrBuilder(numStates, 2);
  for (let s = 0; s < numStates; s++) {
    builder.add(s, 0, Math.max(s - 1, 0), 1);
    if (s === 0) {
      builder.add(s, 1, 0, 0.4);
      builder.add(s, 1, 1, 0.6);
    } else if (s === last) {
      builder.add(s, 1, s - 1, 0.4);
      builder.add(s, 1, s, 0.6);
    } else {
      builder.add(s, 1, s - 1, 0.05);
      builder.add(s, 1, s, 0.6);
      builder.add(s, 1, s + 1, 0.35);
    }
  }
  builder.addReward(0, 0, 0.005);
  builder.addReward(last, 1, 1);
  return { ...builder.build(), startStates: Int32Array.of(0) };
}
