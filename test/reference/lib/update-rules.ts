/** One parameter's step of an optimiser, as its paper writes it. */
import { adam } from './networks.js';

export interface UpdateOptions {
  optimizer: 'adam' | 'rprop' | 'sgd';
  step: number;
  lr: number;
  beta1: number;
  beta2: number;
  eps: number;
  weight_decay: number;
  momentum: number;
  nesterov: boolean;
  max_grad_norm: number | null;
  eta_minus: number;
  eta_plus: number;
  step_min: number;
  step_max: number;
}

export const usualUpdate: UpdateOptions = {
  optimizer: 'adam',
  step: 1,
  lr: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weight_decay: 0,
  momentum: 0,
  nesterov: false,
  max_grad_norm: null,
  eta_minus: 0.5,
  eta_plus: 1.2,
  step_min: 1e-6,
  step_max: 50,
};

interface Stepped {
  w: number;
  first: number;
  second: number;
}

/** Riedmiller & Braun 1993: no move where the sign changes, and the next step keeps its size. */
function rprop(w: number, g: number, before: number, size: number, of: UpdateOptions): Stepped {
  const turn = Math.sign(g) * Math.sign(before);
  const factor = turn > 0 ? of.eta_plus : turn < 0 ? of.eta_minus : 1;
  const step = Math.min(Math.max(size * factor, of.step_min), of.step_max);
  const used = turn < 0 ? 0 : g;
  return { w: w - Math.sign(used) * step, first: used, second: step };
}

function sgd(w: number, g: number, before: number, second: number, of: UpdateOptions): Stepped {
  const penalised = g + of.weight_decay * w;
  const velocity = of.momentum * before + penalised;
  const direction = of.nesterov ? penalised + of.momentum * velocity : velocity;
  return { w: w - of.lr * direction, first: velocity, second };
}

export function update(
  w: number,
  g: number,
  first: number,
  second: number,
  of: UpdateOptions,
): Stepped {
  if (of.optimizer === 'rprop') return rprop(w, g, first, second, of);
  if (of.optimizer === 'sgd') return sgd(w, g, first, second, of);
  const stepped = adam(w, g, first, second, { ...of, decay: of.weight_decay });
  return { w: stepped.w, first: stepped.m, second: stepped.v };
}
