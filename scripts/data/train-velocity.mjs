#!/usr/bin/env node
/**
 * Trains the example policy of `one_step_generation`: a MeanFlow average-velocity network
 * u(x, t, r, s) and two critics for a small task, and writes examples/data/velocity.safetensors.
 *
 * Task "two doors": the state s is a place in the left half of a room, [-1, 0] x [-0.5, 0.5]; an
 * action is a step of length 0.6 towards one of two doors at (0.6, +-0.8), with noise. The
 * demonstrations take the upper door in 70% of cases; the critics know that the lower one pays:
 * Q(s, a) = -|a - step to the lower door|^2.
 *
 * MeanFlow (arXiv 2505.13447): z = (1 - t) a + t e, v = e - a, target u = v - (t - r) du/dt with
 * du/dt the derivative of the network along (v, dt = 1, dr = 0), held constant; half of the rows
 * have r = t. One step of generation: a = e - u(e, 1, 0, s).
 *
 * Deterministic: node scripts/data/train-velocity.mjs [seed] [steps]
 */
import { fileURLToPath } from 'node:url';
import { Adam, backward, forward, makeMlp, mish, roundToFloat32, tangent } from './mlp.mjs';
import { Random } from './random.mjs';
import { writeFloat32Safetensors } from './write-safetensors.mjs';

const SEED = Number(process.argv[2] ?? 7);
const STEPS = Number(process.argv[3] ?? 7000);
const BATCH = 256;
const EMB = 4;
const HIDDEN = 48;
const CRITIC_HIDDEN = 32;
const CRITIC_STEPS = 2000;
const LEARNING_RATE = 4e-3;
const CRITIC_LEARNING_RATE = 3e-3;
const UPPER_SHARE = 0.7;
const NOISE = 0.03;
const STEP_LENGTH = 0.6;
const DOORS = [
  [0.6, 0.8],
  [0.6, -0.8],
];
const OUT = fileURLToPath(new URL('../../examples/data/velocity.safetensors', import.meta.url));

/** The step from s towards a door. */
function mode(sx, sy, door) {
  const [dx, dy] = [DOORS[door][0] - sx, DOORS[door][1] - sy];
  const scale = STEP_LENGTH / Math.hypot(dx, dy);
  return [dx * scale, dy * scale];
}

function drawState(random) {
  return [random.uniform() - 1, random.uniform() - 0.5];
}

/** Sinusoidal embedding: sin first, then cos, frequencies exp(-k ln(1e4) / (half - 1)). */
const HALF = EMB / 2;
const OMEGA = Array.from({ length: HALF }, (_, k) => Math.exp((-k * Math.log(1e4)) / (HALF - 1)));
function embed(times) {
  const value = new Float64Array(times.length * EMB);
  const slope = new Float64Array(times.length * EMB);
  times.forEach((t, row) => {
    OMEGA.forEach((w, k) => {
      const at = row * EMB + k;
      value[at] = Math.sin(t * w);
      value[at + HALF] = Math.cos(t * w);
      slope[at] = w * Math.cos(t * w);
      slope[at + HALF] = -w * Math.sin(t * w);
    });
  });
  return { value, slope };
}

function makeNetwork(random) {
  return {
    trunk: makeMlp([2 + 2 * EMB + 2, HIDDEN, HIDDEN, HIDDEN, 2], mish, random),
    tmlp: makeMlp([EMB, 2 * EMB, EMB], mish, random),
    rmlp: makeMlp([EMB, 2 * EMB, EMB], mish, random),
  };
}

const WIDTH = 2 + 2 * EMB + 2;

/** Rows [x, e_t, e_r, s] of the trunk. */
function packInput(x, et, er, s, rows) {
  const input = new Float64Array(rows * WIDTH);
  for (let r = 0; r < rows; r++) {
    const at = r * WIDTH;
    input.set(x.subarray(2 * r, 2 * r + 2), at);
    input.set(et.subarray(EMB * r, EMB * (r + 1)), at + 2);
    input.set(er.subarray(EMB * r, EMB * (r + 1)), at + 2 + EMB);
    input.set(s.subarray(2 * r, 2 * r + 2), at + 2 + 2 * EMB);
  }
  return input;
}

function velocity(net, x, t, r, s, rows) {
  const [embT, embR] = [embed(t), embed(r)];
  const passT = forward(net.tmlp, embT.value, rows);
  const passR = forward(net.rmlp, embR.value, rows);
  const pass = forward(net.trunk, packInput(x, passT.out, passR.out, s, rows), rows);
  return { out: pass.out, pass, passT, passR, embT };
}

