/** One training step of flow Q-learning (arXiv 2502.02538, algorithm 1), a row at a time. */
import { flags, type Reference, type ReferenceCase } from '../golden.js';
import { type Arrays, array, generator, golden, named, rowsOf, scalar } from '../lib/arrays.js';
import {
  evaluate,
  type Leaves,
  layersOf,
  leavesOf,
  namesOf,
  randomNetwork,
  trained,
} from '../lib/networks.js';
import {
  add,
  clip,
  differentiate,
  geluTanh,
  mean,
  minus,
  square,
  Traced,
  times,
} from '../lib/traced.js';

interface Options {
  gamma: number;
  tau: number;
  alpha: number;
  lr: number;
  step: number;
  flow_steps: number;
  layer_norm: boolean;
  q_agg: 'mean' | 'min';
  normalize_q_loss: boolean;
}

const usual: Options = {
  gamma: 0.9,
  tau: 0.25,
  alpha: 2,
  lr: 0.01,
  step: 1,
  flow_steps: 3,
  layer_norm: true,
  q_agg: 'mean',
  normalize_q_loss: false,
};

const networks = ['flow', 'policy', 'critic1', 'critic2'];
const numbers = (x: number[]): Traced[] => x.map((one) => new Traced(one));

class Step {
  private readonly norms: string[];
  private readonly leaves: Leaves;
  private readonly normLeaves: Leaves;
  /** Nothing is learnt through these: targets, and the critics that the policy climbs. */
  private readonly held: Leaves;

  constructor(
    private readonly given: Arrays,
    private readonly ended: number[],
    private readonly options: Options,
  ) {
    this.norms = options.layer_norm ? ['critic1_norm', 'critic2_norm'] : [];
    this.leaves = leavesOf(given, namesOf(given, ...networks));
    this.normLeaves = leavesOf(given, this.norms);
    const all = Object.keys(given).filter((name) => /weight|bias|_norm$/.test(name));
    this.held = leavesOf(given, all);
  }

  private rows(name: string): number[][] {
    return rowsOf(named(this.given, name));
  }

  private critics(prefix: string, leaves: Leaves, s: number[], a: Traced[]): Traced[] {
    return [1, 2].map((k) => {
      const values = leaves[`${prefix}${k}_norm`];
      const norm = this.options.layer_norm && values ? { values, eps: 1e-6 } : undefined;
      const x = [...numbers(s), ...a];
      return evaluate(layersOf(leaves, `${prefix}${k}`), x, geluTanh, norm)[0] as Traced;
    });
  }

  private policy(leaves: Leaves, s: number[], z: number[]): Traced[] {
    return evaluate(layersOf(leaves, 'policy'), numbers([...s, ...z]), geluTanh);
  }

  private velocity(leaves: Leaves, s: number[], x: number[], t: number): Traced[] {
    return evaluate(layersOf(leaves, 'flow'), numbers([...s, ...x, t]), geluTanh);
  }

  /** Clipped actions at the next states, and y. */
  private targets() {
    const { gamma, q_agg } = this.options;
    const noise = this.rows('next_noise');
    const actions: number[][] = [];
    const target = this.rows('next_observations').map((s, b) => {
      const a = this.policy(this.held, s, noise[b] as number[]).map((x) => clip(x, 1));
      actions.push(a.map(({ value }) => value));
      const q = this.critics('target_critic', this.held, s, a).map(({ value }) => value);
      const [q1, q2] = q as [number, number];
      const next = q_agg === 'min' ? Math.min(q1, q2) : (q1 + q2) / 2;
      const reward = named(this.given, 'rewards').data[b] as number;
      return this.ended[b] ? reward : reward + gamma * next;
    });
    return { actions, target };
  }

  private criticLoss(target: number[]): Traced {
    const actions = this.rows('actions');
    const all = { ...this.leaves, ...this.normLeaves };
    return mean(
      this.rows('observations').flatMap((s, b) =>
        this.critics('critic', all, s, numbers(actions[b] as number[])).map((q) =>
          square(minus(q, target[b] as number)),
        ),
      ),
    );
  }

  /** The velocity on the way from noise to data. */
  private flowLoss(): Traced {
    const [actions, noise] = [this.rows('actions'), this.rows('noise_bc')];
    return mean(
      this.rows('observations').flatMap((s, b) => {
        const [a, e] = [actions[b] as number[], noise[b] as number[]];
        const t = named(this.given, 't').data[b] as number;
        const x = a.map((one, i) => (1 - t) * (e[i] as number) + t * one);
        return this.velocity(this.leaves, s, x, t).map((v, i) =>
          square(minus(v, (a[i] as number) - (e[i] as number))),
        );
      }),
    );
  }

  /** Euler steps of the behaviour flow, clipped at the end. */
  private teacher(s: number[], z: number[]): number[] {
    const count = this.options.flow_steps;
    let x = z;
    for (let k = 0; k < count; k++) {
      const v = this.velocity(this.held, s, x, k / count);
      x = x.map((one, i) => one + (v[i] as Traced).value / count);
    }
    return x.map((one) => Math.min(Math.max(one, -1), 1));
  }

