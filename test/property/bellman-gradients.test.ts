/** Every gradient that an op of family bellman returns, against central differences of its loss. */

import * as belfry from 'belfry';
import { Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import { declaredOps, type OpInfo } from '../../src/contract.js';
import { camelCase } from '../../src/native.js';
import { randomArguments } from '../../src/tools/random-arguments.js';

type Arguments = Record<string, unknown>;
type OpFunction = (args: Arguments) => Arguments;

interface Case {
  op: string;
  form?: string;
  parameters?: Arguments;
  sizes?: Record<string, number>;
  /** The loss: a scalar output, or the sum of an array. */
  loss: string;
  /** Input and the output that holds the gradient with respect to it. */
  gradients: [input: string, gradient: string][];
}

const cases: Case[] = [
  ...[{}, { double: true }, { huberDelta: 0.5 }, { double: true, huberDelta: 0.5 }].map(
    (parameters): Case => ({
      op: 'dqn_loss',
      parameters,
      loss: 'loss',
      gradients: [['qValues', 'gradQValues']],
    }),
  ),
  ...['w2', 'l1_w2'].map(
    (nextDistance): Case => ({
      op: 'bisimulation_loss',
      parameters: { nextDistance },
      loss: 'loss',
      gradients: [['z', 'gradZ']],
    }),
  ),
  {
    op: 'contrastive_ratio_loss',
    loss: 'loss',
    gradients: [
      ['phi', 'gradPhi'],
      ['psi', 'gradPsi'],
    ],
  },
  ...['info_nce', 'logistic'].flatMap((lossType) =>
    [true, false].map(
      (normalize): Case => ({
        op: 'temporal_contrastive_loss',
        parameters: { lossType, normalize, temperature: 0.7 },
        loss: 'loss',
        gradients: [
          ['z1', 'gradZ1'],
          ['z2', 'gradZ2'],
        ],
      }),
    ),
  ),
  {
    op: 'sequence_rl_losses',
    loss: 'actorLoss',
    gradients: [
      ['logProbs', 'gradLogProbs'],
      ['q1', 'gradQ1'],
      ['q2', 'gradQ2'],
    ],
  },
  {
    op: 'sequence_rl_losses',
    loss: 'criticLoss',
    gradients: [
      ['curQ1', 'gradCurQ1'],
      ['curQ2', 'gradCurQ2'],
    ],
  },
  {
    op: 'factored_policy_logprob',
    sizes: { h: 3, 'n[0]': 4, 'n[1]': 1, 'n[2]': 3 },
    loss: 'logProbs',
    gradients: [['logits', 'gradLogProbsSum']],
  },
  {
    op: 'factored_policy_logprob',
    sizes: { h: 3, 'n[0]': 4, 'n[1]': 1, 'n[2]': 3 },
    loss: 'entropy',
    gradients: [['logits', 'gradEntropySum']],
  },
  {
    op: 'gflownet_trajectory_balance',
    loss: 'loss',
    gradients: [
      ['forwardLogProbs', 'gradForwardLogProbs'],
      ['backwardLogProbs', 'gradBackwardLogProbs'],
      ['logZ', 'gradLogZ'],
    ],
  },
  ...['regret', 'partial_return'].map(
    (model): Case => ({
      op: 'regret_preference',
      form: 'segments',
      parameters: { model, softmaxTemperature: 0.5 },
      loss: 'loss',
      gradients: [['w', 'gradW']],
    }),
  ),
  {
    op: 'reward_specification',
    form: 'asaf',
    loss: 'loss',
    gradients: [
      ['expertLogProbs', 'gradExpertLogProbs'],
      ['generatorLogProbs', 'gradGeneratorLogProbs'],
    ],
  },
  { op: 'continual_learning', form: 'ewc', loss: 'loss', gradients: [['theta', 'grad']] },
];

const step = 1e-5;

function infoOf({ op, form }: Case): OpInfo {
  const info = declaredOps().find(
    (one) =>
      one.family === 'bellman' && one.name === op && (form === undefined || one.form === form),
  );
  if (info === undefined) throw new Error(`no op bellman/${op} ${form ?? ''}`);
  return info;
}

function total(value: unknown): number {
  if (typeof value === 'number') return value;
  return Array.from((value as Tensor<Float64Array>).data).reduce((a, b) => a + b, 0);
}

/** The derivative of the loss with respect to each entry of `input`. */
function differences(op: OpFunction, args: Arguments, input: string, loss: string): number[] {
  const at = (changed: unknown): number => total(op({ ...args, [input]: changed })[loss]);
  const value = args[input];
  if (typeof value === 'number') return [(at(value + step) - at(value - step)) / (2 * step)];
  const tensor = value as Tensor<Float64Array>;
  return Array.from(tensor.data, (x, i) => {
    const moved = (to: number): Tensor<Float64Array> => {
      const data = tensor.data.slice();
      data[i] = to;
      return new Tensor(data, tensor.shape);
    };
    return (at(moved(x + step)) - at(moved(x - step))) / (2 * step);
  });
}

const titled = cases.map((one) => ({
  ...one,
  title: [one.op, one.form, JSON.stringify(one.parameters ?? {}), one.loss].join(' '),
}));

describe.each(titled)('$title', (one) => {
  const info = infoOf(one);
  const op = (belfry.bellman as unknown as Record<string, OpFunction>)[
    camelCase(one.op)
  ] as OpFunction;

  test.each(one.gradients)('%s', (input, gradient) => {
    for (let seed = 1; seed <= 6; seed++) {
      const args = randomArguments(info, {
        seed,
        dtype: 'float64',
        ...(one.parameters && { parameters: one.parameters }),
        ...(one.sizes && { sizes: one.sizes }),
      });
      // A masked or missing choice is not a number, and has no slope either.
      const got = op(args)[gradient];
      const slopes = typeof got === 'number' ? [got] : Array.from((got as Tensor).data);
      const wanted = differences(op, args, input, one.loss);
      expect(slopes.length).toBe(wanted.length);
      wanted.forEach((slope, i) => {
        if (!Number.isFinite(slope)) return;
        expect(slopes[i], `${gradient}[${i}], seed ${seed}`).toBeCloseTo(slope, 6);
      });
    }
  });
});
