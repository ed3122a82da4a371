/** Training steps of flow policies, and acting, at the sizes of HalfCheetah. */
import { uniform, uniformArray } from '../../src/demo/generator.js';
import { FlowPolicy, FlowQ, OneStepFlowQ } from '../../src/flow/index.js';
import { type OfqlTrainStepArgs, ofqlTrainStep } from '../../src/generated/flow.js';
import { Tensor } from '../../src/tensor.js';
import type { BenchCase, Workload } from '../harness.js';
import { near } from './checks.js';

const states = 17;
const actions = 6;
const batch = 256;
const embedding = 16;
const hidden = [256, 256, 256];
const widths = {
  trunk: [actions + 2 * embedding + states, ...hidden, actions],
  time: [embedding, 2 * embedding, embedding],
  critic: [states + actions, ...hidden, 1],
};

type Arrays = Record<string, Tensor<Float32Array>>;

/** Uniform in ±1/√inputs, from streams of their own. */
function network(prefix: string, sizes: readonly number[], seed: number): Arrays {
  const arrays: Arrays = {};
  sizes.slice(1).forEach((outputs, i) => {
    const inputs = sizes[i] as number;
    const bound = 1 / Math.sqrt(inputs);
    const draw = (stream: number, count: number): Float32Array =>
      uniformArray(stream, count, -bound, bound);
    arrays[`${prefix}Weight${i}`] = new Tensor(draw(seed + 2 * i, inputs * outputs), [
      outputs,
      inputs,
    ]);
    arrays[`${prefix}Bias${i}`] = new Tensor(draw(seed + 2 * i + 1, outputs), [outputs]);
  });
  return arrays;
}

function parameters(): Arrays {
  return {
    ...network('trunk', widths.trunk, 100),
    ...network('tmlp', widths.time, 110),
    ...network('rmlp', widths.time, 120),
    ...network('emaTrunk', widths.trunk, 100),
    ...network('emaTmlp', widths.time, 110),
    ...network('emaRmlp', widths.time, 120),
    ...network('critic1', widths.critic, 130),
    ...network('targetCritic1', widths.critic, 130),
    ...network('critic2', widths.critic, 140),
    ...network('targetCritic2', widths.critic, 140),
  };
}

function products(sizes: readonly number[]): number {
  return sizes.slice(1).reduce((sum, n, i) => sum + n * (sizes[i] as number), 0);
}

function moments(networks: readonly (readonly number[])[]): Tensor<Float32Array> {
  const count = networks.reduce(
    (sum, sizes) => sum + products(sizes) + sizes.slice(1).reduce((a, b) => a + b, 0),
    0,
  );
  return new Tensor(new Float32Array(2 * count), [2, count]);
}

/** Everything in place: parameters, followers and moments are written where they were read. */
const trainingWorkload: Workload = () => {
  const matrix = (seed: number, columns: number): Tensor<Float32Array> =>
    new Tensor(uniformArray(seed, batch * columns, -1, 1), [batch, columns]);
  const trained = parameters();
  const policyMoments = moments([widths.trunk, widths.time, widths.time]);
  const criticMoments = moments([widths.critic, widths.critic]);
  const out: Record<string, unknown> = {
    newPolicyMoments: policyMoments,
    newCriticMoments: criticMoments,
  };
  for (const [name, array] of Object.entries(trained)) {
    out[`new${name[0]?.toUpperCase()}${name.slice(1)}`] = array;
  }
  const t = Float32Array.from({ length: batch }, (_, i) => uniform(150, i));
  const args = {
    ...trained,
    policyMoments,
    criticMoments,
    observations: matrix(160, states),
    actions: matrix(161, actions),
    rewards: uniformArray(162, batch, -1, 1),
    nextObservations: matrix(163, states),
    terminated: new Uint8Array(batch),
    nextNoise: new Tensor(uniformArray(164, batch * actions, -2, 2), [batch, 1, actions]),
    noiseBc: matrix(165, actions),
    noisePolicy: matrix(166, actions),
    t,
    r: t.map((later, i) => (i % 2 === 0 ? later : later * uniform(151, i))),
    embDim: embedding,
    gradClip: 5,
    step: 0,
    out,
  } as unknown as OfqlTrainStepArgs<Float32Array> & { step: number };
  const policy = products(widths.trunk) + 2 * products(widths.time);
  const step = (): ReturnType<typeof ofqlTrainStep<Float32Array>> => {
    args.step += 1;
    return ofqlTrainStep(args);
  };
  const bench: BenchCase = {
    family: 'flow',
    op: 'ofql_train_step',
    name: `B=${batch} s=${states} a=${actions} 3x256 mish, in place`,
    bytes: 4 * 9 * ((policyMoments.size + criticMoments.size) / 2),
    // Multiply-adds of eight passes of the policy and eleven of a critic.
    flops: 2 * batch * (8 * policy + 11 * products(widths.critic)),
    run: step,
    check: () => {
      const first = step();
      let last = first;
      for (let i = 0; i < 50; i++) last = step();
      near(last.criticLoss / first.criticLoss, 0, 0.9, 'fall of the critics’ loss on one batch');
      near(last.bcLoss / first.bcLoss, 0, 0.99, 'fall of the policy’s loss on one batch');
    },
  };
  return [bench];
};

