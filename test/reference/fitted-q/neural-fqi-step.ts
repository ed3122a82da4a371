/** One training step of a Q-network, a row and a unit at a time. */
import { integers, type Reference, type ReferenceCase } from '../golden.js';
import { type Arrays, array, generator, golden, named, rowsOf, scalar } from '../lib/arrays.js';
import {
  clipped,
  evaluate,
  type Leaves,
  layersOf,
  leavesOf,
  namesOf,
  randomNetwork,
} from '../lib/networks.js';
import { differentiate, mean, minus, relu, sum, Traced, tanh, times } from '../lib/traced.js';
import { type UpdateOptions, update, usualUpdate } from '../lib/update-rules.js';

interface Options extends UpdateOptions {
  activation: 'relu' | 'tanh';
  loss: 'mse' | 'huber';
  huber_delta: number;
}

const usual: Options = { ...usualUpdate, activation: 'relu', loss: 'mse', huber_delta: 1 };

/** l(e): half its square, within delta where it is Huber's. */
function penalty(e: Traced, { loss, huber_delta }: Options): Traced {
  const size = Math.abs(e.value);
  if (loss === 'mse' || size <= huber_delta) return times(0.5, times(e, e));
  return times(huber_delta, minus(times(Math.sign(e.value), e), huber_delta / 2));
}

/** The names of the op: w0 for q_weight_0. */
const short = (name: string): string => name.replace('q_weight_', 'w').replace('q_bias_', 'b');

function stepped(arrays: Arrays, leaves: Leaves, options: Options): Arrays {
  const { factor } = clipped(leaves, options.max_grad_norm);
  const out: Arrays = {};
  for (const [name, list] of Object.entries(leaves)) {
    const [{ shape }, first, second] = ['', 'first_', 'second_'].map((part) =>
      named(arrays, part + name),
    ) as [Arrays[string], Arrays[string], Arrays[string]];
    const all = list.map(({ value, slope }, i) =>
      update(value, factor * slope, first.data[i] as number, second.data[i] as number, options),
    );
    out[`new_${short(name)}`] = array(
      shape,
      all.map(({ w }) => w),
    );
    out[`new_first_${short(name)}`] = array(
      shape,
      all.map((one) => one.first),
    );
    out[`new_second_${short(name)}`] = array(
      shape,
      all.map((one) => one.second),
    );
  }
  return out;
}

function problem(seed: number, widths: number[], batch: number, fresh: number | null) {
  const { fill, below } = generator(seed);
  const network = randomNetwork(fill, 'q', widths);
  const state: Arrays = {};
  for (const name of Object.keys(network)) {
    const { shape, data } = named(network, name);
    const at = (x: number) =>
      array(
        shape,
        data.map(() => x),
      );
    state[`first_${name}`] = fresh === null ? fill(shape, -0.3, 0.3) : at(0);
    state[`second_${name}`] = fresh === null ? fill(shape, 0.01, 0.2) : at(fresh);
  }
  const outputs = widths.at(-1) as number;
  return {
    network: { ...network, ...state } as Arrays,
    x: fill([batch, widths[0] as number], -1, 1),
    target: fill([batch], -2, 2),
    weight: fill([batch], 0, 2),
    gradOutputs: fill([batch, outputs], -0.5, 0.5),
    actions: below(batch, outputs),
  };
}

type Problem = ReturnType<typeof problem>;

function outputsOf({ network, x }: Problem, options: Options) {
  const leaves = leavesOf(network, namesOf(network, 'q'));
  const activation = options.activation === 'relu' ? relu : tanh;
  const q = rowsOf(x).map((row) =>
    evaluate(
      layersOf(leaves, 'q'),
      row.map((one) => new Traced(one)),
      activation,
    ),
  );
  return { leaves, q };
}

const layersIn = (arrays: Arrays): Arrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, one]) => [short(name), one]));

const tolerance = { atol: 1e-11, rtol: 1e-11 };

function lossCase(
  name: string,
  given: Problem,
  changes: Partial<Options> = {},
  weighted = false,
): ReferenceCase {
  const options = { ...usual, ...changes };
  const { leaves, q } = outputsOf(given, options);
  const errors = q.map((row, b) =>
    minus(row[given.actions[b] as number] as Traced, given.target.data[b] as number),
  );
  const loss = mean(
    errors.map((e, b) =>
      times(weighted ? (given.weight.data[b] as number) : 1, penalty(e, options)),
    ),
  );
  differentiate(loss);
  const expected = {
    loss: scalar(loss.value),
    td_error: array(
      [errors.length],
      errors.map(({ value }) => value),
    ),
    ...stepped(given.network, leaves, options),
  };
  const { x, target, weight, actions, network } = given;
  return {
    name,
    inputs: {
      ...golden({ x, target, ...(weighted ? { weight } : {}), ...layersIn(network) }),
      actions: integers([actions.length], actions),
    },
    params: { ...options },
    expected: golden(expected),
    ...tolerance,
  };
}

function gradientCase(name: string, given: Problem, changes: Partial<Options> = {}): ReferenceCase {
  const options = { ...usual, ...changes };
  const { leaves, q } = outputsOf(given, options);
  differentiate(
    sum(q.flatMap((row, b) => row.map((y, a) => times(rowsOf(given.gradOutputs)[b]?.[a] ?? 0, y)))),
  );
  const { loss: _, huber_delta: __, ...params } = options;
  const { x, gradOutputs, network } = given;
  return {
    name,
    inputs: golden({ x, grad_outputs: gradOutputs, ...layersIn(network) }),
    params,
    expected: golden(stepped(network, leaves, options)),
    ...tolerance,
  };
}

const widths = [3, 5, 4, 3];

export const reference: Reference = {
  family: 'fitted-q',
  op: 'neural_fqi_step',
  cases: [
    lossCase('first step of adam', problem(1, widths, 5, 0)),
    lossCase(
      'a later step of adam, huber, weights of rows',
      problem(2, widths, 5, null),
      {
        step: 7,
        loss: 'huber',
        huber_delta: 0.5,
      },
      true,
    ),
    lossCase('tanh, a clipped norm, decoupled decay', problem(3, widths, 4, null), {
      step: 3,
      activation: 'tanh',
      max_grad_norm: 0.2,
      weight_decay: 0.1,
    }),
    lossCase('a norm within its limit', problem(4, widths, 4, 0), { max_grad_norm: 1e3 }),
    lossCase('rprop', problem(5, widths, 5, null), { optimizer: 'rprop' }),
    lossCase('first step of rprop, one layer', problem(6, [2, 3], 3, 0.05), {
      optimizer: 'rprop',
      activation: 'tanh',
      step_max: 0.04,
    }),
    gradientCase('a given gradient, adam', problem(7, widths, 5, null), { step: 4 }),
    gradientCase('a given gradient, clipped', problem(8, widths, 3, 0), {
      activation: 'tanh',
      max_grad_norm: 0.1,
    }),
    lossCase('sgd with momentum and a penalty', problem(10, widths, 5, null), {
      optimizer: 'sgd',
      momentum: 0.9,
      weight_decay: 0.1,
    }),
    gradientCase('a given gradient, nesterov, clipped', problem(11, widths, 4, null), {
      optimizer: 'sgd',
      momentum: 0.8,
      nesterov: true,
      max_grad_norm: 0.1,
    }),
    gradientCase('a given gradient, rprop', problem(9, widths, 4, null), { optimizer: 'rprop' }),
  ],
};
