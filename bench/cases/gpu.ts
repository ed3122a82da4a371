/** Training steps and acting with everything on a GPU, beside the same on the CPU. */
import { uniformArray } from '../../src/demo/generator.js';
import type { Engine } from '../../src/engine.js';
import {
  DiffusionQl,
  FlowPolicy,
  FlowQ,
  MeanFlowQ,
  OneStepFlowQ,
  type Transitions,
} from '../../src/flow/index.js';
import type { BenchCase, Workload } from '../harness.js';
import { near } from './checks.js';

const sizes = { observationSize: 17, actionSize: 6 };
const batch = 256;

interface Learner {
  trainStep(batch: Transitions): { criticLoss: number };
}

const learners: readonly [op: string, name: string, make: (engine?: Engine) => Learner][] = [
  ['ofql_train_step', 'OneStepFlowQ', (engine) => new OneStepFlowQ(sizes, where(engine))],
  ['diffusion_ql_train_step', 'DiffusionQl', (engine) => new DiffusionQl(sizes, where(engine))],
  ['mean_flow_q_train_step', 'MeanFlowQ', (engine) => new MeanFlowQ(sizes, where(engine))],
  ['fql_train_step', 'FlowQ', (engine) => new FlowQ(sizes, where(engine))],
];

function where(engine: Engine | undefined): { engine?: Engine } {
  return engine === undefined ? {} : { engine };
}

function transitions(): Transitions {
  const draw = (stream: number, width: number): Float32Array =>
    uniformArray(stream, batch * width, -1, 1);
  return {
    observations: draw(190, sizes.observationSize),
    actions: draw(191, sizes.actionSize),
    rewards: draw(192, 1),
    nextObservations: draw(193, sizes.observationSize),
    terminated: new Uint8Array(batch),
  };
}

/** From drawn noise on the host to losses on the host; the parameters stay where they are. */
function stepCase(engine: Engine, [op, name, make]: (typeof learners)[number]): BenchCase {
  const [there, here] = [make(engine), make()];
  const data = transitions();
  const compare = (): void => {
    const [found, wanted] = [there.trainStep(data), here.trainStep(data)];
    near(found.criticLoss, wanted.criticLoss, 1e-3 * Math.max(1, wanted.criticLoss), 'the loss');
  };
  return {
    family: 'flow',
    op,
    name: `${name}.trainStep B=${batch}, GPU`,
    bytes: 0,
    flops: 0,
    run: () => there.trainStep(data),
    reference: { name: 'belfry on the CPU', run: () => here.trainStep(data) },
    check: compare,
  };
}

function actCase(engine: Engine, rows: number): BenchCase {
  const bytes = new OneStepFlowQ(sizes, {}).toPolicyFile();
  const options = { candidates: 50 };
  const there = FlowPolicy.fromSafetensors(bytes, { ...options, engine });
  const here = FlowPolicy.fromSafetensors(bytes, options);
  const observations = uniformArray(194, rows * sizes.observationSize, -1, 1);
  const out = new Float32Array(rows * sizes.actionSize);
  return {
    family: 'flow',
    op: 'one_step_generation',
    name: `FlowPolicy.act B=${rows} N=50, GPU`,
    bytes: 0,
    flops: 0,
    run: () => there.act(observations, out),
    reference: { name: 'belfry on the CPU', run: () => here.act(observations, out) },
    check: () => near(Math.max(...there.act(observations, out).map(Math.abs)), 0, 1, 'an action'),
  };
}

export function gpuWorkloads(engine: Engine): readonly Workload[] {
  return [
    ...learners.map(
      (learner): Workload =>
        () => [stepCase(engine, learner)],
    ),
    ...[1, 256].map(
      (rows): Workload =>
        () => [actCase(engine, rows)],
    ),
  ];
}
