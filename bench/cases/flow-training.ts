/** Training steps of flow and diffusion policies, and acting, at the sizes of HalfCheetah. */
import { uniform, uniformArray } from '../../src/demo/generator.js';
import { FlowPolicy, FlowQ, OneStepFlowQ } from '../../src/flow/index.js';
import {
  diffusionQlTrainStep,
  meanFlowQTrainStep,
  ofqlTrainStep,
} from '../../src/generated/flow.js';
import { Tensor } from '../../src/tensor.js';
import type { BenchCase, Workload } from '../harness.js';
import { near } from './checks.js';

const states = 17;
const actions = 6;
const batch = 256;
const embedding = 16;
const hidden = [256, 256, 256];
const time = [embedding, 2 * embedding, embedding];
const critic = [states + actions, ...hidden, 1];
/** The trunk over the action, as many times and the state. */
const trunk = (times: number): number[] => [
  actions + times * embedding + states,
  ...hidden,
  actions,
];

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

/** Policy networks, perhaps with averages, and two critics with targets. */
function parameters(times: readonly string[], averaged: boolean): Arrays {
  const policy: [string, number[]][] = [
    ['trunk', trunk(times.length)],
    ...times.map((name): [string, number[]] => [name, time]),
  ];
  const arrays: Arrays = {};
  policy.forEach(([name, sizes], i) => {
    Object.assign(arrays, network(name, sizes, 100 + 10 * i));
    const average = `ema${name[0]?.toUpperCase()}${name.slice(1)}`;
    if (averaged) Object.assign(arrays, network(average, sizes, 100 + 10 * i));
  });
  for (const i of [1, 2]) {
    Object.assign(arrays, network(`critic${i}`, critic, 120 + 10 * i));
    Object.assign(arrays, network(`targetCritic${i}`, critic, 120 + 10 * i));
  }
  return arrays;
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

const matrix = (seed: number, columns: number): Tensor<Float32Array> =>
  new Tensor(uniformArray(seed, batch * columns, -1, 1), [batch, columns]);
const normalLike = (seed: number, shape: number[]): Tensor<Float32Array> =>
  new Tensor(
    uniformArray(
      seed,
      shape.reduce((a, b) => a * b, 1),
      -2,
      2,
    ),
    shape,
  );

interface Step {
  op: string;
  step: (args: never) => object;
  /** The small network of each time. */
  times: readonly string[];
  averaged: boolean;
  /** Passes of multiply-adds through the policy and through each critic. */
  passes: [policy: number, critic: number];
  /** Loss of the policy on the data. */
  loss: string;
  /** What only this step reads. */
  inputs: () => object;
}

/** Everything in place: parameters, followers and moments are written where they were read. */
function trainingCase({ op, step, times, averaged, passes, loss, inputs }: Step): BenchCase {
  const trained = parameters(times, averaged);
  const policyMoments = moments([trunk(times.length), ...times.map(() => time)]);
  const criticMoments = moments([critic, critic]);
  const out: Record<string, unknown> = {
    newPolicyMoments: policyMoments,
    newCriticMoments: criticMoments,
  };
  for (const [name, array] of Object.entries(trained)) {
    out[`new${name[0]?.toUpperCase()}${name.slice(1)}`] = array;
  }
  const args = {
    ...trained,
    policyMoments,
    criticMoments,
    observations: matrix(160, states),
    actions: matrix(161, actions),
    rewards: uniformArray(162, batch, -1, 1),
    nextObservations: matrix(163, states),
    terminated: new Uint8Array(batch),
    noiseBc: matrix(165, actions),
    embDim: embedding,
    gradClip: 5,
    step: 0,
    ...inputs(),
    out,
  };
  const policy = products(trunk(times.length)) + times.length * products(time);
  const run = (): Record<string, number> => {
    args.step += 1;
    return step(args as never) as Record<string, number>;
  };
  return {
    family: 'flow',
    op,
    name: `B=${batch} s=${states} a=${actions} 3x256 mish, in place`,
    bytes: 4 * 9 * ((policyMoments.size + criticMoments.size) / 2),
    flops: 2 * batch * (passes[0] * policy + passes[1] * products(critic)),
    run,
    check: () => {
      const first = run();
      let last = first;
      for (let i = 0; i < 50; i++) last = run();
      const fall = (name: string): number => (last[name] as number) / (first[name] as number);
      near(fall('criticLoss'), 0, 0.9, 'fall of the critics’ loss on one batch');
      near(fall(loss), 0, 0.99, 'fall of the policy’s loss on one batch');
    },
  };
}

const t = Float32Array.from({ length: batch }, (_, i) => uniform(150, i));
const diffusionSteps = 5;

const steps: readonly Step[] = [
  {
    op: 'ofql_train_step',
    step: ofqlTrainStep,
    times: ['tmlp', 'rmlp'],
    averaged: true,
    passes: [8, 11],
    loss: 'bcLoss',
    inputs: () => ({
      nextNoise: normalLike(164, [batch, 1, actions]),
      noisePolicy: matrix(166, actions),
      t,
      r: t.map((later, i) => (i % 2 === 0 ? later : later * uniform(151, i))),
    }),
  },
  {
    op: 'diffusion_ql_train_step',
    step: diffusionQlTrainStep,
    times: ['tmlp'],
    averaged: true,
    passes: [4 * diffusionSteps + 3, 11],
    loss: 'bcLoss',
    inputs: () => ({
      nextNoise: normalLike(164, [diffusionSteps, batch, 1, actions]),
      noisePolicy: normalLike(166, [diffusionSteps, batch, actions]),
      // So that the policy follows the data at first, and its loss on them falls.
      eta: 0.1,
      tIndex: Int32Array.from(t, (time) => Math.floor(diffusionSteps * time)),
    }),
  },
  {
    op: 'mean_flow_q_train_step',
    step: meanFlowQTrainStep,
    times: ['tmlp'],
    averaged: false,
    passes: [9, 13],
    loss: 'flowLoss',
    inputs: () => ({
      nextNoise: normalLike(164, [batch, 2, actions]),
      noisePolicy: matrix(166, actions),
      t,
    }),
  },
];

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
  const qNetwork = [states + actions, ...wide, 1];
  const networks = [flow, policy, qNetwork, qNetwork];
  const bench: BenchCase = {
    family: 'flow',
    op: 'fql_train_step',
    name: `B=${batch} s=${states} a=${actions} 4x512 gelu, K=10, FlowQ.trainStep`,
    bytes: 4 * 9 * (moments(networks).size / 2),
    // Multiply-adds of thirteen passes of the flow, four of the policy and six of each critic.
    flops: 2 * batch * (13 * products(flow) + 4 * products(policy) + 12 * products(qNetwork)),
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
    const scored = candidates > 1 ? 2 * products(critic) : 0;
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
  ...steps.map(
    (step): Workload =>
      () => [trainingCase(step)],
  ),
  flowQWorkload,
  actWorkload,
];
