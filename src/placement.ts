/** Where a learner or a policy keeps its arrays, and how the numbers of a call get there and back. */
import { BoundCall, type Op } from './call.js';
import { Engine } from './engine.js';
import { argumentError, show } from './errors.js';
import { alloc, dtypeOf, Tensor, type TypedArray } from './tensor.js';

type Tensors<A extends TypedArray> = Record<string, Tensor<A>>;

/** Elements from one output of a block to the next at least: 256 bytes. */
const apart = 64;

/** Where calls compute by default. */
export const onCpu: Engine = /* @__PURE__ */ new Engine();

/** @throws BelfryError BELFRY_INVALID_ARGUMENT naming `owner` */
export function checkEngine(owner: string, engine: Engine): void {
  if (engine?.device === 'cpu' || engine?.device === 'cuda') return;
  const found = `is ${show(engine)}`;
  throw argumentError('BELFRY_INVALID_ARGUMENT', owner, 'engine', found, 'an Engine');
}

/**
 * Host memory or a GPU, as an engine says. On the CPU all arrays stay what they are; on a GPU
 * parameters are device tensors made once, and what is new in each call is written over device
 * tensors of the call before.
 */
export class Placement {
  readonly engine: Engine;
  readonly #held = new Set<Tensor<TypedArray>>();
  readonly #fed = new Map<string, Tensor<TypedArray>>();

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT, naming `owner`, when the engine is none */
  constructor(owner: string, engine: Engine) {
    checkEngine(owner, engine);
    this.engine = engine;
  }

  get onDevice(): boolean {
    return this.engine.device !== 'cpu';
  }

  /** What a call needs to be told to compute there on operands of the host. */
  get where(): { engine?: Engine } {
    return this.onDevice ? { engine: this.engine } : {};
  }

  /** The tensor where calls compute: on the CPU, or if it lies there already, the tensor itself. */
  keep<A extends TypedArray>(tensor: Tensor<A>): Tensor<A> {
    if (!this.onDevice || tensor.device !== 'cpu') return tensor;
    const placed = this.engine.place(tensor) as Tensor<A>;
    this.#held.add(placed);
    return placed;
  }

  keepAll<A extends TypedArray>(tensors: Tensors<A>): Tensors<A> {
    return map(tensors, (tensor) => this.keep(tensor));
  }

  /** Elements of a tensor from `at` on, in its memory, which stays until both are given back. */
  slice(tensor: Tensor<Float32Array>, at: number, shape: readonly number[]): Tensor<Float32Array> {
    const part = tensor.slice(at, shape);
    if (this.onDevice) this.#held.add(part);
    return part;
  }

  /** Another tensor of the same shape. */
  like(tensor: Tensor<Float32Array>): Tensor<Float32Array> {
    return this.keep(new Tensor(new Float32Array(tensor.size), tensor.shape));
  }

  /** Gives back those of the tensors that were made here. */
  release(tensors: Iterable<Tensor<TypedArray>>): void {
    for (const tensor of tensors) {
      if (this.#held.delete(tensor)) tensor.dispose();
    }
  }

  /**
   * Operands of one call, of which only the elements differ from call to call, where it computes.
   * @throws BelfryError BELFRY_BAD_SHAPE naming `op` and the operand whose shape is not its array's
   */
  feed(op: string, operands: Record<string, unknown>): Record<string, unknown> {
    if (!this.onDevice) return operands;
    const fed: Record<string, unknown> = {};
    for (const [name, operand] of Object.entries(operands)) {
      const found = hostArray(operand);
      fed[name] = found === undefined ? operand : this.#feed(op, name, ...found);
    }
    return fed;
  }

  #feed(op: string, name: string, data: TypedArray, shape: readonly number[]): Tensor<TypedArray> {
    const kept = this.#fed.get(name);
    const isSameShape = String(kept?.shape) === String(shape) && kept?.size === data.length;
    if (isSameShape && kept.dtype === dtypeOf(data)) {
      kept.write(data);
      return kept;
    }
    if (sizeOf(shape) !== data.length) {
      const found = `has ${data.length} elements`;
      throw argumentError('BELFRY_BAD_SHAPE', op, name, found, `[${shape.join(', ')}]`);
    }
    if (kept !== undefined) this.release([kept]);
    const placed = this.keep(new Tensor(data, shape));
    this.#fed.set(name, placed);
    return placed;
  }

