/** The one path from a typed call to the add-on and back. */
import { type Arguments, CallWriter, type Result } from './call-writer.js';
import { type FieldPlan, type FormPlan, type OpPlan, planOp } from './contract.js';
import type { Engine } from './engine.js';
import { argumentError, show } from './errors.js';
import { native, nativeState } from './native.js';
import { RepeatedCall } from './repeated-call.js';
import { type AsyncOptions, startTask } from './tasks.js';
import { type DeviceHandle, type DType, dtypeCodes, Tensor, type TypedArray } from './tensor.js';

/** Options of every call; `R` is its result. */
export interface CallOptions<R> {
  /** Arrays to write results to, by name: a Tensor, or a typed array of the right length. */
  out?: { readonly [K in keyof R]?: R[K] | ArrayFor<R[K]> };
  /** Compute only these outputs; default: all but those made on request. */
  outputs?: readonly (keyof R & string)[];
  /** Where host operands are computed; default: the CPU. */
  engine?: Engine;
}

type ArrayFor<T> = T extends Tensor<infer A> ? A : T extends number ? TypedArray : never;

/** The arguments that a built-in problem stands for, of those that `takes` knows. */
type BuiltinProblem = (
  name: string,
) => (takes: (key: string) => boolean) => Record<string, unknown>;

/** An op of the package; its plan is made at the first call. */
export class Op {
  readonly family: string;
  readonly declaredName: string;
  readonly #builtin: BuiltinProblem | undefined;
  #plan: OpPlan | undefined;

  /** @param builtin arrays of a built-in problem, for ops that take the name of one */
  constructor(family: string, declaredName: string, builtin?: BuiltinProblem) {
    this.family = family;
    this.declaredName = declaredName;
    this.#builtin = builtin;
  }

  get plan(): OpPlan {
    this.#plan ??= planOp(this.family, this.declaredName);
    return this.#plan;
  }

  /** Rows that are given are the problem; otherwise it is the built-in one of that name. */
  #expand(args: object): object {
    const name = (args as { builtin?: unknown } | null)?.builtin;
    if (this.#builtin === undefined || typeof name !== 'string') return args;
    if ((args as { rowPtr?: unknown }).rowPtr !== undefined) return args;
    const argumentsOf = this.#builtin(name);
    const form = selectForm(this.plan, { ...argumentsOf(() => true), ...args });
    return { ...argumentsOf((key) => form.inputs.names.has(key)), ...args };
  }

  call(given: object): unknown {
    const args = this.#expand(given);
    const plan = this.plan;
    const engine = (args as { engine?: Engine }).engine;
    if (engine !== undefined && engine.device !== 'cpu')
      return callStaged(this, args as Arguments, engine);
    const form = selectForm(plan, args as Arguments);
    const { memo } = form;
    const repeated = memo.match(args as Arguments);
    if (repeated !== undefined) {
      const arrays = repeated.run();
      return readResult(form, (args as Arguments)['out'] as Result | undefined, arrays);
    }
    const call = new CallWriter(plan.name, form, args as Arguments, false);
    memo.note(form, args as Arguments, call);
    const arrays = native().run(form.index, ...call.arrays);
    return readResult(form, call.out, arrays);
  }

  callAsync(args: object): Promise<unknown> {
    // Async: a wrong argument rejects, it does not throw.
    return this.#start(args);
  }

  async #start(given: object): Promise<unknown> {
    const args = this.#expand(given) as Arguments;
    const plan = this.plan;
    const engine = args['engine'] as Engine | undefined;
    const staged = engine !== undefined && engine.device !== 'cpu';
    const placed = staged ? stageArguments(plan, args, engine) : args;
    try {
      const result = await this.#startPlaced(placed, args as AsyncOptions);
      return staged ? unstage(result, args['out'] as Result | undefined) : result;
    } finally {
      if (staged) release(placed, args);
    }
  }

  #startPlaced(args: Arguments, options: AsyncOptions): Promise<Result> {
    const { plan } = this;
    const form = selectForm(plan, args);
    const call = new CallWriter(plan.name, form, args, true);
    return startTask(
      plan.name,
      options,
      (id) => native().start(id, form.index, ...call.arrays),
      (arrays) => readResult(form, call.out, arrays as TypedArray[] | undefined),
    );
  }
}

/**
 * One call made again and again with the same arrays, of which only the elements change, and whose
 * results all go to `out`: nothing is looked up, written or made anew.
 */
export class BoundCall {
  readonly #call: RepeatedCall;

  constructor(op: Op, args: Arguments) {
    const form = selectForm(op.plan, args);
    const call = new CallWriter(op.plan.name, form, args, false);
    this.#call = new RepeatedCall(form.index, call.words(), call.arrays);
  }

