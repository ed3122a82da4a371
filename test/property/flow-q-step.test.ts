/** A whole step of flow Q-learning against the ops it is made of, and against differences. */

import { flow, Tensor } from 'belfry';
import { expect, test } from 'vitest';

import { declaredOps, type OpInfo } from '../../src/contract.js';
import { randomArguments } from '../../src/tools/random-arguments.js';

type Arguments = Record<string, unknown>;
type Real = Tensor<Float64Array>;

const info = declaredOps().find(({ name }) => name === 'fql_train_step') as OpInfo;
const sizes = { B: 5, S: 3, D: 2, Lf: 3, Lp: 2, Lc: 3, Ld: 2 };
const step = (args: Arguments): Arguments =>
  flow.fqlTrainStep(args as never) as unknown as Arguments;
const mlp = (args: Arguments): Arguments => flow.mlp(args as never) as unknown as Arguments;

const make = (seed: number, parameters: Arguments = {}): Arguments => {
  const args = randomArguments(info, { seed, dtype: 'float64', sizes, parameters });
  // Adam's second moment is a mean of squares.
  for (const name of ['moments', 'normMoments']) {
    const { data } = args[name] as Real;
    for (let i = data.length / 2; i < data.length; i++) data[i] = Math.abs(data[i] as number);
  }
  return args;
};

const real = (args: Arguments, name: string): Real => args[name] as Real;
const matrix = (rows: number, columns: number): Real =>
  new Tensor(new Float64Array(rows * columns), [rows, columns]);

/** Arrays [B, ·] side by side. */
function beside(...parts: Real[]): Real {
  const rows = parts[0]?.shape[0] as number;
  const widths = parts.map(({ data }) => data.length / rows);
  const width = widths.reduce((a, b) => a + b, 0);
  const all = matrix(rows, width);
  for (let row = 0; row < rows; row++) {
    let at = row * width;
    parts.forEach(({ data }, i) => {
      const w = widths[i] as number;
      all.data.set(data.subarray(row * w, row * w + w), at);
      at += w;
    });
  }
  return all;
}

const clipped = ({ data, shape }: Real): Real =>
  new Tensor(
    data.map((x) => Math.min(1, Math.max(-1, x))),
    [...shape],
  );

/** The operands of `mlp` for one of the step's networks. */
function network(args: Arguments, prefix: string): Arguments {
  const layers: Arguments = {};
  let count = 0;
  for (; args[`${prefix}Weight${count}`] !== undefined; count++) {
    layers[`weight${count}`] = args[`${prefix}Weight${count}`];
    layers[`bias${count}`] = args[`${prefix}Bias${count}`];
  }
  const activations = Array.from({ length: count }, (_, i) =>
    i + 1 < count ? 'gelu_tanh' : 'identity',
  );
  const norm = args[`${prefix}Norm`] as Real | undefined;
  if (norm === undefined || args['layerNorm'] === false) return { ...layers, activations };
  let at = 0;
  for (let i = 0; i + 1 < count; i++) {
    const width = (args[`${prefix}Bias${i}`] as Real).size;
    const units = norm.shape[1] as number;
    layers[`lnGamma${i}`] = norm.data.slice(at, at + width);
    layers[`lnBeta${i}`] = norm.data.slice(units + at, units + at + width);
    at += width;
  }
  const norms = activations.map((word) => (word === 'identity' ? 'none' : 'post'));
  return { ...layers, activations, norms, lnEps: 1e-6 };
}

const value = (args: Arguments, prefix: string, x: Real): Real =>
  real(mlp({ ...network(args, prefix), x, outputs: ['y'] }), 'y');

/** Gradients of a network's parameters in the order of the moments: layers, and norms apart. */
function gradients(args: Arguments, prefix: string, x: Real, gradY: Real): [number[], number[]] {
  const result = mlp({ ...network(args, prefix), x, gradY });
  const layers: number[] = [];
  const [gammas, betas]: [number[], number[]] = [[], []];
  for (let i = 0; result[`gradWeight${i}`] !== undefined; i++) {
    layers.push(...real(result, `gradWeight${i}`).data, ...real(result, `gradBias${i}`).data);
    gammas.push(...(real(result, `gradLnGamma${i}`)?.data ?? []));
    betas.push(...(real(result, `gradLnBeta${i}`)?.data ?? []));
  }
  return [layers, [...gammas, ...betas]];
}

interface Composed {
  losses: Arguments;
  layers: number[];
  norms: number[];
}

