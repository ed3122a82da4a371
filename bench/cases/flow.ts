/** The flow family's fixed workloads. */
import { uniform, uniformArray } from '../../src/demo/generator.js';
import { mlp } from '../../src/generated/flow.js';
import { Tensor } from '../../src/tensor.js';
import type { BenchCase, Workload } from '../harness.js';
import * as loops from '../reference/loops.js';
import { near, sameArrays } from './checks.js';
import { flowTrainingWorkloads } from './flow-training.js';

const widths = [55, 256, 256, 256, 6];

/** Weights of the workload's network: one running offset through the generator. */
function actionNetwork(): loops.LoopLayer[] {
  let offset = 0;
  return widths.slice(1).map((outputs, i) => {
    const inputs = widths[i] as number;
    const scale = Math.sqrt(6 / (inputs + outputs));
    const weight = Float32Array.from(
      { length: inputs * outputs },
      (_, k) => (2 * uniform(70, offset + k) - 1) * scale,
    );
    offset += inputs * outputs;
    const bias = Float32Array.from(
      { length: outputs },
      (_, o) => 0.01 * (uniform(70, offset + o) - 0.5),
    );
    offset += outputs;
    return { weight, bias, inputs, outputs };
  });
}

/** W4: the one-step action network at several batch sizes. */
const actionWorkload: Workload = () => {
  const layers = actionNetwork();
  const weights = Object.fromEntries(
    layers.flatMap(({ weight, bias, inputs, outputs }, i) => [
      [`weight${i}`, new Tensor(weight, [outputs, inputs])],
      [`bias${i}`, new Tensor(bias, [outputs])],
    ]),
  );
  const flops = 2 * layers.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
  return [1, 32, 256, 4096].map((batch): BenchCase => {
    const x = uniformArray(71, batch * 55, -1, 1);
    const y = new Tensor(new Float32Array(batch * 6), [batch, 6]);
    const args = {
      ...weights,
      x: new Tensor(x, [batch, 55]),
      activations: ['mish', 'mish', 'mish', 'identity'],
      outputs: ['y'],
      out: { y },
    } as unknown as Parameters<typeof mlp<Float32Array>>[0];
    const bench: BenchCase = {
      family: 'flow',
      op: 'mlp',
      name: `B=${batch} 55-256-256-256-6 mish`,
      bytes: 4 * (flops / 2 + batch * 61),
      flops: flops * batch,
      run: () => mlp(args),
      check: () => {
        mlp(args);
        near(y.data[0] as number, 0.1231433, 1e-5, 'the workload itself');
        if (batch <= 32) sameArrays(y.data, loops.mlpLoop(layers, x, batch), 1e-4, 'y');
      },
    };
    bench.peers = {
      programs: ['python', 'onnx'],
      workload: 'action',
      sizes: [batch],
      sample: () => y.data,
      tolerance: 1e-5,
    };
    if (batch <= 256)
      bench.reference = { name: 'TypeScript loop', run: () => loops.mlpLoop(layers, x, batch) };
    return bench;
  });
};

export const flowWorkloads: readonly Workload[] = [actionWorkload, ...flowTrainingWorkloads];