/** du/dt along (v, 1, 0) for the rows from `first`; the others have r = t and need none. */
function timeDerivative(net, taped, v, first, rows) {
  const count = rows - first;
  const embDot = taped.embT.slope.subarray(first * EMB);
  const etDot = tangent(net.tmlp, taped.passT.tape, embDot, count, first);
  const none = new Float64Array(count * EMB);
  const still = new Float64Array(count * 2);
  const dx = packInput(v.subarray(2 * first), etDot, none, still, count);
  return tangent(net.trunk, taped.pass.tape, dx, count, first);
}

function drawBatch(random, rows) {
  const batch = Object.fromEntries(['z', 'v', 's'].map((k) => [k, new Float64Array(2 * rows)]));
  batch.t = new Float64Array(rows);
  batch.r = new Float64Array(rows);
  const logitNormal = () => 1 / (1 + Math.exp(0.4 - random.normal()));
  for (let i = 0; i < rows; i++) {
    const state = drawState(random);
    const target = mode(state[0], state[1], random.uniform() < UPPER_SHARE ? 0 : 1);
    const [one, two] = [logitNormal(), logitNormal()];
    const t = Math.max(one, two);
    batch.t[i] = t;
    // The first half of the batch is ordinary flow matching: r = t.
    batch.r[i] = i < rows / 2 ? t : Math.min(one, two);
    for (let d = 0; d < 2; d++) {
      const action = target[d] + NOISE * random.normal();
      const noise = random.normal();
      batch.s[2 * i + d] = state[d];
      batch.z[2 * i + d] = (1 - t) * action + t * noise;
      batch.v[2 * i + d] = noise - action;
    }
  }
  return batch;
}

/** One optimiser step; returns the loss, mean over the batch of |u - target|^2. */
function trainStep(net, adam, batch, rows, learningRate) {
  const { z, v, s, t, r } = batch;
  const taped = velocity(net, z, t, r, s, rows);
  const first = rows / 2;
  const dudt = timeDerivative(net, taped, v, first, rows);
  const grad = new Float64Array(2 * rows);
  let loss = 0;
  for (let i = 0; i < 2 * rows; i++) {
    const row = i >> 1;
    const correction = row < first ? 0 : (t[row] - r[row]) * dudt[i - 2 * first];
    const difference = taped.out[i] - (v[i] - correction);
    loss += (difference * difference) / rows;
    grad[i] = (2 * difference) / rows;
  }
  const gradInput = backward(net.trunk, taped.pass.tape, grad, rows);
  const part = (offset) => {
    const out = new Float64Array(rows * EMB);
    for (let row = 0; row < rows; row++) {
      const at = row * WIDTH + offset;
      out.set(gradInput.subarray(at, at + EMB), row * EMB);
    }
    return out;
  };
  backward(net.tmlp, taped.passT.tape, part(2), rows);
  backward(net.rmlp, taped.passR.tape, part(2 + EMB), rows);
  adam.step(learningRate);
  return loss;
}

/** Cosine decay from `rate` to 0. */
function decayed(rate, step, steps) {
  return 0.5 * rate * (1 + Math.cos((Math.PI * step) / steps));
}

function trainVelocity() {
  const random = new Random(SEED);
  const net = makeNetwork(random);
  const adam = new Adam(Object.values(net));
  let smooth = NaN;
  for (let step = 0; step < STEPS; step++) {
    const rate = decayed(LEARNING_RATE, step, STEPS);
    const loss = trainStep(net, adam, drawBatch(random, BATCH), BATCH, rate);
    smooth = Number.isNaN(smooth) ? loss : 0.99 * smooth + 0.01 * loss;
    if ((step + 1) % 1000 === 0) console.log(`step ${step + 1}: loss ${smooth.toFixed(4)}`);
  }
  Object.values(net).forEach(roundToFloat32);
  return { net, loss: smooth };
}

/** Regression of Q(s, a) = -|a - step to the lower door|^2 on actions all over the box. */
function trainCritic(seed) {
  const random = new Random(seed);
  const critic = makeMlp([4, CRITIC_HIDDEN, CRITIC_HIDDEN, 1], mish, random);
  const adam = new Adam([critic]);
  let smooth = NaN;
  for (let step = 0; step < CRITIC_STEPS; step++) {
    const input = new Float64Array(4 * BATCH);
    const want = new Float64Array(BATCH);
    for (let i = 0; i < BATCH; i++) {
      const state = drawState(random);
      const action = [2.4 * random.uniform() - 1.2, 2.4 * random.uniform() - 1.2];
      const best = mode(state[0], state[1], 1);
      input.set([...state, ...action], 4 * i);
      want[i] = -((action[0] - best[0]) ** 2) - (action[1] - best[1]) ** 2;
    }
    const { out, tape } = forward(critic, input, BATCH);
    const grad = out.map((q, i) => (2 * (q - want[i])) / BATCH);
    const loss = out.reduce((sum, q, i) => sum + (q - want[i]) ** 2 / BATCH, 0);
    backward(critic, tape, grad, BATCH);
    adam.step(decayed(CRITIC_LEARNING_RATE, step, CRITIC_STEPS));
    smooth = Number.isNaN(smooth) ? loss : 0.98 * smooth + 0.02 * loss;
  }
  roundToFloat32(critic);
  return { critic, loss: smooth };
}

