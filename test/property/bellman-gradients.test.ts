/** Every gradient that an op of family bellman returns, against central differences of its loss. */

import { type GradientCase, testGradients } from './gradients.js';

const cases: GradientCase[] = [
  ...[{}, { double: true }, { huberDelta: 0.5 }, { double: true, huberDelta: 0.5 }].map(
    (parameters): GradientCase => ({
      op: 'dqn_loss',
      parameters,
      loss: 'loss',
      gradients: [['qValues', 'gradQValues']],
    }),
  ),
  ...['w2', 'l1_w2'].map(
    (nextDistance): GradientCase => ({
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
      (normalize): GradientCase => ({
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
    (model): GradientCase => ({
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

testGradients('bellman', cases);