  /** A call of `op` on these arrays whenever `run` is called; all that is new goes to `args.out`. */
  bind(op: Op, args: Record<string, unknown>): { run(): void } {
    return this.onDevice ? new DeviceCall(this, op, args) : new BoundCall(op, args);
  }

  /** Gives back the memory of a GPU; there is none on the CPU. Twice is fine. */
  dispose(): void {
    for (const tensor of this.#held) tensor.dispose();
    this.#held.clear();
    this.#fed.clear();
  }
}

/** Outputs of a call in one array, which a GPU is waited for once to read. */
export class OutputBlock {
  /** Where a call writes them. */
  readonly out: Tensors<Float32Array> = {};
  readonly #block: Tensor<Float32Array>;
  readonly #begins: Record<string, number> = {};

  constructor(placement: Placement, shapes: Readonly<Record<string, readonly number[]>>) {
    let length = 0;
    for (const [name, shape] of Object.entries(shapes)) {
      this.#begins[name] = length;
      length += Math.ceil(sizeOf(shape) / apart) * apart;
    }
    this.#block = placement.keep(new Tensor(alloc('float32', length)));
    for (const [name, shape] of Object.entries(shapes)) {
      this.out[name] = placement.slice(this.#block, this.#begins[name] as number, shape);
    }
  }

  async read(): Promise<Record<string, Float32Array>> {
    return this.#parts(await this.#block.read());
  }

  /** As `read`, but waits on this thread. */
  readSync(): Record<string, Float32Array> {
    return this.#parts(this.#block.readSync());
  }

  #parts(all: Float32Array): Record<string, Float32Array> {
    return map(this.out, ({ size }, name) => {
      const begin = this.#begins[name] as number;
      return all.subarray(begin, begin + size);
    });
  }
}

/** A bound call on a GPU: host operands go there, and results come to the host arrays of `out`. */
class DeviceCall {
  readonly #inputs: [host: TypedArray, device: Tensor<TypedArray>][] = [];
  readonly #out: Tensors<Float32Array>;
  readonly #block: OutputBlock;
  readonly #call: BoundCall;

  constructor(placement: Placement, op: Op, args: Record<string, unknown>) {
    this.#out = args['out'] as Tensors<Float32Array>;
    this.#block = new OutputBlock(
      placement,
      map(this.#out, ({ shape }) => shape),
    );
    const placed = map(args, (value, name) => {
      const found = name === 'out' || name === 'outputs' ? undefined : hostArray(value);
      if (found === undefined) return value;
      const device = placement.keep(new Tensor(...found));
      this.#inputs.push([found[0], device]);
      return device;
    });
    this.#call = new BoundCall(op, { ...placed, out: this.#block.out });
  }

  run(): void {
    for (const [host, device] of this.#inputs) device.write(host);
    this.#call.run();
    const results = this.#block.readSync();
    for (const [name, { data }] of Object.entries(this.#out)) {
      data.set(results[name] as Float32Array);
    }
  }
}

/** The tensors with their elements in host memory: themselves where they are there. */
export function onHost<A extends TypedArray>(tensors: Tensors<A>): Tensors<A> {
  return map(tensors, (tensor) =>
    tensor.device === 'cpu' ? tensor : new Tensor(tensor.readSync(), tensor.shape),
  );
}

/** Elements and shape of an operand that lies in host memory. */
function hostArray(operand: unknown): [TypedArray, readonly number[]] | undefined {
  if (ArrayBuffer.isView(operand)) {
    const data = operand as TypedArray;
    return [data, [data.length]];
  }
  if (typeof operand !== 'object' || operand === null) return undefined;
  if (operand instanceof Tensor && operand.device !== 'cpu') return undefined;
  const { data, shape } = operand as { data?: TypedArray; shape?: readonly number[] };
  return ArrayBuffer.isView(data) && shape !== undefined ? [data, shape] : undefined;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function map<T, R>(record: Record<string, T>, to: (value: T, key: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value, key)]));
}
