/** One training step of diffusion Q-learning (arXiv 2208.06193, algorithm 1), a row at a time. */
import { flags, integers, type Reference, type ReferenceCase } from '../golden.js';
import { type Arrays, array, golden, named, scalar } from '../lib/arrays.js';
import type { leavesOf } from '../lib/networks.js';
import {
  critics,
  freshLeaves,
  numbers,
  problem,
  rows,
  type StepOptions,
  sizes,
  stepOf,
  timedPolicy,
  usualStep,
  valuesOf,
} from '../lib/timed-policy.js';
import { add, clip, differentiate, mean, minus, square, Traced, times } from '../lib/traced.js';

interface Options extends StepOptions {
  ema_decay: number;
  eta: number;
  q_loss_critic: 1 | 2;
  schedule: 'vp' | 'linear';
  steps: number;
  max_action: number;
  clip_denoised: boolean;
}

const usual: Options = {
  ...usualStep,
  ema_decay: 0.8,
  eta: 0.7,
  q_loss_critic: 1,
  schedule: 'vp',
  steps: 3,
  max_action: 1,
  clip_denoised: true,
};

/** β of every step. */
function betas({ schedule, steps: T }: Options): number[] {
  return Array.from({ length: T }, (_, i) =>
    schedule === 'vp'
      ? 1 - Math.exp(-0.1 / T - (0.5 * (10 - 0.1) * (2 * i + 1)) / T ** 2)
      : 1e-4 + ((2e-2 - 1e-4) * i) / (T - 1),
  );
}

/** ᾱ of every step. */
function products(options: Options): number[] {
  let product = 1;
  return betas(options).map((beta) => {
    product *= 1 - beta;
    return product;
  });
}

/** The ancestral sampler (arXiv 2006.11239, eq. 6 and 7); the last step adds no noise. */
function chain(
  noise: number[][],
  s: number[],
  policy: ReturnType<typeof timedPolicy>,
  options: Options,
): Traced[] {
  const [beta, bars] = [betas(options), products(options)];
  let x = numbers(noise[0] as number[]);
  for (let t = options.steps - 1; t >= 0; t--) {
    const [b, bar, before] = [beta[t], bars[t], t > 0 ? bars[t - 1] : 1] as [
      number,
      number,
      number,
    ];
    const predicted = policy(x, new Traced(t), s);
    const deviation = t > 0 ? Math.sqrt((b * (1 - before)) / (1 - bar)) : 0;
    x = x.map((one, i) => {
      const all = minus(
        times(1 / Math.sqrt(bar), one),
        times(Math.sqrt(1 / bar - 1), predicted[i] as Traced),
      );
      const clean = options.clip_denoised ? clip(all, options.max_action) : all;
      const mean = add(
        times((b * Math.sqrt(before)) / (1 - bar), clean),
        times(((1 - before) * Math.sqrt(1 - b)) / (1 - bar), one),
      );
      const fresh = t > 0 ? (noise[options.steps - t]?.[i] as number) : 0;
      return add(mean, deviation * fresh);
    });
  }
  return x.map((one) => clip(one, options.max_action));
}

/** Row i of every step of noise [K, rows, D]. */
const noiseOf = (given: Arrays, name: string, steps: number, row: number): number[][] => {
  const all = rows(given, name);
  const count = all.length / steps;
  return Array.from({ length: steps }, (_, k) => all[k * count + row] as number[]);
};

/** Ends of the averaged policy's chains, and y by the smaller of both targets' largest. */
function targets(given: Arrays, ended: number[], draws: number, options: Options) {
  const held = freshLeaves(given, 'ema_trunk', 'ema_tmlp', 'target_critic1', 'target_critic2');
  const policy = timedPolicy('ema_', held, options.emb_dim);
  const nextActions: number[] = [];
  const target = rows(given, 'next_observations').map((s, b) => {
    const q = Array.from({ length: draws }, (_, m) => {
      const noise = noiseOf(given, 'next_noise', options.steps, b * draws + m);
      const a = chain(noise, s, policy, options);
      nextActions.push(...valuesOf(a));
      return valuesOf(critics('target_critic', held, s, a));
    });
    const largest = [0, 1].map((k) => Math.max(...q.map((both) => both[k] as number)));
    const reward = named(given, 'rewards').data[b] as number;
    return ended[b] ? reward : reward + options.gamma * Math.min(...largest);
  });
  return { nextActions, target };
}

function criticLoss(given: Arrays, leaves: ReturnType<typeof leavesOf>, target: number[]) {
  const actions = rows(given, 'actions');
  const errors = rows(given, 'observations').flatMap((s, b) =>
    critics('critic', leaves, s, numbers(actions[b] as number[])).map((q) =>
      square(minus(q, target[b] as number)),
    ),
  );
  return times(2, mean(errors));
}

