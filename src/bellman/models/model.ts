import { Engine } from '../../engine.js';
import { argumentError, show } from '../../errors.js';
import { type Device, type RealArray, Tensor, type TypedArray } from '../../tensor.js';

export type MdpKind = 'sparse' | 'dense' | 'deterministic' | 'batch' | 'shared' | 'timed';

/** Operands by the names under which the ops take them. */
export type Operands = { [name: string]: unknown };

/** @internal What a constructor is told besides the tables. */
export interface Provenance {
  /** What the user called, for errors. */
  op?: string;
  /** Added to the places that errors name, such as 'step 3'. */
  where?: string;
  /** The tables were checked before: whether an episode can end. */
  canEnd?: boolean;
  /** The GPU on which the operands lie. */
  engine?: Engine;
}

/**
 * What every kind of MDP has. A model is checked once, when it is made, and never changes; it keeps
 * the arrays it is given, which must not be written to afterwards.
 */
export abstract class MdpModel<A extends RealArray, O extends object> {
  /** Tells the kinds apart: `if (mdp.kind === 'dense')` narrows the type. */
  abstract readonly kind: MdpKind;
  /** S; for a batch the sum over its models. */
  abstract readonly numStates: number;
  /** A, the same in every state. */
  abstract readonly numActions: number;
  /** True when some row has a mass below one: the episode can end. */
  abstract readonly canEnd: boolean;
  /** Expected immediate rewards. */
  abstract readonly rewards: A;
  /** @internal where the operands lie; undefined: in host memory */
  readonly engine: Engine | undefined;
  #operands: O | undefined;

  protected constructor(engine: Engine | undefined) {
    this.engine = engine;
  }

  /** @internal the operands in host memory */
  protected abstract hostOperands(): O;
  /** @internal the same model with its operands on that engine's device, unchecked */
  protected abstract on(engine: Engine): this;

  /**
   * The operands of the ops on this kind of model, to be spread into a call, under the names of the
   * op: `softBackup({ ...mdp.operands(), values, gamma: 0.9, temperature: 1 })`. They lie on the
   * GPU after `to('cuda')`.
   */
  operands(): O {
    this.#operands ??= this.engine === undefined ? this.hostOperands() : this.#upload(this.engine);
    return this.#operands;
  }

  get dtype(): 'float32' | 'float64' {
    return (this.rewards as RealArray) instanceof Float32Array ? 'float32' : 'float64';
  }

  /** Where `operands()` lie. */
  get device(): Device {
    return this.engine === undefined ? 'cpu' : 'cuda';
  }

  /** Bytes of the arrays that the ops read. */
  get bytes(): number {
    let bytes = 0;
    for (const tensor of tensorsOf(this.hostOperands() as Operands)) {
      bytes += tensor.data.byteLength;
    }
    return bytes;
  }

  /**
   * This model with its operands copied to a GPU, once; itself when they are there already. The
   * host arrays stay, shared with this model; `dispose()` of the copy (or `using`) gives the GPU
   * memory back.
   * @param index number of the GPU
   * @throws BelfryError BELFRY_CUDA_UNAVAILABLE, BELFRY_OUT_OF_MEMORY
   */
  to(device: 'cuda', index = 0): this {
    if (device !== 'cuda') {
      const received = `is ${show(device)}`;
      throw argumentError('BELFRY_INVALID_ARGUMENT', 'Mdp.to', 'device', received, "'cuda'");
    }
    if (this.engine?.index === index) return this;
    const engine = new Engine({ device, index });
    const copy = this.on(engine);
    copy.place();
    return copy;
  }

  /** @internal copies to the engine's device what the solvers will read there */
  protected place(): void {
    this.operands();
  }

  /** Gives GPU memory back; of a model in host memory, nothing. */
  dispose(): void {
    if (this.engine === undefined || this.#operands === undefined) return;
    for (const tensor of tensorsOf(this.#operands as Operands)) tensor.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #upload(engine: Engine): O {
    const placed: Operands = {};
    try {
      for (const [name, tensor] of Object.entries(this.hostOperands() as Operands)) {
        placed[name] = tensor instanceof Tensor ? tensor.to('cuda', engine.index) : tensor;
      }
    } catch (error) {
      for (const tensor of tensorsOf(placed)) tensor.dispose();
      throw error;
    }
    return placed as O;
  }
}

function tensorsOf(operands: Operands): Tensor<TypedArray>[] {
  return Object.values(operands).filter(
    (value): value is Tensor<TypedArray> => value instanceof Tensor,
  );
}

/** @internal the mask as an operand, where there is one */
export function maskOperand(
  mask: Uint8Array | undefined,
  shape: readonly number[],
): { actionMask?: Tensor<Uint8Array> } {
  return mask === undefined ? {} : { actionMask: new Tensor(mask, shape) };
}

/**
 * @internal refuses, in plain JavaScript too, what a solver cannot take
 * @throws BelfryError BELFRY_INVALID_ARGUMENT
 */
export function requireKind(
  op: string,
  mdp: { readonly kind?: unknown } | undefined,
  kinds: readonly MdpKind[],
): void {
  const kind = mdp?.kind;
  if (kinds.includes(kind as MdpKind)) return;
  const received = typeof kind === 'string' ? `is of kind '${kind}'` : `is ${show(mdp)}`;
  const expected = `an Mdp of kind ${kinds.join(', ')}`;
  throw argumentError('BELFRY_INVALID_ARGUMENT', op, 'mdp', received, expected);
}

/** @internal the kinds with one transition function */
export const singleKinds: readonly MdpKind[] = ['sparse', 'dense', 'deterministic'];