/** Share of one-step samples within 0.15 of a mode, and which mode the critics prefer. */
function check(net, critics) {
  const random = new Random(SEED + 1000);
  const [states, candidates] = [500, 8];
  const rows = states * candidates;
  const s = new Float64Array(2 * rows);
  for (let i = 0; i < states; i++) {
    const state = drawState(random);
    for (let n = 0; n < candidates; n++) s.set(state, 2 * (i * candidates + n));
  }
  const noise = Float64Array.from({ length: 2 * rows }, () => random.normal());
  const t = new Float64Array(rows).fill(1);
  const u = velocity(net, noise, t, new Float64Array(rows), s, rows).out;
  const action = noise.map((e, i) => Math.min(Math.max(e - u[i], -1), 1));
  const input = new Float64Array(4 * rows);
  for (let i = 0; i < rows; i++) {
    input.set([s[2 * i], s[2 * i + 1], action[2 * i], action[2 * i + 1]], 4 * i);
  }
  const scores = critics.map((critic) => forward(critic, input, rows).out);
  const doorOf = (i) => {
    const near = (door) => {
      const [mx, my] = mode(s[2 * i], s[2 * i + 1], door);
      return Math.hypot(action[2 * i] - mx, action[2 * i + 1] - my) < 0.15;
    };
    return near(0) ? 0 : near(1) ? 1 : -1;
  };
  const counts = { near: 0, lower: 0, bestLower: 0 };
  for (let i = 0; i < states; i++) {
    let best = i * candidates;
    for (let n = 0; n < candidates; n++) {
      const row = i * candidates + n;
      const door = doorOf(row);
      if (door >= 0) counts.near++;
      if (door === 1) counts.lower++;
      const score = (r) => Math.min(scores[0][r], scores[1][r]);
      if (score(row) > score(best)) best = row;
    }
    if (doorOf(best) === 1) counts.bestLower++;
  }
  return {
    nearMode: counts.near / rows,
    lowerShare: counts.lower / counts.near,
    bestOfEightLower: counts.bestLower / states,
  };
}

function tensorsOf(prefix, mlp) {
  return Object.fromEntries(
    mlp.layers.flatMap(({ weight, bias, numIn, numOut }, l) => [
      [`${prefix}_weight_${l}`, { data: weight, shape: [numOut, numIn] }],
      [`${prefix}_bias_${l}`, { data: bias, shape: [numOut] }],
    ]),
  );
}

const started = performance.now();
const { net, loss } = trainVelocity();
const critics = [trainCritic(SEED + 1), trainCritic(SEED + 2)];
const result = check(
  net,
  critics.map(({ critic }) => critic),
);
const percent = (x) => `${(100 * x).toFixed(1)}%`;
const errors = critics.map((critic) => critic.loss.toExponential(2)).join(', ');
console.log(`one-step samples within 0.15 of a mode: ${percent(result.nearMode)}`);
console.log(`of these at the lower door: ${percent(result.lowerShare)}`);
console.log(`in the data: ${percent(1 - UPPER_SHARE)}`);
console.log(`best of 8 by the critics at the lower door: ${percent(result.bestOfEightLower)}`);
console.log(`critic mean squared errors: ${errors}`);
console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`);
if (result.nearMode < 0.7) {
  console.error('Too few samples near a mode: nothing written.');
  process.exit(1);
}
writeFloat32Safetensors(
  OUT,
  {
    ...tensorsOf('trunk', net.trunk),
    ...tensorsOf('tmlp', net.tmlp),
    ...tensorsOf('rmlp', net.rmlp),
    ...tensorsOf('critic1', critics[0].critic),
    ...tensorsOf('critic2', critics[1].critic),
  },
  {
    origin: 'trained from scratch on the synthetic task "two doors" described in the script',
    script: 'scripts/data/train-velocity.mjs',
    seed: String(SEED),
    steps: String(STEPS),
    final_loss: loss.toFixed(6),
    near_mode: result.nearMode.toFixed(4),
    emb_dim: String(EMB),
    time_scale: '1',
    activation: 'mish',
    clip: '1',
    input_order: 'x, e_t, e_r, observations',
    critic_input_order: 'observations, actions',
  },
);
console.log(`written: ${OUT}`);
