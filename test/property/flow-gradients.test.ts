/** Every gradient that an op of family flow returns, against central differences of its loss. */

import { Tensor } from 'belfry';

import { type Arguments, type GradientCase, testGradients } from './gradients.js';

const tensor = (args: Arguments, name: string): Tensor<Float64Array> =>
  args[name] as Tensor<Float64Array>;

/** r = t: the target is the velocity itself, so that nothing is held that would depend on u. */
function equalTimes(args: Arguments): void {
  args['r'] = args['t'];
}

function ones(args: Arguments, name: string): void {
  const { data, shape } = tensor(args, name);
  args[name] = new Tensor(new Float64Array(data.length).fill(1), [...shape]);
}

/** Every layer's parameters of two-layer networks with these prefixes, and their gradients. */
function layers(prefixes: readonly string[]): [string, string][] {
  return prefixes.flatMap((prefix) =>
    ['Weight0', 'Bias0', 'Weight1', 'Bias1'].map((part): [string, string] => [
      `${prefix}${part}`,
      `grad${(prefix[0] as string).toUpperCase()}${prefix.slice(1)}${part}`,
    ]),
  );
}

const network = { Lh: 2, Lp: 2, Lr: 2, Lc: 2, Ld: 2, B: 3, S: 2, D: 2, M: 2, K: 3 };

/**
 * With β₁ = 0 the moment m after a step is the gradient; with a rate of 0 the critics stay as they
 * are. The normaliser of the Q loss is held, so the second critic must not see the action.
 */
function gradientsAsMoments(args: Arguments): void {
  if (args['r'] !== undefined) equalTimes(args);
  const weight = tensor(args, 'critic2Weight0');
  const [, inputs = 0] = weight.shape;
  const states = tensor(args, 'observations').shape[1] as number;
  args['critic2Weight0'] = new Tensor(
    weight.data.map((w, i) => (i % inputs < states ? w : 0)),
    [...weight.shape],
  );
}

/** A chain that nothing clips. */
const unclipped = { maxAction: 1e9, schedule: 'linear' };

/** The first entries of the flat gradient. */
const momentsOf = (output: string, size: number) => (result: Arguments) =>
  Array.from(tensor(result, output).data.subarray(0, size));

