/** The fitted-q family's fixed workloads. */
import { uniformArray } from '../../src/demo/generator.js';
import { linearFqiLoop } from '../../src/demo/linear-fqi-loop.js';
import { linearFqi } from '../../src/generated/fitted-q.js';
import type { Workload } from '../harness.js';
import { sameArrays } from './checks.js';
import { networkWorkloads } from './fitted-q-network.js';
import { treeWorkloads } from './fitted-q-trees.js';

/** Linear fitted Q with random features: a Gram matrix, then ten passes over the next states. */
const linearWorkload: Workload = () => {
  const [count, width, numActions, numIterations] = [50_000, 64, 4, 10] as const;
  const reals = (seed: number, length: number, low: number): Float64Array =>
    Float64Array.from(uniformArray(seed, length, low, 1));
  const phi = reals(23, count * width, -1);
  const nextPhi = reals(24, count * numActions * width, -1);
  const rewards = reals(25, count, 0);
  const terminated = new Uint8Array(count);
  const settings = { gamma: 0.9, ridge: 1e-3, numIterations };
  const w = new Float64Array(width);
  const args = {
    phi: { data: phi, shape: [count, width] },
    nextPhi: { data: nextPhi, shape: [count, numActions, width] },
    rewards,
    terminated,
    ...settings,
    outputs: ['w'] as const,
    out: { w },
  };
  const features = { phi, nextPhi, numFeatures: width, numActions };
  const loop = (): Float64Array =>
    linearFqiLoop({ ...features, rewards, terminated, ...settings }).weights;
  const passes = 1 + 2 * numIterations;
  return [
    {
      family: 'fitted-q',
      op: 'linear_fqi',
      name: `N=${count} k=${width} A=${numActions}, ${numIterations} iterations, float64`,
      bytes: 8 * count * width * (passes + numActions * numIterations),
      flops: count * width * (width + numIterations * (2 * numActions + 4)),
      dtype: 'float64',
      readsOnly: true,
      run: () => linearFqi(args),
      reference: { name: 'TypeScript loop', run: loop },
      check: () => {
        linearFqi(args);
        sameArrays(w, loop(), 1e-9, 'weights');
      },
      peers: {
        programs: ['python'],
        workload: 'linear_fqi',
        sizes: [count, width, numActions, numIterations],
        sample: () => w,
        tolerance: 1e-9,
      },
    },
  ];
};

export const fittedQWorkloads: readonly Workload[] = [
  linearWorkload,
  ...treeWorkloads,
  ...networkWorkloads,
];
