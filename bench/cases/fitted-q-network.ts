/** W2n: one training step of a Q-network, 17-256-256-1, on batches of 256. */
import { uniform, uniformArray } from '../../src/demo/generator.js';
import { neuralFqiMlp, neuralFqiStep } from '../../src/generated/fitted-q.js';
import { native } from '../../src/native.js';
import { Tensor } from '../../src/tensor.js';
import type { PeerCase, Workload } from '../harness.js';
import { near } from './checks.js';

const widths = [17, 256, 256, 1];
const batch = 256;
const numBatches = 64;

type Arrays = Record<string, Tensor<Float32Array>>;

/** Weights of the workload's network: one running offset through the generator. */
function startingWeights(): { weights: Arrays; state: Arrays; parameters: number } {
  const weights: Arrays = {};
  const state: Arrays = {};
  let offset = 0;
  widths.slice(1).forEach((outputs, i) => {
    const inputs = widths[i] as number;
    const scale = Math.sqrt(6 / (inputs + outputs));
    const random = (k: number): number => uniform(60, offset + k);
    const w = Float32Array.from(
      { length: inputs * outputs },
      (_, k) => (2 * random(k) - 1) * scale,
    );
    offset += w.length;
    const b = Float32Array.from({ length: outputs }, (_, k) => 0.01 * (random(k) - 0.5));
    offset += outputs;
    weights[`w${i}`] = new Tensor(w, [outputs, inputs]);
    weights[`b${i}`] = new Tensor(b, [outputs]);
    for (const order of ['first', 'second']) {
      state[`${order}W${i}`] = new Tensor(new Float32Array(w.length), [outputs, inputs]);
      state[`${order}B${i}`] = new Tensor(new Float32Array(outputs), [outputs]);
    }
  });
  return { weights, state, parameters: offset };
}

/** The arrays themselves, as the places of their new values. */
function inPlace(arrays: Arrays): Arrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [
      `new${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      array,
    ]),
  );
}

const networkWorkload: Workload = () => {
  const x = uniformArray(61, numBatches * batch * 17, -1, 1);
  const y = uniformArray(62, numBatches * batch);
  const { weights, state, parameters } = startingWeights();
  const actions = new Int32Array(batch);
  const calls = Array.from({ length: numBatches }, (_, i) => ({
    x: new Tensor(x.subarray(i * batch * 17, (i + 1) * batch * 17), [batch, 17]),
    actions,
    target: y.subarray(i * batch, (i + 1) * batch),
    ...weights,
    ...state,
    out: { ...inPlace(weights), ...inPlace(state) },
  }));
  type Step = Parameters<typeof neuralFqiStep<Float32Array>>[0];
  let step = 0;
  const fresh = startingWeights().weights;
  const first = { x: calls[0]?.x, actions, target: calls[0]?.target, ...fresh };
  const squaredError =
    2 * neuralFqiMlp(first as unknown as Parameters<typeof neuralFqiMlp<Float32Array>>[0]).loss;
  const peer = (programs: PeerCase['programs'], sizes: number[]): PeerCase => ({
    programs,
    workload: 'network_step',
    sizes,
    sample: () => [squaredError],
    tolerance: 1e-4,
  });
  return [
    {
      family: 'fitted-q',
      op: 'neural_fqi_step',
      name: `B=${batch} ${widths.join('-')} relu, adam`,
      bytes: 28 * parameters,
      flops: 6 * batch * (17 * 256 + 256 * 256 + 256),
      run: () => {
        const call = calls[step++ % numBatches];
        return neuralFqiStep({ ...call, step, lr: 1e-3 } as unknown as Step);
      },
      check: () => near(squaredError, 0.5533, 0.3, 'error before the first step'),
      peers: [
        ...[...new Set([1, native().facts().threads])].map((threads) =>
          peer(['python'], [threads]),
        ),
        peer(['tfjs'], []),
      ],
    },
  ];
};

export const networkWorkloads: readonly Workload[] = [networkWorkload];