/** The losses and all gradients by the golden-tested ops. */
function compose(args: Arguments): Composed {
  const s = real(args, 'observations');
  const [rows = 0, dims = 0] = real(args, 'actions').shape;
  const next = clipped(
    value(args, 'policy', beside(real(args, 'nextObservations'), real(args, 'nextNoise'))),
  );
  const noise = real(args, 'noisePolicy');
  const student = value(args, 'policy', beside(s, noise));
  const { actionDataAtT1 } = flow.eulerSampler({
    ...network(args, 'flow'),
    observations: s,
    noise,
    steps: 10,
    clip: false,
  } as never) as unknown as Record<string, Real>;
  const { xT } = flow.flowMatchingLoss({
    actions: args['actions'],
    noise: args['noiseBc'],
    t: args['t'],
    pred: args['actions'],
    convention: 'data_at_t1',
  } as never) as unknown as Record<string, Real>;
  const t = args['t'] as Real;
  const flowInputs = beside(s, xT as Real, new Tensor(t.data, [rows, 1]));
  const both = (prefix: string, x: Real): Real => {
    const q = [1, 2].flatMap((k) => [...value(args, `${prefix}${k}`, x).data]);
    return new Tensor(Float64Array.from(q), [2, rows]);
  };
  const seen = beside(s, real(args, 'actions'));
  const climbed = beside(s, clipped(student));
  const ended = (args['terminated'] as Tensor<Uint8Array>).data;
  const losses = flow.fqlLosses({
    nextQValues: both('targetCritic', beside(real(args, 'nextObservations'), next)),
    rewards: args['rewards'],
    mask: Float64Array.from(ended, (flag) => (flag === 0 ? 1 : 0)),
    qValues: both('critic', seen),
    actions: args['actions'],
    noise: args['noiseBc'],
    t: args['t'],
    predVelocity: value(args, 'flow', flowInputs),
    onestepAction: student,
    flowActionUnclipped: actionDataAtT1,
    qPolicy: both('critic', climbed),
    alpha: args['alpha'] ?? 10,
    qAgg: args['qAgg'] ?? 'mean',
    normalizeQLoss: args['normalizeQLoss'] ?? false,
  } as never) as unknown as Arguments;
  const row = (name: string, k: number): Real =>
    new Tensor(real(losses, name).data.slice(k * rows, (k + 1) * rows), [rows, 1]);
  const gradStudent = new Tensor(real(losses, 'gradOnestepDistill').data.slice(), [rows, dims]);
  const passes = (losses['qGradPasses'] as Tensor<Uint8Array>).data;
  const layers = [...gradients(args, 'flow', flowInputs, real(losses, 'gradPredVelocity'))[0]];
  const ofCritics = [0, 1].map((k) => {
    const prefix = `critic${k + 1}`;
    const gradY = row('gradQPolicy', k);
    const gradX = real(mlp({ ...network(args, prefix), x: climbed, gradY }), 'gradX');
    passes.forEach((pass, i) => {
      const row = Math.floor(i / dims) * (gradX.shape[1] as number);
      const column = row + (s.shape[1] as number) + (i % dims);
      if (pass === 1) (gradStudent.data[i] as number) += gradX.data[column] as number;
    });
    return gradients(args, prefix, seen, row('gradQValues', k));
  });
  layers.push(...gradients(args, 'policy', beside(s, noise), gradStudent)[0]);
  for (const [own] of ofCritics) layers.push(...own);
  return { losses, layers, norms: ofCritics.flatMap(([, norm]) => norm) };
}

/** Parameters in the order of the moments. */
function flat(args: Arguments, prefix: '' | 'new'): { layers: number[]; norms: number[] } {
  const name = (network: string, part: string): string => {
    const key = `${network}${part}`;
    return prefix === '' ? key : `new${(key[0] as string).toUpperCase()}${key.slice(1)}`;
  };
  const layers: number[] = [];
  const norms: number[] = [];
  for (const one of ['flow', 'policy', 'critic1', 'critic2']) {
    for (let i = 0; args[name(one, `Weight${i}`)] !== undefined; i++) {
      layers.push(...real(args, name(one, `Weight${i}`)).data);
      layers.push(...real(args, name(one, `Bias${i}`)).data);
    }
    norms.push(...(real(args, name(one, 'Norm'))?.data ?? []));
  }
  return { layers, norms };
}

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, what: string): void {
  expect(found.length, what).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [found[i] as number, wanted[i] as number];
    expect(Math.abs(a - b), `${what}[${i}]: ${a} for ${b}`).toBeLessThan(1e-9 * (1 + Math.abs(b)));
  }
}

const variants: Arguments[] = [
  {},
  { qAgg: 'min', normalizeQLoss: true, alpha: 3 },
  { layerNorm: false, alpha: 0 },
];

