/** Files of the learners of fitted-q: to the same bits and back, and what is refused. */
import { Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import {
  CategoricalRegressor,
  LinearFqi,
  Lspi,
  Lstd,
  NeuralFittedQ,
  NeuralRegressor,
} from '../../src/fitted-q/index.js';
import { readSafetensors, type WriteTensor, writeSafetensors } from '../../src/safetensors.js';
import { chain, discount, numStates } from './lib/chain.js';
import { expectError } from './lib/expect.js';

/** A file by the published layout: header length, JSON, float32 numbers one behind the other. */
function plainFile(tensors: Record<string, [shape: number[], values: number[]]>): Uint8Array {
  let end = 0;
  const header = Object.entries(tensors).map(([name, [shape, values]]) => {
    const begin = end;
    end += 4 * values.length;
    return `"${name}":{"dtype":"F32","shape":[${shape}],"data_offsets":[${begin},${end}]}`;
  });
  const text = new TextEncoder().encode(`{${header.join(',')}}`);
  const bytes = new Uint8Array(8 + text.length + end);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  const numbers = Object.values(tensors).flatMap(([, values]) => values);
  numbers.forEach((x, i) => view.setFloat32(8 + text.length + 4 * i, x, true));
  return bytes;
}

/** The same file with other metadata and tensors; undefined takes one away. */
function changed(
  bytes: Uint8Array,
  metadata: object,
  tensors: Record<string, WriteTensor | undefined> = {},
): Uint8Array {
  const file = readSafetensors(bytes);
  const kept = Object.entries({ ...file.tensors, ...tensors }).filter(([, t]) => t !== undefined);
  const named = Object.entries({ ...file.metadata, ...metadata }).filter(
    ([, v]) => v !== undefined,
  );
  return writeSafetensors(Object.fromEntries(kept) as never, Object.fromEntries(named));
}

const random = (length: number, seed: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => Math.sin(seed + 12.9 * i));

const given = {
  phi: new Tensor(random(40, 1), [20, 2]),
  nextPhi: new Tensor(random(80, 2), [20, 2, 2]),
  rewards: random(20, 3),
  terminated: new Uint8Array(20).fill(1, 15),
};
const questions = new Tensor(random(12, 4), [3, 2, 2]);
const states = (): Tensor<Float32Array> => chain().states as Tensor<Float32Array>;

describe('linear weights', () => {
  test.each([
    ['Lspi', Lspi],
    ['LinearFqi', LinearFqi],
  ] as const)('%s comes back to the same bits', async (name, Class) => {
    const learner = new Class({ discount: 0.5, ridge: 0.25 });
    expect(() => learner.toSafetensors()).toThrow(/has not been fitted/);
    await learner.fit(given);
    const bytes = learner.toSafetensors();
    const { tensors, metadata } = readSafetensors(bytes);
    expect(Object.keys(tensors)).toEqual(['weight']);
    expect(tensors['weight']).toMatchObject({ dtype: 'F64', shape: [1, 2] });
    expect(metadata['learner']).toBe(name);
    const again = Class.fromSafetensors(bytes);
    expect(again.options).toEqual(learner.options);
    expect(again.weights).toEqual(learner.weights);
    expect(again.predict(questions)).toEqual(learner.predict(questions));
    expect(again.toSafetensors()).toEqual(bytes);
    expect(Class.fromSafetensors(bytes, { ridge: 0.5 }).options.ridge).toBe(0.5);
  });

  test('float32 stays float32, and a file of a bare layer is read', () => {
    const bytes = plainFile({
      weight: [
        [1, 2],
        [2, -1],
      ],
    });
    const lspi = Lspi.fromSafetensors<Float32Array>(bytes, { discount: 0.9 });
    const phi = new Tensor(Float32Array.of(1, 0, 0, 1), [1, 2, 2]);
    expect(lspi.predict(phi).qValues.data).toEqual(Float32Array.of(2, -1));
    expectError(() => Lspi.fromSafetensors(bytes), 'BELFRY_INVALID_ARGUMENT', /discount is undef/);
    const lstd = Lstd.fromSafetensors(bytes, { discount: 0.9 });
    expect([...lstd.values(Float32Array.of(3, 4)).data]).toEqual([5, 7]);
    const own = { discount, features: (x: Tensor<Float32Array>) => x };
    const values = Lstd.fromSafetensors(bytes, own).values(
      new Tensor(Float32Array.of(3, 4), [1, 2]),
    );
    expect([...values.data]).toEqual([2]);
  });

  test.each([
    ['values', { method: 'lstd_lambda', lambda: 0.5 }],
    ['Q-values', { method: 'lstdq', policy: (x: Tensor) => new Int32Array(x.shape[0] ?? 0) }],
  ] as const)('Lstd of states comes back: %s', async (_, more) => {
    const lstd = new Lstd({ discount: 0.75, ...more });
    expect(() => lstd.toSafetensors()).toThrow(/has not been fitted/);
    await lstd.fit(chain());
    const again = Lstd.fromSafetensors(lstd.toSafetensors());
    const ask = (of: Lstd) =>
      more.method === 'lstdq' ? of.qValues(states()) : of.values(states().data);
    expect(ask(again)).toEqual(ask(lstd));
    expect(again.weights).toEqual(lstd.weights);
    expect({ ...again.options, policy: 0 }).toEqual({ ...lstd.options, policy: 0 });
    expect(again.toSafetensors()).toEqual(lstd.toSafetensors());
  });

  test('Lstd of pairs comes back, and asks for its own features', async () => {
    const pairs = new Lstd({ discount, method: 'lstdq' });
    await pairs.fit({ ...given, nextPolicy: new Int32Array(20) });
    const again = Lstd.fromSafetensors(pairs.toSafetensors());
    expect(again.qValues(questions)).toEqual(pairs.qValues(questions));
    const features = (x: Tensor<Float32Array>): Tensor<Float32Array> => x;
    const own = new Lstd({ discount, features });
    await own.fit(chain());
    const bytes = own.toSafetensors();
    expectError(() => Lstd.fromSafetensors(bytes), 'BELFRY_MISSING_OPERAND', /features is missing/);
    expect(Lstd.fromSafetensors(bytes, { features }).values(states())).toEqual(
      own.values(states()),
    );
  });

  test('bad files are refused by name', async () => {
    const learner = new Lspi({ discount });
    await learner.fit(given);
    const bytes = learner.toSafetensors();
    const matrix = (rows: number, data: Float64Array) => ({
      data,
      shape: [rows, data.length / rows],
    });
    for (const [file, message] of [
      [bytes.subarray(0, 4), /Lspi: the size is 4 bytes/],
      [bytes.subarray(0, bytes.length - 8), /Lspi: tensor "weight": data_offsets/],
      [changed(bytes, { learner: 'Lstd' }), /Lspi: learner is "Lstd", expected a file of Lspi/],
      [changed(bytes, { options: '[1]' }), /options cannot be read/],
      [changed(bytes, { options: '{"discount":2}' }), /options cannot be read .*discount is 2/],
      [changed(bytes, {}, { weight: undefined }), /weight is missing/],
      [changed(bytes, {}, { bias: matrix(1, random(1, 1)) }), /bias is in the file/],
      [
        changed(bytes, {}, { weight: matrix(2, random(4, 1)) }),
        /weight has shape \[2,2\], expected/,
      ],
      [changed(bytes, {}, { weight: { data: random(2, 1), shape: [2] } }), /weight has rank 1/],
      [
        changed(bytes, {}, { weight: matrix(1, Float64Array.of(NaN)) }),
        /weight holds NaN in row 0/,
      ],
    ] as const) {
      expectError(() => Lspi.fromSafetensors(file), 'BELFRY_BAD_FILE', message);
    }
    const wrong = () => Lspi.fromSafetensors(bytes, { ridge: -1 });
    expectError(wrong, 'BELFRY_INVALID_ARGUMENT', /Lspi: ridge is -1/);
    const none = () => Lspi.fromSafetensors(bytes, null as never);
    expectError(none, 'BELFRY_INVALID_ARGUMENT', /Lspi: options is null/);
    expectError(() => LinearFqi.fromSafetensors(bytes), 'BELFRY_BAD_FILE', /a file of LinearFqi/);
    const lstd = new Lstd({ discount });
    await lstd.fit(chain());
    const own = lstd.toSafetensors();
    for (const [file, message] of [
      [changed(own, { kind: 'all' }), /kind is "all"/],
      [changed(own, { state_size: '-1' }), /state_size is "-1", expected a count/],
      [changed(own, { state_size: '3' }), /weight has shape \[1,7\], expected \[1, 4\]/],
      [changed(own, {}, { weight: matrix(2, random(14, 1)) }), /weight has shape \[2,7\]/],
    ] as const) {
      expectError(() => Lstd.fromSafetensors(file), 'BELFRY_BAD_FILE', message);
    }
  });
});

describe('NeuralFittedQ', () => {
  const small = { discount, hidden: [8, 4], batchSize: 6, steps: 30, targetEvery: 20, seed: 5 };

  test.each([
    ['adam', {}],
    ['rprop, restarted', { optimizer: 'rprop', loss: 'mse', restart: true }],
    ['a target that follows', { targetRate: 0.1, operator: 'double', activation: 'tanh' }],
  ] as const)('%s: a fit goes on to the same bits', async (_, more) => {
    const learner = new NeuralFittedQ({ ...small, ...more });
    expect(() => learner.toSafetensors()).toThrow(/has not been fitted/);
    await learner.fit(chain());
    const bytes = learner.toSafetensors();
    const again = NeuralFittedQ.fromSafetensors(bytes);
    expect({ ...again.options, seed: 5 }).toEqual(learner.options);
    expect(again.checkpoint()).toEqual(learner.checkpoint());
    expect(again.toSafetensors()).toEqual(bytes);
    expect(await again.fit(chain())).toEqual(await learner.fit(chain()));
    expect(again.checkpoint()).toEqual(learner.checkpoint());
    expect(again.steps).toBe(60);
  });

  test('names are those of PyTorch', async () => {
    const learner = new NeuralFittedQ(small);
    await learner.fit(chain());
    const { tensors } = readSafetensors(learner.toSafetensors());
    const names = ['0.weight', '0.bias', '2.weight', '2.bias', '4.weight', '4.bias'];
    const networks = ['q', 'q_first', 'q_second', 'target'];
    const wanted = networks.flatMap((network) => names.map((name) => `${network}.${name}`));
    expect(Object.keys(tensors).sort()).toEqual(wanted.sort());
    expect(tensors['q.0.weight']?.shape).toEqual([8, numStates]);
    expect(tensors['q.4.weight']?.shape).toEqual([2, 4]);
    expect(tensors['q.2.weight']?.data).toEqual(learner.checkpoint().network.weights[2]?.[1]);
  });

  test('a file of weights alone is read, and can be fitted on', async () => {
    const bytes = plainFile({
      'q.0.weight': [
        [2, 1],
        [1, -1],
      ],
      'q.0.bias': [[2], [0, 1]],
      'q.2.weight': [
        [2, 2],
        [2, 0, 0, 3],
      ],
      'q.2.bias': [[2], [0.5, 0]],
    });
    const learner = NeuralFittedQ.fromSafetensors(bytes, { discount, steps: 3, batchSize: 2 });
    expect(learner.options.hidden).toEqual([2]);
    expect(learner.steps).toBe(0);
    const { data } = learner.qValues(new Tensor(Float32Array.of(2, -1), [2, 1]));
    expect([...data]).toEqual([4.5, 0, 0.5, 6]);
    const { network, target } = learner.checkpoint();
    expect(target.weights).toEqual(network.weights);
    expect(network.state.every(([, values]) => values.every((x) => x === 0))).toBe(true);
    const regressor = NeuralRegressor.fromSafetensors(bytes);
    expect([...regressor.predict(new Tensor(Float32Array.of(2), [1, 1])).data]).toEqual([4.5, 0]);
  });

  test('another optimiser begins anew', async () => {
    const learner = new NeuralFittedQ(small);
    await learner.fit(chain());
    const other = NeuralFittedQ.fromSafetensors(learner.toSafetensors(), { optimizer: 'rprop' });
    const { network } = other.checkpoint();
    expect(network.weights).toEqual(learner.checkpoint().network.weights);
    expect(network.steps).toBe(0);
    expect(network.state.find(([name]) => name === 'secondW0')?.[1][0]).toBe(
      Math.fround(learner.options.learningRate),
    );
  });

  test('bad files are refused by name', async () => {
    const learner = new NeuralFittedQ(small);
    await learner.fit(chain());
    const bytes = learner.toSafetensors();
    const matrix = (...shape: number[]) => ({
      data: new Float32Array(shape.reduce((a, b) => a * b)),
      shape,
    });
    for (const [file, message] of [
      [bytes.subarray(0, 100), /NeuralFittedQ: the header length/],
      [bytes.subarray(0, bytes.length - 4), /NeuralFittedQ: tensor .*data_offsets/],
      [changed(bytes, { learner: 'NeuralRegressor' }), /learner is "NeuralRegressor"/],
      [changed(bytes, { options: '{"steps":0}' }), /options cannot be read .*steps is 0/],
      [changed(bytes, { steps: '1.5' }), /steps is "1.5", expected a count/],
      [changed(bytes, { random: '4294967296' }), /random is 4294967296, expected below/],
      [changed(bytes, {}, { 'q.0.weight': undefined }), /q.0.weight is missing/],
      [
        changed(bytes, {}, { 'q.2.bias': undefined }),
        /q.2.bias does not fit|q_bias_1 does not fit/,
      ],
      [changed(bytes, {}, { 'q.2.weight': matrix(4, 9) }), /q.2.weight takes 9 inputs, expected 8/],
      [changed(bytes, {}, { 'q.4.weight': undefined }), /q has hidden layers of \[8\]/],
      [changed(bytes, {}, { 'target.4.weight': undefined }), /target.0.weight and its layers/],
      [changed(bytes, {}, { 'q_first.4.weight': undefined }), /q_first.0.weight and its layers/],
    ] as const) {
      expectError(() => NeuralFittedQ.fromSafetensors(file), 'BELFRY_BAD_FILE', message);
    }
    for (const [options, message] of [
      [{ step: 3 }, /NeuralFittedQ: step is not an option/],
      [{ batchSize: 0 }, /NeuralFittedQ: batchSize is 0/],
      [null, /NeuralFittedQ: options is null/],
    ] as const) {
      const read = () => NeuralFittedQ.fromSafetensors(bytes, options as object);
      expectError(read, 'BELFRY_INVALID_ARGUMENT', message);
    }
    const wider = () => NeuralFittedQ.fromSafetensors(bytes, { hidden: [16] });
    expectError(wider, 'BELFRY_BAD_FILE', /hidden layers of \[8,4\], expected \[16\]/);
  });

  test('a running fit is not written', async () => {
    const learner = new NeuralFittedQ({ ...small, steps: 2000 });
    const fit = learner.fit(chain());
    expectError(() => learner.toSafetensors(), 'BELFRY_BUFFER_IN_USE', /toSafetensors/);
    await fit;
  });
});

describe('NeuralRegressor', () => {
  test.each([
    ['adam', {}],
    ['rprop', { optimizer: 'rprop' }],
  ] as const)('%s: a fit goes on to the same bits', async (_, more) => {
    const learner = new NeuralRegressor({ hidden: [8], batchSize: 4, seed: 3, ...more });
    expect(() => learner.toSafetensors()).toThrow(/has not been fitted/);
    await learner.fit(chain(), chain().rewards);
    const bytes = learner.toSafetensors();
    const again = NeuralRegressor.fromSafetensors(bytes);
    expect({ ...again.options, seed: 3 }).toEqual(learner.options);
    expect(again.save()).toEqual(learner.save());
    await Promise.all([learner, again].map((one) => one.fit(chain(), chain().rewards)));
    expect(again.save()).toEqual(learner.save());
    expectError(
      () => NeuralFittedQ.fromSafetensors(bytes),
      'BELFRY_BAD_FILE',
      /learner is "NeuralRegressor", expected a file of NeuralFittedQ/,
    );
  });
});

test('CategoricalRegressor goes on to the same bits, and keeps its atoms', async () => {
  const learner = new CategoricalRegressor({ vMin: -1, vMax: 2, count: 5, hidden: [8], seed: 4 });
  expect(() => learner.toSafetensors()).toThrow(/has not been fitted/);
  await learner.fit(chain(), chain().rewards);
  const bytes = learner.toSafetensors();
  const again = CategoricalRegressor.fromSafetensors(bytes);
  expect(again.atoms).toEqual(learner.atoms);
  expect({ ...again.options, seed: 4 }).toEqual(learner.options);
  await Promise.all([learner, again].map((one) => one.fit(chain(), chain().rewards)));
  expect(again.save()).toEqual(learner.save());
  expectError(
    () => CategoricalRegressor.fromSafetensors(bytes, { count: 4 }),
    'BELFRY_BAD_FILE',
    /CategoricalRegressor: q has 10 outputs, expected a multiple of 4 atoms/,
  );
  expectError(
    () => NeuralRegressor.fromSafetensors(bytes),
    'BELFRY_BAD_FILE',
    /learner is "CategoricalRegressor", expected a file of NeuralRegressor/,
  );
});
