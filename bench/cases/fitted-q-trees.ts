/**
 * W2t: a forest on the transitions of a random walk, fitted and asked for every next action, and
 * for one state as a policy at play asks.
 */
import { hash, uniform } from '../../src/demo/generator.js';
import { ExtraTreesForest, type ForestArrays } from '../../src/fitted-q/extra-trees-forest.js';
import { extraTrees, extraTreesPredict } from '../../src/generated/fitted-q.js';
import { Tensor } from '../../src/tensor.js';
import type { BenchCase, Workload } from '../harness.js';

const numTransitions = 100_000;
const numActions = 4;
const numTrees = 50;
const minRows = 5;
const numPlayed = 1000;

interface Walk {
  /** [N, d + 1] states and action. */
  x: Tensor<Float32Array>;
  /** [N] rewards. */
  y: Float32Array;
  /** [4N, d + 1] every next state with every action. */
  queries: Tensor<Float32Array>;
}

function randomWalk(d: number): Walk {
  const width = d + 1;
  const x = new Float32Array(numTransitions * width);
  const queries = new Float32Array(numTransitions * numActions * width);
  const y = new Float32Array(numTransitions);
  for (let i = 0; i < numTransitions; i++) {
    const action = hash(21, i) % numActions;
    let distance = 0;
    for (let j = 0; j < d; j++) {
      const s = uniform(20, i * d + j);
      const move = 0.1 * (((action + j) % 4) - 1.5) + 0.05 * (uniform(22, i * d + j) - 0.5);
      const next = Math.min(1, Math.max(0, s + move));
      distance += Math.abs(next - 0.5) / d;
      x[i * width + j] = s;
      for (let a = 0; a < numActions; a++) queries[(i * numActions + a) * width + j] = next;
    }
    x[i * width + d] = action;
    for (let a = 0; a < numActions; a++) queries[(i * numActions + a) * width + d] = a;
    y[i] = 1 - distance;
  }
  return {
    x: new Tensor(x, [numTransitions, width]),
    y,
    queries: new Tensor(queries, [numTransitions * numActions, width]),
  };
}

const mean = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** One state a call, another each time, through a forest that is packed once; and not. */
function oneState(forest: ForestArrays<Float32Array>, { x }: Walk, d: number) {
  const width = d + 1;
  const packed = ExtraTreesForest.pack(forest, width);
  const rows = Array.from({ length: numPlayed }, (_, i) =>
    x.data.subarray(i * width, (i + 1) * width),
  );
  const out = new Float32Array(1);
  let at = 0;
  const next = (): Float32Array => rows[at++ % numPlayed] as Float32Array;
  const asArrays = (): unknown => {
    const xQuery = new Tensor(next(), [1, width]);
    return extraTreesPredict({ ...forest, xQuery, out: { prediction: out } });
  };
  return {
    packed: () => packed.predict(next(), out),
    asArrays,
    sample: () => [mean(packed.predict(x.data.slice(0, numPlayed * width)))],
  };
}

const treesWorkload =
  (d: number): Workload =>
  () => {
    const { x, y, queries } = randomWalk(d);
    const settings = { numTrees, nMin: minRows, seed: 1 };
    const grow = () =>
      extraTrees({
        x,
        y,
        ...settings,
        outputs: ['feature', 'threshold', 'right', 'value', 'treeOffsets'],
      });
    const { feature, threshold, right, value, treeOffsets } = grow();
    const forest = { feature, threshold, right, value, treeOffsets };
    const prediction = new Float32Array(numTransitions * numActions);
    const predict = () => extraTreesPredict({ ...forest, xQuery: queries, out: { prediction } });
    const few = new Tensor(x.data.subarray(0, numPlayed * (d + 1)), [numPlayed, d + 1]);
    const played = oneState(forest, { x, y, queries }, d);
    const common = { family: 'fitted-q', bytes: 0, flops: 0 };
    const name = `N=${numTransitions} d=${d} A=${numActions}, ${numTrees} trees`;
    const cases: BenchCase[] = [
      {
        ...common,
        op: 'extra_trees',
        name: `${name}, fit`,
        run: grow,
        peers: {
          programs: ['python'],
          workload: 'trees_fit',
          sizes: [d],
          sample: () => [mean(extraTreesPredict({ ...forest, xQuery: few }).prediction.data)],
          tolerance: 2e-3,
        },
      },
      {
        ...common,
        op: 'extra_trees_predict',
        name: `${name}, predict`,
        run: predict,
        peers: {
          programs: ['python'],
          workload: 'trees_predict',
          sizes: [d],
          sample: () => [mean(predict().prediction.data)],
          tolerance: 2e-3,
        },
      },
      {
        ...common,
        op: 'extra_trees_predict',
        name: `${name}, one state`,
        run: played.packed,
        peers: {
          programs: ['python'],
          workload: 'trees_state',
          sizes: [d],
          sample: played.sample,
          tolerance: 2e-3,
        },
      },
      {
        ...common,
        op: 'extra_trees_predict',
        name: `${name}, one state, the forest packed in the call`,
        run: played.asArrays,
      },
    ];
    return cases;
  };

export const treeWorkloads: readonly Workload[] = [treesWorkload(4), treesWorkload(20)];
