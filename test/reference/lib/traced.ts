/**
 * Numbers that remember what they were made of: a loss is written as its formula stands, and
 * `differentiate` gives its slope with respect to every number in it. Each also carries its
 * derivative along one direction, `tangent`.
 */
let made = 0;

export class Traced {
  /** Derivative of what was differentiated with respect to this number. */
  slope = 0;
  readonly order: number = made++;

  constructor(
    readonly value: number,
    readonly tangent = 0,
    readonly parents: readonly (readonly [of: Traced, slope: number])[] = [],
  ) {}
}

export type Operand = Traced | number;

const traced = (x: Operand): Traced => (x instanceof Traced ? x : new Traced(x));

function make(value: number, ...parents: [Traced, number][]): Traced {
  const tangent = parents.reduce((sum, [of, slope]) => sum + slope * of.tangent, 0);
  return new Traced(value, tangent, parents);
}

/** f(x), whose derivative at x is `slope`. */
export const apply = (x: Traced, value: number, slope: number): Traced => make(value, [x, slope]);

export function add(a: Operand, b: Operand): Traced {
  const [x, y] = [traced(a), traced(b)];
  return make(x.value + y.value, [x, 1], [y, 1]);
}

export function times(a: Operand, b: Operand): Traced {
  const [x, y] = [traced(a), traced(b)];
  return make(x.value * y.value, [x, y.value], [y, x.value]);
}

export const minus = (a: Operand, b: Operand): Traced => add(a, times(-1, b));
export const over = (a: Operand, b: Traced): Traced =>
  times(a, apply(b, 1 / b.value, -1 / b.value ** 2));
export const square = (x: Traced): Traced => times(x, x);
export const root = (x: Traced): Traced => apply(x, Math.sqrt(x.value), 0.5 / Math.sqrt(x.value));
export const sine = (x: Traced): Traced => apply(x, Math.sin(x.value), Math.cos(x.value));
export const cosine = (x: Traced): Traced => apply(x, Math.cos(x.value), -Math.sin(x.value));
export const relu = (x: Traced): Traced => apply(x, Math.max(0, x.value), x.value > 0 ? 1 : 0);
export const tanh = (x: Traced): Traced => {
  const value = Math.tanh(x.value);
  return apply(x, value, 1 - value * value);
};
const softplus = (x: Traced): Traced =>
  apply(x, Math.log1p(Math.exp(x.value)), 1 / (1 + Math.exp(-x.value)));

/** x tanh(softplus x), arXiv 1908.08681. */
export const mish = (x: Traced): Traced => times(x, tanh(softplus(x)));

/** The approximation of arXiv 1606.08415 by tanh. */
export function geluTanh(x: Traced): Traced {
  const inner = times(Math.sqrt(2 / Math.PI), add(x, times(0.044715, times(x, square(x)))));
  return times(times(0.5, x), add(1, tanh(inner)));
}

/** x in [−limit, limit]; a slope passes inside only. */
export const clip = (x: Traced, limit: number): Traced =>
  apply(x, Math.min(Math.max(x.value, -limit), limit), Math.abs(x.value) <= limit ? 1 : 0);

export const sum = (of: Operand[]): Traced => of.reduce<Traced>(add, new Traced(0));
export const mean = (of: Operand[]): Traced => times(1 / of.length, sum(of));

/** Writes the slope of `loss` to every number that it was made of. */
export function differentiate(loss: Traced): void {
  const all = new Set([loss]);
  for (const one of all) for (const [parent] of one.parents) all.add(parent);
  loss.slope = 1;
  for (const one of [...all].sort((a, b) => b.order - a.order)) {
    for (const [parent, slope] of one.parents) parent.slope += slope * one.slope;
  }
}
