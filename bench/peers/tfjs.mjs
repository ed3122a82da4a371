// TensorFlow.js on its WebAssembly backend, training the Q-network, with the protocol of peers.py.
// Usage: tfjs.mjs, after (cd bench && npm install --ignore-scripts). In Node it has one thread.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

import { makeLayers, uniformArray } from './networks.mjs';
import { serve } from './serve.mjs';

const widths = [17, 256, 256, 1];
const batch = 256;
const numBatches = 64;
const backend = '@tensorflow/tfjs-backend-wasm';

async function load() {
  const tf = await import('@tensorflow/tfjs');
  const { setWasmPaths } = await import(backend);
  setWasmPaths(`${dirname(createRequire(import.meta.url).resolve(backend))}/`);
  await tf.setBackend('wasm');
  return tf;
}

await serve(backend, async () => {
  const tf = await load();
  const layers = makeLayers(widths, 60).map(({ inputs, outputs, weight, bias }) => ({
    weight: tf.variable(tf.tensor2d(weight, [outputs, inputs])),
    bias: tf.variable(tf.tensor1d(bias)),
  }));
  const batches = (seed, width, low, high) =>
    tf
      .tensor3d(uniformArray(seed, numBatches * batch * width, low, high), [
        numBatches,
        batch,
        width,
      ])
      .unstack();
  const x = batches(61, widths[0], -1, 1);
  const y = batches(62, 1, 0, 1);
  const value = (input) =>
    layers.reduce((hidden, { weight, bias }, l) => {
      const out = hidden.matMul(weight, false, true).add(bias);
      return l === layers.length - 1 ? out : out.relu();
    }, input);
  const loss = (i) => value(x[i]).sub(y[i]).square().mean();
  const [error] = tf.tidy(() => loss(0)).dataSync();
  const adam = tf.train.adam(1e-3);
  let step = 0;
  const run = () => {
    const i = step++ % numBatches;
    tf.tidy(() => adam.minimize(() => loss(i), true).dataSync());
  };
  return { peer: 'tfjs wasm, 1 thread', run, sample: [error] };
});