/** How well the noise of a data action is predicted. */
function behaviourLoss(
  given: Arrays,
  index: number[],
  policy: ReturnType<typeof timedPolicy>,
  options: Options,
): Traced {
  const [actions, noise] = [rows(given, 'actions'), rows(given, 'noise_bc')];
  const bars = products(options);
  return mean(
    rows(given, 'observations').flatMap((s, b) => {
      const bar = bars[index[b] as number] as number;
      const e = noise[b] as number[];
      const x = (actions[b] as number[]).map(
        (a, i) => Math.sqrt(bar) * a + Math.sqrt(1 - bar) * (e[i] as number),
      );
      return policy(numbers(x), new Traced(index[b] as number), s).map((one, i) =>
        square(minus(one, e[i] as number)),
      );
    }),
  );
}

/** −mean Q_i / mean |Q_j| at the ends of the policy's chains. */
function actorLoss(
  given: Arrays,
  updated: Arrays,
  policy: ReturnType<typeof timedPolicy>,
  options: Options,
) {
  const fresh = Object.entries(updated).filter(([name]) => name.startsWith('new_critic'));
  const arrays = Object.fromEntries(fresh.map(([name, of]) => [name.slice(4), of]));
  const held = freshLeaves(arrays, 'critic1', 'critic2');
  const states = rows(given, 'observations');
  const actions = states.map((s, b) =>
    chain(noiseOf(given, 'noise_policy', options.steps, b), s, policy, options),
  );
  const q = states.map((s, b) => critics('critic', held, s, actions[b] as Traced[]));
  const climbed = q.map((both) => both[options.q_loss_critic - 1] as Traced);
  const other = q.map((both) => both[2 - options.q_loss_critic] as Traced);
  const size = valuesOf(other).reduce((total, x) => total + Math.abs(x), 0) / other.length;
  return { actions: valuesOf(actions.flat()), q: times(-1 / size, mean(climbed)) };
}

function step(given: Arrays, ended: number[], index: number[], draws: number, options: Options) {
  const ofCritics = freshLeaves(given, 'critic1', 'critic2');
  const ofPolicy = freshLeaves(given, 'trunk', 'tmlp');
  const policy = timedPolicy('', ofPolicy, options.emb_dim);
  const { nextActions, target } = targets(given, ended, draws, options);
  const critic = criticLoss(given, ofCritics, target);
  differentiate(critic);
  const follow = (prefix: string, share: number) => () => ({ prefix, share });
  const criticStep = stepOf(given, ofCritics, options, 'critic', follow('target', options.tau));
  const behaviour = behaviourLoss(given, index, policy, options);
  const { actions, q } = actorLoss(given, criticStep.updated, policy, options);
  const actor = add(behaviour, times(options.eta, q));
  differentiate(actor);
  const average = follow('ema', 1 - options.ema_decay);
  const policyStep = stepOf(given, ofPolicy, options, 'policy', average);
  const out: Arrays = {
    next_actions: array([nextActions.length / sizes.dims, sizes.dims], nextActions),
    target: array([target.length], target),
    critic_loss: scalar(critic.value),
    ...criticStep.norm,
    bc_loss: scalar(behaviour.value),
    policy_action: array(named(given, 'actions').shape, actions),
    q_loss: scalar(q.value),
    actor_loss: scalar(actor.value),
    ...policyStep.norm,
    ...policyStep.updated,
    ...criticStep.updated,
  };
  return out;
}

function goldenCase(
  name: string,
  seed: number,
  changes: Partial<Options>,
  draws: number,
  moments: boolean,
): ReferenceCase {
  const options = { ...usual, ...changes };
  const { given, fill, below } = problem(seed, options, true, moments);
  const { batch, dims } = sizes;
  given['next_noise'] = fill([options.steps, batch, draws, dims], -2, 2);
  given['noise_policy'] = fill([options.steps, batch, dims], -2, 2);
  const ended = [0, 1, 0, 0];
  const index = below(batch, options.steps);
  return {
    name,
    inputs: {
      ...golden(given),
      terminated: flags([batch], ended),
      t_index: integers([batch], index),
    },
    params: { ...options },
    expected: golden(step(given, ended, index, draws, options)),
    atol: 1e-10,
    rtol: 1e-10,
  };
}

export const reference: Reference = {
  family: 'flow',
  op: 'diffusion_ql_train_step',
  cases: [
    goldenCase('first step', 1, {}, 1, false),
    goldenCase('a later step, clipped', 2, { step: 6, q_loss_critic: 2, grad_clip: 0.3 }, 3, true),
    goldenCase(
      'no clip on the way, a linear schedule',
      3,
      { schedule: 'linear', steps: 4, clip_denoised: false, max_action: 2, emb_dim: 6 },
      2,
      true,
    ),
  ],
};