  run(): void {
    if (this.#call.isIntact) this.#call.run();
    else this.#call.runAnew();
  }
}

/**
 * Whether a parameter chooses the form: by a word, a boolean, or the name of a built-in problem
 * without its numbers; where the form names no word, by being given.
 */
function isPicked(form: FormPlan, value: unknown): boolean {
  if (value === undefined) return false;
  return form.pickWord === '' || String(value).replace(/\(.*$/, '') === form.pickWord;
}

/** The first form whose parameter has the given word or whose required operands are all there. */
function selectForm(plan: OpPlan, args: Arguments): FormPlan {
  if (typeof args !== 'object' || args === null) {
    throw argumentError(
      'BELFRY_INVALID_ARGUMENT',
      plan.name,
      '',
      `called with ${show(args)}`,
      'one object',
    );
  }
  const [only] = plan.forms;
  if (plan.forms.length === 1 && only !== undefined) return only;
  for (const form of plan.forms) {
    const fits =
      form.pickKey !== ''
        ? isPicked(form, args[form.pickKey])
        : form.requiredKeys.every((key) => args[key] !== undefined);
    if (fits) return form;
  }
  const choices = plan.forms.map((form) => `${form.info.form} (${form.requiredKeys.join(', ')})`);
  throw argumentError(
    'BELFRY_MISSING_OPERAND',
    plan.name,
    '',
    'fits none of its forms',
    choices.join(' or '),
  );
}

/**
 * The control block now holds: count, number of the call (repeated-call.ts), then field, item, rank
 * (−1: a number follows), dtype, dims.
 */
function readResult(
  form: FormPlan,
  out: Result | undefined,
  arrays: readonly unknown[] | undefined,
): Result {
  const { control } = nativeState();
  const result: Result = {};
  let at = 2;
  let next = 0;
  for (let entry = control[0] as number; entry > 0; entry--) {
    const field = form.fields[control[at++] as number] as FieldPlan;
    const item = control[at++] as number;
    const key = item < 0 ? field.key : `${field.key}${item + field.first}`;
    const rank = control[at++] as number;
    if (rank < 0) {
      result[key] = control[at++] as number;
      continue;
    }
    const dtype = dtypeCodes[control[at++] as number] as DType;
    const shape: number[] = [];
    for (let d = 0; d < rank; d++) shape.push(control[at++] as number);
    let array = out?.[key] ?? arrays?.[next++];
    if (field.info.sizedByData === true) {
      const length = shape.reduce((product, size) => product * size, 1);
      array = (array instanceof Tensor ? array.data : (array as TypedArray)).subarray(0, length);
    }
    result[key] = ArrayBuffer.isView(array)
      ? new Tensor(array as TypedArray, shape, { dtype })
      : new Tensor(undefined, shape, { dtype, handle: array as DeviceHandle });
  }
  if (out !== undefined) {
    for (const key in out) {
      const value = out[key];
      if (value !== undefined) result[key] ??= value;
    }
  }
  return result;
}

/** Host operands on another device: there, compute, and back, on this thread. */
function callStaged(op: Op, args: Arguments, engine: Engine): unknown {
  const placed = stageArguments(op.plan, args, engine);
  try {
    return unstage(op.call(placed), args['out'] as Result | undefined, true);
  } finally {
    release(placed, args);
  }
}

/** Gives back the memory of operands that were staged for one call. */
function release(placed: Arguments, args: Arguments): void {
  for (const [key, value] of Object.entries(placed)) {
    if (value instanceof Tensor && value !== args[key]) value.dispose();
  }
}

function stageArguments(plan: OpPlan, args: Arguments, engine: Engine): Arguments {
  const staged: Arguments = {};
  const form = selectForm(plan, args);
  const operands = new Set(
    form.fields.filter((field) => field.isOperand).map((field) => field.key),
  );
  for (const [key, value] of Object.entries(args)) {
    if (key === 'engine' || key === 'out') continue;
    const isOperand = operands.has(key) || operands.has(key.replace(/\d+$/, ''));
    staged[key] = isOperand && value !== undefined ? engine.place(value) : value;
  }
  return staged;
}

function unstage(result: unknown, out: Result | undefined): Promise<unknown>;
function unstage(result: unknown, out: Result | undefined, sync: true): unknown;
function unstage(result: unknown, out: Result | undefined, sync = false): unknown {
  const entries = Object.entries(result as Record<string, Tensor<TypedArray>>);
  const host = (key: string, tensor: Tensor<TypedArray>, data: TypedArray): unknown => {
    tensor.dispose();
    if (tensor.shape.length === 0) return data[0];
    const target = out?.[key] as Tensor<TypedArray> | TypedArray | undefined;
    if (target === undefined) return new Tensor(data, tensor.shape, { dtype: tensor.dtype });
    (ArrayBuffer.isView(target) ? target : target.data).set(data);
    return target;
  };
  if (sync) {
    return Object.fromEntries(entries.map(([key, t]) => [key, host(key, t, t.readSync())]));
  }
  return Promise.all(
    entries.map(async ([key, t]) => [key, host(key, t, await t.read())] as const),
  ).then(Object.fromEntries);
}
