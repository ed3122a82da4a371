/**
 * Sweeps of many grids, together and one by one, at the level and with the threads that the
 * environment names. Prints for each what of them differs, and a digest of all outputs.
 */
import { createHash } from 'node:crypto';

import { bellman } from '../../../dist/index.js';

const sizes = [
  [1, 1],
  [1, 40],
  [40, 1],
  [2, 9],
  [7, 18],
  [33, 70],
  [5, 1100],
  [500, 300],
  [150, 2100], // several tiles, of either type
];
const maps = [
  { name: 'open', terminals: 0 },
  { name: 'a terminal cell, costs', terminals: 1, mode: 'min', moveReward: 1 },
  { name: 'few walls', terminals: 1, walls: 0.002, moveReward: -0 },
  { name: 'walls', terminals: 5, walls: 0.3, gamma: 1 },
  { name: 'rewards of cells', terminals: 2, walls: 0.1, rewards: true, gamma: 0 },
  { name: 'eight moves', terminals: 2, walls: 0.2, moves: 'eight', rewards: true },
  { name: 'NaN and infinities', terminals: 1, wild: true },
  { name: 'NaN and infinities, costs', terminals: 1, wild: true, mode: 'min', walls: 0.01 },
];
const counts = [2, 7, 8, 9, 17, 50];

function randomSource(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function drawnValue(random, wild) {
  if (wild && random() < 0.01)
    return [Number.NaN, Infinity, -Infinity, -0][Math.floor(4 * random())];
  return 4 * random() - 2;
}

function argumentsOf(Real, [height, width], map, seed) {
  const random = randomSource(seed);
  const shape = [height, width];
  const cells = height * width;
  const flags = (chance) => ({
    data: Uint8Array.from({ length: cells }, () => (random() < chance ? 1 : 0)),
    shape,
  });
  const reals = (make) => ({ data: Real.from({ length: cells }, make), shape });
  return {
    values: reals(() => drawnValue(random, map.wild)),
    terminal: flags(map.terminals / cells),
    ...(map.walls ? { blocked: flags(map.walls) } : {}),
    ...(map.rewards ? { cellRewards: reals(() => -random()) } : {}),
    gamma: map.gamma ?? 0.9,
    moveReward: map.moveReward ?? -1,
    mode: map.mode ?? 'max',
    moves: map.moves ?? 'four',
  };
}

/** Each output as its bits; of NaN there is one. */
function bitsOf({ values, policy, residualInf }) {
  const bits = (numbers) => {
    const same = Float64Array.from(numbers);
    for (let i = 0; i < same.length; i++) if (Number.isNaN(same[i])) same[i] = Number.NaN;
    return Buffer.from(same.buffer);
  };
  return {
    ...(values ? { values: bits(values.data) } : {}),
    ...(policy ? { policy: bits(policy.data) } : {}),
    ...(residualInf === undefined ? {} : { residualInf: bits([residualInf]) }),
  };
}

function differing(got, want) {
  return Object.keys(got).filter((name) => !got[name].equals(want[name]));
}

function digestOf(outputs) {
  const hash = createHash('sha256');
  for (const bits of Object.values(outputs)) hash.update(bits);
  return hash.digest('hex');
}

function compare(Real, size, map, sweeps, seed) {
  const args = argumentsOf(Real, size, map, seed);
  const together = bitsOf(bellman.bellmanBackupGrid({ ...args, sweeps }));
  let values = args.values;
  for (let i = 1; i < sweeps; i++) {
    values = bellman.bellmanBackupGrid({ ...args, values, outputs: ['values'] }).values;
  }
  const single = bitsOf(bellman.bellmanBackupGrid({ ...args, values }));
  // What is not wanted leaves another way open to the rest.
  const alone = bitsOf(bellman.bellmanBackupGrid({ ...args, sweeps, outputs: ['values'] }));
  const change = bitsOf(bellman.bellmanBackupGrid({ ...args, sweeps, outputs: ['residualInf'] }));
  return {
    name: `${Real.name} ${size.join('x')}, ${map.name}, ${sweeps} sweeps`,
    differs: [...differing(together, single), ...differing({ ...alone, ...change }, together)],
    digest: digestOf(together),
  };
}

const results = [];
for (const Real of [Float64Array, Float32Array]) {
  for (const size of sizes) {
    for (const map of maps) {
      const seed = results.length;
      // Of the large ones not every count with every map.
      const some = size[0] * size[1] > 1e5 ? [counts[seed % 4]] : [counts[seed % 5], 50];
      for (const sweeps of some) results.push(compare(Real, size, map, sweeps, seed));
    }
  }
}
console.log(JSON.stringify(results));