const options = { lr: 0.01, tau: 0.3 };

test.each(variants)('fql_train_step is what its parts are: %j', (parameters) => {
  for (const seed of [1, 2]) {
    const args = make(seed, { ...parameters, ...options });
    const { moments: _, normMoments: __, ...first } = args;
    const found = step(first);
    const { losses, layers, norms } = compose(args);
    for (const name of ['criticLoss', 'bcFlowLoss', 'distillLoss', 'qLoss', 'actorLoss']) {
      expectClose([found[name] as number], [losses[name] as number], name);
    }
    expectClose(real(found, 'target').data, real(losses, 'target').data, 'target');
    const [before, after] = [flat(args, ''), flat(found, 'new')];
    const expectAdam = (w: number[], gradient: number[], now: number[]): void => {
      const grad = new Tensor(Float64Array.from(gradient), [1, gradient.length]);
      const { adam } = flow.optimizerStep({ w: Float64Array.from(w), grad, lr: 0.01 });
      expectClose(now, adam.data, 'parameters after the step');
    };
    expectAdam(before.layers, layers, after.layers);
    if (parameters['layerNorm'] !== false) expectAdam(before.norms, norms, after.norms);
    const target = real(args, 'targetCritic2Weight0').data;
    const critic = real(found, 'newCritic2Weight0').data;
    const follower = target.map((w, i) => 0.7 * w + 0.3 * (critic[i] as number));
    expectClose(real(found, 'newTargetCritic2Weight0').data, follower, 'target of critic 2');
    expectMoments(args, { moments: layers, normMoments: norms });
  }
});

/** Moments that are given go on: m and v of a later step. */
function expectMoments(args: Arguments, gradients: Record<string, number[]>): void {
  const found = step({ ...args, step: 4 });
  for (const [name, gradient] of Object.entries(gradients)) {
    if (args['layerNorm'] === false && name === 'normMoments') continue;
    const old = real(args, name).data;
    const half = old.length / 2;
    const now = [...gradient, ...gradient].map((g, i) => {
      const [decay, term] = i < half ? [0.9, g] : [0.999, g * g];
      return decay * (old[i] as number) + (1 - decay) * term;
    });
    const key = `new${(name[0] as string).toUpperCase()}${name.slice(1)}`;
    expectClose(real(found, key).data, now, key);
  }
}

test('fql_train_step: its gradient is the slope of its losses', () => {
  // With β₁ = 0 the moment m is the gradient; critics take theirs of the critic loss alone.
  const settings = { beta1: 0, lr: 0, normalizeQLoss: false, alpha: 0.7 };
  const losses: [string, string][] = [
    ['policyBias0', 'actorLoss'],
    ['flowBias1', 'bcFlowLoss'],
    ['critic1Bias0', 'criticLoss'],
    ['critic2Norm', 'criticLoss'],
  ];
  const args = make(3, settings);
  const { newMoments, newNormMoments } = step(args) as Record<string, Real>;
  const place = (name: string): number => {
    let at = 0;
    for (const network of ['flow', 'policy', 'critic1', 'critic2']) {
      for (let i = 0; args[`${network}Weight${i}`] !== undefined; i++) {
        at += real(args, `${network}Weight${i}`).size;
        if (name === `${network}Bias${i}`) return at;
        at += real(args, `${network}Bias${i}`).size;
      }
    }
    return real(args, 'critic1Norm').size;
  };
  for (const [name, loss] of losses) {
    const { data, shape } = real(args, name);
    const moments = (name.endsWith('Norm') ? newNormMoments : newMoments) as Real;
    for (let i = 0; i < data.length; i++) {
      const at = (h: number): number => {
        const moved = new Tensor(data.slice(), [...shape]);
        (moved.data[i] as number) += h;
        return step({ ...args, [name]: moved })[loss] as number;
      };
      const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
      const gradient = moments.data[place(name) + i] as number;
      expect(Math.abs(gradient - slope), `${name}[${i}]`).toBeLessThan(
        1e-6 * (1 + Math.abs(slope)),
      );
    }
  }
});

test('fql_train_step: in place gives what it gives apart', () => {
  const args = make(4);
  const apart = step(args);
  const out: Arguments = {};
  for (const name of Object.keys(apart).filter((key) => key.startsWith('new'))) {
    out[name] = args[`${name[3]?.toLowerCase()}${name.slice(4)}`];
  }
  expect(Object.values(out).every((array) => array instanceof Tensor)).toBe(true);
  step({ ...args, out });
  for (const [name, array] of Object.entries(out)) {
    expect([...(array as Real).data], name).toEqual([...real(apart, name).data]);
  }
});
