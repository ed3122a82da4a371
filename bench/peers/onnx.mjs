// onnxruntime-node on the one-step action network, with the protocol of peers.py.
// Usage: onnx.mjs <threads>, after (cd bench && npm install --ignore-scripts).
import { createInterface } from 'node:readline';

const threads = Number(process.argv[2]);
const widths = [55, 256, 256, 256, 6];

// The workloads' generator: src/demo/generator.ts.
const mix = (h) => {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};
const uniform = (seed, i) => mix((mix(i) + Math.imul(seed, 0x9e3779b9)) | 0) / 2 ** 32;

function makeLayers() {
  let offset = 0;
  return widths.slice(1).map((outputs, layer) => {
    const inputs = widths[layer];
    const scale = Math.sqrt(6 / (inputs + outputs));
    const first = offset;
    const biasAt = first + inputs * outputs;
    offset = biasAt + outputs;
    const weight = (_, k) => (2 * uniform(70, first + k) - 1) * scale;
    const bias = (_, o) => 0.01 * (uniform(70, biasAt + o) - 0.5);
    return {
      inputs,
      outputs,
      weight: Float32Array.from({ length: inputs * outputs }, weight),
      bias: Float32Array.from({ length: outputs }, bias),
    };
  });
}

const node = (opType, input, output, attribute = []) => ({
  opType,
  input,
  output: [output],
  attribute,
});

// Gemm, then Mish as x * tanh(softplus(x)): operators every version of ONNX has.
function layerNodes(l, last) {
  const input = l === 0 ? 'x' : `h${l - 1}`;
  const transposed = [{ name: 'transB', type: 2, i: 1 }];
  const gemm = node('Gemm', [input, `w${l}`, `b${l}`], last ? 'y' : `z${l}`, transposed);
  if (last) return [gemm];
  return [
    gemm,
    node('Softplus', [`z${l}`], `s${l}`),
    node('Tanh', [`s${l}`], `t${l}`),
    node('Mul', [`z${l}`, `t${l}`], `h${l}`),
  ];
}

function encodeModel({ onnx }) {
  const layers = makeLayers();
  const tensor = (name, dims, { buffer }) => ({
    name,
    dims,
    dataType: 1,
    rawData: new Uint8Array(buffer),
  });
  const value = (name, size) => {
    const dim = [{ dimParam: 'batch' }, { dimValue: size }];
    return { name, type: { tensorType: { elemType: 1, shape: { dim } } } };
  };
  const graph = {
    name: 'action',
    node: layers.flatMap((_, l) => layerNodes(l, l === layers.length - 1)),
    initializer: layers.flatMap(({ weight, bias, inputs, outputs }, l) => [
      tensor(`w${l}`, [outputs, inputs], weight),
      tensor(`b${l}`, [outputs], bias),
    ]),
    input: [value('x', widths[0])],
    output: [value('y', widths.at(-1))],
  };
  const model = { irVersion: 8, opsetImport: [{ version: 13 }], graph };
  return onnx.ModelProto.encode(onnx.ModelProto.create(model)).finish();
}

async function prepare() {
  const { default: ort } = await import('onnxruntime-node');
  const { default: proto } = await import('onnx-proto');
  const session = await ort.InferenceSession.create(encodeModel(proto), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  });
  return { ort, session };
}

async function answer(request, state) {
  const result = {};
  const [batch] = request.sizes;
  if (state.batch !== batch || request.first) {
    state.runtime ??= await prepare();
    const { ort, session } = state.runtime;
    const x = Float32Array.from({ length: batch * 55 }, (_, i) => 2 * uniform(71, i) - 1);
    const feeds = { x: new ort.Tensor('float32', x, [batch, 55]) };
    state.batch = batch;
    state.run = () => session.run(feeds);
    const { y } = await state.run();
    Object.assign(result, { peer: 'onnxruntime-node', sample: [...y.data.slice(0, 6)] });
  }
  await state.run();
  const started = performance.now();
  for (let i = 0; i < request.repeat; i++) await state.run();
  return { ...result, seconds: (performance.now() - started) / 1000 / request.repeat };
}

const state = {};
for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(line), state).catch((error) => {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return { missing: 'onnxruntime-node' };
    throw error;
  });
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