const cases: GradientCase[] = [
  { op: 'edm_preconditioning', loss: 'loss', gradients: [['networkOutput', 'gradNetworkOutput']] },
  ...['data_at_t1', 'noise_at_t1'].map(
    (convention): GradientCase => ({
      op: 'flow_matching_loss',
      parameters: { convention },
      loss: 'loss',
      gradients: [['pred', 'gradPred']],
    }),
  ),
  ...['sum', 'mean'].map(
    (reduce): GradientCase => ({
      op: 'meanflow_loss',
      parameters: { reduce, p: 0 },
      loss: 'loss',
      gradients: [['u', 'gradU']],
    }),
  ),
  {
    op: 'meanflow_residual_ql',
    parameters: { adaptiveGamma: 1 },
    loss: 'loss',
    gradients: [['g', 'gradG']],
  },
  {
    op: 'diffusion_ql_losses',
    loss: 'criticLoss',
    gradients: [
      ['q1', 'gradQ1'],
      ['q2', 'gradQ2'],
    ],
  },
  { op: 'diffusion_ql_losses', loss: 'actorLossA', gradients: [['q1New', 'gradQ1New']] },
  { op: 'diffusion_ql_losses', loss: 'actorLossB', gradients: [['q2New', 'gradQ2New']] },
  { op: 'fql_losses', loss: 'criticLoss', gradients: [['qValues', 'gradQValues']] },
  { op: 'fql_losses', loss: 'bcFlowLoss', gradients: [['predVelocity', 'gradPredVelocity']] },
  {
    op: 'fql_losses',
    parameters: { alpha: 1 },
    loss: 'distillLoss',
    gradients: [['onestepAction', 'gradOnestepDistill']],
  },
  { op: 'fql_losses', loss: 'qLoss', gradients: [['qPolicy', 'gradQPolicy']] },
  {
    op: 'one_step_generation',
    sizes: network,
    prepare: (args) => ones(args, 'gradActionUnclipped'),
    loss: 'actionRaw',
    gradients: [
      ['trunkWeight0', 'gradTrunkWeight0'],
      ['trunkBias1', 'gradTrunkLastBias'],
    ],
  },
  {
    op: 'ddpm_policy',
    sizes: network,
    loss: 'bcLoss',
    gradients: [
      ['trunkWeight0', 'gradTrunkWeight0OfBc'],
      ['tmlpWeight0', 'gradTmlpWeight0OfBc'],
    ],
  },
  {
    op: 'ddpm_policy',
    sizes: network,
    parameters: { clipDenoised: false, maxAction: 1e9, schedule: 'linear' },
    loss: 'sampledAction',
    gradients: [['trunkWeight0', 'gradTrunkWeight0OfActionSum']],
  },
  {
    op: 'ddpm_policy',
    sizes: network,
    loss: 'sampledAction',
    gradients: [['trunkWeight0', 'gradTrunkWeight0OfActionSum']],
  },
  ...['sum', 'mean'].map(
    (reduce): GradientCase => ({
      op: 'meanflow_network',
      sizes: network,
      parameters: { reduce },
      prepare: equalTimes,
      loss: 'loss',
      gradients: layers(['trunk', 'tmlp', 'rmlp']),
    }),
  ),
  {
    // x_t moves along v as t does, so that du/dt is the slope of u in t.
    op: 'meanflow_network',
    sizes: { ...network, D: 1 },
    loss: 'u',
    gradients: [['t', 'dudt']],
  },
  ...[0, 0.7].map(
    (eta): GradientCase => ({
      op: 'ofql_train_step',
      sizes: { ...network, 'h[1]': 3, 'c[1]': 3 },
      parameters: { eta, lr: 0, beta1: 0 },
      prepare: gradientsAsMoments,
      loss: 'actorLoss',
      gradients: [['trunkBias0', (result) => trunkBiasGradient(result)]],
    }),
  ),
  {
    op: 'ofql_train_step',
    sizes: { ...network, 'c[1]': 3 },
    parameters: { lr: 0, beta1: 0 },
    loss: 'criticLoss',
    gradients: [['critic1Weight0', momentsOf('newCriticMoments', 3 * 4)]],
  },
  ...[0, 0.7].flatMap((eta) =>
    [true, false].map(
      (clipDenoised): GradientCase => ({
        op: 'diffusion_ql_train_step',
        sizes: { ...network, 'h[1]': 3, 'c[1]': 3 },
        parameters: { eta, lr: 0, beta1: 0, clipDenoised, ...(clipDenoised ? {} : unclipped) },
        prepare: gradientsAsMoments,
        loss: 'actorLoss',
        gradients: [
          ['trunkBias0', (result) => trunkBiasGradient(result)],
          ['tmlpBias1', (result) => lastOf(result, 'newTmlpBias1')],
        ],
      }),
    ),
  ),
  ...[0, 3].map(
    (alpha): GradientCase => ({
      op: 'mean_flow_q_train_step',
      sizes: { ...network, 'h[1]': 3, 'c[1]': 3 },
      // At t = 0 the target does not depend on the network; a γ of 1 gives rows one weight.
      parameters: { alpha, lr: 0, beta1: 0, adaptiveGamma: 1, normalizeQLoss: false },
      prepare: (args) => tensor(args, 't').data.fill(0),
      loss: 'actorLoss',
      gradients: [
        ['trunkBias0', (result) => trunkBiasGradient(result)],
        ['tmlpBias1', (result) => lastOf(result, 'newTmlpBias1')],
      ],
    }),
  ),
];

/** At the end of the moments m, which are as many as those v. */
function lastOf(result: Arguments, newName: string): number[] {
  const { data } = tensor(result, 'newPolicyMoments');
  const count = tensor(result, newName).data.length;
  return Array.from(data.subarray(data.length / 2 - count, data.length / 2));
}

/** Behind the first weight, whose size is that of the new one. */
function trunkBiasGradient(result: Arguments): number[] {
  const weights = tensor(result, 'newTrunkWeight0').data.length;
  return Array.from(tensor(result, 'newPolicyMoments').data.subarray(weights, weights + 3));
}

testGradients('flow', cases);
