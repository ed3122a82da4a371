/**
 * tf32 through the public API, on the device that the plug-in of BELFRY_CUDA_PATH drives:
 *
 *   BELFRY_CUDA_PATH=build-test/test/native/belfry_cuda_emulated.so node --test \
 *     test/device/matmul-precision.test.mjs
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Engine, setMatmulPrecision } from 'belfry';
import { fqlTrainStep, mlp } from 'belfry/flow';

// Before the plug-in is opened, and nothing else is said before the first call.
setMatmulPrecision('tf32');
const engine = new Engine({ device: 'cuda' });

/** Repeatable numbers in [−1, 1). */
function numbers(dims, seed) {
  let state = seed;
  const data = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
  return { data, dims };
}

/** Layers of sizes that fill no tile, forwards, along a tangent and back. */
function network(rows) {
  return {
    x: numbers([rows, 55], 1),
    tangentX: numbers([rows, 55], 2),
    weight0: numbers([70, 55], 3),
    bias0: numbers([70], 4),
    weight1: numbers([6, 70], 5),
    bias1: numbers([6], 7),
    activations: ['tanh', 'identity'],
    gradY: numbers([rows, 6], 6),
  };
}

/** The float32 operands and the parameters of a golden case, under their names in TypeScript. */
function goldenStep() {
  const path = new URL('../golden/flow/fql_train_step.json', import.meta.url);
  const { inputs, params } = JSON.parse(readFileSync(path, 'utf8')).cases[0];
  const operand = ({ dtype, shape, data }) => ({
    data: dtype === 'uint8' ? Uint8Array.from(data) : Float32Array.from(data),
    dims: shape,
  });
  const named = Object.entries(inputs).map(([name, value]) => [name, operand(value)]);
  return Object.fromEntries(
    [...named, ...Object.entries(params)].map(([name, value]) => [
      name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase()),
      value,
    ]),
  );
}

/** All numbers of a result, those of lists too, in order. */
function flat(value) {
  if (typeof value === 'number') return [value];
  if (ArrayBuffer.isView(value)) return Array.from(value);
  if (Array.isArray(value)) return value.flatMap(flat);
  if (value?.data !== undefined) return Array.from(value.data);
  return Object.values(value ?? {}).flatMap(flat);
}

function run(op, args, precision) {
  setMatmulPrecision(precision);
  return flat(op({ ...args, engine }));
}

const largest = (values) => values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
const apart = (left, right) => {
  assert.equal(left.length, right.length);
  return largest(left.map((x, i) => x - right[i]));
};

const calls = [
  ['mlp, many rows', mlp, network(300), 2e-3],
  ['mlp, one row', mlp, network(1), 2e-3],
  ['a training step of FQL', fqlTrainStep, goldenStep(), 2e-2],
];

test('a choice made before the plug-in was opened counts', () => {
  const first = flat(mlp({ ...network(3), engine }));
  assert.deepEqual(run(mlp, network(3), 'tf32'), first);
  assert.notDeepEqual(run(mlp, network(3), 'float32'), first);
});

for (const [name, op, args, tolerance] of calls) {
  test(`${name}: tf32 is close to the CPU and not float32; float32 keeps its bits`, () => {
    const onCpu = flat(op(args));
    const rounded = run(op, args, 'tf32');
    const plain = run(op, args, 'float32');
    const scale = largest(onCpu);
    assert.ok(scale > 0);
    assert.ok(apart(plain, onCpu) < 1e-5 * scale, `float32: ${apart(plain, onCpu)} of ${scale}`);
    assert.ok(apart(rounded, onCpu) < tolerance * scale, `tf32: ${apart(rounded, onCpu)}`);
    assert.ok(apart(rounded, plain) > 1e-5 * scale, 'tf32 gave what float32 gives');
    assert.deepEqual(run(op, args, 'tf32'), rounded);
    assert.deepEqual(run(op, args, 'float32'), plain);
  });
}

test('float64 is not rounded', () => {
  const wide = Object.entries(network(40)).map(([name, value]) =>
    value.data ? [name, { ...value, data: Float64Array.from(value.data) }] : [name, value],
  );
  const args = Object.fromEntries(wide);
  assert.deepEqual(run(mlp, args, 'tf32'), run(mlp, args, 'float32'));
});
