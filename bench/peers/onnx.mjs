// onnxruntime-node on the one-step action network, with the protocol of peers.py.
// Usage: onnx.mjs <threads>, after (cd bench && npm install --ignore-scripts).
import { makeLayers, uniformArray } from './networks.mjs';
import { serve } from './serve.mjs';

const threads = Number(process.argv[2]);
const widths = [55, 256, 256, 256, 6];

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
  const layers = makeLayers(widths, 70);
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

const load = async () => {
  const { default: ort } = await import('onnxruntime-node');
  const { default: proto } = await import('onnx-proto');
  const session = await ort.InferenceSession.create(encodeModel(proto), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  });
  return { ort, session };
};

let loaded;

await serve('onnxruntime-node', async ([batch]) => {
  loaded ??= await load();
  const { ort, session } = loaded;
  const x = new ort.Tensor('float32', uniformArray(71, batch * 55, -1, 1), [batch, 55]);
  const run = () => session.run({ x });
  const { y } = await run();
  return { peer: 'onnxruntime-node', run, sample: [...y.data.slice(0, 6)] };
});