  private actorLosses() {
    const noise = this.rows('noise_policy');
    const states = this.rows('observations');
    const teacher = states.map((s, b) => this.teacher(s, noise[b] as number[]));
    const student = states.map((s, b) => this.policy(this.leaves, s, noise[b] as number[]));
    const distill = mean(
      student.flatMap((a, b) => a.map((x, i) => square(minus(x, teacher[b]?.[i] as number)))),
    );
    const q = student.map((a, b) =>
      mean(
        this.critics(
          'critic',
          this.held,
          states[b] as number[],
          a.map((x) => clip(x, 1)),
        ),
      ),
    );
    const size = q.reduce((sum, { value }) => sum + Math.abs(value), 0) / q.length;
    const factor = this.options.normalize_q_loss ? 1 / size : 1;
    const values = (rows: Traced[][]): number[] => rows.flat().map(({ value }) => value);
    return {
      teacher: teacher.flat(),
      student: values(student),
      distill,
      q: times(-factor, mean(q)),
    };
  }

  run(): Arrays {
    const { shape } = named(this.given, 'actions');
    const { actions, target } = this.targets();
    const [critic, flow, actor] = [this.criticLoss(target), this.flowLoss(), this.actorLosses()];
    const policy = add(add(flow, times(this.options.alpha, actor.distill)), actor.q);
    differentiate(add(critic, policy));
    return {
      next_actions: array(shape, actions.flat()),
      target: array([target.length], target),
      critic_loss: scalar(critic.value),
      bc_flow_loss: scalar(flow.value),
      flow_action: array(shape, actor.teacher),
      policy_action: array(shape, actor.student),
      distill_loss: scalar(actor.distill.value),
      q_loss: scalar(actor.q.value),
      actor_loss: scalar(policy.value),
      ...this.updated(),
    };
  }

  private updated(): Arrays {
    const { lr, step, tau } = this.options;
    const adam = { lr, step, beta1: 0.9, beta2: 0.999, eps: 1e-8 };
    const follower = { prefix: 'target', share: tau };
    const layers = trained(this.given, this.leaves, {
      adam,
      moments: 'moments',
      follower: (name) => (name.startsWith('critic') ? follower : undefined),
    });
    if (this.norms.length === 0) return layers;
    const norms = { adam, moments: 'norm_moments', follower: () => follower };
    return { ...layers, ...trained(this.given, this.normLeaves, norms) };
  }
}

function problem(seed: number, options: Options, moments: boolean): Arrays {
  const { fill } = generator(seed);
  const [batch, states, dims] = [4, 3, 2];
  const critics: Record<string, number[]> = { critic1: [5, 4, 5, 1], critic2: [5, 3, 1] };
  const norms: Arrays = {};
  const trainable: Arrays = {
    ...randomNetwork(fill, 'flow', [6, 5, 4, 2]),
    ...randomNetwork(fill, 'policy', [5, 4, 3, 2]),
  };
  const targets: Arrays = {};
  for (const [name, widths] of Object.entries(critics)) {
    Object.assign(trainable, randomNetwork(fill, name, widths));
    Object.assign(targets, randomNetwork(fill, `target_${name}`, widths));
    const units = widths.slice(1, -1).reduce((a, b) => a + b, 0);
    norms[`${name}_norm`] = fill([2, units], 0.2, 1.2);
    norms[`target_${name}_norm`] = fill([2, units], 0.2, 1.2);
  }
  const count = (of: Arrays): number => Object.values(of).flatMap(({ data }) => data).length;
  const own = (n: number) =>
    array([2, n], [...fill([n], -0.2, 0.2).data, ...fill([n], 0, 0.1).data]);
  const normMoments = { norm_moments: own(count(norms) / 2) };
  return {
    observations: fill([batch, states], -1, 1),
    actions: fill([batch, dims], -1, 1),
    rewards: fill([batch], -1, 1),
    next_observations: fill([batch, states], -1, 1),
    next_noise: fill([batch, dims], -2, 2),
    noise_bc: fill([batch, dims], -2, 2),
    noise_policy: fill([batch, dims], -2, 2),
    t: fill([batch], 0, 1),
    ...trainable,
    ...targets,
    ...(options.layer_norm ? norms : {}),
    ...(moments ? { moments: own(count(trainable)) } : {}),
    ...(moments && options.layer_norm ? normMoments : {}),
  };
}

function goldenCase(
  name: string,
  seed: number,
  changes: Partial<Options>,
  moments: boolean,
): ReferenceCase {
  const options = { ...usual, ...changes };
  const given = problem(seed, options, moments);
  const ended = [0, 1, 0, 0];
  return {
    name,
    inputs: { ...golden(given), terminated: flags([ended.length], ended) },
    params: { ...options },
    expected: golden(new Step(given, ended, options).run()),
    atol: 1e-10,
    rtol: 1e-10,
  };
}

export const reference: Reference = {
  family: 'flow',
  op: 'fql_train_step',
  cases: [
    goldenCase('first step', 1, {}, false),
    goldenCase('a later step', 2, { step: 5, q_agg: 'min', normalize_q_loss: true }, true),
    goldenCase('critics without norms', 3, { step: 3, layer_norm: false, flow_steps: 1 }, true),
  ],
};