/** `FlowQ.trainStep` with the noise that it draws, in the widths of its paper. */
const flowQWorkload: Workload = () => {
  const learner = new FlowQ({ observationSize: states, actionSize: actions });
  const transitions = {
    observations: uniformArray(170, batch * states, -1, 1),
    actions: uniformArray(171, batch * actions, -1, 1),
    rewards: uniformArray(172, batch, -1, 1),
    nextObservations: uniformArray(173, batch * states, -1, 1),
    terminated: new Uint8Array(batch),
  };
  const wide = [512, 512, 512, 512];
  const flow = [states + actions + 1, ...wide, actions];
  const policy = [states + actions, ...wide, actions];
  const critic = [states + actions, ...wide, 1];
  const networks = [flow, policy, critic, critic];
  const bench: BenchCase = {
    family: 'flow',
    op: 'fql_train_step',
    name: `B=${batch} s=${states} a=${actions} 4x512 gelu, K=10, FlowQ.trainStep`,
    bytes: 4 * 9 * (moments(networks).size / 2),
    // Multiply-adds of thirteen passes of the flow, four of the policy and six of each critic.
    flops: 2 * batch * (13 * products(flow) + 4 * products(policy) + 12 * products(critic)),
    run: () => learner.trainStep(transitions),
    check: () => {
      const first = learner.trainStep(transitions);
      let last = first;
      for (let i = 0; i < 20; i++) last = learner.trainStep(transitions);
      near(last.criticLoss / first.criticLoss, 0, 0.9, 'fall of the critics’ loss on one batch');
      near(last.distillLoss / first.distillLoss, 0, 0.9, 'fall of the distillation on one batch');
    },
  };
  return [bench];
};

/** One action for one state: `FlowPolicy.act` into an array. */
const actWorkload: Workload = () => {
  const learner = new OneStepFlowQ({ observationSize: states, actionSize: actions });
  const bytes = learner.toPolicyFile();
  const observation = uniformArray(180, states, -1, 1);
  const out = new Float32Array(actions);
  return [1, 50].map((candidates): BenchCase => {
    const policy = FlowPolicy.fromSafetensors(bytes, { candidates });
    const folded = [states + actions, ...hidden, actions];
    const trunk = products(folded);
    const scored = candidates > 1 ? 2 * products(widths.critic) : 0;
    return {
      family: 'flow',
      op: 'one_step_generation',
      name: `FlowPolicy.act B=1 N=${candidates} s=${states} a=${actions} 3x256 mish`,
      bytes: 4 * (trunk + scored),
      flops: 2 * candidates * (trunk + scored),
      run: () => policy.act(observation, out),
      check: () => {
        policy.act(observation, out);
        near(Math.max(...out.map(Math.abs)), 0, 1, 'the largest action');
      },
    };
  });
};

export const flowTrainingWorkloads: readonly Workload[] = [
  trainingWorkload,
  flowQWorkload,
  actWorkload,
];
