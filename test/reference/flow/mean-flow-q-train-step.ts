/** One training step of residual MeanFlow Q-learning (arXiv 2511.13035), a row at a time. */
import { flags, type Reference, type ReferenceCase } from '../golden.js';
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
import {
  add,
  clip,
  differentiate,
  mean,
  minus,
  relu,
  square,
  sum,
  Traced,
  times,
} from '../lib/traced.js';

interface Options extends StepOptions {
  alpha: number;
  bound_weight: number;
  time_scale: number;
  adaptive_gamma: number;
  adaptive_c: number;
  target_clip: number;
  q_agg: 'mean' | 'min';
  normalize_q_loss: boolean;
}

const usual: Options = {
  ...usualStep,
  alpha: 2,
  bound_weight: 0.5,
  time_scale: 1,
  adaptive_gamma: 0.8,
  adaptive_c: 1e-4,
  target_clip: 5,
  q_agg: 'min',
  normalize_q_loss: true,
};

/** The draws of every next state, clipped, and y at the one that both targets like best. */
function targets(given: Arrays, ended: number[], options: Options) {
  const held = freshLeaves(given, 'trunk', 'tmlp', 'target_critic1', 'target_critic2');
  const policy = timedPolicy('', held, options.emb_dim);
  const noise = rows(given, 'next_noise');
  const draws = noise.length / sizes.batch;
  const nextActions: number[] = [];
  const target = rows(given, 'next_observations').map((s, b) => {
    const q = noise.slice(b * draws, (b + 1) * draws).map((e) => {
      const g = policy(numbers(e), new Traced(options.time_scale), s);
      const a = g.map((x) => clip(x, 1));
      nextActions.push(...valuesOf(a));
      return valuesOf(critics('target_critic', held, s, a)) as [number, number];
    });
    const means = q.map(([q1, q2]) => (q1 + q2) / 2);
    const best = means.indexOf(Math.max(...means));
    const value = options.q_agg === 'min' ? Math.min(...(q[best] ?? [])) : (means[best] as number);
    const reward = named(given, 'rewards').data[b] as number;
    return ended[b] ? reward : reward + options.gamma * value;
  });
  return { nextActions, target };
}

/** Mean of w ‖g − g_target‖², whose target and weight are held. */
function flowLoss(given: Arrays, policy: ReturnType<typeof timedPolicy>, options: Options) {
  const [actions, noise] = [rows(given, 'actions'), rows(given, 'noise_bc')];
  const targets: number[] = [];
  const losses = rows(given, 'observations').map((s, b) => {
    const [a, e] = [actions[b] as number[], noise[b] as number[]];
    const t = named(given, 't').data[b] as number;
    const v = a.map((x, i) => (e[i] as number) - x);
    const z = a.map((x, i) => new Traced((1 - t) * x + t * (e[i] as number), v[i]));
    const g = policy(z, new Traced(options.time_scale * t, options.time_scale), s);
    const limit = options.target_clip;
    const want = g.map(({ tangent }, i) => {
      const x = (z[i] as Traced).value + (t - 1) * (v[i] as number) - t * tangent;
      return Math.min(Math.max(x, -limit), limit);
    });
    targets.push(...want);
    const error = mean(g.map((x, i) => square(minus(x, want[i] as number))));
    const weight = (error.value + options.adaptive_c) ** (options.adaptive_gamma - 1);
    return times(Math.min(Math.max(weight, 1e-6), 1e6), error);
  });
  return { targets, loss: mean(losses) };
}

function actorLoss(given: Arrays, policy: ReturnType<typeof timedPolicy>, options: Options) {
  const held = freshLeaves(given, 'critic1', 'critic2');
  const noise = rows(given, 'noise_policy');
  const states = rows(given, 'observations');
  const time = new Traced(options.time_scale);
  const g = states.map((s, b) => policy(numbers(noise[b] as number[]), time, s));
  const actions = g.map((row) => row.map((x) => clip(x, 1)));
  const q = states.map((s, b) => mean(critics('critic', held, s, actions[b] as Traced[])));
  const size = valuesOf(q).reduce((total, x) => total + Math.abs(x), 0) / q.length;
  const outside = g.flat().map((x) => add(relu(minus(x, 1)), relu(minus(-1, x))));
  return {
    actions: valuesOf(actions.flat()),
    q: times(options.normalize_q_loss ? -1 / size : -1, mean(q)),
    bound: mean(outside),
  };
}

function criticLoss(given: Arrays, leaves: ReturnType<typeof leavesOf>, target: number[]) {
  const actions = rows(given, 'actions');
  return mean(
    rows(given, 'observations').flatMap((s, b) =>
      critics('critic', leaves, s, numbers(actions[b] as number[])).map((q) =>
        square(minus(q, target[b] as number)),
      ),
    ),
  );
}

function step(given: Arrays, ended: number[], options: Options): Arrays {
  const ofCritics = freshLeaves(given, 'critic1', 'critic2');
  const ofPolicy = freshLeaves(given, 'trunk', 'tmlp');
  const policy = timedPolicy('', ofPolicy, options.emb_dim);
  const { nextActions, target } = targets(given, ended, options);
  const critic = criticLoss(given, ofCritics, target);
  const flow = flowLoss(given, policy, options);
  const { actions, q, bound } = actorLoss(given, policy, options);
  const actor = sum([q, times(options.bound_weight, bound), times(options.alpha, flow.loss)]);
  differentiate(critic);
  differentiate(actor);
  const follower = () => ({ prefix: 'target', share: options.tau });
  const criticStep = stepOf(given, ofCritics, options, 'critic', follower);
  const policyStep = stepOf(given, ofPolicy, options, 'policy', undefined);
  const { shape } = named(given, 'actions');
  return {
    next_actions: array([nextActions.length / sizes.dims, sizes.dims], nextActions),
    target: array([target.length], target),
    critic_loss: scalar(critic.value),
    ...criticStep.norm,
    g_target: array(shape, flow.targets),
    flow_loss: scalar(flow.loss.value),
    bound_loss: scalar(bound.value),
    policy_action: array(shape, actions),
    q_loss: scalar(q.value),
    actor_loss: scalar(actor.value),
    ...policyStep.norm,
    ...policyStep.updated,
    ...criticStep.updated,
  };
}

function goldenCase(
  name: string,
  seed: number,
  changes: Partial<Options>,
  draws: number,
  moments: boolean,
): ReferenceCase {
  const options = { ...usual, ...changes };
  const { given, fill } = problem(seed, options, false, moments);
  const { batch, dims } = sizes;
  given['next_noise'] = fill([batch, draws, dims], -2, 2);
  given['noise_policy'] = fill([batch, dims], -2, 2);
  given['t'] = fill([batch], 0, 1);
  const ended = [0, 0, 1, 0];
  return {
    name,
    inputs: { ...golden(given), terminated: flags([batch], ended) },
    params: { ...options },
    expected: golden(step(given, ended, options)),
    atol: 1e-10,
    rtol: 1e-10,
  };
}

export const reference: Reference = {
  family: 'flow',
  op: 'mean_flow_q_train_step',
  cases: [
    goldenCase('first step', 1, {}, 3, false),
    goldenCase(
      'a later step, clipped, Q as it is',
      2,
      { step: 4, q_agg: 'mean', normalize_q_loss: false, grad_clip: 0.3, time_scale: 10 },
      1,
      true,
    ),
    goldenCase(
      'a small target limit, six inputs of the time',
      3,
      { target_clip: 0.5, emb_dim: 6 },
      2,
      true,
    ),
  ],
};
