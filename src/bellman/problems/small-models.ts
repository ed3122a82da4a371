import { CsrBuilder, type MdpTables, requireInteger, requireProbability } from './csr-builder.js';

/** Per town and action: where the next fare leads, and what it pays on average. */
const TAXICAB: readonly (readonly { prob: readonly number[]; reward: number }[])[] = [
  [
    { prob: [0.5, 0.25, 0.25], reward: 8 },
    { prob: [0.0625, 0.75, 0.1875], reward: 2.75 },
    { prob: [0.25, 0.125, 0.625], reward: 4.25 },
  ],
  [
    { prob: [0.5, 0, 0.5], reward: 16 },
    { prob: [0.0625, 0.875, 0.0625], reward: 15 },
  ],
  [
    { prob: [0.25, 0.25, 0.5], reward: 7 },
    { prob: [0.125, 0.75, 0.125], reward: 4 },
    { prob: [0.75, 0.0625, 0.1875], reward: 4.5 },
  ],
];

/**
 * Howard's taxicab (Dynamic Programming and Markov Processes, 1960): three towns; cruise, wait at
 * the stand, or answer the radio, which the second town does not have.
 */
export function howardTaxicab(): MdpTables {
  const builder = new CsrBuilder(3, 3);
  for (const [town, actions] of TAXICAB.entries()) {
    for (let action = 0; action < 3; action++) {
      const row = actions[action];
      if (row === undefined) {
        builder.forbid(town, action);
        continue;
      }
      for (const [next, prob] of row.prob.entries()) {
        if (prob > 0) builder.add(town, action, next, prob);
      }
      builder.addReward(town, action, row.reward);
    }
  }
  return builder.build();
}

/**
 * The Knuth–Yao die: a fair die from a fair coin. States 0 … 6 toss, which costs 1; states 7 … 12
 * are the faces 1 … 6.
 */
export function knuthYao(): MdpTables {
  const tosses = [
    [1, 2],
    [3, 4],
    [5, 6],
    [1, 7],
    [8, 9],
    [10, 11],
    [2, 12],
  ] as const;
  const faces = [7, 8, 9, 10, 11, 12];
  const builder = new CsrBuilder(13, 1);
  for (const [state, nexts] of tosses.entries()) {
    for (const next of nexts) builder.add(state, 0, next, 0.5);
    builder.addReward(state, 0, 1);
  }
  for (const face of faces) builder.add(face, 0, face, 1);
  return { ...builder.build(), startStates: Int32Array.of(0), goal: Int32Array.from(faces) };
}

/**
 * The chain of Haddad and Monmege: states 0 … 2n, the centre n goes left with probability p, every
 * other state moves outwards or back to the centre. P(reach 0) from the centre is p exactly, but
 * sweeps come close only after about 2^n of them.
 */
export function haddadMonmege(n = 20, p = 0.7): MdpTables {
  requireInteger('haddadMonmege', 'n', n, 1, 2 ** 20);
  requireProbability('haddadMonmege', 'p', p);
  const builder = new CsrBuilder(2 * n + 1, 1);
  builder.add(0, 0, 0, 1);
  for (let s = 1; s < 2 * n; s++) {
    if (s === n) {
      if (p > 0) builder.add(s, 0, s - 1, p);
      if (p < 1) builder.add(s, 0, s + 1, 1 - p);
    } else if (s < n) {
      builder.add(s, 0, s - 1, 0.5);
      builder.add(s, 0, n, 0.5);
    } else {
      builder.add(s, 0, n, 0.5);
      builder.add(s, 0, s + 1, 0.5);
    }
  }
  builder.add(2 * n, 0, 2 * n, 1);
  return { ...builder.build(), startStates: Int32Array.of(n), goal: Int32Array.of(0) };
}
