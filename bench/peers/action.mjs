// The one-step action network (55-256-256-256-6, Mish) in belfry and in onnxruntime-node, in turn,
// in one process, at four batch sizes. The JavaScript call is part of both.
//
//   npm run build && (cd bench && npm install --ignore-scripts) && node bench/peers/action.mjs [--threads 1]
import { parseArgs } from 'node:util';
import onnxProto from 'onnx-proto';
import ort from 'onnxruntime-node';
import { mlp } from '../../dist/flow.js';
import { setThreads, Tensor } from '../../dist/index.js';

const { onnx } = onnxProto;
const { values: options } = parseArgs({
  options: { threads: { type: 'string', default: '1' }, seconds: { type: 'string', default: '1' } },
});
const threads = Number(options.threads);
setThreads(threads);

// The workload's stateless generator.
const mix = (h) => {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};
const uniform = (seed, i) => mix((mix(i) + Math.imul(seed, 0x9e3779b9)) | 0) / 2 ** 32;

const widths = [55, 256, 256, 256, 6];
let offset = 0;
const layers = widths.slice(1).map((outputs, layer) => {
  const inputs = widths[layer];
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

// Gemm, then Mish as x * tanh(softplus(x)): the operators ONNX has had since opset 1.
function onnxModel() {
  const node = (opType, input, output, attribute = []) => ({
    opType,
    input,
    output: [output],
    attribute,
  });
  const tensor = (name, dims, data) => ({
    name,
    dims,
    dataType: 1,
    rawData: new Uint8Array(data.buffer),
  });
  const value = (name, size) => ({
    name,
    type: {
      tensorType: { elemType: 1, shape: { dim: [{ dimParam: 'batch' }, { dimValue: size }] } },
    },
  });
  const nodes = [];
  let h = 'x';
  layers.forEach((_, l) => {
    const last = l === layers.length - 1;
    nodes.push(
      node('Gemm', [h, `w${l}`, `b${l}`], last ? 'y' : `z${l}`, [
        { name: 'transB', type: 2, i: 1 },
      ]),
    );
    if (last) return;
    nodes.push(
      node('Softplus', [`z${l}`], `s${l}`),
      node('Tanh', [`s${l}`], `t${l}`),
      node('Mul', [`z${l}`, `t${l}`], `h${l}`),
    );
    h = `h${l}`;
  });
  const initializer = layers.flatMap(({ weight, bias, inputs, outputs }, l) => [
    tensor(`w${l}`, [outputs, inputs], weight),
    tensor(`b${l}`, [outputs], bias),
  ]);
  const graph = {
    name: 'action',
    node: nodes,
    initializer,
    input: [value('x', 55)],
    output: [value('y', 6)],
  };
  return onnx.ModelProto.encode(
    onnx.ModelProto.create({ irVersion: 8, opsetImport: [{ version: 13 }], graph }),
  ).finish();
}

const session = await ort.InferenceSession.create(onnxModel(), {
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
});
const weights = Object.fromEntries(
  layers.flatMap(({ weight, bias, inputs, outputs }, l) => [
    [`weight${l}`, new Tensor(weight, [outputs, inputs])],
    [`bias${l}`, new Tensor(bias, [outputs])],
  ]),
);
const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

console.log(`one-step action network, ${threads} thread(s); medians of paired samples`);
for (const batch of [1, 32, 256, 4096]) {
  const x = Float32Array.from({ length: batch * 55 }, (_, i) => 2 * uniform(71, i) - 1);
  const y = new Tensor(new Float32Array(batch * 6), [batch, 6]);
  const args = {
    ...weights,
    x: new Tensor(x, [batch, 55]),
    activations: ['mish', 'mish', 'mish', 'identity'],
    outputs: ['y'],
    out: { y },
  };
  const feeds = { x: new ort.Tensor('float32', x, [batch, 55]) };
  mlp(args);
  const { y: theirs } = await session.run(feeds);
  const gap = Math.max(...theirs.data.map((value, i) => Math.abs(value - y.data[i])));
  if (!(gap < 1e-4)) throw new Error(`results differ by ${gap}`);

  const repeats = Math.max(1, Math.round(2048 / batch / 16));
  const ours = [];
  const peers = [];
  const until = performance.now() + 1000 * Number(options.seconds);
  while (performance.now() < until || ours.length < 20) {
    let started = performance.now();
    for (let i = 0; i < repeats; i++) mlp(args);
    ours.push((performance.now() - started) / repeats);
    started = performance.now();
    for (let i = 0; i < repeats; i++) await session.run(feeds);
    peers.push((performance.now() - started) / repeats);
  }
  const ratio = median(ours.map((ms, i) => peers[i] / ms));
  console.log(
    `batch ${String(batch).padStart(4)}: belfry ${(1000 * median(ours)).toFixed(1)} µs, onnxruntime-node ${(1000 * median(peers)).toFixed(1)} µs, ratio ${ratio.toFixed(2)}`,
  );
}
